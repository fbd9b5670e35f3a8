// Which periods are billed and what part of them, with amounts worked out by hand. Silver is 310.00 a month, so that a
// day of a month with 31 days is 10.00.

import Testing

@testable import Billing

@Suite struct PreviewPeriodTests {
  @Test("a timeline is billed for its periods", arguments: months + longPeriods + zones)
  func comesTo(_ story: PreviewStory) throws {
    #expect(try BillingPreview(story.document).text == story.expected)
  }

  static let months: [PreviewStory] = [
    PreviewStory(
      "a month is billed on its first day", ["2027-01-01 start plan=silver"], asOf: "2027-02-27",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-02-01 total 310.00 open 310.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      """),
    PreviewStory(
      "in arrears a month is billed on the day after its last", [#""convention": {"mode": "arrears"}"#],
      ["2027-01-01 start plan=silver"], asOf: "2027-02-28",
      """
      2027-02-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      """),
    // March 1 to 11 is 10 of 31 days.
    PreviewStory(
      "in arrears a cancellation is billed on its day", [#""convention": {"mode": "arrears"}"#],
      ["2027-02-01 start plan=silver", "2027-03-11 cancel"], asOf: "2027-04-30",
      """
      2027-03-01 total 310.00 open 310.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      2027-03-11 total 100.00 open 100.00
        recurring silver 2027-03-01/2027-03-11 10/31 100.00
      """),
    // The full period is January 7 to February 7, 31 days, of which 7 are used.
    PreviewStory(
      "a 31st start on a 7th billing day is 7 of 31 days", [#""convention": {"billingDay": 7}"#],
      ["2027-01-31 start plan=silver"], asOf: "2027-02-07",
      """
      2027-01-31 total 70.00 open 70.00
        recurring silver 2027-01-31/2027-02-07 7/31 70.00
      2027-02-07 total 310.00 open 310.00
        recurring silver 2027-02-07/2027-03-07 1 310.00
      """),
    PreviewStory(
      "a billing day of 31 goes through February of a common year and back to the 31st",
      [#""convention": {"billingDay": 31}"#], ["2027-01-31 start plan=silver"], asOf: "2027-04-30",
      """
      2027-01-31 total 310.00 open 310.00
        recurring silver 2027-01-31/2027-02-28 1 310.00
      2027-02-28 total 310.00 open 310.00
        recurring silver 2027-02-28/2027-03-31 1 310.00
      2027-03-31 total 310.00 open 310.00
        recurring silver 2027-03-31/2027-04-30 1 310.00
      2027-04-30 total 310.00 open 310.00
        recurring silver 2027-04-30/2027-05-31 1 310.00
      """),
    PreviewStory(
      "a billing day of 30 goes through February 29 of a leap year", [#""convention": {"billingDay": 30}"#],
      ["2028-01-30 start plan=silver"], asOf: "2028-03-30",
      """
      2028-01-30 total 310.00 open 310.00
        recurring silver 2028-01-30/2028-02-29 1 310.00
      2028-02-29 total 310.00 open 310.00
        recurring silver 2028-02-29/2028-03-30 1 310.00
      2028-03-30 total 310.00 open 310.00
        recurring silver 2028-03-30/2028-04-30 1 310.00
      """),
    // March 1 to 10 is 9 of 31 days; March 10 to 15 is 5 of the 28 from February 15: 55.357.
    PreviewStory(
      "a new billing day ends the month where it applies, and begins with a part of a month of its own",
      ["2027-03-01 start plan=silver", "2027-03-10 setBillingDay billingDay=15"], asOf: "2027-03-15",
      """
      2027-03-01 total 310.00 open 145.36
        recurring silver 2027-03-01/2027-04-01 1 310.00
      2027-03-10 total -164.64 open 0.00
        recurring silver 2027-03-01/2027-04-01 1 -310.00
        recurring silver 2027-03-01/2027-03-10 9/31 90.00
        recurring silver 2027-03-10/2027-03-15 5/28 55.36
      2027-03-15 total 310.00 open 310.00
        recurring silver 2027-03-15/2027-04-15 1 310.00
      """),
    PreviewStory(
      "a pause over whole months bills none of them, and what comes back is a part of its month",
      ["2027-01-01 start plan=silver", "2027-02-01 pause", "2027-04-21 resume"], asOf: "2027-05-01",
      // April 21 to May 1 is 10 of 30 days: 103.333.
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-04-21 total 103.33 open 103.33
        recurring silver 2027-04-21/2027-05-01 10/30 103.33
      2027-05-01 total 310.00 open 310.00
        recurring silver 2027-05-01/2027-06-01 1 310.00
      """),
    PreviewStory(
      "a pause and a resumption on one day change nothing",
      ["2027-01-01 start plan=silver", "2027-01-10 pause", "2027-01-10 resume"], asOf: "2027-01-31",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      """),
    PreviewStory(
      "a start and a cancellation on one day bill nothing", ["2027-01-01 start plan=silver", "2027-01-01 cancel"],
      asOf: "2027-12-31", ""),
    PreviewStory(
      "a cancellation on the first of a month leaves nothing of it",
      ["2027-01-01 start plan=silver", "2027-02-01 cancel"], asOf: "2027-12-31",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      """),
    PreviewStory(
      "a cancellation that is known ahead bills the last month for its days",
      ["2027-01-01 start plan=silver", "2027-02-15 cancel knownOn=2027-01-20"], asOf: "2027-12-31",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-02-01 total 155.00 open 155.00
        recurring silver 2027-02-01/2027-02-15 14/28 155.00
      """),
    PreviewStory(
      "who starts again in the month of the cancellation is billed both parts",
      ["2027-01-01 start plan=silver", "2027-01-11 cancel", "2027-01-21 start plan=silver"], asOf: "2027-01-31",
      // 10 of 31 days, then 11 of them.
      """
      2027-01-01 total 310.00 open 100.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-01-11 total -210.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        recurring silver 2027-01-01/2027-01-11 10/31 100.00
      2027-01-21 total 110.00 open 110.00
        recurring silver 2027-01-21/2027-02-01 11/31 110.00
      """),
    PreviewStory(
      "a start that is made known late bills all months at once",
      ["2027-01-15 start plan=silver knownOn=2027-03-05"], asOf: "2027-03-31",
      """
      2027-03-05 total 790.00 open 790.00
        recurring silver 2027-01-15/2027-02-01 17/31 170.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
        recurring silver 2027-03-01/2027-04-01 1 310.00
      """),
  ]

  static let longPeriods: [PreviewStory] = [
    PreviewStory(
      "a year that starts on the leap day ends on February 28 of common years",
      [#""convention": {"alignment": "anniversary"}"#], ["2028-02-29 start plan=yearly"], asOf: "2032-02-29",
      """
      2028-02-29 total 3650.00 open 3650.00
        recurring yearly 2028-02-29/2029-02-28 1 3650.00
      2029-02-28 total 3650.00 open 3650.00
        recurring yearly 2029-02-28/2030-02-28 1 3650.00
      2030-02-28 total 3650.00 open 3650.00
        recurring yearly 2030-02-28/2031-02-28 1 3650.00
      2031-02-28 total 3650.00 open 3650.00
        recurring yearly 2031-02-28/2032-02-29 1 3650.00
      2032-02-29 total 3650.00 open 3650.00
        recurring yearly 2032-02-29/2033-02-28 1 3650.00
      """),
    // 45 of the 90 days from January 1.
    PreviewStory(
      "quarters of the calendar begin in January, whenever coverage does", ["2027-02-15 start plan=quarterly"],
      asOf: "2027-04-01",
      """
      2027-02-15 total 450.00 open 450.00
        recurring quarterly 2027-02-15/2027-04-01 45/90 450.00
      2027-04-01 total 900.00 open 900.00
        recurring quarterly 2027-04-01/2027-07-01 1 900.00
      """),
    PreviewStory(
      "quarters of an anniversary begin with the start", [#""convention": {"alignment": "anniversary"}"#],
      ["2027-02-15 start plan=quarterly"], asOf: "2027-05-15",
      """
      2027-02-15 total 900.00 open 900.00
        recurring quarterly 2027-02-15/2027-05-15 1 900.00
      2027-05-15 total 900.00 open 900.00
        recurring quarterly 2027-05-15/2027-08-15 1 900.00
      """),
    // Quarters begin on March 1, the first billing day of the mother: 14 of the 90 days before it for her, and for the
    // child 52 of the 92 from it: 508.695.
    PreviewStory(
      "quarters of an account count from the first of its subscriptions",
      [#""convention": {"alignment": "account"}"#],
      [
        "2027-02-15 start plan=quarterly subscription=mother", "2027-04-10 start plan=quarterly subscription=child",
      ], asOf: "2027-06-01",
      """
      2027-02-15 total 140.00 open 140.00
        recurring mother quarterly 2027-02-15/2027-03-01 14/90 140.00
      2027-03-01 total 900.00 open 900.00
        recurring mother quarterly 2027-03-01/2027-06-01 1 900.00
      2027-04-10 total 508.70 open 508.70
        recurring child quarterly 2027-04-10/2027-06-01 52/92 508.70
      2027-06-01 total 1800.00 open 1800.00
        recurring mother quarterly 2027-06-01/2027-09-01 1 900.00
        recurring child quarterly 2027-06-01/2027-09-01 1 900.00
      """),
    // January 6, 2027 is a Wednesday.
    PreviewStory(
      "a week is billed from Monday to Monday", ["2027-01-06 start plan=weekly"], asOf: "2027-01-11",
      """
      2027-01-06 total 50.00 open 50.00
        recurring weekly 2027-01-06/2027-01-11 5/7 50.00
      2027-01-11 total 70.00 open 70.00
        recurring weekly 2027-01-11/2027-01-18 1 70.00
      """),
    // 91 of the 181 days from January 1.
    PreviewStory(
      "half a year that is entered in April is counted against all of it", ["2027-04-01 start plan=half-yearly"],
      asOf: "2027-07-01",
      """
      2027-04-01 total 910.00 open 910.00
        recurring half-yearly 2027-04-01/2027-07-01 91/181 910.00
      2027-07-01 total 1810.00 open 1810.00
        recurring half-yearly 2027-07-01/2028-01-01 1 1810.00
      """),
    // 45 of 90 days of the quarter, then 14 of the 28 of February: 900 - 450 - 155 comes back.
    PreviewStory(
      "quarterly to monthly midway gives back the rest of the quarter",
      [
        "2027-01-01 start plan=quarterly", "2027-01-01 payment amount=900", "2027-02-15 changePlan plan=silver",
      ], asOf: "2027-03-01",
      """
      2027-01-01 total 900.00 open 0.00
        recurring quarterly 2027-01-01/2027-04-01 1 900.00
      2027-02-15 total -295.00 open 0.00
        recurring quarterly 2027-01-01/2027-04-01 1 -900.00
        recurring quarterly 2027-01-01/2027-02-15 45/90 450.00
        recurring silver 2027-02-15/2027-03-01 14/28 155.00
      2027-03-01 total 310.00 open 15.00
        recurring silver 2027-03-01/2027-04-01 1 310.00
      """),
    // A day of 2027 is 10.00: each pause gives ten of them back.
    PreviewStory(
      "pause and resume five times on an annual plan gives back the fifty days",
      [
        "2027-01-01 start plan=yearly", "2027-01-01 payment amount=3650", "2027-02-01 pause", "2027-02-11 resume",
        "2027-04-01 pause", "2027-04-11 resume", "2027-06-01 pause", "2027-06-11 resume", "2027-08-01 pause",
        "2027-08-11 resume", "2027-10-01 pause", "2027-10-11 resume",
      ], asOf: "2027-12-31",
      """
      2027-01-01 total 3650.00 open 0.00
        recurring yearly 2027-01-01/2028-01-01 1 3650.00
      2027-02-01 total -3340.00 open 0.00
        recurring yearly 2027-01-01/2028-01-01 1 -3650.00
        recurring yearly 2027-01-01/2027-02-01 31/365 310.00
      2027-02-11 total 3240.00 open 0.00
        recurring yearly 2027-02-11/2028-01-01 324/365 3240.00
      2027-04-01 total -2750.00 open 0.00
        recurring yearly 2027-02-11/2028-01-01 324/365 -3240.00
        recurring yearly 2027-02-11/2027-04-01 49/365 490.00
      2027-04-11 total 2650.00 open 0.00
        recurring yearly 2027-04-11/2028-01-01 265/365 2650.00
      2027-06-01 total -2140.00 open 0.00
        recurring yearly 2027-04-11/2028-01-01 265/365 -2650.00
        recurring yearly 2027-04-11/2027-06-01 51/365 510.00
      2027-06-11 total 2040.00 open 0.00
        recurring yearly 2027-06-11/2028-01-01 204/365 2040.00
      2027-08-01 total -1530.00 open 0.00
        recurring yearly 2027-06-11/2028-01-01 204/365 -2040.00
        recurring yearly 2027-06-11/2027-08-01 51/365 510.00
      2027-08-11 total 1430.00 open 0.00
        recurring yearly 2027-08-11/2028-01-01 143/365 1430.00
      2027-10-01 total -920.00 open 0.00
        recurring yearly 2027-08-11/2028-01-01 143/365 -1430.00
        recurring yearly 2027-08-11/2027-10-01 51/365 510.00
      2027-10-11 total 820.00 open 0.00
        recurring yearly 2027-10-11/2028-01-01 82/365 820.00
      credit 500.00
      """),
  ]

  private static let west = #""timeZone": "America/Los_Angeles""#

  static let zones: [PreviewStory] = [
    // 01:30 is before the clock is put forward.
    PreviewStory(
      "in New York the day of 23 hours begins a whole month", [#""convention": {"billingDay": 14}"#],
      ["2027-03-14T01:30:00-05:00 start plan=silver"], asOf: "2027-04-14",
      """
      2027-03-14 total 310.00 open 310.00
        recurring silver 2027-03-14/2027-04-14 1 310.00
      2027-04-14 total 310.00 open 310.00
        recurring silver 2027-04-14/2027-05-14 1 310.00
      """),
    // The same instant is 22:30 of the day before: one of the 28 days from February 14, 11.071.
    PreviewStory(
      "in Los Angeles it is the day before, which is one day", [west, #""convention": {"billingDay": 14}"#],
      ["2027-03-14T01:30:00-05:00 start plan=silver"], asOf: "2027-03-14",
      """
      2027-03-13 total 11.07 open 11.07
        recurring silver 2027-03-13/2027-03-14 1/28 11.07
      2027-03-14 total 310.00 open 310.00
        recurring silver 2027-03-14/2027-04-14 1 310.00
      """),
    // From midnight to midnight on the day of 25 hours: one of the 30 days to December 7, 10.333.
    PreviewStory(
      "in New York the day of 25 hours is one day", [#""convention": {"billingDay": 7}"#],
      ["2027-11-07T00:00:00-04:00 start plan=silver", "2027-11-08T00:00:00-05:00 cancel"], asOf: "2027-12-31",
      """
      2027-11-07 total 310.00 open 10.33
        recurring silver 2027-11-07/2027-12-07 1 310.00
      2027-11-08 total -299.67 open 0.00
        recurring silver 2027-11-07/2027-12-07 1 -310.00
        recurring silver 2027-11-07/2027-11-08 1/30 10.33
      """),
    // 00:30 in New York is 21:30 of November 6 in Los Angeles: one of the 31 days from October 7.
    PreviewStory(
      "in Los Angeles the autumn change makes no stub of its own", [west, #""convention": {"billingDay": 7}"#],
      ["2027-11-07T00:30:00-04:00 start plan=silver"], asOf: "2027-12-07",
      """
      2027-11-06 total 10.00 open 10.00
        recurring silver 2027-11-06/2027-11-07 1/31 10.00
      2027-11-07 total 310.00 open 310.00
        recurring silver 2027-11-07/2027-12-07 1 310.00
      2027-12-07 total 310.00 open 310.00
        recurring silver 2027-12-07/2028-01-07 1 310.00
      """),
  ]
}
