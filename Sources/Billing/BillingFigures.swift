// Sums over the read tables: for people, and for reconciliation with the other contexts.

import Contracts
import Courier
import Kernel
import Runtime

struct BillingFigures {
  let store: any Store

  /// Invoices by status, and what they add up to.
  private struct Book {
    struct Sums {
      var count: Int64 = 0
      var premiumCents: Int64 = 0
      var subsidyCents: Int64 = 0
      var totalCents: Int64 = 0
      var openCents: Int64 = 0
      var writtenOffCents: Int64 = 0
    }

    var byStatus: [String: Sums] = [:]

    /// Of what was issued and stands.
    func sum(_ amount: KeyPath<Sums, Int64>) -> Int64 {
      ["issued", "past_due", "paid", "written_off"].reduce(0) { $0 + (byStatus[$1]?[keyPath: amount] ?? 0) }
    }
  }

  func totals() async throws -> Premia_Common_V1_Totals {
    let book = try await book()
    let (accounts, credit) = try await accounts()
    let (payments, paid) = try await payments()
    let closed = try await closedCorrections()
    var totals = Premia_Common_V1_Totals()
    totals.totals = [
      .init("accounts", count: accounts, .zero),
      .init("receivable", count: book.sum(\.count), Money(cents: book.sum(\.openCents))),
      .init("credit", count: accounts, Money(cents: credit)),
      .init("exchange_receivable", count: book.sum(\.count), Money(cents: book.sum(\.subsidyCents) + closed.exchange)),
      .init("premium_billed", count: book.sum(\.count), Money(cents: book.sum(\.premiumCents) + closed.premium)),
      try await namedAmounts("discounts_granted", of: [.discount], sign: -1, besides: closed.discount),
      try await namedAmounts("taxes_and_fees_billed", of: [.tax, .fee], sign: 1, besides: closed.levy),
      try await namedAmounts("charges_billed", of: [.charge], sign: 1),
      try await namedAmounts("contributions_billed", of: [.contribution], sign: -1),
      .init("payments_applied", count: payments, Money(cents: paid)),
      try await refunds(),
      .init(
        "written_off", count: book.byStatus["written_off"]?.count ?? 0,
        Money(cents: book.sum(\.writtenOffCents) + closed.writtenOff)),
    ]
    totals.totals += try await payers()
    return totals
  }

  func summary() async throws -> Premia_Billing_V1_Summary {
    let book = try await book()
    let (accounts, credit) = try await accounts()
    let paid = try await payments().cents
    var summary = Premia_Billing_V1_Summary()
    summary.accounts = accounts
    summary.invoices = ["draft", "issued", "past_due", "paid", "written_off", "void"].map { status in
      let sums = book.byStatus[status] ?? Book.Sums()
      return .init(status, count: sums.count, Money(cents: sums.totalCents))
    }
    summary.billed = Premia_Common_V1_Money(Money(cents: book.sum(\.totalCents)))
    summary.collected = Premia_Common_V1_Money(Money(cents: paid))
    summary.pastDue = Premia_Common_V1_Money(Money(cents: book.byStatus["past_due"]?.openCents ?? 0))
    summary.credit = Premia_Common_V1_Money(Money(cents: credit))
    summary.journeys = [try await invoiceToPaid(issued: book.sum(\.count))]
    return summary
  }

  /// From the day an invoice is issued to the day it is paid; straight through where it was never past due.
  private func invoiceToPaid(issued: Int64) async throws -> Premia_Common_V1_Journey {
    let tallies = try await store.tally(
      BillingTables.invoices, by: ["days_to_pay", "was_past_due"], sums: [], where: [("status", "paid")])
    var histogram: [(days: Int64, count: Int64)] = []
    var journey = Premia_Common_V1_Journey()
    journey.name = "invoice_to_paid"
    journey.started = issued
    var inTime: Int64 = 0
    for tally in tallies {
      guard case .integer(let days) = tally.group[0] else { continue }
      histogram.append((days, tally.count))
      journey.completed += tally.count
      if tally.group[1] == 0 { inTime += tally.count }
    }
    guard journey.completed > 0 else { return journey }
    journey.medianDays = Self.days(in: histogram, atShare: 50, of: journey.completed)
    journey.ninetiethPercentileDays = Self.days(in: histogram, atShare: 90, of: journey.completed)
    journey.straightThroughBasisPoints = inTime * 10_000 / journey.completed
    return journey
  }

  /// The fewest days within which a share of all were done (nearest rank). The histogram is in order.
  private static func days(
    in histogram: [(days: Int64, count: Int64)], atShare percent: Int64, of all: Int64
  ) -> Int64 {
    let rank = (all * percent + 99) / 100
    var seen: Int64 = 0
    for bar in histogram {
      seen += bar.count
      if seen >= rank { return bar.days }
    }
    return histogram.last?.days ?? 0
  }

  private func book() async throws -> Book {
    let tallies = try await store.tally(
      BillingTables.invoices, by: ["status"],
      sums: ["premium_cents", "subsidy_cents", "total_cents", "open_cents", "written_off_cents"], where: [])
    var book = Book()
    for tally in tallies {
      guard case .text(let status) = tally.group[0] else { continue }
      book.byStatus[status] = Book.Sums(
        count: tally.count, premiumCents: tally.sums[0], subsidyCents: tally.sums[1], totalCents: tally.sums[2],
        openCents: tally.sums[3], writtenOffCents: tally.sums[4])
    }
    return book
  }

  private func accounts() async throws -> (count: Int64, creditCents: Int64) {
    let tally = try await store.tally(BillingTables.accounts, by: [], sums: ["credit_cents"], where: []).first
    return (tally?.count ?? 0, tally?.sums[0] ?? 0)
  }

  /// What was corrected of closed months: no invoice has it.
  private func closedCorrections() async throws -> (
    premium: Int64, exchange: Int64, discount: Int64, levy: Int64, writtenOff: Int64
  ) {
    let sums = try await store.tally(
      BillingTables.closedCorrections, by: [],
      sums: ["premium_cents", "exchange_cents", "discount_cents", "levy_cents", "written_off_cents"], where: []
    ).first?.sums
    guard let sums else { return (0, 0, 0, 0, 0) }
    return (sums[0], sums[1], sums[2], sums[3], sums[4])
  }

  /// Of what was issued and stands.
  ///
  /// - Parameter corrected: by how much closed months were corrected.
  private func namedAmounts(
    _ name: String, of kinds: Set<Line.Kind>, sign: Int64, besides corrected: Int64 = 0
  ) async throws -> Premia_Common_V1_Total {
    var (count, cents): (Int64, Int64) = (0, sign * corrected)
    for tally in try await store.tally(BillingTables.namedAmounts, by: ["kind"], sums: ["cents"], where: [])
    where kinds.contains(where: { Value.text($0.word) == tally.group[0] }) {
      count += tally.count
      cents += sign * tally.sums[0]
    }
    return .init(name, count: count, Money(cents: cents))
  }

  /// What was billed to other payers, and what of it they paid.
  private func payers() async throws -> [Premia_Common_V1_Total] {
    let tally = try await store.tally(
      BillingTables.payers, by: [], sums: ["billed_cents", "paid_cents"], where: []
    ).first
    let count = tally?.count ?? 0
    return [
      .init("payers_billed", count: count, Money(cents: tally?.sums[0] ?? 0)),
      .init("payers_paid", count: count, Money(cents: tally?.sums[1] ?? 0)),
    ]
  }

  private func refunds() async throws -> Premia_Common_V1_Total {
    let tally = try await store.tally(BillingTables.refunds, by: [], sums: ["amount_cents"], where: []).first
    return .init("refunds_requested", count: tally?.count ?? 0, Money(cents: tally?.sums[0] ?? 0))
  }

  private func payments() async throws -> (count: Int64, cents: Int64) {
    let tally = try await store.tally(BillingTables.payments, by: [], sums: ["amount_cents"], where: []).first
    return (tally?.count ?? 0, tally?.sums[0] ?? 0)
  }
}
