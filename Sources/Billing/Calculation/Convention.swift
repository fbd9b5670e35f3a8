// How an account counts: when it is billed, on which days, how a part of a period is measured and how it is rounded.

import Kernel

/// The agreement on how periods, days and cents are counted.
struct Convention: Hashable, Sendable {
  enum Mode: String, Hashable, Sendable, CaseIterable {
    /// A period is billed on its first day.
    case advance
    /// A period is billed on the day after its last.
    case arrears
  }

  /// What a period of months begins with.
  enum Alignment: String, Hashable, Sendable, CaseIterable {
    /// The billing day in the months of the calendar: quarters in January, April, July and October.
    case calendar
    /// The first day that is charged, and its anniversaries.
    case anniversary
    /// The billing day; quarters and years count from the first of all subscriptions of the account.
    case account
  }

  var mode = Mode.advance
  var dayCount = DayCount.actualActual
  /// `halfUp` or `halfEven`.
  var rounding = Rounding.halfUp
  /// The digits behind the point of every amount: a cent of this module is the last of them.
  var fractionDigits = 2
  /// 1 to 31; the last of the month where it is shorter.
  var billingDay = 1
  var alignment = Alignment.calendar
}

/// How the days of a part of a period are counted, and what they are counted against.
///
/// What they are counted against is always the full period, whatever part of it is used. A period that is used on all
/// its days is 1 in every convention.
enum DayCount: String, Hashable, Sendable, CaseIterable {
  /// Days over days of the full period.
  case actualActual = "actual/actual"
  /// Days over 30 a month.
  case actual30 = "actual/30"
  /// Months of 30 days over 30 a month. The 31st counts as the 30th on either side (30E/360, ISDA 2006 4.16(g)), so
  /// that the parts of a period add up.
  case thirty360 = "30/360"
  /// Days over 360 a year: for whole months the same as 30 a month.
  case actual360 = "actual/360"

  func days(_ part: Period) -> Int {
    switch self {
    case .actualActual, .actual30, .actual360: part.days
    case .thirty360: Self.thirtyDayNumber(part.end) - Self.thirtyDayNumber(part.start)
    }
  }

  /// - Parameter months: in the full period; nil for a period of days.
  func days(ofFull full: Period, months: Int?) -> Int {
    guard let months else { return full.days }
    switch self {
    case .actualActual: return full.days
    case .actual30, .thirty360, .actual360: return 30 * months
    }
  }

  private static func thirtyDayNumber(_ date: CalendarDate) -> Int {
    let (year, month, day) = date.components
    return 360 * year + 30 * month + min(day, 30)
  }
}
