// Each kind of event and what it does to the accounts: debit positive, credit negative, in cents.

import Contracts
import Runtime
import Testing

struct Rule: Sendable, CustomTestStringConvertible {
  let words: String
  let event: Published
  let moves: [String]

  init(_ words: String, _ event: Published, _ moves: String...) {
    self.words = words
    self.event = event
    self.moves = moves
  }

  var testDescription: String { words }
}

private let rules: [Rule] = [
  Rule(
    "an invoice without a subsidy", .invoiceIssued(gross: 50_000, subsidy: 0), "1200 Dr 50000", "4000 Cr 50000"),
  Rule(
    "an invoice with a subsidy", .invoiceIssued(gross: 50_000, subsidy: 32_000),
    "1200 Dr 18000", "4000 Cr 50000", "1210 Dr 32000"),
  Rule(
    "an invoice that the subsidy pays in full", .invoiceIssued(gross: 30_000, subsidy: 30_000),
    "4000 Cr 30000", "1210 Dr 30000"),
  Rule(
    "an invoice with several lines and a credit",
    .invoiceIssued(
      total: 15_000, lines: [("premium", 20_000), ("premium", 10_000), ("subsidy", -12_000), ("credit", -3_000)]),
    "1200 Dr 15000", "4000 Cr 30000", "1210 Dr 12000", "2300 Dr 3000"),
  Rule(
    "a correction of an open invoice", .invoiceAdjusted(member: -18_000, subsidy: -32_000, credited: 0),
    "1200 Cr 18000", "1210 Cr 32000", "4000 Dr 50000"),
  Rule(
    "a correction of a paid invoice", .invoiceAdjusted(member: -18_000, subsidy: -32_000, credited: 18_000),
    "2300 Cr 18000", "1210 Cr 32000", "4000 Dr 50000"),
  Rule(
    "a correction of a partly paid invoice", .invoiceAdjusted(member: -18_000, subsidy: 0, credited: 5_000),
    "1200 Cr 13000", "2300 Cr 5000", "4000 Dr 18000"),
  Rule(
    "a correction by which more is owed", .invoiceAdjusted(member: 4_000, subsidy: 1_000, credited: 0),
    "1200 Dr 4000", "1210 Dr 1000", "4000 Cr 5000"),
  Rule(
    "a subsidy granted afterwards", .invoiceAdjusted(member: -10_000, subsidy: 10_000, credited: 10_000),
    "2300 Cr 10000", "1210 Dr 10000"),
  Rule(
    "a void of an open invoice", .invoiceVoided(total: 18_000, subsidy: 32_000, credited: 0),
    "4000 Dr 50000", "1200 Cr 18000", "1210 Cr 32000"),
  Rule(
    "a void of a partly paid invoice", .invoiceVoided(total: 18_000, subsidy: 0, credited: 7_000),
    "4000 Dr 18000", "1200 Cr 11000", "2300 Cr 7000"),
  Rule(
    "an invoice with a discount, a tax and a fee",
    .invoiceIssued(
      total: 15_900,
      lines: [("premium", 50_000), ("discount", -5_000), ("tax", 700), ("fee", 200), ("subsidy", -30_000)]),
    "1200 Dr 15900", "4000 Cr 50000", "4100 Dr 5000", "2220 Cr 900", "1210 Dr 30000"),
  Rule(
    "a correction of a discount and of the tax on what it left",
    .invoiceAdjusted(member: -4_900, subsidy: 0, credited: 4_900, lines: [("discount", -5_000), ("tax", 100)]),
    "2300 Cr 4900", "4100 Dr 5000", "2220 Cr 100"),
  Rule(
    "a void of an invoice with a discount and a fee",
    .invoiceVoided(total: 15_200, subsidy: 30_000, credited: 0, lines: [("discount", -5_000), ("fee", 200)]),
    "4000 Dr 50000", "1200 Cr 15200", "1210 Cr 30000", "4100 Cr 5000", "2220 Dr 200"),
  Rule(
    "an invoice of which an employer pays half",
    .invoiceIssued(total: 25_000, lines: [("premium", 50_000), ("contribution", -25_000)]),
    "1200 Dr 25000", "4000 Cr 50000", "1215 Dr 25000"),
  Rule(
    "a share that is set afterwards",
    .invoiceAdjusted(member: -25_000, subsidy: 0, credited: 25_000, lines: [("contribution", -25_000)]),
    "2300 Cr 25000", "1215 Dr 25000"),
  Rule(
    "a void of an invoice with a share",
    .invoiceVoided(total: 25_000, subsidy: 0, credited: 0, lines: [("contribution", -25_000)]),
    "4000 Dr 50000", "1200 Cr 25000", "1215 Cr 25000"),
  Rule("a refund of credit", .refundRequested("pol_1", 5_000), "2300 Dr 5000", "2150 Cr 5000"),
  Rule(
    "a refund by which an invoice is owed again", .refundRequested("pol_1", 5_000, reopened: 5_000),
    "1200 Dr 5000", "2150 Cr 5000"),
  Rule("a refund that was sent", .refundPosted("pol_1", 5_000), "2150 Dr 5000", "1000 Cr 5000"),
  Rule("a debt that is given up", .invoiceWrittenOff("pol_1", 18_000), "5100 Dr 18000", "1200 Cr 18000"),
  Rule(
    "a correction of an invoice that was given up in part",
    .invoiceAdjusted(member: -11_000, subsidy: 0, credited: 1_000, writtenOff: 10_000),
    "2300 Cr 1000", "5100 Cr 10000", "4000 Dr 11000"),
  Rule(
    "a void of an invoice that was given up",
    .invoiceVoided(total: 18_000, subsidy: 0, credited: 0, writtenOff: 18_000),
    "4000 Dr 18000", "5100 Cr 18000"),
  Rule("a payment", .paymentPosted("pol_1", 18_000), "1000 Dr 18000", "2300 Cr 18000"),
  Rule("a tax credit paid by the exchange", .subsidyPosted("pol_1", 32_000), "1000 Dr 32000", "1210 Cr 32000"),
  Rule("a contribution paid by an employer", .contributionPosted(46_500), "1000 Dr 46500", "1215 Cr 46500"),
  Rule("a tax credit taken back", .subsidyPosted("pol_1", -5_000), "1000 Cr 5000", "1210 Dr 5000"),
  Rule("money that nobody knows the use of", .suspenseHeld(700), "1000 Dr 700", "2350 Cr 700"),
  Rule("a fee that was kept back", .suspenseHeld(-25), "1000 Cr 25", "2350 Dr 25"),
  Rule("money whose use was found", .suspenseReleased("pol_1", 700), "2350 Dr 700", "1000 Cr 700"),
  Rule("money that went back", .suspenseReturned(700), "2350 Dr 700", "1000 Cr 700"),
  Rule(
    "a payment applied, with credit left", .paymentApplied(toInvoices: 15_000, toCredit: 3_000),
    "2300 Dr 15000", "1200 Cr 15000"),
  Rule("a payment that finds no invoice", .paymentApplied(toInvoices: 0, toCredit: 3_000)),
  Rule("a credit applied", .creditApplied("pol_1", 3_000), "2300 Dr 3000", "1200 Cr 3000"),
  Rule("a charge issued", .invoiceIssued(total: 2_500, lines: [("charge", 2_500)]), "1200 Dr 2500", "4200 Cr 2500"),
  Rule(
    "a charge lowered by hand", .invoiceAdjusted(member: -1_000, subsidy: 0, credited: 0, lines: [("charge", -1_000)]),
    "1200 Cr 1000", "4200 Dr 1000"),
  Rule(
    "closed months that were corrected",
    .closedMonthsCorrected(member: -9_500, subsidy: -5_000, credited: 9_000, writtenOff: 500, lines: [("fee", -500)]),
    "2300 Cr 9000", "5100 Cr 500", "1210 Cr 5000", "4000 Dr 14000", "2220 Dr 500"),
  Rule("a claim approved", .claimApproved(paid: 8_000), "5000 Dr 8000", "2100 Cr 8000"),
  Rule("a claim approved with nothing to pay", .claimApproved(paid: 0)),
  Rule(
    "a payout for claims of two policies", .payoutPosted([("pol_1", 8_000), ("pol_2", 2_000), ("pol_1", 500)]),
    "2100 Dr 8500", "2100 Dr 2000", "1000 Cr 10500"),
  Rule("a payout of nothing", .payoutPosted([])),
  Rule("a commission earned", .commissionPosted("pol_1", [2_000]), "5200 Dr 2000", "2200 Cr 2000"),
  Rule("a commission clawed back", .commissionPosted("pol_1", [-2_000, -2_000]), "5200 Cr 4000", "2200 Dr 4000"),
  Rule("a commission that passes from one producer to another", .commissionPosted("pol_1", [-2_000, 2_000])),
  Rule("a commission statement with something to pay", .commissionDue(4_500), "2200 Dr 4500", "2210 Cr 4500"),
]

@Suite struct PostingRulesTests {
  @Test(arguments: rules)
  func anEventMovesTheAccounts(_ row: Rule) async throws {
    let world = World()
    try await world.publish(row.event, 1)
    try await world.settle()
    let entries = try await world.entries().entries
    #expect(entries.count == (row.moves.isEmpty ? 0 : 1))
    let moves = entries.flatMap(\.postings).map { posting in
      posting.debit.cents > 0
        ? "\(posting.account) Dr \(posting.debit.cents)" : "\(posting.account) Cr \(posting.credit.cents)"
    }
    #expect(moves == row.moves)
    #expect(try await world.trialBalance().balanced)
    #expect(try await world.engine.store.deadLetters(source: nil).isEmpty)
    #expect(try await world.mismatches().isEmpty)
  }

  @Test(arguments: [
    Rule(
      "lines that are not the total",
      .invoiceIssued(total: 17_000, lines: [("premium", 50_000), ("subsidy", -32_000)]),
      "ledger.unbalanced"),
    Rule("a payout that is not its claims", .payoutPosted([("pol_1", 8_000)], amount: 9_000), "ledger.unbalanced"),
    Rule("a line of a kind unknown", .invoiceIssued(total: 100, lines: [("gift", 100)]), "ledger.unknown_line"),
    Rule("another currency", .paymentPosted("pol_1", 100, currency: "EUR"), "ledger.foreign_currency"),
  ])
  func anEventThatCannotBePostedIsSetAside(_ row: Rule) async throws {
    let world = World()
    try await world.publish(row.event, 1)
    try await world.settle()
    let reasons = try await world.engine.store.deadLetters(source: nil).map(\.reason)
    #expect(reasons.count == 1)
    #expect(reasons.first?.hasPrefix(row.moves[0] + ":") == true, "\(reasons)")
    #expect(try await world.entries().entries.isEmpty)
  }

  @Test func anEventWithoutAnIdentifierOfTheHouseIsSetAside() async throws {
    let world = World()
    try await world.publish(.paymentPosted("pol_1", 100), 1, id: "42")
    try await world.settle()
    let reasons = try await world.engine.store.deadLetters(source: nil).map(\.reason)
    #expect(reasons.first?.hasPrefix("ledger.unnamed_event:") == true, "\(reasons)")
  }
}
