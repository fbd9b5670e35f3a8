// How a plan divides an allowed amount between itself and the patient.

import Kernel

/// The cost sharing of one edition of a plan, in network.
struct CostSharing: Hashable, Sendable, Codable {
  var deductiblePerson: Money
  var deductibleFamily: Money
  /// One person's out-of-pocket maximum, inside the family's (45 CFR 156.130).
  var outOfPocketPerson: Money
  var outOfPocketFamily: Money
  /// By category of service.
  var benefits: [String: Benefit]
}

/// How one category of service is shared.
struct Benefit: Hashable, Sendable, Codable {
  var covered: Bool
  var deductibleApplies: Bool
  var copay: Money
  /// The patient's part of what deductible and copay leave.
  var coinsurance: Ratio
}

/// Categories that rules of ours speak of; the others are the plans' and fee schedules' own words.
enum Category {
  /// Covered in full whatever the plan says of copays (45 CFR 147.130).
  static let preventive = "preventive"
  /// Of a procedure that the fee schedule does not name.
  static let other = "other"
}

/// What was used of the limits of one benefit year.
struct Used: Hashable, Sendable, Codable {
  var deductible = Money.zero
  var outOfPocket = Money.zero

  var isNothing: Bool { deductible.isZero && outOfPocket.isZero }

  static func + (lhs: Used, rhs: Used) -> Used {
    Used(deductible: lhs.deductible + rhs.deductible, outOfPocket: lhs.outOfPocket + rhs.outOfPocket)
  }

  static func += (lhs: inout Used, rhs: Used) { lhs = lhs + rhs }
}

/// What a person and the person's family, the person included, have used in one benefit year.
struct YearUse: Hashable, Sendable {
  var person = Used()
  var family = Used()

  static func += (lhs: inout YearUse, rhs: Used) {
    lhs.person += rhs
    lhs.family += rhs
  }
}

extension CostSharing {
  /// What may still be asked of the person. The family's limits are embedded: each person's own limit holds, and
  /// nobody pays toward a limit that the family has met together.
  func open(after use: YearUse) -> Used {
    Used(
      deductible: Self.open(deductiblePerson, use.person.deductible, deductibleFamily, use.family.deductible),
      outOfPocket: Self.open(outOfPocketPerson, use.person.outOfPocket, outOfPocketFamily, use.family.outOfPocket))
  }

  /// A limit that was lowered during the year may be passed already; then nothing is open.
  private static func open(_ person: Money, _ usedByPerson: Money, _ family: Money, _ usedByFamily: Money) -> Money {
    max(.zero, min(person - usedByPerson, family - usedByFamily))
  }
}

/// The patient's share of one service.
struct PatientShare: Hashable, Sendable {
  var deductible = Money.zero
  var copay = Money.zero
  var coinsurance = Money.zero

  var total: Money { deductible + copay + coinsurance }

  /// Lowers the share to a limit: what came last goes first. The plan pays what is cut.
  mutating func cut(to limit: Money) {
    var excess = max(.zero, total - limit)
    for part in [\PatientShare.coinsurance, \.copay, \.deductible] {
      let cut = min(excess, self[keyPath: part])
      self[keyPath: part] -= cut
      excess -= cut
    }
  }
}
