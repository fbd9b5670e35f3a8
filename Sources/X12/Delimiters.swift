// Delimiters, characters and segment identifiers: the letters that everything else is written in.

/// The four characters that give an interchange its structure. They are declared by its ISA segment.
public struct Delimiters: Sendable, Hashable {
  /// Between elements; the byte after `ISA`.
  public var element: UInt8
  /// Between the components of a composite element; ISA16.
  public var component: UInt8
  /// Between repetitions of an element; ISA11. Nil before release 00402, where ISA11 is not a delimiter.
  public var repetition: UInt8?
  /// After each segment; the byte after ISA16.
  public var segment: UInt8

  public init(element: UInt8, component: UInt8, repetition: UInt8?, segment: UInt8) {
    self.element = element
    self.component = component
    self.repetition = repetition
    self.segment = segment
  }

  /// `* : ^ ~`, what most of the industry uses.
  public static let usual = Delimiters(
    element: UInt8(ascii: "*"), component: UInt8(ascii: ":"), repetition: UInt8(ascii: "^"), segment: UInt8(ascii: "~"))

  /// Whether all of them differ and none could be part of a name or number.
  var areUsable: Bool {
    let all = [element, component, segment] + (repetition.map { [$0] } ?? [])
    return Set(all).count == all.count && all.allSatisfy { !Charset.isAlphanumeric($0) && $0 != UInt8(ascii: " ") }
  }

  func contains(_ byte: UInt8) -> Bool {
    byte == element || byte == component || byte == segment || byte == repetition
  }
}

/// The basic and extended character sets of X12 (ASCII without controls).
enum Charset {
  @inline(__always)
  static func isAllowed(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7f }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
  }
}

/// A segment's identifier (`NM1`), held as one integer so that comparing costs nothing.
public struct SegmentID: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  let packed: UInt32

  /// Stands for an identifier that is not two or three capital letters and digits.
  public static let malformed = SegmentID(packed: 0)

  init(packed: UInt32) { self.packed = packed }

  @inline(__always)
  init(packing count: Int, byte: (Int) -> UInt8) {
    guard count == 2 || count == 3 else {
      packed = 0
      return
    }
    var value: UInt32 = 0
    for index in (0..<count).reversed() {
      let next = byte(index)
      guard Charset.isDigit(next) || (next >= 0x41 && next <= 0x5a) else {
        packed = 0
        return
      }
      value = value << 8 | UInt32(next)
    }
    packed = value
  }

  public init(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    self.init(packing: bytes.count) { bytes[$0] }
  }

  public init(stringLiteral value: StaticString) { self.init(value.description) }

  public var description: String {
    var text = ""
    var rest = packed
    while rest != 0 {
      text.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: rest)))
      rest >>= 8
    }
    return text
  }
}

/// The identifiers of envelopes. They are computed, not stored, so that comparing with one is comparing with a
/// constant.
extension SegmentID {
  @inline(__always) static var isa: SegmentID { of("I", "S", "A") }
  @inline(__always) static var iea: SegmentID { of("I", "E", "A") }
  @inline(__always) static var gs: SegmentID { of("G", "S") }
  @inline(__always) static var ge: SegmentID { of("G", "E") }
  @inline(__always) static var st: SegmentID { of("S", "T") }
  @inline(__always) static var se: SegmentID { of("S", "E") }
  @inline(__always) static var ta1: SegmentID { of("T", "A", "1") }
  @inline(__always) static var hl: SegmentID { of("H", "L") }

  @inline(__always)
  private static func of(
    _ first: Unicode.Scalar, _ second: Unicode.Scalar, _ third: Unicode.Scalar = "\0"
  ) -> SegmentID {
    SegmentID(packed: first.value | second.value << 8 | third.value << 16)
  }
}

/// Codes of guides as integers.
enum PackedCode {
  static func pack(_ text: some StringProtocol) -> UInt64 {
    let bytes = Array(text.utf8)
    if bytes.count > 8 { return fold(count: bytes.count) { bytes[$0] } }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  static func fold(count: Int, byte: (Int) -> UInt8) -> UInt64 {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<count { value = (value ^ UInt64(byte(index))) &* 0x100_0000_01b3 }
    return value
  }
}
