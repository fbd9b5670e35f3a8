import Kernel
import Testing

@Suite("Ratio")
struct RatioTests {
  private static func samples(_ label: String, _ count: Int) -> [(Ratio, Ratio, Ratio)] {
    var random = SplitMix64(seed: 4, label: label)
    func ratio() -> Ratio {
      Ratio(Int64.random(in: -5000...5000, using: &random), Int64.random(in: 1...5000, using: &random))
    }
    return (0..<count).map { _ in (ratio(), ratio(), ratio()) }
  }

  @Test("sums and products commute, associate and distribute; one and zero are neutral")
  func laws() {
    let broken = Self.samples("laws", 5000).first { a, b, c in
      a + b != b + a || a * b != b * a || (a + b) + c != a + (b + c) || (a * b) * c != a * (b * c)
        || a * (b + c) != a * b + a * c || a + .zero != a || a * .one != a || a - a != .zero || a - b != -(b - a)
    }
    #expect(broken == nil)
  }

  @Test("results are those of cross multiplication, in lowest terms")
  func arithmetic() {
    let broken = Self.samples("arithmetic", 20_000).first { a, b, _ in
      func isWrong(_ result: Ratio, _ numerator: Int64) -> Bool {
        result.numerator * a.denominator * b.denominator != numerator * result.denominator || !isLowest(result)
      }
      return isWrong(a + b, a.numerator * b.denominator + b.numerator * a.denominator)
        || isWrong(a - b, a.numerator * b.denominator - b.numerator * a.denominator)
        || isWrong(a * b, a.numerator * b.numerator)
        || (a < b) != (a.numerator * b.denominator < b.numerator * a.denominator)
    }
    #expect(broken == nil)
  }

  private func isLowest(_ ratio: Ratio) -> Bool {
    guard ratio.denominator > 0 else { return false }
    if ratio.numerator == 0 { return ratio.denominator == 1 }
    let limit = min(ratio.numerator.magnitude, ratio.denominator.magnitude, 50)
    return limit < 2
      || !(2...limit).contains {
        ratio.numerator.magnitude.isMultiple(of: $0) && ratio.denominator.magnitude.isMultiple(of: $0)
      }
  }

  @Test("terms are normalised, up to the limits of 64 bits")
  func normal() {
    #expect(Ratio(2, -4) == Ratio(-1, 2))
    #expect(Ratio(-2, -4) == Ratio(1, 2))
    #expect(Ratio(0, -7) == .zero)
    #expect(Ratio(.min, .min) == .one)
    #expect(Ratio(2, .min) == Ratio(-1, 1 << 62))
    #expect(Ratio(.min, 1).numerator == .min)
    // The plain products of these overflow; the results do not.
    #expect(Ratio(.max, 2) * Ratio(2, .max) == .one)
    #expect(Ratio(1, .max) + Ratio(1, .max) == Ratio(2, .max))
    #expect(Ratio(.max, 3) > Ratio(.max, 4))
    #expect(Ratio(.min, .max) < Ratio(-1, 1))
  }

  @Test(
    "decimals are exact",
    arguments: [
      ("1.135", 227, 200), ("0.2", 1, 5), ("-0.5", -1, 2), ("3", 3, 1), (".25", 1, 4), ("1.000", 1, 1),
      ("0.000000000000000001", 1, 1_000_000_000_000_000_000),
    ] as [(String, Int64, Int64)])
  func decimal(text: String, numerator: Int64, denominator: Int64) {
    #expect(Ratio(decimal: text) == Ratio(numerator, denominator))
  }

  @Test(
    "what is not a decimal is refused",
    arguments: ["", ".", "-", "1/2", "1e3", "+1", "0.0000000000000000001", "9223372036854775808", "1,5"])
  func refusing(text: String) {
    #expect(Ratio(decimal: text) == nil)
  }

  @Test("text round-trips")
  func roundTrip() {
    #expect(Ratio(227, 200).description == "227/200")
    #expect(Ratio(-6, 2).description == "-3")
    #expect(Ratio("4/6") == Ratio(2, 3))
    #expect(Self.samples("text", 5000).first { a, _, _ in Ratio(a.description) != a } == nil)
  }

  @Test("other text is refused", arguments: ["", "/", "1/", "/2", "1/0", "1/-2", "1/2/3", "a", "1.5", "1 /2"])
  func refusingText(text: String) {
    #expect(Ratio(text) == nil)
  }

  @Test("a zero denominator and overflow trap")
  func traps() async {
    await #expect(processExitsWith: .failure) { _ = Ratio(1, 0) }
    await #expect(processExitsWith: .failure) { _ = Ratio(.min, -1) }
    await #expect(processExitsWith: .failure) { _ = Ratio(.max, 1) + .one }
    await #expect(processExitsWith: .failure) { _ = Ratio(.max, 2) * Ratio(3, 1) }
    await #expect(processExitsWith: .failure) { _ = Ratio(1, .max) * Ratio(1, 2) }
  }
}
