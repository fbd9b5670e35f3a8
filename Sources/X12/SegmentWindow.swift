// The one file with unsafe memory: a fixed window over the stream in which segments are found, the borrowed view
// through which the rest of the module reads them, and the clearing of counters.
//
// A *mark* is the offset, from the segment's first byte, of a delimiter that ends an element: `marks[0]` ends the
// segment's identifier, `marks[i]` ends element `i`, and the last mark is the segment terminator. So element `i` lies
// between two marks and no per-segment allocation is needed.
//
// Safety: the window owns its memory for as long as it lives. `SegmentView` is noncopyable and is only ever handed out
// as a borrowed argument, so it cannot outlive the call, and the window is not touched during that call. Every
// public access checks the element's number against the count of marks.

/// What a byte means under the delimiters of the interchange. An ordinary character has no bit set.
struct ByteClass: OptionSet {
  let rawValue: UInt8

  static let elementSeparator = ByteClass(rawValue: 1)
  static let segmentTerminator = ByteClass(rawValue: 2)
  static let componentSeparator = ByteClass(rawValue: 4)
  static let repetitionSeparator = ByteClass(rawValue: 8)
  /// Outside the basic and extended character sets of X12.
  static let forbidden = ByteClass(rawValue: 16)
  /// Not a byte's class but a segment's: it has more elements than any segment of the standard may have.
  static let overflow = ByteClass(rawValue: 32)
}

/// One segment where it lies in the reader's window, valid only during the call it is passed to.
///
/// Element numbers count from 1, as the standard writes them (CLM02 is element 2). Reading an element beyond the last
/// one gives an empty value, as an omitted trailing element means.
public struct SegmentView: ~Copyable {
  fileprivate let base: UnsafePointer<UInt8>
  fileprivate let marks: UnsafePointer<UInt32>

  /// How many elements follow the identifier, empty ones included.
  public let elementCount: Int
  /// The segment's identifier; `SegmentID.malformed` when it is not two or three letters and digits.
  public let id: SegmentID
  /// Position of the identifier's first byte in the stream, from 0.
  public let byteOffset: Int
  /// Position in the transaction, ST being 1; 0 outside a transaction. This is what IK302 of a 999 reports.
  public let ordinal: Int
  /// The delimiters in force.
  public let delimiters: Delimiters
  /// The classes of byte that the segment holds.
  let classes: ByteClass

  /// The element's bytes, as offsets from the segment's first byte.
  @inline(__always)
  func bounds(_ element: Int) -> Range<Int> {
    guard element >= 1, element <= elementCount else { return 0..<0 }
    return Int(marks[element - 1]) + 1..<Int(marks[element])
  }

  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { base[offset] }

  /// Up to eight bytes as one integer, so that a code is compared in one instruction; longer values are folded
  /// (FNV-1a).
  @inline(__always)
  func packed(_ bounds: Range<Int>) -> UInt64 {
    if bounds.count > 8 { return PackedCode.fold(count: bounds.count) { base[bounds.lowerBound + $0] } }
    var value: UInt64 = 0
    var offset = bounds.upperBound
    while offset > bounds.lowerBound {
      offset -= 1
      value = value << 8 | UInt64(base[offset])
    }
    return value
  }

  /// The length of the segment without its terminator.
  var length: Int { Int(marks[elementCount]) }

  func text(_ bounds: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(start: base + bounds.lowerBound, count: bounds.count), as: UTF8.self)
  }

  /// The part of `bounds` before the first `separator`.
  @inline(__always)
  func head(_ bounds: Range<Int>, before separator: UInt8) -> Range<Int> {
    var end = bounds.lowerBound
    while end < bounds.upperBound, base[end] != separator { end += 1 }
    return bounds.lowerBound..<end
  }
}

/// The bytes of the stream that are in memory. Its size is fixed, whatever the stream's.
struct SegmentWindow: ~Copyable {
  /// More elements than any segment of release 005010 has.
  static let maximumElements = 250

  private let bytes: UnsafeMutablePointer<UInt8>
  private let marks: UnsafeMutablePointer<UInt32>
  private let classes: UnsafeMutablePointer<UInt8>
  private let capacity: Int

  /// Where the segment being read starts, how far it was searched, and how far the window is filled.
  private var start = 0
  private var searched = 0
  private var filled = 0
  private var markCount = 0
  private var found: ByteClass = []
  private var streamOffset = 0
  private(set) var isAtEnd = false

  init(capacity: Int) {
    self.capacity = capacity
    bytes = .allocate(capacity: capacity)
    marks = .allocate(capacity: Self.maximumElements + 2)
    classes = .allocate(capacity: 256)
    bytes.initialize(repeating: 0, count: capacity)
    marks.initialize(repeating: 0, count: Self.maximumElements + 2)
    classes.initialize(repeating: 0, count: 256)
  }

  deinit {
    bytes.deallocate()
    marks.deallocate()
    classes.deallocate()
  }

  /// Position in the stream of the segment being read.
  var position: Int { streamOffset + start }
  /// Bytes in memory from the start of the segment being read.
  var available: Int { filled - start }

  @inline(__always)
  func peek(_ offset: Int) -> UInt8 {
    precondition(offset >= 0 && start + offset < filled)
    return bytes[start + offset]
  }

  /// Sets what each byte means from here on.
  mutating func classify(_ delimiters: Delimiters) {
    for value in 0..<256 {
      classes[value] = Charset.isAllowed(UInt8(value)) ? 0 : ByteClass.forbidden.rawValue
    }
    if let repetition = delimiters.repetition {
      classes[Int(repetition)] = ByteClass.repetitionSeparator.rawValue
    }
    classes[Int(delimiters.component)] = ByteClass.componentSeparator.rawValue
    classes[Int(delimiters.element)] = ByteClass.elementSeparator.rawValue
    classes[Int(delimiters.segment)] = ByteClass.segmentTerminator.rawValue
  }

  /// Looks for the terminator of the segment at `start`; false when the window ends before it.
  mutating func search() -> Bool {
    // Locals, so that the loop below keeps them in registers.
    var offset = searched
    var count = markCount
    var seen = found
    let (bytes, marks, classes, start, end) = (bytes, marks, classes, start, filled)
    defer {
      searched = offset
      markCount = count
      found = seen
    }
    while offset < end {
      let kind = classes[Int(bytes[offset])]
      offset += 1
      if kind == 0 { continue }
      if kind == ByteClass.elementSeparator.rawValue {
        if count < Self.maximumElements {
          marks[count] = UInt32(truncatingIfNeeded: offset - 1 - start)
          count += 1
        } else {
          seen.insert(.overflow)
        }
      } else if kind == ByteClass.segmentTerminator.rawValue {
        marks[count] = UInt32(truncatingIfNeeded: offset - 1 - start)
        return true
      } else {
        seen.insert(ByteClass(rawValue: kind))
      }
    }
    return false
  }

  /// The segment that `search()` found.
  @inline(__always)
  func view(ordinal: Int, delimiters: Delimiters) -> SegmentView {
    SegmentView(
      base: bytes + start, marks: marks, elementCount: markCount, id: foundID, byteOffset: streamOffset + start,
      ordinal: ordinal, delimiters: delimiters, classes: found)
  }

  /// The identifier of the segment that `search()` found.
  var foundID: SegmentID {
    SegmentID(packing: Int(marks[0])) { bytes[start + $0] }
  }

  /// Goes on after the segment that `search()` found.
  mutating func finishSegment() {
    start = searched
    markCount = 0
    found = []
  }

  /// Forgets the search, to read the same bytes again under other delimiters.
  mutating func rewind() {
    searched = start
    markCount = 0
    found = []
  }

  /// Passes over bytes between segments.
  mutating func skip(_ count: Int) {
    precondition(count <= available)
    start += count
    rewind()
  }

  /// Reads more of the stream, moving what is still needed to the front. False at the end of the stream, or when a
  /// single segment fills the window.
  mutating func fill(from source: ByteSource) throws -> Bool {
    if isAtEnd { return false }
    if start > 0 {
      bytes.update(from: bytes + start, count: filled - start)
      streamOffset += start
      searched -= start
      filled -= start
      start = 0
    }
    if filled == capacity { return false }
    let free = UnsafeMutableRawBufferPointer(start: bytes + filled, count: capacity - filled)
    let count = try source(free)
    precondition(count >= 0 && count <= free.count, "a byte source returned more bytes than it was given room for")
    if count == 0 { isAtEnd = true }
    filled += count
    return count > 0
  }
}

extension [UInt32] {
  /// Sets a range to zero at once.
  @inline(__always)
  mutating func clear(_ range: Range<Int32>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    withUnsafeMutableBufferPointer { buffer in
      for index in range { buffer[Int(index)] = 0 }
    }
  }
}
