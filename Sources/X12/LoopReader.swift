// The second pass over a stream: its records, one at a time. Memory holds one record and what encloses it.

/// Reads the records of transactions that a validator has accepted.
///
///     var records = LoopReader(reader: X12Reader(path: path), guides: guides) { accepted.contains($0.index) }
///     while let record = try records.next() { … }
///
/// A transaction whose guide is not known, or that is not wanted, is passed over.
public struct LoopReader: ~Copyable {
  private var reader: X12Reader
  private let guides: GuideLibrary
  private let start: RecordCursor
  private let isWanted: (TransactionHeader) -> Bool

  private var interchange: InterchangeHeader?
  private var group: GroupHeader?
  private var transaction: TransactionHeader?
  private var transactionCount = 0
  private var walker: GuideWalker?
  /// The open loops, parallel to the walker's frames.
  private var open: [Loop] = []
  private var recordCount = 0
  private var ready: LoopRecord?

  /// The transaction that ended last, without its records: its header and trailer segments and loops, such as PLB of an
  /// 835.
  public private(set) var endedTransaction: Loop?

  /// - Parameters:
  ///   - start: the first record to return; those before it are passed over without being built.
  ///   - isWanted: whether a transaction's records are read.
  public init(
    reader: consuming X12Reader, guides: GuideLibrary, start: RecordCursor = RecordCursor(),
    isWanted: @escaping (TransactionHeader) -> Bool = { _ in true }
  ) {
    self.reader = reader
    self.guides = guides
    self.start = start
    self.isWanted = isWanted
  }

  /// The next record; nil at the end of the stream.
  public mutating func next() throws(X12SyntaxError) -> LoopRecord? {
    while ready == nil {
      guard try reader.advance() else { return nil }
      take(reader.segment())
    }
    defer { ready = nil }
    return ready
  }

  private mutating func take(_ segment: borrowing SegmentView) {
    switch segment.id {
    case .isa: interchange = InterchangeHeader(segment)
    case .gs: group = GroupHeader(segment)
    case .st: begin(segment)
    case .se: end()
    case _: place(segment)
    }
  }

  private mutating func begin(_ segment: borrowing SegmentView) {
    let header = TransactionHeader(segment, group: group, interchange: interchange, index: transactionCount)
    transactionCount += 1
    recordCount = 0
    open = []
    walker = nil
    guard header.index >= start.transaction, let guide = guides.guide(version: header.version),
      guide.transaction == header.transaction, isWanted(header)
    else { return }
    transaction = header
    walker = GuideWalker(guide)
    open.append(Loop(id: "", segments: [segment.value]))
  }

  private mutating func end() {
    guard walker != nil else { return }
    while open.count > 1 { close() }
    endedTransaction = open.popLast()
    walker = nil
  }

  private mutating func place(_ segment: borrowing SegmentView) {
    guard let step = walker?.step(segment), case .placed(let index, let closed, _) = step else { return }
    for _ in 0..<closed { close() }
    guard let tables = walker?.tables else { return }
    walker?.missing.removeAll(keepingCapacity: true)
    let node = tables.nodes[index]
    if node.loop >= 0 { open.append(Loop(id: tables.loops[Int(node.loop)].id)) }
    if isSkipping { return }
    open[open.count - 1].segments.append(segment.value)
  }

  /// Whether the innermost open loop is, or is within, a record before the start.
  private var isSkipping: Bool {
    guard let walker, let transaction, transaction.index == start.transaction, recordCount < start.record else {
      return false
    }
    return open.contains { walker.tables.recordLoopIDs.contains($0.id) }
  }

  /// Closes the innermost loop: a record is handed out, a loop that encloses records is let go, any other is kept by
  /// the loop above it.
  private mutating func close() {
    guard let walker, let transaction, let loop = open.popLast() else { return }
    if walker.tables.recordLoopIDs.contains(loop.id) {
      let cursor = RecordCursor(transaction: transaction.index, record: recordCount)
      recordCount += 1
      if cursor < start { return }
      ready = LoopRecord(
        interchange: interchange, group: group, transaction: transaction, ancestors: open, loop: loop, cursor: cursor)
    } else if !walker.tables.loopsAboveRecords.contains(loop.id), !open.isEmpty {
      open[open.count - 1].children.append(loop)
    }
  }
}
