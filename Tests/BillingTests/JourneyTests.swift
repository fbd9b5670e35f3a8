import Contracts
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

@Suite struct JourneyTests {
  @Test func fromBindingToAPaidYearAndOut() async throws {
    let world = World("2026-12-10")
    var policy = snapshot(1, from: "2027-01-15", gross: 31_000, aptc: 12_400)
    try await world.say("Policy.Bound", of: policy)
    var invoices = try await world.invoices(policy.policyID)
    #expect(invoices.map(\.binder) == [true])
    #expect(invoices.map(\.total.cents) == [17_000 - 6_800])
    #expect(invoices.map(\.lines.count) == [2])
    #expect(invoices[0].lines[0].days == 17)
    #expect(invoices[0].lines[0].daysInPeriod == 31)

    try await world.live(until: "2027-01-15")
    try await world.pay(1, 10_200, for: policy.policyID, invoice: invoices[0].invoiceID)
    try await world.say("Policy.Issued", of: policy)
    try await world.live(until: "2027-03-10")
    invoices = try await world.invoices(policy.policyID)
    #expect(invoices.map(\.status) == [.paid, .pastDue, .pastDue])
    #expect(invoices.map(\.dueOn) == ["2027-01-15", "2027-02-01", "2027-03-01"])
    try await world.pay(2, 40_000, for: policy.policyID)
    var account = try await world.account(policy.policyID)
    #expect(account.credit.cents == 40_000 - 2 * 18_600)
    #expect(account.nextStepOn == "2027-03-22")

    policy.endDate = "2027-03-16"
    try await world.say("Policy.Terminated", of: policy)
    account = try await world.account(policy.policyID)
    #expect(!account.closed)
    #expect(account.nextStep == "by hand: refund the credit of $124.00" && account.nextStepOn == "2027-04-15")
    // 16 of March's 31 days: 9,600 of the 18,600 that were paid are credit as well.
    #expect(account.credit.cents == 2_800 + 18_600 - 9_000)
    #expect(try await world.total("receivable") == 0)
    #expect(try await world.total("premium_billed") == 17_000 + 31_000 + 15_000)
    #expect(try await world.total("exchange_receivable") == 6_800 + 12_400 + 6_000)
    #expect(try await world.total("payments_applied") == 50_200)
    #expect(
      try await world.published() == [
        "Invoice.Issued", "Payment.Applied", "Invoice.Paid", "Invoice.Issued", "Invoice.PastDue",
        "Account.Delinquent", "Account.Noticed", "Invoice.Issued", "Invoice.PastDue", "Account.Noticed",
        "Payment.Applied", "Invoice.Paid", "Invoice.Paid", "Account.Cured", "Invoice.Adjusted",
      ])
    #expect(try await world.mismatches() == [])
    #expect(try await world.letters() == [])
  }

  @Test func creditIsUsedForTheNextInvoice() async throws {
    let world = World("2027-01-01")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    try await world.pay(1, 71_000, for: policy.policyID)
    try await world.say("Policy.Issued", of: policy)
    #expect(try await world.total("credit") == 40_000)
    try await world.live(until: "2027-02-25")
    let invoices = try await world.invoices(policy.policyID)
    #expect(invoices.map(\.status) == [.paid, .paid, .issued])
    #expect(invoices.map(\.paid.cents) == [31_000, 31_000, 9_000])
    let summary = try await world.service.getSummary(request: .init(), context: .test("GetSummary"))
    #expect(summary.billed.cents == 93_000)
    #expect(summary.collected.cents == 71_000)
    #expect(summary.journeys.map(\.completed) == [2])
    #expect(summary.journeys.map(\.straightThroughBasisPoints) == [10_000])
    #expect(try await world.mismatches() == [])
  }

  @Test func aRunThatIsRepeatedChangesNothing() async throws {
    let world = World("2027-01-01")
    for number in 1...5 {
      let policy = snapshot(UInt64(number), from: "2027-01-01")
      try await world.say("Policy.Bound", of: policy)
      try await world.pay(UInt64(number), 31_000, for: policy.policyID)
      try await world.say("Policy.Issued", of: policy)
    }
    let february = day("2027-01-22")
    let first = try await BillingRun.run(engine: world.billing, asOf: february)
    #expect(first.invoices == 5)
    #expect(first.billedCents == 155_000)
    let again = try await BillingRun.run(engine: world.billing, asOf: february)
    #expect(again == BillingRun.Report())
    #expect(try await world.mismatches() == [])
  }

  @Test func aRunThatBreaksOffGoesOnWhereItWas() async throws {
    let world = World("2027-01-01")
    try await BillingBench.seed(engine: world.billing, accounts: 12, start: day("2027-01-01"))
    let due = BillingBench.run(0, start: day("2027-01-01"))
    // Some were done before it broke off.
    for stored in try await world.billing.store.due(
      Account.kind, through: Instant(date: due), after: nil, limit: 5)
    {
      try await world.billing.run(Act(correlation: "broken")) { unit in
        try await unit.decide(Account.self, stored.stream, .bill(asOf: due, draft: false))
      }
    }
    let rest = try await BillingRun.run(engine: world.billing, asOf: due)
    #expect(rest.accounts == 7)
    #expect(rest.invoices == 7)
    let figures = try await BillingFigures(store: world.billing.store).summary()
    #expect(figures.invoices.first { $0.name == "issued" }?.count == 24)
    #expect(try await world.mismatches() == [])
  }

  @Test func aDryRunSaysWhatARunWouldDoAndDraftsAreIssuedByTheNext() async throws {
    let world = World("2027-01-01")
    try await BillingBench.seed(engine: world.billing, accounts: 8, start: day("2027-01-01"))
    func run(_ change: (inout Premia_Billing_V1_RunRequest) -> Void) async throws -> Premia_Billing_V1_RunResponse {
      var request = Premia_Billing_V1_RunRequest.with { $0.asOf = "2027-01-22" }
      change(&request)
      return try await world.service.run(request: request, context: .test("Run"))
    }
    let before = try await world.published()
    let dry = try await run { $0.dryRun = true }
    let dryAgain = try await run { $0.dryRun = true }
    world.clock.advance(to: Instant(date: day("2027-01-22")))
    let draft = try await run { $0.draft = true }
    #expect(dry == dryAgain)
    #expect(dry.report.dryRun && !draft.report.dryRun)
    var done = dry
    done.report.dryRun = false
    done.report.begunOn = "2027-01-22"
    #expect(draft == done)
    #expect(dry.invoices == 8)
    #expect(try await world.published() == before)
    let drafts = try await world.service.listInvoices(
      request: .with { $0.status = .draft }, context: .test("ListInvoices")
    ).invoices
    #expect(drafts.count == 8)
    let issued = try await run { _ in }
    done.report.pass = 2
    #expect(issued == done)
    for draft in drafts {
      let invoice = try await world.service.getInvoice(
        request: .with { $0.invoiceID = draft.invoiceID }, context: .test("GetInvoice"))
      #expect(invoice.status == .issued)
      #expect(invoice.lines == draft.lines)
    }
    #expect(try await world.mismatches() == [])
  }

  @Test func aVoidedInvoiceIsBilledAgainUnderAnotherNumber() async throws {
    let world = World("2027-01-01")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    let binder = try await world.invoices(policy.policyID)[0]
    let request = Premia_Billing_V1_VoidInvoiceRequest.with {
      $0.invoiceID = binder.invoiceID
      $0.reason = "wrong household"
    }
    let voided = try await world.service.voidInvoice(request: request, context: .test("VoidInvoice"))
    #expect(voided.status == .void)
    let again = await #expect(throws: Problem.self) {
      try await world.service.voidInvoice(request: request, context: .test("VoidInvoice"))
    }
    #expect(again?.code == "billing.invoice_void")
    try await world.live(until: "2027-01-02")
    #expect(Set(try await world.invoices(policy.policyID).map(\.status)) == [.void, .issued])
    #expect(try await world.mismatches() == [])
  }

  @Test func whatCannotBeBilledIsSetAside() async throws {
    let world = World("2027-01-01")
    try await world.say("Policy.Issued", of: snapshot(1, from: "2027-01-01"))
    try await world.say("Policy.Bound", of: snapshot(2, from: "2027-13-01"))
    try await world.say("Policy.Bound", of: snapshot(3, from: "2027-01-01", gross: -1))
    try await world.pay(1, 5, for: snapshot(4, from: "2027-01-01").policyID)
    let letters = try await world.letters()
    #expect(letters.count == 4)
    #expect(letters.filter { $0.contains("billing.not_opened") }.count == 2)
    #expect(letters.filter { $0.contains("policy.effective_date is '2027-13-01'") }.count == 1)
    #expect(letters.filter { $0.contains("is -1 cents a month") }.count == 1)
    #expect(try await world.total("accounts") == 0)
  }

  @Test func theSamePaymentIsNeverAppliedTwice() async throws {
    let world = World("2027-01-01")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    try await world.pay(1, 31_000, for: policy.policyID)
    try await world.pay(1, 31_000, for: policy.policyID)
    #expect(try await world.total("payments_applied") == 31_000)
    #expect(try await world.total("credit") == 0)
  }
}
