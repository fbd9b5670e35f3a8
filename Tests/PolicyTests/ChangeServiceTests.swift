// Changes of a policy as callers make them, over a line: dry runs, keys, who asked and why, and the day's work.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Policy

@Suite("Policy: changes as callers see them")
struct ChangeServiceTests {
  /// A policy in force from 2027-01-01: a subscriber, and a child who is 26 on 2027-05-15.
  private struct Household {
    let clock: SandboxClock
    let engine: Engine
    let products: any Premia_Products_V1_ProductsService.ClientProtocol
    let policy: any Premia_Policy_V1_PolicyService.ClientProtocol
    let policyID: String

    func act<Answer: Sendable>(
      key: String, actor: String = "clerk", _ body: @Sendable () async throws -> Answer
    ) async throws -> Answer {
      try await ask { try await Carriage.with(Act(correlation: "test", actor: actor), key: key) { try await body() } }
    }

    func get() async throws -> Premia_Policy_V1_Policy {
      try await policy.get(.with { $0.policyID = policyID })
    }

    func newborn(dryRun: Bool) -> Premia_Policy_V1_AddMemberRequest {
      .with {
        $0.policyID = policyID
        $0.reason = "birth"
        $0.eventDate = "2027-02-15"
        $0.member.partyID = party("baby")
        $0.member.relationship = "child"
        $0.member.birthDate = "2027-02-15"
        $0.dryRun = dryRun
        $0.through = "2027-04-01"
      }
    }

    func published() async throws -> [Premia_Common_V1_Envelope] {
      try await StoreFeed(source: "policy", store: engine.store).read(after: 0, limit: 100)
    }
  }

  private func withHousehold(_ body: (Household) async throws -> Void) async throws {
    let clock = SandboxClock(Instant(date: day("2026-12-20")))
    let engine = Engine(context: "policy", store: MemoryStore(), clock: clock)
    let productsLine = Line(services: [TwoPlans()])
    let products = Premia_Products_V1_ProductsService.Client(wrapping: productsLine.client)
    let line = Line(services: PolicyContext.services(engine: engine, products: products))
    let running = [productsLine, line].map { line in Task { try await line.run() } }
    let policy = Premia_Policy_V1_PolicyService.Client(wrapping: line.client)
    let policyID = try await issue(policy)
    clock.advance(to: Instant(date: day("2027-03-02")))
    try await body(
      Household(clock: clock, engine: engine, products: products, policy: policy, policyID: policyID))
    let context = PolicyContext.context
    #expect(try await engine.verify(context.aggregates, tables: context.tables).mismatches.isEmpty)
    for line in [line, productsLine] { line.close() }
    for task in running { _ = await task.result }
  }

  private func issue(
    _ policy: any Premia_Policy_V1_PolicyService.ClientProtocol,
    people: [(String, String, String)] = [("a", "subscriber", "1975-01-01"), ("b", "child", "2001-05-15")]
  ) async throws -> String {
    let quote = try await policy.createQuote(
      .with {
        $0.household.state = "IL"
        $0.effectiveDate = "2027-01-01"
        $0.household.people = people.map { ref, relationship, born in
          .with {
            $0.ref = ref
            $0.relationship = relationship
            $0.birthDate = born
          }
        }
      })
    let applied = try await policy.apply(
      .with {
        $0.quoteID = quote.quoteID
        $0.planID = "silver"
        $0.applicants = people.map { ref, _, _ in
          .with {
            $0.ref = ref
            $0.partyID = party(ref)
          }
        }
      })
    _ = try await policy.bind(.with { $0.policyID = applied.policyID })
    _ = try await policy.issue(
      .with {
        $0.policyID = applied.policyID
        $0.reason = "paid by cheque"
      })
    return applied.policyID
  }

  @Test("a dry run says what a change would do, changes nothing and leaves its key unused")
  func dryRun() async throws {
    try await withHousehold { house in
      let before = try await house.get()
      let dry = try await house.act(key: "k") { [policy = house.policy, request = house.newborn(dryRun: true)] in
        try await policy.addMember(request)
      }
      #expect(dry.dryRun && dry.effectiveDate == "2027-02-15" && dry.policy.members.count == 3)
      #expect(dry.monthly.map(\.from) == ["2027-02-15"] && dry.monthly.map(\.net.cents) == [38_50])
      // Half of February, and March.
      #expect(dry.sum.gross.cents == 19_25 + 38_50)
      #expect(try await house.get() == before)
      let done = try await house.act(key: "k") { [policy = house.policy, request = house.newborn(dryRun: false)] in
        try await policy.addMember(request)
      }
      #expect(!done.dryRun && done.sum == dry.sum && done.policy.premium == dry.policy.premium)
      #expect(try await house.get() == done.policy)
      #expect(done.rules.contains("special_enrollment_window@1"))
    }
  }

  @Test("what a termination would do is said before it is done")
  func terminationPreview() async throws {
    try await withHousehold { house in
      let change = try await house.policy.previewTermination(
        .with {
          $0.policyID = house.policyID
          $0.endDate = "2027-03-16"
          $0.reason = "voluntary"
          $0.through = "2027-04-01"
        })
      // 16 of March's 31 days at $77.00 a month.
      #expect(change.sum.gross.cents == -39_74 && change.policy.endDate == "2027-03-16")
      #expect(try await house.get().endDate.isEmpty)
    }
  }

  @Test("who asked and why is kept with the event")
  func actorAndReason() async throws {
    try await withHousehold { house in
      _ = try await house.act(key: "k", actor: "member/jane") { [policy = house.policy, id = house.policyID] in
        try await policy.pause(
          .with {
            $0.policyID = id
            $0.effectiveDate = "2027-03-10"
            $0.until = "2027-03-20"
            $0.reason = "request"
          })
      }
      let record = try #require(try await house.engine.store.history(of: StreamID(house.policyID)).last)
      #expect(record.name == "paused" && record.act.actor == "member/jane")
      guard case .paused(let pause, _, _) = try Policy.eventForm.read(record.data) else {
        Issue.record("\(record.name) is not a pause")
        return
      }
      #expect(pause.reason == .request)
      #expect(try await house.published().last?.type == "Policy.Paused")
    }
  }

  @Test("a change names the rules of its own, not those of changes before it")
  func rules() async throws {
    try await withHousehold { house in
      let born = try await house.policy.addMember(house.newborn(dryRun: false))
      #expect(born.rules.contains("special_enrollment_window@1"))
      let left = try await house.policy.removeMember(
        .with { ($0.policyID, $0.partyID, $0.reason) = (house.policyID, party("baby"), "request") })
      #expect(left.rules == ["retroactive_limit@1"])
      #expect(left.policy.rules.contains("special_enrollment_window@1"))
      let ended = try await house.policy.previewTermination(
        .with { ($0.policyID, $0.endDate, $0.reason) = (house.policyID, "2027-03-16", "voluntary") })
      #expect(ended.rules == ["retroactive_end_limit@1", "advance_limit@1"])
    }
  }

  @Test("nobody is covered twice: who has a policy of their own joins another behind it")
  func coveredElsewhere() async throws {
    try await withHousehold { house in
      let other = try await issue(house.policy, people: [("c", "subscriber", "1983-01-01")])
      let joining = Premia_Policy_V1_AddMemberRequest.with {
        ($0.policyID, $0.reason, $0.eventDate) = (house.policyID, "marriage", "2027-02-20")
        ($0.member.partyID, $0.member.relationship, $0.member.birthDate) = (party("c"), "spouse", "1983-01-01")
      }
      let before = try await house.get()
      let problem = await #expect(throws: Problem.self) {
        try await ask { try await house.policy.addMember(joining) }
      }
      #expect(problem?.code == "policy.covered_elsewhere" && problem?.detail.contains(other) == true)
      #expect(try await house.get() == before)
      _ = try await house.policy.terminate(
        .with { ($0.policyID, $0.endDate, $0.reason) = (other, "2027-04-01", "voluntary") })
      let joined = try await house.policy.addMember(joining)
      #expect(joined.effectiveDate == "2027-04-01")
    }
  }

  @Test("a change that lacks its reason is refused by name", arguments: ["", "boredom"])
  func reasons(reason: String) async throws {
    try await withHousehold { house in
      var changed = house.newborn(dryRun: true)
      changed.reason = reason
      let request = changed
      let problem = await #expect(throws: Problem.self) {
        try await ask { try await house.policy.addMember(request) }
      }
      #expect(problem?.fields["reason"]?.contains("birth, adoption") == true)
      #expect(problem?.fields["reason"]?.contains("death") == false)
    }
  }

  @Test("the day's work removes a child who reaches the age limit, and rates the others anew")
  func ageOut() async throws {
    try await withHousehold { house in
      func work(_ date: String) async throws -> SweepReport {
        house.clock.advance(to: Instant(date: day(date)))
        return try await PolicyContext.run(
          house.engine, products: house.products, asOf: day(date), act: Act(correlation: "day/\(date)"))
      }
      #expect(try await work("2027-03-02").events == 0)
      let report = try await work("2027-03-03")
      #expect(report.events == 1 && report.parked.isEmpty)
      #expect(try await house.get().members.map(\.to) == ["", "2027-06-01"])
      #expect(try await house.get().premium.map(\.gross.cents) == [77_00, 38_50])
      let event = try #require(try await house.published().last)
      let endorsed = try Premia_Policy_V1_PolicyEndorsed(serializedBytes: event.data)
      #expect(event.type == "Policy.Endorsed" && endorsed.reason == "age" && endorsed.change == "member_removed")
      #expect(try await work("2027-03-03").events == 0)
      #expect(try await work("2027-06-01").events == 1)
    }
  }

  @Test("a renewal keeps the plan that is still sold, and takes the one that is asked for")
  func renewal() async throws {
    try await withHousehold { house in
      house.clock.advance(to: Instant(date: day("2027-10-15")))
      for (asked, renewed) in [("", "silver"), ("dental", "dental")] {
        let change = try await house.policy.renew(
          .with {
            $0.policyID = house.policyID
            $0.planID = asked
            $0.reason = "run"
            $0.dryRun = true
          })
        #expect(change.policy.termStarts == ["2027-01-01", "2028-01-01"])
        #expect(change.policy.premium.last?.planID == renewed)
      }
    }
  }
}
