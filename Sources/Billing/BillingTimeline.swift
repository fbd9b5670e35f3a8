// What a policy costs on each day, and the lines that follow from it. Everything that billing does, it does because
// the lines that this says should exist differ from the lines that do.

import Kernel

/// What one full month costs while it applies.
struct Charge: Hashable, Sendable {
  /// A dental or vision plan beside the plan.
  struct AddOn: Hashable, Sendable {
    let plan: String
    let cents: Int64
  }

  let plan: String
  /// The plan's level, such as "silver".
  var level = ""
  /// The whole premium of the plan, without its add-ons.
  let grossCents: Int64
  /// The advance premium tax credit that the exchange granted; what exceeds the premium is not used (26 USC 36B(b)(2)),
  /// and nothing of it for add-ons.
  let aptcCents: Int64
  var addOns: [AddOn] = []
  /// What discounts take off the plan's premium, in their order.
  var reductions: [PeriodPrice.Reduction] = []
  /// What is levied on what they leave.
  var levies: [Levy] = []
  /// What others pay of what the member would owe.
  var shares: [Share] = []
}

extension Charge {
  var isBare: Bool { reductions.isEmpty && levies.isEmpty && shares.isEmpty }

  /// What the policy itself says.
  var bare: Charge {
    Charge(plan: plan, level: level, grossCents: grossCents, aptcCents: aptcCents, addOns: addOns)
  }

  fileprivate var price: PeriodPrice {
    PeriodPrice(cents: grossCents, reductions: reductions, levies: levies, subsidyCents: aptcCents)
  }
}

/// One amount for some days of one month.
struct Line: Hashable, Sendable {
  enum Kind: Int, Sendable, CaseIterable {
    case premium
    /// Paid by the exchange: its amount is negative, since it lowers what the member owes.
    case subsidy
    /// Negative as well.
    case discount
    case tax
    case fee
    /// From outside, for no days.
    case charge
    /// Paid by another than the subscriber: negative as well.
    case contribution
  }

  let kind: Kind
  /// Which discount, tax, fee or charge it is, and who pays a contribution; empty where the kind says it all.
  var name = ""
  /// Empty for a charge.
  let plan: String
  let from: CalendarDate
  /// Exclusive; at most the first of the next month. The day itself for a charge, which is for no days.
  let to: CalendarDate
  let cents: Int64

  var days: Int { from.days(until: to) }
}

extension Line: Reversible {
  var start: CalendarDate? { from }

  var reversed: Line { Line(kind: kind, name: name, plan: plan, from: from, to: to, cents: -cents) }
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
  /// As the calculator says, actual by actual, half up to the cent. The lines of a stretch: the premium, what lowers
  /// it, what is levied on the rest, and the subsidy, never above what the discounts leave; one for each add-on; and
  /// what other payers pay of all this.
  func lines(in month: CalendarDate) -> [Line] {
    let full = Period.month(containing: month)
    var proration = Proration(ofMonth: full)
    // Each by itself: the days of two plans at one price would be counted together.
    var addOns: [String: Proration] = [:]
    var split = Split(of: full)
    var lines: [Line] = []
    for segment in charges.segments(in: full) {
      let part = Period(from: segment.start, to: segment.end ?? full.end)
      let first = lines.endIndex
      for line in proration.lines(of: segment.value, for: part) {
        lines.append(
          Line(
            kind: Line.Kind(line.kind), name: line.name, plan: line.plan, from: part.start, to: part.end,
            cents: line.cents))
      }
      for addOn in segment.value.addOns {
        let price = PeriodPrice(cents: addOn.cents)
        for line in addOns[addOn.plan, default: Proration(ofMonth: full)].lines(of: price, plan: addOn.plan, for: part)
        {
          lines.append(Line(kind: .premium, plan: addOn.plan, from: part.start, to: part.end, cents: line.cents))
        }
      }
      if segment.value.shares.isEmpty { continue }
      lines += split.lines(of: lines[first...].memberCents, segment.value, for: part)
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

extension Proration {
  /// How the real run rounds to the cent.
  static let roundingOfRun = Rounding.halfUp

  /// How the lines of the real run name the rule of a part of a month: its days over those of the full month, both
  /// counted as they are, to the cent half up.
  static let ruleOfRun = "actual/actual@1"

  /// As the real run counts a month.
  init(ofMonth full: Period) {
    self.init(full: full, months: 1, dayCount: .actualActual, rounding: Self.roundingOfRun)
  }

  /// - Parameter part: of the month.
  mutating func lines(of charge: Charge, for part: Period) -> [ChargeLine] {
    lines(of: charge.price, plan: charge.plan, for: part)
  }
}

extension Line.Kind {
  /// Whether there may be several of one kind for the same days.
  var isNamed: Bool {
    switch self {
    case .premium, .subsidy: false
    case .discount, .tax, .fee, .charge, .contribution: true
    }
  }

  /// As it is published and shown.
  var word: String {
    switch self {
    case .premium: "premium"
    case .discount: "discount"
    case .tax: "tax"
    case .fee: "fee"
    case .subsidy: "subsidy"
    case .charge: "charge"
    case .contribution: "contribution"
    }
  }

  fileprivate init(_ kind: ChargeLine.Kind) {
    switch kind {
    case .recurring: self = .premium
    case .discount: self = .discount
    case .tax: self = .tax
    case .fee: self = .fee
    case .subsidy: self = .subsidy
    case .trial, .charge, .adjustment, .writeOff, .void: preconditionFailure("the price of a month has no \(kind)")
    }
  }
}

extension BillingTimeline {
  /// Without discounts, taxes, fees and shares: what the policy itself says.
  var bare: BillingTimeline {
    guard !isBare else { return self }
    var bare = self
    bare.charges = charges.map(\.bare)
    return bare
  }

  var isBare: Bool { charges.segments.allSatisfy(\.value.isBare) }

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

  /// Takes over what another says of a period.
  mutating func copy(_ period: Period, from other: BillingTimeline) {
    clear(period)
    for segment in other.charges.segments(in: period) {
      charges.set(segment.value, from: segment.start, to: segment.end ?? period.end)
    }
  }

  /// Leaves no charge in a period.
  mutating func clear(_ period: Period) {
    charges.clear(from: period.start, to: period.end)
  }

  /// The first day with a charge on or after a date.
  func firstDay(onOrAfter date: CalendarDate) -> CalendarDate? {
    for segment in charges.segments where segment.end.map({ $0 > date }) ?? true { return max(segment.start, date) }
    return nil
  }

  /// The level of the plan on that day; empty where there is none.
  func level(onOrAfter date: CalendarDate) -> String {
    charges.segments.first { $0.end.map { $0 > date } ?? true }?.value.level ?? ""
  }

  /// Whether there is a charge on a day of a period.
  func covers(_ period: Period) -> Bool {
    firstDay(onOrAfter: period.start).map { $0 < period.end } ?? false
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

  /// The lines that are neither premium nor subsidy.
  var named: [Line] {
    filter(\.kind.isNamed)
  }

  private func cents(of kind: Line.Kind) -> Int64 {
    var sum: Int64 = 0
    for line in self where line.kind == kind { sum += line.cents }
    return sum
  }
}
