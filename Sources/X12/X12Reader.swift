// Reads X12 segment by segment in constant memory.
//
// A *byte source* fills the buffer it is given and says how many bytes it wrote, 0 at the end of the stream.
// An *interchange* is everything from ISA to IEA; a stream may hold several, each with its own delimiters.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Fills the buffer with the next bytes of the stream and returns how many it wrote; 0 means the end.
public typealias ByteSource = (UnsafeMutableRawBufferPointer) throws -> Int

/// A pull parser for X12: one segment at a time, none of them allocated.
///
///     var reader = X12Reader(bytes: file)
///     while let id = try reader.next({ segment in segment.id }) { … }
public struct X12Reader: ~Copyable {
  /// The longest segment that is read; a longer one means a wrong terminator.
  public static let maximumSegmentBytes = 65_536
  private static let windowBytes = 4 * maximumSegmentBytes
  private static let interchangeHeaderBytes = 106

  /// The delimiters of the current interchange.
  public private(set) var delimiters = Delimiters.usual
  private let source: ByteSource
  private var window = SegmentWindow(capacity: windowBytes)
  private var isInsideInterchange = false
  /// The segment being looked for is an ISA whose delimiters are known.
  private var hasReadHeader = false
  private var ordinal = 0
  private var hasEndedTransaction = false
  private var hasSegment = false

  public init(source: @escaping ByteSource) {
    self.source = source
  }

  /// Reads from memory.
  public init(bytes: [UInt8]) {
    var position = 0
    self.init { buffer in
      let count = min(buffer.count, bytes.count - position)
      buffer.copyBytes(from: bytes[position..<position + count])
      position += count
      return count
    }
  }

  /// Reads from a file, which is closed when the reader goes away.
  /// - Throws: `X12SyntaxError` when the file cannot be opened.
  public init(path: String) throws(X12SyntaxError) {
    do {
      let file = try OpenFile(path: path)
      self.init { try file.read(into: $0) }
    } catch {
      throw X12SyntaxError(kind: .sourceFailed(error), byteOffset: 0)
    }
  }

  /// Calls `body` with the next segment and returns its result; nil at the end of the stream.
  public mutating func next<Result>(
    _ body: (borrowing SegmentView) throws(X12SyntaxError) -> Result
  ) throws(X12SyntaxError) -> Result? {
    guard try advance() else { return nil }
    return try body(window.view(ordinal: ordinal, delimiters: delimiters))
  }

  /// Moves to the next segment; false at the end of the stream.
  mutating func advance() throws(X12SyntaxError) -> Bool {
    if hasSegment { window.finishSegment() }
    hasSegment = false
    try skipFiller()
    if window.available == 0 { return false }
    if !isInsideInterchange { try readInterchangeHeader() }
    try findTerminator()
    var id = window.foundID
    if id == .isa, !hasReadHeader {
      // The interchange before it has no trailer; this one may declare other delimiters.
      window.rewind()
      try readInterchangeHeader()
      try findTerminator()
      id = window.foundID
    }
    hasReadHeader = false
    hasSegment = true
    count(id)
    return true
  }

  /// The segment that `advance()` moved to.
  @inline(__always)
  func segment() -> SegmentView { window.view(ordinal: ordinal, delimiters: delimiters) }

  /// Position in the stream of the segment being read, or of the end.
  var position: Int { window.position }

  private mutating func count(_ id: SegmentID) {
    if id == .st {
      ordinal = 1
    } else if id == .isa || id == .gs || id == .ge || id == .iea {
      ordinal = 0
      isInsideInterchange = id != .iea
    } else if hasEndedTransaction {
      ordinal = 0
    } else if ordinal > 0 {
      ordinal += 1
    }
    hasEndedTransaction = id == .se
  }

  private mutating func findTerminator() throws(X12SyntaxError) {
    while !window.search() {
      if window.available > Self.maximumSegmentBytes {
        throw X12SyntaxError(kind: .segmentTooLong(limitBytes: Self.maximumSegmentBytes), byteOffset: window.position)
      }
      if try !fill() {
        let id = leadingText(3).prefix { $0.isLetter || $0.isNumber }
        throw X12SyntaxError(kind: .cutSegment(id: String(id)), byteOffset: window.position)
      }
    }
  }

  /// Passes over line ends after a segment; between interchanges also over blanks and the end-of-file mark of old.
  private mutating func skipFiller() throws(X12SyntaxError) {
    while true {
      if window.available == 0, try !fill() { return }
      let byte = window.peek(0)
      let isLineEnd = byte == 0x0a || byte == 0x0d
      let isBlank = byte == 0x20 || byte == 0x09 || byte == 0x00 || byte == 0x1a
      guard isLineEnd || (!isInsideInterchange && isBlank) else { return }
      window.skip(1)
    }
  }

  private mutating func fill() throws(X12SyntaxError) -> Bool {
    do {
      return try window.fill(from: source)
    } catch {
      throw X12SyntaxError(kind: .sourceFailed(error), byteOffset: window.position)
    }
  }

  private func leadingText(_ count: Int) -> String {
    let bytes = (0..<min(count, window.available)).map { window.peek($0) }
    return String(decoding: bytes.map { Charset.isAllowed($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }

  /// Reads the delimiters from the ISA segment, whose every byte has a fixed place.
  private mutating func readInterchangeHeader() throws(X12SyntaxError) {
    while window.available < Self.interchangeHeaderBytes {
      if try !fill() { break }
    }
    let header = "ISA".utf8
    guard window.available >= 3, zip(0..<3, header).allSatisfy({ window.peek($0) == $1 }) else {
      throw X12SyntaxError(kind: .notAnInterchange(found: leadingText(12)), byteOffset: window.position)
    }
    guard window.available >= Self.interchangeHeaderBytes else {
      throw X12SyntaxError(kind: .cutSegment(id: "ISA"), byteOffset: window.position)
    }
    let separator = window.peek(3)
    for (index, offset) in InterchangeHeader.separatorOffsets.enumerated() where window.peek(offset) != separator {
      throw X12SyntaxError(kind: .interchangeHeaderLayout(element: index + 1), byteOffset: window.position)
    }
    let isRepetitionDeclared = (84..<89).map { window.peek($0) }.lexicographicallyPrecedes("00402".utf8) == false
    let repetition = window.peek(82)
    let declared = Delimiters(
      element: separator, component: window.peek(104),
      repetition: isRepetitionDeclared && !Charset.isAlphanumeric(repetition) ? repetition : nil,
      segment: window.peek(105))
    guard declared.areUsable else {
      throw X12SyntaxError(kind: .unusableDelimiters(declared), byteOffset: window.position)
    }
    delimiters = declared
    window.classify(declared)
    isInsideInterchange = true
    hasReadHeader = true
  }
}

/// A file descriptor that closes itself.
private final class OpenFile {
  struct Failure: Error, CustomStringConvertible {
    let path: String
    let code: CInt
    var description: String { "\(path): \(String(cString: strerror(code)))" }
  }

  private let path: String
  private let descriptor: CInt

  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw Failure(path: path, code: errno) }
  }

  deinit { close(descriptor) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = unistdRead(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw Failure(path: path, code: errno) }
    }
  }
}

private func unistdRead(_ descriptor: CInt, _ address: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, address, count)
}
