// Implementation guides as data: which loops and segments a transaction has, in what order, and what may be in them.
//
// A *loop* is a group of segments that starts with a given segment and may repeat. A *guide* is an agreed use of a
// transaction set, named in GS08 and ST03 (`005010X222A1`). The *dictionary* is the standard below all guides: which
// elements a segment has, and each element's type and length.

/// One implementation guide, ready to validate with.
public struct Guide: Sendable {
  /// What GS08 and ST03 carry, such as `005010X222A1`.
  public let version: String
  /// Earlier versions that are read with this guide.
  public let otherVersions: [String]
  /// ST01, such as `837`.
  public let transaction: String
  /// GS01, such as `HC`.
  public let functionalID: String
  /// The loops that are one record each for `LoopReader`: a member, a claim, who a payment is for.
  public let recordLoops: [String]

  let tables: GuideTables
}

/// The guides that a validator knows.
public struct GuideLibrary: Sendable {
  private let guides: [String: Guide]
  private let functionalIDs: Set<String>

  /// - Parameters:
  ///   - dictionary: the text of the dictionary of segments and elements.
  ///   - guides: file name and text of each guide.
  /// - Throws: `GuideError` with file, line and reason.
  public init(dictionary: String, guides texts: [(name: String, text: String)]) throws(GuideError) {
    let dictionary = try GuideDictionary(text: dictionary)
    var guides: [String: Guide] = [:]
    for (name, text) in texts {
      var parser = GuideParser(name: name, dictionary: dictionary)
      let guide = try parser.parse(text)
      for version in [guide.version] + guide.otherVersions { guides[version] = guide }
    }
    self.guides = guides
    functionalIDs = Set(guides.values.map(\.functionalID))
  }

  /// The guide of that version, if there is one.
  public func guide(version: String) -> Guide? { guides[version] }

  /// Whether any guide is for groups with this GS01.
  public func supports(functionalID: String) -> Bool { functionalIDs.contains(functionalID) }

  /// All versions, sorted.
  public var versions: [String] { guides.keys.sorted() }
}

/// Why a guide's file cannot be used.
public struct GuideError: Error, Sendable, Hashable, CustomStringConvertible {
  public let file: String
  /// From 1; 0 when the file as a whole is at fault.
  public let line: Int
  public let reason: String

  public var description: String { "\(file):\(line): \(reason)" }
}
