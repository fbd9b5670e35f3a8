// Every command in every stage: what the table allows succeeds and leads where it says, all else is refused.

import Foundation
import Kernel
import Testing

@testable import Policy

@Suite("Policy: the table of stages")
struct StageTests {
  /// A policy in a stage and a command for it, on a day on which the rules of the command are met.
  struct Example: CustomTestStringConvertible, Sendable {
    let stage: Policy.Stage
    let move: Policy.Move
    var testDescription: String { "\(move) in \(stage)" }

    static let all = Policy.Stage.allCases.flatMap { stage in
      Policy.Move.allCases.map { Example(stage: stage, move: $0) }
    }

    var today: CalendarDate {
      switch move {
      case .bind, .giveBack: day("2027-01-12")
      case .renew, .declineRenewal: day("2027-10-15")
      case .apply, .issue, .endorse, .pause, .resume, .terminate, .noticeRescission, .rescind, .reinstate, .moveOn:
        day("2027-04-20")
      }
    }

    var life: Life {
      get throws {
        var life = Life()
        if stage == .none { return life }
        try life.give(.apply(Life.terms()))
        if stage == .applied { return life }
        try life.give(.bind(on: day("2026-12-02")))
        if stage == .pendingPayment { return life }
        if stage == .cancelled {
          try life.give(.terminate(Policy.End(on: day("2027-01-01"), reason: .voluntary), on: day("2026-12-05")))
          return life
        }
        try life.give(.issue(on: day("2027-01-05"), waiver: nil))
        if stage == .voided {
          try life.give(.giveBack(reason: "too dear", on: day("2027-01-08")))
          return life
        }
        if move == .rescind { try life.give(.noticeRescission(.fraud, on: today.adding(days: -31))) }
        try bring(&life)
        return life
      }
    }

    /// From in force to the stage, and what else the command needs.
    private func bring(_ life: inout Life) throws {
      let isWaiting = move == .moveOn
      switch stage {
      case .active:
        if isWaiting { try pause(&life, from: 0, until: 10, given: -3) }
        if move == .resume { try pause(&life, from: 10, until: 20, given: 0) }
      case .paused:
        try pause(&life, from: -5, until: isWaiting ? 0 : 10, given: -5)
        if move == .reinstate { try end(&life, 30, given: -1) }
      case .ending: try end(&life, isWaiting ? 0 : 30, given: -2)
      case .terminated: try end(&life, -2, given: -1)
      case .none, .applied, .pendingPayment, .cancelled, .voided: break
      }
    }

    private func pause(_ life: inout Life, from: Int, until: Int, given: Int) throws {
      try life.give(
        .pause(
          from: today.adding(days: from), until: today.adding(days: until), .request, on: today.adding(days: given)))
    }

    private func end(_ life: inout Life, _ days: Int, given: Int) throws {
      let end = Policy.End(on: today.adding(days: days), reason: .moved)
      try life.give(.terminate(end, on: today.adding(days: given)))
    }

    func command(for life: Life) -> Policy.Command {
      switch move {
      case .apply: .apply(Life.terms())
      case .bind: .bind(on: today)
      case .issue: .issue(on: today, waiver: nil)
      case .endorse: life.wish(.choosePlan("gold"), .marriage, event: "2027-04-11", on: today.description)
      case .pause: .pause(from: today, until: today.adding(days: 7), .request, on: today)
      case .resume: .resume(from: stage == .active ? today.adding(days: 10) : today, reason: "back", on: today)
      case .renew: life.renewal(plan: "silver", on: today.description)
      case .declineRenewal: .declineRenewal(reason: "leaving", on: today)
      case .terminate: .terminate(Policy.End(on: today.adding(days: 10), reason: .voluntary), on: today)
      case .giveBack: .giveBack(reason: "too dear", on: today)
      case .noticeRescission: .noticeRescission(.fraud, on: today)
      case .rescind: .rescind(reason: "forged papers", on: today)
      case .reinstate: .reinstate(reason: "our mistake", on: today)
      case .moveOn: .moveOn(to: today)
      }
    }

    /// The refusal where the table does not have the move.
    var refusal: String {
      switch (stage, move) {
      case (.none, _): "unknown"
      case (_, .apply): "already_applied"
      case (.cancelled, _): "cancelled"
      case (.voided, _): "voided"
      case (_, .bind): "not_applied"
      case (_, .issue): "not_pending_payment"
      case (_, .resume): "not_paused"
      case (_, .reinstate): "not_ending"
      case (_, .giveBack), (_, .noticeRescission), (_, .rescind): "not_in_force"
      case (.paused, .pause): "already_paused"
      case (.ending, _), (.terminated, _): "already_ending"
      case (.applied, _), (.pendingPayment, _), (.active, _), (.paused, _): "not_in_force"
      }
    }
  }

  @Test("is kept", arguments: Example.all)
  func isKept(_ example: Example) throws {
    var life = try example.life
    #expect(life.stage == example.stage)
    let command = example.command(for: life)
    #expect(command.move == example.move)
    let before = life.history
    guard let row = Policy.moves[example.stage]?.first(where: { $0.move == example.move }) else {
      let refused = #expect(throws: Policy.Refusal.self) { try life.give(command) }
      #expect(refused?.problem.code == "policy.\(example.refusal)")
      #expect(life.history == before)
      return
    }
    try life.give(command)
    #expect(row.to.contains(life.stage), "it led to \(life.stage)")
    #expect(life.history.count > before.count)
  }

  @Test("leads everywhere it says")
  func leadsEverywhere() throws {
    var reached: Set<Policy.Stage> = [.none]
    for rows in Policy.moves.values { for row in rows { reached.formUnion(row.to) } }
    #expect(reached == Set(Policy.Stage.allCases))
    #expect(Set(Policy.moves.keys) == Set(Policy.Stage.allCases))
  }

  @Test("is the diagram of the README")
  func isTheDiagramOfTheReadme() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Policy/README.md")
    let readme = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(readme.range(of: "```mermaid\n"))
    let end = try #require(readme.range(of: "\n```", range: start.upperBound..<readme.endIndex))
    #expect(readme[start.upperBound..<end.lowerBound] == Policy.diagram, "make it:\n\(Policy.diagram)")
  }
}

@Suite("Policy: what comes into effect by itself")
struct MovingOnTests {
  @Test("the way from application to the end of coverage")
  func life() throws {
    var life = Life()
    let end = Policy.End(on: day("2027-06-01"), reason: .voluntary)
    try life.give(.apply(Life.terms()))
    try life.give(.bind(on: day("2026-12-02")))
    try life.give(.issue(on: day("2026-12-20"), waiver: nil))
    try life.give(.terminate(end, on: day("2027-04-10")))
    #expect(life.stage == .ending && Policy.nextStep(for: life.state) == Instant(date: end.on))
    try life.moveOn(to: "2027-06-01")
    #expect(life.history.map(Policy.name) == ["applied", "bound", "issued", "terminated", "ended"])
    #expect(life.stage == .terminated && life.state.end == end)
    #expect(life.state.premium.lastEnd == end.on)
  }

  @Test("a command sees what the day's work would have done before it")
  func catchesUp() throws {
    var life = Life.issued()
    try life.give(.pause(from: day("2027-03-01"), until: day("2027-04-01"), .request, on: day("2027-02-01")))
    try life.give(.pause(from: day("2027-04-11"), until: day("2027-05-01"), .request, on: day("2027-04-10")))
    #expect(life.history.suffix(3).map(Policy.name) == ["tookEffect", "resumed", "paused"])
    #expect(throws: Policy.Refusal.nothingDue(next: day("2027-04-11"))) {
      try life.give(.moveOn(to: day("2027-04-10")))
    }
  }

  @Test("an end that has passed before a command is an end")
  func endsFirst() throws {
    var life = Life.issued()
    try life.give(.terminate(Policy.End(on: day("2027-04-01"), reason: .moved), on: day("2027-03-01")))
    #expect(throws: Policy.Refusal.alreadyEnding(on: day("2027-04-01"))) {
      try life.change(.choosePlan("gold"), .exchange, from: "2027-03-15", on: "2027-04-02")
    }
  }
}
