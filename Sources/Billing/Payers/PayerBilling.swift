// How payers come to know of invoices, of money and of the days: behind the billing run, from Billing's own published
// log, by the same reader that numbers documents. So an account without shares costs nothing here.

import Contracts
import Courier
public import Kernel
public import Runtime

extension ID<PartyTag> {
  /// A payer has the party's number, so no look-up can find two.
  var payerStream: StreamID { StreamID("payer/\(self)") }
}

extension Unit {
  /// Bills the contributions of invoices to their payers.
  ///
  /// - Parameter sources: with their positions in the log, in its order.
  mutating func billPayers(_ sources: [(position: Int64, source: DocumentSource)]) async throws {
    var order: [ID<PartyTag>] = []
    var items: [ID<PartyTag>: [Payer.Item]] = [:]
    for (position, source) in sources {
      for (payer, item) in try source.contributions(at: position) {
        if items[payer] == nil { order.append(payer) }
        items[payer, default: []].append(item)
      }
    }
    for payer in order {
      try await decide(Payer.self, payer.payerStream, .bill(items[payer] ?? [], to: payer, on: today))
    }
  }
}

extension DocumentSource {
  /// What the event bills to payers, in the order of its lines.
  fileprivate func contributions(at position: Int64) throws -> [(ID<PartyTag>, Payer.Item)] {
    switch self {
    case .issued(let invoice, _):
      try Self.items(of: invoice.lines, invoice.policyID, invoice.invoiceID, .contribution, sign: -1, at: position)
    case .adjusted(let event, _):
      try Self.items(of: event.lines, event.policyID, event.invoiceID, .correction, sign: -1, at: position)
    // Its lines are those that no longer hold.
    case .voided(let event, _):
      try Self.items(of: event.lines, event.policyID, event.invoiceID, .correction, sign: 1, at: position)
    // What payers were asked for in closed months stands.
    case .closedCorrected, .stated: []
    }
  }

  private static func items(
    of lines: [Premia_Billing_V1_Line], _ policy: String, _ invoice: String, _ kind: Payer.Item.Kind, sign: Int64,
    at position: Int64
  ) throws -> [(ID<PartyTag>, Payer.Item)] {
    var sums: [(payer: ID<PartyTag>, period: Period, cents: Int64)] = []
    for line in lines where line.kind == Line.Kind.contribution.word {
      let payer = try ID<PartyTag>(line.name, field: "lines.name")
      let days = Period(
        from: try CalendarDate(line.from, field: "lines.from"), to: try CalendarDate(line.to, field: "lines.to"))
      let cents = sign * line.amount.cents
      if let index = sums.firstIndex(where: { $0.payer == payer }) {
        let before = sums[index].period
        sums[index].period = Period(from: min(before.start, days.start), to: max(before.end, days.end))
        sums[index].cents += cents
      } else {
        sums.append((payer, days, cents))
      }
    }
    return sums.filter { $0.cents != 0 }.map { sum in
      let item = Payer.Item(
        position: position, kind: kind, policy: policy, invoice: invoice, period: sum.period, cents: sum.cents)
      return (sum.payer, item)
    }
  }
}

extension BillingReactions {
  /// A payer paid by a remittance.
  static let contribution = Subscription(
    "payments", "Contribution.Posted", Premia_Payments_V1_ContributionPosted.self
  ) { event, unit in
    let payer = try ID<PartyTag>(event.payerID, field: "payer_id")
    let amount = try event.amount.money("amount")
    try await unit.decide(
      Payer.self, payer.payerStream, .pay(receipt: event.receiptID, amount, of: payer, on: unit.today))
  }
}

/// Issues statements and marks those past due.
public enum StatementRun {
  /// Does what is due up to and including a day, with all that was billed so far.
  ///
  /// - Returns: how many payers there was something to do for, and those for whom it could not be done.
  /// - Throws: `StoreFailure`.
  public static func run(engine: Engine, asOf day: CalendarDate, act: Act? = nil) async throws -> SweepReport {
    while try await engine.pump(Numbering.reader) > 0 {}
    let name = "run/statements/\(day)"
    return try await engine.sweep(
      Payer.self, through: Instant(date: day), act: act ?? Act(correlation: name, causation: name),
      step: { _ in .advance(asOf: day) })
  }
}
