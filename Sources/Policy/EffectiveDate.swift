// From when a change holds: the day that its reason gives it, and the window in which it may be asked for.

import Kernel

/// The day that a rule gives to a change; nil where the rule leaves it to who asks.
struct EffectiveDate {
  var date: CalendarDate?
  /// Such as "special_enrollment_window@1"; empty where none was needed.
  var rule = ""
  /// The rule that allows the change for its reason, where there is one.
  var allowedBy = ""

  /// - Throws: where the reason does not fit the change, or its window is closed.
  init(
    _ wish: Policy.Wish, of terms: Policy.Terms, on today: CalendarDate, _ rules: LifecycleRules
  ) throws(Policy.Refusal) {
    switch wish.change {
    case .addMember, .choosePlan:
      try self.init(enrolling: wish, of: terms, on: today, rules)
    case .removeMember(let party):
      try self.init(removing: party, wish, of: terms, on: today, rules)
    case .addAddOn:
      try self.init(changingAddOn: wish, of: terms, on: today, rules, .add)
    case .removeAddOn:
      try self.init(changingAddOn: wish, of: terms, on: today, rules, .remove)
    case .move:
      guard wish.reason == .moved || wish.reason == .exchange else { throw wish.misfit }
      self.init(date: wish.effective ?? (wish.event ?? today).firstOfNextMonth)
    case .grantTaxCredit:
      guard wish.reason == .exchange else { throw wish.misfit }
      self.init()
    case .adoptRates:
      try self.init(adoptingRates: wish, of: terms, on: today, rules)
    }
  }

  private init(date: CalendarDate? = nil, rule: String = "") {
    self.date = date
    self.rule = rule
  }

  /// Open enrolment, or a special enrolment period (45 CFR 155.420).
  private init(
    enrolling wish: Policy.Wish, of terms: Policy.Terms, on today: CalendarDate, _ rules: LifecycleRules
  ) throws(Policy.Refusal) {
    let window = rules.figure(.specialEnrollmentWindow, state: terms.state, on: today)
    func event(ahead: Int = 0) throws(Policy.Refusal) -> CalendarDate {
      guard let event = wish.event else { throw .eventMissing(wish.reason) }
      let days = event.days(until: today)
      guard days >= -ahead, days <= window.value else {
        throw .outsideWindow(wish.reason, event: event, today: today, rule: window.reference)
      }
      return event
    }
    switch wish.reason {
    case .birth, .adoption:
      self.init(date: try event(), rule: window.reference)
    case .marriage, .divorce, .moved:
      _ = try event()
      self.init(date: today.firstOfNextMonth, rule: window.reference)
    case .lossOfCoverage:
      let ahead = rules.figure(.lossOfCoverageAhead, state: terms.state, on: today)
      self.init(date: max(try event(ahead: ahead.value), today).firstOfNextMonth, rule: window.reference)
    case .openEnrollment:
      guard let period = rules.openEnrollment(on: today) else {
        throw .outsideWindow(.openEnrollment, event: nil, today: today, rule: rules.newestOpenEnrollment)
      }
      self.init(date: period.effective, rule: period.reference)
    case .exchange:
      self.init()
    case .death, .age, .request, .rateChange:
      throw wish.misfit
    }
  }

  /// As a plan is chosen, for the reasons that the rules give; dropping an add-on by request is as a member's leaving.
  private init(
    changingAddOn wish: Policy.Wish, of terms: Policy.Terms, on today: CalendarDate, _ rules: LifecycleRules,
    _ change: LifecycleRules.AddOnRule.Change
  ) throws(Policy.Refusal) {
    let rule = rules.addOn(change, on: today)
    guard rule.reasons.contains(wish.reason) else {
      throw .addOnReason(wish.reason, change: wish.change.word, allowed: rule.reasons, rule: rule.reference)
    }
    if wish.reason == .request {
      try self.init(onRequest: wish, on: today)
    } else {
      try self.init(enrolling: wish, of: terms, on: today, rules)
    }
    allowedBy = rule.reference
  }

  /// The first of the next month, or a day that is asked for; not back.
  private init(onRequest wish: Policy.Wish, on today: CalendarDate) throws(Policy.Refusal) {
    let date = wish.effective ?? today.firstOfNextMonth
    guard date >= today else { throw .otherEffectiveDate(asked: date, due: today.firstOfNextMonth, rule: "") }
    self.init(date: date)
  }

  private init(
    removing party: String, _ wish: Policy.Wish, of terms: Policy.Terms, on today: CalendarDate,
    _ rules: LifecycleRules
  ) throws(Policy.Refusal) {
    switch wish.reason {
    case .death:
      guard let death = wish.event else { throw .eventMissing(.death) }
      guard death <= today else { throw .eventToCome(.death, on: death) }
      self.init(date: death.adding(days: 1))
    case .divorce:
      guard let event = wish.event else { throw .eventMissing(.divorce) }
      guard event <= today else { throw .eventToCome(.divorce, on: event) }
      self.init(date: event.firstOfNextMonth)
    case .age:
      let member = terms.members.last { $0.person.partyID == party }
      guard let limit = member.flatMap({ Policy.AgeLimit(of: $0, state: terms.state, on: today) }) else {
        throw .notCovered(party, on: today)
      }
      guard today >= limit.recordFrom else { throw .tooYoung(party, until: limit.end, rule: limit.rule) }
      self.init(date: limit.end, rule: limit.rule)
    case .request:
      try self.init(onRequest: wish, on: today)
    case .exchange:
      self.init()
    case .birth, .adoption, .marriage, .moved, .lossOfCoverage, .openEnrollment, .rateChange:
      throw wish.misfit
    }
  }

  /// On the exchange rates hold for a whole term (45 CFR 156.210 as remembered); elsewhere the holder is told in time.
  private init(
    adoptingRates wish: Policy.Wish, of terms: Policy.Terms, on today: CalendarDate, _ rules: LifecycleRules
  ) throws(Policy.Refusal) {
    guard wish.reason == .rateChange else { throw wish.misfit }
    guard let date = wish.effective else { throw .effectiveMissing(.rateChange) }
    guard terms.channel != .exchange || terms.termStarts.contains(date) else { throw .ratesFixed(on: date) }
    let notice = rules.figure(.rateChangeNotice, state: terms.state, on: today)
    let earliest = today.adding(days: notice.value)
    guard date >= earliest else { throw .noticeTooShort(date, earliest: earliest, rule: notice.reference) }
    self.init(date: date, rule: notice.reference)
  }
}

extension Policy.Wish {
  fileprivate var misfit: Policy.Refusal { .reasonDoesNotFit(reason, change: change.word) }
}
