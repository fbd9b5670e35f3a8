// Writes X12 in constant memory: envelopes with their counts and control numbers, and segments without trailing empty
// elements.

/// One element to write.
public enum X12Element: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  case text(String)
  /// Components; trailing empty ones are left out.
  case composite([String])
  /// Repetitions, each a list of components.
  case repeated([[String]])

  public init(stringLiteral value: String) { self = .text(value) }
  public init(nilLiteral: ()) { self = .text("") }
}

/// Why something cannot be written.
public enum X12WriteError: Error, Sendable, CustomStringConvertible {
  /// A value contains one of the delimiters; X12 has no way to escape them.
  case delimiterInData(segment: String, element: Int, character: Character)
  /// A value contains a character that X12 does not have.
  case characterNotAllowed(segment: String, element: Int, character: Character)
  /// A value of an ISA segment is longer than its place.
  case valueTooLong(segment: String, element: Int, limit: Int)
  /// Not two or three capital letters and digits.
  case malformedSegmentID
  /// Repetitions in an interchange that has no character for them.
  case repetitionNotAvailable(segment: String, element: Int)
  /// An envelope was opened or closed out of order.
  case envelopeOrder(String)
  /// The sink failed.
  case sinkFailed(any Error)

  public var description: String {
    switch self {
    case .delimiterInData(let segment, let element, let character):
      "element \(element) of \(segment) contains the delimiter \"\(character)\"; choose other delimiters or change it"
    case .characterNotAllowed(let segment, let element, let character):
      "element \(element) of \(segment) contains \"\(character)\", which X12 cannot carry; transliterate it"
    case .valueTooLong(let segment, let element, let limit):
      "element \(element) of \(segment) is longer than its \(limit) characters"
    case .malformedSegmentID: "a segment's identifier must be two or three capital letters and digits"
    case .repetitionNotAvailable(let segment, let element):
      "element \(element) of \(segment) repeats, but the interchange declares no repetition separator"
    case .envelopeOrder(let reason): reason
    case .sinkFailed(let error): "the output could not be written: \(error)"
    }
  }
}

/// Who sends an interchange to whom, and when.
public struct InterchangeAddress: Sendable, Hashable {
  public var senderQualifier: String
  public var sender: String
  public var receiverQualifier: String
  public var receiver: String
  /// YYMMDD.
  public var date: String
  /// HHMM.
  public var time: String
  /// One to nine digits.
  public var controlNumber: Int
  /// `P` production, `T` test.
  public var usage: String
  public var isAcknowledgementRequested: Bool

  public init(
    senderQualifier: String = "ZZ", sender: String, receiverQualifier: String = "ZZ", receiver: String, date: String,
    time: String, controlNumber: Int, usage: String = "P", isAcknowledgementRequested: Bool = false
  ) {
    self.senderQualifier = senderQualifier
    self.sender = sender
    self.receiverQualifier = receiverQualifier
    self.receiver = receiver
    self.date = date
    self.time = time
    self.controlNumber = controlNumber
    self.usage = usage
    self.isAcknowledgementRequested = isAcknowledgementRequested
  }
}

/// Writes interchanges to a sink, which is called with about 64 kilobytes at a time and once at the end.
public struct X12Writer: ~Copyable {
  public typealias Sink = ([UInt8]) throws -> Void

  private static let flushBytes = 65_536

  public let delimiters: Delimiters
  private let endsLines: Bool
  private let sink: Sink
  private var buffer: [UInt8] = []
  private var interchange: (number: String, groups: Int)?
  private var group: (number: String, transactions: Int)?
  private var transaction: (number: String, segments: Int)?

  /// - Parameter endsLines: whether a line feed follows each segment, for people's eyes.
  public init(delimiters: Delimiters = .usual, endsLines: Bool = true, sink: @escaping Sink) {
    precondition(delimiters.areUsable, "delimiters must be different punctuation characters")
    self.delimiters = delimiters
    self.endsLines = endsLines
    self.sink = sink
  }

  /// The bytes of what `body` writes.
  public static func bytes(
    delimiters: Delimiters = .usual, endsLines: Bool = true,
    _ body: (inout X12Writer) throws(X12WriteError) -> Void
  ) throws(X12WriteError) -> [UInt8] {
    let output = Output()
    var writer = X12Writer(delimiters: delimiters, endsLines: endsLines) { output.bytes += $0 }
    try body(&writer)
    try writer.finish()
    return output.bytes
  }

  private final class Output { var bytes: [UInt8] = [] }

  /// How many segments the open transaction has so far, ST included.
  public var segmentCount: Int { transaction?.segments ?? 0 }

  public mutating func beginInterchange(_ address: InterchangeAddress) throws(X12WriteError) {
    guard interchange == nil else { throw .envelopeOrder("the interchange before this one is still open") }
    let number = Self.padded(address.controlNumber, 9)
    let repetition = delimiters.repetition.map { String(UnicodeScalar($0)) } ?? "U"
    let values = [
      "00", "", "00", "", address.senderQualifier, address.sender, address.receiverQualifier, address.receiver,
      address.date, address.time, repetition, "00501", number, address.isAcknowledgementRequested ? "1" : "0",
      address.usage, String(UnicodeScalar(delimiters.component)),
    ]
    let widths = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1]
    buffer += "ISA".utf8
    for (index, (value, width)) in zip(values, widths).enumerated() {
      guard value.utf8.count <= width else {
        throw .valueTooLong(segment: "ISA", element: index + 1, limit: width)
      }
      buffer.append(delimiters.element)
      let isDelimiter = index == 10 || index == 15
      if !isDelimiter { try check(value, "ISA", index + 1) }
      buffer += value.utf8
      buffer += repeatElement(UInt8(ascii: " "), count: width - value.utf8.count)
    }
    try endSegment()
    interchange = (number, 0)
  }

  public mutating func beginGroup(_ header: GroupHeader) throws(X12WriteError) {
    guard interchange != nil, group == nil else { throw .envelopeOrder("a group needs an open interchange") }
    interchange?.groups += 1
    try segment(
      "GS",
      [
        .text(header.functionalID), .text(header.sender), .text(header.receiver), .text(header.date),
        .text(header.time), .text(header.controlNumber), "X", .text(header.version),
      ])
    group = (header.controlNumber, 0)
  }

  /// - Parameters:
  ///   - transaction: ST01, such as `835`.
  ///   - controlNumber: ST02, four to nine characters.
  ///   - version: ST03; the guide.
  public mutating func beginTransaction(
    _ transaction: String, controlNumber: String, version: String
  ) throws(X12WriteError) {
    guard group != nil, self.transaction == nil else { throw .envelopeOrder("a transaction needs an open group") }
    group?.transactions += 1
    self.transaction = (controlNumber, 0)
    try segment("ST", [.text(transaction), .text(controlNumber), .text(version)])
  }

  /// Writes one segment, without trailing empty elements.
  public mutating func segment(_ id: SegmentID, _ elements: [X12Element]) throws(X12WriteError) {
    guard id != .malformed else { throw .malformedSegmentID }
    let name = id.description
    buffer += name.utf8
    let last = elements.lastIndex { !$0.isEmpty } ?? -1
    for (index, element) in elements.enumerated() where index <= last {
      buffer.append(delimiters.element)
      switch element {
      case .text(let text): try append(text, name, index + 1)
      case .composite(let parts): try append(parts, name, index + 1)
      case .repeated(let repetitions):
        for (count, parts) in repetitions.enumerated() {
          if count > 0 {
            guard let repetition = delimiters.repetition else {
              throw .repetitionNotAvailable(segment: name, element: index + 1)
            }
            buffer.append(repetition)
          }
          try append(parts, name, index + 1)
        }
      }
    }
    transaction?.segments += 1
    try endSegment()
  }

  public mutating func endTransaction() throws(X12WriteError) {
    guard let (number, segments) = transaction else { throw .envelopeOrder("no transaction is open") }
    try segment("SE", [.text("\(segments + 1)"), .text(number)])
    transaction = nil
  }

  public mutating func endGroup() throws(X12WriteError) {
    guard let (number, transactions) = group, transaction == nil else {
      throw .envelopeOrder("no group is open, or its transaction still is")
    }
    try segment("GE", [.text("\(transactions)"), .text(number)])
    group = nil
  }

  public mutating func endInterchange() throws(X12WriteError) {
    guard let (number, groups) = interchange, group == nil else {
      throw .envelopeOrder("no interchange is open, or its group still is")
    }
    try segment("IEA", [.text("\(groups)"), .text(number)])
    interchange = nil
  }

  /// Hands the rest to the sink. Every envelope must be closed.
  public mutating func finish() throws(X12WriteError) {
    guard interchange == nil else { throw .envelopeOrder("the interchange is still open") }
    try flush()
  }

  private mutating func append(_ parts: [String], _ segment: String, _ element: Int) throws(X12WriteError) {
    let last = parts.lastIndex { !$0.isEmpty } ?? -1
    for (index, part) in parts.enumerated() where index <= last {
      if index > 0 { buffer.append(delimiters.component) }
      try append(part, segment, element)
    }
  }

  private mutating func append(_ text: String, _ segment: String, _ element: Int) throws(X12WriteError) {
    try check(text, segment, element)
    buffer += text.utf8
  }

  private func check(_ text: String, _ segment: String, _ element: Int) throws(X12WriteError) {
    for byte in text.utf8 where delimiters.contains(byte) || !Charset.isAllowed(byte) {
      for character in text {
        if let ascii = character.asciiValue, delimiters.contains(ascii) {
          throw .delimiterInData(segment: segment, element: element, character: character)
        }
        if character.asciiValue.map({ !Charset.isAllowed($0) }) ?? true {
          throw .characterNotAllowed(segment: segment, element: element, character: character)
        }
      }
    }
  }

  private mutating func endSegment() throws(X12WriteError) {
    buffer.append(delimiters.segment)
    if endsLines { buffer.append(0x0a) }
    if buffer.count >= Self.flushBytes { try flush() }
  }

  private mutating func flush() throws(X12WriteError) {
    if buffer.isEmpty { return }
    do {
      try sink(buffer)
    } catch {
      throw .sinkFailed(error)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension X12Element {
  var isEmpty: Bool {
    switch self {
    case .text(let text): text.isEmpty
    case .composite(let parts): parts.allSatisfy(\.isEmpty)
    case .repeated(let repetitions): repetitions.allSatisfy { $0.allSatisfy(\.isEmpty) }
    }
  }
}
