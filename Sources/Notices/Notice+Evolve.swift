// Events to state.

extension Notice {
  package static func evolve(_ state: State, with event: Event) -> State {
    switch (event, state) {
    case (.noticeSent(let notice), .unsent): return .sent(notice)
    case (.noticeSent(let notice), .sent): preconditionFailure("the notice of \(notice.eventID) was sent twice")
    }
  }
}
