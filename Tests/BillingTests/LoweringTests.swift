import Contracts
import Foundation
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

private let january = Account.InvoiceKey(month: day("2027-01-01"), sequence: 1)
private let february = Account.InvoiceKey(month: day("2027-02-01"), sequence: 1)
private let today = day("2027-02-03")
private let refund = ID<RefundTag>(hi: 0x0190_0000_0000_7000, lo: 0x8000_0000_0000_0004)

private func order(
  _ cents: Int64, of invoice: Account.InvoiceKey? = nil, adjusting: Bool = false
) -> Account.RefundOrder {
  Account.RefundOrder(
    id: refund, payee: .party("pty_1"), cents: cents, invoice: invoice, adjusting: adjusting, reason: "test")
}

/// January is paid and February is open, at 310.00 each.
private func given() throws -> Story {
  var story = try Story.active(BillingTimeline(silver, from: january.month), on: january.month)
  try story.when(.bill(asOf: today, draft: false))
  return story
}

@Suite struct `What is no longer asked of an invoice` {
  @Test func `a credit note gives back what was paid, and it is used for the oldest open invoice`() throws {
    var story = try given()
    let events = try story.when(.credit(january, cents: 10_000, reason: "outage", on: today))
    #expect(
      events == [
        .takenOff(.init(key: january, cents: 10_000, creditedCents: 10_000, reason: "outage")),
        .creditApplied(.init(key: february, cents: 10_000)),
      ])
    #expect(story.state.receivableCents == 21_000)
    #expect(story.state.amounts(of: january).mostCreditCents == 21_000)
  }

  @Test func `an adjustment lowers what is unpaid first and makes credit of the rest`() throws {
    var story = try given()
    try story.pay(25_000, on: today)
    let events = try story.when(.adjust(february, cents: 10_000, reason: "goodwill", on: today))
    #expect(events.first == .takenOff(.init(key: february, cents: 10_000, creditedCents: 4_000, reason: "goodwill")))
    #expect(story.statuses(february.month) == ["paid"])
    #expect(story.state.creditCents == 4_000)
  }

  @Test func `what was adjusted is not credited again when the month turns out cheaper`() throws {
    var story = try given()
    try story.when(.adjust(january, cents: 30_000, reason: "goodwill", on: today))
    let before = story.state.creditCents - story.state.receivableCents
    // January is no longer covered at its end: 17 of 31 days are left, at 170.00.
    let timeline = BillingTimeline(silver, from: january.month, to: day("2027-01-18"))
    try story.when(.change(timeline, on: today))
    let after = story.state.creditCents - story.state.receivableCents
    // Of January 10.00 was left to give back, and February was void.
    #expect(after - before == 1_000 + 31_000)
    #expect(story.state.amounts(of: january).totalCents == 0)
  }

  @Test func `an adjustment goes along when the month is billed anew for more`() throws {
    var story = try given()
    try story.when(.adjust(february, cents: 1_000, reason: "goodwill", on: today))
    var timeline = BillingTimeline(silver, from: january.month)
    timeline.set(gold, from: february.month, to: nil)
    try story.when(.change(timeline, on: today))
    #expect(story.state.open.map(\.totalCents) == [46_500 - 1_000])
    #expect(story.state.reliefs.map(\.key.sequence) == [2])
  }

  @Test func `a written-off invoice is asked for no more, and comes due no more`() throws {
    var story = try given()
    try story.pay(11_000, on: today)
    let events = try story.when(.writeOff(february, reason: "uncollectible", on: today))
    #expect(events == [.writtenOff(.init(key: february, cents: 20_000, reason: "uncollectible"))])
    #expect(story.state.receivableCents == 0)
    #expect(Account.nextStep(for: story.state) == Instant(date: day("2027-02-19")))
  }

  @Test func `a month that turns out cheaper lowers what was written off before it makes credit`() throws {
    var story = try given()
    try story.pay(21_000, on: today)
    try story.when(.writeOff(february, reason: "uncollectible", on: today))
    var timeline = BillingTimeline(silver, from: january.month)
    timeline.set(Charge(plan: "bronze", grossCents: 20_000, aptcCents: 0), from: february.month, to: nil)
    let events = try story.when(.change(timeline, on: today))
    guard case .adjusted(let adjustment) = events.dropFirst().first else {
      Issue.record("\(events)")
      return
    }
    #expect(adjustment.writtenOffCents == 10_000)
    #expect(adjustment.creditedCents == 1_000)
    #expect(story.state.reliefs.isEmpty)
  }

  @Test func `a void of what was written off takes the loss back with it`() throws {
    var story = try given()
    try story.when(.writeOff(february, reason: "uncollectible", on: today))
    let events = try story.when(.change(BillingTimeline(silver, from: january.month, to: february.month), on: today))
    guard case .voided(let void) = events.dropFirst().first else {
      Issue.record("\(events)")
      return
    }
    #expect(void.totalCents == 31_000)
    #expect(void.writtenOffCents == 31_000)
    #expect(void.creditedCents == 0)
    #expect(story.state.creditCents == 0)
  }

  @Test func `a refund with adjustment lowers the invoice and nothing is owed for it`() throws {
    var story = try Story.active(BillingTimeline(silver, from: january.month), on: january.month)
    let events = try story.when(.refund(order(10_000, of: january, adjusting: true), on: today))
    #expect(
      events == [
        .takenOff(.init(key: january, cents: 10_000, creditedCents: 10_000, reason: "test")),
        .refunded(.init(id: refund, payee: .party("pty_1"), cents: 10_000, reopening: nil, on: today, reason: "test")),
      ])
    #expect(story.state.creditCents == 0)
    #expect(story.state.receivableCents == 0)
    #expect(story.state.amounts(of: january).mostRefundCents(adjusting: false) == 21_000)
  }

  @Test func `a refund without adjustment asks for the invoice again, with ten days to pay`() throws {
    var story = try Story.active(BillingTimeline(silver, from: january.month), on: january.month)
    try story.when(.refund(order(10_000, of: january, adjusting: false), on: today))
    #expect(story.state.receivableCents == 10_000)
    #expect(story.state.open.map(\.dueOn) == [day("2027-02-13")])
    try story.pay(10_000, on: day("2027-02-10"))
    #expect(story.state.receivableCents == 0)
    #expect(story.statuses(january.month) == ["paid"])
  }

  @Test func `account credit is refunded, and no more than there is`() throws {
    var story = try Story.active(BillingTimeline(silver, from: january.month), on: january.month)
    try story.pay(5_000, on: day("2027-01-05"))
    #expect(throws: Account.Refusal.moreThanCredit(cents: 5_001, most: 5_000)) {
      try Account.decide(.refund(order(5_001), on: today), in: story.state)
    }
    try story.when(.refund(order(5_000), on: today))
    #expect(story.state.creditCents == 0)
  }

  @Test(arguments: 1...100)
  func `no cent comes from nowhere, whatever is lowered in whatever order`(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var story = try given()
    var (paid, asked) = (Int64(31_000), today)
    for _ in 0..<30 {
      asked = asked.adding(days: .random(in: 0..<12, using: &random))
      let month = january.month.adding(months: .random(in: 0..<12, using: &random))
      let key = Account.InvoiceKey(month: month, sequence: story.state.sequence(of: month))
      let cents = Int64.random(in: 1..<40_000, using: &random)
      let command: Account.Command =
        switch Int.random(in: 0..<9, using: &random) {
        case 5: .refund(order(cents), on: asked)
        case 6: .refund(order(cents, of: key, adjusting: cents % 2 == 0), on: asked)
        case 0: .credit(key, cents: cents, reason: "test", on: asked)
        case 1: .adjust(key, cents: cents, reason: "test", on: asked)
        case 2: .writeOff(key, reason: "test", on: asked)
        case 3: .applyPayment(Given.payment, Money(cents: cents), invoice: nil, on: asked)
        case 4:
          .change(
            BillingTimeline(
              Charge(plan: "p", grossCents: cents, aptcCents: 0), from: january.month.adding(days: Int(cents % 20))),
            on: asked)
        default: .bill(asOf: asked, draft: false)
        }
      do {
        try story.when(command)
        if case .applyPayment = command { paid += cents }
        if case .refund = command { paid -= cents }
      } catch {
        #expect(!error.problem.remedy.isEmpty)
      }
      check(story, paid)
    }
  }

  /// What stands is billed, less what was taken off, given up and still owed: that is what was paid and is no credit.
  private func check(_ story: Story, _ paid: Int64) {
    let state = story.state
    var relieved: Int64 = 0
    for relief in state.reliefs { relieved += relief.adjustedCents + relief.writtenOffCents }
    #expect(state.billedCents - relieved == state.receivableCents - state.creditCents + paid)
    #expect(state.creditCents == 0 || state.receivableCents == 0)
    #expect(state.open.allSatisfy { $0.openCents >= 0 && $0.paidCents >= 0 && $0.totalCents >= 0 })
    #expect(state.reliefs.allSatisfy { $0.adjustedCents >= 0 && $0.writtenOffCents >= 0 })
  }

  @Test func `the service answers the invoice as it then is, once a key`() async throws {
    let world = World("2027-01-01")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    let invoice = try #require(try await world.invoices(policy.policyID).first)
    try await world.pay(1, 11_000, for: policy.policyID)
    let adjusted = try await world.service.adjustInvoice(
      request: .with {
        $0.invoiceID = invoice.invoiceID
        $0.amount.cents = 5_000
        $0.reason = "goodwill"
      }, context: .test("AdjustInvoice"))
    #expect(adjusted.total.cents == 26_000)
    #expect(adjusted.status == .issued)
    let lost = try await world.service.writeOffInvoice(
      request: .with {
        $0.invoiceID = invoice.invoiceID
        $0.reason = "uncollectible"
      }, context: .test("WriteOffInvoice"))
    #expect(lost.status == .writtenOff)
    #expect(lost.writtenOff.cents == 15_000)
    #expect(try await world.invoices(policy.policyID) == [lost])
    #expect(try await world.total("written_off") == 15_000)
    #expect(try await world.total("premium_billed") == 26_000)
    #expect(try await world.total("receivable") == 0)
    #expect(
      try await world.published() == ["Invoice.Issued", "Payment.Applied", "Invoice.Adjusted", "Invoice.WrittenOff"])
    while try await world.billing.pump(Numbering.reader) > 0 {}
    #expect(try await world.documents().map(\.number) == ["CRN-2027-000001", "INV-2027-000001"])
    #expect(try await world.mismatches() == [])
  }
}

extension Account.State {
  /// What all months that are billed now come to, by the lines.
  fileprivate var billedCents: Int64 { billed.lines(before: .latest).memberCents }
}
