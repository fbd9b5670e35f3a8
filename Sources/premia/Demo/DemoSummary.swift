// What a walk came to.

import Contracts
import Courier
import Foundation
import GRPCCore
import Kernel
import Runtime

/// The summary of a house, as printed and as JSON. Amounts in cents of US dollars.
struct DemoSummary: Codable, Equatable {
  struct Claims: Codable, Equatable {
    /// All of them: each is approved (and not paid out), paid or denied.
    var filed: Int64
    var approved: Int64
    var paid: Int64
    var denied: Int64
    var paidCents: Int64
    var denials: [String: Int64]
  }

  struct Commissions: Codable, Equatable {
    var earnedCents: Int64
    /// Never positive.
    var clawedBackCents: Int64
    var statements: Int64
    /// On statements.
    var dueCents: Int64
  }

  struct Ledger: Codable, Equatable {
    var balanced: Bool
    var debitCents: Int64
    var creditCents: Int64
  }

  struct Verify: Codable, Equatable {
    var streams: Int64
    var events: Int64
    var mismatches: Int64
  }

  struct Reconcile: Codable, Equatable {
    var rules: Int
    var defects: Int
  }

  struct Journey: Codable, Equatable {
    var started: Int64
    var completed: Int64
    var medianDays: Int64
    var ninetiethPercentileDays: Int64
    var straightThroughPercent: Double
  }

  var today: CalendarDate
  var policies: Int64
  /// State, level and status, such as "IL silver pending_payment", to a count.
  var policiesBy: [String: Int64]
  var invoices: Int64
  var invoicesBy: [String: Int64]
  var billedCents: Int64
  var collectedCents: Int64
  var pastDueCents: Int64
  var claims: Claims
  var commissions: Commissions
  var ledger: Ledger
  var verify: Verify
  var reconcile: Reconcile
  var journeys: [String: Journey]
}

extension House {
  /// Asks every context.
  func summary() async throws -> DemoSummary {
    let counts = try await ask { try await lines.policy.getCounts(.init(), options: .long) }
    let billing = try await ask { try await lines.billing.getSummary(.init(), options: .long) }
    let payments = try await ask { try await lines.payments.getSummary(.init(), options: .long) }
    let claims = try await ask { try await lines.claims.getSummary(.init(), options: .long) }
    let commissions = try await ask { try await lines.commissions.getSummary(.init(), options: .long) }
    let trial = try await ask { try await lines.ledger.getTrialBalance(.init(), options: .long) }
    let verification = try await verify()
    let reconciliation = try await reconcile()
    var policiesBy: [String: Int64] = [:]
    for count in counts.counts {
      let words = "\(count.level)".snakeCased + " " + "\(count.status)".snakeCased
      policiesBy["\(count.state) \(words)", default: 0] += count.policies
    }
    func byName(_ totals: [Premia_Common_V1_Total]) -> [String: Int64] {
      Dictionary(totals.map { ($0.name, $0.count) }, uniquingKeysWith: +)
    }
    let invoicesBy = byName(billing.invoices)
    func count(_ status: Premia_Claims_V1_ClaimStatus) -> Int64 {
      claims.claims.reduce(0) { $0 + ($1.status == status ? $1.claims : 0) }
    }
    var journeys: [String: DemoSummary.Journey] = [:]
    for journey in counts.journeys + billing.journeys + payments.journeys + claims.journeys {
      journeys[journey.name] = DemoSummary.Journey(journey)
    }
    return DemoSummary(
      today: clock.today, policies: policiesBy.values.reduce(0, +), policiesBy: policiesBy,
      invoices: invoicesBy.values.reduce(0, +), invoicesBy: invoicesBy,
      billedCents: billing.billed.cents, collectedCents: payments.collected.cents, pastDueCents: billing.pastDue.cents,
      claims: DemoSummary.Claims(
        filed: claims.claims.reduce(0) { $0 + $1.claims }, approved: count(.approved), paid: count(.paid),
        denied: count(.denied),
        paidCents: claims.paid.cents, denials: byName(claims.denials)),
      commissions: DemoSummary.Commissions(
        earnedCents: commissions.earned.cents, clawedBackCents: commissions.clawedBack.cents,
        statements: commissions.statements, dueCents: commissions.due.cents),
      ledger: DemoSummary.Ledger(
        balanced: trial.balanced, debitCents: trial.debit.cents, creditCents: trial.credit.cents),
      verify: DemoSummary.Verify(
        streams: verification.streams, events: verification.events, mismatches: verification.mismatchCount),
      reconcile: DemoSummary.Reconcile(rules: reconciliation.rules, defects: reconciliation.defects.count),
      journeys: journeys)
  }
}

extension DemoSummary.Journey {
  init(_ journey: Premia_Common_V1_Journey) {
    self.init(
      started: journey.started, completed: journey.completed, medianDays: journey.medianDays,
      ninetiethPercentileDays: journey.ninetiethPercentileDays,
      straightThroughPercent: Double(journey.straightThroughBasisPoints) / 100)
  }
}

extension DemoSummary: CustomStringConvertible {
  var description: String {
    func money(_ cents: Int64) -> String { Money(cents: cents).description }
    var moneyTable = TextTable(["money", "count", "amount"], numeric: [1, 2])
    moneyTable.add("invoices billed", "\(invoices)", money(billedCents))
    for (name, count) in invoicesBy.sorted(by: { $0.key < $1.key }) where count > 0 {
      moneyTable.add("  \(name.replacing("_", with: " "))", "\(count)", "")
    }
    moneyTable.add("collected", "", money(collectedCents))
    moneyTable.add("past due", "", money(pastDueCents))
    moneyTable.add("claims filed", "\(claims.filed)", "")
    moneyTable.add("  approved, not paid out", "\(claims.approved)", "")
    moneyTable.add("  paid", "\(claims.paid)", money(claims.paidCents))
    moneyTable.add("  denied", "\(claims.denied)", "")
    for (code, count) in claims.denials.sorted(by: { $0.key < $1.key }) {
      moneyTable.add("    CARC \(code)", "\(count)", "")
    }
    moneyTable.add("commissions earned", "", money(commissions.earnedCents))
    moneyTable.add("  clawed back", "", money(commissions.clawedBackCents))
    moneyTable.add("  due on statements", "\(commissions.statements)", money(commissions.dueCents))
    moneyTable.add("ledger debits", "", money(ledger.debitCents))
    moneyTable.add("ledger credits", ledger.balanced ? "balanced" : "NOT BALANCED", money(ledger.creditCents))
    var journeyTable = TextTable(
      ["journey", "started", "done", "median days", "90% within", "straight through"], numeric: [1, 2, 3, 4, 5])
    for (name, journey) in journeys.sorted(by: { $0.key < $1.key }) {
      journeyTable.add(
        name.replacing("_", with: " "), "\(journey.started)", "\(journey.completed)", "\(journey.medianDays)",
        "\(journey.ninetiethPercentileDays)", "\((journey.straightThroughPercent * 10).rounded() / 10)%")
    }
    return """
      The book on \(today)

      \(policyTable)

      \(moneyTable.text)

      \(journeyTable.text)

      verify     \(verify.streams) streams, \(verify.events) events replayed, \(verify.mismatches) mismatches
      reconcile  \(reconcile.rules) rules, \(reconcile.defects) defects
      """
  }

  /// A row for each state and level, a column for each status.
  private var policyTable: String {
    var counts: [String: [String: Int64]] = [:]
    var sums: [String: Int64] = [:]
    for (name, count) in policiesBy {
      let words = name.split(separator: " ", maxSplits: 2).map(String.init)
      guard words.count == 3 else { preconditionFailure("\(name) is no state, level and status") }
      counts["\(words[0]) \(words[1])", default: [:]][words[2], default: 0] += count
      sums[words[2], default: 0] += count
    }
    let statuses = sums.keys.sorted()
    func row(_ name: String, _ counts: [String: Int64]) -> [String] {
      [name] + statuses.map { status in counts[status].map(String.init) ?? "–" } + ["\(counts.values.reduce(0, +))"]
    }
    var table = TextTable(
      ["policies"] + statuses.map { $0.replacing("_", with: " ") } + ["all"],
      numeric: Set(1...statuses.count + 1))
    for (name, counts) in counts.sorted(by: { $0.key < $1.key }) { table.add(row(name, counts)) }
    table.add(row("all", sums))
    return table.text
  }
}

extension String {
  /// `pendingPayment` as `pending_payment`.
  fileprivate var snakeCased: String {
    reduce(into: "") { text, character in
      text += character.isUppercase ? "_" + character.lowercased() : String(character)
    }
  }
}
