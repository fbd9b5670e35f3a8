// How a policy is billed, and how that is changed: from the first period on that is not billed.

import Kernel

extension Account {
  /// A change of how a policy is billed, as it is asked for.
  struct ScheduleOrder: Hashable, Sendable {
    enum Change: Hashable, Sendable {
      /// - Parameters:
      ///   - mode: nil leaves it as it is.
      ///   - coveredFrom: the first day of the policy's coverage, from which anniversaries count.
      case timeline(
        PaymentTimeline, mode: Convention.Mode?, alignment: Convention.Alignment, coveredFrom: CalendarDate)
      case billingDay(Int)
    }

    let change: Change
    /// Nil means with the first period that is not billed and has not begun.
    let from: CalendarDate?
    let reason: String
  }

  /// From a period on the policy is billed otherwise.
  struct Rescheduling: Hashable, Sendable, Codable {
    /// The first day of that period.
    let from: CalendarDate
    /// All that hold now.
    let schedules: PaymentSchedules
    let reason: String
  }

  /// An invoice that is to come, as long as nothing else changes.
  struct Forecast: Hashable, Sendable {
    let period: Period
    let issuedOn: CalendarDate
    let dueOn: CalendarDate
    let totalCents: Int64
  }

  /// So that a date mistyped by years is not kept for years.
  private static let mostMonthsAhead = 24

  /// - Throws: the rule that forbids it; what is billed is never billed otherwise.
  static func reschedule(
    _ order: ScheduleOrder, in state: State, on day: CalendarDate
  ) throws(Refusal) -> Rescheduling {
    if case .billingDay(let number) = order.change, !(1...31).contains(number) { throw .noBillingDay(number) }
    guard state.timeline.start != nil else { throw .nothingToBill(state.policy) }
    if let asked = order.from, asked < state.billedThrough {
      throw .alreadyBilled(asked, from: state.schedules.firstStart(onOrAfter: state.billedThrough))
    }
    let from = state.schedules.firstStart(onOrAfter: order.from ?? max(state.billedThrough, day))
    let latest = day.adding(months: mostMonthsAhead)
    guard from <= latest else { throw .tooFarAhead(from, latest: latest) }
    if let end = state.timeline.end, end <= from { throw .coverageOver(end, from: from) }
    var schedules = state.schedules
    schedules.change(from: from) { $0.make(order.change, from: from) }
    guard schedules.schedule(on: from) != state.schedules.schedule(on: from) else { throw .sameSchedule(on: from) }
    return Rescheduling(from: from, schedules: schedules, reason: order.reason)
  }
}

extension PaymentSchedule {
  fileprivate mutating func make(_ change: Account.ScheduleOrder.Change, from month: CalendarDate) {
    switch change {
    case .timeline(let timeline, let mode, let alignment, let start):
      self.timeline = timeline
      self.mode = mode ?? self.mode
      align(alignment, coveredFrom: start, billedFrom: month)
    case .billingDay(let day): billingDay = day
    }
  }
}

extension Account.State {
  /// The months that an invoice bills.
  func period(of key: Account.InvoiceKey) -> Period { schedules.period(containing: key.month) }

  /// When a period's invoice is due if it is issued in time.
  func dueDate(of period: Period) -> CalendarDate { schedules.schedule(on: period.start).dueDate(of: period) }

  func issueDate(of period: Period) -> CalendarDate { dueDate(of: period).adding(days: -Account.issueLeadDays) }

  /// The period of the binder; nil where there is none, as in arrears.
  var binderPeriod: Period? {
    guard let start = timeline.start, schedules.schedule(on: start).mode == .advance else { return nil }
    return schedules.period(containing: start)
  }

  /// The binder is due when coverage starts, or at once where it has started. Other invoices are due on the billing
  /// day, and never sooner than `issueLeadDays` after they are issued.
  func dueDate(of period: Period, issuedOn day: CalendarDate, binder: Bool) -> CalendarDate {
    if binder { return max(timeline.start ?? period.start, day) }
    return max(dueDate(of: period), day.adding(days: Account.issueLeadDays))
  }

  /// The first invoice for days from a date on; nil where there is no coverage from then on.
  func forecast(from date: CalendarDate, on day: CalendarDate) -> Account.Forecast? {
    guard let first = timeline.firstDay(onOrAfter: date) else { return nil }
    let period = schedules.period(containing: first)
    let issued = open.first { $0.key.month == period.start && !$0.key.isCharge }
    let issuedOn = issued?.issuedOn ?? max(issueDate(of: period), day)
    return Account.Forecast(
      period: period, issuedOn: issuedOn,
      dueOn: issued?.dueOn ?? dueDate(of: period, issuedOn: issuedOn, binder: false),
      totalCents: timeline.lines(in: period).memberCents)
  }
}
