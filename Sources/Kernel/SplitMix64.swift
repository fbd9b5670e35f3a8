/// A seeded, portable random number generator for tests, demos and simulations; never for secrets.
///
/// The same seed gives the same numbers on every machine and in every release. Source: Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators" (2014).
@frozen
public struct SplitMix64: RandomNumberGenerator, Hashable, Sendable, Codable {
  @usableFromInline var state: UInt64

  @inlinable
  public init(seed: UInt64) {
    state = seed
  }

  /// A stream of its own for each `label`, so that what one part of a simulation draws does not move the others.
  public init(seed: UInt64, label: String) {
    var hash = StableHash()
    hash.absorb(seed)
    hash.absorb(label.utf8)
    state = hash.finish().hi
  }

  @inlinable
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mix(state)
  }

  /// A bijection in which every bit of the input moves about half the bits of the output.
  @inlinable
  static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
