// Changes, late and early, and money in and out, with amounts worked out by hand. Silver is 310.00 a month, gold
// 620.00, bronze 155.00.

import Testing

@testable import Billing

@Suite struct PreviewChangeTests {
  @Test("a timeline is billed as it changes", arguments: changes + prices + money)
  func comesTo(_ story: PreviewStory) throws {
    #expect(try BillingPreview(story.document).text == story.expected)
  }

  private static let silver = "2027-01-01 start plan=silver"

  static let changes: [PreviewStory] = [
    // 14 of 31 days of silver, none of gold and bronze.
    PreviewStory(
      "upgrade, downgrade and cancel on the same day leave the days before",
      [silver, "2027-01-15 changePlan plan=gold", "2027-01-15 changePlan plan=bronze", "2027-01-15 cancel"],
      asOf: "2027-12-31",
      """
      2027-01-01 total 310.00 open 140.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-01-15 total -170.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        recurring silver 2027-01-01/2027-01-15 14/31 140.00
      """),
    // 15 of 31 days of silver, 16 of bronze.
    PreviewStory(
      "of two changes on one day the later one made holds",
      [silver, "2027-01-16 changePlan plan=gold", "2027-01-16 changePlan plan=bronze"], asOf: "2027-01-31",
      """
      2027-01-01 total 310.00 open 230.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-01-16 total -80.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        recurring silver 2027-01-01/2027-01-16 15/31 150.00
        recurring bronze 2027-01-16/2027-02-01 16/31 80.00
      """),
    // March 10: gold from February 15, so 155.00 of silver, 310.00 and 620.00 of gold for two months of silver.
    // March 20: bronze from February 1, so 77.50 of it for the 155.00 of silver; gold holds where it did.
    PreviewStory(
      "two retroactive changes out of order are folded in the order of their effect",
      [
        silver, "2027-02-15 changePlan plan=gold knownOn=2027-03-10",
        "2027-02-01 changePlan plan=bronze knownOn=2027-03-20",
      ], asOf: "2027-03-31",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-02-01 total 310.00 open 232.50
        recurring silver 2027-02-01/2027-03-01 1 310.00
      2027-03-01 total 310.00 open 310.00
        recurring silver 2027-03-01/2027-04-01 1 310.00
      2027-03-10 total 465.00 open 465.00
        recurring silver 2027-02-01/2027-03-01 1 -310.00
        recurring silver 2027-03-01/2027-04-01 1 -310.00
        recurring silver 2027-02-01/2027-02-15 14/28 155.00
        recurring gold 2027-02-15/2027-03-01 14/28 310.00
        recurring gold 2027-03-01/2027-04-01 1 620.00
      2027-03-20 total -77.50 open 0.00
        recurring silver 2027-02-01/2027-02-15 14/28 -155.00
        recurring bronze 2027-02-01/2027-02-15 14/28 77.50
      """),
    PreviewStory(
      "a retroactive cancellation takes back what lies behind it",
      [silver, "2027-02-15 changePlan plan=gold", "2027-02-01 cancel knownOn=2027-02-20"], asOf: "2027-02-28",
      // 155.00 of silver and 310.00 of gold for the 310.00 of February: 155.00 more. Then all 465.00 come back: 310.00
      // are what February had open, and the rest is credit, which goes to the oldest: January.
      """
      2027-01-01 total 310.00 open 155.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-02-01 total 310.00 open 0.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      2027-02-15 total 155.00 open 155.00
        recurring silver 2027-02-01/2027-03-01 1 -310.00
        recurring silver 2027-02-01/2027-02-15 14/28 155.00
        recurring gold 2027-02-15/2027-03-01 14/28 310.00
      2027-02-20 total -465.00 open 0.00
        recurring silver 2027-02-01/2027-02-15 14/28 -155.00
        recurring gold 2027-02-15/2027-03-01 14/28 -310.00
      """),
    // 14 of the 28 days of February.
    PreviewStory(
      "a death that is made known later leaves a refund for the estate",
      [
        silver, "2027-01-01 payment amount=310", "2027-02-01 payment amount=310",
        "2027-02-15 cancel knownOn=2027-02-20",
      ], asOf: "2027-02-28",
      """
      2027-01-01 total 310.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-02-01 total 310.00 open 0.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      2027-02-20 total -155.00 open 0.00
        recurring silver 2027-02-01/2027-03-01 1 -310.00
        recurring silver 2027-02-01/2027-02-15 14/28 155.00
      credit 155.00
      refunds due 155.00
      """),
    PreviewStory(
      "once the estate has its refund nothing is due",
      [
        silver, "2027-01-01 payment amount=310", "2027-01-16 cancel", "2027-01-20 refund amount=160",
      ], asOf: "2027-02-28",
      """
      2027-01-01 total 310.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-01-16 total -160.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        recurring silver 2027-01-01/2027-01-16 15/31 150.00
      """),
    PreviewStory(
      "the subscriptions of an account share an invoice, and one that ends leaves the other",
      [
        "2027-01-01 start plan=silver subscription=a", "2027-01-01 start plan=bronze subscription=b",
        "2027-02-01 cancel subscription=a",
      ], asOf: "2027-02-01",
      """
      2027-01-01 total 465.00 open 465.00
        recurring a silver 2027-01-01/2027-02-01 1 310.00
        recurring b bronze 2027-01-01/2027-02-01 1 155.00
      2027-02-01 total 155.00 open 155.00
        recurring b bronze 2027-02-01/2027-03-01 1 155.00
      """),
  ]

  static let prices: [PreviewStory] = [
    PreviewStory(
      "a price rises at the next period",
      [silver, "2027-01-15 priceChange plan=silver price=341 policy=nextPeriod"], asOf: "2027-02-01",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-02-01 total 341.00 open 341.00
        recurring silver 2027-02-01/2027-03-01 1 341.00
      """),
    PreviewStory(
      "a price that rises at the next period reaches a year at its end",
      ["2027-01-01 start plan=yearly", "2027-06-01 priceChange plan=yearly price=4015 policy=nextPeriod"],
      asOf: "2028-01-01",
      """
      2027-01-01 total 3650.00 open 3650.00
        recurring yearly 2027-01-01/2028-01-01 1 3650.00
      2028-01-01 total 4015.00 open 4015.00
        recurring yearly 2028-01-01/2029-01-01 1 4015.00
      """),
    // 16 of 31 days of 310.00 and 15 of 341.00: 160.00 and 165.00.
    PreviewStory(
      "a price that rises at once splits the month",
      [silver, "2027-01-17 priceChange plan=silver price=341 policy=immediate"], asOf: "2027-01-31",
      """
      2027-01-01 total 310.00 open 310.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-01-17 total 15.00 open 15.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        recurring silver 2027-01-01/2027-01-17 16/31 160.00
        recurring silver 2027-01-17/2027-02-01 15/31 165.00
      """),
  ]

  private static let january = """
      recurring silver 2027-01-01/2027-02-01 1 310.00
    """

  static let money: [PreviewStory] = [
    // 15 of 31 days of silver and 16 of bronze leave 80.00, which go back.
    PreviewStory(
      "a refund after a plan change takes the credit",
      [
        silver, "2027-01-01 payment amount=310", "2027-01-16 changePlan plan=bronze", "2027-01-17 refund amount=80",
      ], asOf: "2027-01-31",
      """
      2027-01-01 total 310.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 310.00
      2027-01-16 total -80.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        recurring silver 2027-01-01/2027-01-16 15/31 150.00
        recurring bronze 2027-01-16/2027-02-01 16/31 80.00
      """),
    PreviewStory(
      "what is paid too much is credit for the next invoice", [silver, "2027-01-05 payment amount=400"],
      asOf: "2027-02-01",
      """
      2027-01-01 total 310.00 open 0.00
      \(january)
      2027-02-01 total 310.00 open 220.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      """),
    PreviewStory(
      "a payment for a named invoice passes over an older one",
      [silver, "2027-02-05 payment amount=310 invoice=2027-02-01"], asOf: "2027-02-05",
      """
      2027-01-01 total 310.00 open 310.00
      \(january)
      2027-02-01 total 310.00 open 0.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      """),
    PreviewStory(
      "a credit that is granted is used at once, and is nobody's refund",
      [silver, "2027-01-02 credit amount=350", "2027-01-31 cancel", "2027-01-31 payment amount=10"], asOf: "2027-01-31",
      // 1 of 31 days is taken back: 10.00. With the 40.00 left of the grant and 10.00 paid in, only the last goes back.
      """
      2027-01-01 total 310.00 open 0.00
      \(january)
      2027-01-31 total -10.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        recurring silver 2027-01-01/2027-01-31 30/31 300.00
      credit 60.00
      refunds due 10.00
      """),
    PreviewStory(
      "a credit on a paid invoice takes it off the invoice and leaves it to use",
      [silver, "2027-01-02 payment amount=310", "2027-01-05 credit amount=60 invoice=2027-01-01"], asOf: "2027-02-01",
      """
      2027-01-01 total 250.00 open 0.00
      \(january)
        adjustment -60.00
      2027-02-01 total 310.00 open 250.00
        recurring silver 2027-02-01/2027-03-01 1 310.00
      """),
    PreviewStory(
      "an adjustment lowers what is to pay first, and the rest is credit",
      [silver, "2027-01-02 payment amount=300", "2027-01-05 adjust amount=60 invoice=2027-01-01"], asOf: "2027-01-31",
      """
      2027-01-01 total 250.00 open 0.00
      \(january)
        adjustment -60.00
      credit 50.00
      """),
    // All of January would be taken back, of which 60.00 were adjusted.
    PreviewStory(
      "a cancellation gives back what was paid less what was adjusted",
      [
        silver, "2027-01-02 payment amount=310", "2027-01-05 adjust amount=60 invoice=2027-01-01",
        "2027-01-05 refund amount=60", "2027-01-01 cancel knownOn=2027-01-20",
      ], asOf: "2027-01-31",
      """
      2027-01-01 total 250.00 open 0.00
      \(january)
        adjustment -60.00
      2027-01-20 total -250.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        adjustment adjusted before 60.00
      credit 250.00
      refunds due 250.00
      """),
    PreviewStory(
      "a refund without an adjustment leaves the invoice to pay again",
      [silver, "2027-01-02 payment amount=310", "2027-01-05 refund amount=100 invoice=2027-01-01"], asOf: "2027-01-31",
      """
      2027-01-01 total 310.00 open 100.00
      \(january)
      """),
    PreviewStory(
      "a refund with an adjustment leaves nothing to pay",
      [
        silver, "2027-01-02 payment amount=310", "2027-01-05 refund amount=100 invoice=2027-01-01 adjust=true",
      ], asOf: "2027-01-31",
      """
      2027-01-01 total 210.00 open 0.00
      \(january)
        adjustment -100.00
      """),
    PreviewStory(
      "a charge from outside is an invoice of its day",
      [silver, "2027-01-10 charge amount=25 name=returned-check"], asOf: "2027-01-31",
      """
      2027-01-01 total 310.00 open 310.00
      \(january)
      2027-01-10 total 25.00 open 25.00
        charge returned-check 25.00
      """),
    PreviewStory(
      "what is void is billed anew, with what was paid for it",
      [silver, "2027-01-02 payment amount=100", "2027-01-10 void invoice=2027-01-01"], asOf: "2027-01-31",
      """
      2027-01-01 total 0.00 open 0.00
      \(january)
        void -310.00
      2027-01-10 total 310.00 open 210.00
      \(january)
      """),
    PreviewStory(
      "what is written off is not owed", [silver, "2027-01-20 writeOff invoice=2027-01-01"], asOf: "2027-01-31",
      """
      2027-01-01 total 0.00 open 0.00
      \(january)
        writeOff -310.00
      """),
    // 160.00 would come back, all of which was written off.
    PreviewStory(
      "what was written off is not credited when coverage turns out shorter",
      [silver, "2027-01-20 writeOff invoice=2027-01-01", "2027-01-16 cancel knownOn=2027-01-25"], asOf: "2027-01-31",
      """
      2027-01-01 total 0.00 open 0.00
      \(january)
        writeOff -310.00
      2027-01-25 total 0.00 open 0.00
        recurring silver 2027-01-01/2027-02-01 1 -310.00
        recurring silver 2027-01-01/2027-01-16 15/31 150.00
        adjustment adjusted before 160.00
      """),
  ]
}
