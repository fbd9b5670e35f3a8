/// An exact fraction: a rate, a factor, a share of a month.
///
/// Always in lowest terms with a positive denominator, so equal values are equal bits. Arithmetic is exact and traps
/// where the result in lowest terms does not fit in 64-bit terms.
@frozen
public struct Ratio: Hashable, Sendable {
  public let numerator: Int64
  public let denominator: Int64

  /// For terms that are in lowest terms already.
  @inlinable
  init(lowestTerms numerator: Int64, _ denominator: Int64) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// `numerator / denominator`; traps on a zero denominator.
  @inlinable
  public init(_ numerator: Int64, _ denominator: Int64) {
    precondition(denominator != 0, "a ratio needs a denominator other than zero")
    let divisor = Self.gcd(numerator.magnitude, denominator.magnitude)
    let magnitude = Int128(numerator.magnitude / divisor)
    let isNegative = (numerator < 0) != (denominator < 0)
    self.init(lowestTerms: Int64(isNegative ? -magnitude : magnitude), Int64(denominator.magnitude / divisor))
  }

  /// Reads `1.135`, `0.2`, `-3`; nil for anything else, or with more than 18 digits after the point.
  @inlinable
  public init?(decimal text: String) {
    guard let decimal = DecimalText(text.utf8), decimal.fractionDigits <= 18 else { return nil }
    self.init(decimal.mantissa, powerOfTen(decimal.fractionDigits))
  }

  @inlinable
  public static var zero: Ratio { Ratio(lowestTerms: 0, 1) }

  @inlinable
  public static var one: Ratio { Ratio(lowestTerms: 1, 1) }

  /// Never zero, as long as one of the two is not.
  @inlinable
  static func gcd(_ first: UInt64, _ second: UInt64) -> UInt64 {
    var (larger, smaller) = (first, second)
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return larger
  }
}

extension Ratio {
  // Dividing by common factors before multiplying keeps the terms small and the result in lowest terms (Knuth, The Art
  // of Computer Programming, volume 2, 4.5.1).

  @inlinable
  public static func * (lhs: Ratio, rhs: Ratio) -> Ratio {
    let first = Int128(gcd(lhs.numerator.magnitude, rhs.denominator.magnitude))
    let second = Int128(gcd(rhs.numerator.magnitude, lhs.denominator.magnitude))
    return Ratio(
      lowestTerms: Int64((Int128(lhs.numerator) / first) * (Int128(rhs.numerator) / second)),
      Int64((Int128(lhs.denominator) / second) * (Int128(rhs.denominator) / first)))
  }

  @inlinable
  public static func + (lhs: Ratio, rhs: Ratio) -> Ratio {
    let common = gcd(lhs.denominator.magnitude, rhs.denominator.magnitude)
    let left = lhs.denominator / Int64(common)
    let right = rhs.denominator / Int64(common)
    let sum = Int128(lhs.numerator) * Int128(right) + Int128(rhs.numerator) * Int128(left)
    let divisor = gcd(UInt64(sum.magnitude % UInt128(common)), common)
    return Ratio(
      lowestTerms: Int64(sum / Int128(divisor)),
      Int64(Int128(left) * (Int128(rhs.denominator) / Int128(divisor))))
  }

  @inlinable
  public static func - (lhs: Ratio, rhs: Ratio) -> Ratio { lhs + -rhs }

  @inlinable
  public static prefix func - (ratio: Ratio) -> Ratio {
    Ratio(lowestTerms: -ratio.numerator, ratio.denominator)
  }
}

extension Ratio: Comparable {
  @inlinable
  public static func < (lhs: Ratio, rhs: Ratio) -> Bool {
    Int128(lhs.numerator) * Int128(rhs.denominator) < Int128(rhs.numerator) * Int128(lhs.denominator)
  }
}

extension Ratio: TextCoded {
  /// `227/200`, or `3` for a whole number.
  public var description: String {
    denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
  }

  /// Reads `n/d` with a positive `d`, or `n`, in any terms.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let numerator = Int64(parts[0]) else { return nil }
    guard parts.count == 2 else {
      self.init(numerator, 1)
      return
    }
    guard let denominator = Int64(parts[1]), denominator > 0 else { return nil }
    self.init(numerator, denominator)
  }
}
