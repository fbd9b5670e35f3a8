// The heart of Claims: from a filed claim and the facts about it to every line's allowed amount, the patient's share,
// what is paid and the codes of every cent that is not. Pure; the same facts give the same answer.
//
// The order of judgement: missing information, identity, duplicate, dates of filing, coverage on the day of service,
// fee schedule, benefit of the category, other payers, deductible, copay, coinsurance, out-of-pocket maximum. Identity
// comes before the dates of filing, because whose contract sets the time limit is not known without it.

import Kernel

/// Who was found to be the patient.
struct Insured: Hashable, Sendable, Codable {
  var policy: PolicyID
  var member: PartyID
}

/// What is known when a claim is judged.
struct Facts: Hashable, Sendable {
  /// Nil where nobody was found; the lines then have no facts.
  var insured: Insured?
  /// As many as the claim has lines, in their order.
  var lines: [LineFacts] = []
  /// By benefit year, before this claim; nothing was used in a year that is not named.
  var used: [Int: YearUse] = [:]

  /// Whether some service is judged only once its premium is paid, or never will be.
  var waits: Bool { lines.contains { $0.standing == .waiting && !$0.isDuplicate } }
}

/// What is known of one line.
struct LineFacts: Hashable, Sendable {
  var standing: Standing
  /// The same service was approved before, or stands on an earlier line.
  var isDuplicate = false
}

/// How the first day of service stands to the member's coverage.
enum Standing: Hashable, Sendable {
  case beforeCoverage
  case afterCoverage
  /// The policy goes on, without coverage on this day.
  case paused
  /// Covered for now: the month is in grace, and the claim waits for its premium.
  case waiting
  case covered(Terms)
}

/// What applies to one service on its day.
struct Terms: Hashable, Sendable {
  var planID: String
  var edition: Int
  var costSharing: CostSharing
  /// Name and edition.
  var feeSchedule: String
  var fee: Fee

  var rules: [String] { ["plan:\(planID)@\(edition)", "fees:\(feeSchedule)"] }
}

/// What the fee schedule says of a procedure.
enum Fee: Hashable, Sendable {
  case listed(category: String, each: Money)
  /// This part of the charge is allowed.
  case unlisted(allowed: Ratio)

  var category: String {
    switch self {
    case .listed(let category, _): category
    case .unlisted: Category.other
    }
  }

  /// What is allowed for a service, never more than was charged.
  func allowed(for line: ServiceLine) -> Money {
    let fee =
      switch self {
      case .listed(_, let each): each.scaled(by: Ratio(line.unitsThousandths, 1_000), rounding: .halfUp)
      case .unlisted(let part): line.charge.scaled(by: part, rounding: .halfUp)
      }
    return min(line.charge, fee)
  }
}

/// The answer to a claim.
struct Judgement: Hashable, Sendable, Codable {
  /// In the order of the claim.
  var lines: [AdjudicatedLine]
  /// What the member uses of the limits, by benefit year: added when the claim is posted, and to be taken away when it
  /// is judged again.
  var used: [Int: Used]
  /// The plan that applied to the first covered line.
  var planID: String?
  /// Plan editions, fee schedules and code lists.
  var rules: [String]

  /// Nothing was judged on its benefits.
  var isDenied: Bool { lines.allSatisfy(\.isDenied) }
  var allowed: Money { lines.reduce(.zero) { $0 + $1.allowed } }
  var paid: Money { lines.reduce(.zero) { $0 + $1.paid } }
  /// Owed by the patient: cost sharing and what is not insured.
  var patient: Money { lines.reduce(.zero) { $0 + $1.adjusted(.patient) } }
}

/// The answer to one line: charge = paid + adjustments, to the cent.
struct AdjudicatedLine: Hashable, Sendable, Codable {
  var number: Int
  /// Nil where it was denied before its category mattered.
  var category: String?
  var charge: Money
  var allowed = Money.zero
  var deductible = Money.zero
  var copay = Money.zero
  var coinsurance = Money.zero
  var paid = Money.zero
  /// Reason code of the denial; nil where it was judged on its benefits.
  var denied: String?
  /// None is zero.
  var adjustments: [Adjustment] = []
  var remarks: [String] = []

  var isDenied: Bool { denied != nil }

  func adjusted(_ group: AdjustmentGroup) -> Money {
    adjustments.reduce(.zero) { $0 + ($1.group == group ? $1.amount : .zero) }
  }
}

enum Adjudication {
  /// Judges a claim.
  ///
  /// - Precondition: where somebody was found, there are facts for every line, and none waits.
  static func judge(_ claim: FiledClaim, _ facts: Facts, codes: Codes = .standard) -> Judgement {
    var judge = Judge(claim: claim, codes: codes, used: facts.used)
    let missing = claim.missing
    var lines: [AdjudicatedLine] = []
    if !missing.isEmpty {
      let remarks = missing.map(codes.remark)
      lines = claim.lines.map { judge.deny($0, .missingInformation, remarks: remarks) }
    } else if facts.insured == nil {
      lines = claim.lines.map { judge.deny($0, .unidentified) }
    } else {
      precondition(facts.lines.count == claim.lines.count, "every line of a claim of ours has its facts")
      for (line, known) in zip(claim.lines, facts.lines) { lines.append(judge.judge(line, known)) }
    }
    return Judgement(lines: lines, used: judge.added, planID: judge.planID, rules: judge.rules + [codes.edition])
  }
}
