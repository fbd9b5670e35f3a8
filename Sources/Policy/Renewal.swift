// Another term: the same people under next year's plan and rates. Terms begin on January 1, as the benefit year does.

package import Kernel

extension Policy {
  package struct Renewal: Hashable, Sendable, Codable {
    /// The first day of the term.
    package let from: CalendarDate
    package var plan: String
    package let reason: String
    package let rules: [String]
    /// All others that are held go on.
    package var addOns: [AddOnRenewal] = []
  }

  /// The days on which the next term may be decided, and its first day.
  package struct RenewalWindow: Hashable, Sendable {
    package let term: CalendarDate
    package let opens: CalendarDate
    package let closes: CalendarDate
    package let rules: [String]

    package init(of terms: Terms, on today: CalendarDate) {
      term = today.adding(months: 13 - today.month).firstOfMonth
      let rules = LifecycleRules.shipped
      let first = rules.figure(.renewalOpens, state: terms.state, on: today)
      let last = rules.figure(.renewalCloses, state: terms.state, on: today)
      opens = term.adding(days: -first.value)
      closes = term.adding(days: -last.value)
      self.rules = [last.reference, first.reference]
    }
  }

  static func renew(
    plan: String, _ addOns: [AddOnRenewal], _ rates: [RatedSpan], reason: String, of held: InForce,
    on today: CalendarDate
  ) throws(Refusal) -> [Event] {
    let renewal = try renewal(of: held, plan: plan, addOns, reason: reason, on: today)
    var terms = held.terms
    terms.make(renewal)
    try terms.price(rates, from: renewal.from)
    return [.renewed(renewal, rates: rates, on: today)]
  }

  /// The renewal that would be decided today.
  package static func renewal(
    of held: InForce, plan: String, _ addOns: [AddOnRenewal] = [], reason: String, on today: CalendarDate
  ) throws(Refusal) -> Renewal {
    let window = RenewalWindow(of: held.terms, on: today)
    if let end = held.ending { throw .alreadyEnding(on: end.on) }
    guard !held.terms.termStarts.contains(window.term) else { throw .alreadyRenewed(from: window.term) }
    guard window.opens <= today, today <= window.closes else {
      throw .outsideRenewal(opens: window.opens, closes: window.closes, rules: window.rules)
    }
    return Renewal(from: window.term, plan: plan, reason: reason, rules: window.rules, addOns: addOns)
  }

  /// The policy then ends with its term; that may be said until the term is over.
  static func declineRenewal(
    of held: InForce, reason: String, on today: CalendarDate
  ) throws(Refusal) -> [Event] {
    if let end = held.ending { throw .alreadyEnding(on: end.on) }
    let window = RenewalWindow(of: held.terms, on: today)
    guard today >= window.opens else {
      throw .outsideRenewal(opens: window.opens, closes: window.term, rules: window.rules)
    }
    let end = End(on: window.term, reason: .notRenewed, note: reason)
    return [.terminated(end, ended: false, rules: window.rules, on: today)]
  }
}

extension Policy.Terms {
  /// The plan of a day is kept unless the renewal names another: a choice that was made for later stands.
  package mutating func make(_ renewal: Policy.Renewal) {
    termStarts.append(renewal.from)
    if plans.value(on: renewal.from) != renewal.plan { plans.set(renewal.plan, from: renewal.from) }
    for addOn in renewal.addOns {
      drop(addOn: addOn.planID, from: renewal.from)
      if let next = addOn.next { take(addOn: next, from: renewal.from) }
    }
    note(rules: renewal.rules)
  }
}
