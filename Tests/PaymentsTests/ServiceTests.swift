import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Payments

@Suite("Payments service")
struct ServiceTests {
  typealias Client = any Premia_Payments_V1_PaymentsService.ClientProtocol

  /// Runs calls over a line in this process.
  private func call(_ house: House, _ body: @escaping @Sendable (Client) async throws -> Void) async throws {
    let services = PaymentsContext.services(
      engine: house.engine, gateway: house.gateway, declines: house.declines)
    let line = Line(services: services)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await line.run() }
      defer { line.close() }
      try await body(Premia_Payments_V1_PaymentsService.Client(wrapping: line.client))
    }
  }

  private static func pay(
    _ number: UInt64, _ cents: Int64? = nil, token: String = "tok_sandbox_ok"
  ) -> Premia_Payments_V1_PayRequest {
    var request = Premia_Payments_V1_PayRequest()
    request.policyID = policy.description
    request.invoiceID = InvoiceID(hi: number, lo: number).description
    request.token = token
    if let cents { request.amount.cents = cents }
    return request
  }

  private func refusal(_ body: () async throws -> Void) async -> Problem? {
    do {
      try await ask(body)
      return nil
    } catch {
      return error
    }
  }

  @Test("a member pays, the answer is the outcome, and the same key gets it again")
  func pays() async throws {
    let house = try House()
    try await house.issue(11, due: "2027-03-01")
    try await call(house) { client in
      let act = Act(correlation: "walk")
      let first = try await Carriage.with(act, key: "k1") { try await client.pay(Self.pay(11)) }
      #expect(first.status == .posted)
      #expect(first.amount.cents == 300_00)
      #expect(first.settledOn == "2027-02-01")
      try await house.paid(11)
      let second = try await Carriage.with(act, key: "k1") { try await client.pay(Self.pay(11)) }
      #expect(second == first)
      let other = await refusal {
        _ = try await Carriage.with(act, key: "k1") { try await client.pay(Self.pay(11, 5)) }
      }
      #expect(other?.code == "idempotency.key_reused")
      let paidTwice = await refusal { _ = try await client.pay(Self.pay(11)) }
      #expect(paidTwice?.code == "payments.invoice_paid")
      #expect(paidTwice?.kind == .precondition)
      let again = try await client.get(.with { $0.paymentID = first.paymentID })
      #expect(again == first)
      let totals = try await client.getTotals(.init())
      let names = [
        "collected", "paid_out", "refunded", "exchange_billed", "exchange_received", "contributions_billed",
        "contributions_received", "suspense",
      ]
      #expect(totals.totals.map(\.name) == names)
      #expect(totals.totals.map(\.amount.cents) == [300_00] + Array(repeating: 0, count: 7))
    }
    #expect(try await house.mismatches() == [])
  }

  @Test("what is refused, and with which code")
  func refusals() async throws {
    let house = try House()
    try await house.issue(11, due: "2027-03-01")
    try await house.issue(12, due: "2027-03-01")
    try await house.voided(12)
    try await call(house) { client in
      let bad: [(String, Premia_Payments_V1_PayRequest)] = [
        ("payments.unknown_invoice", Self.pay(99)),
        ("payments.invoice_void", Self.pay(12)),
        ("payments.amount_above_open", Self.pay(11, 300_01)),
        ("payments.amount_not_positive", Self.pay(11, 0)),
        ("payments.amount_not_positive", Self.pay(11, -5)),
        (
          "payments.currency_differs",
          .with {
            $0 = Self.pay(11, 5); $0.amount.currency = "EUR"
          }
        ),
        (
          "request.invalid",
          .with {
            $0 = Self.pay(11, 5); $0.amount.currency = "XXL"
          }
        ),
        ("payments.bad_token", Self.pay(11, token: "4111111111111111")),
        ("request.invalid", Self.pay(11, token: "")),
        (
          "request.invalid",
          .with {
            $0 = Self.pay(11); $0.methodID = MethodID(hi: 1, lo: 1).description
          }
        ),
        (
          "payments.method_not_of_policy",
          .with {
            $0 = Self.pay(11, token: ""); $0.methodID = MethodID(hi: 1, lo: 1).description
          }
        ),
        (
          "request.invalid",
          .with {
            $0 = Self.pay(11); $0.policyID = "pol_x"
          }
        ),
        (
          "request.invalid",
          .with {
            $0 = Self.pay(11); $0.invoiceID = ""
          }
        ),
      ]
      for (code, request) in bad {
        let problem = await refusal { _ = try await client.pay(request) }
        #expect(problem?.code == code, "\(request)")
      }
      let method = await refusal {
        _ = try await client.addMethod(
          .with {
            $0.policyID = policy.description; $0.token = "4111"
          })
      }
      #expect(method?.code == "payments.bad_token")
      let run = await refusal { _ = try await client.run(.with { $0.asOf = "2027-02-02" }) }
      #expect(run?.code == "request.invalid")
      let unknown = await refusal {
        _ = try await client.get(.with { $0.paymentID = PaymentID(hi: 1, lo: 1).description })
      }
      #expect(unknown?.code == "payment.not_found")
    }
    #expect(try await house.payments() == [])
    #expect(try await house.mismatches() == [])
  }

  @Test("a decline is an answer; a hard one bars the token")
  func declined() async throws {
    let house = try House()
    try await house.issue(11, due: "2027-03-01")
    try await call(house) { client in
      let soft = try await client.pay(Self.pay(11, token: "tok_sandbox_decline_51"))
      #expect(soft.status == .failed && soft.declineCode == "51" && soft.declineClass == .soft)
      let hard = try await client.pay(Self.pay(11, token: "tok_sandbox_decline_43"))
      #expect(hard.status == .failed && hard.declineClass == .hard && hard.attempt == 2)
      let barred = await refusal { _ = try await client.pay(Self.pay(11, token: "tok_sandbox_decline_43")) }
      #expect(barred?.code == "payments.token_barred")
      #expect(try await client.pay(Self.pay(11)).status == .posted)
    }
    let published = try await house.store.published(after: 0, limit: 10, about: policy.description)
    let types = try published.map { try Premia_Common_V1_Envelope(record: $0.record, position: $0.position).type }
    #expect(types == ["Payment.Failed", "Payment.Failed", "Payment.Posted"])
  }

  @Test("a month of autopay and payouts: lists, summary and totals agree")
  func month() async throws {
    let house = try House()
    try await call(house) { client in
      let request = Premia_Payments_V1_AddMethodRequest.with {
        $0.policyID = policy.description
        $0.token = "tok_sandbox_decline_51_then_ok"
        $0.autopay = true
      }
      let method = try await client.addMethod(request)
      #expect(try await client.addMethod(request) == method)
      #expect(method.autopay)
      try await house.issue(11, due: "2027-02-01", binder: true)
      try await house.approved(1, .dollars(80))
      try await house.approved(2, .dollars(20))
      #expect(
        try await client.run(.init())
          == .with {
            $0.charged = 1; $0.failed = 1
          })
      house.advance(to: "2027-02-04")
      try await house.chargeAgain(11)
      #expect(
        try await client.run(.with { $0.asOf = "2027-02-04" })
          == .with {
            $0.charged = 1; $0.posted = 1; $0.payouts = 1
          })
      let all = try await client.list(
        .with {
          $0.policyID = policy.description; $0.page.size = 1
        })
      #expect(all.payments.count == 1)
      let rest = try await client.list(
        .with {
          $0.policyID = policy.description; $0.page.token = all.nextToken
        })
      #expect((all.payments + rest.payments).map(\.status) == [.failed, .posted])
      #expect(rest.nextToken.isEmpty)
      #expect(try await client.list(.with { $0.status = .posted }).payments == rest.payments)
      let payouts = try await client.listPayouts(.with { $0.payeeID = PayeeID(hi: 5, lo: 5).description }).payouts
      #expect(payouts.map(\.amount.cents) == [100_00])
      #expect(payouts.first?.claims.count == 2)
      #expect(payouts.first?.traceNumber.count == 15)
      let summary = try await client.getSummary(.init())
      #expect(summary.payments.map(\.name) == ["failed", "posted"])
      #expect(summary.collected.cents == 300_00)
      #expect(summary.paidOut.cents == 100_00)
      #expect(summary.journeys.map(\.name) == ["payment", "payout"])
      #expect(summary.journeys.map(\.completed) == [2, 1])
      #expect(summary.journeys.map(\.straightThroughBasisPoints) == [0, 10_000])
      #expect(summary.journeys.map(\.medianDays) == [0, 3])
    }
    let events = try await house.store.published(after: 0, limit: 10, about: nil).map {
      try Premia_Common_V1_Envelope(record: $0.record, position: $0.position)
    }
    #expect(events.map(\.type) == ["Payment.Failed", "Payment.Posted", "Payout.Posted"])
    let failed = try Premia_Payments_V1_PaymentFailed(serializedBytes: events[0].data)
    #expect(failed.payment.method == .card && failed.payment.autopay)
    #expect(try await house.mismatches() == [])
  }

  @Test("an event for an invoice that was never issued is set aside")
  func unknownInvoice() async throws {
    let house = try House()
    try await house.paid(11)
    let letters = try await house.store.deadLetters(source: "billing")
    #expect(letters.map { $0.reason.hasPrefix("payments.unknown_invoice") } == [true])
  }
}
