// Loops as values: what an importer reads from.

/// A loop with its segments and the loops below it, in the order of the file.
public struct Loop: Sendable, Hashable {
  /// The guide's name for it, such as `2010BA`; empty for the transaction itself.
  public let id: String
  public internal(set) var segments: [SegmentValue]
  public internal(set) var children: [Loop]

  public init(id: String, segments: [SegmentValue] = [], children: [Loop] = []) {
    self.id = id
    self.segments = segments
    self.children = children
  }

  /// The first segment with that identifier and, if given, that value in its first element (or the first component of
  /// its first element).
  public func first(_ id: SegmentID, qualifier: String? = nil) -> SegmentValue? {
    segments.first { $0.id == id && (qualifier == nil || $0.isQualified(by: qualifier)) }
  }

  /// All segments with that identifier and, if given, that qualifier.
  public func all(_ id: SegmentID, qualifier: String? = nil) -> [SegmentValue] {
    segments.filter { $0.id == id && (qualifier == nil || $0.isQualified(by: qualifier)) }
  }

  /// The first loop of that name directly below this one.
  public func child(_ id: String) -> Loop? { children.first { $0.id == id } }

  /// The loops of that name directly below this one.
  public func children(_ id: String) -> [Loop] { children.filter { $0.id == id } }

  /// The first loop of that name below this one, however deep.
  public func descendant(_ id: String) -> Loop? {
    for child in children {
      if child.id == id { return child }
      if let found = child.descendant(id) { return found }
    }
    return nil
  }
}

extension SegmentValue {
  func isQualified(by qualifier: String?) -> Bool {
    self[1] == qualifier || self[1, 1] == qualifier
  }
}

/// Where an import stands: the records before it are done.
public struct RecordCursor: Sendable, Hashable, Comparable {
  /// Counts the transactions of the stream from 0.
  public var transaction: Int
  /// Counts the records of the transaction from 0.
  public var record: Int

  public init(transaction: Int = 0, record: Int = 0) {
    self.transaction = transaction
    self.record = record
  }

  public static func < (one: RecordCursor, other: RecordCursor) -> Bool {
    (one.transaction, one.record) < (other.transaction, other.record)
  }
}

/// One record of a transaction: a member of an 834, a claim of an 837 or 835, with what it is within.
public struct LoopRecord: Sendable {
  public let interchange: InterchangeHeader?
  public let group: GroupHeader?
  public let transaction: TransactionHeader
  /// The loops that the record is within, outermost first; the first is the transaction. Each has its own segments and
  /// the loops below it that hold no records (a claim's billing provider is 2010AA of the 2000A among these).
  public let ancestors: [Loop]
  public let loop: Loop
  public let cursor: RecordCursor

  /// Position of the record's first byte in the stream.
  public var byteOffset: Int { loop.segments.first?.byteOffset ?? 0 }
  /// Position of the record's first segment in the transaction.
  public var ordinal: Int { loop.segments.first?.ordinal ?? 0 }
  /// Where to go on once this record is done.
  public var next: RecordCursor { RecordCursor(transaction: cursor.transaction, record: cursor.record + 1) }

  /// The nearest loop of that name: the record, an ancestor, or a loop directly below one of these.
  public func loop(_ id: String) -> Loop? {
    for candidate in [loop] + ancestors.reversed() {
      if candidate.id == id { return candidate }
      if let child = candidate.child(id) { return child }
    }
    return nil
  }
}
