// The prices of one plan in one place under one set of rules, worked out to the cent before anybody asks.
//
// Rounding: a person's premium is the product of base rate, age factor and tobacco ratio, rounded once, half a cent up,
// and a family's premium is the sum of those. No source for the order of rounding was found; this one keeps what each
// member is told equal to what the family pays.

package import Kernel

package final class RateTable: Sendable {
  package enum Prices: Sendable {
    /// Cents by the places of `Standing`: age and tobacco; the last place, of who is not rated, is zero.
    case byAge([Int64], curve: [Ratio], tobacco: Ratio)
    /// Cents by `Tier`.
    case byTier([Int64], FamilyTiers)
    case composite(Int64)
    /// Cents for each person.
    case each(Int64)
  }

  package let planID: String
  package let planName: String
  package let level: Level
  /// Sold only where everybody is below this age.
  package let soldToUnder: Int?
  /// Beside which plans it is an add-on; nil where it is none.
  package let beside: Beside?
  /// The rating area, or the state where the plan costs the same everywhere in it.
  package let area: String
  package let prices: Prices
  /// The editions of plan, curve and state rules that the prices follow from.
  package let rules: [String]

  init(_ plan: Edition<Plan>, area: String, prices: Prices, rules: [String]) {
    planID = plan.item.id
    planName = plan.item.name
    level = plan.item.level
    soldToUnder = plan.item.soldToUnder
    beside = plan.item.beside
    self.area = area
    self.prices = prices
    self.rules = [plan.reference] + rules
  }

  /// Whether the price depends on who is covered.
  var needsAges: Bool {
    switch prices {
    case .byAge, .byTier: true
    case .composite, .each: soldToUnder != nil
    }
  }
}

extension RateTable.Prices {
  /// The prices of a base rate on an age curve.
  init(base: Money, curve: [Ratio], tobacco: Ratio) {
    var cents: [Int64] = []
    cents.reserveCapacity(curve.count * 2 + 1)
    for factor in curve {
      cents.append(base.scaled(by: factor, rounding: .halfUp).cents)
      cents.append(base.scaled(by: factor * tobacco, rounding: .halfUp).cents)
    }
    cents.append(0)
    self = .byAge(cents, curve: curve, tobacco: tobacco)
  }

  /// The prices of one adult's rate by family tier.
  init(base: Money, tiers: FamilyTiers) {
    self = .byTier(Tier.allCases.map { base.scaled(by: tiers.factor($0), rounding: .halfUp).cents }, tiers)
  }
}

extension FamilyTiers {
  func factor(_ tier: Tier) -> Ratio {
    switch tier {
    case .oneAdult: oneAdult
    case .twoAdults: twoAdults
    case .oneAdultWithChildren: oneAdultWithChildren
    case .twoAdultsWithChildren: twoAdultsWithChildren
    case .oneChild: childOnly
    case .twoChildren: childOnly * Ratio(2, 1)
    case .threeChildren: childOnly * Ratio(3, 1)
    }
  }
}

/// A plan's price for one household.
package struct Offer: Sendable {
  package let table: RateTable
  package let monthly: Money
  /// In the order of the household; they sum to `monthly`. Where the family is rated as one, the first has it all.
  package let people: [Money]
  let standing: Standing

  init(_ table: RateTable, for standing: Standing) {
    self.table = table
    self.standing = standing
    var total: Int64 = 0
    switch table.prices {
    case .byAge(let cents, _, _):
      people = standing.places.map { place in
        let share = cents[Int(place)]
        total += share
        return Money(cents: share)
      }
    case .byTier(let cents, _):
      total = cents[standing.tier.rawValue]
      people = Self.allOnFirst(total, standing.places.count)
    case .composite(let cents):
      total = cents
      people = Self.allOnFirst(total, standing.places.count)
    case .each(let cents):
      people = Array(repeating: Money(cents: cents), count: standing.places.count)
      total = cents * Int64(people.count)
    }
    monthly = Money(cents: total)
  }

  private static func allOnFirst(_ cents: Int64, _ count: Int) -> [Money] {
    var people = Array(repeating: Money.zero, count: count)
    people[0] = Money(cents: cents)
    return people
  }

  /// Why a person's premium is what it is: "age 34 x 1.214".
  package func reason(_ person: Int) -> String {
    switch table.prices {
    case .byAge(_, let curve, let tobacco):
      guard let (age, usesTobacco) = standing.rated(person) else {
        return "beyond the three oldest children: not rated"
      }
      let years = age == AgeCurve.ages.upperBound ? "\(age) or more" : "\(age)"
      return "age \(years) x \(curve[age].decimalText)" + (usesTobacco ? " x tobacco \(tobacco.decimalText)" : "")
    case .byTier(_, let tiers):
      guard person == 0 else { return "in the family's rate" }
      return "\(standing.tier.words) x \(tiers.factor(standing.tier).decimalText)"
    case .composite:
      return person == 0 ? "one price for the policy" : "in the policy's price"
    case .each:
      return "one price for each person"
    }
  }
}

extension Tier {
  fileprivate var words: String {
    switch self {
    case .oneAdult: "one adult"
    case .twoAdults: "two adults"
    case .oneAdultWithChildren: "one adult with children"
    case .twoAdultsWithChildren: "two adults with children"
    case .oneChild: "one child alone"
    case .twoChildren: "two children alone"
    case .threeChildren: "three or more children alone"
    }
  }
}

extension Ratio {
  /// A factor as rate filings write it, to a thousandth: "1.214".
  var decimalText: String {
    let thousandths = Money(cents: 1000).scaled(by: self, rounding: .halfUp).cents
    let fraction = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }
}
