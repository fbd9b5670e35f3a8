// What is known when a claim arrives: who the patient is, how each line stands to the coverage, what was approved and
// used before. Gathered here, so that judging is pure.

import Kernel
import Runtime

enum Evidence {
  /// - Throws: `ClaimRefusal` where a plan or fee schedule that applies is not known here yet, and `StoreFailure`.
  /// - Parameter approved: fingerprints of what the same unit approved, which rows do not show yet.
  static func gather(
    for claim: FiledClaim, approved: Set<String> = [], _ unit: inout Unit
  ) async throws -> Facts {
    let candidates = try await candidates(for: claim.memberNumber, unit)
    guard let patient = Identification.choose(for: claim, among: candidates),
      case .known(let insurance) = try await unit.state(of: Coverage.self, .coverage(of: patient.policy))
    else { return Facts() }
    var facts = Facts(insured: Insured(policy: patient.policy, member: patient.member))
    var seen = approved
    for line in claim.lines {
      let fingerprint = claim.fingerprint(of: line, member: patient.member)
      var isDuplicate = !seen.insert(fingerprint).inserted
      if !isDuplicate { isDuplicate = try await wasApproved(fingerprint, unit) }
      let standing = try await standing(of: line, insurance, patient.span, &unit)
      facts.lines.append(LineFacts(standing: standing, isDuplicate: isDuplicate))
      if facts.used[line.benefitYear] == nil {
        let stream = StreamID.accumulators(of: patient.policy, year: line.benefitYear)
        facts.used[line.benefitYear] = try await unit.state(of: Accumulators.self, stream).use(of: patient.member)
      }
    }
    return facts
  }

  /// Everybody the number may mean: those who carry it, and with a subscriber all members of the policy.
  private static func candidates(for number: String, _ unit: Unit) async throws(StoreFailure) -> [Candidate] {
    guard !number.isEmpty else { return [] }
    var rows: [Row] = []
    for row in try await unit.rows(Query(ClaimsTables.members, where: [("member_number", .text(number))])) {
      if row.text("relationship") == "subscriber" {
        rows += try await unit.rows(Query(ClaimsTables.members, where: [("policy_id", row["policy_id"])]))
      } else {
        rows.append(row)
      }
    }
    return rows.map(Candidate.init)
  }

  private static func wasApproved(_ fingerprint: String, _ unit: Unit) async throws(StoreFailure) -> Bool {
    let query = Query(ClaimsTables.services, where: [("fingerprint", .text(fingerprint))], limit: 1)
    return try await !unit.rows(query).isEmpty
  }

  private static func standing(
    of line: ServiceLine, _ insurance: Insurance, _ span: Span, _ unit: inout Unit
  ) async throws -> Standing {
    // A unit that has just heard of the policy's end does not find it in the rows.
    if span.isOver(on: line.firstDay) || insurance.end.map({ $0 <= line.firstDay }) ?? false { return .afterCoverage }
    guard span.contains(line.firstDay) else { return .beforeCoverage }
    guard let planID = insurance.plans[line.firstDay] else { return .paused }
    if let pendFrom = insurance.pendFrom, pendFrom <= line.firstDay { return .waiting }
    let plan = try await unit.state(of: Plan.self, .plan(planID))
    guard let edition = plan.edition(on: line.firstDay) else {
      throw ClaimRefusal.planUnknown(planID, on: line.firstDay)
    }
    let schedule = try await unit.state(of: FeeSchedule.self, .feeSchedule(edition.feeSchedule))
    guard case .published(let prices) = schedule else { throw ClaimRefusal.feeScheduleUnknown(edition.feeSchedule) }
    return .covered(
      Terms(
        planID: planID, edition: edition.number, costSharing: edition.costSharing, feeSchedule: edition.feeSchedule,
        fee: prices.fee(for: line.procedure)))
  }
}

extension Candidate {
  fileprivate init(_ row: Row) {
    self.init(
      policy: row.id("policy_id"), member: row.id("member_id"), number: row.text("member_number"),
      birthDate: row["birth_date"] == .null ? nil : row.date("birth_date"), givenName: row.text("given_name"),
      span: Span(start: row.date("start_date"), end: row["end_date"] == .null ? nil : row.date("end_date")))
  }
}

extension Row {
  /// Rows are made from identifiers and dates, so they hold nothing else.
  fileprivate func id<Tag: IDTag>(_ column: String) -> ID<Tag> {
    guard let id = ID<Tag>(text(column)) else { preconditionFailure("\(table.name).\(column) is no \(Tag.prefix)_…") }
    return id
  }

  fileprivate func date(_ column: String) -> CalendarDate {
    guard let date = CalendarDate(iso: text(column)) else { preconditionFailure("\(table.name).\(column) is no date") }
    return date
  }
}
