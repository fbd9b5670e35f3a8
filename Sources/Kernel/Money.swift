/// An amount of money in whole minor units of one currency (cents, for dollars).
///
/// Arithmetic and order are exact, and trap on overflow and where currencies differ: both are defects, never input.
/// There is no multiplication by a floating-point number; see `scaled(by:rounding:)` and `allocated(by:)`.
@frozen
public struct Money: Hashable, Sendable {
  /// The amount in minor units of `currency`.
  public let minorUnits: Int64
  public let currency: Currency

  @inlinable
  public init(minorUnits: Int64, currency: Currency) {
    self.minorUnits = minorUnits
    self.currency = currency
  }

  /// `cents` are minor units, whatever the currency calls them.
  @inlinable
  public init(cents: Int64, _ currency: Currency = .usd) {
    self.init(minorUnits: cents, currency: currency)
  }

  /// The same as `minorUnits`.
  @inlinable
  public var cents: Int64 { minorUnits }

  /// Zero dollars.
  @inlinable
  public static var zero: Money { Money(cents: 0) }

  @inlinable
  public static func zero(_ currency: Currency) -> Money { Money(cents: 0, currency) }

  @inlinable
  public var isZero: Bool { minorUnits == 0 }

  @inlinable
  public var isNegative: Bool { minorUnits < 0 }

  @inlinable
  public var isPositive: Bool { minorUnits > 0 }
}

extension Money {
  @inlinable
  public static func + (lhs: Money, rhs: Money) -> Money {
    requireSameCurrency(lhs, rhs)
    return Money(minorUnits: lhs.minorUnits + rhs.minorUnits, currency: lhs.currency)
  }

  @inlinable
  public static func - (lhs: Money, rhs: Money) -> Money {
    requireSameCurrency(lhs, rhs)
    return Money(minorUnits: lhs.minorUnits - rhs.minorUnits, currency: lhs.currency)
  }

  @inlinable
  public static prefix func - (money: Money) -> Money {
    Money(minorUnits: -money.minorUnits, currency: money.currency)
  }

  @inlinable
  public static func += (lhs: inout Money, rhs: Money) { lhs = lhs + rhs }

  @inlinable
  public static func -= (lhs: inout Money, rhs: Money) { lhs = lhs - rhs }

  @inlinable
  static func requireSameCurrency(_ lhs: Money, _ rhs: Money) {
    precondition(lhs.currency == rhs.currency, "two currencies in one operation")
  }
}

extension Money: Comparable {
  @inlinable
  public static func < (lhs: Money, rhs: Money) -> Bool {
    requireSameCurrency(lhs, rhs)
    return lhs.minorUnits < rhs.minorUnits
  }
}

extension Money {
  /// This amount times `ratio`, rounded once to a whole minor unit; traps if that does not fit in 64 bits.
  @inlinable
  public func scaled(by ratio: Ratio, rounding: Rounding) -> Money {
    let product = Int128(minorUnits) * Int128(ratio.numerator)
    return Money(minorUnits: Int64(rounding.quotient(product, Int128(ratio.denominator))), currency: currency)
  }

  /// This amount split in proportion to `weights`; the parts always sum back to the whole.
  ///
  /// Largest remainder: each part is rounded toward zero, then the minor units left over go one each to the parts that
  /// lost most, the earlier first among equals. A weight of zero gets nothing. Traps on a negative weight and if no
  /// weight is positive.
  public func allocated(by weights: [Int64]) -> [Money] {
    var total: UInt128 = 0
    for weight in weights {
      precondition(weight >= 0, "a weight is negative")
      total += UInt128(weight)
    }
    precondition(total > 0, "no weight is positive")
    // 64-bit division is several times as fast and fits nearly always; 128 bits always fit.
    let magnitude = minorUnits.magnitude
    if let total = UInt64(exactly: total), !magnitude.multipliedReportingOverflow(by: total).overflow {
      return allocated(magnitude, by: weights, total: total)
    }
    return allocated(UInt128(magnitude), by: weights, total: total)
  }

  private func allocated<Word: FixedWidthInteger & UnsignedInteger>(
    _ magnitude: Word, by weights: [Int64], total: Word
  ) -> [Money] {
    var parts: [Money] = []
    var remainders: [Word] = []
    parts.reserveCapacity(weights.count)
    remainders.reserveCapacity(weights.count)
    var left = magnitude
    for weight in weights {
      let (share, remainder) = (magnitude * Word(weight)).quotientAndRemainder(dividingBy: total)
      parts.append(Money(minorUnits: Int64(isNegative ? -Int128(share) : Int128(share)), currency: currency))
      remainders.append(remainder)
      left -= share
    }
    let unit = Money(minorUnits: isNegative ? -1 : 1, currency: currency)
    if left == 1, let largest = remainders.max(), let index = remainders.firstIndex(of: largest) {
      parts[index] += unit
    } else if left > 1 {
      let byLoss = parts.indices.sorted { (remainders[$1], $0) < (remainders[$0], $1) }
      for index in byLoss.prefix(Int(left)) { parts[index] += unit }
    }
    return parts
  }
}
