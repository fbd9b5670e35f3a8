/// What an `ID` names. The prefix is one to 63 of `a...z` and `_`, neither first nor last a `_`.
public protocol IDTag {
  static var prefix: String { get }
}

/// An identifier that says what it names and sorts by the time it was made: `pol_01h455vb4pex5vsknk084sn02q`.
///
/// A TypeID (version 0.3 of its specification): the prefix of the tag, `_`, and a UUID in 26 characters of Crockford's
/// base 32. New ones are UUID version 7 (RFC 9562): milliseconds since 1970, then random or derived bits.
@frozen
public struct ID<Tag: IDTag>: Hashable, Sendable {
  /// The first eight bytes of the UUID.
  public let hi: UInt64
  /// The last eight bytes of the UUID.
  public let lo: UInt64

  /// Any UUID.
  @inlinable
  public init(hi: UInt64, lo: UInt64) {
    self.hi = hi
    self.lo = lo
  }

  /// A new random identifier made at `instant`, which is not before 1970.
  @inlinable
  public init(at instant: Instant, random: inout some RandomNumberGenerator) {
    self.init(instant, random.next(), random.next())
  }

  /// The identifier that follows from its arguments: the same arguments give the same identifier, always.
  ///
  /// A message delivered twice then makes the same things twice under the same names. `instant` must therefore be the
  /// message's own time, not the time of its handling. `ordinal` tells apart the things that one seed makes. The hash
  /// is not cryptographic: do not derive where a stranger who chooses the seed gains from a collision.
  @inlinable
  public init(at instant: Instant, derivedFrom seed: some Sequence<UInt8>, _ ordinal: Int = 0) {
    var hash = StableHash()
    hash.absorb(Tag.prefix.utf8)
    // No prefix holds a zero, so no two pairs of prefix and seed are the same bytes.
    hash.absorb(CollectionOfOne(0))
    hash.absorb(seed)
    hash.absorb(UInt64(bitPattern: Int64(ordinal)))
    let (hi, lo) = hash.finish()
    self.init(instant, hi, lo)
  }

  /// The identifier that follows from its arguments, the seed as UTF-8.
  @inlinable
  public init(at instant: Instant, derivedFrom seed: String, _ ordinal: Int = 0) {
    self.init(at: instant, derivedFrom: seed.utf8, ordinal)
  }

  /// 48 bits of time, version 7, 12 bits of `first`, variant 2, 62 bits of `second`.
  @inlinable
  init(_ instant: Instant, _ first: UInt64, _ second: UInt64) {
    precondition(instant.microseconds >= 0, "an identifier cannot be made before 1970")
    let milliseconds = UInt64(instant.microseconds / 1000)
    self.init(hi: milliseconds << 16 | 0x7000 | first >> 52, lo: 1 << 63 | second >> 2)
  }
}

extension ID: Comparable {
  @inlinable
  public static func < (lhs: ID, rhs: ID) -> Bool { (lhs.hi, lhs.lo) < (rhs.hi, rhs.lo) }
}

extension ID: TextCoded {
  public var description: String { TypeID.text(prefix: Tag.prefix, hi, lo) }

  /// Nil unless `text` is this tag's prefix, `_` and 26 lowercase characters that hold 128 bits.
  public init?(_ text: String) {
    var text = text
    guard let (hi, lo) = text.withUTF8({ TypeID.uuid(in: $0, prefix: Tag.prefix) }) else { return nil }
    self.init(hi: hi, lo: lo)
  }
}

/// The text form. Not generic, so that it is compiled once.
private enum TypeID {
  static func text(prefix: String, _ hi: UInt64, _ lo: UInt64) -> String {
    String(asciiCapacity: prefix.utf8.count + 27) { writer in
      writer.append(prefix)
      writer.append(UInt8(ascii: "_"))
      let uuid = UInt128(hi) << 64 | UInt128(lo)
      for shift in stride(from: 125, through: 0, by: -5) {
        writer.append(alphabet.utf8Start[Int(truncatingIfNeeded: uuid >> shift) & 31])
      }
    }
  }

  static func uuid(in text: UnsafeBufferPointer<UInt8>, prefix: String) -> (hi: UInt64, lo: UInt64)? {
    var reader = ASCIIReader(text)
    for byte in prefix.utf8 {
      guard reader.skip(byte) else { return nil }
    }
    guard reader.skip(UInt8(ascii: "_")) else { return nil }
    var uuid: UInt128 = 0
    for position in 0..<26 {
      guard let character = reader.next(), let digit = digit(character) else { return nil }
      // 26 characters hold 130 bits; the first two must be zero.
      guard position > 0 || digit < 8 else { return nil }
      uuid = uuid << 5 | UInt128(digit)
    }
    guard reader.isAtEnd() else { return nil }
    return (UInt64(uuid >> 64), UInt64(truncatingIfNeeded: uuid))
  }

  /// Crockford's base 32 in lowercase: no i, l, o, u.
  private static let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "h"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "j")...UInt8(ascii: "k"): character - UInt8(ascii: "j") + 18
    case UInt8(ascii: "m")...UInt8(ascii: "n"): character - UInt8(ascii: "m") + 20
    case UInt8(ascii: "p")...UInt8(ascii: "t"): character - UInt8(ascii: "p") + 22
    case UInt8(ascii: "v")...UInt8(ascii: "z"): character - UInt8(ascii: "v") + 27
    default: nil
    }
  }
}
