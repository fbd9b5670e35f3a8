import Kernel
import Testing

@Suite("Calendar dates")
struct CalendarDateTests {
  /// 400 years, after which the calendar repeats.
  private static let months = NaiveCalendar.months(of: 1850...2249, firstDayNumber: -43_829)

  @Test("every day of 400 years is what a calendar kept day by day says")
  func everyDay() {
    // 1970-01-01 was a Thursday.
    let thursday = CalendarDate.DayOfWeek.thursday.rawValue
    for month in Self.months {
      for day in 1...month.days {
        let number = month.firstDayNumber + day - 1
        let date = CalendarDate(dayNumber: Int32(number))
        let weekday = (((number + thursday - 1) % 7) + 7) % 7 + 1
        guard date.components == (month.year, month.month, day), date.dayOfWeek.rawValue == weekday,
          CalendarDate(year: month.year, month: month.month, day: day) == date
        else {
          Issue.record("day \(number) is \(date), not \(month.year)-\(month.month)-\(day)")
          return
        }
      }
      #expect(CalendarDate(year: month.year, month: month.month, day: month.days + 1) == nil)
    }
    #expect(Self.months.first { $0.firstDayNumber == 0 }?.year == 1970)
  }

  @Test("every month of ten thousand years starts and ends where it should")
  func everyMonth() {
    for month in NaiveCalendar.months(of: 0...9999, firstDayNumber: -719_528) {
      let first = CalendarDate(dayNumber: Int32(month.firstDayNumber))
      let last = CalendarDate(dayNumber: Int32(month.firstDayNumber + month.days - 1))
      guard first.components == (month.year, month.month, 1), last.components == (month.year, month.month, month.days),
        CalendarDate(year: month.year, month: month.month, day: 1) == first,
        CalendarDate(year: month.year, month: month.month, day: month.days) == last,
        first.lastOfMonth == last, last.firstOfMonth == first, last.daysInMonth == month.days,
        last == .latest || last.firstOfNextMonth == first.adding(days: month.days)
      else {
        Issue.record("\(month.year)-\(month.month) runs from \(first) to \(last)")
        return
      }
    }
    #expect(CalendarDate.earliest.description == "0000-01-01")
    #expect(CalendarDate.latest.description == "9999-12-31")
  }

  @Test("adding months lands on the same day, or on the last of a shorter month")
  func addingMonths() {
    var random = SplitMix64(seed: 5, label: "months")
    for (index, month) in Self.months.enumerated() {
      for day in [1, 15, 28, 29, 30, 31].filter({ $0 <= month.days }) {
        let target = Int.random(in: Self.months.indices, using: &random)
        let start = CalendarDate(dayNumber: Int32(month.firstDayNumber + day - 1))
        let landed = start.adding(months: target - index)
        let expected = Self.months[target].firstDayNumber + min(day, Self.months[target].days) - 1
        guard Int(landed.dayNumber) == expected, start.withDay(31) == start.lastOfMonth,
          landed.withDay(day) == landed
        else {
          Issue.record("\(start) plus \(target - index) months is \(landed)")
          return
        }
      }
    }
  }

  @Test("whole months are the most that can be added without passing the other date")
  func monthsUntil() {
    var random = SplitMix64(seed: 6, label: "months until")
    let years = Period(from: date("1990-01-01"), to: date("2010-01-01"))
    for _ in 0..<20_000 {
      let (one, other) = (random.date(in: years), random.date(in: years))
      let (start, end) = (min(one, other), max(one, other))
      var months = 0
      while start.adding(months: months + 1) <= end { months += 1 }
      guard start.months(until: end) == months, end.months(until: start) == -months else {
        Issue.record("\(start) to \(end) is \(start.months(until: end)) months, not \(months)")
        return
      }
    }
  }

  @Test("February has 29 days in leap years", arguments: [(1900, 28), (2000, 29), (2023, 28), (2024, 29), (2100, 28)])
  func leapYears(year: Int, days: Int) throws {
    let february = try #require(CalendarDate(year: year, month: 2, day: 1))
    #expect(february.daysInMonth == days)
    #expect(february.isLeapYear == (days == 29))
  }

  @Test(
    "an age is attained on the birthday; on March 1 for February 29 in common years",
    arguments: [
      ("1990-06-15", "2027-06-14", 36), ("1990-06-15", "2027-06-15", 37), ("1990-06-15", "2027-12-31", 37),
      ("1990-06-15", "1990-06-15", 0), ("1990-06-15", "1990-06-14", -1), ("2000-12-31", "2001-01-01", 0),
      ("2004-02-29", "2025-02-28", 20), ("2004-02-29", "2025-03-01", 21), ("2004-02-29", "2024-02-28", 19),
      ("2004-02-29", "2024-02-29", 20), ("2003-03-01", "2024-02-29", 20),
    ] as [(String, String, Int)])
  func age(born: String, on day: String, years: Int) {
    #expect(date(born).age(on: date(day)) == years)
  }

  @Test("an age goes up by one on each birthday and on no other day")
  func ageByDay() {
    for birth in [date("1992-02-29"), date("1993-03-01"), date("1991-12-31"), date("1991-01-01")] {
      var age = 0
      for day in birth..<birth.adding(months: 12 * 30) {
        let isBirthday = day > birth && (day.month, day.day) == (birth.month, birth.day)
        let isStandIn = birth.day == 29 && birth.month == 2 && !day.isLeapYear && (day.month, day.day) == (3, 1)
        if isBirthday || isStandIn { age += 1 }
        guard birth.age(on: day) == age else {
          Issue.record("born \(birth), on \(day): \(birth.age(on: day)), not \(age)")
          return
        }
      }
    }
  }

  @Test("text round-trips in both forms")
  func roundTrip() {
    var random = SplitMix64(seed: 7, label: "dates")
    let all = Period(from: .earliest, to: .latest)
    let dates = (0..<20_000).map { _ in random.date(in: all) } + [.earliest, .latest]
    #expect(
      dates.first { CalendarDate(iso: $0.description) != $0 || CalendarDate(compact: $0.compact) != $0 } == nil)
    #expect(date("2027-01-09").description == "2027-01-09")
    #expect(date("0033-04-03").compact == "00330403")
    #expect(CalendarDate(iso: Array("2027-01-09".utf8)) == CalendarDate(compact: Array("20270109".utf8)))
    #expect(CalendarDate("2027-01-09") == date("2027-01-09"))
  }

  @Test(
    "what is not a date is refused",
    arguments: [
      "", "2027", "2027-1-1", "2027-01-1", "2027-01-011", "2027-02-29", "2100-02-29", "2027-00-01", "2027-13-01",
      "2027-01-00", "2027-01-32", "2027-04-31", "20270101", "2027/01/01", "+027-01-01", "-001-01-01", "2027-01-01Z",
      " 2027-01-01", "２０２７-01-01", "2027-0a-01",
    ])
  func refusing(text: String) {
    #expect(CalendarDate(iso: text) == nil)
  }

  @Test("what is not a compact date is refused", arguments: ["", "2027-01-01", "2027011", "202701011", "20270229"])
  func refusingCompact(text: String) {
    #expect(CalendarDate(compact: text) == nil)
  }

  @Test func counting() {
    let (start, end) = (date("2027-02-27"), date("2027-03-02"))
    #expect(start.days(until: end) == 3)
    #expect(end.days(until: start) == -3)
    #expect((start..<end).map(\.day) == [27, 28, 1])
    #expect(start.firstOfNextMonth == date("2027-03-01"))
  }

  @Test("dates outside the years 0000 to 9999 trap or are refused")
  func limits() async {
    #expect(CalendarDate(year: 10_000, month: 1, day: 1) == nil)
    #expect(CalendarDate(year: -1, month: 12, day: 31) == nil)
    await #expect(processExitsWith: .failure) { _ = CalendarDate.latest.adding(days: 1) }
    await #expect(processExitsWith: .failure) { _ = CalendarDate.earliest.adding(days: -1) }
    await #expect(processExitsWith: .failure) { _ = CalendarDate.latest.adding(months: 1) }
    await #expect(processExitsWith: .failure) { _ = CalendarDate.earliest.adding(months: -1) }
    await #expect(processExitsWith: .failure) { _ = CalendarDate.earliest.withDay(0) }
  }
}
