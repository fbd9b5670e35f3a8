// The ledger over in-memory stores, with feeds to publish into.

import Contracts
import Courier
import GRPCCore
import Kernel
import Ledger
import Runtime
import SwiftProtobuf

/// An event of another context.
struct Published: Sendable {
  let source: String
  let type: String
  let about: String
  let message: any Message
}

func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents)) }

struct World {
  /// 2026-03-01 at nine.
  static let start = Instant(date: CalendarDate(dayNumber: 20_513), secondsOfDay: 9 * 3600)

  let engine = Engine(context: "ledger", store: MemoryStore(), clock: SandboxClock(start))
  let feeds: [String: MemoryStore] = [
    "billing": MemoryStore(), "payments": MemoryStore(), "claims": MemoryStore(), "commissions": MemoryStore(),
  ]

  var service: LedgerService { LedgerService(engine: engine) }

  static func eventID(_ number: Int) -> ID<EventTag> { ID(at: start, derivedFrom: "event", number) }

  /// Puts an event on its feed, `day` days after the start.
  func publish(_ event: Published, _ number: Int, day: Int64 = 0, id: String? = nil) async throws {
    let at = Self.start.adding(seconds: day * 86_400)
    var envelope = Premia_Common_V1_Envelope()
    envelope.id = id ?? ID<EventTag>(at: at, derivedFrom: "event", number).description
    envelope.source = event.source
    envelope.type = event.type
    envelope.subject = "subject \(number)"
    envelope.about = event.about
    envelope.timeMicros = at.microseconds
    envelope.correlation = "correlation \(number)"
    envelope.data = try event.message.serializedData()
    var commit = Commit()
    commit.outbox = [
      OutboxRecord(
        id: envelope.id, subject: envelope.subject, about: envelope.about, envelope: try envelope.serializedBytes())
    ]
    try await feeds[event.source]?.commit(commit)
  }

  var consumers: [Consumer] {
    LedgerContext.context.sources.compactMap { source in
      guard let store = feeds[source] else { return nil }
      return Consumer(
        engine: engine, feed: StoreFeed(source: source, store: store),
        subscriptions: LedgerContext.context.subscriptions.filter { $0.source == source })
    }
  }

  /// Reads every feed to its end.
  func settle() async throws {
    for consumer in consumers { while try await consumer.pump() > 0 {} }
  }

  func mismatches() async throws -> [Mismatch] {
    try await engine.verify(LedgerContext.context.aggregates, tables: LedgerContext.context.tables).mismatches
  }

  func trialBalance() async throws -> Premia_Ledger_V1_TrialBalance {
    try await service.getTrialBalance(request: .init(), context: .test)
  }

  func totals() async throws -> [String: Int64] {
    let totals = try await service.getTotals(request: .init(), context: .test).totals
    return Dictionary(uniqueKeysWithValues: totals.map { ($0.name, $0.amount.cents) })
  }

  func entries(
    about: String = "", size: Int32 = 0, token: String = ""
  ) async throws -> Premia_Ledger_V1_ListEntriesResponse {
    var request = Premia_Ledger_V1_ListEntriesRequest()
    request.about = about
    request.page.size = size
    request.page.token = token
    return try await service.listEntries(request: request, context: .test)
  }
}

extension ServerContext {
  static var test: ServerContext {
    ServerContext(
      descriptor: MethodDescriptor(service: ServiceDescriptor(fullyQualifiedService: "test"), method: "test"),
      remotePeer: "test", localPeer: "test", cancellation: .init())
  }
}
