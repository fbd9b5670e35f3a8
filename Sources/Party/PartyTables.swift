// Parties and the crosswalk as rows.

import Kernel
package import Runtime

enum PartyTables {
  /// Names are searched in small letters, whatever they are written in.
  static let parties = Table(
    "parties",
    columns: [
      .text("party_id"), .text("kind"), .text("family_name"), .text("given_name"), .text("organisation_name"),
      .text("birth_date", nullable: true), .text("family_key"), .text("given_key"),
    ],
    key: ["party_id"], indexes: [.on("kind"), .on("family_key", "given_key")],
    checks: [.oneOf("kind", Party.Kind.allCases.map(\.rawValue))])

  /// An outside identifier means one party.
  static let crosswalk = Table(
    "crosswalk", columns: [.text("party_id"), .text("system"), .text("kind"), .text("value")],
    key: ["party_id", "system", "kind", "value"], indexes: [.unique("system", "kind", "value")])
}

extension Party {
  package static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    let id = recorded.stream.rawValue
    switch recorded.event {
    case .registered(let details, let identifiers):
      return [row(id, details)] + identifiers.map { link(id, $0) }
    case .changed(let details, _):
      return [row(id, details)]
    case .linked(let identifiers):
      return identifiers.map { link(id, $0) }
    }
  }

  private static func row(_ id: String, _ details: Details) -> RowChange {
    .put(
      PartyTables.parties,
      [
        .text(id), .text(details.kind.rawValue), .text(details.familyName), .text(details.givenName),
        .text(details.organisationName), Value(details.birthDate?.description),
        .text(details.familyName.lowercased()), .text(details.givenName.lowercased()),
      ])
  }

  private static func link(_ id: String, _ identifier: OutsideIdentifier) -> RowChange {
    .put(
      PartyTables.crosswalk, [.text(id), .text(identifier.system), .text(identifier.kind), .text(identifier.value)])
  }
}
