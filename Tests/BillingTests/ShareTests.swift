import Kernel
import Runtime
import Testing

@testable import Billing

private let january = day("2027-01-01")
private let march = day("2027-03-01")
let acme = ID<PartyTag>(hi: 0x0190_0000_0000_7000, lo: 1 << 63 | 0xACE)
let tribe = ID<PartyTag>(hi: 0x0190_0000_0000_7000, lo: 1 << 63 | 0x7B)
let mother = ID<PartyTag>(hi: 0x0190_0000_0000_7000, lo: 1 << 63 | 0x40)

func employer(_ percent: Int64) -> Share { Share(payer: acme, kind: .employer, size: .share(Ratio(percent, 100))) }

extension Story {
  @discardableResult
  mutating func share(
    _ shares: [Share], from: CalendarDate = january, to: CalendarDate? = nil, currency: Currency? = nil,
    on day: CalendarDate
  ) throws(Account.Refusal) -> [Account.Event] {
    try when(.share(SharesOrder(from: from, to: to, shares: shares, reason: "test"), currency: currency, on: day))
  }
}

/// January is paid at 310.00 and nothing else is billed.
private func given(_ charge: Charge = silver) throws -> Story {
  try Story.active(BillingTimeline(charge, from: january), on: january)
}

@Suite struct `What other payers pay` {
  @Test func `an employer pays half, and the member the rest`() throws {
    var story = try given()
    try story.share([employer(50)], on: day("2026-12-26"))
    #expect(story.billed(january) == ["premium 31000", "contribution \(acme) -15500"])
    #expect(story.state.creditCents == 15_500)
    try story.bill(through: day("2027-01-25"))
    #expect(story.member(months: 2) == [15_500, 15_500])
    #expect(story.state.receivableCents == 0)
  }

  @Test func `an amount a month is prorated, and is for its own days alone`() throws {
    var story = try given()
    let share = Share(payer: acme, kind: .employer, size: .fixed(10_000))
    try story.share([share], from: day("2027-01-15"), on: day("2026-12-26"))
    #expect(story.billed(january) == ["premium 14000", "premium 17000", "contribution \(acme) -5484"])
  }

  @Test func `the parts of an amount in one month sum to it`() throws {
    var story = try given()
    try story.share([Share(payer: acme, kind: .employer, size: .fixed(10_000))], on: day("2026-12-26"))
    var timeline = BillingTimeline(silver, from: january)
    timeline.set(gold, from: day("2027-01-15"), to: nil)
    try story.when(.change(timeline, on: day("2026-12-27")))
    #expect(
      story.billed(january) == [
        "premium 14000", "contribution \(acme) -4516", "premium 25500", "contribution \(acme) -5484",
      ])
  }

  @Test func `shares are taken in their order, and no more than is left to pay`() throws {
    var story = try given()
    try story.share(
      [
        Share(payer: tribe, kind: .program, size: .fixed(5_000)), employer(50),
        Share(payer: mother, kind: .person, size: .share(Ratio(1, 2))),
      ], on: day("2026-12-26"))
    #expect(
      story.billed(january) == [
        "premium 31000", "contribution \(tribe) -5000", "contribution \(acme) -15500", "contribution \(mother) -10500",
      ])
    #expect(story.state.billed.lines(in: january).memberCents == 0)
  }

  @Test func `three thirds are the whole, to the cent`() throws {
    var story = try given(Charge(plan: "silver", grossCents: 10_001, aptcCents: 0))
    let third = Size.share(Ratio(1, 3))
    try story.share(
      [
        Share(payer: acme, kind: .employer, size: third), Share(payer: tribe, kind: .program, size: third),
        Share(payer: mother, kind: .person, size: third),
      ], on: day("2026-12-26"))
    #expect(
      story.billed(january) == [
        "premium 10001", "contribution \(acme) -3334", "contribution \(tribe) -3333", "contribution \(mother) -3334",
      ])
  }

  @Test func `shares that change in the middle of the year, back-dated, bill the difference`() throws {
    var story = try given()
    try story.share([employer(50)], on: day("2026-12-26"))
    try story.bill(through: day("2027-03-25"))
    try story.share([employer(25)], from: march, on: day("2027-03-25"))
    #expect(story.member(months: 4) == [15_500, 15_500, 23_250, 23_250])
    #expect(story.statuses(march) == ["void", "issued"])
    try story.share([employer(100)], from: march, to: day("2027-04-01"), on: day("2027-03-26"))
    #expect(story.member(months: 4) == [15_500, 15_500, 0, 23_250])
    try story.share([], from: march, on: day("2027-03-26"))
    #expect(story.member(months: 4) == [15_500, 15_500, 31_000, 31_000])
  }

  @Test func `one payer in the place of another changes nothing for the member`() throws {
    var story = try given()
    try story.share([employer(50)], on: day("2026-12-26"))
    let before = story.state
    try story.share([Share(payer: mother, kind: .person, size: .share(Ratio(1, 2)))], on: day("2026-12-27"))
    #expect(story.billed(january) == ["premium 31000", "contribution \(mother) -15500"])
    #expect(story.state.creditCents == before.creditCents)
    #expect(story.lines.memberCents == 15_500)
  }

  @Test func `a policy that ends takes its days off both`() throws {
    var story = try given()
    try story.share([employer(50)], on: day("2026-12-26"))
    try story.when(.change(BillingTimeline(silver, from: january, to: day("2027-01-20")), on: day("2027-01-10")))
    #expect(story.billed(january) == ["premium 19000", "contribution \(acme) -9500"])
  }

  @Test func `it is of what discounts, levies and add-ons leave`() throws {
    let charge = Charge(
      plan: "silver", grossCents: 30_000, aptcCents: 0, addOns: [Charge.AddOn(plan: "dental", cents: 2_000)])
    var story = try given(charge)
    try story.grant(discount("WELCOME"), on: day("2026-12-26"))
    try story.share([employer(50)], on: day("2026-12-26"))
    #expect(
      story.billed(january) == [
        "premium 30000", "discount WELCOME -3000", "premium 2000", "contribution \(acme) -14500",
      ])
  }

  @Test func `a tax credit that is granted later takes the place of the employer's share, and not of a program's`()
    throws
  {
    var story = try given()
    let program = Share(payer: tribe, kind: .program, size: .share(.one))
    try story.share([employer(50)], on: day("2026-12-26"))
    try story.when(.change(BillingTimeline(subsidised, from: january), on: day("2026-12-27")))
    #expect(story.billed(january) == ["premium 31000", "subsidy -12400"])
    try story.share([program], on: day("2026-12-27"))
    #expect(story.billed(january) == ["premium 31000", "subsidy -12400", "contribution \(tribe) -18600"])
  }

  @Test func `an account without shares is stored as if there were none`() throws {
    var story = try given()
    let before = story.state
    try story.share([employer(50)], from: day("2028-01-01"), on: day("2026-12-26"))
    #expect(story.state != before)
    let stored = try Account.stateForm.read(Account.stateForm.write(story.state))
    #expect(stored == story.state)
    try story.share([], from: day("2028-01-01"), on: day("2026-12-26"))
    #expect(story.state == before)
    #expect(try story.share([], on: day("2026-12-26")) == [])
  }
}

@Suite struct `A share is refused` {
  private static let half = employer(50)

  @Test(
    arguments: [
      ("billing.same_payer", [half, half], nil, silver, january),
      ("billing.too_many_shares", Array(repeating: half, count: 11), nil, silver, january),
      (
        "billing.shares_above_whole", [half, Share(payer: mother, kind: .person, size: .share(Ratio(51, 100)))], nil,
        silver, january
      ),
      ("billing.share_currency", [half], Currency("EUR"), silver, january),
      ("billing.share_beside_tax_credit", [half], nil, subsidised, january),
      ("billing.closed_months", [half], nil, silver, day("2020-01-01")),
    ] as [(String, [Share], Currency?, Charge, CalendarDate)])
  func `with its rule, and nothing is changed`(
    _ code: String, _ shares: [Share], _ currency: Currency?, _ charge: Charge, _ from: CalendarDate
  ) throws {
    var story = try given(charge)
    let before = story.state
    let refusal = #expect(throws: Account.Refusal.self) {
      try story.share(shares, from: from, currency: currency, on: day("2026-12-26"))
    }
    #expect(refusal?.problem.code == code)
    #expect(story.state == before)
  }

  @Test func `before there is an account`() {
    var story = Story()
    #expect(throws: Account.Refusal.notOpened) { try story.share([employer(50)], on: january) }
  }
}

/// Whatever happens to a policy and to who pays for it, in whatever order.
@Suite struct SharePropertyTests {
  @Test(arguments: 1...120)
  func `what payers and the member owe is what the policy costs, and nobody owes less than nothing`(_ seed: UInt64)
    throws
  {
    var random = SplitMix64(seed: seed)
    var timeline = BillingTimeline(charge(&random), from: january)
    var (today, story) = (day("2026-12-15"), Story())
    var paid: Int64 = 0
    try story.when(.open(Given.opening(timeline), on: today))
    try story.when(.start(timeline, on: today))
    for _ in 0..<40 {
      today = today.adding(days: .random(in: 0..<25, using: &random))
      do throws(Account.Refusal) {
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: try share(&story, today, &random)
        case 2:
          let from = max(january, today.adding(days: .random(in: -90..<60, using: &random)))
          timeline.set(charge(&random), from: from, to: nil)
          try story.when(.change(timeline, on: today))
        case 3:
          let cents = Int64.random(in: 1..<60_000, using: &random)
          try story.when(.applyPayment(Given.payment, Money(cents: cents), invoice: nil, on: today))
          paid += cents
        default: try story.when(.bill(asOf: today, draft: false))
        }
      } catch {
        #expect(["billing.closed_months", "billing.share_beside_tax_credit"].contains(error.problem.code))
      }
      try check(story, paid)
    }
  }

  private func check(_ story: Story, _ paid: Int64) throws {
    let state = story.state
    #expect(state.timeline == state.pricing.price(state.timeline.bare))
    #expect(story.lines.memberCents == state.receivableCents - state.creditCents + paid)
    for month in MonthSequence(from: january, to: state.billedThrough) {
      let lines = state.billed.lines(in: month)
      #expect(lines.memberCents >= 0)
      #expect(lines.allSatisfy { $0.kind != .contribution || $0.cents < 0 })
      #expect(lines.filter { $0.kind != .contribution }.memberCents == state.billed.bare.lines(in: month).memberCents)
    }
    let stored = try Account.stateForm.read(Account.stateForm.write(state))
    #expect(stored == state)
    for event in story.events.suffix(3) {
      #expect(try Account.eventForm.read(Account.eventForm.write(event)) == event)
    }
  }

  private func share(
    _ story: inout Story, _ today: CalendarDate, _ random: inout SplitMix64
  ) throws(Account.Refusal) {
    var (left, shares): (Int64, [Share]) = (100, [])
    for (payer, kind) in [(acme, Share.Kind.employer), (tribe, .program), (mother, .person)] {
      guard left > 0, Bool.random(using: &random) else { continue }
      let percent = Int64.random(in: 1...left, using: &random)
      let isFixed = Bool.random(using: &random)
      if !isFixed { left -= percent }
      let size: Size = isFixed ? .fixed(.random(in: 1..<30_000, using: &random)) : .share(Ratio(percent, 100))
      shares.append(Share(payer: payer, kind: kind, size: size))
    }
    let from = today.adding(days: .random(in: -90..<60, using: &random))
    let to = Bool.random(using: &random) ? from.adding(days: .random(in: 1..<200, using: &random)) : nil
    try story.share(shares, from: from, to: to, on: today)
  }

  private func charge(_ random: inout SplitMix64) -> Charge {
    Charge(
      plan: ["bronze", "silver", "gold"].randomElement(using: &random) ?? "gold",
      grossCents: .random(in: 10_000..<50_000, using: &random),
      aptcCents: Bool.random(using: &random) ? 0 : .random(in: 0..<30_000, using: &random))
  }
}
