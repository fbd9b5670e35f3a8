import Kernel
import Testing

@Suite("Money")
struct MoneyTests {
  @Test("an allocation sums back, and every part is its exact share rounded one way or the other")
  func allocation() {
    var random = SplitMix64(seed: 1, label: "allocation")
    for _ in 0..<20_000 {
      let whole = Money(cents: random.integer())
      var weights = (0..<Int.random(in: 1...12, using: &random)).map { _ in max(random.integer(), 0) }
      weights[Int.random(in: weights.indices, using: &random)] = Int64.random(in: 1...9, using: &random)
      let parts = whole.allocated(by: weights)
      let total = weights.reduce(Int128(0)) { $0 + Int128($1) }
      let sum = parts.reduce(Int128(0)) { $0 + Int128($1.cents) }
      let isFair = zip(parts, weights).allSatisfy { part, weight in
        let share = (Int128(whole.cents) * Int128(weight)).quotientAndRemainder(dividingBy: total)
        let awayFromZero = share.quotient + share.remainder.signum()
        return Int128(part.cents) == share.quotient || Int128(part.cents) == awayFromZero
      }
      guard parts.count == weights.count, sum == Int128(whole.cents), isFair else {
        Issue.record("\(whole) by \(weights) gave \(parts)")
        return
      }
    }
  }

  @Test(
    "cents left over go to the largest remainders, the earlier first",
    arguments: [
      (100, [1, 1, 1], [34, 33, 33]),
      (-100, [1, 1, 1], [-34, -33, -33]),
      (101, [1, 1, 1], [34, 34, 33]),
      (100, [1, 2], [33, 67]),
      (5, [0, 1, 0, 1], [0, 3, 0, 2]),
      (1, [1, 3, 3], [0, 1, 0]),
      (7, [1, 2, 3, 5, 9], [0, 1, 1, 2, 3]),
      (0, [5, 7], [0, 0]),
      (7, [1], [7]),
      (Int64.max, [1, 1], [4_611_686_018_427_387_904, 4_611_686_018_427_387_903]),
      (Int64.min, [Int64.max, Int64.max], [-4_611_686_018_427_387_904, -4_611_686_018_427_387_904]),
      (Int64.min, [1], [Int64.min]),
    ] as [(Int64, [Int64], [Int64])])
  func largestRemainder(cents: Int64, weights: [Int64], parts: [Int64]) {
    #expect(Money(cents: cents).allocated(by: weights).map(\.cents) == parts)
  }

  @Test("scaling rounds the exact product once, by every rule")
  func scaling() {
    var random = SplitMix64(seed: 2, label: "scaling")
    for _ in 0..<50_000 {
      let money = Money(cents: random.integer() / 1000)
      let ratio = Ratio(Int64.random(in: -999...999, using: &random), Int64.random(in: 1...999, using: &random))
      let product = Int128(money.cents) * Int128(ratio.numerator)
      for rounding in Rounding.allCases {
        let scaled = money.scaled(by: ratio, rounding: rounding)
        guard Int128(scaled.cents) == naive(product, Int128(ratio.denominator), rounding) else {
          Issue.record("\(money) by \(ratio), \(rounding), gave \(scaled)")
          return
        }
      }
    }
  }

  /// Among the whole numbers around the quotient, the nearest, or the one on the right side.
  private func naive(_ dividend: Int128, _ divisor: Int128, _ rounding: Rounding) -> Int128 {
    let near = dividend / divisor
    let candidates = [near - 1, near, near + 1]
    func distance(_ whole: Int128) -> Int128 { abs(whole * divisor - dividend) }
    func size(_ whole: Int128) -> Int128 { abs(whole * divisor) }
    if let exact = candidates.first(where: { distance($0) == 0 }) { return exact }
    let around = candidates.filter { distance($0) < divisor }
    let inner = around.min { size($0) < size($1) } ?? near
    let outer = around.max { size($0) < size($1) } ?? near
    switch rounding {
    case .down: return inner
    case .up: return outer
    case .halfUp: return distance(inner) < distance(outer) ? inner : outer
    case .halfEven:
      guard distance(inner) == distance(outer) else { return distance(inner) < distance(outer) ? inner : outer }
      return inner % 2 == 0 ? inner : outer
    }
  }

  @Test(
    "ties",
    arguments: [
      (5, 3, 2, 3, 2), (-5, -3, -2, -3, -2), (15, 8, 8, 8, 7), (-15, -8, -8, -8, -7), (4, 2, 2, 2, 2),
      (1, 1, 0, 1, 0), (-1, -1, 0, -1, 0),
    ] as [(Int64, Int64, Int64, Int64, Int64)])
  func ties(cents: Int64, halfUp: Int64, halfEven: Int64, up: Int64, down: Int64) {
    func half(_ rounding: Rounding) -> Int64 { Money(cents: cents).scaled(by: Ratio(1, 2), rounding: rounding).cents }
    #expect([half(.halfUp), half(.halfEven), half(.up), half(.down)] == [halfUp, halfEven, up, down])
  }

  @Test func arithmeticAndOrder() throws {
    let euro = try #require(Currency("EUR"))
    var money = Money(cents: 5) + Money(cents: 7) - Money(cents: 2)
    money += Money(cents: 1)
    money -= Money(cents: 4)
    #expect(money == Money(minorUnits: 7, currency: .usd))
    #expect(-money == Money(cents: -7))
    #expect(Money(cents: -1) < .zero)
    #expect(Money.zero.isZero && Money(cents: 1).isPositive && Money(cents: -1).isNegative)
    #expect(!Money.zero.isPositive && !Money.zero.isNegative && !money.isZero)
    #expect(Money.zero(euro) != .zero)
    #expect([Money(cents: 3), Money(cents: 4)].reduce(.zero, +) == Money(cents: 7))
  }

  @Test(
    "words for people, decimals for machines",
    arguments: [
      (123_456, "USD", "$1,234.56", "1234.56"),
      (-5, "USD", "-$0.05", "-0.05"),
      (0, "USD", "$0.00", "0.00"),
      (100_000_000_07, "USD", "$100,000,000.07", "100000000.07"),
      (1234, "EUR", "EUR 12.34", "12.34"),
      (-1234, "EUR", "-EUR 12.34", "-12.34"),
      (1234, "JPY", "JPY 1,234", "1234"),
      (1234, "KWD", "KWD 1.234", "1.234"),
      (Int64.min, "USD", "-$92,233,720,368,547,758.08", "-92233720368547758.08"),
      (Int64.min, "JPY", "-JPY 9,223,372,036,854,775,808", "-9223372036854775808"),
    ] as [(Int64, String, String, String)])
  func text(minorUnits: Int64, code: String, description: String, decimal: String) throws {
    let currency = try #require(Currency(code))
    let money = Money(minorUnits: minorUnits, currency: currency)
    #expect(money.description == description)
    #expect(money.decimalString == decimal)
    #expect(Money(decimal: decimal, currency) == money)
  }

  @Test(
    "decimals are read exactly",
    arguments: [
      ("1234.5", 123_450), ("-.05", -5), ("12", 1200), ("12.", 1200), ("0012.3400", 1234), ("-0", 0), (".1", 10),
      ("1.50000000000000000000000000000000", 150),
    ] as [(String, Int64)])
  func reading(text: String, cents: Int64) {
    #expect(Money(decimal: text) == Money(cents: cents))
    #expect(Money(decimal: Array(text.utf8)) == Money(cents: cents))
  }

  @Test(
    "what is not an amount is refused",
    arguments: [
      "", "-", ".", "-.", "+1", "1.005", "1,000", " 1", "1 ", "1e2", "1.2.3", "--1", "1-", "$1", "١", "0x1", "NaN",
      "92233720368547758.08", "-92233720368547758.09", "99999999999999999999", "18446744073709551616",
    ])
  func refusing(text: String) {
    #expect(Money(decimal: text) == nil)
  }

  @Test("decimal text round-trips")
  func roundTrip() {
    var random = SplitMix64(seed: 3, label: "money text")
    let amounts = (0..<20_000).map { _ in Money(cents: random.integer()) }
    #expect(amounts.first { Money(decimal: $0.decimalString) != $0 } == nil)
  }

  @Test("mixed currencies and overflow trap")
  func traps() async {
    await #expect(processExitsWith: .failure) { _ = Money(cents: 1) + Money.zero(Currency("EUR")!) }
    await #expect(processExitsWith: .failure) { _ = Money(cents: 1) - Money.zero(Currency("EUR")!) }
    await #expect(processExitsWith: .failure) { _ = Money(cents: 1) < Money.zero(Currency("EUR")!) }
    await #expect(processExitsWith: .failure) { _ = Money(cents: .max) + Money(cents: 1) }
    await #expect(processExitsWith: .failure) { _ = Money(cents: .min) - Money(cents: 1) }
    await #expect(processExitsWith: .failure) { _ = -Money(cents: .min) }
    await #expect(processExitsWith: .failure) { _ = Money(cents: .max).scaled(by: Ratio(2, 1), rounding: .down) }
  }

  @Test("an allocation by nothing or by a negative weight traps")
  func allocationTraps() async {
    await #expect(processExitsWith: .failure) { _ = Money(cents: 1).allocated(by: [0, 0]) }
    await #expect(processExitsWith: .failure) { _ = Money(cents: 1).allocated(by: []) }
    await #expect(processExitsWith: .failure) { _ = Money(cents: 1).allocated(by: [2, -1]) }
  }

  @Test("an exit test that does nothing succeeds, so the ones above can fail")
  func noTrap() async {
    await #expect(processExitsWith: .success) { _ = Money(cents: 1) + Money.zero }
  }
}

@Suite("Currency")
struct CurrencyTests {
  @Test(
    "the table",
    arguments: [("USD", 2), ("EUR", 2), ("ZWG", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)] as [(String, Int)])
  func known(code: String, minorDigits: Int) throws {
    let currency = try #require(Currency(code))
    #expect(currency.code == code)
    #expect(currency.minorDigits == minorDigits)
  }

  @Test("unknown codes are refused", arguments: ["", "US", "USDD", "usd", "XAU", "ZZZ", "U$D", "ÜSD", "\u{1}SD"])
  func unknown(code: String) {
    #expect(Currency(code) == nil)
  }

  @Test func dollar() {
    #expect(Currency("USD") == .usd)
    #expect(Currency.usd.code == "USD")
  }
}
