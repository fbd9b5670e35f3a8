// Add-ons on the bill: each by its own name and price, none of the tax credit, and nothing kept where there are none.

import Contracts
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

@Suite struct `Add-ons on the bill` {
  private static let dental = Charge.AddOn(plan: "dental", cents: 3_850)
  private static let vision = Charge.AddOn(plan: "vision", cents: 840)

  private static func charge(_ gross: Int64, aptc: Int64 = 0, _ addOns: Charge.AddOn...) -> Charge {
    Charge(plan: "silver", grossCents: gross, aptcCents: aptc, addOns: addOns)
  }

  private static func lines(_ timeline: BillingTimeline, _ month: String) -> [String] {
    LineText.text(of: timeline.lines(in: day(month))).split(separator: "\n").map(String.init)
  }

  @Test func `each has a premium line of its own, by its name`() {
    let timeline = BillingTimeline(Self.charge(31_000, Self.dental, Self.vision), from: day("2027-01-01"))
    #expect(
      Self.lines(timeline, "2027-03-01") == [
        "premium 2027-03-01/2027-04-01 31000 silver", "premium 2027-03-01/2027-04-01 3850 dental",
        "premium 2027-03-01/2027-04-01 840 vision",
      ])
  }

  @Test func `the tax credit is never used for an add-on: it ends with the premium of the plan`() {
    let timeline = BillingTimeline(Self.charge(9_000, aptc: 12_000, Self.dental), from: day("2027-04-16"))
    #expect(
      Self.lines(timeline, "2027-04-01") == [
        "premium 2027-04-16/2027-05-01 4500 silver", "subsidy 2027-04-16/2027-05-01 -4500 silver",
        "premium 2027-04-16/2027-05-01 1925 dental",
      ])
    let lines = timeline.lines(in: day("2027-05-01"))
    #expect(lines.memberCents == 3_850 && lines.subsidyCents == 9_000 && lines.premiumCents == 12_850)
  }

  @Test func `one taken within a month is for its days, and one that costs what the plan costs is counted by itself`() {
    var timeline = BillingTimeline(Self.charge(31_000), from: day("2027-01-01"))
    timeline.set(Self.charge(31_000, .init(plan: "dental", cents: 31_000)), from: day("2027-04-16"), to: nil)
    #expect(
      Self.lines(timeline, "2027-04-01") == [
        "premium 2027-04-01/2027-04-16 15500 silver", "premium 2027-04-16/2027-05-01 15500 silver",
        "premium 2027-04-16/2027-05-01 15500 dental",
      ])
  }

  @Test func `the parts of a month in which the plan changes sum to the price of the add-on`() {
    var timeline = BillingTimeline(Self.charge(31_000, Self.dental), from: day("2027-01-01"))
    for (index, start) in ["2027-03-04", "2027-03-11", "2027-03-20"].enumerated() {
      timeline.set(Self.charge(40_000 + Int64(index), Self.dental), from: day(start), to: nil)
    }
    let lines = timeline.lines(in: day("2027-03-01")).filter { $0.plan == "dental" }
    #expect(lines.count == 4 && lines.memberCents == 3_850)
  }

  @Test func `an account without any stores nothing of them, and one with some finds them again`() throws {
    func text(_ timeline: BillingTimeline) -> String {
      var cells = CellWriter()
      timeline.write(to: &cells)
      return cells.text
    }
    let (start, end) = (day("2027-01-01"), CalendarDate.latest)
    var timeline = BillingTimeline(Self.charge(31_000, aptc: 100), from: start)
    #expect(text(timeline) == "1|\(start.dayNumber)|\(end.dayNumber)|silver||31000|100|")
    timeline.set(Self.charge(31_000, Self.dental, Self.vision), from: day("2027-03-01"), to: nil)
    var cells = CellReader(text(timeline))
    #expect(try BillingTimeline(from: &cells) == timeline)
  }

  /// A policy with dental, or without it from a day on.
  private static func policy(droppedOn day: String? = nil) -> Premia_Policy_V1_Policy {
    var policy = snapshot(1, from: "2027-01-01", gross: 31_000, aptc: 40_000)
    policy.premium[0].addOns = [
      .with {
        ($0.planID, $0.planName, $0.kind) = ("dental", "Prairie Dental", .dental)
        $0.monthly.cents = 3_850
      }
    ]
    if let day {
      policy.premium.append(policy.premium[0])
      policy.premium[0].to = day
      policy.premium[1].from = day
      policy.premium[1].addOns = []
    }
    return policy
  }

  private func expectBalanced(_ world: World) async throws {
    let owed = try await world.total("premium_billed") - world.total("exchange_receivable")
    let open = try await world.total("receivable") - world.total("credit")
    #expect(owed - open == (try await world.total("payments_applied")))
    #expect(try await world.mismatches() == [])
    #expect(try await world.letters() == [])
  }

  @Test func `dental that is dropped within a paid month comes back as credit, and later months are without it`()
    async throws
  {
    let world = World("2026-12-20")
    try await world.say("Policy.Bound", of: Self.policy())
    // The plan is paid by the exchange in full; the add-on by the member.
    #expect(try await world.total("receivable") == 3_850)
    try await world.pay(1, 3_850, for: Self.policy().policyID)
    try await world.say("Policy.Issued", of: Self.policy())
    try await world.live(until: "2027-01-10")
    try await world.say("Policy.Endorsed", of: Self.policy(droppedOn: "2027-01-17"))
    // 16 of January's 31 days of $38.50: 19.87 used, 18.63 back.
    #expect(try await world.total("credit") == 1_863)
    try await world.live(until: "2027-01-25")
    let invoices = try await world.invoices(Self.policy().policyID)
    #expect(invoices.map { $0.lines.map(\.planID) }.last == ["silver", "silver"])
    #expect(invoices.last?.total.cents == 0)
    try await expectBalanced(world)
  }

  @Test func `an add-on that Billing cannot name or that is in another currency is refused`() {
    var barred = Self.policy()
    barred.premium[0].addOns[0].planID = "den|tal"
    #expect(throws: Problem.self) { try Snapshot(barred) }
    var foreign = Self.policy()
    foreign.premium[0].addOns[0].monthly.currency = "EUR"
    #expect(throws: Problem.self) { try Snapshot(foreign) }
  }
}
