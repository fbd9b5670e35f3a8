// The policy: its life, what may be asked of it and what happens to it. What it may be asked when is in PolicyStages,
// what it consists of in PolicyTerms, why it may refuse in PolicyRefusals.

package import Kernel
import Runtime

package enum PolicyTag: IDTag {
  package static let prefix = "pol"
}

package enum Policy: Aggregate {
  package static let kind = "policy"

  package enum EndReason: String, Codable, Sendable, CaseIterable {
    case voluntary, nonPayment = "non_payment", death, moved, exchange
    /// The subscriber did not want another term.
    case notRenewed = "not_renewed"
    case freeLook = "free_look"
    case fraud, misrepresentation = "intentional_misrepresentation"

    /// Those that a person or a partner may give. Only Billing's dunning ends for non-payment; the others have commands
    /// of their own.
    package static let ofTermination: [Self] = [.voluntary, .death, .moved, .exchange]
    /// The only ones that void a policy from its beginning against the holder's will (45 CFR 147.128).
    package static let ofRescission: [Self] = [.fraud, .misrepresentation]
  }

  package enum PauseReason: String, Codable, Sendable, CaseIterable {
    case militaryService = "military_service"
    case request
  }

  /// The first day without coverage, and why.
  package struct End: Hashable, Sendable {
    package let on: CalendarDate
    package let reason: EndReason
    /// In the words of who asked for it; empty where there are none.
    package let note: String

    package init(on day: CalendarDate, reason: EndReason, note: String = "") {
      on = day
      self.reason = reason
      self.note = note
    }
  }

  /// The holder was told that the policy will be voided.
  package struct RescissionNotice: Hashable, Sendable {
    package let on: CalendarDate
    package let reason: EndReason
    /// The first day on which the policy may be voided.
    package let earliest: CalendarDate
    package let rule: String
  }

  /// A policy since it came into force.
  package struct InForce: Hashable, Sendable {
    package var terms: Terms
    package let issuedOn: CalendarDate
    /// Set while the end is to come, and after it.
    package var ending: End?
    package var notice: RescissionNotice?
    /// The day of the last event: changes up to here are in effect, later ones are to come.
    package var asOf: CalendarDate

    package var premium: Timeline<Price> { terms.premium(until: ending?.on) }
    package var pause: Pause? { terms.pauses.first { $0.contains(asOf) } }
  }

  package enum State: Hashable, Sendable {
    case none
    case applied(Terms)
    case pendingPayment(Terms, boundOn: CalendarDate)
    case active(InForce)
    case paused(InForce)
    case terminated(InForce)
    /// Ended before it came into force.
    case cancelled(Terms, End)
    /// Ended from its beginning, as if it had never been.
    case voided(InForce)
  }

  package enum Command: Sendable {
    case apply(Terms)
    case bind(on: CalendarDate)
    /// `waiver` is a person's reason to bring it into force without the binder payment.
    case issue(on: CalendarDate, waiver: String?)
    /// - Parameter rates: for each price date from the day of the change on; none where the change does not reprice.
    case endorse(Wish, rates: [RatedSpan], on: CalendarDate)
    /// - Parameter until: the first day of coverage again; nil is the longest that the rules allow.
    case pause(from: CalendarDate, until: CalendarDate?, PauseReason, on: CalendarDate)
    /// Ends a pause early.
    case resume(from: CalendarDate, reason: String, on: CalendarDate)
    /// Another term, from its first day on; `rates` are those of that term.
    case renew(
      plan: String, addOns: [AddOnRenewal] = [], rates: [RatedSpan], reason: String, on: CalendarDate)
    /// No other term is wanted.
    case declineRenewal(reason: String, on: CalendarDate)
    case terminate(End, on: CalendarDate)
    /// Given back within the free look.
    case giveBack(reason: String, on: CalendarDate)
    case noticeRescission(EndReason, on: CalendarDate)
    case rescind(reason: String, on: CalendarDate)
    case reinstate(reason: String, on: CalendarDate)
    /// A day has come on which something takes effect.
    case moveOn(to: CalendarDate)
  }

  package enum Event: Hashable, Sendable, Codable {
    case applied(Terms)
    case bound(on: CalendarDate)
    case issued(on: CalendarDate, waiver: String?)
    case endorsed(Endorsement, rates: [RatedSpan], on: CalendarDate)
    case paused(Pause, rule: String, on: CalendarDate)
    case resumed(from: CalendarDate, reason: String, on: CalendarDate)
    case renewed(Renewal, rates: [RatedSpan], on: CalendarDate)
    /// - Parameter rules: that allowed its day; none where Billing's dunning gave it.
    case terminated(End, ended: Bool, rules: [String], on: CalendarDate)
    case cancelled(End)
    case returned(reason: String, rule: String, on: CalendarDate)
    case rescissionNoticed(RescissionNotice)
    case rescinded(reason: String, rule: String, on: CalendarDate)
    case reinstated(reason: String, rule: String, on: CalendarDate)
    /// A change that was made for this day is in effect.
    case tookEffect(on: CalendarDate)
    case ended
  }

  package static var initial: State { .none }

  package static func name(of event: Event) -> String {
    switch event {
    case .applied: "applied"
    case .bound: "bound"
    case .issued: "issued"
    case .endorsed(let endorsement, _, _): endorsement.change.eventName
    case .paused: "paused"
    case .resumed: "resumed"
    case .renewed: "renewed"
    case .terminated: "terminated"
    case .cancelled: "cancelled"
    case .returned: "returned"
    case .rescissionNoticed: "rescissionNoticed"
    case .rescinded: "rescinded"
    case .reinstated: "reinstated"
    case .tookEffect: "tookEffect"
    case .ended: "ended"
    }
  }

  /// A policy is looked at again on the next day on which something takes effect, or a child's leaving by age is to be
  /// recorded.
  package static func nextStep(for state: State) -> Instant? {
    guard case .active(let held) = state.withoutPause else { return nil }
    let days = [held.nextChange, held.nextAgeLimit.map { max($0.recordFrom, held.asOf) }]
    return days.compactMap { $0 }.min().map { Instant(date: $0) }
  }
}

extension Policy.Event {
  /// The rules that allowed it and priced it, each once.
  package var rules: [String] {
    switch self {
    case .applied(let terms): terms.allRules
    case .endorsed(let endorsement, let rates, _): rates.rules + endorsement.rules
    case .renewed(let renewal, let rates, _): rates.rules + renewal.rules
    case .terminated(_, _, let rules, _): rules
    case .rescissionNoticed(let notice): [notice.rule]
    case .paused(_, let rule, _), .returned(_, let rule, _), .rescinded(_, let rule, _), .reinstated(_, let rule, _):
      [rule]
    case .bound, .issued, .resumed, .cancelled, .tookEffect, .ended: []
    }
  }
}

extension Policy.Change {
  fileprivate var eventName: String {
    switch self {
    case .addMember: "memberAdded"
    case .removeMember: "memberRemoved"
    case .choosePlan: "planChanged"
    case .addAddOn: "addOnAdded"
    case .removeAddOn: "addOnRemoved"
    case .move: "addressChanged"
    case .grantTaxCredit: "taxCreditChanged"
    case .adoptRates: "ratesChanged"
    }
  }
}

extension Policy.InForce {
  /// The next day on which the policy ends, pauses, goes on or is rated otherwise.
  package var nextChange: CalendarDate? {
    var days = terms.rates.segments.dropFirst().map(\.start)
    for pause in terms.pauses { days += [pause.from, pause.until] }
    var next = days.filter { $0 > asOf }.min()
    if let ending { next = min(next ?? ending.on, ending.on) }
    return next
  }
}

extension Policy.State {
  /// The column of the read tables and the words of refusals.
  package var status: String {
    switch self {
    case .none: "none"
    case .applied: "applied"
    case .pendingPayment: "pending_payment"
    case .active: "active"
    case .paused: "paused"
    case .terminated: "terminated"
    case .cancelled: "cancelled"
    case .voided: "voided"
    }
  }

  package var terms: Policy.Terms? {
    switch self {
    case .none: nil
    case .applied(let terms), .pendingPayment(let terms, _), .cancelled(let terms, _): terms
    case .active(let held), .paused(let held), .terminated(let held), .voided(let held): held.terms
    }
  }

  package var held: Policy.InForce? {
    switch self {
    case .none, .applied, .pendingPayment, .cancelled: nil
    case .active(let held), .paused(let held), .terminated(let held), .voided(let held): held
    }
  }

  package var end: Policy.End? {
    switch self {
    case .none, .applied, .pendingPayment: nil
    case .cancelled(_, let end): end
    case .active(let held), .paused(let held), .terminated(let held), .voided(let held): held.ending
    }
  }

  /// What is charged a month, day by day.
  package var premium: Timeline<Policy.Price> { terms?.premium(until: end?.on) ?? Timeline() }

  /// The rate to show: of the day it was last looked at.
  package var rate: Policy.Rate? {
    guard let terms else { return nil }
    return terms.rate(on: held?.asOf ?? terms.effectiveDate)
  }

  /// Whether a person is covered, or to be covered, on a day or later.
  package func covers(_ party: String, onOrAfter day: CalendarDate) -> Bool {
    switch self {
    case .none, .cancelled, .voided: return false
    case .applied(let terms), .pendingPayment(let terms, _): return terms.covers(party, onOrAfter: day)
    case .active(let held), .paused(let held), .terminated(let held):
      if let end = held.ending?.on, end <= day { return false }
      return held.terms.covers(party, onOrAfter: day)
    }
  }

  /// The next day on which a policy in force changes by itself.
  package var nextChange: CalendarDate? {
    guard case .active(let held) = withoutPause else { return nil }
    return held.nextChange
  }

  fileprivate var withoutPause: Self {
    if case .paused(let held) = self { .active(held) } else { self }
  }
}
