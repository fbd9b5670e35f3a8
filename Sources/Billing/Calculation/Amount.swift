// Amounts as text: digits and a point, never a floating-point number.

import Kernel

extension Convention {
  /// The amount as it is written: `42.00`.
  func text(_ cents: Int64) -> String {
    var digits = String(cents.magnitude)
    if fractionDigits > 0 {
      if digits.utf8.count <= fractionDigits {
        digits = String(repeating: "0", count: fractionDigits + 1 - digits.utf8.count) + digits
      }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -fractionDigits))
    }
    return cents < 0 ? "-" + digits : digits
  }
}

/// Why a text is no amount.
enum AmountFault: Error, Hashable, Sendable {
  case notDecimal
  case tooManyDigits
  case tooLarge
}

extension Convention {
  /// The largest amount, in the unit of the currency: sums of many stay far within 64 bits.
  static let largestAmount: Int64 = 1_000_000_000

  /// Reads `42`, `42.5`, `-42.50`; zeros at the end do not count as digits.
  func cents(_ text: String) throws(AmountFault) -> Int64 {
    guard let ratio = Ratio(decimal: text) else { throw .notDecimal }
    var scale: Int64 = 1
    for _ in 0..<fractionDigits { scale *= 10 }
    let limit = Ratio(Self.largestAmount, 1)
    guard ratio <= limit, -limit <= ratio else { throw .tooLarge }
    guard scale.isMultiple(of: ratio.denominator) else { throw .tooManyDigits }
    return ratio.numerator * (scale / ratio.denominator)
  }
}
