// Commissions over the in-memory store, with what Policy and Billing say written by hand.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf
import Synchronization
import Testing

@testable import Commissions

/// A neighbour's log, as the test writes it.
final class Script: Feed {
  let source: String
  private let events = Mutex<[Premia_Common_V1_Envelope]>([])

  init(source: String) { self.source = source }

  func append(_ type: String, about subject: String, _ message: some Message) throws {
    var envelope = Premia_Common_V1_Envelope()
    envelope.source = source
    envelope.type = type
    envelope.subject = subject
    envelope.data = try message.serializedData()
    events.withLock { events in
      envelope.position = Int64(events.count + 1)
      envelope.id = "\(source)/\(envelope.position)"
      events.append(envelope)
    }
  }

  func read(after position: Int64, limit: Int) -> [Premia_Common_V1_Envelope] {
    events.withLock { Array($0.dropFirst(Int(position)).prefix(limit)) }
  }

  func last() -> Int64 { events.withLock { Int64($0.count) } }
}

let policyID = PolicyID(hi: 7, lo: 7)

struct World {
  let clock: SandboxClock
  let engine: Engine
  let context: Runtime.Context
  let service: CommissionsService
  private let policy = Script(source: "policy")
  private let billing = Script(source: "billing")

  init(under schedule: CommissionSchedule) {
    let clock = SandboxClock(Instant(date: day("2027-01-01"), secondsOfDay: 9 * 3_600))
    self.init(clock, Engine(context: "commissions", store: MemoryStore(), clock: clock), under: schedule)
  }

  private init(_ clock: SandboxClock, _ engine: Engine, under schedule: CommissionSchedule) {
    self.clock = clock
    self.engine = engine
    context = CommissionsContext.context(schedule: schedule)
    service = CommissionsService(engine: engine, schedule: schedule)
  }

  /// The same house, opened again with another schedule.
  func reopened(under schedule: CommissionSchedule) -> World { World(clock, engine, under: schedule) }

  private func take() async throws {
    for script in [policy, billing] {
      let consumer = Consumer(
        engine: engine, feed: script, subscriptions: context.subscriptions.filter { $0.source == script.source })
      while try await consumer.pump() > 0 {}
    }
  }

  func hear(_ type: String, _ message: some Message) async throws {
    let script = type.hasPrefix("Policy.") ? policy : billing
    try script.append(type, about: policyID.description, message)
    try await take()
  }

  func deadLetters() async throws -> [String] { try await engine.store.deadLetters(source: nil).map(\.reason) }

  /// Nothing is stored that its events do not say, and nothing was set aside.
  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let report = try await engine.verify(context.aggregates, tables: context.tables)
    #expect(report.mismatches.isEmpty, sourceLocation: sourceLocation)
    #expect(try await deadLetters() == [], sourceLocation: sourceLocation)
  }
}

// MARK: - What the neighbours say

extension World {
  /// - Parameter end: exclusive; empty is open.
  func snapshot(_ version: Int64, end: String = "", members: [String] = ["2027-01-01"]) -> Premia_Policy_V1_Policy {
    .with {
      $0.policyID = policyID.description
      $0.version = version
      $0.state = "IL"
      $0.channel = "exchange"
      $0.effectiveDate = "2027-01-01"
      $0.endDate = end
      $0.termStarts = ["2027-01-01"]
      $0.members = members.map { from in .with { $0.from = from } }
      $0.premium = [
        .with {
          $0.from = "2027-01-01"
          $0.to = end
          $0.planID = "silver"
          $0.level = .silver
        }
      ]
    }
  }

  /// With a charge on it that is no premium, paid.
  func bill(_ month: String) async throws {
    let (from, to) = ("\(month)-01", day("\(month)-01").firstOfNextMonth.description)
    func line(_ kind: String, _ cents: Int64) -> Premia_Billing_V1_Line {
      .with {
        $0.kind = kind
        $0.from = from
        $0.to = to
        $0.amount.cents = cents
      }
    }
    try await hear(
      "Invoice.Issued",
      Premia_Billing_V1_InvoiceIssued.with {
        $0.invoice.invoiceID = invoice(month).description
        $0.invoice.policyID = policyID.description
        $0.invoice.lines = [line("premium", 300_00), line("subsidy", -200_00), line("charge", 25_00)]
      })
    try await hear(
      "Invoice.Paid",
      Premia_Billing_V1_InvoicePaid.with {
        $0.invoiceID = invoice(month).description
        $0.policyID = policyID.description
      })
  }
}

// MARK: - What is asked

extension World {
  func advance(to date: String) { clock.advance(to: Instant(date: day(date), secondsOfDay: 9 * 3_600)) }

  func appoint(_ producer: ProducerID, state: String = "IL") async throws {
    _ = try await service.appointProducer(
      request: .with {
        $0.producerID = producer.description
        $0.appointment.state = state
        $0.appointment.from = "2020-01-01"
      }, context: .test)
  }

  @discardableResult
  func assign(
    _ producer: ProducerID, from: String, reason: String = "sold"
  ) async throws -> Premia_Commissions_V1_PolicyCommission {
    try await service.assignProducer(
      request: .with {
        $0.policyID = policyID.description
        $0.producerID = producer.description
        $0.from = from
        $0.reason = reason
      }, context: .test)
  }

  func run() async throws -> Premia_Commissions_V1_RunResponse {
    try await service.run(request: .init(), context: .test)
  }

  /// Earned, clawed back, brought forward, to pay, carried forward of each of a producer's statements.
  func statements(of producer: ProducerID) async throws -> [String] {
    let answer = try await service.listStatements(
      request: .with { $0.producerID = producer.description }, context: .test)
    return answer.statements.map { statement in
      let cents = [
        statement.earned, statement.clawedBack, statement.broughtForward, statement.toPay, statement.carriedForward,
      ].map { String($0.cents) }
      return "\(statement.month.prefix(7)): \(cents.joined(separator: " "))"
    }
  }

  func balance(of producer: ProducerID) async throws -> Int64 {
    try await service.getProducer(request: .with { $0.producerID = producer.description }, context: .test).balance.cents
  }

  func totals() async throws -> [String: Int64] {
    let totals = try await service.getTotals(request: .init(), context: .test).totals
    return Dictionary(uniqueKeysWithValues: totals.map { ($0.name, $0.amount.cents) })
  }
}

extension ServerContext {
  static var test: ServerContext {
    ServerContext(
      descriptor: MethodDescriptor(service: ServiceDescriptor(fullyQualifiedService: "test"), method: "test"),
      remotePeer: "test", localPeer: "test", cancellation: .init())
  }
}
