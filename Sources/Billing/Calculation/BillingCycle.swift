// The endless series of full periods that an account is billed in.

import Kernel

/// How often a plan is billed.
enum BillingPeriod: String, Hashable, Sendable, CaseIterable {
  case week = "P1W"
  case month = "P1M"
  case quarter = "P3M"
  case halfYear = "P6M"
  case year = "P1Y"

  /// Nil for a week.
  var months: Int? {
    switch self {
    case .week: nil
    case .month: 1
    case .quarter: 3
    case .halfYear: 6
    case .year: 12
    }
  }
}

/// Half-open full periods that meet without gap, in both directions from an anchor.
///
/// The bound of every period is computed from the anchor's day: a cycle of the 31st goes through February 28 and comes
/// back to March 31.
enum BillingCycle: Hashable, Sendable {
  /// - Parameters:
  ///   - anchor: months since the year 0 of one month in which a period begins.
  ///   - day: 1 to 31; the last of the month where it is shorter.
  case months(Int, anchor: Int, day: Int)
  case days(Int, from: CalendarDate)

  /// Periods that begin on `anchor`, and on `day` of the months that follow; by default on its own day.
  init(_ period: BillingPeriod, from anchor: CalendarDate, day: Int? = nil) {
    if let months = period.months {
      self = .months(months, anchor: anchor.monthNumber, day: day ?? anchor.day)
    } else {
      self = .days(7, from: anchor)
    }
  }

  /// The periods of the calendar: weeks begin on Monday, years on the billing day in January.
  init(calendar period: BillingPeriod, day: Int) {
    if let months = period.months {
      self = .months(months, anchor: 0, day: day)
    } else {
      self = .days(7, from: Self.aMonday)
    }
  }

  /// The full period that holds a date.
  func period(containing date: CalendarDate) -> Period {
    switch self {
    case .months(let months, let anchor, let day):
      let past = date.monthNumber - anchor
      var first = anchor + (past - past.modulo(months))
      if date < .day(day, ofMonth: first) { first -= months }
      return Period(from: .day(day, ofMonth: first), to: .day(day, ofMonth: first + months))
    case .days(let days, let start):
      let first = date.adding(days: -start.days(until: date).modulo(days))
      return Period(from: first, to: first.adding(days: days))
    }
  }

  /// 1970-01-05.
  private static let aMonday = CalendarDate(dayNumber: 4)
}

extension CalendarDate {
  /// Months since January of the year 0.
  var monthNumber: Int {
    let (year, month, _) = components
    return year * 12 + month - 1
  }

  /// A day of the month with a number, or the last of it where it is shorter.
  static func day(_ day: Int, ofMonth number: Int) -> CalendarDate {
    guard let first = CalendarDate(year: number / 12, month: number % 12 + 1, day: 1) else {
      preconditionFailure("month \(number) is outside the years 0 to 9999")
    }
    return first.withDay(day)
  }

  /// The first billing day on or after this date.
  func next(billingDay day: Int) -> CalendarDate {
    let here = withDay(day)
    return here < self ? .day(day, ofMonth: monthNumber + 1) : here
  }
}

extension Int {
  /// The remainder that is never negative.
  fileprivate func modulo(_ divisor: Int) -> Int {
    let rest = self % divisor
    return rest < 0 ? rest + divisor : rest
  }
}
