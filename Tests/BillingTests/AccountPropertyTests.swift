import Kernel
import Runtime
import Testing

@testable import Billing

/// Whatever happens to a policy, in whatever order.
@Suite struct AccountPropertyTests {
  @Test(arguments: 1...200) func whatWasBilledIsWhatTheTimelineSays(seed: UInt64) throws {
    try live(seed, pace: 20)
  }

  /// Some five years, in which months are closed.
  @Test(arguments: 1...60) func whatWasBilledForYearsIsWhatTheTimelineSays(seed: UInt64) throws {
    try live(seed, pace: 100)
  }

  /// - Parameter pace: the most days between two happenings.
  private func live(_ seed: UInt64, pace: Int) throws {
    var random = SplitMix64(seed: seed)
    let start = day("2027-01-01").adding(days: .random(in: 0..<60, using: &random))
    var timeline = BillingTimeline(charge(&random), from: start)
    var today = day("2026-12-15")
    var story = Story()
    var paid: Int64 = 0
    try story.when(.open(Given.opening(timeline, schedule(&random, from: start)), on: today))
    for _ in 0..<40 {
      today = today.adding(days: .random(in: 0..<pace, using: &random))
      switch Int.random(in: 0..<9, using: &random) {
      case 0:
        change(&timeline, near: today, &random)
        try story.when(.change(timeline, on: today))
      case 1: try story.when(.start(timeline, on: today))
      case 2, 3:
        let cents = Int64.random(in: 1..<60_000, using: &random)
        try story.when(.applyPayment(Given.payment, Money(cents: cents), invoice: some(&random, story), on: today))
        paid += cents
      case 4:
        // What is closed is no longer taken back.
        let open = story.state.open.filter { $0.key.month >= story.state.closed.through }
        guard let invoice = open.randomElement(using: &random) else { continue }
        try story.when(.void(invoice.key, reason: "test", on: today))
      case 5: try story.when(.bill(asOf: today, draft: true))
      case 6:
        // Where coverage is over, or it is billed like this already, it is refused.
        _ = try? story.when(.reschedule(order(&random, from: start), on: today))
      default: try story.when(.bill(asOf: today, draft: false))
      }
      try check(story, paid)
    }
    try story.when(.bill(asOf: today, draft: false))
    try check(story, paid)
    // A run on the same day again changes nothing, and what is billed is what the last timeline says.
    #expect(try story.when(.bill(asOf: today, draft: false)) == [])
    #expect(Account.nextStep(for: story.state).map { $0 > Instant(date: today) } ?? true)
    #expect(story.state.isInStep)
    let expected = timeline.lines(before: story.state.billedThrough)
    #expect(story.lines.premiumCents == expected.premiumCents)
    #expect(story.lines.subsidyCents == expected.subsidyCents)
  }

  private func check(_ story: Story, _ paid: Int64) throws {
    let state = story.state
    #expect(story.lines.memberCents == state.receivableCents - state.creditCents + paid)
    #expect(state.creditCents >= 0)
    #expect(state.open.allSatisfy { $0.openCents >= 0 && $0.paidCents >= 0 })
    #expect(state.creditCents == 0 || state.receivableCents == 0)
    #expect(Set(state.open.map(\.key.month)).count == state.open.count)
    let stored = try Account.stateForm.read(Account.stateForm.write(state))
    #expect(stored == state)
    for event in story.events.suffix(3) {
      #expect(try Account.eventForm.read(Account.eventForm.write(event)) == event)
    }
  }

  private func charge(_ random: inout SplitMix64) -> Charge {
    Charge(
      plan: ["bronze", "silver", "gold"].randomElement(using: &random) ?? "gold",
      grossCents: .random(in: 10_000..<50_000, using: &random), aptcCents: .random(in: 0..<30_000, using: &random),
      addOns: ["dental", "vision"].filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
        .map { Charge.AddOn(plan: $0, cents: .random(in: 500..<5_000, using: &random)) })
  }

  private func schedule(_ random: inout SplitMix64, from start: CalendarDate) -> PaymentSchedule {
    var schedule = PaymentSchedule(
      timeline: PaymentTimeline.allCases.randomElement(using: &random) ?? .monthly,
      mode: Convention.Mode.allCases.randomElement(using: &random) ?? .advance,
      billingDay: .random(in: 1...31, using: &random))
    schedule.align(
      Convention.Alignment.allCases.randomElement(using: &random) ?? .account, coveredFrom: start, billedFrom: start)
    return schedule
  }

  private func order(_ random: inout SplitMix64, from start: CalendarDate) -> Account.ScheduleOrder {
    let schedule = schedule(&random, from: start)
    let change: Account.ScheduleOrder.Change =
      Bool.random(using: &random)
      ? .billingDay(schedule.billingDay)
      : .timeline(schedule.timeline, mode: schedule.mode, alignment: schedule.alignment, coveredFrom: start)
    return Account.ScheduleOrder(change: change, from: nil, reason: "test")
  }

  private func change(_ timeline: inout BillingTimeline, near today: CalendarDate, _ random: inout SplitMix64) {
    let from = max(day("2027-01-01"), today.adding(days: .random(in: -120..<60, using: &random)))
    if Int.random(in: 0..<3, using: &random) == 0 {
      timeline = timeline.ending(on: from)
    } else {
      let days = Int.random(in: 1..<200, using: &random)
      timeline.set(charge(&random), from: from, to: Bool.random(using: &random) ? nil : from.adding(days: days))
    }
  }

  private func some(_ random: inout SplitMix64, _ story: Story) -> ID<InvoiceTag>? {
    guard Bool.random(using: &random) else { return nil }
    return story.state.open.randomElement(using: &random).map { story.state.id(of: $0.key) }
  }
}
