/// Why a stream cannot be read as X12 any further.
///
/// A segment that breaks a guide's rule is not a syntax error but an `X12Finding`; the reader goes on after it.
public struct X12SyntaxError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// Something other than an ISA segment where an interchange must start.
    case notAnInterchange(found: String)
    /// The ISA segment's element does not have its fixed width, or one of its separators is not where it must be.
    case interchangeHeaderLayout(element: Int)
    /// Two delimiters are the same character, or one is a letter, a digit or a space.
    case unusableDelimiters(Delimiters)
    /// The stream ended inside a segment.
    case cutSegment(id: String)
    /// No segment terminator within the limit.
    case segmentTooLong(limitBytes: Int)
    /// The byte source failed.
    case sourceFailed(any Error)
  }

  public let kind: Kind
  /// Position in the stream, from 0, of the segment concerned.
  public let byteOffset: Int

  public init(kind: Kind, byteOffset: Int) {
    self.kind = kind
    self.byteOffset = byteOffset
  }

  public var description: String { "At byte \(byteOffset): \(reason)" }

  /// What and why, without where.
  var reason: String {
    switch kind {
    case .notAnInterchange(let found):
      "an interchange must start with an ISA segment, but \"\(found)\" was found; remove what stands before or "
        + "between the interchanges."
    case .interchangeHeaderLayout(let element):
      "the ISA segment has fixed widths, and the separator before element \(element) is not where it must be; pad "
        + "every ISA element to its full width."
    case .unusableDelimiters:
      "the delimiters that the ISA segment declares are not four different punctuation characters."
    case .cutSegment(let id):
      "the file ends inside the segment \(id); it was cut off. Send it again whole."
    case .segmentTooLong(let limitBytes):
      "no segment terminator was found within \(limitBytes) bytes; the terminator declared by the ISA segment may "
        + "not be the one in use."
    case .sourceFailed(let error):
      "the file could not be read: \(error)."
    }
  }
}
