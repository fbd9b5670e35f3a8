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
    for context in Self.contextNames { report.add(try await verify(context)) }
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
    for context in Self.contextNames {
      let log = try log(of: context)
      for lag in try await ask({ try await log.getLag(.init(), options: .long) }).lags {
        rules += 1
        if lag.behind > 0 {
          defects.append(
            Defect(
              what: "\(context) has read all of \(lag.source)", place: "messages behind = 0", unit: .count,
              left: lag.behind, right: 0, lookAt: "the log of \(context)"))
        }
        if lag.dead > 0 {
          defects.append(
            Defect(
              what: "\(context) took in all of \(lag.source)", place: "dead letters = 0", unit: .count,
              left: lag.dead, right: 0, lookAt: "'premia events dead', then 'premia events redrive'"))
        }
      }
    }
    return (rules, defects)
  }
}
