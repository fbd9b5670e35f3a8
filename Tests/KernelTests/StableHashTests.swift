import Testing

@testable import Kernel

@Suite("Stable hash and random numbers")
struct StableHashTests {
  @Test(
    "the published vectors of FNV-1a over 128 bits",
    arguments: [
      ("", 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d),
      ("a", 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964),
      ("ab", 0x0880_9544_bbab_1be9_5aa0_7330_55b6_9a62),
      ("abc", 0xa68d_622c_ec8b_5822_836d_bc79_77af_7f3b),
    ] as [(String, UInt128)])
  func vectors(text: String, state: UInt128) {
    var hash = StableHash()
    hash.absorb(text.utf8)
    #expect(hash.state == state)
  }

  @Test("a number is absorbed as its eight bytes, least significant first")
  func number() {
    var (one, other) = (StableHash(), StableHash())
    one.absorb(0x0807_0605_0403_0201)
    other.absorb([1, 2, 3, 4, 5, 6, 7, 8] as [UInt8])
    #expect(one.state == other.state)
  }

  @Test("changing one bit of the input changes about half the bits of the output")
  func avalanche() {
    func finish(_ bytes: [UInt8]) -> (hi: UInt64, lo: UInt64) {
      var hash = StableHash()
      hash.absorb(bytes)
      return hash.finish()
    }
    var random = SplitMix64(seed: 17)
    var flipped = (hi: 0, lo: 0)
    let rounds = 2000
    for _ in 0..<rounds {
      var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let before = finish(bytes)
      bytes[Int.random(in: 0..<16, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      let after = finish(bytes)
      flipped.hi += (before.hi ^ after.hi).nonzeroBitCount
      flipped.lo += (before.lo ^ after.lo).nonzeroBitCount
    }
    // The mean of 64 fair bits is 32; over 2,000 rounds it strays by 0.1.
    #expect((31 * rounds...33 * rounds).contains(flipped.hi))
    #expect((31 * rounds...33 * rounds).contains(flipped.lo))
  }

  @Test("the published vector of SplitMix64 for seed 1234567")
  func splitMix() {
    var random = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  @Test("each label of a seed has a stream of its own, the same every time")
  func labels() {
    func first(_ seed: UInt64, _ label: String) -> UInt64 {
      var random = SplitMix64(seed: seed, label: label)
      return random.next()
    }
    let streams = (0..<100).flatMap { seed in ["", "claims", "payments"].map { first(seed, $0) } }
    #expect(Set(streams).count == 300)
    #expect(first(7, "claims") == first(7, "claims"))
  }
}
