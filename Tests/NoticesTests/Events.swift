// The events of the others, short to write.

import Contracts
import SwiftProtobuf

enum Events {
  static func policy(
    _ id: String = "pol_1", planName: String = "Silver 70", members: [(String, String)] = [("M-1", "subscriber")],
    gross: Int64 = 50_000, aptc: Int64 = 0, endDate: String = ""
  ) -> Premia_Policy_V1_Policy {
    var policy = Premia_Policy_V1_Policy()
    policy.policyID = id
    policy.policyNumber = "P-100"
    policy.planName = planName
    policy.effectiveDate = "2026-03-01"
    policy.endDate = endDate
    for (number, relationship) in members {
      var member = Premia_Policy_V1_Member()
      member.memberNumber = number
      member.relationship = relationship
      policy.members.append(member)
    }
    var segment = Premia_Policy_V1_PremiumSegment()
    segment.gross = money(gross)
    segment.aptc = money(aptc)
    policy.premium = [segment]
    return policy
  }

  static func issued(_ policy: Premia_Policy_V1_Policy = policy()) -> Premia_Policy_V1_PolicyIssued {
    var event = Premia_Policy_V1_PolicyIssued()
    event.policy = policy
    return event
  }

  static func terminated(on endDate: String, reason: String) -> Premia_Policy_V1_PolicyTerminated {
    var event = Premia_Policy_V1_PolicyTerminated()
    event.policy = policy(endDate: endDate)
    event.reason = reason
    return event
  }

  static func endorsed(_ change: String = "plan_changed") -> Premia_Policy_V1_PolicyEndorsed {
    var event = Premia_Policy_V1_PolicyEndorsed()
    event.policy = policy(gross: 50_000, aptc: 20_000)
    event.policy.premium[0].from = "2026-03-01"
    event.policy.premium[0].to = "2026-05-01"
    var later = event.policy.premium[0]
    later.from = "2026-05-01"
    later.to = ""
    later.gross = money(70_000)
    later.planName = "Gold 80"
    event.policy.premium.append(later)
    event.change = change
    event.effectiveDate = "2026-05-01"
    event.reason = "marriage"
    return event
  }

  static func paused() -> Premia_Policy_V1_PolicyPaused {
    var event = Premia_Policy_V1_PolicyPaused()
    event.policy = policy()
    event.pause.from = "2026-05-01"
    event.pause.until = "2026-06-15"
    return event
  }

  static func resumed() -> Premia_Policy_V1_PolicyResumed {
    var event = Premia_Policy_V1_PolicyResumed()
    event.policy = policy()
    event.effectiveDate = "2026-06-15"
    return event
  }

  static func renewed() -> Premia_Policy_V1_PolicyRenewed {
    var event = Premia_Policy_V1_PolicyRenewed()
    event.policy = endorsed().policy
    event.termStart = "2026-05-01"
    return event
  }

  /// With dental of $38.50; vision is dropped, and another dental plan is continued by it.
  static func renewedWithAddOns() -> Premia_Policy_V1_PolicyRenewed {
    var event = renewed()
    event.policy = event.policy.withDental
    event.addOns = [
      .with {
        ($0.planID, $0.planName, $0.reason) = ("old", "Dental 1000", "not_sold")
        ($0.nextPlanID, $0.nextPlanName) = ("dental", "Dental 1500")
      },
      .with { ($0.planID, $0.planName, $0.reason) = ("vision", "Vision 150", "not_sold_beside") },
    ]
    return event
  }

  static func rescissionNoticed() -> Premia_Policy_V1_PolicyRescissionNoticed {
    var event = Premia_Policy_V1_PolicyRescissionNoticed()
    event.policy = policy()
    event.reason = "fraud"
    event.earliestDate = "2026-06-15"
    return event
  }

  static func rescinded() -> Premia_Policy_V1_PolicyRescinded {
    var event = Premia_Policy_V1_PolicyRescinded()
    event.policy = policy(endDate: "2026-03-01")
    event.reason = "fraud"
    return event
  }

  static func reinstated() -> Premia_Policy_V1_PolicyReinstated {
    var event = Premia_Policy_V1_PolicyReinstated()
    event.policy = policy()
    return event
  }

  static func pastDue(_ policyID: String = "pol_1") -> Premia_Billing_V1_InvoicePastDue {
    var event = Premia_Billing_V1_InvoicePastDue()
    event.invoiceID = "inv_1"
    event.policyID = policyID
    event.open = money(123_456)
    event.dueOn = "2026-02-28"
    return event
  }

  static func noticed(_ notice: String, pendFrom: String = "") -> Premia_Billing_V1_AccountNoticed {
    var event = Premia_Billing_V1_AccountNoticed()
    event.policyID = "pol_1"
    event.notice = notice
    event.owed = money(123_456)
    event.grace.from = "2026-02-01"
    event.grace.to = "2026-05-01"
    event.grace.terminateOn = "2026-03-01"
    event.grace.claimsPendFrom = pendFrom
    return event
  }

  static func retryPlanned(nextTryOn: String) -> Premia_Billing_V1_RetryPlanned {
    var event = Premia_Billing_V1_RetryPlanned()
    event.policyID = "pol_1"
    event.open = money(18_000)
    event.nextTryOn = nextTryOn
    return event
  }

  static func paymentFailed() -> Premia_Payments_V1_PaymentFailed {
    var event = Premia_Payments_V1_PaymentFailed()
    event.payment.policyID = "pol_1"
    event.payment.amount = money(18_000)
    return event
  }

  static func claimApproved() -> Premia_Claims_V1_ClaimApproved {
    var event = Premia_Claims_V1_ClaimApproved()
    event.claimID = "clm_1"
    event.policyID = "pol_1"
    event.charge = money(20_000)
    event.allowed = money(12_000)
    event.paid = money(9_000)
    event.patientResponsibility = money(3_000)
    event.adjudicatedOn = "2026-03-04"
    return event
  }

  static func claimDenied(_ policyID: String = "pol_1", reason: String) -> Premia_Claims_V1_ClaimDenied {
    var event = Premia_Claims_V1_ClaimDenied()
    event.claimID = "clm_1"
    event.policyID = policyID
    event.charge = money(20_000)
    event.reason = reason
    event.adjudicatedOn = "2026-03-04"
    return event
  }
}

extension Premia_Policy_V1_Policy {
  /// The same with dental of $38.50 beside the plan.
  var withDental: Self {
    var policy = self
    for index in policy.premium.indices {
      policy.premium[index].addOns = [
        .with {
          ($0.planID, $0.planName, $0.kind) = ("dental", "Dental 1500", .dental)
          $0.monthly.cents = 38_50
        }
      ]
    }
    return policy
  }
}
