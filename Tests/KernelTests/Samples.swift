import Kernel

/// A date that is known to be right.
func date(_ iso: String) -> CalendarDate {
  guard let date = CalendarDate(iso: iso) else { preconditionFailure("\(iso) is not a date") }
  return date
}

extension SplitMix64 {
  /// Any 64 bits, but often small, and often at the limits, where arithmetic goes wrong.
  mutating func integer() -> Int64 {
    let bits = Int64(bitPattern: next())
    return switch Int.random(in: 0..<4, using: &self) {
    case 0: bits % 10
    case 1: bits % 1_000_000
    case 2: bits >> Int64.random(in: 0..<64, using: &self)
    default: bits < 0 ? .min + (bits & 3) : .max - (bits & 3)
    }
  }

  mutating func date(in period: Period) -> CalendarDate {
    period.start.adding(days: Int.random(in: 0..<period.days, using: &self))
  }
}

/// The calendar as a child learns it: months of so many days, one day after another.
struct NaiveCalendar {
  struct Month {
    let year: Int
    let month: Int
    let days: Int
    let firstDayNumber: Int
  }

  /// Every month of the years, which start on the day `firstDayNumber` days after 1970-01-01.
  static func months(of years: ClosedRange<Int>, firstDayNumber: Int) -> [Month] {
    var months: [Month] = []
    var dayNumber = firstDayNumber
    for year in years {
      let isCentury = year % 100 == 0
      let isLeap = isCentury ? year % 400 == 0 : year % 4 == 0
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      for (index, days) in lengths.enumerated() {
        months.append(Month(year: year, month: index + 1, days: days, firstDayNumber: dayNumber))
        dayNumber += days
      }
    }
    return months
  }
}
