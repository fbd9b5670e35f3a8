// A line that should exist, and what to do about lines that exist and should not.

import Kernel

/// One amount for some days, by one rule.
struct ChargeLine: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Days of a trial, at nothing.
    case trial
    /// The price of a plan.
    case recurring
    case discount
    case tax
    case fee
    /// Paid by the exchange: it lowers what the member owes.
    case subsidy
    /// A charge from outside, for no days.
    case charge
    /// Takes off what an invoice says, by hand.
    case adjustment
    /// Takes off what is not expected to be paid any more.
    case writeOff
    /// Takes off all of an invoice.
    case void
  }

  let kind: Kind
  /// Which discount, tax, fee or charge it is; empty where the kind says it all.
  var name = ""
  var subscription = ""
  /// Empty for what is not of a plan.
  var plan = ""
  /// Nil for what is not for days.
  var period: Period?
  var fraction: PeriodFraction?
  let cents: Int64
}

/// A line that can be taken back.
protocol Reversible: Hashable {
  /// The same with the opposite amount.
  var reversed: Self { get }
}

extension ChargeLine: Reversible {
  var reversed: ChargeLine {
    ChargeLine(
      kind: kind, name: name, subscription: subscription, plan: plan, period: period, fraction: fraction, cents: -cents)
  }
}

/// What takes the lines that exist to the lines that should: the one law of billing.
struct Difference<Line: Reversible> {
  /// Places of existing lines that no longer hold.
  let obsolete: [Int]
  /// Places of expected lines that do not exist yet.
  let missing: [Int]
  /// For each expected line the place of the existing one that it is, nil for a missing one.
  let kept: [Int?]

  /// - Parameter same: how many of the first lines are known to be the same in both.
  init(from existing: [Line], to expected: [Line], same: Int = 0) {
    var kept = [Int?](repeating: nil, count: expected.count)
    for place in 0..<same { kept[place] = place }
    // Nearly always a few lines in the middle or at the end differ, and the order is the same.
    var head = same
    while head < existing.count, head < expected.count, existing[head] == expected[head] {
      kept[head] = head
      head += 1
    }
    var tail = 0
    while tail < min(existing.count, expected.count) - head,
      existing[existing.count - 1 - tail] == expected[expected.count - 1 - tail]
    {
      tail += 1
      kept[expected.count - tail] = existing.count - tail
    }
    var places: [Line: [Int]] = [:]
    for place in (head..<existing.count - tail).reversed() { places[existing[place], default: []].append(place) }
    var missing: [Int] = []
    for place in head..<expected.count - tail {
      kept[place] = places[expected[place]]?.popLast()
      if kept[place] == nil { missing.append(place) }
    }
    obsolete = places.values.flatMap { $0 }.sorted()
    self.missing = missing
    self.kept = kept
  }

  /// The lines that say so: what no longer holds, reversed, and what holds instead.
  func lines(from existing: [Line], to expected: [Line]) -> [Line] {
    obsolete.map { existing[$0].reversed } + missing.map { expected[$0] }
  }
}
