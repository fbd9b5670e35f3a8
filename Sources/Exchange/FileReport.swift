// What became of one file.

public import Kernel
public import X12

public struct FileReport: Sendable {
  public enum Kind: Sendable, Hashable {
    /// An 834 was taken; `accepted` and `refused` count coverages.
    case enrolment
    /// An 837P was taken; `accepted` and `refused` count claims.
    case claims
    /// An 820 was taken; `accepted` and `refused` count its lines. What is in suspense is accepted.
    case payments
    /// Nothing of it is for this door; the reason says what it is.
    case notForThisDoor(String)
    /// It does not follow its guide; nothing was changed.
    case rejected
    /// It follows its guide and is refused all the same; nothing was changed.
    case refused(Problem)
  }

  /// The file's name, without its directory.
  public let name: String
  public let kind: Kind
  public internal(set) var partner: String?
  /// `fil_…`; nil where nothing was changed.
  public internal(set) var fileID: String?
  public internal(set) var accepted = 0
  public internal(set) var refused = 0
  /// What was found wrong, at most 1,000; the acknowledgement has them all.
  public internal(set) var findings: [X12Finding] = []
  /// The 999; empty where none can be made.
  public internal(set) var acknowledgement: [UInt8] = []
}

extension FileReport.Kind {
  /// What was taken.
  ///
  /// - Parameter transaction: ST01, one of `FileDoor.transactions`.
  init(transaction: String) {
    self =
      switch transaction {
      case "834": .enrolment
      case "820": .payments
      case _: .claims
      }
  }
}

/// How far an import is.
public struct FileProgress: Sendable, Hashable {
  public let name: String
  public let records: Int
  /// Bytes of the file that are done, and all of them.
  public let bytes: Int
  public let totalBytes: Int
}
