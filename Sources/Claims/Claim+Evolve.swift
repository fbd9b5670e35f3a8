// Events to state.

extension Claim {
  static func evolve(_ state: State, with event: Event) -> State {
    switch (state, event) {
    case (.unfiled, .filed(let filed)): return .filed(filed)
    case (.filed(let filed), .approved(let decision)): return .approved(filed, decision)
    case (.filed(let filed), .denied(let decision)): return .denied(filed, decision)
    case (.approved(let filed, let decision), .paid(let payout)): return .paid(filed, decision, payout)
    case (.unfiled, _), (.filed, _), (.approved, _), (.denied, _), (.paid, _):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }
}

extension Claim.State {
  /// The claim as filed; nil before.
  var filed: Claim.Filed? {
    switch self {
    case .unfiled: nil
    case .filed(let filed), .approved(let filed, _), .denied(let filed, _), .paid(let filed, _, _): filed
    }
  }

  /// The answer to it; nil before.
  var decision: Claim.Decision? {
    switch self {
    case .unfiled, .filed: nil
    case .approved(_, let decision), .denied(_, let decision), .paid(_, let decision, _): decision
    }
  }

  var payout: Claim.Payout? {
    switch self {
    case .unfiled, .filed, .approved, .denied: nil
    case .paid(_, _, let payout): payout
    }
  }

  /// How many events lead here: there is one way to each state.
  var version: Int64 {
    switch self {
    case .unfiled: 0
    case .filed: 1
    case .approved, .denied: 2
    case .paid: 3
    }
  }
}
