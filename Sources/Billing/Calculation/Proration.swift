// What a part of a full period costs. Parts are not rounded one by one: what all parts of a period up to here cost is
// rounded, less what those before cost. So the parts of a period that was used whole sum to its price, to the cent.

import Kernel

/// Days over the days of the full period, as they are written on a line: `17/31`, and `1` for all of it.
struct PeriodFraction: Hashable, Sendable {
  let days: Int
  let fullDays: Int

  static let whole = PeriodFraction(days: 1, fullDays: 1)
}

extension PeriodFraction: CustomStringConvertible {
  var description: String { days == fullDays ? "1" : "\(days)/\(fullDays)" }
}

/// What a full period costs while it applies.
struct PeriodPrice: Sendable {
  struct Reduction: Hashable, Sendable {
    let name: String
    let cents: Int64
    /// What is left of a budget, where that is less.
    var leftCents: Int64?
  }

  var kind = ChargeLine.Kind.recurring
  let cents: Int64
  var reductions: [Reduction] = []
  var levies: [Levy] = []
  /// What the exchange grants; what exceeds the reduced price is not used (26 USC 36B(b)(2)).
  var subsidyCents: Int64 = 0
}

/// A full period, and how much of it was charged so far for each amount.
struct Proration {
  /// What is charged with one amount for a full period; parts of the same are counted together.
  private struct Subject: Hashable {
    let kind: ChargeLine.Kind
    let name: String
    let fullCents: Int64
  }

  private struct Used {
    let subject: Subject
    var days = 0
    var counted = 0
    var cents: Int64 = 0
  }

  private struct Levied {
    let name: String
    var baseCents: Int64 = 0
    var cents: Int64 = 0
  }

  let full: Period
  let fullDays: Int
  private let dayCount: DayCount
  private let rounding: Rounding
  private var used: [Used] = []
  private var levied: [Levied] = []

  init(full: Period, months: Int?, dayCount: DayCount, rounding: Rounding) {
    self.full = full
    self.dayCount = dayCount
    self.rounding = rounding
    fullDays = dayCount.days(ofFull: full, months: months)
  }

  /// The lines of a part of the period: the price, what lowers it, what is levied on it, and the subsidy. Their sum
  /// without levies is never below zero. Parts come in the order of their days.
  ///
  /// - Parameter whole: charges the full period for the part.
  mutating func lines(
    of price: PeriodPrice, plan: String, subscription: String = "", for part: Period, whole: Bool = false
  ) -> [ChargeLine] {
    var lines: [ChargeLine] = []
    addLines(of: price, plan: plan, subscription: subscription, for: part, whole: whole, to: &lines)
    return lines
  }

  /// Adds the lines of a part of the period to others.
  mutating func addLines(
    of price: PeriodPrice, plan: String, subscription: String, for part: Period, whole: Bool,
    to lines: inout [ChargeLine]
  ) {
    let charged = whole ? full : part
    func add(_ kind: ChargeLine.Kind, _ name: String, _ fraction: PeriodFraction, _ cents: Int64) {
      lines.append(
        ChargeLine(
          kind: kind, name: name, subscription: subscription, plan: plan,
          period: whole ? Period(from: part.start, to: full.end) : part, fraction: fraction, cents: cents))
    }
    let (fraction, cents) = charge(price.kind, "", price.cents, for: charged)
    add(price.kind, "", fraction, cents)
    var (left, leftOfFull) = (cents, price.cents)
    for reduction in price.reductions {
      let (fraction, share) = charge(.discount, reduction.name, reduction.cents, for: charged)
      let used = min(share, left, reduction.leftCents ?? share)
      leftOfFull -= min(reduction.cents, reduction.leftCents ?? reduction.cents)
      left -= used
      if used > 0 { add(.discount, reduction.name, fraction, -used) }
    }
    for levy in price.levies {
      let cents: Int64
      switch levy.size {
      // There is no other part whose cents would be rounded with these.
      case .share where part == full: cents = levy.size.cents(of: left, rounding: rounding)
      case .share: cents = self.levy(levy, on: left)
      case .fixed(let full): cents = charge(.fee, levy.name, full, for: charged).cents
      }
      if cents > 0 { add(levy.kind == .tax ? .tax : .fee, levy.name, fraction, cents) }
    }
    let granted = min(price.subsidyCents, max(0, leftOfFull))
    if granted > 0 {
      let (fraction, share) = charge(.subsidy, "", granted, for: charged)
      if min(share, left) > 0 { add(.subsidy, "", fraction, -min(share, left)) }
    }
  }

  private mutating func charge(
    _ kind: ChargeLine.Kind, _ name: String, _ fullCents: Int64, for part: Period
  ) -> (fraction: PeriodFraction, cents: Int64) {
    if part == full { return (.whole, fullCents) }
    let subject = Subject(kind: kind, name: name, fullCents: fullCents)
    let index = used.firstIndex { $0.subject == subject } ?? used.endIndex
    if index == used.endIndex { used.append(Used(subject: subject)) }
    let before = used[index]
    let days = before.days + part.days
    let counted = days == full.days ? fullDays : min(before.counted + dayCount.days(part), fullDays)
    let cents = share(fullCents, counted)
    used[index] = Used(subject: subject, days: days, counted: counted, cents: cents)
    return (PeriodFraction(days: counted - before.counted, fullDays: fullDays), cents - before.cents)
  }

  /// Of the sum of what it is levied on in the period, rounded once.
  private mutating func levy(_ levy: Levy, on cents: Int64) -> Int64 {
    let index = levied.firstIndex { $0.name == levy.name } ?? levied.endIndex
    if index == levied.endIndex { levied.append(Levied(name: levy.name)) }
    let before = levied[index]
    levied[index].baseCents += cents
    levied[index].cents = levy.size.cents(of: levied[index].baseCents, rounding: rounding)
    return levied[index].cents - before.cents
  }

  private func share(_ cents: Int64, _ days: Int) -> Int64 {
    guard days < fullDays else { return cents }
    return Money(cents: cents).scaled(by: Ratio(Int64(days), Int64(fullDays)), rounding: rounding).cents
  }
}
