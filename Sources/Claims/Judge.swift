// Goes through the lines of one claim, and remembers what the lines before have used.

import Kernel

struct Judge {
  /// One visit: a copay is due once for it, however many lines it is billed on.
  private struct Visit: Hashable {
    var category: String
    var day: CalendarDate
  }

  let claim: FiledClaim
  let codes: Codes
  /// By benefit year, with the lines so far.
  var used: [Int: YearUse]
  /// By benefit year, of this claim alone.
  private(set) var added: [Int: Used] = [:]
  private(set) var planID: String?
  private(set) var rules: [String] = []
  /// What is left to pay of the visits' copays.
  private var copays: [Visit: Money] = [:]

  init(claim: FiledClaim, codes: Codes, used: [Int: YearUse]) {
    self.claim = claim
    self.codes = codes
    self.used = used
  }

  mutating func judge(_ line: ServiceLine, _ known: LineFacts) -> AdjudicatedLine {
    if known.isDuplicate { return deny(line, .duplicate) }
    if line.firstDay > claim.receivedOn { return deny(line, .serviceInFuture) }
    if line.lastDay.days(until: claim.receivedOn) > codes.timelyFilingDays { return deny(line, .lateFiling) }
    switch known.standing {
    case .beforeCoverage: return deny(line, .beforeCoverage)
    case .afterCoverage: return deny(line, .afterCoverage)
    case .paused: return deny(line, .coveragePaused)
    case .waiting: preconditionFailure("line \(line.number) waits for its premium and is judged")
    case .covered(let terms):
      planID = planID ?? terms.planID
      for rule in terms.rules where !rules.contains(rule) { rules.append(rule) }
      let category = terms.fee.category
      guard let benefit = terms.costSharing.benefits[category] else { return deny(line, .anotherPayers, in: category) }
      guard benefit.covered else { return deny(line, .notInPlan, in: category) }
      if claim.otherPayerPrimary { return deny(line, .otherPayerFirst, in: category) }
      return pay(line, terms, benefit)
    }
  }

  /// The whole charge is adjusted. A charge of zero has nothing to adjust, and is denied all the same.
  func deny(_ line: ServiceLine, _ denial: Denial, in category: String? = nil, remarks: [String] = [])
    -> AdjudicatedLine
  {
    let code = codes[denial]
    var denied = AdjudicatedLine(number: line.number, category: category, charge: line.charge)
    denied.denied = code.reason
    denied.remarks = code.remarks + remarks
    if line.charge.isPositive {
      denied.adjustments = [Adjustment(group: code.group, reason: code.reason, amount: line.charge)]
    }
    return denied
  }

  private mutating func pay(_ line: ServiceLine, _ terms: Terms, _ benefit: Benefit) -> AdjudicatedLine {
    let category = terms.fee.category
    var judged = AdjudicatedLine(number: line.number, category: category, charge: line.charge)
    judged.allowed = terms.fee.allowed(for: line)
    let share =
      category == Category.preventive
      ? PatientShare() : share(of: judged.allowed, line, benefit, terms.costSharing, in: category)
    judged.deductible = share.deductible
    judged.copay = share.copay
    judged.coinsurance = share.coinsurance
    judged.paid = judged.allowed - share.total
    let parts = [
      (codes.contractual, line.charge - judged.allowed), (codes.deductible, share.deductible),
      (codes.coinsurance, share.coinsurance), (codes.copay, share.copay),
    ]
    for (code, amount) in parts where amount.isPositive {
      judged.adjustments.append(Adjustment(group: code.group, reason: code.reason, amount: amount))
    }
    return judged
  }

  /// Deductible, then copay, then coinsurance of what they leave, cut to what is open of the out-of-pocket maximum.
  private mutating func share(
    of allowed: Money, _ line: ServiceLine, _ benefit: Benefit, _ costSharing: CostSharing, in category: String
  ) -> PatientShare {
    let year = line.benefitYear
    let open = costSharing.open(after: used[year] ?? YearUse())
    var share = PatientShare()
    if benefit.deductibleApplies { share.deductible = min(allowed, open.deductible) }
    let visit = Visit(category: category, day: line.firstDay)
    let due = copays[visit] ?? benefit.copay
    share.copay = min(allowed - share.deductible, due)
    copays[visit] = due - share.copay
    share.coinsurance = (allowed - share.deductible - share.copay).scaled(by: benefit.coinsurance, rounding: .halfUp)
    share.cut(to: open.outOfPocket)
    let use = Used(deductible: share.deductible, outOfPocket: share.total)
    if !use.isNothing {
      used[year, default: YearUse()] += use
      added[year, default: Used()] += use
    }
    return share
  }
}
