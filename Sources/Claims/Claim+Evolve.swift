// Events to state.

extension Claim {
  static func evolve(_ state: State, with event: Event) -> State {
    switch (state, event) {
    case (.unfiled, .filed(let filed)): return .filed(filed)
    case (.filed(var filed), .pended(let day)):
      filed.pendedOn = day
      return .pended(filed)
    case (.filed(let filed), .approved(let decision)), (.pended(let filed), .approved(let decision)):
      return .approved(filed, decision)
    case (.filed(let filed), .denied(let decision)), (.pended(let filed), .denied(let decision)):
      return .denied(filed, decision)
    case (.approved(let filed, let decision), .paid(let payout)): return .paid(filed, decision, payout)
    case (.unfiled, _), (.filed, _), (.pended, _), (.approved, _), (.denied, _), (.paid, _):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }
}

extension Claim.State {
  /// The claim as filed; nil before.
  var filed: Claim.Filed? {
    switch self {
    case .unfiled: nil
    case .filed(let filed), .pended(let filed), .approved(let filed, _), .denied(let filed, _),
      .paid(let filed, _, _):
      filed
    }
  }

  /// The answer to it; nil before.
  var decision: Claim.Decision? {
    switch self {
    case .unfiled, .filed, .pended: nil
    case .approved(_, let decision), .denied(_, let decision), .paid(_, let decision, _): decision
    }
  }

  var payout: Claim.Payout? {
    switch self {
    case .unfiled, .filed, .pended, .approved, .denied: nil
    case .paid(_, _, let payout): payout
    }
  }

  /// How many events lead here: there is one way to each state, and one more event for a claim that waited.
  var version: Int64 {
    let waited: Int64 = filed?.pendedOn == nil ? 0 : 1
    return switch self {
    case .unfiled: 0
    case .filed, .pended: 1 + waited
    case .approved, .denied: 2 + waited
    case .paid: 3 + waited
    }
  }
}
