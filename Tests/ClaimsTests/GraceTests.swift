// What happens to claims while a premium is not paid: month 1 is paid, months 2 and 3 wait.

import Contracts
import Kernel
import Runtime
import Testing

@testable import Claims

struct GraceTests {
  private static let policy: PolicyID = id(1)

  /// An office visit: allowed 110, copay 25, paid 85.
  private static func visit(_ account: String, on date: String) -> FiledClaim {
    var claim = Samples.claim([Samples.line(1, "99213", "150", on: date)])
    claim.patientControlNumber = account
    return claim
  }

  private func delinquent(_ world: World, pendFrom: String = "2027-03-01") async throws {
    var event = Premia_Billing_V1_AccountDelinquent()
    event.policyID = Self.policy.description
    event.grace.claimsPendFrom = pendFrom
    try await world.publish("billing", "Account.Delinquent", about: "account", event)
  }

  private func cured(_ world: World) async throws {
    var event = Premia_Billing_V1_AccountCured()
    event.policyID = Self.policy.description
    try await world.publish("billing", "Account.Cured", about: "account", event)
  }

  private func status(_ world: World, _ claim: Premia_Claims_V1_Claim) async throws -> String {
    var request = Premia_Claims_V1_GetClaimRequest()
    request.claimID = claim.claimID
    let now = try await world.client.get(request)
    return "\(now.status) \(now.paid.cents) \(now.denialReason) \(now.version)"
  }

  /// A policy whose February is not paid, with a visit in each month.
  private func inGrace(
    _ body: (World, _ first: Premia_Claims_V1_Claim, _ second: Premia_Claims_V1_Claim) async throws -> Void
  ) async throws {
    try await World.run { world in
      try await world.publishProducts()
      try await world.issue()
      try await delinquent(world)
      let first = try await world.file(Self.visit("A", on: "2027-02-27"))
      let second = try await world.file(Self.visit("B", on: "2027-03-02"))
      #expect(first.status == .approved && second.status == .pended && second.version == 2)
      #expect(try await world.accumulators(Self.policy)[""]?.outOfPocket == Money(cents: 2_500))
      try await body(world, first, second)
      #expect(try await world.deadLetters() == [])
    }
  }

  @Test func `a claim of the second month waits, and is paid when the premium comes`() async throws {
    try await inGrace { world, _, second in
      try await cured(world)
      #expect(try await status(world, second) == "approved 8500  3")
      #expect(try await world.accumulators(Self.policy)[""]?.outOfPocket == Money(cents: 5_000))
      #expect(try await world.file(Self.visit("C", on: "2027-03-03")).status == .approved)
    }
  }

  @Test func `a claim that waited is denied once the policy has ended without the premium`() async throws {
    try await inGrace { world, first, second in
      var lapsed = Premia_Billing_V1_AccountLapsed()
      lapsed.policyID = Self.policy.description
      lapsed.terminateOn = "2027-03-01"
      try await world.publish("billing", "Account.Lapsed", about: "account", lapsed)
      // Not before: what is lost is for Policy to say.
      #expect(try await status(world, second) == "pended 0  2")
      try await world.terminate(World.policy(end: "2027-03-01", version: 2))
      #expect(try await status(world, second) == "denied 0 27 3")
      #expect(try await status(world, first) == "approved 8500  2")
    }
  }

  @Test func `a claim that waited on a day that stays covered is paid when the policy is lost`() async throws {
    try await inGrace { world, _, second in
      var lapsed = Premia_Billing_V1_AccountLapsed()
      lapsed.policyID = Self.policy.description
      lapsed.terminateOn = "2027-03-05"
      try await world.publish("billing", "Account.Lapsed", about: "account", lapsed)
      #expect(try await status(world, second) == "approved 8500  3")
    }
  }

  @Test func `the same service twice is paid once, also where both claims waited`() async throws {
    try await inGrace { world, _, second in
      let again = try await world.file(Self.visit("B2", on: "2027-03-02"))
      #expect(again.status == .pended)
      try await cured(world)
      let statuses = Set([try await status(world, second), try await status(world, again)])
      #expect(statuses == ["approved 8500  3", "denied 0 18 3"])
    }
  }

  @Test func `a snapshot of the policy leaves what waits, and a grace in which all is paid releases it`() async throws {
    try await inGrace { world, _, second in
      try await world.endorse(World.policy(version: 2))
      #expect(try await status(world, second) == "pended 0  2")
      try await delinquent(world, pendFrom: "")
      #expect(try await status(world, second) == "approved 8500  3")
    }
  }
}
