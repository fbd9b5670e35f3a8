// What Claims shows of itself and finds things by.

import Kernel
import Runtime

enum ClaimsTables {
  static let claims = Table(
    "claims",
    columns: [
      .text("claim_id"), .text("status"), .text("policy_id", nullable: true), .text("member_id", nullable: true),
      .text("provider_id"), .text("received_on"), .integer("charge_cents"), .integer("allowed_cents"),
      .integer("paid_cents"), .integer("patient_cents"), .text("denial_reason", nullable: true),
      .text("adjudicated_on", nullable: true),
      .text("paid_on", nullable: true), .text("payout_id", nullable: true), .integer("days_to_payout", nullable: true),
    ],
    key: ["claim_id"], indexes: [.on("policy_id"), .on("status"), .on("payout_id")],
    checks: [
      .oneOf("status", Status.allCases.map(\.rawValue)), .nonNegative("charge_cents"), .nonNegative("allowed_cents"),
      .nonNegative("paid_cents"), .nonNegative("patient_cents"),
    ])

  /// What was approved, so that the same service is not approved again. A denied line leaves no trace here: it may be
  /// corrected and sent again.
  static let services = Table(
    "approved_services", columns: [.text("claim_id"), .integer("line"), .text("fingerprint")],
    key: ["claim_id", "line"], indexes: [.unique("fingerprint")])

  static let coverages = Table(
    "coverages",
    columns: [
      .text("policy_id"), .text("policy_number"), .text("effective_date"), .text("end_date", nullable: true),
      .integer("version"),
    ],
    key: ["policy_id"])

  static let members = Table(
    "coverage_members",
    columns: [
      .text("policy_id"), .integer("position"), .text("member_id"), .text("relationship"), .text("member_number"),
      .text("birth_date", nullable: true), .text("given_name"), .text("start_date"), .text("end_date", nullable: true),
    ],
    key: ["policy_id", "position"], indexes: [.on("member_number")])

  static let accumulators = Table(
    "accumulators",
    columns: [
      .text("policy_id"), .integer("benefit_year"), .text("member_id"), .integer("deductible_cents"),
      .integer("out_of_pocket_cents"),
    ],
    key: ["policy_id", "benefit_year", "member_id"],
    checks: [.nonNegative("deductible_cents"), .nonNegative("out_of_pocket_cents")])

  static let all = [claims, services, coverages, members, accumulators]

  /// A claim's status as rows have it.
  enum Status: String, CaseIterable {
    case pended, approved, denied, paid
  }
}

extension Claim {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let filed = state.filed else { return [] }
    switch recorded.event {
    case .filed:
      // Its answer follows in the same commit and makes the row.
      return []
    case .pended:
      return [row(filed, nil, .pended)]
    case .approved(let decision):
      return [row(filed, decision, .approved)] + services(filed, decision)
    case .denied(let decision):
      return [row(filed, decision, .denied)]
    case .paid(let payout):
      return [
        .set(
          ClaimsTables.claims, key: [.text(filed.id.description)],
          [
            ("status", .text(ClaimsTables.Status.paid.rawValue)), ("paid_on", .text(payout.on.description)),
            ("payout_id", .text(payout.id.description)),
            ("days_to_payout", .integer(Int64(filed.claim.receivedOn.days(until: payout.on)))),
          ])
      ]
    }
  }

  private static func row(_ filed: Filed, _ decision: Decision?, _ status: ClaimsTables.Status) -> RowChange {
    let judgement = decision?.judgement
    return .put(
      ClaimsTables.claims,
      [
        .text(filed.id.description), .text(status.rawValue), Value(filed.insured?.policy.description),
        Value(filed.insured?.member.description), .text(filed.claim.provider.description),
        .text(filed.claim.receivedOn.description), .integer(filed.claim.charge.cents),
        .integer(judgement?.allowed.cents ?? 0), .integer(judgement?.paid.cents ?? 0),
        .integer(judgement?.patient.cents ?? 0), Value(judgement?.denialReason),
        Value(decision?.on.description), .null, .null, .null,
      ])
  }

  private static func services(_ filed: Filed, _ decision: Decision) -> [RowChange] {
    guard let member = filed.insured?.member else { return [] }
    return zip(filed.claim.lines, decision.judgement.lines).compactMap { line, judged in
      guard !judged.isDenied else { return nil }
      return .put(
        ClaimsTables.services,
        [
          .text(filed.id.description), .integer(Int64(line.number)),
          .text(filed.claim.fingerprint(of: line, member: member)),
        ])
    }
  }
}

extension Coverage {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    switch recorded.event {
    case .covered(let insurance, let replacing), .ended(let insurance, let replacing):
      var changes = [
        RowChange.put(
          ClaimsTables.coverages,
          [
            .text(insurance.policy.description), .text(insurance.number), .text(insurance.effective.description),
            Value(insurance.end?.description), .integer(insurance.version),
          ])
      ]
      for (position, member) in insurance.members.enumerated() {
        let span = insurance.span(of: member)
        changes.append(
          .put(
            ClaimsTables.members,
            [
              .text(insurance.policy.description), .integer(Int64(position)), .text(member.id.description),
              .text(member.relationship), .text(member.number), Value(member.birthDate?.description),
              .text(member.givenName), .text(span.start.description), Value(span.end?.description),
            ]))
      }
      for position in insurance.members.count..<max(insurance.members.count, replacing) {
        changes.append(
          .delete(ClaimsTables.members, key: [.text(insurance.policy.description), .integer(Int64(position))]))
      }
      return changes
    case .pended:
      return []
    }
  }
}
