import Kernel

extension Payout {
  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch (event, state.stage) {
    case (.opened(let payee), .gathering):
      precondition(state.payee == nil, "\(payee.payoutID) is opened twice")
      state.payee = payee
      state.dueAt = Instant(date: payee.day.nextBusinessDay)
    case (.added(let payable), .gathering):
      state.payables.append(payable)
    case (.submitted(let at), .gathering), (.submitted(let at), .declined):
      state.stage = .submitted
      state.silences = 0
      state.dueAt = at
    case (.unanswered(let at), .submitted):
      state.dueAt = at.adding(seconds: Silence.seconds(after: state.silences))
      state.silences += 1
    case (.posted, .submitted):
      state.stage = .posted
      state.dueAt = nil
    case (.declined(_, let on), .submitted):
      state.stage = .declined
      state.declines += 1
      state.dueAt = Instant(date: on.nextBusinessDay)
    case (.opened, _), (.added, _), (.submitted, _), (.unanswered, _), (.posted, _), (.declined, _):
      preconditionFailure("history is corrupt: \(name(of: event)) while \(state.stage)")
    }
    return state
  }
}
