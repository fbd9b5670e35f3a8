// Contract events of others to our commands.

import Contracts
import Courier
import Kernel
import Runtime

enum PolicyReactions {
  /// The binder payment effectuates the policy (45 CFR 155.400(e)); what is not paid within its grace ends it.
  static let all = [
    Subscription("billing", "Invoice.Paid", Premia_Billing_V1_InvoicePaid.self) { event, unit in
      guard event.binder else { return }
      let policy = StreamID(event.policyID)
      // A policy that was cancelled, or issued by hand, before the money came stays as it is; Billing keeps the credit.
      guard case .pendingPayment = try await unit.state(of: Policy.self, policy) else { return }
      try await unit.decide(Policy.self, policy, .issue(on: unit.today, waiver: nil))
    },
    Subscription("billing", "Account.Lapsed", Premia_Billing_V1_AccountLapsed.self) { event, unit in
      let policy = StreamID(event.policyID)
      let state = try await unit.state(of: Policy.self, policy)
      // One that ends already keeps its end: there is nothing left to lose.
      guard state.end == nil, Policy.allows(.terminate, in: state.stage) else { return }
      let end = Policy.End(
        on: try CalendarDate(event.terminateOn, field: "terminate_on"), reason: .nonPayment, note: event.rule)
      try await unit.decide(Policy.self, policy, .terminate(end, on: unit.today))
    },
    Subscription("billing", "Account.Reinstated", Premia_Billing_V1_AccountReinstated.self) { event, unit in
      let policy = StreamID(event.policyID)
      let state = try await unit.state(of: Policy.self, policy)
      // Whoever ended it for another reason, or has brought it back by hand, is not overruled by money.
      guard state.end?.reason == .nonPayment, Policy.allows(.reinstate, in: state.stage) else { return }
      try await unit.decide(Policy.self, policy, .reinstate(reason: "what was owed was paid", on: unit.today))
    },
  ]
}
