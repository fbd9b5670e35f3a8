import Kernel
import Runtime
import Testing

@testable import Billing

private let january = day("2027-01-01")
private let february = day("2027-02-01")
private let march = day("2027-03-01")

/// A discount of 10 percent, of an amount, or of another size, from January on.
func discount(
  _ code: String, _ size: Size = .share(Ratio(1, 10)), from: CalendarDate = january, to: CalendarDate? = nil,
  plans: Set<String>? = nil, months: Int? = nil, budget: Int64? = nil
) -> Grant {
  Grant(
    Discount(
      name: code, size: size, scope: Scope(plans: plans, from: from, to: to), periods: months, budgetCents: budget))
}

extension Story {
  mutating func grant(_ grant: Grant, on day: CalendarDate) throws {
    try when(.discount(.grant(grant, currency: nil, reason: "test"), on: day))
  }

  /// The lines of what is billed for a month, as `discount WELCOME -31.00`.
  func billed(_ month: CalendarDate) -> [String] {
    state.billed.lines(in: month).map { line in
      [line.kind.word, line.name, "\(line.cents)"].filter { !$0.isEmpty }.joined(separator: " ")
    }
  }

  /// What is billed to the member for the first months of 2027.
  func member(months: Int) -> [Int64] {
    (0..<months).map { state.billed.lines(in: january.adding(months: $0)).memberCents }
  }

  mutating func bill(through day: CalendarDate) throws { try when(.bill(asOf: day, draft: false)) }
}

/// January is paid at 310.00 and nothing else is billed.
private func given(_ charge: Charge = silver) throws -> Story {
  try Story.active(BillingTimeline(charge, from: january), on: january)
}

@Suite struct `What a discount takes off` {
  @Test func `a percentage is taken of what those before it left, and the tax credit pays no more than the rest`()
    throws
  {
    var story = try given(Charge(plan: "silver", grossCents: 31_000, aptcCents: 28_000))
    try story.grant(discount("LOYAL", .fixed(1_000)), on: day("2026-12-26"))
    try story.grant(discount("WELCOME"), on: day("2026-12-26"))
    #expect(
      story.billed(january) == ["premium 31000", "discount LOYAL -1000", "discount WELCOME -3000", "subsidy -27000"])
    #expect(story.state.billed.lines(in: january).memberCents == 0)
  }

  @Test func `one that is granted afterwards corrects what was billed, and what was paid is credit`() throws {
    var story = try given()
    try story.grant(discount("WELCOME"), on: day("2027-01-05"))
    #expect(story.billed(january) == ["premium 31000", "discount WELCOME -3100"])
    #expect(story.state.creditCents == 3_100)
    try story.bill(through: day("2027-01-25"))
    #expect(story.state.receivableCents == 27_900 - 3_100)
  }

  @Test func `one for some days of a month is prorated with the premium`() throws {
    var story = try given()
    try story.grant(discount("HALF", from: day("2027-01-15")), on: day("2026-12-26"))
    #expect(story.billed(january) == ["premium 14000", "premium 17000", "discount HALF -1700"])
  }

  @Test func `one for a plan lowers the days of that plan alone`() throws {
    var story = try given()
    try story.grant(discount("GOLD", plans: ["gold"]), on: day("2026-12-26"))
    #expect(story.billed(january) == ["premium 31000"])
    var timeline = BillingTimeline(silver, from: january)
    timeline.set(gold, from: day("2027-01-15"), to: nil)
    try story.when(.change(timeline, on: day("2027-01-14")))
    #expect(story.billed(january) == ["premium 14000", "premium 25500", "discount GOLD -2550"])
  }

  @Test func `one for two months lowers another where one of them is no longer covered`() throws {
    var story = try given()
    try story.grant(discount("TWO", months: 2), on: day("2026-12-26"))
    try story.bill(through: day("2027-03-25"))
    #expect(story.member(months: 4) == [27_900, 27_900, 31_000, 31_000])
    var paused = BillingTimeline(silver, from: january, to: february)
    paused.set(silver, from: march, to: nil)
    try story.when(.change(paused, on: day("2027-03-25")))
    #expect(story.member(months: 4) == [27_900, 0, 27_900, 31_000])
  }

  @Test func `a budget is used up within an amount, and a corrected month gives back what it took`() throws {
    var story = try given()
    try story.grant(discount("FIFTY", .fixed(3_000), budget: 5_000), on: day("2026-12-26"))
    try story.bill(through: day("2027-02-25"))
    #expect(story.member(months: 3) == [28_000, 29_000, 31_000])
    // From the middle of January on: 17 of 31 days of 30.00 are 16.45, so March takes what is left.
    try story.when(.change(BillingTimeline(silver, from: day("2027-01-15")), on: day("2027-02-25")))
    #expect(story.member(months: 3) == [17_000 - 1_645, 28_000, 31_000 - 355])
    #expect(story.state.pricing.grants.map { story.state.takenCents(by: $0) } == [5_000])
  }

  @Test func `a plan that turns out cheaper than its discount costs nothing, and no less`() throws {
    var story = try given()
    try story.grant(discount("BIG", .fixed(25_000)), on: day("2026-12-26"))
    let cheap = Charge(plan: "bronze", grossCents: 20_000, aptcCents: 12_000)
    try story.when(.change(BillingTimeline(cheap, from: january), on: day("2026-12-27")))
    #expect(story.billed(january) == ["premium 20000", "discount BIG -20000"])
    #expect(story.state.creditCents == 31_000)
  }

  @Test func `one that ends is billed no more, and one that ends on its first day never was`() throws {
    var story = try given()
    try story.grant(discount("WELCOME"), on: day("2026-12-26"))
    try story.bill(through: day("2027-02-25"))
    try story.when(.discount(.end(code: "WELCOME", on: march, reason: "test"), on: day("2027-02-25")))
    #expect(story.member(months: 3) == [27_900, 27_900, 31_000])
    try story.when(.discount(.end(code: "WELCOME", on: january, reason: "by mistake"), on: day("2027-02-26")))
    #expect(story.member(months: 3) == [31_000, 31_000, 31_000])
    try story.grant(discount("WELCOME", .fixed(100)), on: day("2027-02-26"))
    #expect(story.member(months: 3) == [30_900, 30_900, 30_900])
  }

  @Test func `what it took in closed months still counts`() throws {
    var story = try given()
    try story.grant(discount("LONG", .fixed(1_000), months: 20), on: day("2026-12-26"))
    try story.bill(through: day("2028-12-25"))
    #expect(story.state.closed.through > january)
    #expect(story.state.pricing.grants.map { story.state.takenCents(by: $0) } == [20_000])
    // The same timeline as ever is said again.
    let events = try story.when(.change(BillingTimeline(silver, from: january), on: day("2028-12-25")))
    #expect(events == [])
  }

  @Test func `an account without discounts is stored as if there were none`() throws {
    let state = try given().state
    let text = String(decoding: Account.stateForm.write(state), as: UTF8.self)
    #expect(text.hasSuffix("|0|0|"))
    #expect(text.contains("|1|\(january.dayNumber)|\(CalendarDate.latest.dayNumber)|silver||31000|0|"))
  }
}

@Suite struct `Discounts that are refused` {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let command: Discounting.Command
    let refusal: Account.Refusal
    let code: String
  }

  static func grant(_ grant: Grant, in currency: Currency? = nil) -> Discounting.Command {
    .grant(grant, currency: currency, reason: "test")
  }

  static let rows: [Row] = [
    Row(
      testDescription: "an amount above the price", command: grant(discount("BIG", .fixed(31_001))),
      refusal: .discount(.negativeAmount("BIG", plan: "silver", cents: 31_001, leftCents: 30_900)),
      code: "billing.negative_amount"),
    Row(
      testDescription: "an amount above what another left", command: grant(discount("MORE", .fixed(30_901))),
      refusal: .discount(.negativeAmount("MORE", plan: "silver", cents: 30_901, leftCents: 30_900)),
      code: "billing.negative_amount"),
    Row(
      testDescription: "another currency", command: grant(discount("EURO", .fixed(100)), in: Currency("EUR")),
      refusal: .discount(.otherCurrency("EURO", Currency("EUR") ?? .usd, account: .usd)),
      code: "billing.discount_currency"),
    Row(
      testDescription: "a code twice", command: grant(discount("HAS")), refusal: .discount(.known("HAS")),
      code: "billing.discount_known"),
    Row(
      testDescription: "before what can be corrected", command: grant(discount("OLD", from: day("2024-01-01"))),
      refusal: .closedMonths(Given.policy, before: day("2025-11-01")), code: "billing.closed_months"),
    Row(
      testDescription: "the end of one that is not there", command: .end(code: "NONE", on: march, reason: "test"),
      refusal: .discount(.unknown("NONE")), code: "billing.discount_unknown"),
    Row(
      testDescription: "the end of one that is over", command: .end(code: "HAS", on: day("2028-01-01"), reason: "test"),
      refusal: .discount(.over("HAS", on: day("2028-01-01"))), code: "billing.discount_over"),
  ]

  @Test(arguments: rows) func `are refused by name, and nothing is changed`(_ row: Row) throws {
    var story = try given()
    try story.grant(discount("HAS", .fixed(100), to: day("2028-01-01")), on: day("2026-12-26"))
    let before = story.state
    #expect(throws: row.refusal) { try story.when(.discount(row.command, on: day("2027-01-02"))) }
    #expect(story.state == before)
    #expect(row.refusal.problem.code == row.code)
    #expect(!row.refusal.problem.remedy.isEmpty)
  }

  @Test func `an account has so many and no more`() throws {
    var story = try given()
    for number in 1...Grant.most { try story.grant(discount("D\(number)", .fixed(1)), on: day("2026-12-26")) }
    #expect(throws: Account.Refusal.discount(.tooMany(Grant.most))) {
      try story.grant(discount("D0", .fixed(1)), on: day("2026-12-26"))
    }
  }
}
