// What is asked through the service, and what follows from what the neighbours say.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Commissions

@Suite struct `A policy's commission through the service` {
  @Test func `is earned, stated, clawed back beyond what is earned, and carried forward`() async throws {
    let world = World(under: try .perMember())
    try await world.hear("Policy.Bound", Premia_Policy_V1_PolicyBound.with { $0.policy = world.snapshot(1) })
    try await world.appoint(ann)
    try await world.assign(ann, from: "2027-01-01")
    try await world.bill("2027-01")
    try await world.bill("2027-02")
    #expect(try await world.balance(of: ann) == 40_00)

    // Before the schedule's day nothing is stated, and on it once.
    world.advance(to: "2027-02-04")
    #expect(try await world.run().statements == 0)
    world.advance(to: "2027-02-05")
    let run = try await world.run()
    #expect(run.statements == 1 && run.toPay.cents == 40_00)
    #expect(try await world.run().statements == 0)

    // In April it becomes known that the policy ended with January; another month was paid meanwhile.
    world.advance(to: "2027-03-01")
    try await world.bill("2027-03")
    world.advance(to: "2027-04-01")
    try await world.hear(
      "Policy.Terminated", Premia_Policy_V1_PolicyTerminated.with { $0.policy = world.snapshot(2, end: "2027-02-01") })
    world.advance(to: "2027-05-05")
    #expect(try await world.run().statements == 2)
    #expect(
      try await world.statements(of: ann) == [
        "2027-01: 4000 0 0 4000 0", "2027-03: 2000 0 0 2000 0", "2027-04: 0 -4000 0 0 -4000",
      ])
    #expect(try await world.balance(of: ann) == -40_00)
    #expect(try await world.totals() == ["posted": 20_00, "due": 60_00, "payable": -40_00])
    try await world.expectSound()
  }

  @Test func `passes to another producer from two months back, each seeing his own lines`() async throws {
    let world = World(under: try .perMember())
    try await world.hear("Policy.Issued", Premia_Policy_V1_PolicyIssued.with { $0.policy = world.snapshot(1) })
    for producer in [ann, bob] { try await world.appoint(producer) }
    try await world.assign(ann, from: "2027-01-01")
    for month in ["2027-01", "2027-02", "2027-03"] { try await world.bill(month) }
    world.advance(to: "2027-04-02")
    let commission = try await world.assign(bob, from: "2027-02-01", reason: "asked for by the member")
    #expect(commission.tenures.map(\.from) == ["2027-01-01", "2027-02-01"])
    #expect(commission.due.map(\.producerID) == [ann, bob, bob].map(\.description))
    #expect(try await world.balance(of: ann) == 20_00)
    #expect(try await world.balance(of: bob) == 40_00)
    let lines = try await world.service.listLines(
      request: .with {
        $0.producerID = bob.description
        $0.postedIn = "2027-04-01"
        $0.page.size = 1
      }, context: .test)
    #expect(lines.lines.map { "\($0.month) \($0.amount.cents) \($0.rule)" } == ["2027-02-01 2000 new@2014-01-01"])
    let more = try await world.service.listLines(
      request: .with {
        $0.producerID = bob.description
        $0.page.token = lines.nextToken
      }, context: .test)
    #expect(more.lines.map(\.month) == ["2027-03-01"])
    try await world.expectSound()
  }

  @Test func `follows a payment that goes back, and a correction by hand`() async throws {
    let world = World(under: try .with([.rule(.ofGrossPremium(basisPoints: 1_000))]))
    try await world.hear("Policy.Issued", Premia_Policy_V1_PolicyIssued.with { $0.policy = world.snapshot(1) })
    try await world.appoint(ann)
    try await world.assign(ann, from: "2027-01-01")
    try await world.bill("2027-01")
    #expect(try await world.balance(of: ann) == 30_00)
    try await world.hear(
      "Invoice.Adjusted",
      Premia_Billing_V1_InvoiceAdjusted.with {
        $0.invoiceID = invoice("2027-01").description
        $0.policyID = policyID.description
        $0.lines = [
          .with {
            $0.kind = "adjustment"
            $0.from = "2027-01-01"
            $0.to = "2027-02-01"
            $0.amount.cents = -50_00
          }
        ]
      })
    #expect(try await world.balance(of: ann) == 25_00)
    try await world.hear(
      "Refund.Requested",
      Premia_Billing_V1_RefundRequested.with {
        $0.refund.policyID = policyID.description
        $0.refund.reopenedInvoiceID = invoice("2027-01").description
      })
    #expect(try await world.balance(of: ann) == 0)
    try await world.hear(
      "Invoice.Voided",
      Premia_Billing_V1_InvoiceVoided.with {
        $0.invoiceID = invoice("2027-01").description
        $0.policyID = policyID.description
      })
    try await world.expectSound()
  }

  @Test func `is assessed anew by the day's run when the schedule is another`() async throws {
    let world = World(under: try .perMember())
    try await world.hear("Policy.Issued", Premia_Policy_V1_PolicyIssued.with { $0.policy = world.snapshot(1) })
    try await world.appoint(ann)
    try await world.assign(ann, from: "2027-01-01")
    try await world.bill("2027-01")
    let richer = world.reopened(under: try .with([.rule(.perMemberPerMonth(cents: 25_00))], edition: 2))
    #expect(try await richer.run().assessed == 1)
    #expect(try await richer.run().assessed == 0)
    #expect(try await richer.balance(of: ann) == 25_00)
    try await richer.expectSound()
  }
}

@Suite struct `The service refuses` {
  private func code(_ call: () async throws -> some Any) async -> String? {
    do {
      _ = try await call()
      return nil
    } catch {
      return (error as? any Refusal)?.problem.code
    }
  }

  @Test func `what it cannot know or read`() async throws {
    let world = World(under: try .perMember())
    #expect(await code { try await world.assign(ann, from: "2027-01-01") } == "commissions.unknown_policy")
    #expect(await code { try await world.balance(of: ann) } == "producer.not_found")
    #expect(await code { try await world.appoint(ann, state: "Illinois") } == "request.invalid")
    #expect(await code { try await world.assign(ann, from: "soon") } == "request.invalid")
    #expect(await code { try await world.assign(ann, from: "2027-01-01", reason: "") } == "request.invalid")
    #expect(
      await code {
        try await world.service.getPolicyCommission(
          request: .with { $0.policyID = policyID.description }, context: .test)
      } == "commissions.unknown_policy")
    #expect(
      await code {
        try await world.service.run(request: .with { $0.asOf = "2027-01-02" }, context: .test)
      } == "request.invalid")
    #expect(
      await code {
        try await world.service.listLines(request: .with { $0.page.token = "elsewhere" }, context: .test)
      } == "request.invalid")
  }

  @Test func `a producer without an appointment in the state, and a day too far back`() async throws {
    let world = World(under: try .perMember())
    try await world.hear("Policy.Issued", Premia_Policy_V1_PolicyIssued.with { $0.policy = world.snapshot(1) })
    try await world.appoint(ann, state: "NY")
    #expect(await code { try await world.assign(ann, from: "2027-01-01") } == "commissions.not_appointed")
    try await world.appoint(ann)
    #expect(await code { try await world.assign(ann, from: "2026-07-01") } == "commissions.too_far_back")
    #expect(await code { try await world.assign(ann, from: "2027-01-01") } == nil)
    try await world.expectSound()
  }

  @Test func `a snapshot without a level and an amount in another currency, as dead letters`() async throws {
    let world = World(under: try .perMember())
    var snapshot = world.snapshot(1)
    snapshot.premium[0].level = .unspecified
    try await world.hear("Policy.Issued", Premia_Policy_V1_PolicyIssued.with { $0.policy = snapshot })
    try await world.hear(
      "Invoice.Issued",
      Premia_Billing_V1_InvoiceIssued.with {
        $0.invoice.invoiceID = invoice("2027-01").description
        $0.invoice.policyID = policyID.description
        $0.invoice.lines = [
          .with {
            $0.kind = "premium"
            $0.from = "2027-01-01"
            $0.to = "2027-02-01"
            $0.amount.currency = "EUR"
          }
        ]
      })
    let reasons = try await world.deadLetters()
    #expect(reasons.count == 2)
    #expect(reasons.contains { $0.contains("level") } && reasons.contains { $0.contains("EUR") })
  }
}
