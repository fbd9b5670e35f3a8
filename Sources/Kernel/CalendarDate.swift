/// A day of the civil calendar (proleptic Gregorian), from 0000-01-01 to 9999-12-31; it has no time zone.
///
/// Stored as a day number, so comparing and counting days is integer arithmetic. The limits are those of the ten
/// characters of its text; arithmetic that leaves them traps.
@frozen
public struct CalendarDate: Hashable, Sendable {
  /// Days since 1970-01-01.
  public let dayNumber: Int32

  /// Traps outside `earliest ... latest`.
  @inlinable
  public init(dayNumber: Int32) {
    precondition(dayNumber >= -719_528 && dayNumber <= 2_932_896, "a date outside the years 0000 to 9999")
    self.dayNumber = dayNumber
  }

  /// Nil if there is no such day, or its year is not 0 to 9999.
  @inlinable
  public init?(year: Int, month: Int, day: Int) {
    guard year >= 0, year <= 9999, month >= 1, month <= 12, day >= 1, day <= Self.daysInMonth(year, month) else {
      return nil
    }
    self.init(valid: year, month, day)
  }

  /// 0000-01-01.
  @inlinable
  public static var earliest: CalendarDate { CalendarDate(dayNumber: -719_528) }

  /// 9999-12-31.
  @inlinable
  public static var latest: CalendarDate { CalendarDate(dayNumber: 2_932_896) }

  /// The day of the week, numbered as in ISO 8601.
  public enum DayOfWeek: Int, Hashable, Sendable, Codable, CaseIterable {
    case monday = 1
    case tuesday, wednesday, thursday, friday, saturday, sunday
  }
}

// Conversion between day numbers and year, month, day: Neri and Schneider, "Euclidean affine functions and their
// application to calendar algorithms" (2022). Years begin in March, so the leap day is the last of its year; counting
// starts on March 1 of the year -400 (day number -865,565), so every date in range is positive.
extension CalendarDate {
  @inlinable
  static var epochShift: Int32 { 865_565 }

  @inlinable
  init(valid year: Int, _ month: Int, _ day: Int) {
    let isEarly = month <= 2
    let marchYear = UInt32(truncatingIfNeeded: isEarly ? year + 399 : year + 400)
    let marchMonth = UInt32(truncatingIfNeeded: isEarly ? month + 12 : month)
    let century = marchYear / 100
    let yearDays = 1461 * marchYear / 4 - century + century / 4
    let monthDays = (979 * marchMonth - 2919) / 32
    let days = yearDays + monthDays + UInt32(truncatingIfNeeded: day - 1)
    self.init(dayNumber: Int32(days) - Self.epochShift)
  }

  /// Year 0 to 9999, month 1 to 12, day 1 to 31.
  @inlinable
  public var components: (year: Int, month: Int, day: Int) {
    let quarterDays = 4 * UInt32(dayNumber + Self.epochShift) + 3
    let (century, rest) = quarterDays.quotientAndRemainder(dividingBy: 146_097)
    let scaled = 2_939_745 * UInt64(rest | 3)
    let yearOfCentury = UInt32(truncatingIfNeeded: scaled >> 32)
    let dayOfYear = UInt32(truncatingIfNeeded: scaled) / 2_939_745 / 4
    let packed = 2141 * dayOfYear + 197_913
    let isEarly = dayOfYear >= 306
    let year = Int(100 * century + yearOfCentury) - 400
    let month = Int(packed >> 16)
    return (isEarly ? year + 1 : year, isEarly ? month - 12 : month, Int((packed & 0xffff) / 2141) + 1)
  }

  @inlinable
  static func isLeapYear(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  @inlinable
  static func daysInMonth(_ year: Int, _ month: Int) -> Int {
    // The 31-day months are the odd ones up to July and the even ones after: the lowest bit and the eight's bit differ.
    month == 2 ? (isLeapYear(year) ? 29 : 28) : 30 + ((month ^ (month >> 3)) & 1)
  }

  @inlinable
  public var year: Int { components.year }

  /// 1 to 12.
  @inlinable
  public var month: Int { components.month }

  /// 1 to 31.
  @inlinable
  public var day: Int { components.day }

  /// Whether the year of this date has a February 29.
  @inlinable
  public var isLeapYear: Bool { Self.isLeapYear(year) }

  /// The number of days of the month of this date.
  @inlinable
  public var daysInMonth: Int {
    let (year, month, _) = components
    return Self.daysInMonth(year, month)
  }

  @inlinable
  public var dayOfWeek: DayOfWeek {
    // 0000-01-01 was a Saturday.
    let daysAfterMonday = (Int(dayNumber) + 719_528 + 5) % 7
    return DayOfWeek.allCases[daysAfterMonday]
  }
}
