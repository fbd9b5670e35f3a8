// Reads a stream once and says of each transaction whether it follows its guide. Memory does not grow with the stream.
//
// The validator follows the envelopes; `TransactionCheck` follows the guide inside one transaction. Nothing is thrown:
// a stream that breaks off is a finding like any other.

/// Validates a stream of interchanges.
///
///     var validator = X12Validator(reader: X12Reader(path: path), guides: .shipped())
///     while let event = validator.next() { … }
public struct X12Validator: ~Copyable {
  private var reader: X12Reader
  private let guides: GuideLibrary
  private var events: [X12Event] = []
  private var nextEvent = 0
  private var isFinished = false

  private var interchange: InterchangeState?
  private var group: GroupState?
  private var transaction: TransactionState?
  private var transactionIndex = 0
  private var hasSeenInterchange = false

  public init(reader: consuming X12Reader, guides: GuideLibrary) {
    self.reader = reader
    self.guides = guides
  }

  /// The next event; nil at the end of the stream.
  public mutating func next() -> X12Event? {
    if nextEvent == events.count {
      events.removeAll(keepingCapacity: true)
      nextEvent = 0
      while events.isEmpty, !isFinished { read() }
      if events.isEmpty { return nil }
    }
    nextEvent += 1
    return events[nextEvent - 1]
  }

  private mutating func read() {
    do {
      guard try reader.advance() else {
        finishStream(nil)
        return
      }
    } catch {
      finishStream(error)
      return
    }
    take(reader.segment())
  }

  @inline(__always)
  private mutating func take(_ segment: borrowing SegmentView) {
    if transaction != nil, !segment.id.isEnvelope {
      transaction?.take(segment)
      return
    }
    takeEnvelope(segment)
  }

  private mutating func takeEnvelope(_ segment: borrowing SegmentView) {
    switch segment.id {
    case .isa: beginInterchange(segment)
    case .gs: beginGroup(segment)
    case .st: beginTransaction(segment)
    case .se where transaction != nil: endTransaction(segment)
    case .ge where group != nil: endGroup(segment)
    case .iea where interchange != nil: endInterchange(segment)
    case .ta1 where group == nil: break
    case _:
      if transaction != nil {
        transaction?.take(segment)
      } else {
        interchange?.log.add(
          X12Finding(
            level: .interchange, code: "022", segmentID: segment.writtenID, byteOffset: segment.byteOffset,
            message: "Segment \(segment.writtenID) at byte \(segment.byteOffset) stands outside a transaction; "
              + "only ISA, GS, ST and their trailers may."))
      }
    }
  }

  private mutating func beginInterchange(_ segment: borrowing SegmentView) {
    closeInterchange(at: segment.byteOffset, cause: "another interchange begins")
    hasSeenInterchange = true
    let header = InterchangeHeader(segment)
    var state = InterchangeState(header: header)
    state.checkHeader()
    interchange = state
    events.append(.interchangeBegan(header))
  }

  private mutating func beginGroup(_ segment: borrowing SegmentView) {
    closeGroup(at: segment.byteOffset, cause: "another group begins")
    let header = GroupHeader(segment)
    var state = GroupState(header: header)
    state.checkHeader(guides)
    group = state
    interchange?.groupCount += 1
    events.append(.groupBegan(header))
  }

  private mutating func beginTransaction(_ segment: borrowing SegmentView) {
    closeTransaction(at: segment.byteOffset, cause: "another transaction begins")
    let header = TransactionHeader(
      segment, group: group?.header, interchange: interchange?.header, index: transactionIndex)
    transactionIndex += 1
    if group == nil {
      interchange?.log.add(
        X12Finding(
          level: .interchange, code: "022", segmentID: "ST", byteOffset: segment.byteOffset,
          message: "The transaction at byte \(segment.byteOffset) stands outside a functional group; "
            + "put a GS segment before it."))
    }
    let guide = group?.isSupported == true ? guides.guide(version: header.version) : nil
    transaction = TransactionState(header: header, guide: guide, group: group?.header)
  }

  private mutating func endTransaction(_ segment: borrowing SegmentView) {
    transaction?.end(segment)
    reportTransaction()
  }

  private mutating func reportTransaction() {
    guard let report = transaction?.report else { return }
    transaction = nil
    group?.receivedCount += 1
    if report.verdict != .rejected { group?.acceptedCount += 1 }
    events.append(.transaction(report))
  }

  private mutating func endGroup(_ segment: borrowing SegmentView) {
    closeTransaction(at: segment.byteOffset, cause: "the group ends")
    group?.end(segment)
    reportGroup()
  }

  private mutating func reportGroup() {
    guard let report = group?.report else { return }
    group = nil
    events.append(.groupEnded(report))
  }

  private mutating func endInterchange(_ segment: borrowing SegmentView) {
    closeGroup(at: segment.byteOffset, cause: "the interchange ends")
    interchange?.end(segment)
    reportInterchange()
  }

  private mutating func reportInterchange() {
    guard let report = interchange?.report else { return }
    interchange = nil
    events.append(.interchangeEnded(report))
  }

  private mutating func finishStream(_ error: X12SyntaxError?) {
    isFinished = true
    let offset = error?.byteOffset ?? reader.position
    if let error {
      let finding = X12Finding(
        level: .interchange, code: error.interchangeCode, segmentID: "ISA", byteOffset: offset,
        message: error.description)
      if interchange == nil { interchange = InterchangeState(header: nil) }
      interchange?.log.add(finding)
    } else if !hasSeenInterchange {
      interchange = InterchangeState(header: nil)
      interchange?.log.add(
        X12Finding(
          level: .interchange, code: "022", segmentID: "ISA", byteOffset: offset,
          message: "The file is empty: there is no ISA segment. Send the interchange again."))
    }
    closeInterchange(at: offset, cause: "the file ends")
  }

  private mutating func closeTransaction(at offset: Int, cause: String) {
    guard transaction != nil else { return }
    transaction?.close(at: offset, cause: cause)
    reportTransaction()
  }

  private mutating func closeGroup(at offset: Int, cause: String) {
    closeTransaction(at: offset, cause: cause)
    guard group != nil else { return }
    group?.close(at: offset, cause: cause)
    reportGroup()
  }

  private mutating func closeInterchange(at offset: Int, cause: String) {
    closeGroup(at: offset, cause: cause)
    guard interchange != nil else { return }
    interchange?.close(at: offset, cause: cause)
    reportInterchange()
  }
}

extension SegmentID {
  /// Whether the segment belongs to an envelope rather than to a transaction's content.
  @inline(__always)
  var isEnvelope: Bool {
    self == .st || self == .se || self == .gs || self == .ge || self == .isa || self == .iea
  }
}

extension X12SyntaxError {
  /// The code of TA105.
  var interchangeCode: String {
    switch kind {
    case .notAnInterchange: "022"
    case .interchangeHeaderLayout: "024"
    case .unusableDelimiters: "026"
    case .cutSegment: "023"
    case .segmentTooLong: "004"
    case .sourceFailed: "023"
    }
  }
}
