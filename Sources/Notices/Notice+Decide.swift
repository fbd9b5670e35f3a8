// Commands to events.

extension Notice {
  /// An event read again sends nothing more.
  package static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch (command, state) {
    case (.send(let notice), .unsent):
      guard !notice.letter.policyID.isEmpty else {
        throw .noPolicy(notice.letter.template, eventID: notice.eventID)
      }
      return [.noticeSent(notice)]
    case (.send(let notice), .sent(let first)):
      guard first.eventID == notice.eventID else { throw .placeTaken(by: first.eventID, wanted: notice.eventID) }
      return []
    }
  }
}
