// One row per identity: it holds in the sample, and breaking either side is found by it.

import Contracts
import Courier
import Kernel
import Ledger
import Testing

/// Totals of a small book that agree, by "context.name".
private let agreeing: [String: Int64] = [
  "ledger.2200": 300, "ledger.2210": -1_200, "ledger.5200": 900,
  "commissions.payable": -300, "commissions.due": 1_200, "commissions.posted": 900,
  "ledger.1000": 18_000 + 30_000 + 6_000 + 700 - 8_000 - 400, "ledger.1215": 3_000,
  "ledger.1200": 5_750, "ledger.1210": 2_000, "ledger.2100": -2_000,
  "ledger.2150": -600, "ledger.2300": -3_000, "ledger.2350": -700, "ledger.4000": -62_500, "ledger.5000": 10_000,
  "ledger.5100": 1_500, "ledger.4100": 900, "ledger.2220": -400, "ledger.4200": -250,
  "billing.receivable": 5_750, "billing.charges_billed": 250,
  "billing.credit": 3_000, "billing.exchange_receivable": 32_000,
  "billing.discounts_granted": 900, "billing.taxes_and_fees_billed": 400,
  "billing.contributions_billed": 9_000, "billing.payers_billed": 9_000, "billing.payers_paid": 6_000,
  "payments.contributions_billed": 9_000, "payments.contributions_received": 6_000,
  "billing.written_off": 1_500, "billing.refunds_requested": 1_000, "payments.refunded": 400,
  "billing.premium_billed": 62_500, "billing.payments_applied": 18_000, "billing.accounts": 4,
  "payments.collected": 18_000, "payments.paid_out": 8_000, "payments.exchange_billed": 32_000,
  "payments.exchange_received": 30_000, "payments.suspense": 700,
  "claims.approved": 10_000, "claims.paid": 8_000, "claims.payable": 2_000, "claims.coverages": 3,
  "policy.policies_bound": 4, "policy.policies_issued": 3, "policy.policies_terminated": 0,
  "notices.welcome": 3,
]

private let cash =
  "ledger.1000 = payments.collected + payments.exchange_received + payments.contributions_received"
  + " + payments.suspense - payments.paid_out - payments.refunded"
private let payersOwe = "ledger.1215 = billing.contributions_billed - payments.contributions_received"
private let payersBilled = "billing.contributions_billed = billing.payers_billed"
private let payersExpected = "billing.contributions_billed = payments.contributions_billed"
private let payersPaid = "payments.contributions_received = billing.payers_paid"

private func totals(_ figures: [String: Int64]) -> [String: [Premia_Common_V1_Total]] {
  var totals: [String: [Premia_Common_V1_Total]] = [:]
  for (name, figure) in figures {
    let parts = name.split(separator: ".").map(String.init)
    totals[parts[0], default: []].append(Premia_Common_V1_Total(parts[1], count: figure, Money(cents: figure)))
  }
  return totals
}

@Suite struct ReconciliationTests {
  @Test func booksThatAgreeHaveNoDefect() {
    #expect(Reconciliation.defects(in: totals(agreeing)) == [])
  }

  @Test(arguments: [
    ("ledger.4000", ["the sum of ledger = zero", "-ledger.4000 = billing.premium_billed"]),
    ("billing.receivable", ["ledger.1200 = billing.receivable"]),
    (
      "billing.refunds_requested", ["-ledger.2150 = billing.refunds_requested - payments.refunded"]
    ),
    ("billing.written_off", ["ledger.5100 = billing.written_off"]),
    ("billing.discounts_granted", ["ledger.4100 = billing.discounts_granted"]),
    ("billing.taxes_and_fees_billed", ["-ledger.2220 = billing.taxes_and_fees_billed"]),
    ("billing.charges_billed", ["-ledger.4200 = billing.charges_billed"]),
    ("ledger.4100", ["the sum of ledger = zero", "ledger.4100 = billing.discounts_granted"]),
    ("billing.credit", ["-ledger.2300 = billing.credit"]),
    (
      "billing.exchange_receivable",
      [
        "ledger.1210 = billing.exchange_receivable - payments.exchange_received",
        "billing.exchange_receivable = payments.exchange_billed",
      ]
    ),
    ("payments.exchange_billed", ["billing.exchange_receivable = payments.exchange_billed"]),
    (
      "payments.exchange_received",
      ["ledger.1210 = billing.exchange_receivable - payments.exchange_received", cash]
    ),
    ("billing.contributions_billed", [payersOwe, payersExpected, payersBilled]),
    ("payments.contributions_billed", [payersExpected]),
    ("billing.payers_billed", [payersBilled]),
    ("billing.payers_paid", [payersPaid]),
    ("payments.contributions_received", [payersOwe, payersPaid, cash]),
    ("ledger.1215", ["the sum of ledger = zero", payersOwe]),
    ("payments.suspense", ["-ledger.2350 = payments.suspense", cash]),
    ("ledger.2350", ["the sum of ledger = zero", "-ledger.2350 = payments.suspense"]),
    ("billing.premium_billed", ["-ledger.4000 = billing.premium_billed"]),
    ("ledger.1000", ["the sum of ledger = zero", cash]),
    ("claims.payable", ["-ledger.2100 = claims.payable"]),
    ("claims.approved", ["ledger.5000 = claims.approved"]),
    ("billing.payments_applied", ["payments.collected = billing.payments_applied"]),
    ("claims.paid", ["payments.paid_out = claims.paid"]),
    ("commissions.payable", ["-ledger.2200 = commissions.payable"]),
    ("commissions.due", ["-ledger.2210 = commissions.due"]),
    ("commissions.posted", ["ledger.5200 = commissions.posted"]),
    ("billing.accounts", ["policy.policies_bound = billing.accounts"]),
    ("claims.coverages", ["policy.policies_issued = claims.coverages"]),
    ("notices.welcome", ["policy.policies_issued = notices.welcome"]),
  ])
  func aFigureThatIsOffIsFound(_ name: String, _ places: [String]) throws {
    var figures = agreeing
    let figure = try #require(figures[name])
    figures[name] = figure + 1
    #expect(Reconciliation.defects(in: totals(figures)).map(\.place) == places)
    figures[name] = nil
    #expect(Reconciliation.defects(in: totals(figures)).map(\.place) == places)
  }

  @Test func aDefectSaysBothFiguresAndWhereToLook() throws {
    var figures = agreeing
    figures["billing.receivable"] = 4_999
    let defect = try #require(Reconciliation.defects(in: totals(figures)).first)
    #expect(defect.left == 5_750 && defect.right == 4_999 && defect.unit == .cents)
    #expect(!defect.what.isEmpty && !defect.lookAt.isEmpty)
    figures["billing.receivable"] = nil
    let missing = try #require(Reconciliation.defects(in: totals(figures)).first)
    #expect(missing.right == nil)
    #expect(missing.description.contains("not given"))
  }
}
