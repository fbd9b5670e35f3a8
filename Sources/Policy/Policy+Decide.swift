// Commands to events. The table of stages says what may be asked at all; what is left here is what each command asks
// of the facts.

import Kernel

extension Policy {
  /// What has come into effect up to the day of the command is taken note of first.
  package static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    var (events, state) = ([Event](), state)
    if let today = command.today, command.move != .moveOn {
      while let due = state.nextChange, due <= today {
        let event = try moveOn(state, to: today)
        state = evolve(state, with: event)
        events.append(event)
      }
    }
    return events + (try decide(command, asOfToday: state))
  }

  private static func decide(_ command: Command, asOfToday state: State) throws(Refusal) -> [Event] {
    guard allows(command.move, in: state.stage) else { throw refusal(of: command.move, in: state) }
    switch state {
    case .none:
      return try decide(first: command)
    case .applied(let terms), .pendingPayment(let terms, _):
      return try decide(command, before: terms)
    case .active(let held), .paused(let held), .terminated(let held):
      return try decide(command, of: held)
    case .cancelled, .voided:
      preconditionFailure("the table of stages lets nothing be asked of what never was")
    }
  }

  private static func decide(first command: Command) throws(Refusal) -> [Event] {
    guard case .apply(let terms) = command else { preconditionFailure("\(command.move) is not the first") }
    try check(terms)
    return [.applied(terms)]
  }

  private static func decide(_ command: Command, before terms: Terms) throws(Refusal) -> [Event] {
    switch command {
    case .bind(let today):
      // Behind an application that nobody took up lie months that nobody may be covered for by now.
      let limit = LifecycleRules.shipped.figure(.retroactiveEnrollmentLimit, state: terms.state, on: today)
      let earliest = today.adding(days: -limit.value)
      guard terms.effectiveDate >= earliest else {
        throw .tooFarBack(terms.effectiveDate, earliest: earliest, rule: limit.reference)
      }
      return [.bound(on: today)]
    case .issue(let today, let waiver): return [.issued(on: today, waiver: waiver)]
    case .terminate(let end, _): return [.cancelled(End(on: terms.effectiveDate, reason: end.reason))]
    case .apply, .endorse, .pause, .resume, .renew, .declineRenewal, .giveBack, .noticeRescission, .rescind,
      .reinstate, .moveOn:
      preconditionFailure("\(command.move) is not asked of a policy that is not in force")
    }
  }

  private static func decide(_ command: Command, of held: InForce) throws(Refusal) -> [Event] {
    switch command {
    case .endorse(let wish, let rates, let today):
      try endorse(wish, rates, of: held, on: today)
    case .pause(let from, let until, let reason, let today):
      try pause(from: from, until: until, reason, of: held, on: today)
    case .resume(let from, let reason, let today):
      try resume(from: from, reason: reason, of: held, on: today)
    case .renew(let plan, let addOns, let rates, let reason, let today):
      try renew(plan: plan, addOns, rates, reason: reason, of: held, on: today)
    case .declineRenewal(let reason, let today):
      try declineRenewal(of: held, reason: reason, on: today)
    case .terminate(let end, let today):
      try terminate(end, of: held, on: today)
    case .giveBack(let reason, let today):
      try giveBack(held, reason: reason, on: today)
    case .noticeRescission(let reason, let today):
      try noticeRescission(for: reason, of: held, on: today)
    case .rescind(let reason, let today):
      try rescind(held, reason: reason, on: today)
    case .reinstate(let reason, let today):
      try reinstate(held, reason: reason, on: today)
    case .moveOn(let today):
      [try moveOn(held, to: today)]
    case .apply, .bind, .issue:
      preconditionFailure("\(command.move) is not asked of a policy in force")
    }
  }

  /// Why a command may not be given in a stage.
  private static func refusal(of move: Move, in state: State) -> Refusal {
    if move == .apply { return .alreadyApplied }
    switch state {
    case .none: return .unknown
    case .cancelled: return .cancelled
    case .voided: return .voided
    case .applied, .pendingPayment, .active, .paused, .terminated: break
    }
    switch move {
    case .apply: return .alreadyApplied
    case .bind: return .notApplied(status: state.status)
    case .issue: return .notPendingPayment(status: state.status)
    case .pause, .declineRenewal, .terminate, .renew, .moveOn, .endorse:
      if let end = state.end { return .alreadyEnding(on: end.on) }
      return move == .pause && state.stage == .paused ? .alreadyPaused : .notInForce(status: state.status)
    case .resume: return .notPaused
    case .reinstate: return .notEnding
    case .giveBack, .noticeRescission, .rescind:
      return .notInForce(status: state.status)
    }
  }

  private static func moveOn(_ state: State, to today: CalendarDate) throws(Refusal) -> Event {
    guard let held = state.held else { throw .nothingDue(next: nil) }
    return try moveOn(held, to: today)
  }

  private static func check(_ terms: Terms) throws(Refusal) {
    let subscribers = terms.members.count { $0.person.relationship == .subscriber }
    guard subscribers == 1 else { throw .notOneSubscriber(subscribers) }
    if terms.channel == .exchange, terms.paymentSchedule?.mode == .arrears { throw .binderNeeded }
    var seen: Set<String> = []
    for member in terms.members where !seen.insert(member.person.partyID).inserted {
      throw .memberTwice(member.person.partyID)
    }
    for segment in terms.rates.segments {
      try segment.value.checkKinds()
      let credit = terms.taxCredits.value(on: segment.start)
      if credit.isNegative { throw .negativeSubsidy }
      guard credit.isZero || credit.currency == segment.value.gross.currency else {
        throw .otherCurrency(credit.currency.code, premium: segment.value.gross.currency.code)
      }
    }
  }
}
