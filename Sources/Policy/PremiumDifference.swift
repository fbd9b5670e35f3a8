// By how much a change moves the premium: a month, day by day, and in sum up to a date.

package import Kernel

package struct PremiumDifference: Hashable, Sendable {
  /// Each may be negative.
  package struct Amount: Hashable, Sendable {
    package var gross = Money.zero
    package var aptc = Money.zero
    /// Of all add-ons together.
    package var addOns = Money.zero
    /// What the member owes.
    package var net: Money { gross - aptc + addOns }

    var isZero: Bool { gross.isZero && aptc.isZero && addOns.isZero }
  }

  /// What is rounded by itself: one amount of one plan.
  private struct Subject: Hashable {
    let plan: String
    let full: Money
  }

  /// The difference of a full month on each day; no value where nothing differs.
  package let monthly: Timeline<Amount>
  /// Up to `through`, exclusive: each month to the day, actual by actual, half up to the cent.
  package let sum: Amount
  package let through: CalendarDate

  package init(from before: Timeline<Policy.Price>, to after: Timeline<Policy.Price>, through: CalendarDate) {
    monthly = before.merged(with: after) { old, new in
      let amount = Amount(old, new)
      return amount.isZero ? nil : amount
    }
    let (old, new) = (Self.total(before, through), Self.total(after, through))
    sum = Amount(gross: new.gross - old.gross, aptc: new.aptc - old.aptc, addOns: new.addOns - old.addOns)
    self.through = through
  }

  /// What is charged for all days before a date. As in Billing, the days of a month at one amount are rounded together.
  package static func total(_ premium: Timeline<Policy.Price>, _ through: CalendarDate) -> Amount {
    let none = Money.zero(premium.segments.first?.value.gross.currency ?? .usd)
    var total = Amount(gross: none, aptc: none, addOns: none)
    guard var month = premium.firstDate?.firstOfMonth else { return total }
    while month < through {
      let full = Period.month(containing: month)
      var (gross, aptc, addOns): ([Money: Int], [Money: Int], [Subject: Int]) = ([:], [:], [:])
      for segment in premium.segments(in: Period(from: month, to: min(full.end, through))) {
        let days = segment.start.days(until: segment.end ?? full.end)
        gross[segment.value.gross, default: 0] += days
        aptc[segment.value.aptc, default: 0] += days
        for addOn in segment.value.addOns {
          addOns[Subject(plan: addOn.planID, full: addOn.monthly), default: 0] += days
        }
      }
      func share(_ amount: Money, _ days: Int) -> Money {
        amount.scaled(by: Ratio(Int64(days), Int64(full.days)), rounding: .halfUp)
      }
      total.gross = gross.reduce(total.gross) { $0 + share($1.key, $1.value) }
      total.aptc = aptc.reduce(total.aptc) { $0 + share($1.key, $1.value) }
      total.addOns = addOns.reduce(total.addOns) { $0 + share($1.key.full, $1.value) }
      month = full.end
    }
    return total
  }
}

extension PremiumDifference.Amount {
  fileprivate init(_ old: Policy.Price?, _ new: Policy.Price?) {
    let none = Money.zero((old ?? new)?.gross.currency ?? .usd)
    gross = (new?.gross ?? none) - (old?.gross ?? none)
    aptc = (new?.aptc ?? none) - (old?.aptc ?? none)
    addOns = none
    for addOn in new?.addOns ?? [] { addOns = addOns + addOn.monthly }
    for addOn in old?.addOns ?? [] { addOns = addOns - addOn.monthly }
  }
}
