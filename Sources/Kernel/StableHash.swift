/// A 128-bit hash that never changes between runs, machines and releases, unlike `Hasher`.
///
/// FNV-1a over 128 bits (draft-eastlake-fnv), then a mix, because FNV alone leaves its last bytes in few bits. It is
/// **not cryptographic**: someone who may choose the input can make two inputs collide. It names things; it proves
/// nothing.
public struct StableHash: Sendable {
  @usableFromInline var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

  @inlinable
  static var prime: UInt128 { 1 << 88 | 0x13b }

  @inlinable
  public init() {}

  @inlinable
  public mutating func absorb(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      state = (state ^ UInt128(byte)) &* Self.prime
    }
  }

  /// Absorbs eight bytes, least significant first.
  @inlinable
  public mutating func absorb(_ number: UInt64) {
    absorb((0..<8).lazy.map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
  }

  /// Two words in which every bit depends on every bit of the state; a bijection, so it adds no collisions.
  @inlinable
  public func finish() -> (hi: UInt64, lo: UInt64) {
    var hi = UInt64(truncatingIfNeeded: state >> 64)
    var lo = UInt64(truncatingIfNeeded: state)
    for _ in 0..<2 {
      hi = SplitMix64.mix(hi ^ lo)
      lo = SplitMix64.mix(lo &+ hi)
    }
    return (hi, lo)
  }
}
