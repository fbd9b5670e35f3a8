// The three envelopes of X12, outermost first: interchange (ISA … IEA), functional group (GS … GE), transaction set
// (ST … SE), as their headers declare them.

/// What the ISA segment says. Texts are without the blanks that pad them.
public struct InterchangeHeader: Sendable, Hashable {
  /// Offsets of the separators of an ISA segment, each before the element with its number.
  static let separatorOffsets = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103]

  public let senderQualifier: String
  public let sender: String
  public let receiverQualifier: String
  public let receiver: String
  /// YYMMDD.
  public let date: String
  /// HHMM.
  public let time: String
  public let version: String
  public let controlNumber: String
  public let isAcknowledgementRequested: Bool
  /// `P` production, `T` test.
  public let usage: String
  public let delimiters: Delimiters
  public let byteOffset: Int

  init(_ segment: borrowing SegmentView) {
    func trimmed(_ text: String) -> String {
      var text = text[...]
      while text.last == " " { text.removeLast() }
      return String(text)
    }
    senderQualifier = segment.string(5)
    sender = trimmed(segment.string(6))
    receiverQualifier = segment.string(7)
    receiver = trimmed(segment.string(8))
    date = segment.string(9)
    time = segment.string(10)
    version = segment.string(12)
    controlNumber = segment.string(13)
    isAcknowledgementRequested = segment.string(14) == "1"
    usage = segment.string(15)
    delimiters = segment.delimiters
    byteOffset = segment.byteOffset
  }
}

/// What the GS segment says.
public struct GroupHeader: Sendable, Hashable {
  /// GS01: `HC` claims, `BE` enrolment, `HP` remittance, `FA` acknowledgement.
  public let functionalID: String
  public let sender: String
  public let receiver: String
  public let date: String
  public let time: String
  public let controlNumber: String
  /// GS08: the implementation guide.
  public let version: String
  public let byteOffset: Int

  init(_ segment: borrowing SegmentView) {
    functionalID = segment.string(1)
    sender = segment.string(2)
    receiver = segment.string(3)
    date = segment.string(4)
    time = segment.string(5)
    controlNumber = segment.string(6)
    version = segment.string(8)
    byteOffset = segment.byteOffset
  }

  public init(
    functionalID: String, sender: String, receiver: String, date: String, time: String, controlNumber: String,
    version: String
  ) {
    self.functionalID = functionalID
    self.sender = sender
    self.receiver = receiver
    self.date = date
    self.time = time
    self.controlNumber = controlNumber
    self.version = version
    byteOffset = 0
  }
}

/// What the ST segment says, and where in the stream it stands.
public struct TransactionHeader: Sendable, Hashable {
  /// ST01, such as `837`.
  public let transaction: String
  /// ST02.
  public let controlNumber: String
  /// ST03, or GS08 where ST03 is absent.
  public let version: String
  /// ST03 exactly as sent.
  public let declaredVersion: String
  /// ST01 to ST03's group and interchange.
  public let groupControlNumber: String
  public let interchangeControlNumber: String
  /// How many transactions precede this one in the stream.
  public let index: Int
  public let byteOffset: Int

  init(_ segment: borrowing SegmentView, group: GroupHeader?, interchange: InterchangeHeader?, index: Int) {
    transaction = segment.string(1)
    controlNumber = segment.string(2)
    declaredVersion = segment.string(3)
    version = declaredVersion.isEmpty ? group?.version ?? "" : declaredVersion
    groupControlNumber = group?.controlNumber ?? ""
    interchangeControlNumber = interchange?.controlNumber ?? ""
    self.index = index
    byteOffset = segment.byteOffset
  }
}
