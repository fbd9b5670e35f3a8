// Events to state.

import Kernel

extension Policy {
  package static func evolve(_ state: State, with event: Event) -> State {
    switch (state, event) {
    case (.none, .applied(let terms)):
      .applied(terms)
    case (.applied(let terms), .bound(let date)):
      .pendingPayment(terms, boundOn: date)
    case (.pendingPayment(let terms, _), .issued(let date, _)):
      .active(terms, issuedOn: date, ending: nil)
    case (.active(let terms, let issued, nil), .terminated(let end, let ended)):
      ended
        ? .terminated(terms.cut(at: end), issuedOn: issued, end)
        : .active(terms.cut(at: end), issuedOn: issued, ending: end)
    case (.active(let terms, let issued, let ending?), .ended):
      .terminated(terms, issuedOn: issued, ending)
    case (.applied(let terms), .cancelled(let end)), (.pendingPayment(let terms, _), .cancelled(let end)):
      .cancelled(terms.cut(at: end), end)
    case (.none, _), (.applied, _), (.pendingPayment, _), (.active, _), (.terminated, _), (.cancelled, _):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }
}

extension Policy.Terms {
  /// The terms with nothing charged from the end on.
  fileprivate func cut(at end: Policy.End) -> Self {
    var terms = self
    terms.premium.clear(from: end.on)
    return terms
  }
}
