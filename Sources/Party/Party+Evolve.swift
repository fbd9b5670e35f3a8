// Events to state.

extension Party {
  package static func evolve(_ state: State, with event: Event) -> State {
    switch (state, event) {
    case (.nobody, .registered(let details, let identifiers)):
      .registered(details, identifiers: identifiers, version: 1)
    case (.registered(_, let identifiers, let version), .changed(let details, _)):
      .registered(details, identifiers: identifiers, version: version + 1)
    case (.registered(let details, let identifiers, let version), .linked(let new)):
      .registered(details, identifiers: identifiers + new, version: version + 1)
    case (.nobody, .changed), (.nobody, .linked), (.registered, .registered):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }
}
