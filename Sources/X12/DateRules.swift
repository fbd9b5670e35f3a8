// Numbers, dates and times as X12 writes them.

enum NumberRules {
  /// How many digits the number has, which is what its length limits count; nil when it is not a number.
  @inline(__always)
  static func digits(_ segment: borrowing SegmentView, _ bounds: Range<Int>, allowsPoint: Bool) -> Int? {
    var offset = bounds.lowerBound
    if segment.byte(offset) == UInt8(ascii: "-") { offset += 1 }
    var digits = 0
    var isAfterPoint = false
    while offset < bounds.upperBound {
      let byte = segment.byte(offset)
      if Charset.isDigit(byte) {
        digits += 1
      } else if byte == UInt8(ascii: "."), allowsPoint, !isAfterPoint {
        isAfterPoint = true
      } else {
        return nil
      }
      offset += 1
    }
    return digits > 0 ? digits : nil
  }
}

enum DateRules {
  private static let daysInMonth: [Int] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  // The formats' codes, packed: their letters as bytes, the first one lowest.
  private static let day: UInt64 = 0x38_44  // D8
  private static let dayRange: UInt64 = 0x38_44_52  // RD8
  private static let shortDay: UInt64 = 0x36_44  // D6
  private static let instant: UInt64 = 0x54_44  // DT
  private static let time: UInt64 = 0x4d_54  // TM

  /// YYYYMMDD, or YYMMDD as old envelopes have it.
  @inline(__always)
  static func isDate(_ segment: borrowing SegmentView, _ bounds: Range<Int>) -> Bool {
    guard bounds.count == 8 || bounds.count == 6, let value = number(segment, bounds) else { return false }
    let year = bounds.count == 6 ? 2000 + value / 10_000 : value / 10_000
    return isDate(year: year, month: value / 100 % 100, day: value % 100)
  }

  /// HHMM, HHMMSS or with one or two decimals of a second.
  static func isTime(_ segment: borrowing SegmentView, _ bounds: Range<Int>) -> Bool {
    guard [4, 6, 7, 8].contains(bounds.count), number(segment, bounds) != nil else { return false }
    let start = bounds.lowerBound
    guard let hour = number(segment, start..<start + 2), let minute = number(segment, start + 2..<start + 4) else {
      return false
    }
    let second = bounds.count > 4 ? number(segment, start + 4..<start + 6) ?? 60 : 0
    return hour < 24 && minute < 60 && second < 60
  }

  /// A date or period in the format that the qualifier before it announces; any text under a format not known here.
  static func isPeriod(_ segment: borrowing SegmentView, _ bounds: Range<Int>, format: UInt64) -> Bool {
    if format == day { return bounds.count == 8 && isDate(segment, bounds) }
    if format == dayRange {
      guard bounds.count == 17, segment.byte(bounds.lowerBound + 8) == UInt8(ascii: "-") else { return false }
      let from = bounds.lowerBound..<bounds.lowerBound + 8
      let through = bounds.lowerBound + 9..<bounds.upperBound
      guard isDate(segment, from), isDate(segment, through) else { return false }
      return (number(segment, from) ?? 1) <= (number(segment, through) ?? 0)
    }
    if format == shortDay { return bounds.count == 6 && isDate(segment, bounds) }
    if format == time { return isTime(segment, bounds) }
    if format == instant {
      return bounds.count == 12 && isDate(segment, bounds.lowerBound..<bounds.lowerBound + 8)
        && isTime(segment, bounds.lowerBound + 8..<bounds.upperBound)
    }
    return true
  }

  private static func isDate(year: Int, month: Int, day: Int) -> Bool {
    // Nobody insured was born before 1800: such a year is a typing error.
    guard year >= 1800, month >= 1, month <= 12, day >= 1 else { return false }
    let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return day <= daysInMonth[month - 1] + (month == 2 && isLeapYear ? 1 : 0)
  }

  @inline(__always)
  private static func number(_ segment: borrowing SegmentView, _ bounds: Range<Int>) -> Int? {
    var value = 0
    for offset in bounds {
      let byte = segment.byte(offset)
      guard Charset.isDigit(byte) else { return nil }
      value = value &* 10 &+ Int(byte &- 0x30)
    }
    return value
  }
}
