// Two copies of a context beside one, at work whose limit is not the store: automatic charges through a gateway that
// takes its time. Each copy is an engine with connections and leases of its own; what they share is the schema.

import Contracts
import Courier
import Foundation
import Kernel
import Payments
import Runtime
import SwiftProtobuf

/// Measures copies of Payments.
struct CopyRate: Sendable {
  let plan: ClusterPlan
  let declines: DeclineTable
  /// About how long one copy takes.
  let seconds: Int

  private static let day = DemoParameters.start
  private static let gatewayMilliseconds = 400
  private static let gateway = SlowGateway(answersAfter: .milliseconds(gatewayMilliseconds))
  /// How many calls to the gateway a copy has open at once, as `Collector` has it; a page of charges is 128.
  private static let callsAtOnce = 32

  func measure() async throws -> Figure {
    let charges = seconds * Self.callsAtOnce * 1_000 / Self.gatewayMilliseconds
    let one = try await chargesPerSecond(copies: 1, charges)
    let two = try await chargesPerSecond(copies: 2, charges)
    return Figure(
      "charges by two copies, \(charges) at a gateway of \(Self.gatewayMilliseconds) ms", two, "charges/s", floor: one)
  }

  private func chargesPerSecond(copies: Int, _ charges: Int) async throws -> Double {
    var engines: [Engine] = []
    do {
      for _ in 0..<copies {
        let store = try await plan.store(
          "scale_copies_\(copies)", connections: 8, tables: PaymentsContext.context.tables)
        engines.append(
          Engine(context: "payments", store: store, clock: SandboxClock(Instant(date: Self.day, secondsOfDay: 36_000))))
      }
      try await prepare(engines[0], charges)
      let start = ContinuousClock.now
      let posted = try await withThrowingTaskGroup(of: Int64.self) { [declines] group in
        for engine in engines {
          let collector = Collector(engine: engine, gateway: Self.gateway, declines: declines)
          group.addTask { try await collector.run(asOf: Self.day).posted }
        }
        return try await group.reduce(0, +)
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      precondition(posted == charges, "\(posted) of \(charges) charges were posted")
      for engine in engines { await engine.store.close() }
      return Double(charges) / seconds
    } catch {
      for engine in engines { await engine.store.close() }
      throw error
    }
  }

  /// As many policies with an open invoice, due today, and a card on file.
  private func prepare(_ engine: Engine, _ charges: Int) async throws {
    let consumer = Consumer(
      engine: engine, feed: OpenInvoices(count: charges, day: Self.day),
      subscriptions: PaymentsContext.context.subscriptions.filter { $0.source == "billing" })
    while try await consumer.pump() > 0 {}
    let line = Line(
      services: PaymentsContext.services(engine: engine, gateway: Self.gateway, declines: declines))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await line.run() }
      defer { line.close() }
      let payments = Premia_Payments_V1_PaymentsService.Client(wrapping: line.client)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 1...charges {
          if number > 32 { try await group.next() }
          let request = Premia_Payments_V1_AddMethodRequest.with {
            $0.policyID = OpenInvoices.policy(number)
            $0.token = "tok_sandbox_ok"
            $0.autopay = true
          }
          group.addTask { _ = try await ask { try await payments.addMethod(request, options: .bounded) } }
        }
        try await group.waitForAll()
      }
    }
  }
}

/// The sandbox's gateway at the other end of a slow line.
private struct SlowGateway: Gateway {
  let answersAfter: Duration
  private let gateway = SandboxGateway()

  init(answersAfter: Duration) { self.answersAfter = answersAfter }

  func charge(_ charge: Charge) async -> GatewayAnswer {
    // Who is cancelled meanwhile never hears the answer.
    guard (try? await Task.sleep(for: answersAfter)) != nil else { return .unknown }
    return await gateway.charge(charge)
  }

  func lookUp(_ charge: Charge) async -> GatewayAnswer? { await gateway.lookUp(charge) }
  func send(_ transfer: Transfer) async -> GatewayAnswer { await gateway.send(transfer) }
  func lookUp(_ transfer: Transfer) async -> GatewayAnswer? { await gateway.lookUp(transfer) }
}

/// Billing's log, reduced to an invoice for each of some policies.
private struct OpenInvoices: Feed {
  let count: Int
  let day: CalendarDate

  private struct PolicyTag: IDTag { static let prefix = "pol" }
  private struct InvoiceTag: IDTag { static let prefix = "inv" }
  private struct AccountTag: IDTag { static let prefix = "acc" }

  var source: String { "billing" }

  static func policy(_ number: Int) -> String { ID<PolicyTag>(hi: 1, lo: UInt64(number)).description }

  func last() async throws -> Int64 { Int64(count) }

  func read(after position: Int64, limit: Int) async throws -> [Premia_Common_V1_Envelope] {
    try (Int(position)..<min(count, Int(position) + limit)).map { try envelope($0 + 1) }
  }

  private func envelope(_ number: Int) throws -> Premia_Common_V1_Envelope {
    let account = ID<AccountTag>(hi: 1, lo: UInt64(number)).description
    let event = Premia_Billing_V1_InvoiceIssued.with {
      $0.invoice.invoiceID = ID<InvoiceTag>(hi: 1, lo: UInt64(number)).description
      $0.invoice.accountID = account
      $0.invoice.policyID = Self.policy(number)
      $0.invoice.issuedOn = day.description
      $0.invoice.dueOn = day.description
      $0.invoice.total = Premia_Common_V1_Money(Money(cents: 300_00))
    }
    let data = try event.serializedBytes() as [UInt8]
    return Premia_Common_V1_Envelope.with {
      $0.id = "evt_\(number)"
      $0.source = source
      $0.type = "Invoice.Issued"
      $0.subject = account
      $0.position = Int64(number)
      $0.data = Data(data)
    }
  }
}
