// The policy: its terms, its life, what may be asked of it and why it may refuse.

package import Kernel
import Runtime

package enum PolicyTag: IDTag {
  package static let prefix = "pol"
}

package enum Policy: Aggregate {
  package static let kind = "policy"

  package enum Relationship: String, Codable, Sendable, CaseIterable {
    case subscriber, spouse, child
  }

  package struct Member: Hashable, Sendable, Codable {
    package let partyID: String
    package let relationship: Relationship
    package let birthDate: CalendarDate?
    package let tobacco: Bool
    /// As on the card; providers send it with their claims.
    package let number: String
    /// Tells members of one number and birth date apart, as twins are.
    package let givenName: String
  }

  /// What is charged a month. `aptc` is never above `gross`.
  package struct Price: Hashable, Sendable, Codable {
    package let planID: String
    package let gross: Money
    package let aptc: Money
  }

  package struct OutsideIdentifier: Hashable, Sendable, Codable {
    package let system: String
    package let kind: String
    package let value: String
  }

  package struct Terms: Hashable, Sendable, Codable {
    package var number: String
    package var state: String
    package var ratingArea: String
    package var planID: String
    package var planName: String
    /// The contract's number of the level.
    package var level: Int
    package var effectiveDate: CalendarDate
    /// Where coverage began with a predecessor: its first day there.
    package var originalEffectiveDate: CalendarDate?
    package var members: [Member]
    package var premium: Timeline<Price>
    /// "exchange", "direct", "group".
    package var channel: String
    package var identifiers: [OutsideIdentifier]
    /// The rules the price was made with.
    package var rules: [String]
    package var quotedOn: CalendarDate

    package var subscriber: Member? { members.first { $0.relationship == .subscriber } }
  }

  package enum EndReason: String, Codable, Sendable, CaseIterable {
    case voluntary, nonPayment = "non_payment", death, moved, exchange
  }

  /// The first day without coverage, and why.
  package struct End: Hashable, Sendable, Codable {
    package let on: CalendarDate
    package let reason: EndReason
  }

  package enum State: Hashable, Sendable, Codable {
    case none
    case applied(Terms)
    case pendingPayment(Terms, boundOn: CalendarDate)
    case active(Terms, issuedOn: CalendarDate, ending: End?)
    case terminated(Terms, issuedOn: CalendarDate, End)
    case cancelled(Terms, End)
  }

  package enum Command: Sendable {
    case apply(Terms)
    case bind(on: CalendarDate)
    /// `waiver` is a person's reason to bring it into force without the binder payment.
    case issue(on: CalendarDate, waiver: String?)
    case terminate(End, on: CalendarDate)
    /// The last day has passed.
    case end(on: CalendarDate)
  }

  package enum Event: Hashable, Sendable, Codable {
    case applied(Terms)
    case bound(on: CalendarDate)
    case issued(on: CalendarDate, waiver: String?)
    case terminated(End, ended: Bool)
    case cancelled(End)
    case ended
  }

  package enum Refusal: Kernel.Refusal, Hashable {
    case unknown
    case alreadyApplied
    case notOneSubscriber(Int)
    case memberTwice(String)
    case subsidyAbovePremium(aptc: Money, gross: Money)
    case notApplied(status: String)
    case notPendingPayment(status: String)
    case endNotAfterStart(end: CalendarDate, start: CalendarDate)
    case alreadyEnding(on: CalendarDate)
    case cancelled
    case notOver(until: CalendarDate)
  }

  package static var initial: State { .none }

  package static func name(of event: Event) -> String {
    switch event {
    case .applied: "applied"
    case .bound: "bound"
    case .issued: "issued"
    case .terminated: "terminated"
    case .cancelled: "cancelled"
    case .ended: "ended"
    }
  }

  /// A policy that ends on a day to come is looked at again on that day.
  package static func nextStep(for state: State) -> Instant? {
    guard case .active(_, _, let ending?) = state else { return nil }
    return Instant(date: ending.on)
  }
}

extension Policy.State {
  package var status: String {
    switch self {
    case .none: "none"
    case .applied: "applied"
    case .pendingPayment: "pending_payment"
    case .active: "active"
    case .terminated: "terminated"
    case .cancelled: "cancelled"
    }
  }

  package var terms: Policy.Terms? {
    switch self {
    case .none: nil
    case .applied(let terms), .pendingPayment(let terms, _), .active(let terms, _, _), .terminated(let terms, _, _),
      .cancelled(let terms, _):
      terms
    }
  }

  package var end: Policy.End? {
    switch self {
    case .none, .applied, .pendingPayment: nil
    case .active(_, _, let ending): ending
    case .terminated(_, _, let end), .cancelled(_, let end): end
    }
  }
}

extension Policy.Refusal {
  package var problem: Problem {
    switch self {
    case .unknown:
      Problem(
        kind: .notFound, code: "policy.unknown", detail: "There is no such policy.", remedy: "Check its identifier.")
    case .alreadyApplied:
      Problem(
        kind: .conflict, code: "policy.already_applied", detail: "This policy has been applied for already.",
        remedy: "Look at the policy; a new one needs a new quote.")
    case .notOneSubscriber(let count):
      Problem(
        kind: .invalid, code: "policy.not_one_subscriber",
        detail: "A policy has one subscriber; this one would have \(count).",
        remedy: "Mark exactly one person as the subscriber.", fields: ["applicants": "have \(count) subscribers"])
    case .memberTwice(let party):
      Problem(
        kind: .invalid, code: "policy.member_twice", detail: "\(party) would be covered twice by the same policy.",
        remedy: "Name each person once.", fields: ["applicants": "name \(party) twice"])
    case .subsidyAbovePremium(let aptc, let gross):
      Problem(
        kind: .invalid, code: "policy.subsidy_above_premium",
        detail: "The tax credit of \(aptc) is above the premium of \(gross) (26 USC 36B).",
        remedy: "Send a tax credit of at most the premium.", fields: ["aptc": "is above the premium"])
    case .notApplied(let status):
      Problem(
        kind: .precondition, code: "policy.not_applied",
        detail: "Only an application can be bound; the policy is \(status).",
        remedy: "Nothing needs to be done where it is bound already.")
    case .notPendingPayment(let status):
      Problem(
        kind: .precondition, code: "policy.not_pending_payment",
        detail: "Only a policy that waits for its binder payment can be issued; this one is \(status).",
        remedy: "Bind it first, or leave it where it is in force already.")
    case .endNotAfterStart(let end, let start):
      Problem(
        kind: .invalid, code: "policy.end_not_after_start",
        detail: "The coverage began on \(start); it cannot end on \(end).",
        remedy: "Choose an end date after the start. Undoing a policy from its start is a return or a rescission.",
        fields: ["end_date": "is not after \(start)"])
    case .alreadyEnding(let date):
      Problem(
        kind: .conflict, code: "policy.already_ending", detail: "The policy ends on \(date) already.",
        remedy: "Reinstate it first if that end is wrong.")
    case .cancelled:
      Problem(
        kind: .conflict, code: "policy.cancelled", detail: "The policy was cancelled before it came into force.",
        remedy: "Apply with a new quote.")
    case .notOver(let date):
      Problem(
        kind: .precondition, code: "policy.not_over", detail: "The coverage lasts until \(date).",
        remedy: "Wait for that day.")
    }
  }
}
