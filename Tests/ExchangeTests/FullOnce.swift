import Kernel
import Runtime
import Synchronization

/// A store whose disk is full at one commit, counted from 1, and has space again afterwards.
final class FullOnce: Store {
  private let store = MemoryStore()
  private let commits = Mutex(0)
  private let failing: Int

  init(at commit: Int) { failing = commit }

  func commit(_ commit: Commit) async throws(StoreFailure) {
    let number = commits.withLock { count in
      count += 1
      return count
    }
    if number == failing { throw .full("memory") }
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
