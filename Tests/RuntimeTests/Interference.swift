// A store before which something can happen.

import Kernel
import Runtime
import Synchronization

/// Passes everything on; before one commit it lets somebody else be first.
final class Interference: Store {
  private let store: any Store
  private let action = Mutex<(@Sendable () async throws -> Void)?>(nil)

  init(_ store: any Store) { self.store = store }

  func beforeNextCommit(_ action: @escaping @Sendable () async throws -> Void) {
    self.action.withLock { $0 = action }
  }

  func commit(_ commit: Commit) async throws(StoreFailure) {
    let action = action.withLock { action in
      defer { action = nil }
      return action
    }
    do {
      try await action?()
    } catch {
      throw .unavailable("\(error)")
    }
    try await store.commit(commit)
  }

  func load(_ stream: StreamID) async throws(StoreFailure) -> StoredStream? { try await store.load(stream) }
  func history(of stream: StreamID) async throws(StoreFailure) -> [EventRecord] {
    try await store.history(of: stream)
  }
  func streams(after: StreamID?, limit: Int) async throws(StoreFailure) -> [StoredStream] {
    try await store.streams(after: after, limit: limit)
  }
  func due(
    _ kind: String, through: Instant, after: DuePlace?, limit: Int
  ) async throws(StoreFailure) -> [StoredStream] {
    try await store.due(kind, through: through, after: after, limit: limit)
  }
  func nextDue() async throws(StoreFailure) -> Instant? { try await store.nextDue() }
  func answer(to key: String) async throws(StoreFailure) -> StoredAnswer? { try await store.answer(to: key) }
  func taken(_ marks: [InboxMark]) async throws(StoreFailure) -> Set<InboxMark> { try await store.taken(marks) }
  func cursor(_ name: String) async throws(StoreFailure) -> Int64 { try await store.cursor(name) }
  func deadLetters(source: String?) async throws(StoreFailure) -> [DeadLetterRecord] {
    try await store.deadLetters(source: source)
  }
  func published(
    after: Int64, limit: Int, about: String?
  ) async throws(StoreFailure) -> [(position: Int64, record: OutboxRecord)] {
    try await store.published(after: after, limit: limit, about: about)
  }
  func lastPublished() async throws(StoreFailure) -> Int64 { try await store.lastPublished() }
  func rows(_ query: Query) async throws(StoreFailure) -> [Row] { try await store.rows(query) }
  func tally(
    _ table: Table, by groups: [String], sums: [String], where matching: [(column: String, value: Value)]
  ) async throws(StoreFailure) -> [Tally] {
    try await store.tally(table, by: groups, sums: sums, where: matching)
  }
  func close() async { await store.close() }
}
