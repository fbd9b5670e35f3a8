// Policies and quotes as rows.

import Kernel
package import Runtime

enum PolicyTables {
  static let policies = Table(
    "policies",
    columns: [
      .text("policy_id"), .text("number"), .text("state"), .integer("level"), .text("plan_id"), .text("status"),
      .text("subscriber_id"), .text("effective_date"), .text("end_date", nullable: true), .text("quoted_on"),
      .text("bound_on", nullable: true), .text("issued_on", nullable: true),
      .integer("days_to_issue", nullable: true), .integer("by_hand"),
    ],
    key: ["policy_id"], indexes: [.unique("number"), .on("state"), .on("status")],
    checks: [
      .oneOf(
        "status", ["applied", "pending_payment", "active", "paused", "terminated", "cancelled", "voided"])
    ])

  /// What members are found by: their `party`, and the `number` on their card in capitals. A row stays when a member
  /// leaves.
  static let members = Table(
    "policy_members", columns: [.text("policy_id"), .text("kind"), .text("value")],
    key: ["policy_id", "kind", "value"], indexes: [.on("kind", "value")],
    checks: [.oneOf("kind", MemberKey.allCases.map(\.rawValue))])

  enum MemberKey: String, CaseIterable { case party, number }

  /// Another system's name for a policy means one policy.
  static let identifiers = Table(
    "policy_identifiers", columns: [.text("policy_id"), .text("system"), .text("kind"), .text("value")],
    key: ["policy_id", "system", "kind", "value"], indexes: [.unique("system", "kind", "value")])
}

extension Policy {
  package static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    let key = [Value.text(recorded.stream.rawValue)]
    func set(_ changes: [(column: String, value: Value)]) -> [RowChange] {
      [.set(PolicyTables.policies, key: key, [("status", .text(state.status))] + changes)]
    }
    switch recorded.event {
    case .applied(let terms):
      return [row(recorded.stream.rawValue, terms, state)] + members(key, state)
        + terms.identifiers.map { identifier in
          .put(
            PolicyTables.identifiers,
            key + [.text(identifier.system), .text(identifier.kind), .text(identifier.value)])
        }
    case .bound(let date):
      return set([("bound_on", .text(date.description))])
    case .issued(let date, let waiver):
      let days = (state.terms?.quotedOn).map { Int64($0.days(until: date)) }
      return set([
        ("issued_on", .text(date.description)), ("days_to_issue", Value(days)), ("by_hand", waiver == nil ? 0 : 1),
      ])
    case .cancelled, .terminated, .returned, .rescinded, .reinstated:
      return set([("end_date", Value(state.end?.on.description))])
    case .endorsed:
      return set([("plan_id", .text(state.rate?.planID ?? "")), ("level", .integer(Int64(state.rate?.level ?? 0)))])
        + members(key, state)
    case .paused, .resumed, .renewed, .tookEffect:
      return set([("plan_id", .text(state.rate?.planID ?? "")), ("level", .integer(Int64(state.rate?.level ?? 0)))])
    case .rescissionNoticed, .ended:
      return set([])
    }
  }

  private static func members(_ policy: [Value], _ state: State) -> [RowChange] {
    var found: Set<[Value]> = []
    var rows: [RowChange] = []
    for person in (state.terms?.members ?? []).map(\.person) {
      let keys: [(kind: PolicyTables.MemberKey, value: String)] = [
        (.party, person.partyID), (.number, person.number.uppercased()),
      ]
      for key in keys where !key.value.isEmpty {
        let row = policy + [.text(key.kind.rawValue), .text(key.value)]
        // One number often stands for all of a family.
        if found.insert(row).inserted { rows.append(.put(PolicyTables.members, row)) }
      }
    }
    return rows
  }

  private static func row(_ id: String, _ terms: Terms, _ state: State) -> RowChange {
    .put(
      PolicyTables.policies,
      [
        .text(id), .text(terms.number), .text(terms.state), .integer(Int64(state.rate?.level ?? 0)),
        .text(state.rate?.planID ?? ""), .text(state.status), .text(terms.subscriber?.partyID ?? ""),
        .text(terms.effectiveDate.description), .null, .text(terms.quotedOn.description), .null, .null, .null, 0,
      ])
  }
}
