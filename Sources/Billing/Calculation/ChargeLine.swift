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
  /// The first of its days; nil where it is not for days.
  var start: CalendarDate? { get }
  /// The same with the opposite amount.
  var reversed: Self { get }
}

extension ChargeLine: Reversible {
  var start: CalendarDate? { period?.start }

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

  init(from existing: ArraySlice<Line>, to expected: ArraySlice<Line>) {
    // Nearly always a few lines in the middle or at the end differ, and the order is the same.
    let most = min(existing.count, expected.count)
    var (head, tail) = (0, 0)
    while head < most, existing[existing.startIndex + head] == expected[expected.startIndex + head] { head += 1 }
    while head + tail < most, existing[existing.endIndex - 1 - tail] == expected[expected.endIndex - 1 - tail] {
      tail += 1
    }
    // What is the same begins on the same day, on which few others do.
    var places: [CalendarDate?: [Int]] = [:]
    for place in existing.indices.dropFirst(head).dropLast(tail) {
      places[existing[place].start, default: []].append(place)
    }
    var kept: [Int?] = existing.indices.prefix(head).map { $0 }
    var missing: [Int] = []
    for place in expected.indices.dropFirst(head).dropLast(tail) {
      if let day = places.index(forKey: expected[place].start),
        let same = places.values[day].firstIndex(where: { existing[$0] == expected[place] })
      {
        kept.append(places.values[day].remove(at: same))
      } else {
        kept.append(nil)
        missing.append(place)
      }
    }
    for place in existing.indices.suffix(tail) { kept.append(place) }
    obsolete = places.values.flatMap { $0 }.sorted()
    (self.missing, self.kept) = (missing, kept)
  }

  /// The lines that say so: what no longer holds, reversed, and what holds instead.
  func lines(from existing: ArraySlice<Line>, to expected: ArraySlice<Line>) -> [Line] {
    obsolete.map { existing[$0].reversed } + missing.map { expected[$0] }
  }
}
