// Commands to events.

extension Party {
  package static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch (command, state) {
    case (.register(let details, let identifiers), .nobody):
      try check(details)
      return [.registered(details, identifiers: try bounded(identifiers))]
    case (.register, .registered):
      throw .alreadyRegistered

    case (.change, .nobody), (.link, .nobody):
      throw .unknown

    case (.change(let details), .registered(let known, _, _)):
      guard details.kind == known.kind else { throw .kindChanges(from: known.kind, to: details.kind) }
      try check(details)
      let fields = known.fields(changedIn: details)
      return fields.isEmpty ? [] : [.changed(details, fields: fields)]

    case (.link(let identifiers), .registered(_, let known, _)):
      let new = identifiers.filter { !known.contains($0) }
      if new.isEmpty { return [] }
      _ = try bounded(known + new)
      return [.linked(new)]
    }
  }

  private static func check(_ details: Details) throws(Refusal) {
    switch details.kind {
    case .person: if details.familyName.isEmpty { throw .nameless }
    case .organisation, .provider: if details.organisationName.isEmpty && details.familyName.isEmpty { throw .nameless }
    }
  }

  private static func bounded(_ identifiers: [OutsideIdentifier]) throws(Refusal) -> [OutsideIdentifier] {
    guard identifiers.count <= mostIdentifiers else { throw .tooManyIdentifiers(identifiers.count) }
    return identifiers
  }
}

extension Party.Details {
  /// The names of the fields in which the other differs.
  fileprivate func fields(changedIn other: Self) -> [String] {
    var fields: [String] = []
    if familyName != other.familyName { fields.append("family_name") }
    if givenName != other.givenName { fields.append("given_name") }
    if middleName != other.middleName { fields.append("middle_name") }
    if organisationName != other.organisationName { fields.append("organisation_name") }
    if birthDate != other.birthDate { fields.append("birth_date") }
    if sex != other.sex { fields.append("sex") }
    if address != other.address { fields.append("address") }
    if email != other.email { fields.append("email") }
    if phone != other.phone { fields.append("phone") }
    return fields
  }
}
