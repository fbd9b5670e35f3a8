import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

/// January is paid, February is past due, and March is open.
private struct Desktop {
  let world: World
  let account: String
  let january: String
  let february: String
  let march: String

  init() async throws {
    world = World("2027-01-01")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    try await world.pay(1, 31_000, for: policy.policyID)
    try await world.say("Policy.Issued", of: policy)
    try await world.live(until: "2027-02-20")
    account = try await world.account(policy.policyID).accountID
    let invoices = try await world.invoices(policy.policyID)
    (january, february, march) = (invoices[0].invoiceID, invoices[1].invoiceID, invoices[2].invoiceID)
  }

  /// All that can be seen: the version of the account and its state, the invoices and what was published.
  func seen() async throws -> String {
    let stored = try await world.billing.store.load(StreamID(account))
    let rows = try await world.billing.store.rows(Query(BillingTables.invoices, limit: 100))
    let refunds = try await world.billing.store.rows(Query(BillingTables.refunds, limit: 100))
    return "\(stored?.version ?? 0) \(stored?.state ?? []) \(rows) \(refunds) \(try await world.published())"
  }
}

@Suite struct `A dry run of what is done by hand` {
  private struct Row {
    let name: String
    /// Gives the command, dry or not.
    let give: (Bool) async throws -> any Message

    init(_ name: String, _ give: @escaping (Bool) async throws -> any Message) {
      self.name = name
      self.give = give
    }
  }

  private static func rows(_ desk: Desktop) -> [Row] {
    let (service, amount) = (desk.world.service, Premia_Common_V1_Money(Money(cents: 1_000)))
    return [
      Row("a charge") { dry in
        try await service.chargeAccount(
          request: .with { ($0.accountID, $0.amount, $0.reason, $0.dryRun) = (desk.account, amount, "a fee", dry) },
          context: .test("ChargeAccount"))
      },
      Row("a credit") { dry in
        try await service.creditInvoice(
          request: .with { ($0.invoiceID, $0.amount, $0.reason, $0.dryRun) = (desk.january, amount, "test", dry) },
          context: .test("CreditInvoice"))
      },
      Row("an adjustment") { dry in
        try await service.adjustInvoice(
          request: .with { ($0.invoiceID, $0.amount, $0.reason, $0.dryRun) = (desk.february, amount, "test", dry) },
          context: .test("AdjustInvoice"))
      },
      Row("a refund to an estate") { dry in
        var refund = try await service.requestRefund(
          request: .with {
            ($0.accountID, $0.invoiceID, $0.amount, $0.reason) = (desk.account, desk.january, amount, "test")
            ($0.payeeName, $0.dryRun) = ("Estate of Ana Ruiz", dry)
          }, context: .test("RequestRefund"))
        #expect(refund.payeeName == "Estate of Ana Ruiz" && refund.payeeID.isEmpty)
        refund.refundID = ""
        return refund
      },
      Row("a write-off") { dry in
        try await service.writeOffInvoice(
          request: .with { ($0.invoiceID, $0.reason, $0.dryRun) = (desk.february, "test", dry) },
          context: .test("WriteOffInvoice"))
      },
      Row("a void") { dry in
        try await service.voidInvoice(
          request: .with { ($0.invoiceID, $0.reason, $0.dryRun) = (desk.march, "test", dry) },
          context: .test("VoidInvoice"))
      },
    ]
  }

  @Test func `answers what the command then answers, and changes nothing`() async throws {
    let desk = try await Desktop()
    for row in Self.rows(desk) {
      let before = try await desk.seen()
      let rehearsed = try await row.give(true)
      #expect(try await desk.seen() == before, "\(row.name)")
      let done = try await row.give(false)
      #expect(rehearsed.isEqualTo(message: done), "\(row.name): \(rehearsed) \(done)")
      #expect(try await desk.seen() != before, "\(row.name)")
    }
    #expect(try await desk.world.mismatches() == [])
  }

  @Test func `is refused as the command is, by the number of the invoice and in dollars`() async throws {
    let desk = try await Desktop()
    while try await desk.world.billing.pump(Numbering.reader) > 0 {}
    for dry in [true, false] {
      let refusal = await #expect(throws: Problem.self) {
        try await desk.world.service.creditInvoice(
          request: .with {
            ($0.invoiceID, $0.amount.cents, $0.reason, $0.dryRun) = (desk.february, 150_000, "test", dry)
          }, context: .test("CreditInvoice"))
      }
      #expect(
        refusal?.detail
          == "$1,500.00 is above what was paid for invoice INV-2027-000002 less what was adjusted: $0.00.")
    }
  }

  @Test func `the lines of an invoice that was lowered sum up to its total, and name the rule`() async throws {
    let desk = try await Desktop()
    let lowered = try await desk.world.service.adjustInvoice(
      request: .with { ($0.invoiceID, $0.amount.cents, $0.reason) = (desk.february, 1_000, "test") },
      context: .test("AdjustInvoice"))
    let read = try await desk.world.service.getInvoice(
      request: .with { $0.invoiceID = desk.february }, context: .test("GetInvoice"))
    #expect(lowered == read)
    #expect(read.lines.map(\.kind) == ["premium", "adjustment"])
    #expect(read.lines.map(\.rule) == ["actual/actual@1", ""])
    #expect(read.lines.reduce(0) { $0 + $1.amount.cents } == read.total.cents)
  }

  @Test(arguments: [("pty_x", ""), ("", " Ana"), ("", "A\nB")])
  func `who gets a refund is a party or a line of text`(_ id: String, _ name: String) async throws {
    let desk = try await Desktop()
    await #expect(throws: Problem.self) {
      try await desk.world.service.requestRefund(
        request: .with {
          ($0.accountID, $0.invoiceID, $0.amount.cents, $0.reason) = (desk.account, desk.january, 1_000, "test")
          ($0.payeeID, $0.payeeName) = (id, name)
        }, context: .test("RequestRefund"))
    }
  }
}
