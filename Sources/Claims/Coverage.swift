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
  }

  enum Event: Hashable, Sendable, Codable {
    /// - Parameter replacing: how many members the snapshot before had.
    case covered(Insurance, replacing: Int)
    case ended(Insurance, replacing: Int)
  }

  static let initial = State.none

  static func name(of event: Event) -> String {
    switch event {
    case .covered: "covered"
    case .ended: "ended"
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
    case (.end, .none):
      return []
    case (.cover(let insurance), .known(let before)):
      guard insurance.version > before.version else { return [] }
      return [.covered(try checked(insurance), replacing: before.members.count)]
    case (.end(let insurance), .known(let before)):
      guard insurance.version > before.version else { return [] }
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
    switch event {
    case .covered(let insurance, _), .ended(let insurance, _): .known(insurance)
    }
  }
}
