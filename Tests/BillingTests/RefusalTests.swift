import Kernel
import Testing

@testable import Billing

@Suite struct RefusalTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let given: @Sendable () throws -> Story
    let command: Account.Command
    let refusal: Account.Refusal
    let code: String
  }

  static let january = day("2027-01-01")
  static let february = day("2027-02-01")
  static let timeline = BillingTimeline(silver, from: january)
  static let today = day("2027-02-03")

  static let active: @Sendable () throws -> Story = {
    var story = try Story.active(timeline, on: january)
    try story.when(.bill(asOf: today, draft: false))
    return story
  }
  static let voided: @Sendable () throws -> Story = {
    var story = try active()
    try story.when(.void(key("2027-02-01"), reason: "test", on: today))
    return story
  }
  static let adjusted: @Sendable () throws -> Story = {
    var story = try active()
    try story.when(.adjust(key("2027-01-01"), cents: 1_000, reason: "test", on: today))
    return story
  }
  static let writtenOff: @Sendable () throws -> Story = {
    var story = try active()
    try story.when(.writeOff(key("2027-02-01"), reason: "test", on: today))
    return story
  }
  static let old: @Sendable () throws -> Story = {
    var story = try Story.active(timeline, on: january)
    try story.when(.bill(asOf: day("2029-12-22"), draft: false))
    return story
  }

  static func order(_ cents: Int64, of invoice: Account.InvoiceKey?) -> Account.RefundOrder {
    Account.RefundOrder(
      id: ID(hi: 0x0190_0000_0000_7000, lo: 1 << 63), payee: .party("pty_1"), cents: cents, invoice: invoice,
      adjusting: false,
      reason: "test")
  }

  static let ended: @Sendable () throws -> Story = {
    var story = try active()
    try story.when(.change(timeline.ending(on: day("2027-02-20")), on: today))
    return story
  }

  static func reschedule(_ change: Account.ScheduleOrder.Change, from: String? = nil) -> Account.Command {
    .reschedule(Account.ScheduleOrder(change: change, from: from.map(day), reason: "test"), on: today)
  }

  static func key(_ month: String, _ sequence: Int = 1) -> Account.InvoiceKey {
    .init(month: day(month), sequence: sequence)
  }

  static let rows: [Row] = [
    Row(
      testDescription: "billing before opening", given: { Story() }, command: .bill(asOf: today, draft: false),
      refusal: .notOpened, code: "billing.not_opened"),
    Row(
      testDescription: "a change before opening", given: { Story() }, command: .change(timeline, on: today),
      refusal: .notOpened, code: "billing.not_opened"),
    Row(
      testDescription: "a payment before opening", given: { Story() },
      command: .applyPayment(Given.payment, Money(cents: 1), invoice: nil, on: today), refusal: .notOpened,
      code: "billing.not_opened"),
    Row(
      testDescription: "opening twice", given: active, command: .open(Given.opening(timeline), on: today),
      refusal: .alreadyOpened(Given.policy), code: "billing.already_opened"),
    Row(
      testDescription: "opening without coverage", given: { Story() },
      command: .open(Given.opening(BillingTimeline()), on: today), refusal: .nothingToBill(Given.policy),
      code: "billing.nothing_to_bill"),
    Row(
      testDescription: "a change in closed months", given: old,
      command: .change(BillingTimeline(gold, from: january), on: day("2029-12-23")),
      refusal: .closedMonths(Given.policy, before: day("2028-11-01")), code: "billing.closed_months"),
    Row(
      testDescription: "a start long before the account", given: active,
      command: .change(BillingTimeline(silver, from: day("2025-01-01")), on: today),
      refusal: .closedMonths(Given.policy, before: day("2025-12-01")), code: "billing.closed_months"),
    Row(
      testDescription: "the void of an invoice of a closed month", given: old,
      command: .void(key("2027-01-01"), reason: "test", on: today),
      refusal: .closedMonths(Given.policy, before: day("2028-11-01")), code: "billing.closed_months"),
    Row(
      testDescription: "the void of a paid invoice", given: active,
      command: .void(key("2027-01-01"), reason: "test", on: today), refusal: .invoicePaid(key("2027-01-01")),
      code: "billing.invoice_paid"),
    Row(
      testDescription: "a void twice", given: voided, command: .void(key("2027-02-01"), reason: "test", on: today),
      refusal: .invoiceVoid(key("2027-02-01")), code: "billing.invoice_void"),
    Row(
      testDescription: "the void of an invoice that was never issued", given: active,
      command: .void(key("2027-04-01"), reason: "test", on: today), refusal: .unknownInvoice(key("2027-04-01")),
      code: "billing.invoice_unknown"),
    Row(
      testDescription: "a payment in another currency", given: active,
      command: .applyPayment(Given.payment, Money(cents: 1, euro), invoice: nil, on: today),
      refusal: .otherCurrency(Given.payment, euro, account: .usd), code: "billing.other_currency"),
    Row(
      testDescription: "a payment of nothing", given: active,
      command: .applyPayment(Given.payment, .zero, invoice: nil, on: today),
      refusal: .nothingPaid(Given.payment, cents: 0), code: "billing.nothing_paid"),
    Row(
      testDescription: "a negative payment", given: active,
      command: .applyPayment(Given.payment, Money(cents: -5), invoice: nil, on: today),
      refusal: .nothingPaid(Given.payment, cents: -5), code: "billing.nothing_paid"),
    Row(
      testDescription: "a credit above what was paid", given: active,
      command: .credit(key("2027-02-01"), cents: 1, reason: "test", on: today),
      refusal: .moreThanPaid(key("2027-02-01"), cents: 1, most: 0), code: "billing.more_than_paid"),
    Row(
      testDescription: "a credit of what was adjusted before", given: adjusted,
      command: .credit(key("2027-01-01"), cents: 30_001, reason: "test", on: today),
      refusal: .moreThanPaid(key("2027-01-01"), cents: 30_001, most: 30_000), code: "billing.more_than_paid"),
    Row(
      testDescription: "an adjustment above what is billed", given: active,
      command: .adjust(key("2027-02-01"), cents: 31_001, reason: "test", on: today),
      refusal: .moreThanBilled(key("2027-02-01"), cents: 31_001, most: 31_000), code: "billing.more_than_billed"),
    Row(
      testDescription: "an adjustment of nothing", given: active,
      command: .adjust(key("2027-02-01"), cents: 0, reason: "test", on: today),
      refusal: .notPositive(key("2027-02-01"), cents: 0), code: "billing.not_positive"),
    Row(
      testDescription: "a write-off of a paid invoice", given: active,
      command: .writeOff(key("2027-01-01"), reason: "test", on: today), refusal: .nothingOpen(key("2027-01-01")),
      code: "billing.nothing_open"),
    Row(
      testDescription: "a write-off twice", given: writtenOff,
      command: .writeOff(key("2027-02-01"), reason: "test", on: today),
      refusal: .invoiceWrittenOff(key("2027-02-01")), code: "billing.invoice_written_off"),
    Row(
      testDescription: "the void of what was written off", given: writtenOff,
      command: .void(key("2027-02-01"), reason: "test", on: today),
      refusal: .invoiceWrittenOff(key("2027-02-01")), code: "billing.invoice_written_off"),
    Row(
      testDescription: "a billing day of 0", given: active, command: reschedule(.billingDay(0)),
      refusal: .noBillingDay(0), code: "billing.no_billing_day"),
    Row(
      testDescription: "a billing day of 32", given: active, command: reschedule(.billingDay(32)),
      refusal: .noBillingDay(32), code: "billing.no_billing_day"),
    Row(
      testDescription: "another schedule for what is billed", given: active,
      command: reschedule(.billingDay(15), from: "2027-02-15"),
      refusal: .alreadyBilled(day("2027-02-15"), from: day("2027-03-01")), code: "billing.already_billed"),
    Row(
      testDescription: "another schedule in three years", given: active,
      command: reschedule(.billingDay(15), from: "2030-02-01"),
      refusal: .tooFarAhead(day("2030-02-01"), latest: day("2029-02-03")), code: "billing.too_far_ahead"),
    Row(
      testDescription: "the schedule that there is", given: active, command: reschedule(.billingDay(1)),
      refusal: .sameSchedule(on: day("2027-03-01")), code: "billing.same_schedule"),
    Row(
      testDescription: "another schedule once coverage is over", given: ended,
      command: reschedule(.billingDay(15)), refusal: .coverageOver(day("2027-02-20"), from: day("2027-03-01")),
      code: "billing.coverage_over"),
    Row(
      testDescription: "another schedule of a policy that never was", given: { Story() },
      command: reschedule(.billingDay(15)), refusal: .notOpened, code: "billing.not_opened"),
    Row(
      testDescription: "a refund of nothing", given: active,
      command: .refund(order(0, of: nil), on: today), refusal: .refundNotPositive(cents: 0),
      code: "billing.refund_not_positive"),
    Row(
      testDescription: "a refund above the credit", given: active, command: .refund(order(1, of: nil), on: today),
      refusal: .moreThanCredit(cents: 1, most: 0), code: "billing.more_than_credit"),
    Row(
      testDescription: "a refund above what was paid for the invoice", given: active,
      command: .refund(order(31_001, of: key("2027-01-01")), on: today),
      refusal: .moreThanPaid(key("2027-01-01"), cents: 31_001, most: 31_000), code: "billing.more_than_paid"),
    Row(
      testDescription: "a credit of a void invoice", given: voided,
      command: .credit(key("2027-02-01"), cents: 1, reason: "test", on: today),
      refusal: .invoiceVoid(key("2027-02-01")), code: "billing.invoice_void"),
    Row(
      testDescription: "a credit of an invoice that was never issued", given: active,
      command: .credit(key("2027-04-01"), cents: 1, reason: "test", on: today),
      refusal: .unknownInvoice(key("2027-04-01")), code: "billing.invoice_unknown"),
    Row(
      testDescription: "a credit of a closed month", given: old,
      command: .credit(key("2027-01-01"), cents: 1, reason: "test", on: today),
      refusal: .closedMonths(Given.policy, before: day("2028-11-01")), code: "billing.closed_months"),
    Row(
      testDescription: "a write-off before opening", given: { Story() },
      command: .writeOff(key("2027-01-01"), reason: "test", on: today), refusal: .notOpened,
      code: "billing.not_opened"),
  ]

  private static let euro = Currency("EUR") ?? .usd

  @Test(arguments: rows) func isRefusedInWords(_ row: Row) throws {
    let story = try row.given()
    let refusal = #expect(throws: Account.Refusal.self) { try Account.decide(row.command, in: story.state) }
    #expect(refusal == row.refusal)
    #expect(row.refusal.problem.code == row.code)
    #expect(!row.refusal.problem.remedy.isEmpty)
    #expect(!row.refusal.problem.detail.contains(/\d\/\d| cents/), "\(row.refusal.problem.detail)")
  }
}
