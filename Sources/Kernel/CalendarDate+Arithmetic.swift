extension CalendarDate: Comparable {
  @inlinable
  public static func == (lhs: CalendarDate, rhs: CalendarDate) -> Bool { lhs.dayNumber == rhs.dayNumber }

  @inlinable
  public static func < (lhs: CalendarDate, rhs: CalendarDate) -> Bool { lhs.dayNumber < rhs.dayNumber }
}

extension CalendarDate: Strideable {
  /// The same as `days(until:)`.
  @inlinable
  public func distance(to other: CalendarDate) -> Int { Int(other.dayNumber) - Int(dayNumber) }

  /// The same as `adding(days:)`.
  @inlinable
  public func advanced(by days: Int) -> CalendarDate { CalendarDate(dayNumber: Int32(Int(dayNumber) + days)) }
}

extension CalendarDate {
  @inlinable
  public func adding(days: Int) -> CalendarDate { advanced(by: days) }

  /// The same day `months` later or earlier, or the last of that month where it is shorter: January 31 plus one month
  /// is February 28 or 29.
  @inlinable
  public func adding(months: Int) -> CalendarDate {
    let (year, month, day) = components
    let target = year * 12 + (month - 1) + months
    precondition(target >= 0 && target < 120_000, "a date outside the years 0000 to 9999")
    let (targetYear, monthIndex) = target.quotientAndRemainder(dividingBy: 12)
    let targetMonth = monthIndex + 1
    return CalendarDate(valid: targetYear, targetMonth, min(day, Self.daysInMonth(targetYear, targetMonth)))
  }

  @inlinable
  public var firstOfMonth: CalendarDate { adding(days: 1 - day) }

  @inlinable
  public var firstOfNextMonth: CalendarDate { lastOfMonth.adding(days: 1) }

  @inlinable
  public var lastOfMonth: CalendarDate {
    let (year, month, day) = components
    return adding(days: Self.daysInMonth(year, month) - day)
  }

  /// The given day of this month, or its last where the month is shorter. Traps on a day below 1.
  @inlinable
  public func withDay(_ day: Int) -> CalendarDate {
    precondition(day >= 1, "days of a month count from 1")
    let (year, month, today) = components
    return adding(days: min(day, Self.daysInMonth(year, month)) - today)
  }

  /// Days from this date to `other`, negative if it is earlier.
  @inlinable
  public func days(until other: CalendarDate) -> Int { distance(to: other) }

  /// Whole months from this date to `other`: the most that `adding(months:)` can add without passing it.
  ///
  /// By the clamp of `adding(months:)`, January 31 to February 28 is a whole month in a common year. If `other` is
  /// earlier, the months from it to this date, negative.
  @inlinable
  public func months(until other: CalendarDate) -> Int {
    guard self <= other else { return -other.months(until: self) }
    let (year, month, day) = components
    let (otherYear, otherMonth, otherDay) = other.components
    let months = (otherYear - year) * 12 + (otherMonth - month)
    let isShort = otherDay < min(day, Self.daysInMonth(otherYear, otherMonth))
    return isShort ? months - 1 : months
  }

  /// The age attained on `date`, in whole years, of someone born on this date; negative before the birth.
  ///
  /// A year is attained on the birthday. Someone born on February 29 attains it on March 1 in common years.
  @inlinable
  public func age(on date: CalendarDate) -> Int {
    let (year, month, day) = components
    let (otherYear, otherMonth, otherDay) = date.components
    return otherYear - year - ((otherMonth, otherDay) < (month, day) ? 1 : 0)
  }
}
