/// What to do with the part of an amount that is smaller than a minor unit.
public enum Rounding: String, Hashable, Sendable, Codable, CaseIterable {
  /// To the nearest; a tie goes away from zero.
  case halfUp
  /// To the nearest; a tie goes to the even neighbour.
  case halfEven
  /// Toward zero.
  case down
  /// Away from zero.
  case up
}

extension Rounding {
  /// `dividend / divisor` as a whole number; `divisor` is positive and below 2^63.
  @inlinable
  func quotient(_ dividend: Int128, _ divisor: Int128) -> Int128 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    guard remainder != 0 else { return quotient }
    let awayFromZero = dividend < 0 ? quotient - 1 : quotient + 1
    let twice = 2 * (remainder < 0 ? -remainder : remainder)
    switch self {
    case .down: return quotient
    case .up: return awayFromZero
    case .halfUp: return twice >= divisor ? awayFromZero : quotient
    case .halfEven:
      if twice == divisor { return quotient.isMultiple(of: 2) ? quotient : awayFromZero }
      return twice > divisor ? awayFromZero : quotient
    }
  }
}
