// Claims that wait: services in a month of grace whose premium was not paid (45 CFR 156.270). When the premium comes
// they are judged as if it had never been late; when the policy ends instead, as after its coverage.

import Kernel
import Runtime

extension Unit {
  /// Makes services of a policy from a day on wait, or none; judges what need not wait any longer.
  mutating func pend(_ policy: PolicyID, from day: CalendarDate?) async throws {
    try await decide(Coverage.self, .coverage(of: policy), .pend(from: day))
    try await judgeWaiting(of: policy)
  }

  /// The policy is lost from a day on: what lies before it is judged; what lies behind waits until Policy has ended it.
  mutating func pend(_ policy: PolicyID, lostFrom lost: CalendarDate) async throws {
    guard case .known(let insurance) = try await state(of: Coverage.self, .coverage(of: policy)),
      let pendFrom = insurance.pendFrom
    else { return }
    try await pend(policy, from: max(pendFrom, lost))
  }

  /// Judges the claims of a policy that waited and need not wait any longer.
  mutating func judgeWaiting(of policy: PolicyID) async throws {
    let waiting = try await rows(
      Query(
        ClaimsTables.claims,
        where: [
          ("policy_id", .text(policy.description)), ("status", .text(ClaimsTables.Status.pended.rawValue)),
        ]))
    var approved: Set<String> = []
    for row in waiting {
      let stream = StreamID(row.text("claim_id"))
      guard let filed = try await state(of: Claim.self, stream).filed else { continue }
      let facts = try await Evidence.gather(for: filed.claim, approved: approved, &self)
      let judged = try await decide(Claim.self, stream, .judge(facts, on: today))
      try await use(judged, facts)
      guard let member = filed.insured?.member, let decision = judged.decision else { continue }
      for (line, answer) in zip(filed.claim.lines, decision.judgement.lines) where !answer.isDenied {
        approved.insert(filed.claim.fingerprint(of: line, member: member))
      }
    }
  }

  /// Adds what a claim that was just judged used to the accumulators.
  mutating func use(_ claim: Claim.State, _ facts: Facts) async throws {
    guard let insured = facts.insured, let id = claim.filed?.id, let decision = claim.decision else { return }
    for (year, amounts) in decision.judgement.used.sorted(by: { $0.key < $1.key }) {
      try await decide(
        Accumulators.self, .accumulators(of: insured.policy, year: year),
        .add(.init(policy: insured.policy, year: year, member: insured.member, amounts: amounts, claim: id)))
    }
  }
}
