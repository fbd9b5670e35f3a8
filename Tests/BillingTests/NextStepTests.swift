import Contracts
import Kernel
import Runtime
import Testing

@testable import Billing

private let january = day("2027-01-01")

@Suite struct `Every account has one next step and its date` {
  @Test func `debt without a policy to lose is put before a person, again and again until it is settled`() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.bill(asOf: day("2027-01-22"), draft: false))
    try story.when(.change(BillingTimeline(silver, from: january, to: day("2027-02-15")), on: day("2027-02-01")))
    try story.when(.bill(asOf: day("2027-03-01"), draft: false))
    #expect(story.state.next?.on == day("2027-02-02").adding(days: 90))
    let events = try story.when(.bill(asOf: day("2027-05-10"), draft: false))
    #expect(
      events == [
        .dunned(
          .referred(
            .init(
              balance: .debt, cents: 15_500, on: day("2027-05-10"), againOn: day("2027-08-08"),
              rule: "referral-debt@1")))
      ])
    #expect(try story.when(.bill(asOf: day("2027-05-11"), draft: false)) == [])
    #expect(story.state.next?.on == day("2027-08-08"))
    let february = Account.InvoiceKey(month: day("2027-02-01"), sequence: 1)
    try story.when(.writeOff(february, reason: "uncollectible", on: day("2027-08-09")))
    #expect(story.state.isClosed(on: day("2027-08-09")) && story.state.next == nil)
  }

  @Test func `credit of an ended account is to be refunded, and then it is closed`() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.change(BillingTimeline(silver, from: january, to: day("2027-01-16")), on: day("2027-01-20")))
    #expect(story.state.next?.on == day("2027-02-15"))
    #expect(!story.state.isClosed(on: day("2027-01-20")))
    let events = try story.when(.bill(asOf: day("2027-02-15"), draft: false))
    guard case .dunned(.referred(let referral))? = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(referral.balance == .credit && referral.againOn == day("2027-03-17"))
    let order = Account.RefundOrder(
      id: ID(hi: 1, lo: 1), payee: .named("Estate of Ana Ruiz"), cents: story.state.creditCents, invoice: nil,
      adjusting: false, reason: "death")
    try story.when(.refund(order, on: day("2027-02-16")))
    #expect(story.state.isClosed(on: day("2027-02-16")) && story.state.visibleNext(on: day("2027-02-16")) == nil)
  }

  @Test func `a policy in force that ends next month is not closed: it waits for its end`() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.change(BillingTimeline(silver, from: january, to: day("2027-02-01")), on: day("2027-01-10")))
    #expect(!story.state.isClosed(on: day("2027-01-31")) && story.state.isClosed(on: day("2027-02-01")))
    let next = story.state.visibleNext(on: day("2027-01-10"))
    #expect(next?.step == .close && next?.on == day("2027-02-01"))
    #expect(story.state.next == nil, "nothing is done by itself")
  }

  @Test func `a policy whose binder is paid waits to be issued`() throws {
    var story = Story()
    try story.when(.open(Given.opening(BillingTimeline(silver, from: january)), on: day("2026-12-15")))
    try story.pay(31_000, on: day("2026-12-20"))
    let next = story.state.visibleNext(on: day("2026-12-20"))
    #expect(next?.step == .start && next?.on == january)
  }

  /// Whatever happens, an account that is not closed says what comes next.
  @Test(arguments: 1...150) func `whatever happened to it`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var timeline = BillingTimeline(silver, from: january)
    var today = day("2026-12-15")
    var story = Story()
    try story.when(.open(Given.opening(timeline), on: today))
    for _ in 0..<30 {
      today = today.adding(days: .random(in: 1..<40, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: try story.pay(.random(in: 1..<70_000, using: &random), on: today)
      case 1: try story.when(.start(timeline, on: today))
      case 2:
        let end = today.adding(days: .random(in: -20..<60, using: &random))
        timeline = Bool.random(using: &random) ? timeline.ending(on: end) : BillingTimeline(silver, from: january)
        _ = try? story.when(.change(timeline, on: today))
      default: break
      }
      try story.when(.bill(asOf: today, draft: false))
      let next = story.state.visibleNext(on: today)
      #expect((next == nil) == story.state.isClosed(on: today), "\(today) \(story.state)")
      if let automatic = story.state.next { #expect(automatic.on > today) }
    }
  }
}
