// Who is covered under a policy, when and under which plan: the policy's own snapshot, as far as claims need it. It
// is kept here by event, so that judging a claim asks nobody.

import Kernel
import Runtime

enum Coverage: Aggregate {
  static let kind = "coverage"

  enum State: Hashable, Sendable, Codable {
    case none
    case known(Insurance)
  }

  enum Command: Sendable {
    /// The policy came into force.
    case cover(Insurance)
    /// The policy ended; nothing changes for a policy that was never in force.
    case end(Insurance)
    /// Services from a day on wait for the premium; from nil none do.
    case pend(from: CalendarDate?)
  }

  enum Event: Hashable, Sendable, Codable {
    /// - Parameter replacing: how many members the snapshot before had.
    case covered(Insurance, replacing: Int)
    case ended(Insurance, replacing: Int)
    case pended(from: CalendarDate?)
  }

  static let initial = State.none

  static func name(of event: Event) -> String {
    switch event {
    case .covered: "covered"
    case .ended: "ended"
    case .pended: "pended"
    }
  }
}

/// A policy in the eyes of Claims.
struct Insurance: Hashable, Sendable, Codable {
  var policy: PolicyID
  /// The number on the card.
  var number: String
  /// First day of coverage.
  var effective: CalendarDate
  /// The first day without; nil is open. A policy cancelled before it began ends on the day it begins.
  var end: CalendarDate?
  /// The plan on each day; none while the policy is paused.
  var plans: Timeline<String>
  var members: [Member]
  /// Of the policy; older snapshots are ignored.
  var version: Int64
  /// The policy is in grace: services from this day on wait for the premium. Billing's word, kept over snapshots.
  var pendFrom: CalendarDate?

  struct Member: Hashable, Sendable, Codable {
    var id: PartyID
    var relationship: String
    /// Nil where the enrolment did not say it: such a member is identified by no claim until it does.
    var birthDate: CalendarDate?
    var number: String
    /// Empty where it is not known.
    var givenName: String
    /// Nil is with the policy.
    var from: CalendarDate?
    /// The first day without; nil is with the policy.
    var to: CalendarDate?
  }

  /// The days on which a member is covered: the member's own within the policy's.
  func span(of member: Member) -> Span {
    Span(
      start: max(effective, member.from ?? effective),
      end: [end, member.to].compactMap { $0 }.min())
  }
}

/// From the first day to the day after the last, open where `end` is nil. Unlike a period it may be empty.
struct Span: Hashable, Sendable {
  var start: CalendarDate
  var end: CalendarDate?

  func contains(_ day: CalendarDate) -> Bool { day >= start && !isOver(on: day) }
  func isOver(on day: CalendarDate) -> Bool { end.map { day >= $0 } ?? false }
}

/// Why a snapshot cannot be kept.
enum CoverageRefusal: Refusal, Hashable {
  case noMembers(PolicyID)
  case endsBeforeStart(PolicyID, start: CalendarDate, end: CalendarDate)

  var problem: Problem {
    switch self {
    case .noMembers(let policy):
      Problem(
        kind: .invalid, code: "claims.coverage_without_members", detail: "Policy \(policy) covers nobody.",
        remedy: "Correct the policy; a new snapshot replaces this one.")
    case .endsBeforeStart(let policy, let start, let end):
      Problem(
        kind: .invalid, code: "claims.coverage_reversed",
        detail: "Policy \(policy) starts on \(start) and ends on \(end).",
        remedy: "Correct the policy; a new snapshot replaces this one.")
    }
  }
}

extension Coverage {
  static func decide(_ command: Command, in state: State) throws(CoverageRefusal) -> [Event] {
    switch (command, state) {
    case (.cover(let insurance), .none):
      return [.covered(try checked(insurance), replacing: 0)]
    case (.end, .none), (.pend, .none):
      return []
    case (.pend(let from), .known(let before)):
      return from == before.pendFrom ? [] : [.pended(from: from)]
    case (.cover(var insurance), .known(let before)):
      guard insurance.version > before.version else { return [] }
      insurance.pendFrom = before.pendFrom
      return [.covered(try checked(insurance), replacing: before.members.count)]
    case (.end(var insurance), .known(let before)):
      guard insurance.version > before.version else { return [] }
      insurance.pendFrom = before.pendFrom
      return [.ended(try checked(insurance), replacing: before.members.count)]
    }
  }

  private static func checked(_ insurance: Insurance) throws(CoverageRefusal) -> Insurance {
    guard !insurance.members.isEmpty else { throw .noMembers(insurance.policy) }
    if let end = insurance.end, end < insurance.effective {
      throw .endsBeforeStart(insurance.policy, start: insurance.effective, end: end)
    }
    return insurance
  }

  static func evolve(_ state: State, with event: Event) -> State {
    switch (event, state) {
    case (.covered(let insurance, _), _), (.ended(let insurance, _), _): return .known(insurance)
    case (.pended(let from), .known(var insurance)):
      insurance.pendFrom = from
      return .known(insurance)
    case (.pended, .none): preconditionFailure("history is corrupt: claims wait for a policy that is not known")
    }
  }
}
