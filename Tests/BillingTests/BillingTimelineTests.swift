import Kernel
import Testing

@testable import Billing

@Suite struct BillingTimelineTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let timeline: BillingTimeline
    let month: String
    let lines: [String]
  }

  static func between(_ charge: Charge, _ start: String, _ end: String? = nil) -> BillingTimeline {
    BillingTimeline(charge, from: day(start), to: end.map(day))
  }

  static func then(_ first: Charge, _ start: String, _ second: Charge, _ change: String) -> BillingTimeline {
    var timeline = between(first, start)
    timeline.set(second, from: day(change), to: nil)
    return timeline
  }

  static let rows: [Row] = [
    Row(
      testDescription: "a start on the 1st is a whole month",
      timeline: between(silver, "2027-01-01"), month: "2027-01-01",
      lines: ["premium 2027-01-01/2027-02-01 31000 silver"]),
    Row(
      testDescription: "a start on the 15th is 17 of 31 days",
      timeline: between(silver, "2027-01-15"), month: "2027-01-01",
      lines: ["premium 2027-01-15/2027-02-01 17000 silver"]),
    Row(
      testDescription: "a start on the 31st is one day",
      timeline: between(silver, "2027-01-31"), month: "2027-01-01",
      lines: ["premium 2027-01-31/2027-02-01 1000 silver"]),
    Row(
      testDescription: "the month before the start has nothing",
      timeline: between(silver, "2027-01-31"), month: "2026-12-01", lines: []),
    Row(
      testDescription: "half of February in a common year is 14 of 28 days",
      timeline: between(silver, "2027-02-15"), month: "2027-02-01",
      lines: ["premium 2027-02-15/2027-03-01 15500 silver"]),
    Row(
      testDescription: "from the 15th in a leap year is 15 of 29 days, 16034.48 down",
      timeline: between(silver, "2028-02-15"), month: "2028-02-01",
      lines: ["premium 2028-02-15/2028-03-01 16034 silver"]),
    Row(
      testDescription: "half a cent goes up: 15 of 30 days of 101 cents",
      timeline: between(Charge(plan: "p", grossCents: 101, aptcCents: 0), "2027-04-16"), month: "2027-04-01",
      lines: ["premium 2027-04-16/2027-05-01 51 p"]),
    Row(
      testDescription: "an end on the 11th leaves ten days",
      timeline: between(silver, "2027-01-01", "2027-03-11"), month: "2027-03-01",
      lines: ["premium 2027-03-01/2027-03-11 10000 silver"]),
    Row(
      testDescription: "coverage within one month",
      timeline: between(silver, "2027-03-10", "2027-03-12"), month: "2027-03-01",
      lines: ["premium 2027-03-10/2027-03-12 2000 silver"]),
    Row(
      testDescription: "the subsidy has its own line",
      timeline: between(subsidised, "2027-01-01"), month: "2027-03-01",
      lines: ["premium 2027-03-01/2027-04-01 31000 silver", "subsidy 2027-03-01/2027-04-01 -12400 silver"]),
    Row(
      testDescription: "a subsidy that begins on the 11th is for 21 days",
      timeline: then(silver, "2027-01-01", subsidised, "2027-03-11"), month: "2027-03-01",
      lines: [
        "premium 2027-03-01/2027-03-11 10000 silver", "premium 2027-03-11/2027-04-01 21000 silver",
        "subsidy 2027-03-11/2027-04-01 -8400 silver",
      ]),
    Row(
      testDescription: "a change of plan on the 16th bills both for their days",
      timeline: then(silver, "2027-01-01", gold, "2027-04-16"), month: "2027-04-01",
      lines: ["premium 2027-04-01/2027-04-16 15500 silver", "premium 2027-04-16/2027-05-01 23250 gold"]),
    Row(
      testDescription: "a subsidy above the premium is the premium",
      timeline: between(Charge(plan: "b", grossCents: 9_000, aptcCents: 12_000), "2027-04-16"), month: "2027-04-01",
      lines: ["premium 2027-04-16/2027-05-01 4500 b", "subsidy 2027-04-16/2027-05-01 -4500 b"]),
  ]

  @Test(arguments: rows) func theLinesOfAMonth(_ row: Row) {
    #expect(LineText.text(of: row.timeline.lines(in: day(row.month))) == row.lines.joined(separator: "\n"))
  }

  @Test func theLinesBeforeADateAreThoseOfItsMonths() {
    let timeline = Self.then(silver, "2027-01-15", subsidised, "2027-03-11")
    let months = ["2027-01-01", "2027-02-01", "2027-03-01"].flatMap { timeline.lines(in: day($0)) }
    #expect(timeline.lines(before: day("2027-04-01")) == months)
    #expect(months.premiumCents == 17_000 + 31_000 + 31_000)
    #expect(months.subsidyCents == 8_400)
    #expect(months.memberCents == 79_000 - 8_400)
  }

  @Test func linesSurviveTheirText() {
    let lines = Self.then(subsidised, "2027-01-15", gold, "2027-01-20").lines(in: day("2027-01-01"))
    #expect(LineText.lines(of: LineText.text(of: lines)) == lines)
  }
}
