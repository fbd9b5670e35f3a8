// A store whose process dies: after so many commits, none is written any more.

import Kernel
import Runtime
import Synchronization

final class CutStore: Store {
  private let inner: any Store
  private let left: Mutex<Int>

  init(_ inner: any Store, after commits: Int) {
    self.inner = inner
    left = Mutex(commits)
  }

  /// Whether a commit was refused.
  var isCut: Bool { left.withLock { $0 < 0 } }

  func commit(_ commit: Commit) async throws(StoreFailure) {
    let mayWrite = left.withLock { left in
      left -= 1
      return left >= 0
    }
    guard mayWrite else { throw .unavailable("the process is gone") }
    try await inner.commit(commit)
  }

  func load(_ stream: StreamID) async throws(StoreFailure) -> StoredStream? { try await inner.load(stream) }
  func history(of stream: StreamID) async throws(StoreFailure) -> [EventRecord] {
    try await inner.history(of: stream)
  }
  func streams(after: StreamID?, limit: Int) async throws(StoreFailure) -> [StoredStream] {
    try await inner.streams(after: after, limit: limit)
  }
  func due(
    _ kind: String, through: Instant, after: DuePlace?, limit: Int
  ) async throws(StoreFailure) -> [StoredStream] {
    try await inner.due(kind, through: through, after: after, limit: limit)
  }
  func nextDue() async throws(StoreFailure) -> Instant? { try await inner.nextDue() }
  func answer(to key: String) async throws(StoreFailure) -> StoredAnswer? { try await inner.answer(to: key) }
  func taken(_ marks: [InboxMark]) async throws(StoreFailure) -> Set<InboxMark> { try await inner.taken(marks) }
  func cursor(_ name: String) async throws(StoreFailure) -> Int64 { try await inner.cursor(name) }
  func deadLetters(source: String?) async throws(StoreFailure) -> [DeadLetterRecord] {
    try await inner.deadLetters(source: source)
  }
  func published(
    after: Int64, limit: Int, about: String?
  ) async throws(StoreFailure) -> [(position: Int64, record: OutboxRecord)] {
    try await inner.published(after: after, limit: limit, about: about)
  }
  func lastPublished() async throws(StoreFailure) -> Int64 { try await inner.lastPublished() }
  func rows(_ query: Query) async throws(StoreFailure) -> [Row] { try await inner.rows(query) }
  func tally(
    _ table: Table, by groups: [String], sums: [String], where matching: [(column: String, value: Value)]
  ) async throws(StoreFailure) -> [Tally] {
    try await inner.tally(table, by: groups, sums: sums, where: matching)
  }
  func close() async {}
}
