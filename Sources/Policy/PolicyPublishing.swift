// The canonical snapshot, and what others are told.

import Contracts
import Courier
import Kernel
package import Runtime

extension Policy {
  package static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    let id = recorded.stream.rawValue
    switch recorded.event {
    case .applied, .ended:
      return []
    case .bound:
      var message = Premia_Policy_V1_PolicyBound()
      message.policy = snapshot(id, state, version: recorded.version)
      return [Publication("Policy.Bound", about: id, message)]
    case .issued:
      var message = Premia_Policy_V1_PolicyIssued()
      message.policy = snapshot(id, state, version: recorded.version)
      return [Publication("Policy.Issued", about: id, message)]
    case .terminated(let end, _), .cancelled(let end):
      var message = Premia_Policy_V1_PolicyTerminated()
      message.policy = snapshot(id, state, version: recorded.version)
      message.reason = end.reason.rawValue
      return [Publication("Policy.Terminated", about: id, message)]
    }
  }

  /// The policy as others see it.
  static func snapshot(_ id: String, _ state: State, version: Int64) -> Premia_Policy_V1_Policy {
    var words = Premia_Policy_V1_Policy()
    guard let terms = state.terms else { preconditionFailure("nothing to show of a policy that is not") }
    words.policyID = id
    words.policyNumber = terms.number
    words.status = state.word
    words.subscriberID = terms.subscriber?.partyID ?? ""
    words.state = terms.state
    words.ratingArea = terms.ratingArea
    words.planID = terms.planID
    words.planName = terms.planName
    words.level = Premia_Products_V1_Level(rawValue: terms.level) ?? .unspecified
    words.effectiveDate = terms.effectiveDate.description
    words.endDate = state.end?.on.description ?? ""
    words.originalEffectiveDate = terms.originalEffectiveDate?.description ?? ""
    words.channel = terms.channel
    words.rules = terms.rules
    words.statusReason = state.end?.reason.rawValue ?? ""
    words.version = version
    words.members = terms.members.map { member in
      var word = Premia_Policy_V1_Member()
      word.partyID = member.partyID
      word.relationship = member.relationship.rawValue
      word.birthDate = member.birthDate?.description ?? ""
      word.tobacco = member.tobacco
      word.from = terms.effectiveDate.description
      word.to = state.end?.on.description ?? ""
      word.memberNumber = member.number
      word.givenName = member.givenName
      return word
    }
    words.premium = terms.premium.segments.map { segment in
      var word = Premia_Policy_V1_PremiumSegment()
      word.from = segment.start.description
      word.to = segment.end?.description ?? ""
      word.planID = segment.value.planID
      word.gross = Premia_Common_V1_Money(segment.value.gross)
      word.aptc = Premia_Common_V1_Money(segment.value.aptc)
      return word
    }
    words.identifiers = terms.identifiers.map { identifier in
      var word = Premia_Common_V1_OutsideIdentifier()
      word.system = identifier.system
      word.kind = identifier.kind
      word.value = identifier.value
      return word
    }
    return words
  }
}

extension Policy.State {
  var word: Premia_Policy_V1_Status {
    switch self {
    case .none: .unspecified
    case .applied: .applied
    case .pendingPayment: .pendingPayment
    case .active: .active
    case .terminated: .terminated
    case .cancelled: .cancelled
    }
  }
}
