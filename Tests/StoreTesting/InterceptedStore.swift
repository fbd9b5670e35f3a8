// What tests put between an engine and its store.

public import Kernel
public import Runtime
import Synchronization

/// A store that passes everything on, and asks before each commit and each part that is restored: whatever the answer
/// throws, that is refused with. So a disk is full, a process dies or somebody else is first at exactly one place.
public final class InterceptedStore: Store {
  private let store: any Store
  private let asked = Mutex(0)
  private let beforeCommit: @Sendable (Int) async throws(StoreFailure) -> Void

  /// - Parameter beforeCommit: is told the commit's number, from 1.
  public init(_ store: any Store, beforeCommit: @escaping @Sendable (Int) async throws(StoreFailure) -> Void) {
    self.store = store
    self.beforeCommit = beforeCommit
  }

  public var isShared: Bool { store.isShared }

  /// How many commits were asked for, refused ones too.
  public var commits: Int { asked.withLock { $0 } }

  public func commit(_ commit: Commit) async throws(StoreFailure) {
    try await ask()
    try await store.commit(commit)
  }

  public func restore(_ excerpt: Excerpt) async throws(StoreFailure) {
    try await ask()
    try await store.restore(excerpt)
  }

  private func ask() async throws(StoreFailure) {
    let number = asked.withLock { asked in
      asked += 1
      return asked
    }
    try await beforeCommit(number)
  }

  public func load(_ streams: [StreamID]) async throws(StoreFailure) -> [StoredStream?] {
    try await store.load(streams)
  }
  public func history(of stream: StreamID) async throws(StoreFailure) -> [EventRecord] {
    try await store.history(of: stream)
  }
  public func streams(after: StreamID?, limit: Int) async throws(StoreFailure) -> [StoredStream] {
    try await store.streams(after: after, limit: limit)
  }
  public func due(
    _ kind: String, through: Instant, after: DuePlace?, limit: Int
  ) async throws(StoreFailure) -> [StoredStream] {
    try await store.due(kind, through: through, after: after, limit: limit)
  }
  public func claim(
    _ kind: String, through: Instant, limit: Int, lease: Lease
  ) async throws(StoreFailure) -> [StoredStream] {
    try await store.claim(kind, through: through, limit: limit, lease: lease)
  }
  public func hold(_ work: [String], lease: Lease) async throws(StoreFailure) -> Set<String> {
    try await store.hold(work, lease: lease)
  }
  public func holders(of prefix: String) async throws(StoreFailure) -> [String: String] {
    try await store.holders(of: prefix)
  }
  public func release(_ holder: String) async throws(StoreFailure) { try await store.release(holder) }
  public func nextDue() async throws(StoreFailure) -> Instant? { try await store.nextDue() }
  public func answer(to key: String) async throws(StoreFailure) -> StoredAnswer? { try await store.answer(to: key) }
  public func taken(_ marks: [InboxMark]) async throws(StoreFailure) -> Set<InboxMark> { try await store.taken(marks) }
  public func cursors(_ names: [String]) async throws(StoreFailure) -> [Int64] { try await store.cursors(names) }
  public func deadLetters(source: String?) async throws(StoreFailure) -> [DeadLetterRecord] {
    try await store.deadLetters(source: source)
  }
  public func published(
    after: Int64, limit: Int, about: String?
  ) async throws(StoreFailure) -> [(position: Int64, record: OutboxRecord)] {
    try await store.published(after: after, limit: limit, about: about)
  }
  public func lastPublished() async throws(StoreFailure) -> Int64 { try await store.lastPublished() }
  public func rows(_ query: Query) async throws(StoreFailure) -> [Row] { try await store.rows(query) }
  public func rows(_ table: Table, keys: [[Value]]) async throws(StoreFailure) -> [Row?] {
    try await store.rows(table, keys: keys)
  }
  public func tally(
    _ table: Table, by groups: [String], sums: [String], where matching: [(column: String, value: Value)]
  ) async throws(StoreFailure) -> [Tally] {
    try await store.tally(table, by: groups, sums: sums, where: matching)
  }
  public func marks(after: InboxMark?, limit: Int) async throws(StoreFailure) -> [InboxMark] {
    try await store.marks(after: after, limit: limit)
  }
  public func answers(after key: String?, limit: Int) async throws(StoreFailure) -> [StoredAnswer] {
    try await store.answers(after: key, limit: limit)
  }
  public func cursors() async throws(StoreFailure) -> [String: Int64] { try await store.cursors() }
  public func close() async { await store.close() }
}
