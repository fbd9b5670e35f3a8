// How many months an invoice takes, which, and when it is due. A premium is a price a month whatever the schedule: a
// billing period is a run of whole months, and its invoice has their lines.

import Kernel

/// How many months an invoice takes.
enum PaymentTimeline: String, Hashable, Sendable, CaseIterable {
  case monthly, quarterly
  case semiAnnual = "semi_annual"
  case annual

  var months: Int {
    switch self {
    case .monthly: 1
    case .quarterly: 3
    case .semiAnnual: 6
    case .annual: 12
    }
  }
}

/// The words are those of the calculator's convention; alignments count whole months here.
struct PaymentSchedule: Hashable, Sendable {
  /// Monthly in advance, due on the first.
  static let monthly = PaymentSchedule()

  var timeline = PaymentTimeline.monthly
  var mode = Convention.Mode.advance
  /// 1 to 31; the last of the month where it is shorter.
  var billingDay = 1
  var alignment = Convention.Alignment.calendar
  /// A month in which a period begins, counted from January of the year 0; below the months of a period.
  var anchor = 0

  /// Counts periods from a month.
  ///
  /// - Parameters:
  ///   - start: the first day of coverage.
  ///   - month: the first that is billed like this.
  mutating func align(
    _ alignment: Convention.Alignment, coveredFrom start: CalendarDate, billedFrom month: CalendarDate
  ) {
    self.alignment = alignment
    switch alignment {
    case .calendar: anchor = 0
    case .anniversary: anchor = start.monthNumber % timeline.months
    case .account: anchor = month.monthNumber % timeline.months
    }
  }

  /// The full period of whole months that holds a day.
  func period(containing date: CalendarDate) -> Period {
    BillingCycle.months(timeline.months, anchor: anchor, day: 1).period(containing: date)
  }

  /// In advance the billing day of a period's first month, in arrears that of the month after its last.
  func dueDate(of period: Period) -> CalendarDate {
    switch mode {
    case .advance: period.start.withDay(billingDay)
    case .arrears: period.end.withDay(billingDay)
    }
  }
}

/// How an account is billed from when on. What was billed stays billed as it was: a step is never before it, so that
/// the period of every month, and with it the invoice that billed it, follows from the steps alone.
struct PaymentSchedules: Hashable, Sendable {
  struct Step: Hashable, Sendable {
    /// The first of a month.
    let from: CalendarDate
    var schedule: PaymentSchedule
  }

  /// Oldest first. Months before the first are billed as nearly all are: monthly in advance, due on the first.
  private(set) var steps: [Step] = []

  init() {}

  /// As they were stored.
  init(steps: [Step]) { self.steps = steps }

  init(_ schedule: PaymentSchedule, from month: CalendarDate) {
    if schedule != .monthly { steps = [Step(from: month, schedule: schedule)] }
  }

  func schedule(on date: CalendarDate) -> PaymentSchedule { steps.last { $0.from <= date }?.schedule ?? .monthly }

  /// The months that one invoice bills, with that of a day among them: a full period, or what a step leaves of it.
  func period(containing date: CalendarDate) -> Period {
    guard let index = steps.lastIndex(where: { $0.from <= date }), steps[index].schedule.timeline != .monthly else {
      return .month(containing: date)
    }
    let full = steps[index].schedule.period(containing: date)
    let next = index + 1 < steps.count ? steps[index + 1].from : full.end
    return Period(from: max(full.start, steps[index].from), to: min(full.end, next))
  }

  /// The first day of the first period that begins on a day or after it.
  func firstStart(onOrAfter date: CalendarDate) -> CalendarDate {
    let period = period(containing: date)
    return period.start == date ? date : period.end
  }

  /// Changes what holds from a month on, and what is planned for later.
  mutating func change(from month: CalendarDate, _ body: (inout PaymentSchedule) -> Void) {
    if !steps.contains(where: { $0.from == month }) {
      let place = steps.firstIndex { $0.from > month } ?? steps.count
      steps.insert(Step(from: month, schedule: schedule(on: month)), at: place)
    }
    for index in steps.indices where steps[index].from >= month { body(&steps[index].schedule) }
  }

  /// Forgets what no month from a date on needs.
  mutating func forget(before date: CalendarDate) {
    while steps.count > 1, steps[1].from <= date { steps.removeFirst() }
    if let first = steps.first, first.from <= date, first.schedule == .monthly { steps.removeFirst() }
  }
}

/// Billing periods, each behind the other.
struct BillingPeriods: Sequence, IteratorProtocol {
  private let schedules: PaymentSchedules
  private var start: CalendarDate
  private let end: CalendarDate

  /// Those that begin before `end`, from the one with the day `start` on.
  init(of schedules: PaymentSchedules, from start: CalendarDate, to end: CalendarDate) {
    self.schedules = schedules
    self.start = start
    self.end = end
  }

  mutating func next() -> Period? {
    guard start < end else { return nil }
    let period = schedules.period(containing: start)
    start = period.end
    return period
  }
}

/// The first days of months.
struct MonthSequence: Sequence, IteratorProtocol {
  private var month: CalendarDate
  private let end: CalendarDate

  init(from start: CalendarDate, to end: CalendarDate) {
    month = start
    self.end = end
  }

  mutating func next() -> CalendarDate? {
    guard month < end else { return nil }
    defer { month = month.firstOfNextMonth }
    return month
  }
}

// MARK: - Lines of a period

extension BillingTimeline {
  /// The lines that should exist for some whole months, oldest first.
  func lines(in period: Period) -> [Line] {
    var lines = lines(in: period.start)
    for month in MonthSequence(from: period.start.firstOfNextMonth, to: period.end) { lines += self.lines(in: month) }
    return lines
  }
}
