// Commands to events.

extension Journal {
  /// An event read again posts nothing more.
  package static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch (command, state) {
    case (.post(let entry), .blank):
      guard entry.debit == entry.credit else {
        throw .unbalanced(entry.cause, debit: entry.debit, credit: entry.credit)
      }
      return [.entryPosted(entry)]
    case (.post(let entry), .posted(let cause)):
      guard cause == entry.cause else { throw .placeTaken(by: cause, wanted: entry.cause) }
      return []
    }
  }
}
