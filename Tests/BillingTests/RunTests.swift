import Contracts
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

@Suite struct `A billing run` {
  private func seeded() async throws -> World {
    let world = World("2027-01-01")
    try await BillingBench.seed(engine: world.billing, accounts: 4, start: day("2027-01-01"))
    return world
  }

  private func run(
    _ world: World, asOf day: String, dryRun: Bool = false, draft: Bool = false
  ) async throws -> Premia_Billing_V1_RunResponse {
    try await world.service.run(
      request: .with { ($0.asOf, $0.dryRun, $0.draft) = (day, dryRun, draft) }, context: .test("Run"))
  }

  @Test(arguments: [("2027-01-02", false, false), ("2027-01-02", false, true), ("2028-02-06", true, false)])
  func `is refused ahead of the business day, and only a dry run looks 400 days ahead`(
    _ asOf: String, _ dryRun: Bool, _ draft: Bool
  ) async throws {
    let world = try await seeded()
    let before = try await world.published()
    let refusal = await #expect(throws: Problem.self) {
      try await run(world, asOf: asOf, dryRun: dryRun, draft: draft)
    }
    #expect(refusal?.fields["as_of"] != nil)
    #expect(try await world.published() == before)
    #expect(try await run(world, asOf: "2028-02-05", dryRun: true).invoices > 0)
    #expect(try await world.published() == before)
  }

  @Test func `can be asked for afterwards, with what it parked; a dry run says it at once and is not kept`()
    async throws
  {
    let world = try await seeded()
    let named = Premia_Common_V1_GetRunRequest.with { $0.runID = "billing-2027-01-22" }
    func kept() async throws -> Premia_Common_V1_RunReport {
      try await world.service.getRun(request: named, context: .test("GetRun"))
    }
    world.clock.advance(to: Instant(date: day("2027-01-22")))
    #expect(try await run(world, asOf: "2027-01-22", dryRun: true).report.seen == 4)
    await #expect(throws: Problem.self) { try await kept() }
    let done = try await run(world, asOf: "2027-01-22")
    #expect(try await kept() == done.report)
    #expect(done.report.changed == 4 && done.report.seen == 4 && done.report.parkedCount == 0)

    let why = Problem(kind: .precondition, code: "test.stuck", detail: "It is stuck.", remedy: "Mend it.")
    try await world.billing.record(
      BillingRun.name(asOf: day("2027-01-22")), seen: 1, totals: [], parked: [StreamID("acc_1"): why],
      act: Act(correlation: "test"))
    let parked = try await world.service.listParked(
      request: .with { $0.runID = "billing-2027-01-22" }, context: .test("ListParked"))
    #expect(parked.parked.map(\.subject) == ["acc_1"] && parked.parked.map(\.code) == ["test.stuck"])
    #expect(try await kept().pass == 2)
    #expect(try await world.mismatches() == [])
  }
}
