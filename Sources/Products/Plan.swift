// A plan of the catalogue: what it is, how it pays, and what it costs before age, tobacco and family are looked at.
// All amounts are dollars of one month or one plan year.

package import Kernel

/// The metal level of a medical plan (42 USC 18022), or dental or vision coverage.
package enum Level: String, Codable, Hashable, Sendable, CaseIterable {
  case catastrophic, bronze, silver, gold, platinum, dental, vision

  package var kind: PlanKind {
    switch self {
    case .catastrophic, .bronze, .silver, .gold, .platinum: .medical
    case .dental: .dental
    case .vision: .vision
    }
  }
}

package enum PlanKind: String, Hashable, Sendable {
  case medical, dental, vision
}

/// The categories by which benefits and fee schedules speak of services.
package enum ServiceCategory: String, Codable, Hashable, Sendable, CaseIterable {
  case primaryCare = "primary_care"
  case specialist, emergency, preventive, laboratory, imaging, ambulance, surgery, dental, vision, other
}

/// One edition of a plan, without its dates.
package struct Plan: Codable, Hashable, Sendable {
  /// Such as "il-silver-3000"; the same in every edition.
  package let id: String
  package let name: String
  /// Two-letter USPS code.
  package let state: String
  package let level: Level
  package let network: String
  package let costSharing: CostSharing
  /// Name and edition, such as "premia-standard@1".
  package let feeSchedule: String
  package let pricing: Pricing
  /// What a tobacco user's premium is multiplied by, at least one and at most the state's cap.
  package let tobacco: Ratio
  /// Sold only where everybody is below this age on the first day, as catastrophic plans are.
  package let soldToUnder: Int?
  /// When this edition's rates hold for policies whose term has begun; nil leaves it to the rate change run to say.
  package let rateChange: RateChange?
  /// Plans that are sold no more and whose policies renew into this one.
  package let continues: [String]
  /// Beside which medical plans it can be chosen as an add-on; nil where it is sold by itself alone.
  package let beside: Beside?
}

/// The medical plans of its state beside which a dental or vision plan is sold.
package enum Beside: Codable, Hashable, Sendable {
  case any
  case plans([String])

  func includes(_ plan: String, _ level: Level) -> Bool {
    switch self {
    case .any: level.kind == .medical
    case .plans(let plans): plans.contains(plan)
    }
  }
}

package enum RateChange: String, Codable, Hashable, Sendable, CaseIterable {
  /// From their next term on, at renewal: medical rates are set for a whole benefit year (45 CFR 156.210).
  case nextTerm = "next_term"
  /// From the first month that begins on the edition's first day or behind it.
  case nextPeriod = "next_period"
  /// From the edition's first day on.
  case immediate
}

package enum Pricing: Codable, Hashable, Sendable {
  /// By the state's rules, from a monthly base rate in each rating area: that of a non-smoker of the curve's factor
  /// 1.000 (age 21 on the federal curve), or of one adult where families are rated by tier.
  case byArea([AreaRate])
  /// One monthly price for a policy, whoever is on it and wherever in the state they live.
  case composite(Money)
  /// One monthly price for each person, whatever their age and wherever in the state they live.
  case each(Money)
}

package struct AreaRate: Codable, Hashable, Sendable {
  package let area: String
  package let base: Money
}

package struct CostSharing: Codable, Hashable, Sendable {
  package let deductible: Limit
  /// The person's limit applies inside the family's (45 CFR 156.130).
  package let outOfPocket: Limit
  /// One for every category, in their order.
  package let benefits: [Benefit]
}

/// An amount of a plan year for one person, and for the family together.
package struct Limit: Codable, Hashable, Sendable {
  package let person: Money
  package let family: Money
}

package struct Benefit: Codable, Hashable, Sendable {
  package let category: ServiceCategory
  package let isCovered: Bool
  package let deductibleApplies: Bool
  package let copay: Money
  /// The member's share, in basis points: 2000 is 20 %.
  package let coinsuranceBasisPoints: Int

  static func notCovered(_ category: ServiceCategory) -> Benefit {
    Benefit(
      category: category, isCovered: false, deductibleApplies: false, copay: .zero, coinsuranceBasisPoints: 0)
  }
}
