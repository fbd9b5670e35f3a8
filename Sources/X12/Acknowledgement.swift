// The 999 (005010X231A1): tells the sender of a functional group what became of each transaction, and why.

/// Writes the acknowledgement of one functional group as one transaction, as the group is read: memory does not grow
/// with the number of its transactions.
///
///     var acknowledgement = try Acknowledgement(of: group, controlNumber: "0001", to: &writer)
///     try acknowledgement.add(report, to: &writer)        // for each transaction of the group
///     try acknowledgement.finish(groupReport, to: &writer)
public struct Acknowledgement {
  /// The guide of what is written.
  public static let version = "005010X231A1"
  public static let functionalID = "FA"
  /// IK303 takes no more characters: 2010AA is reported as 2010.
  private static let loopIDLength = 4

  private var receivedCount = 0
  private var acceptedCount = 0
  private var hasErrors = false

  /// Begins the acknowledgement in an open group of kind `FA`.
  public init(
    of group: GroupHeader, controlNumber: String, to writer: inout X12Writer
  ) throws(X12WriteError) {
    try writer.beginTransaction("999", controlNumber: controlNumber, version: Self.version)
    try writer.segment(
      "AK1", [.clean(group.functionalID, writer), .clean(group.controlNumber, writer), .clean(group.version, writer)])
  }

  /// Answers one transaction. Add the findings of business checks to the report first.
  public mutating func add(_ report: TransactionReport, to writer: inout X12Writer) throws(X12WriteError) {
    receivedCount += 1
    if report.verdict != .rejected { acceptedCount += 1 }
    if report.verdict != .accepted { hasErrors = true }
    let header = report.header
    try writer.segment(
      "AK2",
      [
        .clean(header.transaction, writer), .clean(header.controlNumber, writer),
        .clean(header.declaredVersion, writer),
      ])
    try writeErrors(report.findings, to: &writer)
    try writer.segment("IK5", [.text(report.verdict.code)] + transactionCodes(report).map { .text($0) })
  }

  /// Answers the group and ends the acknowledgement.
  public func finish(_ report: GroupReport, to writer: inout X12Writer) throws(X12WriteError) {
    let verdict =
      if acceptedCount == 0, receivedCount > 0 || !report.findings.isEmpty {
        "R"
      } else if acceptedCount < receivedCount {
        "P"
      } else {
        hasErrors || !report.findings.isEmpty ? "E" : "A"
      }
    let codes = distinct(report.findings.map(\.code)).prefix(5)
    try writer.segment(
      "AK9",
      [
        .text(verdict), .text("\(min(999_999, max(0, report.declaredCount ?? receivedCount)))"),
        .text("\(receivedCount)"), .text("\(acceptedCount)"),
      ] + codes.map { .text($0) })
    try writer.endTransaction()
  }

  /// One IK3 for each faulty segment, with an IK4 for each of its faulty elements.
  private func writeErrors(_ findings: [X12Finding], to writer: inout X12Writer) throws(X12WriteError) {
    let errors = findings.filter { $0.level == .segment || $0.level == .element }
      .enumerated()
      .sorted { ($0.element.segmentOrdinal, $0.offset) < ($1.element.segmentOrdinal, $1.offset) }
      .map(\.element)
    var current: (ordinal: Int, loop: String?)?
    for error in errors {
      if error.level == .segment {
        try writeSegment(error, code: error.code, to: &writer)
        current = nil
        continue
      }
      if current?.ordinal != error.segmentOrdinal || current?.loop != error.loopID {
        try writeSegment(error, code: "8", to: &writer)
        current = (error.segmentOrdinal, error.loopID)
      }
      try writeElement(error, to: &writer)
    }
  }

  private func writeSegment(
    _ error: X12Finding, code: String, to writer: inout X12Writer
  ) throws(X12WriteError) {
    let id = SegmentID(error.segmentID) == .malformed ? "UNK" : error.segmentID
    let loop = String((error.loopID ?? "").prefix(Self.loopIDLength))
    try writer.segment("IK3", [.text(id), .text("\(error.segmentOrdinal)"), .text(loop), .text(code)])
    guard let context = error.context else { return }
    let value = X12Element.cleaned(context.value, writer.delimiters).prefix(35)
    if !value.isEmpty { try writer.segment("CTX", [.composite([context.name, String(value)])]) }
  }

  private func writeElement(_ error: X12Finding, to writer: inout X12Writer) throws(X12WriteError) {
    let place = [error.element, error.component, error.repetition].map { $0.map { "\($0)" } ?? "" }
    // A value that holds what X12 cannot carry is not sent back, rather than sent back changed.
    let value = error.badValue.flatMap { X12Element.cleaned($0, writer.delimiters) == $0 ? $0 : nil } ?? ""
    try writer.segment(
      "IK4",
      [
        .composite(place), .text(error.elementReference.map { "\($0)" } ?? ""), .text(error.code), .text(value),
      ])
  }

  private func transactionCodes(_ report: TransactionReport) -> [String] {
    var codes = report.findings.filter { $0.level == .transaction }.map(\.code)
    if report.suppressedFindings > 0
      || report.findings.contains(where: { $0.level == .segment || $0.level == .element })
    {
      codes.append("5")
    }
    return Array(distinct(codes).prefix(5))
  }

  private func distinct(_ codes: [String]) -> [String] {
    var seen: Set<String> = []
    return codes.filter { seen.insert($0).inserted }
  }
}

extension Verdict {
  /// The code of IK501.
  var code: String {
    switch self {
    case .accepted: "A"
    case .acceptedWithErrors: "E"
    case .rejected: "R"
    }
  }
}

extension X12Element {
  /// A text that was sent to us, without characters that cannot be sent back and without blanks around it.
  static func clean(_ text: String, _ writer: borrowing X12Writer) -> X12Element {
    .text(cleaned(text, writer.delimiters))
  }

  static func cleaned(_ text: String, _ delimiters: Delimiters) -> String {
    let bytes = text.utf8.filter { Charset.isAllowed($0) && !delimiters.contains($0) }
    guard let first = bytes.firstIndex(where: { $0 != 0x20 }), let last = bytes.lastIndex(where: { $0 != 0x20 }) else {
      return ""
    }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
