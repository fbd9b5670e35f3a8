// What is sold and what it costs: plans with their phases, discounts, taxes and fees.

import Kernel

/// A span of months and days, as ISO 8601 writes it: `P14D`, `P2W`, `P3M`, `P1Y`.
struct Length: Hashable, Sendable {
  var months = 0
  var days = 0

  static let zero = Length()

  static func + (lhs: Length, rhs: Length) -> Length {
    Length(months: lhs.months + rhs.months, days: lhs.days + rhs.days)
  }

  /// The day on which it is over for who began on a date: months first, from the date's own day.
  func end(from start: CalendarDate) -> CalendarDate { start.adding(months: months).adding(days: days) }
}

extension Length {
  /// No length is longer than a hundred years.
  private static let most = ["D": 36_500, "W": 5_200, "M": 1_200, "Y": 100]

  /// Nil unless it is one number of days, weeks, months or years, above zero and at most a hundred years.
  init?(_ text: String) {
    guard text.first == "P", let unit = text.last.map(String.init), let most = Self.most[unit] else { return nil }
    let digits = text.dropFirst().dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
      (1...most).contains(number)
    else { return nil }
    switch unit {
    case "D": self.init(days: number)
    case "W": self.init(days: number * 7)
    case "M": self.init(months: number)
    default: self.init(months: number * 12)
    }
  }
}

/// One price of a plan, and for how long.
struct Phase: Hashable, Sendable {
  /// For a full period.
  let cents: Int64
  /// From the day the plan is taken and the phases before are over; nil where it does not end (evergreen).
  let length: Length?
}

/// A plan as an account is billed for it.
struct Terms: Hashable, Sendable {
  enum Prorating: String, Hashable, Sendable, CaseIterable {
    case prorated
    /// The plan of a period's first covered day is charged whole, and nothing else is charged in that period.
    case none
  }

  let period: BillingPeriod
  /// At least one; where the last has a length, the plan ends with it (fixed term).
  let phases: [Phase]
  /// From the start of coverage; the phases begin behind them.
  let trialDays: Int
  let prorating: Prorating

  /// The first days of the phases behind the first, and the day on which the plan ends, nil where it does not.
  func bounds(from start: CalendarDate) -> (phases: [CalendarDate], end: CalendarDate?) {
    var bounds: [CalendarDate] = []
    var length = Length.zero
    for phase in phases {
      guard let more = phase.length else { return (bounds, nil) }
      length = length + more
      bounds.append(length.end(from: start))
    }
    let end = bounds.popLast()
    return (bounds, end)
  }
}

/// A part of an amount, or an amount for every full period.
enum Size: Hashable, Sendable {
  /// 1/10 for ten percent.
  case share(Ratio)
  case fixed(Int64)

  func cents(of whole: Int64, rounding: Rounding) -> Int64 {
    switch self {
    case .share(let ratio): Money(cents: whole).scaled(by: ratio, rounding: rounding).cents
    case .fixed(let cents): cents
    }
  }
}

/// For whom and when a discount, a tax or a fee applies. Nil is no limit.
struct Scope: Hashable, Sendable {
  var plans: Set<String>?
  /// One of the subscriptions of the account; otherwise the whole group of them.
  var subscription: String?
  var from: CalendarDate?
  var to: CalendarDate?

  func holds(_ plan: String, of subscription: String, on date: CalendarDate) -> Bool {
    if let from, date < from { return false }
    if let to, date >= to { return false }
    return concerns(plan, of: subscription)
  }

  /// Whether it applies at some time.
  func concerns(_ plan: String, of subscription: String) -> Bool {
    if let plans, !plans.contains(plan) { return false }
    return self.subscription.map { $0 == subscription } ?? true
  }
}

/// Lowers what is charged. A percentage is taken of what the discounts before it left.
struct Discount: Hashable, Sendable {
  let name: String
  let size: Size
  var scope: Scope
  /// The billing periods of each subscription that it lowers, stubs included.
  let periods: Int?
  /// What it lowers by in all, for all subscriptions together.
  var budgetCents: Int64?
  /// Where a document asked for it.
  var place = ""
}

/// A tax or a fee on what the discounts left of the price.
struct Levy: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable, Codable, CaseIterable { case tax, fee }

  let kind: Kind
  let name: String
  let size: Size
  var scope = Scope()
}

/// All that is agreed before anything happens.
struct Agreement: Hashable, Sendable {
  var convention = Convention()
  var plans: [String: Terms] = [:]
  var discounts: [Discount] = []
  var levies: [Levy] = []
}
