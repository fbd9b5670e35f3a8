// Payments with its neighbours reduced to what they say: a store, a clock that is moved, and one voice for Billing and
// one for Claims.

import Contracts
import Kernel
import Runtime
import StoreTesting
import SwiftProtobuf

@testable import Payments

/// Somebody who only publishes.
enum Voice: Aggregate {
  static let kind = "voice"
  static let initial = 0

  struct Event: Codable, Hashable, Sendable {
    let type: String
    let data: [UInt8]
  }

  enum Refusal: Kernel.Refusal, Equatable {
    case never
    var problem: Problem { Problem(kind: .internalFault, code: "voice.never", detail: "", remedy: "") }
  }

  static func decide(_ command: Event, in state: Int) throws(Refusal) -> [Event] { [command] }
  static func evolve(_ state: Int, with event: Event) -> Int { state + 1 }
  static func name(of event: Event) -> String { event.type }

  static func publications(of recorded: Recorded<Event>, in state: Int) -> [Publication] {
    func said<M: Message>(_: M.Type) -> [Publication] {
      guard let message = try? M(serializedBytes: recorded.event.data) else { return [] }
      return [Publication(recorded.event.type, about: "", message)]
    }
    switch recorded.event.type {
    case "Invoice.Issued": return said(Premia_Billing_V1_InvoiceIssued.self)
    case "Invoice.Adjusted": return said(Premia_Billing_V1_InvoiceAdjusted.self)
    case "Invoice.Paid": return said(Premia_Billing_V1_InvoicePaid.self)
    case "Invoice.Voided": return said(Premia_Billing_V1_InvoiceVoided.self)
    case "Charge.Due": return said(Premia_Billing_V1_ChargeDue.self)
    case "Credit.Applied": return said(Premia_Billing_V1_CreditApplied.self)
    case "Claim.Approved": return said(Premia_Claims_V1_ClaimApproved.self)
    default: preconditionFailure("nobody says \(recorded.event.type)")
    }
  }
}

/// Everything around the collector.
struct House: Sendable {
  let clock = SandboxClock(Instant(date: day("2027-02-01")))
  let store = MemoryStore()
  let gateway: any Gateway
  let declines: DeclineTable
  /// Fresh on every start: what is not in the store is forgotten.
  let engine: Engine
  let billing: Engine
  let claims: Engine
  let consumers: [Consumer]

  init(gateway: any Gateway = SandboxGateway()) throws {
    self.gateway = gateway
    declines = try DeclineTable.shipped()
    let engine = Engine(context: "payments", store: store, clock: clock)
    self.engine = engine
    let billing = Engine(context: "billing", store: MemoryStore(), clock: clock)
    let claims = Engine(context: "claims", store: MemoryStore(), clock: clock)
    self.billing = billing
    self.claims = claims
    consumers = [billing, claims].map { source in
      Consumer(
        engine: engine, feed: StoreFeed(source: source.context, store: source.store),
        subscriptions: PaymentsContext.context.subscriptions.filter { $0.source == source.context })
    }
  }

  /// The store of a process that dies: after so many commits, none is written any more.
  func store(cutAfter commits: Int) -> InterceptedStore {
    InterceptedStore(store) { number throws(StoreFailure) in
      if number > commits { throw .unavailable("the process is gone") }
    }
  }

  var collector: Collector { Collector(engine: engine, gateway: gateway, declines: declines) }

  func advance(to text: String) { clock.advance(to: Instant(date: day(text))) }

  func advance(days: Int) { clock.advance(to: Instant(date: clock.now.date.adding(days: days))) }

  @discardableResult
  func collect() async throws -> Collector.Report { try await collector.run(asOf: clock.now.date) }

  /// A neighbour says something, and Payments takes it in.
  func hear(_ type: String, from source: Engine, of subject: String = "subject", _ message: any Message) async throws {
    let event = Voice.Event(type: type, data: try message.serializedBytes())
    try await source.run(Act(correlation: "test")) { unit in
      try await unit.decide(Voice.self, StreamID(subject), event)
    }
    for consumer in consumers { while try await consumer.pump() > 0 {} }
  }

  func issue(
    _ number: UInt64, policy: PolicyID = policy, _ total: Money = .dollars(300), due: String, binder: Bool = false,
    subsidy: Money = .zero, contribution: Money = .zero, of payer: PayerID = id(9), isCharge: Bool = false
  ) async throws {
    var event = Premia_Billing_V1_InvoiceIssued()
    event.invoice.invoiceID = InvoiceID(hi: number, lo: number).description
    event.invoice.policyID = policy.description
    event.invoice.accountID = AccountID(hi: 2, lo: 2).description
    event.invoice.binder = binder
    event.invoice.issuedOn = clock.now.date.description
    event.invoice.dueOn = due
    event.invoice.total.cents = total.cents
    if !subsidy.isZero {
      event.invoice.lines = [
        .with {
          $0.kind = "subsidy"
          $0.amount.cents = -subsidy.cents
        }
      ]
    }
    if isCharge { event.invoice.lines = [.with { ($0.kind, $0.amount.cents) = ("charge", total.cents) }] }
    if !contribution.isZero { event.invoice.lines.append(Self.line(contribution, of: payer)) }
    try await hear("Invoice.Issued", from: billing, event)
  }

  /// Billing's plan asks for a charge again, today.
  func chargeAgain(_ number: UInt64, policy: PolicyID = policy) async throws {
    var event = Premia_Billing_V1_ChargeDue()
    event.invoiceID = InvoiceID(hi: number, lo: number).description
    event.policyID = policy.description
    try await hear("Charge.Due", from: billing, event)
  }

  func paid(_ number: UInt64, policy: PolicyID = policy) async throws {
    var event = Premia_Billing_V1_InvoicePaid()
    event.invoiceID = InvoiceID(hi: number, lo: number).description
    event.policyID = policy.description
    try await hear("Invoice.Paid", from: billing, event)
  }

  private static func line(_ contribution: Money, of payer: PayerID) -> Premia_Billing_V1_Line {
    .with {
      $0.kind = "contribution"
      $0.name = payer.description
      $0.amount.cents = -contribution.cents
    }
  }

  func voided(
    _ number: UInt64, policy: PolicyID = policy, subsidy: Money = .zero, contribution: Money = .zero,
    of payer: PayerID = id(9)
  ) async throws {
    var event = Premia_Billing_V1_InvoiceVoided()
    event.subsidy.cents = subsidy.cents
    if !contribution.isZero { event.lines = [Self.line(contribution, of: payer)] }
    event.invoiceID = InvoiceID(hi: number, lo: number).description
    event.policyID = policy.description
    try await hear("Invoice.Voided", from: billing, event)
  }

  func credited(_ number: UInt64, _ amount: Money) async throws {
    var event = Premia_Billing_V1_CreditApplied()
    event.invoiceID = InvoiceID(hi: number, lo: number).description
    event.policyID = policy.description
    event.amount.cents = amount.cents
    try await hear("Credit.Applied", from: billing, event)
  }

  func approved(_ number: UInt64, payee: UInt64 = 5, _ amount: Money) async throws {
    var event = Premia_Claims_V1_ClaimApproved()
    event.claimID = ClaimID(hi: number, lo: number).description
    event.policyID = policy.description
    event.providerID = PayeeID(hi: payee, lo: payee).description
    event.providerNpi = "1234567893"
    event.paid.cents = amount.cents
    try await hear("Claim.Approved", from: claims, event)
  }

  func addMethod(_ text: String, policy: PolicyID = policy, autopay: Bool = true) async throws {
    let token = token(text)
    try await engine.run(Act(correlation: "test", causation: "add \(text)")) { unit in
      let method = Wallet.Method(id: unit.newID(MethodTag.self, for: text), token: token)
      try await unit.decide(
        Wallet.self, StreamID(WalletID(of: policy)),
        .addMethod(method, of: policy, autopay: autopay, on: unit.today))
    }
  }

  /// The payments in words, in the order in which they were requested: "posted 30000 2027-03-01".
  func payments() async throws -> [String] {
    let rows = try await store.rows(Query(PaymentsTables.payments))
    let sorted = rows.sorted { a, b in
      (a.text("requested_on"), a.text("invoice_id"), a.integer("attempt"))
        < (b.text("requested_on"), b.text("invoice_id"), b.integer("attempt"))
    }
    return sorted.map { "\($0.text("status")) \($0.integer("amount_cents")) \($0.text("requested_on"))" }
  }

  func sum(_ table: Table, _ column: String) async throws -> Int64 {
    try await store.tally(table, by: [], sums: ["amount_cents"], where: [(column, "posted")]).first?.sums[0] ?? 0
  }

  func mismatches() async throws -> [Mismatch] {
    try await engine.verify(PaymentsContext.context.aggregates, tables: PaymentsContext.context.tables).mismatches
  }
}
