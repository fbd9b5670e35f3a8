// What was found wrong, as data: enough to write a 999, to point at the byte, and to tell a person what to do.

/// One thing wrong with an interchange, group, transaction, segment or element.
public struct X12Finding: Error, Sendable, Hashable, CustomStringConvertible {
  /// What the finding is about; it also says which code list `code` is of.
  public enum Level: Sendable, Hashable {
    /// `code` is of TA105.
    case interchange
    /// `code` is of AK905.
    case group
    /// `code` is of IK502.
    case transaction
    /// `code` is of IK304.
    case segment
    /// `code` is of IK403.
    case element
  }

  /// What follows from the finding.
  public enum Gravity: Sendable, Hashable {
    /// The transaction as a whole is not taken.
    case rejects
    /// The transaction is taken; what the finding is about (one member, one claim) may not be.
    case noted
  }

  /// A business identifier that helps the sender find the record, for the CTX segment of a 999.
  public struct Context: Sendable, Hashable {
    /// One of the names that a 999 allows: `CLM01`, `SUBSCRIBER NUMBER REF02`, `NM109`, `TRN02`, …
    public let name: String
    public let value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The longest bad value that is kept, in characters; IK404 takes no more.
  public static let maximumBadValue = 99

  public var level: Level
  public var gravity: Gravity
  public var code: String
  public var segmentID: String
  /// Position in the transaction, ST being 1 (IK302); 0 outside transactions.
  public var segmentOrdinal: Int
  /// IK303.
  public var loopID: String?
  /// From 1 (IK401).
  public var element: Int?
  public var component: Int?
  public var repetition: Int?
  /// The data element's reference number in the standard (IK402).
  public var elementReference: Int?
  public var badValue: String?
  public var context: Context?
  /// Position of the segment in the stream.
  public var byteOffset: Int
  /// What, where, why and what to do, for people.
  public var message: String

  public init(
    level: Level, gravity: Gravity = .rejects, code: String, segmentID: String, segmentOrdinal: Int = 0,
    loopID: String? = nil, element: Int? = nil, component: Int? = nil, repetition: Int? = nil,
    elementReference: Int? = nil, badValue: String? = nil, context: Context? = nil, byteOffset: Int, message: String
  ) {
    self.level = level
    self.gravity = gravity
    self.code = code
    self.segmentID = segmentID
    self.segmentOrdinal = segmentOrdinal
    self.loopID = loopID
    self.element = element
    self.component = component
    self.repetition = repetition
    self.elementReference = elementReference
    self.badValue = badValue.map { String($0.prefix(Self.maximumBadValue)) }
    self.context = context
    self.byteOffset = byteOffset
    self.message = message
  }

  public var description: String { message }
}

extension X12Finding {
  /// A business refusal of one record, at one of its segments: the file is in order, but what it asks for is not.
  ///
  /// - Parameters:
  ///   - segment: where the refused value stands.
  ///   - loopID: the loop it stands in.
  ///   - element: the refused element, from 1; nil when the segment as a whole is refused.
  ///   - code: of IK403 for an element (default `I12`, pattern match failure), of IK304 for a segment (`I6`).
  public static func refusal(
    at segment: SegmentValue, loopID: String?, element: Int? = nil, component: Int? = nil, code: String? = nil,
    context: Context? = nil, message: String
  ) -> X12Finding {
    X12Finding(
      level: element == nil ? .segment : .element, gravity: .noted, code: code ?? (element == nil ? "I6" : "I12"),
      segmentID: segment.id.description, segmentOrdinal: segment.ordinal, loopID: loopID, element: element,
      component: component,
      badValue: element.flatMap { number in component.map { segment[number, $0] } ?? segment[number] },
      context: context, byteOffset: segment.byteOffset, message: message)
  }
}

/// What is wrong with an element; the raw value is the code of IK403.
enum ElementFault: String {
  case missing = "1"
  case missingByRelation = "2"
  case tooManyElements = "3"
  case tooShort = "4"
  case tooLong = "5"
  case badCharacter = "6"
  case badCode = "7"
  case badDate = "8"
  case badTime = "9"
  case excludedByRelation = "10"
  case tooManyRepetitions = "12"
  case tooManyComponents = "13"
  case notUsed = "I10"

  func explanation(_ spec: ElementSpec?) -> String {
    switch self {
    case .missing: "it is required and missing; send it"
    case .missingByRelation: "it is required because of other elements of the segment; send it, or none of them"
    case .tooManyElements: "the segment has no such element; send fewer"
    case .tooShort: "it is shorter than the \(spec?.minimum ?? 0) characters it needs; send the full value"
    case .tooLong: "it is longer than the \(spec?.maximum ?? 0) characters allowed; shorten it"
    case .badCharacter:
      switch spec?.type {
      case .integer: "it is not a whole number; send digits only"
      case .decimal: "it is not a decimal number; send digits with at most one decimal point"
      case .text, .identifier, .date, .time, .composite, nil:
        "it has a character that is not allowed, or ends in blanks; leave those out"
      }
    case .badCode: "it is not one of the values that the guide allows here; send one of them"
    case .badDate: "it is not a real date in the format that is announced; correct it"
    case .badTime: "it is not a time of day (HHMM, HHMMSS); correct it"
    case .excludedByRelation: "it excludes another element that is also sent; send only one of them"
    case .tooManyRepetitions: "it is repeated more often than allowed; send fewer repetitions"
    case .tooManyComponents: "it has more components than allowed; send fewer"
    case .notUsed: "the guide does not use it here; leave it out"
    }
  }
}

/// What is wrong with a segment; the raw value is the code of IK304.
enum SegmentFault: String {
  case unknown = "1"
  case unexpected = "2"
  case missing = "3"
  case loopOverMaximum = "4"
  case overMaximum = "5"
  case outOfSequence = "7"
  case notUsed = "I4"

  var explanation: String {
    switch self {
    case .unknown: "no segment of this guide has that name; remove it"
    case .unexpected: "the guide has no place for it here, or not with this qualifier; remove or correct it"
    case .missing: "it is required before this point and missing; send it"
    case .loopOverMaximum: "its loop is repeated more often than the guide allows; send fewer"
    case .overMaximum: "it is repeated more often than the guide allows; send fewer"
    case .outOfSequence: "it comes too late; send it in the order of the guide"
    case .notUsed: "the guide does not use it here; leave it out"
    }
  }
}
