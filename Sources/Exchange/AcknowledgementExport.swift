// The 999 for a file: one interchange for each that came, one acknowledgement for each of its groups. The file is read
// once more for it, so that memory holds no report longer than it takes to write.

import Kernel
import X12

struct AcknowledgementExport {
  let guides: GuideLibrary
  /// When the file was received.
  let at: Instant
  /// Of the first interchange written.
  let controlNumber: Int
  /// Transactions that are not taken though nothing in them is wrong.
  let rejected: Set<Int>

  private final class Sink { var bytes: [UInt8] = [] }

  /// - Parameter refusals: of a transaction's records, by its place in the file.
  /// - Returns: nothing where the file has no group that may be answered.
  func bytes(
    for path: String, refusals: (Int) async throws -> [X12Finding] = { _ in [] }
  ) async throws -> [UInt8] {
    let sink = Sink()
    var writer = X12Writer { sink.bytes += $0 }
    var validator = X12Validator(reader: try X12Reader(path: path), guides: guides)
    var interchange: InterchangeHeader?
    var isOpen = false
    var groups = 0
    var open: Acknowledgement?
    while let event = validator.next() {
      switch event {
      case .interchangeBegan(let header):
        interchange = header
      case .groupBegan(let header):
        // An acknowledgement is not acknowledged.
        guard header.functionalID != Acknowledgement.functionalID, let interchange else { continue }
        if !isOpen { try begin(interchange, header, number: controlNumber, &writer) }
        isOpen = true
        groups += 1
        open = try Acknowledgement(of: header, controlNumber: padded(groups), to: &writer)
      case .transaction(let report):
        let answer = report.adding(try await refusals(report.header.index)).rejected(rejected)
        try open?.add(answer, to: &writer)
      case .groupEnded(let report):
        try open?.finish(report, to: &writer)
        open = nil
      case .interchangeEnded:
        guard isOpen else { continue }
        try writer.endGroup()
        try writer.endInterchange()
        isOpen = false
      }
    }
    try writer.finish()
    return sink.bytes
  }

  /// From the receiver of the file to its sender.
  private func begin(
    _ header: InterchangeHeader, _ group: GroupHeader, number: Int, _ writer: inout X12Writer
  ) throws {
    let (date, time) = (at.date.compact, at.time)
    try writer.beginInterchange(
      InterchangeAddress(
        senderQualifier: header.receiverQualifier.orElse("ZZ"), sender: header.receiver.fittingX12(15),
        receiverQualifier: header.senderQualifier.orElse("ZZ"), receiver: header.sender.fittingX12(15),
        date: String(date.suffix(6)), time: time, controlNumber: number, usage: header.usage == "P" ? "P" : "T"))
    try writer.beginGroup(
      GroupHeader(
        functionalID: Acknowledgement.functionalID, sender: group.receiver.fittingX12(15).orElse("UNKNOWN"),
        receiver: group.sender.fittingX12(15).orElse("UNKNOWN"), date: date, time: time,
        controlNumber: "\(number)", version: Acknowledgement.version))
  }

  private func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension TransactionReport {
  /// Rejected where it is among those whose envelope is broken.
  fileprivate func rejected(_ indexes: Set<Int>) -> TransactionReport {
    guard verdict != .rejected, indexes.contains(header.index) else { return self }
    return adding([
      X12Finding(
        level: .transaction, code: "", segmentID: "ST", byteOffset: header.byteOffset,
        message: "The transaction stands in an envelope that is broken; nothing of it was taken.")
    ])
  }
}

extension Instant {
  /// HHMM.
  var time: String {
    let minutes = Int(secondsOfDay) / 60
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
    return two(minutes / 60) + two(minutes % 60)
  }
}

extension String {
  fileprivate func orElse(_ other: String) -> String { isEmpty ? other : self }
}
