import Kernel

extension Payment {
  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch (event, state.status) {
    case (.requested(let order, let at), .requested):
      precondition(state.order == nil, "\(order.paymentID) is requested twice")
      state.order = order
      state.askAt = at
    case (.submitted(let at), .requested):
      state.status = .submitted
      state.askAt = at
    case (.unanswered(let at), .submitted):
      state.askAt = at.adding(seconds: Silence.seconds(after: state.silences))
      state.silences += 1
    case (.posted, .submitted):
      state.status = .posted
      state.askAt = nil
    case (.declined, .submitted), (.withdrawn, .requested):
      state.status = .failed
      state.askAt = nil
    case (.requested, _), (.submitted, _), (.unanswered, _), (.posted, _), (.declined, _), (.withdrawn, _):
      preconditionFailure("history is corrupt: \(name(of: event)) while \(state.status)")
    }
    return state
  }
}

/// How long to leave a gateway that did not answer: a quarter of an hour, doubled each time, at most 16 hours.
enum Silence {
  static func seconds(after silences: Int) -> Int64 { 900 << Int64(min(silences, 6)) }
}
