/// One open transaction: its envelope's checks and what was found wrong so far.
struct TransactionState {
  let header: TransactionHeader
  /// Nil when the content is not checked.
  private var content: ContentCheck?
  private var log = FindingLog()
  private var segmentCount = 1

  /// - Parameter guide: nil when there is none for the transaction; its content is then only counted.
  init(header: TransactionHeader, guide: Guide?, group: GroupHeader?) {
    self.header = header
    checkHeader(guide, group)
    if log.rejects { return }
    content = guide.map { ContentCheck($0) }
  }

  var report: TransactionReport {
    TransactionReport(
      header: header, findings: log.findings, suppressedFindings: log.suppressed, segmentCount: segmentCount)
  }

  private mutating func checkHeader(_ guide: Guide?, _ group: GroupHeader?) {
    if !(4...9).contains(header.controlNumber.utf8.count) {
      add("ST", "7", 1, "ST02 \"\(header.controlNumber)\" is not a control number of four to nine characters")
    }
    guard let guide else {
      add("ST", "I6", 1, "No guide \"\(header.version)\" for transaction \(header.transaction) is read here")
      return
    }
    if header.transaction != guide.transaction {
      add("ST", "1", 1, "ST01 \"\(header.transaction)\" is not the transaction of its guide (\(guide.transaction))")
    }
    if let group, !header.declaredVersion.isEmpty, header.declaredVersion != group.version {
      add("ST", "I6", 1, "ST03 \"\(header.declaredVersion)\" differs from GS08 \"\(group.version)\"")
    }
  }

  @inline(__always)
  mutating func take(_ segment: borrowing SegmentView) {
    segmentCount += 1
    content?.take(segment, &log)
  }

  /// The SE segment.
  mutating func end(_ segment: borrowing SegmentView) {
    segmentCount += 1
    content?.finish(ordinal: segmentCount, byteOffset: segment.byteOffset, &log)
    if Int(segment.string(1)) != segmentCount {
      let text = "SE01 says \(segment.string(1)) segments but \(segmentCount) were found"
      add("SE", "4", segmentCount, text, segment.byteOffset)
    }
    if segment.string(2) != header.controlNumber {
      let text = "SE02 \"\(segment.string(2))\" differs from ST02 \"\(header.controlNumber)\"; both carry one number"
      add("SE", "3", segmentCount, text, segment.byteOffset)
    }
  }

  /// The transaction ends without an SE segment.
  mutating func close(at offset: Int, cause: String) {
    add("SE", "2", segmentCount, "The transaction has no SE trailer before \(cause)", offset)
  }

  private mutating func add(_ id: String, _ code: String, _ ordinal: Int, _ text: String, _ offset: Int? = nil) {
    let offset = offset ?? header.byteOffset
    log.add(
      X12Finding(
        level: .transaction, code: code, segmentID: id, segmentOrdinal: ordinal, byteOffset: offset,
        message: "\(text) (transaction \(header.controlNumber), byte \(offset))."))
  }
}
