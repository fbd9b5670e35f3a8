// Amounts as text: digits and a point, never a floating-point number.

import Kernel

extension Convention {
  /// The amount as it is written: `42.00`.
  func text(_ cents: Int64) -> String {
    String(decoding: [UInt8](capacity: Self.longestText) { write(cents, to: &$0) }, as: UTF8.self)
  }

  /// The bytes of any amount: a sign, 19 digits and a point.
  static let longestText = 21

  /// Adds the amount as it is written.
  func write(_ cents: Int64, to text: inout OutputSpan<UInt8>) {
    if cents < 0 { text.append(UInt8(ascii: "-")) }
    text.append(decimal: cents.magnitude, fractionDigits: fractionDigits)
  }
}

extension OutputSpan<UInt8> {
  /// Adds digits with a point before the last of them, so that one at least stands before it.
  mutating func append(decimal digits: UInt64, fractionDigits: Int = 0, place: Int = 0) {
    if digits >= 10 || place < fractionDigits {
      append(decimal: digits / 10, fractionDigits: fractionDigits, place: place + 1)
    }
    append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digits % 10))
    if place > 0, place == fractionDigits { append(UInt8(ascii: ".")) }
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
