import Contracts
import Kernel
import SwiftProtobuf
import Runtime
import Testing

@testable import Billing

private let january = Account.InvoiceKey(month: day("2027-01-01"), sequence: 1)
private let february = Account.InvoiceKey(month: day("2027-02-01"), sequence: 1)
private let today = day("2027-02-03")
private let charge = Account.InvoiceKey(month: today, sequence: -1)
private let fee = "Returned payment"

/// January is paid and February is open, at 310.00 each.
private func given() throws -> Story {
  var story = try Story.active(BillingTimeline(silver, from: january.month), on: january.month)
  try story.when(.bill(asOf: today, draft: false))
  return story
}

/// With 25.00 charged besides.
private func charged() throws -> Story {
  var story = try given()
  try story.when(.charge(cents: 2_500, reason: fee, on: today))
  return story
}

@Suite struct `A charge from outside` {
  @Test func `it is an invoice of its own, for no days, and due in ten`() throws {
    let story = try charged()
    let line = Line(kind: .charge, name: fee, plan: "", from: today, to: today, cents: 2_500)
    #expect(
      story.events.last
        == .issued(
          .init(key: charge, binder: false, issuedOn: today, dueOn: day("2027-02-13"), lines: [line])))
    #expect(story.state.receivableCents == 31_000 + 2_500)
    #expect(story.state.billedThrough == day("2027-03-01"))
  }

  @Test func `money keeps the coverage first, and pays the charge of what is left`() throws {
    var story = try charged()
    try story.pay(31_500, on: today)
    #expect(story.statuses(february.month) == ["paid"])
    #expect(story.state.open.map(\.key) == [charge])
    #expect(story.state.receivableCents == 2_000)
    try story.pay(2_000, on: today)
    #expect(story.statuses(today) == ["paid"])
    #expect(story.state.creditCents == 0)
  }

  @Test func `a premium that is issued later is paid before it`() throws {
    var story = try charged()
    try story.pay(31_000, on: today)
    try story.when(.bill(asOf: day("2027-02-20"), draft: false))
    #expect(story.state.open.map(\.key.isCharge) == [false, true])
    try story.pay(31_000, on: day("2027-02-21"))
    #expect(story.state.open.map(\.key) == [charge])
  }

  @Test func `account credit is used for it at once`() throws {
    var story = try given()
    try story.pay(33_000, on: today)
    try story.when(.charge(cents: 2_500, reason: fee, on: today))
    #expect(story.events.last == .creditApplied(.init(key: charge, cents: 2_000)))
    #expect(story.state.receivableCents == 500)
  }

  @Test func `one that nobody pays is past due, and neither starts a grace period nor ends the policy`() throws {
    var story = try charged()
    try story.pay(31_000, on: today)
    var date = today
    while date < day("2027-09-01") {
      date = date.adding(days: 1)
      try story.when(.bill(asOf: date, draft: false))
      let owed = story.state.open.filter { !$0.key.isCharge }.reduce(0) { $0 + $1.openCents }
      try story.pay(owed, on: date)
    }
    #expect(story.statuses(today) == ["past due"])
    #expect(story.state.dunning == Dunning.State())
    #expect(story.state.receivableCents == 2_500)
  }

  @Test func `it is lowered, given up and taken back like any other invoice`() throws {
    var story = try charged()
    try story.when(.adjust(charge, cents: 1_000, reason: "goodwill", on: today))
    #expect(story.state.amounts(of: charge).totalCents == 1_500)
    var lost = story
    try lost.when(.writeOff(charge, reason: "uncollectible", on: today))
    #expect(lost.state.receivableCents == 31_000)
    let events = try story.when(.void(charge, reason: "by mistake", on: today))
    guard case .voided(let void) = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(void.totalCents == 1_500)
    #expect(void.named.map(\.cents) == [1_500])
    #expect(story.state.charges.isEmpty)
    #expect(throws: Account.Refusal.invoiceVoid(charge)) {
      try Account.decide(.void(charge, reason: "again", on: today), in: story.state)
    }
  }

  @Test func `what was paid for it is given back, and is credit`() throws {
    var story = try charged()
    try story.pay(33_500, on: today)
    try story.when(.credit(charge, cents: 2_500, reason: "goodwill", on: today))
    #expect(story.state.creditCents == 2_500)
    #expect(throws: Account.Refusal.moreThanPaid(charge, cents: 1, most: 0)) {
      try Account.decide(.credit(charge, cents: 1, reason: "again", on: today), in: story.state)
    }
  }

  @Test func `a change of the policy leaves it as it is`() throws {
    var story = try charged()
    try story.when(.change(BillingTimeline(gold, from: january.month), on: today))
    #expect(story.state.charges.map(\.key) == [charge])
    #expect(story.state.open.last?.key == charge)
  }

  @Test func `several on one day are told apart, on the first of a month as well`() throws {
    var story = try given()
    let first = day("2027-03-01")
    try story.when(.bill(asOf: first, draft: false))
    for _ in 0..<2 { try story.when(.charge(cents: 2_500, reason: fee, on: first)) }
    let ids = story.state.open.map { story.state.id(of: $0.key) }
    #expect(Set(ids).count == 4)
    #expect(story.state.charges.map(\.key.sequence) == [-1, -2])
  }

  @Test(arguments: [0, -1, 1_000_000_001]) func `it is above zero and of a size that is meant`(cents: Int64) throws {
    let story = try given()
    #expect(throws: Account.Refusal.chargeOutOfRange(cents: cents)) {
      try Account.decide(.charge(cents: cents, reason: fee, on: today), in: story.state)
    }
  }

  @Test func `nothing is charged on an account that is not open yet or is closed`() throws {
    #expect(throws: Account.Refusal.notOpened) {
      try Account.decide(.charge(cents: 1, reason: fee, on: today), in: Account.initial)
    }
    var story = try given()
    try story.when(.change(BillingTimeline(silver, from: january.month, to: february.month), on: today))
    #expect(throws: Account.Refusal.closed(Given.account)) {
      try Account.decide(.charge(cents: 1, reason: fee, on: today), in: story.state)
    }
  }

  @Test func `the service answers it, its tables and figures have it, and it gets a number`() async throws {
    let world = World("2027-01-01")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    let account = try await world.account(policy.policyID).accountID
    // On the day that the month of the first invoice begins.
    let charge = try await world.service.chargeAccount(
      request: .with {
        $0.accountID = account
        $0.amount.cents = 2_500
        $0.reason = fee
      }, context: .test("ChargeAccount"))
    #expect(charge.total.cents == 2_500)
    #expect(charge.lines.map(\.kind) == ["charge"])
    #expect(charge.lines.map(\.name) == [fee])
    #expect(try await world.invoices(policy.policyID).contains(charge))
    #expect(try await world.total("charges_billed") == 2_500)
    #expect(try await world.total("premium_billed") == 31_000)
    #expect(try await world.total("receivable") == 33_500)
    while try await world.billing.pump(Numbering.reader) > 0 {}
    #expect(try await world.documents().count == 2)
    let paper = try await Documents.document("INV-2027-000002", try Documents.press(), in: world)
    #expect(paper.html.contains(fee))
    #expect(paper.html.contains("January 1, 2027"))
    _ = try await world.service.adjustInvoice(
      request: .with {
        $0.invoiceID = charge.invoiceID
        $0.amount.cents = 2_500
        $0.reason = "goodwill"
      }, context: .test("AdjustInvoice"))
    #expect(try await world.total("charges_billed") == 0)
    #expect(try await world.total("premium_billed") == 31_000)
    #expect(try await world.mismatches() == [])
  }

  @Test(arguments: ["", " a fee", "a|b", "a\nb", String(repeating: "a", count: 101)])
  func `its reason is a line that an invoice can say`(reason: String) async throws {
    let world = World("2027-01-01")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    let account = try await world.account(policy.policyID).accountID
    await #expect(throws: Problem.self) {
      try await world.service.chargeAccount(
        request: .with {
          $0.accountID = account
          $0.amount.cents = 2_500
          $0.reason = reason
        }, context: .test("ChargeAccount"))
    }
  }

  @Test func `another currency than the account's is refused`() async throws {
    let world = World("2027-01-01")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    let account = try await world.account(policy.policyID).accountID
    await #expect(throws: Problem.self) {
      try await world.service.chargeAccount(
        request: .with {
          $0.accountID = account
          $0.amount.cents = 2_500
          $0.amount.currency = "EUR"
          $0.reason = fee
        }, context: .test("ChargeAccount"))
    }
    #expect(try await world.total("charges_billed") == 0)
  }
}
