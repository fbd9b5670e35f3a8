// One atomic write, described as a value: stores execute commits, they hold no logic.

public import Kernel

/// Everything that one unit of work changes. A store writes all of it in one transaction, or nothing.
public struct Commit: Sendable {
  public var writes: [StreamWrite] = []
  public var rows: [RowChange] = []
  public var outbox: [OutboxRecord] = []
  /// The message of another context whose effect this is; a second commit with the same mark is refused.
  public var taken: InboxMark?
  /// The key under which the caller may ask again; a second commit with the same key is refused.
  public var answer: StoredAnswer?
  /// Named places that move on: in a feed, in a file, in a bulk run.
  public var cursors: [String: CursorMove] = [:]
  public var deadLetters: [DeadLetterRecord] = []
  /// Dead letters that are dead no longer.
  public var revived: [InboxMark] = []

  public init() {}

  /// Whether it does nothing but move places on. A store that is lost may come back without it, as if it had not been
  /// asked for: everything behind a place can be done again.
  package var onlyMovesOn: Bool {
    !cursors.isEmpty && writes.isEmpty && rows.isEmpty && outbox.isEmpty && taken == nil && answer == nil
      && deadLetters.isEmpty && revived.isEmpty
  }
}

/// A named place that moves on. A commit that expects it elsewhere than it is, is refused: of two who have done the
/// work between two places one moves it, and nobody sets it back.
public struct CursorMove: Sendable, Equatable {
  /// 0 where it was not set yet.
  public let from: Int64
  public let to: Int64

  public init(from: Int64, to: Int64) {
    self.from = from
    self.to = to
  }
}

/// New events of one stream and the state they lead to.
public struct StreamWrite: Sendable {
  public let stream: StreamID
  public let kind: String
  /// 0 where the stream must not exist yet.
  public let expectedVersion: Int64
  public let events: [EventRecord]
  public let state: [UInt8]
  public let due: Instant?

  public init(
    stream: StreamID, kind: String, expectedVersion: Int64, events: [EventRecord], state: [UInt8], due: Instant?
  ) {
    self.stream = stream
    self.kind = kind
    self.expectedVersion = expectedVersion
    self.events = events
    self.state = state
    self.due = due
  }
}

/// A private event as stored.
public struct EventRecord: Sendable, Equatable {
  public let version: Int64
  public let name: String
  /// In the form of the aggregate's events.
  public let data: [UInt8]
  public let at: Instant
  public let act: Act

  public init(version: Int64, name: String, data: [UInt8], at: Instant, act: Act) {
    self.version = version
    self.name = name
    self.data = data
    self.at = at
    self.act = act
  }
}

/// A published event as stored: its envelope in bytes and the columns it is looked up by.
public struct OutboxRecord: Sendable, Equatable {
  public let id: String
  public let subject: String
  public let about: String
  public let envelope: [UInt8]

  public init(id: String, subject: String, about: String, envelope: [UInt8]) {
    self.id = id
    self.subject = subject
    self.about = about
    self.envelope = envelope
  }
}

/// The first answer to a keyed command.
public struct StoredAnswer: Sendable, Equatable {
  public let key: String
  /// SHA-256 of the input.
  public let inputHash: [UInt8]
  public let answer: [UInt8]

  public init(key: String, inputHash: [UInt8], answer: [UInt8]) {
    self.key = key
    self.inputHash = inputHash
    self.answer = answer
  }
}

/// A message of a feed.
public struct InboxMark: Hashable, Sendable {
  public let source: String
  public let messageID: String

  public init(source: String, messageID: String) {
    self.source = source
    self.messageID = messageID
  }
}

/// A message set aside, with the reason; or one that waits behind such a message.
public struct DeadLetterRecord: Sendable, Equatable {
  public let source: String
  public let position: Int64
  public let messageID: String
  public let subject: String
  public let envelope: [UInt8]
  public let reason: String
  public let attempts: Int
  public let at: Instant

  public init(
    source: String, position: Int64, messageID: String, subject: String, envelope: [UInt8], reason: String,
    attempts: Int, at: Instant
  ) {
    self.source = source
    self.position = position
    self.messageID = messageID
    self.subject = subject
    self.envelope = envelope
    self.reason = reason
    self.attempts = attempts
    self.at = at
  }
}
