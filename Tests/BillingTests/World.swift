// Billing between the contexts that it listens to, all in memory.

import Contracts
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

/// A context that says what a test tells it to.
enum Herald: Aggregate {
  struct Saying: Codable, Equatable, Sendable {
    let type: String
    let about: String
    let bytes: [UInt8]
  }
  enum Refusal: Error, Kernel.Refusal, Equatable {
    case never
    var problem: Problem { Problem(kind: .internalFault, code: "herald.never", detail: "", remedy: "") }
  }

  static let kind = "herald"
  static let initial = 0
  static func name(of event: Saying) -> String { event.type }
  static func decide(_ command: Saying, in state: Int) throws(Refusal) -> [Saying] { [command] }
  static func evolve(_ state: Int, with event: Saying) -> Int { state + 1 }

  static func publications(of recorded: Recorded<Saying>, in state: Int) -> [Publication] {
    let (type, bytes) = (recorded.event.type, recorded.event.bytes)
    do {
      let message: any Message =
        switch type {
        case "Policy.Bound": try Premia_Policy_V1_PolicyBound(serializedBytes: bytes)
        case "Policy.Issued": try Premia_Policy_V1_PolicyIssued(serializedBytes: bytes)
        case "Policy.Terminated": try Premia_Policy_V1_PolicyTerminated(serializedBytes: bytes)
        case "Policy.Endorsed": try Premia_Policy_V1_PolicyEndorsed(serializedBytes: bytes)
        case "Policy.Paused": try Premia_Policy_V1_PolicyPaused(serializedBytes: bytes)
        case "Policy.Resumed": try Premia_Policy_V1_PolicyResumed(serializedBytes: bytes)
        case "Policy.Renewed": try Premia_Policy_V1_PolicyRenewed(serializedBytes: bytes)
        case "Policy.Rescinded": try Premia_Policy_V1_PolicyRescinded(serializedBytes: bytes)
        case "Policy.Reinstated": try Premia_Policy_V1_PolicyReinstated(serializedBytes: bytes)
        case "Contribution.Posted": try Premia_Payments_V1_ContributionPosted(serializedBytes: bytes)
        default: try Premia_Payments_V1_PaymentPosted(serializedBytes: bytes)
        }
      return [Publication(type, about: recorded.event.about, message)]
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

final class World: Sendable {
  let clock: SandboxClock
  let billing: Engine
  let service: BillingService
  private let policy: Engine
  private let payments: Engine
  private let consumers: [Consumer]
  private let levies: LevyRules

  init(_ start: String, levies: LevyRules = .none) {
    self.levies = levies
    clock = SandboxClock(Instant(date: day(start), secondsOfDay: 9 * 3_600))
    billing = Engine(context: "billing", store: MemoryStore(), clock: clock)
    policy = Engine(context: "policy", store: MemoryStore(), clock: clock)
    payments = Engine(context: "payments", store: MemoryStore(), clock: clock)
    service = BillingService(engine: billing, levies: levies)
    let engines = [policy, payments]
    consumers = engines.map { [billing] source in
      Consumer(
        engine: billing, feed: StoreFeed(source: source.context, store: source.store),
        subscriptions: BillingContext.context(levying: levies).subscriptions.filter { $0.source == source.context })
    }
  }

  var today: CalendarDate { clock.now.date }

  /// Says something of a policy, and lets billing hear it.
  func say(_ type: String, of policy: Premia_Policy_V1_Policy) async throws {
    let message: any Message
    switch type {
    case "Policy.Bound": message = Premia_Policy_V1_PolicyBound.with { $0.policy = policy }
    case "Policy.Issued": message = Premia_Policy_V1_PolicyIssued.with { $0.policy = policy }
    case "Policy.Endorsed": message = Premia_Policy_V1_PolicyEndorsed.with { $0.policy = policy }
    case "Policy.Paused": message = Premia_Policy_V1_PolicyPaused.with { $0.policy = policy }
    case "Policy.Resumed": message = Premia_Policy_V1_PolicyResumed.with { $0.policy = policy }
    case "Policy.Renewed": message = Premia_Policy_V1_PolicyRenewed.with { $0.policy = policy }
    case "Policy.Rescinded": message = Premia_Policy_V1_PolicyRescinded.with { $0.policy = policy }
    case "Policy.Reinstated": message = Premia_Policy_V1_PolicyReinstated.with { $0.policy = policy }
    default: message = Premia_Policy_V1_PolicyTerminated.with { $0.policy = policy }
    }
    try await say(self.policy, type, message, subject: policy.policyID, about: policy.policyID)
  }

  func pay(_ number: UInt64, _ cents: Int64, for policy: String, invoice: String = "") async throws {
    let payment = Premia_Payments_V1_PaymentPosted.with {
      $0.payment.paymentID = ID<PaymentTag>(hi: 0x0190_0000_0000_7000, lo: 1 << 63 | number).description
      $0.payment.policyID = policy
      $0.payment.invoiceID = invoice
      $0.payment.amount.cents = cents
    }
    try await say(payments, "Payment.Posted", payment, subject: payment.payment.paymentID, about: policy)
  }

  /// A payer of contributions pays.
  func contribute(_ number: Int, _ cents: Int64, from payer: ID<PartyTag>) async throws {
    let event = Premia_Payments_V1_ContributionPosted.with {
      $0.receiptID = "rcp_\(number)"
      $0.payerID = payer.description
      $0.amount.cents = cents
    }
    try await say(payments, "Contribution.Posted", event, subject: event.receiptID, about: "")
  }

  private func say(
    _ engine: Engine, _ type: String, _ message: any Message, subject: String, about: String
  ) async throws {
    let saying = Herald.Saying(type: type, about: about, bytes: try message.serializedBytes())
    try await engine.run(Act(correlation: "test", causation: "test/\(type)")) { unit in
      try await unit.decide(Herald.self, StreamID(subject), saying)
    }
    for consumer in consumers { while try await consumer.pump() > 0 {} }
  }

  /// Lets the days pass up to a date, with a run on each.
  ///
  /// - Parameter stating: issues statements too.
  func live(until date: String, stating: Bool = false) async throws {
    while today < day(date) {
      clock.advance(to: Instant(date: today.adding(days: 1), secondsOfDay: 9 * 3_600))
      _ = try await BillingRun.run(engine: billing, asOf: today, levies: levies)
      if stating { _ = try await StatementRun.run(engine: billing, asOf: today) }
    }
  }

  func account(_ policy: String) async throws -> Premia_Billing_V1_Account {
    try await service.findAccount(request: .with { $0.policyID = policy }, context: .test("FindAccount"))
  }

  func invoices(_ policy: String) async throws -> [Premia_Billing_V1_Invoice] {
    let account = try await account(policy)
    let request = Premia_Billing_V1_ListInvoicesRequest.with { $0.accountID = account.accountID }
    return try await service.listInvoices(request: request, context: .test("ListInvoices")).invoices
  }

  func total(_ name: String) async throws -> Int64 {
    let totals = try await service.getTotals(request: .init(), context: .test("GetTotals"))
    let total = try #require(totals.totals.first { $0.name == name })
    return total.amount.cents
  }

  /// The types of what billing published, oldest first.
  func published() async throws -> [String] {
    let feed = StoreFeed(source: "billing", store: billing.store)
    return try await feed.read(after: 0, limit: 1_000).map(\.type)
  }

  func letters() async throws -> [String] {
    try await billing.store.deadLetters(source: nil).map(\.reason)
  }

  func mismatches() async throws -> [Mismatch] {
    try await billing.verify(BillingContext.context.aggregates, tables: BillingContext.context.tables).mismatches
  }
}

extension ServerContext {
  static func test(_ method: String) -> ServerContext {
    let descriptor = MethodDescriptor(
      service: ServiceDescriptor(fullyQualifiedService: "premia.billing.v1.BillingService"), method: method)
    return ServerContext(
      descriptor: descriptor, remotePeer: "test", localPeer: "test", cancellation: RPCCancellationHandle())
  }
}

/// A policy's snapshot, as others publish it.
func snapshot(_ number: UInt64, from start: String, to end: String = "", gross: Int64 = 31_000, aptc: Int64 = 0)
  -> Premia_Policy_V1_Policy
{
  .with {
    $0.policyID = ID<PolicyTag>(hi: 0x0190_0000_0000_7000, lo: 1 << 63 | number).description
    $0.subscriberID = "pty_1"
    $0.state = "NY"
    $0.effectiveDate = start
    $0.endDate = end
    $0.premium = [
      .with {
        $0.from = start
        $0.planID = "silver"
        $0.gross.cents = gross
        $0.aptc.cents = aptc
      }
    ]
  }
}
