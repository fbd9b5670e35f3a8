// What a policy costs on each day, and the lines that follow from it. Everything that billing does, it does because
// the lines that this says should exist differ from the lines that do.

import Kernel

/// What one full month costs while it applies.
struct Charge: Hashable, Sendable {
  let plan: String
  /// The whole premium.
  let grossCents: Int64
  /// The advance premium tax credit that the exchange granted; what exceeds the premium is not used (26 USC 36B(b)(2)).
  let aptcCents: Int64
}

/// One amount for some days of one month.
struct Line: Hashable, Sendable {
  enum Kind: Int, Sendable {
    case premium
    /// Paid by the exchange: its amount is negative, since it lowers what the member owes.
    case subsidy
  }

  let kind: Kind
  let plan: String
  let from: CalendarDate
  /// Exclusive; at most the first of the next month.
  let to: CalendarDate
  let cents: Int64

  var days: Int { from.days(until: to) }
}

extension Line: Reversible {
  var start: CalendarDate? { from }

  var reversed: Line { Line(kind: kind, plan: plan, from: from, to: to, cents: -cents) }
}

/// What a policy costs from when to when: an effective-dated charge, with no value where there is no coverage.
struct BillingTimeline: Hashable, Sendable {
  private(set) var charges = Timeline<Charge>()

  init() {}

  init(_ charge: Charge, from start: CalendarDate, to end: CalendarDate? = nil) {
    charges.set(charge, from: start, to: end)
  }

  /// The first day of coverage; nil where there is none.
  var start: CalendarDate? { charges.firstDate }

  /// The first day without coverage behind the last; nil where it is open.
  var end: CalendarDate? { charges.lastEnd }

  /// The lines that should exist for the month that starts on `month`, oldest first.
  ///
  /// As the calculator says, actual by actual, half up to the cent. Two lines a stretch: the premium, and the subsidy
  /// where there is one, never above the premium.
  func lines(in month: CalendarDate) -> [Line] {
    let full = Period.month(containing: month)
    var proration = Proration(full: full, months: 1, dayCount: .actualActual, rounding: .halfUp)
    var lines: [Line] = []
    for segment in charges.segments(in: full) {
      let (charge, part) = (segment.value, Period(from: segment.start, to: segment.end ?? full.end))
      let price = PeriodPrice(cents: charge.grossCents, subsidyCents: charge.aptcCents)
      for line in proration.lines(of: price, plan: charge.plan, for: part) {
        let kind: Line.Kind = line.kind == .subsidy ? .subsidy : .premium
        lines.append(Line(kind: kind, plan: charge.plan, from: part.start, to: part.end, cents: line.cents))
      }
    }
    return lines
  }

  /// The lines of all months that start before a date.
  func lines(before date: CalendarDate) -> [Line] {
    guard var month = start?.firstOfMonth else { return [] }
    var lines: [Line] = []
    while month < min(date, end ?? date) {
      lines += self.lines(in: month)
      month = month.firstOfNextMonth
    }
    return lines
  }
}

extension BillingTimeline {
  /// Makes a charge apply from `start` until `end`, or for good.
  mutating func set(_ charge: Charge, from start: CalendarDate, to end: CalendarDate?) {
    charges.set(charge, from: start, to: end)
  }

  /// Without the days from a date on.
  func ending(on date: CalendarDate) -> BillingTimeline {
    var rest = self
    rest.charges.clear(from: date)
    return rest
  }

  /// Without the days before a date.
  func starting(on date: CalendarDate) -> BillingTimeline {
    guard let start, start < date else { return self }
    var rest = self
    rest.charges.clear(from: start, to: date)
    return rest
  }

  /// Takes over what another says of one month.
  mutating func copy(month: CalendarDate, from other: BillingTimeline) {
    let period = Period.month(containing: month)
    clear(month: month)
    for segment in other.charges.segments(in: period) {
      charges.set(segment.value, from: segment.start, to: segment.end ?? period.end)
    }
  }

  /// Leaves no charge in one month.
  mutating func clear(month: CalendarDate) {
    charges.clear(from: month, to: month.firstOfNextMonth)
  }

  /// The first day with a charge on or after a date.
  func firstDay(onOrAfter date: CalendarDate) -> CalendarDate? {
    for segment in charges.segments where segment.end.map({ $0 > date }) ?? true { return max(segment.start, date) }
    return nil
  }

  func covers(month: CalendarDate) -> Bool {
    firstDay(onOrAfter: month).map { $0 < month.firstOfNextMonth } ?? false
  }
}

extension Sequence<Line> {
  /// What the member owes for them.
  var memberCents: Int64 {
    var sum: Int64 = 0
    for line in self { sum += line.cents }
    return sum
  }

  var premiumCents: Int64 { cents(of: .premium) }

  /// What the exchange owes for them, positive.
  var subsidyCents: Int64 { -cents(of: .subsidy) }

  private func cents(of kind: Line.Kind) -> Int64 {
    var sum: Int64 = 0
    for line in self where line.kind == kind { sum += line.cents }
    return sum
  }
}
