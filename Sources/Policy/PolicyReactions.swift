// Contract events of others to our commands.

import Contracts
import Runtime

enum PolicyReactions {
  /// The binder payment effectuates the policy (45 CFR 155.400(e)).
  static let all = [
    Subscription("billing", "Invoice.Paid", Premia_Billing_V1_InvoicePaid.self) { event, unit in
      guard event.binder else { return }
      let policy = StreamID(event.policyID)
      // A policy that was cancelled, or issued by hand, before the money came stays as it is; Billing keeps the credit.
      guard case .pendingPayment = try await unit.state(of: Policy.self, policy) else { return }
      try await unit.decide(Policy.self, policy, .issue(on: unit.today, waiver: nil))
    }
  ]
}
