// What is charged for a period: phases, trials, discounts, taxes, subsidies, day counts and rounding, with amounts
// worked out by hand.

import Testing

@testable import Billing

@Suite struct PreviewTermsTests {
  @Test("a timeline is billed by its terms", arguments: phases + discounts + levies + subsidies)
  func comesTo(_ story: PreviewStory) throws {
    #expect(try BillingPreview(story.document).text == story.expected)
  }

  private static func plan(_ phases: String, _ more: String = "") -> String {
    #""plans": {"silver": {"period": "P1M", "phases": [\#(phases)]\#(more)}}"#
  }

  private static let silver = "2027-01-01 start plan=silver"

  static let phases: [PreviewStory] = [
    // The month begins on January 1 all the same: 17 of 31 days are left.
    PreviewStory(
      "a trial costs nothing, and the first month is what it leaves",
      [plan(#"{"price": "310.00"}"#, #", "trialDays": 14"#)], [silver], asOf: "2027-02-01",
      """
      2027-01-01 total 0.00 open 0.00
        trial silver 2027-01-01/2027-01-15 1 0.00
      2027-01-15 total 170.00 open 170.00
        recurring silver 2027-01-15/2027-02-01 17/31 170.00
      2027-02-01 total 310.00 open 310.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      """),
    PreviewStory(
      "who cancels within the trial pays nothing", [plan(#"{"price": "310.00"}"#, #", "trialDays": 14"#)],
      [silver, "2027-01-08 cancel"], asOf: "2027-12-31",
      """
      2027-01-01 total 0.00 open 0.00
        trial silver 2027-01-01/2027-01-15 1 0.00
      2027-01-08 total 0.00 open 0.00
        trial silver 2027-01-01/2027-01-15 1 0.00
        trial silver 2027-01-01/2027-01-08 7/14 0.00
      """),
    PreviewStory(
      "an introductory price holds for its length, then the next",
      [plan(#"{"price": "100.00", "length": "P2M"}, {"price": "310.00"}"#)], [silver], asOf: "2027-03-01",
      """
      2027-01-01 total 100.00 open 100.00
        recurring silver 2027-01-01/2027-02-01 1 100.00
      2027-02-01 total 100.00 open 100.00
        recurring silver 2027-02-01/2027-03-01 1 100.00
      2027-03-01 total 310.00 open 310.00
        recurring silver 2027-03-01/2027-04-01 1 310.00
      """),
    // 16 of 31 days of 155.00; then 15 of 28 days of 155.00 (83.035) and 13 of 28 of 310.00 (143.928).
    PreviewStory(
      "an introductory price that ends within a month splits it",
      [plan(#"{"price": "155.00", "length": "P1M"}, {"price": "310.00"}"#)], ["2027-01-16 start plan=silver"],
      asOf: "2027-02-01",
      """
      2027-01-16 total 80.00 open 80.00
        recurring silver 2027-01-16/2027-02-01 16/31 80.00
      2027-02-01 total 226.97 open 226.97
        recurring silver 2027-02-01/2027-02-16 15/28 83.04
        recurring silver 2027-02-16/2027-03-01 13/28 143.93
      """),
    PreviewStory(
      "a fixed term ends by itself", [plan(#"{"price": "310.00", "length": "P2M"}"#)], [silver], asOf: "2027-12-31",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-02-01 total 310.00 open 310.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      """),
    PreviewStory(
      "a plan without proration is charged whole, and a change waits for the next month",
      [
        """
        "plans": {"silver": {"period": "P1M", "phases": [{"price": "310.00"}], "proration": "none"},
                  "gold": {"period": "P1M", "phases": [{"price": "620.00"}], "proration": "none"}}
        """
      ], ["2027-01-20 start plan=silver", "2027-01-25 changePlan plan=gold"], asOf: "2027-02-01",
      """
      2027-01-20 total 310.00 open 310.00
        recurring silver 2027-01-20/2027-02-01 1 310.00
      2027-02-01 total 620.00 open 620.00
        recurring gold 2027-02-01/2027-03-01 1 620.00
      """),
    // The yen has no cents: 17 of 31 days of 1,000 is 548.387.
    PreviewStory(
      "a currency without cents is rounded to its unit",
      [#""currency": "JPY""#, #""plans": {"silver": {"period": "P1M", "phases": [{"price": 1000}]}}"#],
      ["2027-01-15 start plan=silver"], asOf: "2027-01-31",
      """
      2027-01-15 total 548 open 548
        recurring silver 2027-01-15/2027-02-01 17/31 548
      """),
  ]

  private static func discounts(_ text: String) -> String { #""discounts": [\#(text)]"# }

  static let discounts: [PreviewStory] = [
    PreviewStory(
      "a percentage is taken off, then a fixed amount off what is left",
      [discounts(#"{"name": "tenth", "percent": 10}, {"name": "online", "amount": "9.00"}"#)], [silver],
      asOf: "2027-01-31",
      """
      2027-01-01 total 270.00 open 270.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
        discount tenth silver 2027-01-01/2027-02-01 1 -31.00
        discount online silver 2027-01-01/2027-02-01 1 -9.00
      """),
    // From January 16: 16 of 31 days of 31.00.
    PreviewStory(
      "a discount with dates lowers the days between them",
      [discounts(#"{"name": "tenth", "percent": "10", "from": "2027-01-16", "to": "2027-02-01"}"#)], [silver],
      asOf: "2027-02-01",
      """
      2027-01-01 total 294.00 open 294.00
        recurring silver 2027-01-01/2027-01-16 15/31 150.00
        recurring silver 2027-01-16/2027-02-01 16/31 160.00
        discount tenth silver 2027-01-16/2027-02-01 16/31 -16.00
      2027-02-01 total 310.00 open 310.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      """),
    PreviewStory(
      "a discount for two periods counts the part of a month as one",
      [discounts(#"{"name": "tenth", "percent": 10, "periods": 2}"#)], ["2027-01-16 start plan=silver"],
      asOf: "2027-03-01",
      """
      2027-01-16 total 144.00 open 144.00
        recurring silver 2027-01-16/2027-02-01 16/31 160.00
        discount tenth silver 2027-01-16/2027-02-01 16/31 -16.00
      2027-02-01 total 279.00 open 279.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
        discount tenth silver 2027-02-01/2027-03-01 1 -31.00
      2027-03-01 total 310.00 open 310.00
        recurring silver 2027-03-01/2027-04-01 1 310.00
      """),
    PreviewStory(
      "a discount ends with its budget, in the middle of a month's amount",
      [discounts(#"{"name": "fifty", "amount": "50.00", "budget": "80.00"}"#)], [silver], asOf: "2027-03-01",
      """
      2027-01-01 total 260.00 open 260.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
        discount fifty silver 2027-01-01/2027-02-01 1 -50.00
      2027-02-01 total 280.00 open 280.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
        discount fifty silver 2027-02-01/2027-03-01 1 -30.00
      2027-03-01 total 310.00 open 310.00
        recurring silver 2027-03-01/2027-04-01 1 310.00
      """),
    PreviewStory(
      "a group shares the budget of its discount, and one of it has a discount of its own",
      [
        discounts(
          #"""
          {"name": "group", "amount": "50.00", "budget": "80.00"},
          {"name": "own", "percent": 50, "subscription": "b"}
          """#)
      ],
      ["2027-01-01 start plan=silver subscription=a", "2027-01-01 start plan=silver subscription=b"],
      asOf: "2027-01-31",
      // For b there are 30.00 left of the budget; half of the other 280.00 is 140.00.
      """
      2027-01-01 total 400.00 open 400.00
        recurring a silver 2027-01-01/2027-02-01 1 310.00
        discount group a silver 2027-01-01/2027-02-01 1 -50.00
        recurring b silver 2027-01-01/2027-02-01 1 310.00
        discount group b silver 2027-01-01/2027-02-01 1 -30.00
        discount own b silver 2027-01-01/2027-02-01 1 -140.00
      """),
    PreviewStory(
      "a discount of a plan does not reach another",
      [discounts(#"{"name": "tenth", "percent": 10, "plans": ["gold"]}"#)],
      [silver, "2027-02-01 changePlan plan=gold"],
      asOf: "2027-02-01",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-02-01 total 558.00 open 558.00
        recurring gold 2027-02-01/2027-03-01 1 620.00
        discount tenth gold 2027-02-01/2027-03-01 1 -62.00
      """),
    PreviewStory(
      "a discount of all of it leaves nothing to pay", [discounts(#"{"name": "all", "percent": 100}"#)], [silver],
      asOf: "2027-01-31",
      """
      2027-01-01 total 0.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
        discount all silver 2027-01-01/2027-02-01 1 -310.00
      """),
  ]

  static let levies: [PreviewStory] = [
    // 8.875% of 170.00 is 15.0875; 17 of 31 days of 5.00 is 2.741.
    PreviewStory(
      "a tax is a share of the amount, and a fee is for its days",
      [#""taxes": [{"name": "state", "percent": "8.875"}, {"kind": "fee", "name": "service", "amount": "5.00"}]"#],
      ["2027-01-15 start plan=silver"], asOf: "2027-02-01",
      // Of 310.00: 27.5125.
      """
      2027-01-15 total 187.83 open 187.83
        recurring silver 2027-01-15/2027-02-01 17/31 170.00
        tax state silver 2027-01-15/2027-02-01 17/31 15.09
        fee service silver 2027-01-15/2027-02-01 17/31 2.74
      2027-02-01 total 342.51 open 342.51
        recurring silver 2027-02-01/2027-03-01 1 310.00
        tax state silver 2027-02-01/2027-03-01 1 27.51
        fee service silver 2027-02-01/2027-03-01 1 5.00
      """),
    PreviewStory(
      "a tax is on what the discounts left, and before the subsidy",
      [#""discounts": [{"name": "tenth", "percent": 10}]"#, #""taxes": [{"name": "state", "percent": 10}]"#],
      ["2027-01-01 subsidy amount=100", silver], asOf: "2027-01-31",
      """
      2027-01-01 total 206.90 open 206.90
        recurring silver 2027-01-01/2027-02-01 1 310.00
        discount tenth silver 2027-01-01/2027-02-01 1 -31.00
        tax state silver 2027-01-01/2027-02-01 1 27.90
        subsidy silver 2027-01-01/2027-02-01 1 -100.00
      """),
    PreviewStory(
      "the tax of a split month is rounded on the sum",
      [
        #""plans": {"a": {"period": "P1M", "phases": [{"price": "0.30"}]}, "#
          + #""b": {"period": "P1M", "phases": [{"price": "0.60"}]}}"#,
        #""taxes": [{"name": "state", "percent": 10}]"#,
      ], ["2027-04-01 start plan=a", "2027-04-16 changePlan plan=b knownOn=2027-04-01"], asOf: "2027-04-30",
      // 10% of 0.15 is 0.015, up to 0.02; of 0.45 in all 0.045, up to 0.05: the second part has 0.03 of it.
      """
      2027-04-01 total 0.50 open 0.50
        recurring a 2027-04-01/2027-04-16 15/30 0.15
        tax state a 2027-04-01/2027-04-16 15/30 0.02
        recurring b 2027-04-16/2027-05-01 15/30 0.30
        tax state b 2027-04-16/2027-05-01 15/30 0.03
      """),
  ]

  static let subsidies: [PreviewStory] = [
    // The grant of February rises by 60.00, which is made known when its invoice stands.
    PreviewStory(
      "a subsidy that changes retroactively lowers what is still to pay",
      ["2027-01-01 subsidy amount=100", silver, "2027-02-01 subsidy amount=160 knownOn=2027-02-20"],
      asOf: "2027-02-28",
      """
      2027-01-01 total 210.00 open 210.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
        subsidy silver 2027-01-01/2027-02-01 1 -100.00
      2027-02-01 total 210.00 open 150.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
        subsidy silver 2027-02-01/2027-03-01 1 -100.00
      2027-02-20 total -60.00 open 0.00
        subsidy silver 2027-02-01/2027-03-01 1 100.00
        subsidy silver 2027-02-01/2027-03-01 1 -160.00
      """),
    // 16 of 31 days of 124.00 a month.
    PreviewStory(
      "a subsidy that is taken back retroactively is owed for its days",
      ["2027-01-01 subsidy amount=124", silver, "2027-01-16 subsidy amount=0 knownOn=2027-01-20"], asOf: "2027-01-31",
      """
      2027-01-01 total 186.00 open 186.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
        subsidy silver 2027-01-01/2027-02-01 1 -124.00
      2027-01-20 total 64.00 open 64.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        subsidy silver 2027-01-01/2027-02-01 1 124.00
        recurring silver 2027-01-01/2027-01-16 15/31 150.00
        subsidy silver 2027-01-01/2027-01-16 15/31 -60.00
        recurring silver 2027-01-16/2027-02-01 16/31 160.00
      """),
    PreviewStory(
      "a subsidy above the premium is the premium", ["2027-01-01 subsidy amount=200", "2027-01-01 start plan=bronze"],
      asOf: "2027-01-31",
      """
      2027-01-01 total 0.00 open 0.00
        recurring bronze 2027-01-01/2027-02-01 1 155.00
        subsidy bronze 2027-01-01/2027-02-01 1 -155.00
      """),
    PreviewStory(
      "a quarter has the subsidy of three months",
      ["2027-01-01 subsidy amount=100", "2027-01-01 start plan=quarterly"], asOf: "2027-01-31",
      """
      2027-01-01 total 600.00 open 600.00
        recurring quarterly 2027-01-01/2027-04-01 1 900.00
        subsidy quarterly 2027-01-01/2027-04-01 1 -300.00
      """),
  ]

  struct Count: Sendable, CustomTestStringConvertible {
    let dayCount: String
    let plan: String
    let start: String
    let expected: String

    init(_ dayCount: String, _ plan: String, _ start: String, _ expected: String) {
      (self.dayCount, self.plan, self.start, self.expected) = (dayCount, plan, start, expected)
    }

    var testDescription: String { "\(dayCount) from \(start) \(plan)" }
  }

  /// Silver is 310.00 a month, quarterly 900.00, yearly 3650.00. In 30/360 a month has 30 days whatever the calendar.
  static let counts: [Count] = [
    Count("actual/actual", "silver", "2027-01-16", "16/31 160.00"),
    Count("actual/30", "silver", "2027-01-16", "16/30 165.33"),  // 165.333
    Count("30/360", "silver", "2027-01-16", "15/30 155.00"),
    Count("actual/360", "silver", "2027-01-16", "16/30 165.33"),
    Count("actual/actual", "silver", "2027-02-15", "14/28 155.00"),
    Count("actual/30", "silver", "2027-02-15", "14/30 144.67"),  // 144.666
    Count("30/360", "silver", "2027-02-15", "16/30 165.33"),  // to day 30 and one more: 165.333
    Count("actual/360", "silver", "2027-02-15", "14/30 144.67"),
    Count("actual/actual", "silver", "2028-02-15", "15/29 160.34"),  // 160.344
    Count("actual/30", "silver", "2027-01-02", "1 310.00"),  // 30 of the 31 days are 30 of 30
    Count("30/360", "silver", "2027-01-31", "1/30 10.33"),  // 10.333
    Count("actual/actual", "quarterly", "2027-02-15", "45/90 450.00"),
    Count("30/360", "quarterly", "2027-02-15", "46/90 460.00"),  // 16 of February and 30 of March
    Count("actual/actual", "yearly", "2027-07-01", "184/365 1840.00"),
    Count("actual/30", "yearly", "2027-07-01", "184/360 1865.56"),  // 1865.555
    Count("30/360", "yearly", "2027-07-01", "180/360 1825.00"),
    Count("actual/360", "yearly", "2027-07-01", "184/360 1865.56"),
    Count("actual/actual", "yearly", "2028-07-01", "184/366 1834.97"),  // 1834.972
  ]

  @Test("a part of a period is counted by the day count, against all of the period", arguments: counts)
  func isCounted(_ row: Count) throws {
    let preview = try BillingPreview(
      PreviewDocument.text(
        [#""convention": {"dayCount": "\#(row.dayCount)"}"#], ["\(row.start) start plan=\(row.plan)"], asOf: row.start))
    #expect(preview.invoices.flatMap(\.lines).map { "\($0.fraction) \($0.amount)" } == [row.expected])
  }

  /// Half of the price for 14 of the 28 days of February: a tie where the price is odd.
  @Test(
    "a tie goes up, or to the even cent",
    arguments: [
      ("310.01", "half_up", "155.01"), ("310.01", "half_even", "155.00"), ("310.03", "half_up", "155.02"),
      ("310.03", "half_even", "155.02"), ("310.02", "half_even", "155.01"),
    ])
  func ties(_ price: String, _ rounding: String, _ expected: String) throws {
    let preview = try BillingPreview(
      PreviewDocument.text(
        [#""convention": {"rounding": "\#(rounding)"}"#, Self.plan(#"{"price": "\#(price)"}"#)],
        ["2027-02-15 start plan=silver"], asOf: "2027-02-15"))
    #expect(preview.invoices.map(\.total) == [expected])
  }
}
