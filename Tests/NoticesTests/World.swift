// The context over in-memory stores, with feeds to publish into and the templates that ship.

import Contracts
import Courier
import Foundation
import GRPCCore
import Kernel
import Notices
import Runtime
import SwiftProtobuf

func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents)) }

enum Shipped {
  static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "config/notices").path(percentEncoded: false)
}

struct World {
  /// 2026-03-01 at nine.
  static let start = Instant(date: CalendarDate(dayNumber: 20_513), secondsOfDay: 9 * 3600)

  let templates: NoticeTemplates
  let engine = Engine(context: "notices", store: MemoryStore(), clock: SandboxClock(start))
  let feeds: [String: MemoryStore] = [
    "policy": MemoryStore(), "billing": MemoryStore(), "payments": MemoryStore(), "claims": MemoryStore(),
  ]

  init(templates directory: String = Shipped.directory) throws {
    templates = try NoticesContext.templates(in: directory)
  }

  var context: Runtime.Context { NoticesContext.context(templates: templates) }
  var service: NoticesService { NoticesService(engine: engine, templates: templates) }

  static func eventID(_ number: Int) -> ID<EventTag> {
    ID(at: start.adding(seconds: Int64(number)), derivedFrom: "event", number)
  }

  func publish(
    _ source: String, _ type: String, _ message: any Message, _ number: Int, id: String? = nil
  ) async throws {
    var envelope = Premia_Common_V1_Envelope()
    envelope.id = id ?? Self.eventID(number).description
    envelope.source = source
    envelope.type = type
    envelope.subject = "subject \(number)"
    envelope.data = try message.serializedData()
    var commit = Commit()
    commit.outbox = [
      OutboxRecord(id: envelope.id, subject: envelope.subject, about: "", envelope: try envelope.serializedBytes())
    ]
    try await feeds[source]?.commit(commit)
  }

  /// Reads every feed to its end.
  func settle() async throws {
    let context = context
    for source in context.sources {
      guard let store = feeds[source] else { continue }
      let consumer = Consumer(
        engine: engine, feed: StoreFeed(source: source, store: store),
        subscriptions: context.subscriptions.filter { $0.source == source })
      while try await consumer.pump() > 0 {}
    }
  }

  /// Newest first.
  func notices(
    of policyID: String = "", size: Int32 = 0, token: String = ""
  ) async throws -> Premia_Notices_V1_ListNoticesResponse {
    var request = Premia_Notices_V1_ListNoticesRequest()
    request.policyID = policyID
    request.page.size = size
    request.page.token = token
    return try await service.list(request: request, context: .test)
  }

  func notice(_ id: String) async throws -> Premia_Notices_V1_Notice {
    var request = Premia_Notices_V1_GetNoticeRequest()
    request.noticeID = id
    return try await service.get(request: request, context: .test)
  }

  /// The page of the newest notice.
  func newestPage() async throws -> String {
    try await notice(notices().notices.first?.noticeID ?? "").body
  }

  func deadLetters() async throws -> [String] { try await engine.store.deadLetters(source: nil).map(\.reason) }

  func mismatches() async throws -> [Mismatch] {
    try await engine.verify(context.aggregates, tables: context.tables).mismatches
  }
}

extension ServerContext {
  static var test: ServerContext {
    ServerContext(
      descriptor: MethodDescriptor(service: ServiceDescriptor(fullyQualifiedService: "test"), method: "test"),
      remotePeer: "test", localPeer: "test", cancellation: .init())
  }
}
