// Commands to events.

import Kernel

extension Policy {
  package static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch (command, state) {
    case (.apply(let terms), .none):
      try check(terms)
      return [.applied(terms)]
    case (.apply, _):
      throw .alreadyApplied

    case (_, .none):
      throw .unknown
    case (_, .cancelled):
      throw .cancelled

    case (.bind(let today), .applied):
      return [.bound(on: today)]
    case (.bind, .pendingPayment), (.bind, .active), (.bind, .terminated):
      throw .notApplied(status: state.status)

    case (.issue(let today, let waiver), .pendingPayment):
      return [.issued(on: today, waiver: waiver)]
    case (.issue, .applied), (.issue, .active), (.issue, .terminated):
      throw .notPendingPayment(status: state.status)

    case (.terminate(let end, let today), .active(let terms, _, nil)):
      guard end.on > terms.effectiveDate else { throw .endNotAfterStart(end: end.on, start: terms.effectiveDate) }
      return [.terminated(end, ended: end.on <= today)]
    case (.terminate(let end, _), .applied(let terms)), (.terminate(let end, _), .pendingPayment(let terms, _)):
      return [.cancelled(End(on: terms.effectiveDate, reason: end.reason))]
    case (.terminate, .active(_, _, let ending?)):
      throw .alreadyEnding(on: ending.on)
    case (.terminate, .terminated(_, _, let end)):
      throw .alreadyEnding(on: end.on)

    case (.end(let today), .active(_, _, let ending?)):
      guard ending.on <= today else { throw .notOver(until: ending.on) }
      return [.ended]
    case (.end, .terminated(_, _, let end)):
      throw .alreadyEnding(on: end.on)
    case (.end, .applied), (.end, .pendingPayment), (.end, .active(_, _, nil)):
      throw .notPendingPayment(status: state.status)
    }
  }

  private static func check(_ terms: Terms) throws(Refusal) {
    let subscribers = terms.members.count { $0.relationship == .subscriber }
    guard subscribers == 1 else { throw .notOneSubscriber(subscribers) }
    var seen: Set<String> = []
    for member in terms.members where !seen.insert(member.partyID).inserted { throw .memberTwice(member.partyID) }
    for segment in terms.premium.segments where segment.value.aptc > segment.value.gross {
      throw .subsidyAbovePremium(aptc: segment.value.aptc, gross: segment.value.gross)
    }
  }
}
