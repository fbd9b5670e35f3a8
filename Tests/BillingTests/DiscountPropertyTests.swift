import Kernel
import Runtime
import Testing

@testable import Billing

/// Whatever happens to a policy and to its discounts, in whatever order.
@Suite struct DiscountPropertyTests {
  private static let start = day("2027-01-01")

  @Test(arguments: 1...120)
  func `no bill is ever below zero, no budget is overspent, and what is billed is what should be`(_ seed: UInt64) throws
  {
    var random = SplitMix64(seed: seed)
    var timeline = BillingTimeline(charge(&random), from: Self.start)
    var today = day("2026-12-15")
    var story = Story()
    var paid: Int64 = 0
    try story.when(.open(Given.opening(timeline), levied: levied(&random), on: today))
    try story.when(.start(timeline, on: today))
    for step in 0..<40 {
      today = today.adding(days: .random(in: 0..<25, using: &random))
      switch Int.random(in: 0..<8, using: &random) {
      case 0, 1: grant("D\(step)", &story, today, &random)
      case 2: end(&story, today, &random)
      case 3:
        timeline = changed(timeline, near: today, &random)
        do { try story.when(.change(timeline, on: today)) } catch {
          #expect(error.problem.code == "billing.closed_months")
        }
      case 4:
        let cents = Int64.random(in: 1..<60_000, using: &random)
        try story.when(.applyPayment(Given.payment, Money(cents: cents), invoice: nil, on: today))
        paid += cents
      case 5: try story.when(.bill(asOf: today, draft: false, levied: levied(&random)))
      default: try story.when(.bill(asOf: today, draft: false))
      }
      try check(story, paid)
    }
  }

  private func check(_ story: Story, _ paid: Int64) throws {
    let state = story.state
    #expect(state.timeline == state.pricing.price(state.timeline.bare))
    #expect(story.lines.memberCents == state.receivableCents - state.creditCents + paid)
    #expect(state.open.allSatisfy { $0.totalCents >= 0 && $0.openCents >= 0 && $0.paidCents >= 0 })
    for month in MonthSequence(from: Self.start, to: state.billedThrough) {
      #expect(state.billed.lines(in: month).memberCents >= 0)
    }
    for grant in state.pricing.grants {
      let taken = state.takenCents(by: grant)
      #expect(taken >= 0)
      if let budget = grant.discount.budgetCents { #expect(taken <= budget) }
    }
    let stored = try Account.stateForm.read(Account.stateForm.write(state))
    #expect(stored == state)
    for event in story.events.suffix(3) {
      #expect(try Account.eventForm.read(Account.eventForm.write(event)) == event)
    }
  }

  private func grant(_ code: String, _ story: inout Story, _ today: CalendarDate, _ random: inout SplitMix64) {
    let from = today.adding(days: .random(in: -60..<60, using: &random))
    let size: Size =
      Bool.random(using: &random)
      ? .fixed(.random(in: 1..<30_000, using: &random)) : .share(Ratio(.random(in: 1...100, using: &random), 100))
    let grant = discount(
      code, size, from: from, to: Bool.random(using: &random) ? from.adding(days: 100) : nil,
      plans: Bool.random(using: &random) ? ["gold", "silver"] : nil,
      months: Bool.random(using: &random) ? Int.random(in: 1...5, using: &random) : nil,
      budget: Bool.random(using: &random) ? Int64.random(in: 1..<40_000, using: &random) : nil)
    do {
      try story.grant(grant, on: today)
    } catch {
      #expect(error is Account.Refusal)
    }
  }

  private func end(_ story: inout Story, _ today: CalendarDate, _ random: inout SplitMix64) {
    guard let grant = story.state.pricing.grants.randomElement(using: &random) else { return }
    let day = today.adding(days: .random(in: -60..<30, using: &random))
    do throws(Account.Refusal) {
      try story.when(.discount(.end(code: grant.code, on: day, reason: "test"), on: today))
    } catch {
      #expect(["billing.discount_over", "billing.closed_months"].contains(error.problem.code))
    }
  }

  private func levied(_ random: inout SplitMix64) -> Levied {
    guard Bool.random(using: &random) else { return Levied() }
    let tax = Levy(kind: .tax, name: "Tax", size: .share(Ratio(.random(in: 1...50, using: &random), 1_000)))
    let fee = Levy(kind: .fee, name: "Fee", size: .fixed(300), scope: Scope(from: day("2027-04-10")))
    return Levied(levies: [tax, fee], rules: ["tax@1", "fee@1"])
  }

  private func charge(_ random: inout SplitMix64) -> Charge {
    Charge(
      plan: ["bronze", "silver", "gold"].randomElement(using: &random) ?? "gold",
      grossCents: .random(in: 10_000..<50_000, using: &random), aptcCents: .random(in: 0..<30_000, using: &random))
  }

  private func changed(
    _ timeline: BillingTimeline, near today: CalendarDate, _ random: inout SplitMix64
  ) -> BillingTimeline {
    var timeline = timeline
    let from = max(Self.start, today.adding(days: .random(in: -120..<60, using: &random)))
    if Int.random(in: 0..<4, using: &random) == 0 { return timeline.ending(on: from) }
    let days = Int.random(in: 1..<200, using: &random)
    timeline.set(charge(&random), from: from, to: Bool.random(using: &random) ? nil : from.adding(days: days))
    return timeline
  }
}
