// What the people of one policy have used of their limits in one benefit year: the sum of what their claims used. The
// parts lie in the claims, so a claim that is judged again takes exactly its own part away.

import Kernel
import Runtime

enum Accumulators: Aggregate {
  static let kind = "accumulators"

  enum State: Hashable, Sendable, Codable {
    case unused
    case open(policy: PolicyID, year: Int, members: [PartyID: Used])
  }

  /// What one claim used, or, negative, no longer uses.
  struct Use: Hashable, Sendable, Codable {
    var policy: PolicyID
    /// Calendar year of service.
    var year: Int
    var member: PartyID
    var amounts: Used
    var claim: ClaimID
  }

  enum Command: Sendable {
    case add(Use)
  }

  enum Event: Hashable, Sendable, Codable {
    case added(Use)
  }

  static let initial = State.unused

  static func name(of event: Event) -> String {
    switch event {
    case .added: "added"
    }
  }

  static func decide(_ command: Command, in state: State) throws(AccumulatorRefusal) -> [Event] {
    switch command {
    case .add(let use):
      guard !use.amounts.isNothing else { return [] }
      let after = state.used(by: use.member) + use.amounts
      guard !after.deductible.isNegative, !after.outOfPocket.isNegative else { throw .belowZero(use.member, use.claim) }
      return [.added(use)]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    switch event {
    case .added(let use):
      var members = state.members
      members[use.member, default: Used()] += use.amounts
      return .open(policy: use.policy, year: use.year, members: members)
    }
  }

  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    switch recorded.event {
    case .added(let use):
      let used = state.used(by: use.member)
      return [
        .put(
          ClaimsTables.accumulators,
          [
            .text(use.policy.description), .integer(Int64(use.year)), .text(use.member.description),
            .integer(used.deductible.cents), .integer(used.outOfPocket.cents),
          ])
      ]
    }
  }
}

extension Accumulators.State {
  fileprivate var members: [PartyID: Used] {
    switch self {
    case .unused: [:]
    case .open(_, _, let members): members
    }
  }

  func used(by member: PartyID) -> Used { members[member] ?? Used() }

  /// The person's, and the family's as the sum over its people.
  func use(of member: PartyID) -> YearUse {
    YearUse(person: used(by: member), family: members.values.reduce(Used(), +))
  }
}

/// Why nothing was added.
enum AccumulatorRefusal: Refusal, Hashable {
  case belowZero(PartyID, ClaimID)

  var problem: Problem {
    switch self {
    case .belowZero(let member, let claim):
      Problem(
        kind: .precondition, code: "claims.accumulator_below_zero",
        detail: "Claim \(claim) would take more from the accumulators of \(member) than was ever added.",
        remedy: "Run 'premia verify' and compare the member's claims.")
    }
  }
}
