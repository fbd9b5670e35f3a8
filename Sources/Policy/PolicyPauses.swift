// Pause and resume: days without coverage and premium inside a policy that goes on.

import Kernel

extension Policy {
  static func pause(
    from: CalendarDate, until: CalendarDate?, _ reason: PauseReason, of held: InForce, on today: CalendarDate
  ) throws(Refusal) -> [Event] {
    let rules = LifecycleRules.shipped
    let terms = held.terms
    let rule = rules.pause(reason, on: today)
    let until = until ?? from.adding(days: rule.mostDays)
    guard until > from else { throw .endNotAfterStart(end: until, start: from) }
    guard rule.channels.contains(terms.channel) else {
      throw .mayNotPause(reason, why: "its channel is \(terms.channel.rawValue)", rule: rule.reference)
    }
    guard from >= terms.effectiveDate else { throw .beforeStart(from, start: terms.effectiveDate) }
    let earliest = today.adding(days: -rule.daysBack)
    guard from >= earliest else { throw .tooFarBack(from, earliest: earliest, rule: rule.reference) }
    let ahead = rules.figure(.advanceLimit, state: terms.state, on: today)
    let latest = today.adding(days: ahead.value)
    guard from <= latest else { throw .tooFarAhead(from, latest: latest, rule: ahead.reference) }
    guard from.days(until: until) <= rule.mostDays else {
      throw .pauseTooLong(days: from.days(until: until), most: rule.mostDays, rule: rule.reference)
    }
    for pause in terms.pauses where pause.from < until && from < pause.until {
      throw .pausesOverlap(from: pause.from, until: pause.until)
    }
    let days = Period(from: from, to: until)
    let isSubsidised = held.premium.segments(in: days).contains { $0.value.aptc.isPositive }
    guard rule.withTaxCredit || !isSubsidised else {
      throw .mayNotPause(reason, why: "a tax credit is paid for it", rule: rule.reference)
    }
    return [.paused(Pause(from: from, until: until, reason: reason), rule: rule.reference, on: today)]
  }

  /// Ends the pause of today, or the next one that is to come, on a day inside it.
  static func resume(
    from: CalendarDate, reason: String, of held: InForce, on today: CalendarDate
  ) throws(Refusal) -> [Event] {
    let open = held.terms.pauses.filter { $0.until > today }
    guard let pause = open.min(by: { $0.from < $1.from }) else { throw .notPaused }
    guard from >= pause.from, from < pause.until else {
      throw .resumesOutside(from, from: pause.from, until: pause.until)
    }
    // Days that have passed without coverage are not covered afterwards: nobody may wait for a claim to come.
    guard from >= today || from == pause.from else { throw .resumesInPast(from, today: today) }
    return [.resumed(from: from, reason: reason, on: today)]
  }
}

extension Policy.Terms {
  mutating func resume(from day: CalendarDate) {
    for index in pauses.indices where pauses[index].contains(day) {
      pauses[index].until = day
      pauses[index].isCutShort = true
    }
    pauses.removeAll { $0.until <= $0.from }
  }
}
