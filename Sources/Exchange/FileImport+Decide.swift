// Commands to events, events to state.

import Kernel

extension FileImport {
  package static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch (command, state) {
    case (.receive(let facts), .none):
      return [.received(facts)]
    case (.receive, .open):
      return []
    case (.receive, .done(let facts, _, let at)):
      throw .duplicate(name: facts.name, on: at.date)

    case (_, .none):
      throw .unknown
    case (_, .done(_, let progress, _)):
      throw .overtaken(at: progress.cursor)

    case (.apply(let from, let to, let outcomes), .open(_, let progress)):
      guard progress.cursor == from else { throw .overtaken(at: progress.cursor) }
      return [.applied(to: to, outcomes)]
    case (.acknowledge(let part, let text), .open(_, let progress)):
      return part < progress.acknowledgementParts ? [] : [.acknowledged(part: part, text: text)]
    case (.finish(let at), .open):
      return [.finished(at: at)]
    }
  }

  package static func evolve(_ state: State, with event: Event) -> State {
    switch (state, event) {
    case (.none, .received(let facts)):
      return .open(facts, Progress())
    case (.open(let facts, var progress), .applied(let cursor, let outcomes)):
      progress.cursor = cursor
      for outcome in outcomes {
        switch outcome.result {
        case .accepted: progress.accepted += 1
        case .refused: progress.refused += 1
        }
      }
      return .open(facts, progress)
    case (.open(let facts, var progress), .acknowledged(let part, _)):
      progress.acknowledgementParts = part + 1
      return .open(facts, progress)
    case (.open(let facts, let progress), .finished(let at)):
      return .done(facts, progress, at: at)
    case (.none, _), (.open, .received), (.done, _):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }
}
