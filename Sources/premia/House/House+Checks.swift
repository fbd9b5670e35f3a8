// The checks that look across contexts: does what is stored follow from the events, and do the books agree.

import Contracts
import Courier
import GRPCCore
import Kernel
import Ledger
import Runtime

extension House {
  /// Replays the events of every context and compares.
  func verify() async throws -> VerificationReport {
    var report = VerificationReport.empty
    for room in rooms {
      report.add(try await room.engine.verify(room.context.aggregates, tables: room.context.tables))
    }
    return report
  }

  /// Compares what the contexts say of each other, and looks for messages that have not arrived.
  func reconcile() async throws -> (rules: Int, defects: [Defect]) {
    let request = Premia_Common_V1_TotalsRequest()
    let totals = try await [
      "policy": ask { try await lines.policy.getTotals(request, options: .long) }.totals,
      "billing": ask { try await lines.billing.getTotals(request, options: .long) }.totals,
      "payments": ask { try await lines.payments.getTotals(request, options: .long) }.totals,
      "claims": ask { try await lines.claims.getTotals(request, options: .long) }.totals,
      "ledger": ask { try await lines.ledger.getTotals(request, options: .long) }.totals,
      "notices": ask { try await lines.notices.getTotals(request, options: .long) }.totals,
      "commissions": ask { try await lines.commissions.getTotals(request, options: .long) }.totals,
    ]
    var defects = Reconciliation.defects(in: totals)
    var rules = Reconciliation.ruleCount
    for room in rooms {
      for consumer in room.consumers {
        rules += 1
        let source = consumer.feed.source
        let behind = try await consumer.feed.last() - consumer.cursor()
        if behind > 0 {
          defects.append(
            Defect(
              what: "\(room.context.name) has read all of \(source)", place: "messages behind = 0", unit: .count,
              left: behind, right: 0, lookAt: "the log of \(room.context.name)"))
        }
        let dead = try await room.engine.store.deadLetters(source: source).count
        if dead > 0 {
          defects.append(
            Defect(
              what: "\(room.context.name) took in all of \(source)", place: "dead letters = 0", unit: .count,
              left: Int64(dead), right: 0, lookAt: "'premia events dead', then 'premia events redrive'"))
        }
      }
    }
    return (rules, defects)
  }
}
