// The rules that a price must keep: what a state allows, the age curve it rates by, and the federal limits of cost
// sharing. Each names where it is from and whether that was verified against a primary source.

package import Kernel

/// How premiums may differ in one state (42 USC 300gg; 45 CFR 147.102).
package struct StateRules: Codable, Hashable, Sendable {
  /// Two-letter USPS code.
  package let state: String
  package let regime: Regime
  /// The most that a tobacco user's premium may be multiplied by; one where tobacco must not matter.
  package let tobaccoCap: Ratio
  /// Tobacco counts from this age on: only where its use is legal.
  package let tobaccoFromAge: Int
  package let areas: [RatingArea]
  package let origins: [Origin]
}

package enum Regime: Codable, Hashable, Sendable {
  /// Each person by age, the sum for the family.
  case ageCurve(String)
  /// The family by its make-up, whatever the ages.
  case familyTiers(FamilyTiers)
}

/// What one adult's rate is multiplied by.
package struct FamilyTiers: Codable, Hashable, Sendable {
  package let oneAdult: Ratio
  package let twoAdults: Ratio
  package let oneAdultWithChildren: Ratio
  package let twoAdultsWithChildren: Ratio
  /// For each child on a policy without adults, up to three.
  package let childOnly: Ratio
}

/// A part of a state with one price.
package struct RatingArea: Codable, Hashable, Sendable {
  package let name: String
  package let counties: [String]
  /// The first three digits of ZIP codes.
  package let zipPrefixes: [Int]
}

/// Where a rule is from.
package struct Origin: Codable, Hashable, Sendable {
  package let rule: String
  package let source: String
  package let isVerified: Bool
}

/// Premium factors by age.
package struct AgeCurve: Codable, Hashable, Sendable {
  package let name: String
  /// For the ages 0 to 64; the last holds for everybody older.
  package let factors: [Ratio]
  package let origin: Origin

  package static let ages = 0...64
}

/// The highest out-of-pocket maximum that a medical plan may have, by plan year (45 CFR 156.130).
package struct CostSharingLimits: Codable, Hashable, Sendable {
  package struct Year: Codable, Hashable, Sendable {
    package let year: Int
    package let outOfPocket: Limit
    package let origin: Origin
  }

  package let name: String
  package let years: [Year]
}

/// What is allowed for a procedure.
package struct FeeSchedule: Codable, Hashable, Sendable {
  package struct Line: Codable, Hashable, Sendable {
    /// CPT or HCPCS.
    package let procedure: String
    package let category: ServiceCategory
    package let allowed: Money
  }

  package let name: String
  package let lines: [Line]
  /// Allowed of a charge that no line names, in basis points.
  package let defaultAllowedBasisPoints: Int
}
