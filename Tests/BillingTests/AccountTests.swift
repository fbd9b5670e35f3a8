import Kernel
import Testing

@testable import Billing

private let january = day("2027-01-01")
private let february = day("2027-02-01")
private let march = day("2027-03-01")

@Suite struct AccountTests {
  @Test func bindingIssuesTheBinderForTheFirstMonth() throws {
    var story = Story()
    let timeline = BillingTimeline(subsidised, from: day("2027-01-15"))
    let opening = Given.opening(timeline)
    let events = try story.when(.open(opening, on: day("2026-12-10")))
    let issue = Account.Issue(
      key: .init(month: january, sequence: 1), binder: true, issuedOn: day("2026-12-10"), dueOn: day("2027-01-15"),
      lines: timeline.lines(in: january))
    #expect(events == [.opened(opening), .issued(issue)])
    #expect(story.state.receivableCents == 17_000 - 6_800)
  }

  @Test func aBinderForCoverageThatHasBegunIsDueAtOnceAndPastDueAfterThirtyDays() throws {
    var story = Story()
    try story.when(.open(Given.opening(BillingTimeline(silver, from: january)), on: day("2027-01-05")))
    #expect(story.state.open.map(\.dueOn) == [day("2027-01-05")])
    #expect(try story.when(.bill(asOf: day("2027-02-04"), draft: false)) == [])
    let lapse = Dunning.Lapse(
      on: day("2027-02-05"), terminateOn: january, owedCents: 31_000, subsidyCents: 0, reinstatableThrough: nil,
      rule: "binder_deadline@1")
    #expect(
      try story.when(.bill(asOf: day("2027-02-05"), draft: false))
        == [.pastDue(.init(month: january, sequence: 1)), .dunned(.lapsed(lapse))])
    #expect(try story.when(.bill(asOf: day("2027-03-05"), draft: false)) == [])
  }

  @Test func aPolicyThatWasNotIssuedIsBilledItsBinderOnly() throws {
    var story = Story()
    try story.when(.open(Given.opening(BillingTimeline(silver, from: january)), on: day("2026-12-10")))
    try story.when(.bill(asOf: day("2027-06-01"), draft: false))
    #expect(story.state.billedThrough == february)
  }

  @Test func aFreePolicyIsPaidByItself() throws {
    var story = Story()
    let free = Charge(plan: "bronze", grossCents: 20_000, aptcCents: 25_000)
    try story.when(.open(Given.opening(BillingTimeline(free, from: january)), on: day("2026-12-10")))
    #expect(story.statuses(january) == ["paid"])
  }

  @Test func aMonthIsIssuedTenDaysBeforeItIsDue() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    #expect(Account.nextStep(for: story.state) == Instant(date: day("2027-01-22")))
    #expect(try story.when(.bill(asOf: day("2027-01-21"), draft: false)) == [])
    try story.when(.bill(asOf: day("2027-01-22"), draft: false))
    #expect(story.state.open.map(\.dueOn) == [february])
    #expect(Account.nextStep(for: story.state) == Instant(date: day("2027-02-02")))
  }

  @Test func anInvoiceThatIsIssuedLateLeavesTenDaysToPay() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.bill(asOf: day("2027-01-28"), draft: false))
    #expect(story.state.open.map(\.dueOn) == [day("2027-02-07")])
  }

  @Test func aBillingDayBeyondTheMonthIsItsLast() throws {
    var story = try Story.active(
      BillingTimeline(silver, from: january), PaymentSchedule(billingDay: 31), on: january)
    try story.when(.bill(asOf: day("2027-02-17"), draft: false))
    #expect(story.state.open == [])
    try story.when(.bill(asOf: day("2027-02-18"), draft: false))
    #expect(story.state.open.map(\.dueOn) == [day("2027-02-28")])
  }

  @Test func paymentsGoToTheOldestFirstAndWhatIsLeftIsCreditForTheNext() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.bill(asOf: day("2027-02-20"), draft: false))
    try story.pay(40_000, on: day("2027-02-20"))
    #expect(story.statuses(february) == ["paid"])
    #expect(story.state.open.map(\.paidCents) == [9_000])
    try story.pay(30_000, on: day("2027-02-21"))
    #expect(story.state.creditCents == 8_000)
    let events = try story.when(.bill(asOf: day("2027-03-22"), draft: false))
    #expect(events.contains(.creditApplied(.init(key: .init(month: day("2027-04-01"), sequence: 1), cents: 8_000))))
    #expect(story.state.creditCents == 0)
    #expect(story.state.receivableCents == 23_000)
  }

  @Test func aPaymentForAPaidInvoiceIsCredit() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    let paid = story.state.id(of: .init(month: january, sequence: 1))
    let events = try story.when(
      .applyPayment(Given.payment, Money(cents: 5_000), invoice: paid, on: day("2027-01-05")))
    #expect(
      events == [
        .paymentApplied(.init(payment: Given.payment, portions: [], creditCents: 5_000, on: day("2027-01-05")))
      ])
  }

  @Test func aRetroactiveTerminationMakesWhatWasPaidCreditAndVoidsTheRest() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.bill(asOf: day("2027-01-22"), draft: false))
    try story.pay(31_000, on: february)
    try story.when(.bill(asOf: day("2027-02-19"), draft: false))
    try story.when(.change(BillingTimeline(silver, from: january, to: day("2027-02-15")), on: day("2027-02-20")))
    #expect(story.state.creditCents == 15_500)
    #expect(story.state.receivableCents == 0)
    #expect(story.statuses(march) == ["void"])
    #expect(story.lines.memberCents == 31_000 + 15_500)
    #expect(!story.state.isClosed(on: day("2027-02-20")), "what is credit is still to be refunded")
  }

  @Test func aPolicyCancelledBeforeItBeganOwesNothing() throws {
    var story = Story()
    try story.when(.open(Given.opening(BillingTimeline(silver, from: january)), on: day("2026-12-10")))
    try story.pay(10_000, on: day("2026-12-12"))
    try story.when(.change(BillingTimeline(), on: day("2026-12-20")))
    #expect(story.statuses(january) == ["void"])
    #expect(story.state.creditCents == 10_000)
    // What was paid is to be refunded; nothing else follows.
    #expect(Account.nextStep(for: story.state) == Instant(date: day("2027-03-03")))
  }

  @Test func aHigherPriceForAPaidMonthReplacesItsInvoiceAndUsesWhatWasPaid() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.change(BillingTimeline(gold, from: january), on: day("2027-01-10")))
    #expect(story.statuses(january) == ["void", "issued"])
    #expect(story.state.open.map(\.openCents) == [15_500])
    #expect(story.state.open.map(\.dueOn) == [day("2027-01-20")])
    #expect(story.state.creditCents == 0)
  }

  @Test func aSubsidyGrantedLaterLowersWhatIsOwed() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.bill(asOf: day("2027-01-22"), draft: false))
    try story.when(.change(BillingTimeline(subsidised, from: january), on: day("2027-01-25")))
    // January was paid: its 12,400 are credit, and are used for February at once.
    #expect(story.state.creditCents == 0)
    #expect(story.state.open.map(\.openCents) == [31_000 - 12_400 - 12_400])
    #expect(story.lines.subsidyCents == 24_800)
  }

  @Test func aPartlyPaidInvoiceThatIsLoweredToWhatWasPaidIsPaid() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.bill(asOf: day("2027-01-22"), draft: false))
    try story.pay(18_600, on: day("2027-01-23"))
    var timeline = BillingTimeline(silver, from: january)
    timeline.set(subsidised, from: february, to: nil)
    try story.when(.change(timeline, on: day("2027-01-25")))
    #expect(story.statuses(february) == ["paid"])
    #expect(story.state.creditCents == 0)
  }

  @Test func theSameSnapshotAgainChangesNothing() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    #expect(try story.when(.change(BillingTimeline(silver, from: january), on: day("2027-01-10"))) == [])
    #expect(try story.when(.start(BillingTimeline(silver, from: january), on: day("2027-01-10"))) == [])
  }

  @Test func aVoidedMonthIsBilledAgainByTheNextRun() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.bill(asOf: day("2027-01-22"), draft: false))
    try story.when(.void(.init(month: february, sequence: 1), reason: "wrong address", on: day("2027-01-23")))
    #expect(story.state.receivableCents == 0)
    try story.when(.bill(asOf: day("2027-01-24"), draft: false))
    #expect(story.statuses(february) == ["void", "issued"])
    #expect(story.state.sequence(of: february) == 2)
  }

  @Test func draftsAreIssuedAsTheyWereDrafted() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.pay(1_000, on: day("2027-01-02"))
    let drafted = try story.when(.bill(asOf: day("2027-01-22"), draft: true))
    guard case .drafted(let draft) = drafted.first else { return #expect(Bool(false), "nothing drafted") }
    #expect(story.state.receivableCents == 0)
    #expect(story.state.creditCents == 1_000)
    #expect(try story.when(.bill(asOf: day("2027-01-22"), draft: true)) == [])
    let issued = try story.when(.bill(asOf: day("2027-01-22"), draft: false))
    #expect(issued.first == .issued(draft))
    #expect(story.state.receivableCents == 30_000)
  }

  @Test func aChangeTakesBackTheDraftsThatItTouches() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    try story.when(.bill(asOf: day("2027-01-22"), draft: true))
    try story.when(.change(BillingTimeline(silver, from: january, to: february), on: day("2027-01-23")))
    #expect(story.statuses(february) == ["void"])
    #expect(!story.state.isClosed(on: february.adding(days: -1)))
    #expect(story.state.isClosed(on: february))
  }

  @Test func theStateStaysSmall() throws {
    var story = try Story.active(BillingTimeline(silver, from: january), on: january)
    var month = february
    for _ in 0..<120 {
      try story.when(.bill(asOf: month.adding(days: -10), draft: false))
      try story.pay(31_000, on: month)
      month = month.firstOfNextMonth
    }
    #expect(story.state.open.isEmpty)
    #expect(story.state.closed.premiumCents == 31_000 * Int64(121 - Account.openMonths))
    #expect(story.state.timeline.charges.segments.count == 1)
  }
}
