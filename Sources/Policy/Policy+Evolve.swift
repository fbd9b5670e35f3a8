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
      .active(InForce(terms: terms, issuedOn: date, ending: nil, notice: nil, asOf: date))
    case (.applied(let terms), .cancelled(let end)), (.pendingPayment(let terms, _), .cancelled(let end)):
      .cancelled(terms, end)
    case (.terminated(let held), .rescissionNoticed(let notice)):
      .terminated(held.with(notice))
    case (.active(let held), _), (.paused(let held), _), (.terminated(let held), _):
      after(event, held)
    case (.none, _), (.applied, _), (.pendingPayment, _), (.cancelled, _), (.voided, _):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }

  private static func after(_ event: Event, _ before: InForce) -> State {
    var held = before
    switch event {
    case .endorsed(let endorsement, let rates, let today):
      held.terms.make(endorsement)
      if endorsement.change.reprices { held.rate(rates, from: endorsement.effective) }
      held.look(on: today)
    case .paused(let pause, let rule, let today):
      held.terms.pauses.append(pause)
      held.terms.pauses.sort { $0.from < $1.from }
      held.terms.note(rules: [rule])
      held.look(on: today)
    case .resumed(let day, _, let today):
      held.terms.resume(from: day)
      held.look(on: today)
    case .renewed(let renewal, let rates, let today):
      held.terms.make(renewal)
      held.rate(rates, from: renewal.from)
      held.look(on: today)
    case .terminated(let end, let ended, let rules, let today):
      held.ending = end
      held.terms.note(rules: rules)
      held.look(on: today)
      return ended ? .terminated(held) : held.state
    case .returned(let reason, let rule, let today):
      held.void(.freeLook, note: reason, rule: rule, on: today)
      return .voided(held)
    case .rescissionNoticed(let notice):
      held = held.with(notice)
    case .rescinded(let reason, let rule, let today):
      guard let notice = held.notice else { preconditionFailure("history is corrupt: rescinded without notice") }
      held.void(notice.reason, note: reason, rule: rule, on: today)
      return .voided(held)
    case .reinstated(_, let rule, let today):
      held.ending = nil
      held.terms.note(rules: [rule])
      held.look(on: today)
    case .tookEffect(let day):
      held.look(on: day)
    case .ended:
      if let ending = held.ending { held.look(on: ending.on) }
      return .terminated(held)
    case .applied, .bound, .issued, .cancelled:
      preconditionFailure("history is corrupt: \(event) of a policy in force")
    }
    return held.state
  }
}

extension Policy.InForce {
  /// Paused or active, as of the day it was last looked at.
  fileprivate var state: Policy.State { pause == nil ? .active(self) : .paused(self) }

  fileprivate func with(_ notice: Policy.RescissionNotice) -> Self {
    var held = self
    held.notice = notice
    held.look(on: notice.on)
    return held
  }

  fileprivate mutating func look(on day: CalendarDate) { asOf = max(asOf, day) }

  /// Ends it from its beginning.
  fileprivate mutating func void(_ reason: Policy.EndReason, note: String, rule: String, on today: CalendarDate) {
    ending = Policy.End(on: terms.effectiveDate, reason: reason, note: note)
    terms.note(rules: [rule])
    look(on: today)
  }

  fileprivate mutating func rate(_ spans: [Policy.RatedSpan], from start: CalendarDate) {
    do throws(Policy.Refusal) {
      try terms.price(spans, from: start)
    } catch {
      preconditionFailure("history is corrupt: \(error)")
    }
  }
}
