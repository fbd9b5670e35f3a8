import Contracts
import Kernel
import Runtime
import Testing

@testable import Billing

private let start = day("2027-01-01")
private let today = day("2029-12-23")

/// Three years, each month of them paid when it was issued: 186.00 by the member and 124.00 by the exchange. The
/// months before November 2028 are closed.
///
/// - Parameter meanwhile: what is done to a month's invoice before it is paid.
private func old(
  _ meanwhile: (inout Story, Account.InvoiceKey, CalendarDate) throws -> Void = { _, _, _ in }
) throws -> Story {
  var story = try Story.active(BillingTimeline(subsidised, from: start), on: start)
  for month in 1...36 {
    let key = Account.InvoiceKey(month: start.adding(months: month), sequence: 1)
    let issued = key.month.adding(days: -10)
    try story.when(.bill(asOf: issued, draft: false))
    try meanwhile(&story, key, issued)
    try story.pay(story.state.receivableCents, on: issued)
  }
  return story
}

extension Story {
  fileprivate var paidCents: Int64 {
    var cents: Int64 = 0
    for event in events {
      if case .paymentApplied(let application) = event { cents += application.cents }
    }
    return cents
  }
}

private func correction(_ events: [Account.Event]) throws -> Account.ClosedCorrection {
  for event in events {
    if case .closedCorrected(let correction) = event { return correction }
  }
  throw Account.Refusal.notOpened
}

@Suite struct `Months that are closed` {
  @Test func `a rescission gives back what was billed in them as one amount, to the member and the exchange`() throws {
    var story = try old()
    #expect(story.state.closed.through == day("2028-11-01"))
    let correction = try correction(try story.when(.change(BillingTimeline(), on: today)))
    #expect(correction.creditedCents == 22 * 18_600)
    #expect(correction.exchangeCents == -22 * 12_400)
    #expect(correction.before.from == start)
    #expect(story.state.creditCents == story.paidCents)
    #expect(story.state.closed.premiumCents == 0)
    #expect(story.state.billed == BillingTimeline())
  }

  @Test func `a later start gives back the months before it`() throws {
    var story = try old()
    let timeline = BillingTimeline(subsidised, from: day("2027-03-01"))
    let events = try story.when(.change(timeline, on: today))
    #expect(try correction(events).creditedCents == 2 * 18_600)
    #expect(events.count == 1, "\(events)")
    #expect(story.state.creditCents == 2 * 18_600)
  }

  @Test func `a higher tax credit lowers what the member owed by what the exchange owes more`() throws {
    var story = try old()
    let higher = Charge(plan: "silver", grossCents: 31_000, aptcCents: 20_000)
    let correction = try correction(try story.when(.change(BillingTimeline(higher, from: start), on: today)))
    #expect(correction.exchangeCents == 22 * 7_600)
    #expect(correction.memberCents == -22 * 7_600)
    #expect(correction.premiumCents == 0)
    #expect(story.state.creditCents == 37 * 7_600)
  }

  @Test func `said again it changes nothing`() throws {
    var story = try old()
    try story.when(.change(BillingTimeline(), on: today))
    let creditCents = story.state.creditCents
    try story.when(.change(BillingTimeline(), on: today))
    #expect(story.state.creditCents == creditCents)
    #expect(story.events.count { if case .closedCorrected = $0 { true } else { false } } == 1)
  }

  @Test func `what was adjusted is not credited again, and what was given up is not owed twice`() throws {
    var story = try old { story, key, day in
      if key.month == start.adding(months: 2) {
        try story.when(.adjust(key, cents: 1_000, reason: "goodwill", on: day))
      }
      if key.month == start.adding(months: 3) { try story.when(.writeOff(key, reason: "uncollectible", on: day)) }
    }
    #expect(story.state.closed.adjustedCents == 1_000)
    #expect(story.state.closed.writtenOffCents == 18_600)
    let correction = try correction(try story.when(.change(BillingTimeline(), on: today)))
    #expect(correction.adjustedBeforeCents == 1_000)
    #expect(correction.writtenOffCents == 18_600)
    #expect(story.state.creditCents == story.paidCents)
  }

  @Test func `a charge is none of their months`() throws {
    var story = try old { story, key, day in
      if key.month == start.adding(months: 2) { try story.when(.charge(cents: 2_500, reason: "fee", on: day)) }
    }
    try story.when(.change(BillingTimeline(), on: today))
    #expect(story.state.creditCents == story.paidCents - 2_500)
  }

  @Test func `more is refused: nobody is asked for months that are long over without a person's decision`() throws {
    let story = try old()
    #expect(throws: Account.Refusal.closedMonths(Given.policy, before: day("2028-11-01"))) {
      try Account.decide(.change(BillingTimeline(gold, from: start), on: today), in: story.state)
    }
  }

  @Test func `discounts, taxes and fees go back where no day is left, with the tax credit that was used`() throws {
    var closed = Account.Closed(through: start)
    func line(_ kind: Line.Kind, _ cents: Int64) -> Line {
      Line(kind: kind, plan: "silver", from: start, to: day("2027-02-01"), cents: cents)
    }
    closed.take(
      [line(.premium, 31_000), line(.subsidy, -31_000)],
      billed: [line(.premium, 31_000), line(.discount, -3_000), line(.fee, 500), line(.subsidy, -28_000)],
      [Account.Relief](), before: day("2027-02-01"))
    let correction = try #require(closed.correction(to: []))
    #expect(correction.creditedCents == 500)
    #expect(correction.premiumCents == -31_000)
    #expect(correction.discountCents == 3_000)
    #expect(correction.levyCents == -500)
    #expect(correction.exchangeCents == -28_000)
    #expect(correction.lines.memberCents == correction.memberCents)
  }

  @Test func `a policy that is rescinded after two years owes nothing, and a credit note says so`() async throws {
    let world = World("2026-12-20")
    var policy = snapshot(1, from: "2027-01-01", aptc: 12_400)
    try await world.say("Policy.Bound", of: policy)
    try await world.pay(1, 18_600, for: policy.policyID)
    try await world.say("Policy.Issued", of: policy)
    for month in 1...24 {
      try await world.live(until: day("2026-12-23").adding(months: month).description)
      try await world.pay(UInt64(1 + month), 18_600, for: policy.policyID)
    }
    #expect(try await world.total("receivable") == 0)
    (policy.premium, policy.endDate) = ([], policy.effectiveDate)
    try await world.say("Policy.Rescinded", of: policy)
    #expect(try await world.letters() == [])
    #expect(try await world.total("premium_billed") == 0)
    #expect(try await world.total("exchange_receivable") == 0)
    #expect(try await world.total("receivable") == 0)
    #expect(try await world.total("credit") == 25 * 18_600)
    #expect(try await world.published().contains("ClosedMonths.Corrected"))
    while try await world.billing.pump(Numbering.reader) > 0 {}
    let notes = try await world.documents().filter { $0.kind == .creditNote && $0.invoiceID.isEmpty }
    #expect(notes.count == 1)
    let paper = try await Documents.document(try #require(notes.first).number, try Documents.press(), in: world)
    #expect(paper.html.contains("What was billed before"))
    #expect(try await world.mismatches() == [])
  }
}
