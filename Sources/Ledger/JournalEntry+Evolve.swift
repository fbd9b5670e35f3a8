// Events to state.

extension Journal {
  package static func evolve(_ state: State, with event: Event) -> State {
    switch (event, state) {
    case (.entryPosted(let entry), .blank):
      precondition(entry.debit == entry.credit, "\(entry.cause.entryID) does not balance")
      return .posted(for: entry.cause)
    case (.entryPosted(let entry), .posted):
      preconditionFailure("\(entry.cause.entryID) was posted twice")
    }
  }
}
