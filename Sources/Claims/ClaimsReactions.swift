// What Claims does about the events of others: it keeps what it needs of products and policies, and marks claims paid.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

enum ClaimsReactions {
  static let all = [
    Subscription("products", "Product.Published", Premia_Products_V1_ProductPublished.self) { event, unit in
      if event.hasPlan {
        let edition = try Plan.Edition(event.plan)
        try await unit.decide(Plan.self, .plan(edition.planID), .publish(edition))
      }
      if event.hasFeeSchedule {
        let prices = try FeeSchedule.Prices(event.feeSchedule)
        try await unit.decide(FeeSchedule.self, .feeSchedule(prices.name), .publish(prices))
      }
    },
    keep("Policy.Issued", Premia_Policy_V1_PolicyIssued.self, \.policy, as: Coverage.Command.cover),
    keep("Policy.Endorsed", Premia_Policy_V1_PolicyEndorsed.self, \.policy, as: Coverage.Command.cover),
    keep("Policy.Paused", Premia_Policy_V1_PolicyPaused.self, \.policy, as: Coverage.Command.cover),
    keep("Policy.Resumed", Premia_Policy_V1_PolicyResumed.self, \.policy, as: Coverage.Command.cover),
    keep("Policy.Renewed", Premia_Policy_V1_PolicyRenewed.self, \.policy, as: Coverage.Command.cover),
    keep("Policy.Reinstated", Premia_Policy_V1_PolicyReinstated.self, \.policy, as: Coverage.Command.cover),
    keep("Policy.Terminated", Premia_Policy_V1_PolicyTerminated.self, \.policy, as: Coverage.Command.end),
    keep("Policy.Rescinded", Premia_Policy_V1_PolicyRescinded.self, \.policy, as: Coverage.Command.end),
    Subscription("billing", "Account.Delinquent", Premia_Billing_V1_AccountDelinquent.self) { event, unit in
      let from = try CalendarDate.optional(event.grace.claimsPendFrom, field: "grace.claims_pend_from")
      try await unit.pend(try ID(event.policyID, field: "policy_id"), from: from)
    },
    Subscription("billing", "Account.Cured", Premia_Billing_V1_AccountCured.self) { event, unit in
      try await unit.pend(try ID(event.policyID, field: "policy_id"), from: nil)
    },
    Subscription("billing", "Account.Reinstated", Premia_Billing_V1_AccountReinstated.self) { event, unit in
      try await unit.pend(try ID(event.policyID, field: "policy_id"), from: nil)
    },
    Subscription("billing", "Account.Lapsed", Premia_Billing_V1_AccountLapsed.self) { event, unit in
      let lost = try CalendarDate(event.terminateOn, field: "terminate_on")
      try await unit.pend(try ID(event.policyID, field: "policy_id"), lostFrom: lost)
    },
    Subscription("payments", "Payout.Posted", Premia_Payments_V1_PayoutPosted.self) { event, unit in
      let payout = Claim.Payout(
        id: try ID(event.payout.payoutID, field: "payout.payout_id"),
        on: try CalendarDate(event.payout.paidOn, field: "payout.paid_on"))
      for claim in event.payout.claims {
        let id = try ClaimID(claim.claimID, field: "payout.claims.claim_id")
        try await unit.decide(
          Claim.self, StreamID(id), .pay(payout, amount: try claim.amount.money("payout.claims.amount")))
      }
    },
  ]
}

extension ClaimsReactions {
  /// Keeps the snapshot that an event of a policy carries.
  private static func keep<Event: Message>(
    _ type: String, _: Event.Type, _ policy: @escaping @Sendable (Event) -> Premia_Policy_V1_Policy,
    as command: @escaping @Sendable (Insurance) -> Coverage.Command
  ) -> Subscription {
    Subscription("policy", type, Event.self) { event, unit in
      let insurance = try Insurance(policy(event))
      try await unit.decide(Coverage.self, .coverage(of: insurance.policy), command(insurance))
      try await unit.judgeWaiting(of: insurance.policy)
    }
  }
}

extension Insurance {
  init(_ policy: Premia_Policy_V1_Policy) throws(Problem) {
    let effective = try CalendarDate(policy.effectiveDate, field: "policy.effective_date")
    self.init(
      policy: try ID(policy.policyID, field: "policy.policy_id"), number: policy.policyNumber, effective: effective,
      end: try .optional(policy.endDate, field: "policy.end_date"), plans: Timeline(policy.planID, from: effective),
      members: try policy.members.map { member throws(Problem) in try Member(member) }, version: policy.version)
    for segment in policy.premium {
      let from = try CalendarDate(segment.from, field: "policy.premium.from")
      let to = try CalendarDate.optional(segment.to, field: "policy.premium.to")
      if let to, to <= from { continue }
      plans.set(segment.planID, from: from, to: to)
    }
    for pause in policy.pauses {
      let from = try CalendarDate(pause.from, field: "policy.pauses.from")
      let until = try CalendarDate(pause.until, field: "policy.pauses.until")
      guard from < until else { throw .field("policy.pauses.until", "is \(until), not after \(from)") }
      plans.clear(from: from, to: until)
    }
  }
}

extension Insurance.Member {
  fileprivate init(_ member: Premia_Policy_V1_Member) throws(Problem) {
    self.init(
      id: try ID(member.partyID, field: "policy.members.party_id"), relationship: member.relationship,
      birthDate: try .optional(member.birthDate, field: "policy.members.birth_date"), number: member.memberNumber,
      givenName: member.givenName, from: try .optional(member.from, field: "policy.members.from"),
      to: try .optional(member.to, field: "policy.members.to"))
  }
}

extension Plan.Edition {
  init(_ plan: Premia_Products_V1_Plan) throws(Problem) {
    guard !plan.planID.isEmpty else { throw .field("plan.plan_id", "is missing") }
    self.init(
      planID: plan.planID, number: Int(plan.edition),
      from: try CalendarDate(plan.effectiveFrom, field: "plan.effective_from"),
      costSharing: try CostSharing(plan.costSharing), feeSchedule: plan.feeSchedule)
  }
}

extension CostSharing {
  fileprivate init(_ sharing: Premia_Products_V1_CostSharing) throws(Problem) {
    self.init(
      deductiblePerson: try sharing.deductiblePerson.dollars("plan.cost_sharing.deductible_person"),
      deductibleFamily: try sharing.deductibleFamily.dollars("plan.cost_sharing.deductible_family"),
      outOfPocketPerson: try sharing.outOfPocketPerson.dollars("plan.cost_sharing.out_of_pocket_person"),
      outOfPocketFamily: try sharing.outOfPocketFamily.dollars("plan.cost_sharing.out_of_pocket_family"), benefits: [:])
    for benefit in sharing.benefits {
      benefits[benefit.category] = Benefit(
        covered: benefit.covered, deductibleApplies: benefit.deductibleApplies,
        copay: try benefit.copay.dollars("plan.cost_sharing.benefits.copay"),
        coinsurance: Ratio(Int64(benefit.coinsuranceBasisPoints), 10_000))
    }
  }
}

extension FeeSchedule.Prices {
  init(_ schedule: Premia_Products_V1_FeeSchedule) throws(Problem) {
    guard !schedule.name.isEmpty else { throw .field("fee_schedule.name", "is missing") }
    self.init(
      name: schedule.name, prices: [:], unlisted: Ratio(Int64(schedule.defaultAllowedBasisPoints), 10_000))
    for line in schedule.lines {
      prices[line.procedure] = FeeSchedule.Price(
        category: line.category, each: try line.allowed.dollars("fee_schedule.lines.allowed"))
    }
  }
}

extension Premia_Common_V1_Money {
  /// - Throws: where the amount is not in US dollars, the one currency of plans and claims.
  func dollars(_ field: String) throws(Problem) -> Money {
    let amount = try money(field)
    guard amount.currency == .usd else { throw .field(field, "is in \(amount.currency); amounts are in USD") }
    return amount
  }
}
