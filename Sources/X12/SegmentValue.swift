// Segments for reading: conveniences of the borrowed view, and a segment as a value that may be kept.

extension SegmentView {
  /// The element's text, repetitions and components included; empty when absent.
  public func string(_ element: Int) -> String { text(bounds(element)) }

  /// Whether the element is there and not empty.
  public func isPresent(_ element: Int) -> Bool { !bounds(element).isEmpty }

  /// Where the element's bytes lie in the stream; nil when absent.
  public func byteRange(_ element: Int) -> Range<Int>? {
    let range = bounds(element)
    return range.isEmpty ? nil : range.lowerBound + byteOffset..<range.upperBound + byteOffset
  }

  /// The segment's identifier as it is written, even when malformed (at most 20 characters).
  public var writtenID: String { text(0..<min(20, elementCount == 0 ? length : bounds(1).lowerBound - 1)) }

  /// A copy that may be kept.
  public var value: SegmentValue {
    SegmentValue(
      id: id, elements: (0..<elementCount).map { string($0 + 1) }, delimiters: delimiters, byteOffset: byteOffset,
      ordinal: ordinal)
  }
}

/// One segment as a value.
public struct SegmentValue: Sendable, Hashable {
  public let id: SegmentID
  /// The elements' texts; `elements[0]` is element 1.
  public let elements: [String]
  public let delimiters: Delimiters
  /// Position in the stream; 0 when it was not read.
  public let byteOffset: Int
  /// Position in the transaction, ST being 1; 0 when it was not read.
  public let ordinal: Int

  public init(
    id: SegmentID, elements: [String], delimiters: Delimiters = .usual, byteOffset: Int = 0, ordinal: Int = 0
  ) {
    self.id = id
    self.elements = elements
    self.delimiters = delimiters
    self.byteOffset = byteOffset
    self.ordinal = ordinal
  }

  /// The element's text, nil when absent or empty. Elements count from 1.
  public subscript(element: Int) -> String? {
    guard element >= 1, element <= elements.count, !elements[element - 1].isEmpty else { return nil }
    return elements[element - 1]
  }

  /// A component's text, nil when absent or empty. Both count from 1.
  public subscript(element: Int, component: Int) -> String? {
    guard let text = self[element], component >= 1 else { return nil }
    let parts = text.utf8.split(separator: delimiters.component, omittingEmptySubsequences: false)
    guard component <= parts.count, !parts[component - 1].isEmpty else { return nil }
    return String(Substring(parts[component - 1]))
  }

  /// The element's repetitions, one text each.
  public func repetitions(_ element: Int) -> [String] {
    guard let text = self[element] else { return [] }
    guard let separator = delimiters.repetition else { return [text] }
    return text.utf8.split(separator: separator, omittingEmptySubsequences: false).map { String(Substring($0)) }
  }
}
