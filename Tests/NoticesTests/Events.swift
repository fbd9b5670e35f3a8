// The events of the others, short to write.

import Contracts

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

  static func pastDue(_ policyID: String = "pol_1") -> Premia_Billing_V1_InvoicePastDue {
    var event = Premia_Billing_V1_InvoicePastDue()
    event.invoiceID = "inv_1"
    event.policyID = policyID
    event.open = money(123_456)
    event.dueOn = "2026-02-28"
    return event
  }

  static func paymentFailed(nextTryOn: String = "") -> Premia_Payments_V1_PaymentFailed {
    var event = Premia_Payments_V1_PaymentFailed()
    event.payment.policyID = "pol_1"
    event.payment.amount = money(18_000)
    event.nextTryOn = nextTryOn
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
