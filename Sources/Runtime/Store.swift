// The store port. The same conformance suite runs every implementation (Tests/StoreTests).

public import Kernel

/// Why a store did not do what was asked. Nothing was changed.
public enum StoreFailure: Error, Sendable, Equatable {
  /// Somebody else changed the stream first.
  case conflict(StreamID)
  /// The key was used before; this is what was answered then.
  case answered(StoredAnswer)
  /// The message has taken effect before.
  case taken(InboxMark)
  /// Somebody else has moved the cursor of this name.
  case moved(String)
  /// A constraint of a read table, such as "invoices: unique (account_id, from)".
  case constraint(String)
  /// No space left where the data lives: there.
  case full(String)
  /// It may work later: locked, unreachable, being closed.
  case unavailable(String)
  /// What is stored cannot be read.
  case corrupt(String)
}

/// A stream as stored: its state and its place in time.
public struct StoredStream: Sendable, Equatable {
  public let stream: StreamID
  public let kind: String
  public let version: Int64
  public let state: [UInt8]
  public let due: Instant?

  public init(stream: StreamID, kind: String, version: Int64, state: [UInt8], due: Instant?) {
    self.stream = stream
    self.kind = kind
    self.version = version
    self.state = state
    self.due = due
  }
}

/// A place in the list of what is due.
public struct DuePlace: Sendable, Equatable, Comparable {
  public let due: Instant
  public let stream: StreamID

  public init(due: Instant, stream: StreamID) {
    self.due = due
    self.stream = stream
  }

  public static func < (lhs: Self, rhs: Self) -> Bool { (lhs.due, lhs.stream) < (rhs.due, rhs.stream) }
}

/// Leave to do some work alone for a while.
public struct Lease: Sendable, Equatable {
  /// Who works: one run of a sweep, never the same twice.
  public let holder: String
  /// How long others stay away, by the store's own clock. Work that takes longer may be taken over.
  public let duration: Duration

  public init(holder: String, duration: Duration) {
    self.holder = holder
    self.duration = duration
  }
}

/// Durable memory of one context.
public protocol Store: Sendable {
  /// Whether other processes may write to it at the same time.
  var isShared: Bool { get }

  /// Writes all of it or nothing. Answers once it is durable; what only moves places on may be answered before.
  func commit(_ commit: Commit) async throws(StoreFailure)

  /// The streams of these names, in their order; nil where there is none.
  func load(_ streams: [StreamID]) async throws(StoreFailure) -> [StoredStream?]
  /// All events of a stream, oldest first.
  func history(of stream: StreamID) async throws(StoreFailure) -> [EventRecord]
  /// Streams in the order of their names.
  func streams(after: StreamID?, limit: Int) async throws(StoreFailure) -> [StoredStream]
  /// Streams of a kind that are due up to and including an instant, in the order of (due, name).
  func due(_ kind: String, through: Instant, after: DuePlace?, limit: Int) async throws(StoreFailure) -> [StoredStream]
  /// The same streams from the start, without those that anybody has on lease; the lease's holder has them from now on.
  /// None where all the rest is done or on lease. It keeps copies of a context from doing the same work; that nothing
  /// takes effect twice is the version's part.
  func claim(_ kind: String, through: Instant, limit: Int, lease: Lease) async throws(StoreFailure) -> [StoredStream]
  /// Takes pieces of work by name, as far as nobody else has them, and renews the lease on those that its holder has.
  /// A lease of no duration gives them back.
  ///
  /// - Returns: those that the holder has from now on.
  func hold(_ work: [String], lease: Lease) async throws(StoreFailure) -> Set<String>
  /// Who has which pieces of work on lease, of those whose names begin with a text.
  func holders(of prefix: String) async throws(StoreFailure) -> [String: String]
  /// Gives back all that a holder has on lease.
  func release(_ holder: String) async throws(StoreFailure)
  /// The earliest instant at which any stream is due.
  func nextDue() async throws(StoreFailure) -> Instant?

  func answer(to key: String) async throws(StoreFailure) -> StoredAnswer?
  /// Which of the messages have taken effect.
  func taken(_ marks: [InboxMark]) async throws(StoreFailure) -> Set<InboxMark>
  /// The places of these names, in their order; 0 where one was never set.
  func cursors(_ names: [String]) async throws(StoreFailure) -> [Int64]
  func deadLetters(source: String?) async throws(StoreFailure) -> [DeadLetterRecord]

  /// Published events behind a position, oldest first. Positions rise and may have gaps; nothing ever appears before
  /// a position that was answered.
  func published(
    after: Int64, limit: Int, about: String?
  ) async throws(StoreFailure) -> [(position: Int64, record: OutboxRecord)]
  /// The position of the newest published event, 0 where there is none.
  func lastPublished() async throws(StoreFailure) -> Int64

  func rows(_ query: Query) async throws(StoreFailure) -> [Row]
  /// The rows with these keys, in their order; nil where there is none.
  func rows(_ table: Table, keys: [[Value]]) async throws(StoreFailure) -> [Row?]
  /// Sums of integer columns over all rows that match, by group; in the order of the groups.
  func tally(
    _ table: Table, by groups: [String], sums: [String], where matching: [(column: String, value: Value)]
  ) async throws(StoreFailure) -> [Tally]

  /// Messages that have taken effect, in an order of the store's own.
  func marks(after: InboxMark?, limit: Int) async throws(StoreFailure) -> [InboxMark]
  /// First answers in the order of their keys.
  func answers(after key: String?, limit: Int) async throws(StoreFailure) -> [StoredAnswer]
  func cursors() async throws(StoreFailure) -> [String: Int64]
  /// Takes over a part of what another store of the same context holds, all of it or nothing. While this goes on nobody
  /// else writes.
  func restore(_ excerpt: Excerpt) async throws(StoreFailure)

  /// Ends after what was asked before is done.
  func close() async
}

extension Store {
  public func load(_ stream: StreamID) async throws(StoreFailure) -> StoredStream? { try await load([stream])[0] }

  /// 0 where it was never set.
  public func cursor(_ name: String) async throws(StoreFailure) -> Int64 { try await cursors([name])[0] }

  /// The one row with this key.
  public func row(_ table: Table, key: [Value]) async throws(StoreFailure) -> Row? {
    try await rows(table, keys: [key])[0]
  }
}
