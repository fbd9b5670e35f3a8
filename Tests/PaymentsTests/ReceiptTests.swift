import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Payments

@Suite("Receipts")
struct ReceiptTests {
  typealias Client = any Premia_Payments_V1_PaymentsService.ClientProtocol
  typealias Request = Premia_Payments_V1_ReceiveRequest

  private func serve(_ house: House, _ body: @escaping @Sendable (Client) async throws -> Void) async throws {
    let line = Line(
      services: PaymentsContext.services(engine: house.engine, gateway: house.gateway, declines: house.declines))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await line.run() }
      defer { line.close() }
      try await body(Premia_Payments_V1_PaymentsService.Client(wrapping: line.client))
    }
    #expect(try await house.mismatches() == [])
  }

  /// A line of a remittance of ACME; of the policy that tests use unless nobody is matched.
  private static func line(
    _ source: String, _ cents: Int64, _ funds: Premia_Payments_V1_Funds = .memberPremium, matched: Bool = true
  ) -> Request {
    .with {
      $0.source = source
      $0.funds = funds
      $0.payer = "ACME"
      $0.reference = "TRACE1"
      $0.remark = "CT 1"
      $0.amount.cents = cents
      $0.policyID = matched ? policy.description : ""
    }
  }

  /// Applied, returned and in suspense, in cents, and why.
  private static func figures(_ receipt: Premia_Payments_V1_Receipt) -> [String] {
    ["\(receipt.applied.cents)", "\(receipt.returned.cents)", "\(receipt.suspense.cents)", receipt.reason]
  }

  private func refusal(_ body: () async throws -> Void) async -> String? {
    do {
      try await ask(body)
      return nil
    } catch {
      return error.code
    }
  }

  @Test("pay the oldest open invoice first, and what is more than is owed is in suspense")
  func oldestFirst() async throws {
    let house = try House()
    try await house.issue(11, .dollars(300), due: "2027-02-01")
    try await house.issue(12, .dollars(100), due: "2027-03-01")
    try await serve(house) { client in
      let first = try await client.receive(Self.line("a", 350_00))
      #expect(Self.figures(first) == ["35000", "0", "0", ""])
      let second = try await client.receive(Self.line("b", 80_00))
      #expect(Self.figures(second) == ["5000", "0", "3000", "above_owed"])
      let payments = try await client.list(.with { $0.policyID = policy.description }).payments
      #expect(payments.map(\.amount.cents).sorted() == [50_00, 50_00, 300_00])
      #expect(payments.allSatisfy { $0.status == .posted && !$0.invoiceID.isEmpty && !$0.autopay })
      let totals = try await client.getTotals(.init()).totals
      #expect(totals.first { $0.name == "collected" }?.amount.cents == 400_00)
      #expect(totals.first { $0.name == "suspense" }?.amount.cents == 30_00)
    }
    let events = try await house.store.published(after: 0, limit: 10, about: nil).map {
      try Premia_Common_V1_Envelope(serializedBytes: $0.record.envelope).type
    }
    #expect(events == ["Payment.Posted", "Payment.Posted", "Payment.Posted", "Suspense.Held"])
  }

  @Test("pay a premium before a charge that is older")
  func premiumFirst() async throws {
    let house = try House()
    try await house.issue(11, .dollars(25), due: "2027-02-01", isCharge: true)
    try await house.issue(12, .dollars(300), due: "2027-03-01")
    try await serve(house) { client in
      _ = try await client.receive(Self.line("a", 300_00))
      let payments = try await client.list(.with { $0.policyID = policy.description }).payments
      #expect(payments.map(\.invoiceID) == [InvoiceID(hi: 12, lo: 12).description])
      let second = try await client.receive(Self.line("b", 30_00))
      #expect(Self.figures(second) == ["2500", "0", "500", "above_owed"])
    }
  }

  @Test("are not charged again by autopay")
  func autopay() async throws {
    let house = try House()
    try await house.addMethod("sandbox_ok")
    try await house.issue(11, .dollars(300), due: "2027-03-01")
    try await serve(house) { client in _ = try await client.receive(Self.line("a", 300_00)) }
    house.advance(to: "2027-03-01")
    #expect(try await house.collect().charged == 0)
    #expect(try await house.sum(PaymentsTables.payments, "status") == 300_00)
  }

  @Test("of tax credits pay what the exchange owes; what it takes back it owes again")
  func taxCredits() async throws {
    let house = try House()
    try await house.issue(11, due: "2027-02-01", subsidy: .dollars(200))
    try await serve(house) { client in
      let paid = try await client.receive(Self.line("a", 250_00, .taxCredit))
      #expect(Self.figures(paid) == ["20000", "0", "5000", "above_owed"])
      let back = try await client.receive(Self.line("b", -60_00, .taxCredit))
      #expect(Self.figures(back) == ["-6000", "0", "0", ""])
      let again = try await client.receive(Self.line("c", 60_00, .taxCredit))
      #expect(Self.figures(again) == ["6000", "0", "0", ""])
    }
    try await house.voided(11, subsidy: .dollars(200))
    try await serve(house) { client in
      let late = try await client.receive(Self.line("d", 10_00, .taxCredit))
      #expect(Self.figures(late) == ["0", "0", "1000", "above_owed"])
      let totals = try await client.getTotals(.init()).totals
      #expect(totals.first { $0.name == "exchange_billed" }?.amount.cents == 0)
      #expect(totals.first { $0.name == "exchange_received" }?.amount.cents == 200_00)
    }
  }

  @Test("for three policies at once pay the invoice that was due first, whosever it is")
  func atOnce() async throws {
    let house = try House()
    try await house.issue(11, .dollars(300), due: "2027-02-01")
    try await house.issue(12, .dollars(300), due: "2027-03-01")
    try await house.issue(21, policy: id(2), .dollars(200), due: "2027-01-01")
    try await house.issue(31, policy: id(3), .dollars(100), due: "2027-02-15")
    try await serve(house) { client in
      func request(_ source: String, _ cents: Int64, _ policies: [PolicyID]) -> Request {
        var request = Self.line(source, cents, matched: false)
        request.policyIds = policies.map(\.description)
        return request
      }
      let paid = try await client.receive(request("a", 650_00, [policy, id(2), id(3)]))
      #expect(Self.figures(paid) == ["65000", "0", "0", ""])
      #expect(paid.policyID.isEmpty)
      let payments = try await client.list(.init()).payments
      let portions = payments.map { "\($0.invoiceID.suffix(2)) \($0.amount.cents)" }
      let due: [(number: UInt64, cents: Int64)] = [(11, 300_00), (12, 50_00), (21, 200_00), (31, 100_00)]
      let expected = due.map { number, cents in
        "\(InvoiceID(hi: number, lo: number).description.suffix(2)) \(cents)"
      }
      #expect(portions.sorted() == expected.sorted())
      let more = try await client.receive(request("b", 260_00, [policy, id(2), id(3)]))
      #expect(Self.figures(more) == ["25000", "0", "1000", "above_owed"])
      let twice = request("c", 1_00, [policy, policy])
      #expect(await refusal { _ = try await client.receive(twice) } == "request.invalid")
      var both = request("d", 1_00, [policy])
      both.policyID = policy.description
      let refused = await refusal { [both] in _ = try await client.receive(both) }
      #expect(refused == "request.invalid")
    }
  }

  /// What an employer sends; nobody is named unless it is known.
  private static func contribution(_ source: String, _ cents: Int64, of payer: PayerID? = id(9)) -> Request {
    var request = line(source, cents, .contribution, matched: false)
    request.payerID = payer?.description ?? ""
    return request
  }

  @Test("of contributions pay what the payer owes for all its policies, and what is more is in suspense")
  func contributions() async throws {
    let house = try House()
    try await house.issue(11, due: "2027-02-01", contribution: .dollars(150))
    try await house.issue(12, policy: id(2), due: "2027-02-01", contribution: .dollars(100))
    try await serve(house) { client in
      let paid = try await client.receive(Self.contribution("a", 260_00))
      #expect(Self.figures(paid) == ["25000", "0", "1000", "above_owed"])
      #expect(paid.payerID == PayerID(hi: 9, lo: 9).description && paid.policyID.isEmpty)
      let nobody = try await client.receive(Self.contribution("b", 50_00, of: nil))
      #expect(Self.figures(nobody) == ["0", "0", "5000", "unmatched"])
      let back = try await client.receive(Self.contribution("c", -50_00))
      #expect(Self.figures(back) == ["0", "0", "-5000", "takes_back"])
    }
    try await house.voided(12, policy: id(2), contribution: .dollars(100))
    try await house.issue(13, policy: id(2), due: "2027-03-01", contribution: .dollars(130))
    try await serve(house) { client in
      let held = try await client.listSuspense(.with { $0.reason = "unmatched" }).receipts
      let apply = Premia_Payments_V1_ApplySuspenseRequest.with {
        $0.receiptID = held.first?.receiptID ?? ""
        $0.payerID = PayerID(hi: 9, lo: 9).description
        $0.amount.cents = 30_00
      }
      #expect(Self.figures(try await client.applySuspense(apply)) == ["3000", "0", "2000", "unmatched"])
      #expect(await refusal { _ = try await client.applySuspense(apply) } == "payments.amount_above_suspense")
      let totals = try await client.getTotals(.init()).totals
      #expect(totals.first { $0.name == "contributions_billed" }?.amount.cents == 280_00)
      #expect(totals.first { $0.name == "contributions_received" }?.amount.cents == 280_00)
    }
    let events = try await house.store.published(after: 0, limit: 20, about: nil).map {
      try Premia_Common_V1_Envelope(serializedBytes: $0.record.envelope).type
    }
    #expect(
      events == [
        "Contribution.Posted", "Suspense.Held", "Suspense.Held", "Suspense.Held", "Suspense.Released",
        "Contribution.Posted",
      ])
  }

  struct Held: Sendable {
    let request: Request
    let reason: String
  }

  @Test(
    "that no account is known for are in suspense with the reason and their age",
    arguments: [
      Held(request: line("a", 100_00, matched: false), reason: "unmatched"),
      Held(request: line("a", 100_00, .taxCredit, matched: false), reason: "unmatched"),
      Held(request: line("a", -100_00, matched: false), reason: "unmatched"),
      Held(request: line("a", 100_00), reason: "above_owed"),
      Held(request: line("a", -100_00), reason: "takes_back"),
      Held(request: line("a", 100_00, .otherFunds), reason: "other_funds"),
      Held(request: line("a", -25_00, .otherFunds, matched: false), reason: "other_funds"),
    ])
  func held(_ row: Held) async throws {
    let house = try House()
    try await serve(house) { client in
      let receipt = try await client.receive(row.request)
      #expect(receipt.suspense == row.request.amount && receipt.reason == row.reason && receipt.ageDays == 0)
      house.advance(days: 9)
      let list = try await client.listSuspense(.with { $0.reason = row.reason }).receipts
      #expect(list.map(\.receiptID) == [receipt.receiptID] && list.first?.ageDays == 9)
      #expect(list.first?.payer == "ACME" && list.first?.reference == "TRACE1" && list.first?.remark == "CT 1")
      #expect(try await client.listSuspense(.with { $0.payer = "NOBODY" }).receipts.isEmpty)
    }
  }

  @Test("leave suspense in parts, each to its policy, and never twice")
  func release() async throws {
    let house = try House()
    let other: PolicyID = id(2)
    try await house.issue(11, .dollars(300), due: "2027-02-01")
    try await house.issue(12, policy: other, .dollars(100), due: "2027-02-01")
    try await serve(house) { client in
      let held = try await client.receive(Self.line("a", 450_00, matched: false))
      func apply(
        _ key: String, _ policyID: PolicyID, _ cents: Int64?
      ) async throws -> Premia_Payments_V1_Receipt {
        try await Carriage.with(Act(correlation: "test"), key: key) {
          try await client.applySuspense(
            .with {
              $0.receiptID = held.receiptID
              $0.policyID = policyID.description
              if let cents { $0.amount.cents = cents }
            })
        }
      }
      let first = try await apply("k1", policy, 300_00)
      #expect(Self.figures(first) == ["30000", "0", "15000", "unmatched"])
      #expect(try await apply("k1", policy, 300_00) == first)
      #expect(await refusal { _ = try await apply("k2", policy, 1_00) } == "payments.amount_above_owed")
      #expect(await refusal { _ = try await apply("k3", other, nil) } == "payments.amount_above_owed")
      #expect(await refusal { _ = try await apply("k4", other, 150_01) } == "payments.amount_above_suspense")
      #expect(Self.figures(try await apply("k5", other, 100_00)) == ["40000", "0", "5000", "unmatched"])
      let back = Premia_Payments_V1_ReturnSuspenseRequest.with {
        $0.receiptID = held.receiptID
        $0.reason = "paid twice"
      }
      #expect(Self.figures(try await client.returnSuspense(back)) == ["40000", "5000", "0", "unmatched"])
      #expect(await refusal { _ = try await client.returnSuspense(back) } == "payments.not_in_suspense")
      #expect(await refusal { _ = try await apply("k6", other, nil) } == "payments.not_in_suspense")
      #expect(try await client.listSuspense(.init()).receipts.isEmpty)
      #expect(try await client.getReceipt(.with { $0.receiptID = held.receiptID }).applied.cents == 400_00)
    }
    let events = try await house.store.published(after: 0, limit: 10, about: nil).map {
      try Premia_Common_V1_Envelope(serializedBytes: $0.record.envelope).type
    }
    #expect(
      events == [
        "Suspense.Held", "Suspense.Released", "Payment.Posted", "Suspense.Released", "Payment.Posted",
        "Suspense.Returned",
      ])
  }

  @Test("of the same source are one, whomever it is matched to later; another amount is refused")
  func sameSource() async throws {
    let house = try House()
    try await house.issue(11, .dollars(300), due: "2027-02-01")
    try await serve(house) { client in
      let first = try await client.receive(Self.line("a", 100_00, matched: false))
      #expect(try await client.receive(Self.line("a", 100_00)) == first)
      #expect(await refusal { _ = try await client.receive(Self.line("a", 100_01)) } == "payments.received_before")
      #expect(try await client.listSuspense(.init()).receipts.count == 1)
    }
  }

  @Test("that cannot be are refused, and nothing is changed")
  func refusals() async throws {
    let house = try House()
    try await serve(house) { client in
      func refused(_ change: (inout Request) -> Void) async -> String? {
        var request = Self.line("a", 100_00)
        change(&request)
        return await refusal { [request] in _ = try await client.receive(request) }
      }
      #expect(await refused { $0.amount.cents = 0 } == "payments.nothing_received")
      #expect(await refused { $0.amount.currency = "CAD" } == "payments.currency_differs")
      #expect(await refused { $0.amount.currency = "XXL" } == "request.invalid")
      #expect(await refused { $0.amount.cents = Receipt.mostCents + 1 } == "payments.amount_too_large")
      #expect(await refused { $0.amount.cents = .min } == "payments.amount_too_large")
      #expect(await refused { $0.funds = .unspecified } == "request.invalid")
      #expect(await refused { $0.payer = "" } == "request.invalid")
      #expect(await refused { $0.reference = "" } == "request.invalid")
      #expect(await refused { $0.source = "" } == "request.invalid")
      #expect(await refused { $0.policyID = "4567" } == "request.invalid")
      #expect(await refused { $0.payerID = PayerID(hi: 9, lo: 9).description } == "request.invalid")
      #expect(await refused { $0.funds = .contribution } == "request.invalid")
      let unknown = ReceiptID(hi: 1, lo: 1).description
      #expect(
        await refusal { _ = try await client.getReceipt(.with { $0.receiptID = unknown }) }
          == "payments.unknown_receipt")
      #expect(
        await refusal {
          _ = try await client.returnSuspense(
            .with {
              $0.receiptID = unknown
              $0.reason = "why"
            })
        } == "payments.unknown_receipt")
      #expect(
        await refusal { _ = try await client.listSuspense(.with { $0.reason = "lost" }) } == "request.invalid")
    }
    #expect(try await house.store.rows(Query(PaymentsTables.receipts)).isEmpty)
  }

  @Test("that take premium back or are of other funds are not applied, but made good or returned")
  func notApplied() async throws {
    let house = try House()
    try await house.issue(11, .dollars(300), due: "2027-02-01")
    try await serve(house) { client in
      let back = try await client.receive(Self.line("a", -20_00))
      let fee = try await client.receive(Self.line("b", 50_00, .otherFunds))
      for (receipt, code) in [(back, "payments.takes_back"), (fee, "payments.other_funds")] {
        let said = await refusal {
          _ = try await client.applySuspense(
            .with {
              $0.receiptID = receipt.receiptID
              $0.policyID = policy.description
            })
        }
        #expect(said == code)
        let request = Premia_Payments_V1_ReturnSuspenseRequest.with { $0.receiptID = receipt.receiptID }
        #expect(await refusal { _ = try await client.returnSuspense(request) } == "payments.no_reason")
      }
      let settled = try await client.returnSuspense(
        .with {
          $0.receiptID = back.receiptID
          $0.reason = "made good by ACME"
        })
      #expect(Self.figures(settled) == ["0", "-2000", "0", "takes_back"])
    }
  }
}
