import Kernel
import Testing

@Suite("Periods")
struct PeriodTests {
  @Test("periods agree with sets of days")
  func algebra() {
    var random = SplitMix64(seed: 9, label: "periods")
    func period() -> Period {
      let start = Int32.random(in: 0..<20, using: &random)
      let days = Int32.random(in: 1...8, using: &random)
      return Period(from: CalendarDate(dayNumber: start), to: CalendarDate(dayNumber: start + days))
    }
    func days(_ period: Period) -> Set<CalendarDate> {
      Set((0..<40).map { CalendarDate(dayNumber: $0) }.filter(period.contains))
    }
    for _ in 0..<5000 {
      let (one, other) = (period(), period())
      let (oneDays, otherDays) = (days(one), days(other))
      let both = oneDays.intersection(otherDays)
      let isAdjacent =
        oneDays.max()?.adding(days: 1) == otherDays.min() || otherDays.max()?.adding(days: 1) == oneDays.min()
      guard one.days == oneDays.count, one.overlaps(other) == !both.isEmpty,
        one.intersection(other).map(days) ?? [] == both, one.contains(other) == otherDays.isSubset(of: oneDays),
        one.isAdjacent(to: other) == isAdjacent, one.start == oneDays.min(), one.lastDay == oneDays.max()
      else {
        Issue.record("\(one) and \(other)")
        return
      }
    }
  }

  @Test func halfOpen() {
    let january = Period.month(containing: date("2027-01-17"))
    #expect(january.description == "2027-01-01/2027-02-01")
    #expect(january.contains(date("2027-01-31")) && !january.contains(date("2027-02-01")))
    #expect(january.days == 31)
    #expect(Period.month(containing: date("2028-02-29")).days == 29)
  }

  @Test("a period that does not end after it starts is refused, or traps")
  func empty() async {
    let day = date("2027-01-01")
    #expect(Period(start: day, end: day) == nil)
    #expect(Period(start: day, end: day.adding(days: -1)) == nil)
    #expect(Period(start: day, end: day.adding(days: 1)) != nil)
    await #expect(processExitsWith: .failure) { _ = Period(from: .earliest, to: .earliest) }
  }

  @Test func reading() {
    #expect(Period("2027-01-01/2027-02-01") == .month(containing: date("2027-01-01")))
  }

  @Test(
    "other text is refused",
    arguments: [
      "", "2027-01-01", "2027-01-01/", "2027-01-01/2027-01-01", "2027-02-01/2027-01-01", "2027-01-01-2027-02-01",
      "2027-01-01/2027-02-01/", "2027-02-29/2027-03-01",
    ])
  func refusing(text: String) {
    #expect(Period(text) == nil)
  }
}
