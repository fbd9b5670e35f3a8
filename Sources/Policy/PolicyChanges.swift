// The rules of what happens to a policy in force: endorsements, ends, returns, rescissions and reinstatements.

import Kernel

extension Policy {
  static func endorse(
    _ wish: Wish, _ rates: [RatedSpan], of held: InForce, on today: CalendarDate
  ) throws(Refusal) -> [Event] {
    let endorsement = try Endorsement(wish, of: held, on: today)
    if held.terms.losesSubscriber(by: wish) {
      return try terminate(End(on: endorsement.effective, reason: .death), of: held, on: today)
    }
    var terms = held.terms
    try terms.check(endorsement)
    terms.make(endorsement)
    if wish.change.reprices { try terms.price(rates, from: endorsement.effective) }
    if case .adoptRates = wish.change, terms.premium(until: held.ending?.on) == held.premium { throw .nothingChanges }
    return [.endorsed(endorsement, rates: wish.change.reprices ? rates : [], on: today)]
  }

  /// A policy that is to end already may end sooner.
  static func terminate(_ end: End, of held: InForce, on today: CalendarDate) throws(Refusal) -> [Event] {
    let start = held.terms.effectiveDate
    if let ending = held.ending, end.on >= ending.on { throw .alreadyEnding(on: ending.on) }
    guard end.on > start else { throw .endNotAfterStart(end: end.on, start: start) }
    let rules = try rules(allowing: end, of: held.terms, on: today)
    return [.terminated(end, ended: end.on <= today, rules: rules, on: today)]
  }

  /// The rules by which a policy may end on that day.
  ///
  /// - Throws: the one that forbids it.
  private static func rules(
    allowing end: End, of terms: Terms, on today: CalendarDate
  ) throws(Refusal) -> [String] {
    let rules = LifecycleRules.shipped
    let back: LifecycleRules.Name
    switch end.reason {
    // The days of grace are Billing's, and so is the day that follows from them.
    case .nonPayment: return []
    case .voluntary: back = .retroactiveEndLimit
    case .moved: back = .retroactiveLimit
    case .exchange:
      guard terms.channel != .direct else { throw .noExchange(terms.channel) }
      back = .retroactiveExchangeEndLimit
    case .death:
      let death = end.on.adding(days: -1)
      guard death <= today else { throw .eventToCome(.death, on: death) }
      back = .retroactiveDeathLimit
    case .notRenewed, .freeLook, .fraud, .misrepresentation:
      preconditionFailure("\(end.reason) is no reason to terminate")
    }
    let limit = rules.figure(back, state: terms.state, on: today)
    let earliest = today.adding(days: -limit.value)
    guard end.on >= earliest else { throw .endTooFarBack(end.on, earliest: earliest, rule: limit.reference) }
    let ahead = rules.figure(.advanceLimit, state: terms.state, on: today)
    let latest = today.adding(days: ahead.value)
    guard end.on <= latest else { throw .endTooFarAhead(end.on, latest: latest, rule: ahead.reference) }
    return [limit.reference, ahead.reference]
  }

  /// The law of the state gives the holder some days to look at the policy and give it back (45 CFR 155.430(b)(1)(i)).
  static func giveBack(_ held: InForce, reason: String, on today: CalendarDate) throws(Refusal) -> [Event] {
    let days = LifecycleRules.shipped.figure(.freeLook, state: held.terms.state, on: held.issuedOn)
    let last = held.issuedOn.adding(days: days.value)
    guard today <= last else { throw .freeLookOver(last: last, rule: days.reference) }
    return [.returned(reason: reason, rule: days.reference, on: today)]
  }

  static func noticeRescission(
    for reason: EndReason, of held: InForce, on today: CalendarDate
  ) throws(Refusal) -> [Event] {
    let days = LifecycleRules.shipped.figure(.rescissionNotice, state: held.terms.state, on: today)
    guard EndReason.ofRescission.contains(reason) else {
      throw .noGroundForRescission(reason, rule: days.reference)
    }
    if let notice = held.notice { throw .rescissionNoticed(on: notice.on) }
    let earliest = today.adding(days: days.value)
    return [
      .rescissionNoticed(RescissionNotice(on: today, reason: reason, earliest: earliest, rule: days.reference))
    ]
  }

  static func rescind(_ held: InForce, reason: String, on today: CalendarDate) throws(Refusal) -> [Event] {
    let days = LifecycleRules.shipped.figure(.rescissionNotice, state: held.terms.state, on: today)
    guard let notice = held.notice else { throw .noRescissionNotice(days: days.value, rule: days.reference) }
    guard today >= notice.earliest else { throw .rescissionTooEarly(from: notice.earliest, rule: notice.rule) }
    return [.rescinded(reason: reason, rule: notice.rule, on: today)]
  }

  /// The reason that takes back an end by death.
  package static let deathInError = "death_reported_in_error"

  static func reinstate(_ held: InForce, reason: String, on today: CalendarDate) throws(Refusal) -> [Event] {
    guard let end = held.ending else { throw .notEnding }
    guard end.reason != .death || reason == deathInError else { throw .endedByDeath(on: end.on) }
    let window = LifecycleRules.shipped.figure(.reinstatementWindow, state: held.terms.state, on: today)
    let last = end.on.adding(days: window.value)
    guard today <= last else { throw .tooLateToReinstate(last: last, rule: window.reference) }
    return [.reinstated(reason: reason, rule: window.reference, on: today)]
  }

  /// What is due first; the day's work asks again until nothing is.
  static func moveOn(_ held: InForce, to today: CalendarDate) throws(Refusal) -> Event {
    guard let due = held.nextChange, due <= today else {
      // The day's work records these before it asks; where it could not, the policy is parked with this reason.
      if let limit = held.ageLimit(dueOn: today) { throw .agesOut(limit.party, on: limit.end, rule: limit.rule) }
      throw .nothingDue(next: held.nextChange)
    }
    if let ending = held.ending, ending.on <= due { return .ended }
    if let pause = held.pause, pause.until == due, !pause.isCutShort {
      return .resumed(from: due, reason: "planned", on: due)
    }
    return .tookEffect(on: due)
  }
}
