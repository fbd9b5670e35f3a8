// What others are told of a claim: amounts and whom they concern, no diagnosis and no procedure.

import Contracts
import Courier
import Kernel
import Runtime

extension Claim {
  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    guard let filed = state.filed else { return [] }
    let about = filed.insured?.policy.description ?? ""
    switch recorded.event {
    case .filed:
      return [Publication("Claim.Filed", about: about, message(filed: filed))]
    case .pended(let day):
      return [Publication("Claim.Pended", about: about, message(pended: filed, on: day))]
    case .approved(let decision):
      return [Publication("Claim.Approved", about: about, message(approved: filed, decision))]
    case .denied(let decision):
      return [Publication("Claim.Denied", about: about, message(denied: filed, decision))]
    case .paid(let payout):
      var message = Premia_Claims_V1_ClaimPaid()
      message.claimID = filed.id.description
      message.policyID = about
      message.payoutID = payout.id.description
      message.paid = Premia_Common_V1_Money(state.decision?.judgement.paid ?? .zero)
      return [Publication("Claim.Paid", about: about, message)]
    }
  }

  private static func message(pended filed: Filed, on day: CalendarDate) -> Premia_Claims_V1_ClaimPended {
    var message = Premia_Claims_V1_ClaimPended()
    message.claimID = filed.id.description
    message.policyID = filed.insured?.policy.description ?? ""
    message.providerID = filed.claim.provider.description
    message.charge = Premia_Common_V1_Money(filed.claim.charge)
    message.pendedOn = day.description
    return message
  }

  private static func message(filed: Filed) -> Premia_Claims_V1_ClaimFiled {
    var message = Premia_Claims_V1_ClaimFiled()
    message.claimID = filed.id.description
    message.providerID = filed.claim.provider.description
    message.charge = Premia_Common_V1_Money(filed.claim.charge)
    message.receivedOn = filed.claim.receivedOn.description
    return message
  }

  private static func message(approved filed: Filed, _ decision: Decision) -> Premia_Claims_V1_ClaimApproved {
    var message = Premia_Claims_V1_ClaimApproved()
    message.claimID = filed.id.description
    message.policyID = filed.insured?.policy.description ?? ""
    message.memberID = filed.insured?.member.description ?? ""
    message.providerID = filed.claim.provider.description
    message.providerNpi = filed.claim.providerNPI
    message.charge = Premia_Common_V1_Money(filed.claim.charge)
    message.allowed = Premia_Common_V1_Money(decision.judgement.allowed)
    message.paid = Premia_Common_V1_Money(decision.judgement.paid)
    message.patientResponsibility = Premia_Common_V1_Money(decision.judgement.patient)
    message.adjudicatedOn = decision.on.description
    return message
  }

  private static func message(denied filed: Filed, _ decision: Decision) -> Premia_Claims_V1_ClaimDenied {
    var message = Premia_Claims_V1_ClaimDenied()
    message.claimID = filed.id.description
    message.policyID = filed.insured?.policy.description ?? ""
    message.providerID = filed.claim.provider.description
    message.charge = Premia_Common_V1_Money(filed.claim.charge)
    message.reason = decision.judgement.denialReason ?? ""
    message.adjudicatedOn = decision.on.description
    return message
  }
}

extension Judgement {
  /// Where every line was denied: the reason code of the first.
  var denialReason: String? { isDenied ? lines.first?.denied : nil }
}
