// The canonical snapshot, and what others are told.

import Contracts
import Courier
import Kernel
package import Runtime
import SwiftProtobuf

extension Policy {
  package static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    let id = recorded.stream.rawValue
    var policy: Premia_Policy_V1_Policy { snapshot(id, state, version: recorded.version) }
    switch recorded.event {
    case .applied, .tookEffect, .ended:
      return []
    case .bound:
      return [Publication("Policy.Bound", about: id, Premia_Policy_V1_PolicyBound.with { $0.policy = policy })]
    case .issued:
      return [Publication("Policy.Issued", about: id, Premia_Policy_V1_PolicyIssued.with { $0.policy = policy })]
    case .terminated, .cancelled, .returned:
      let message = Premia_Policy_V1_PolicyTerminated.with {
        $0.policy = policy
        $0.reason = state.end?.reason.rawValue ?? ""
      }
      return [Publication("Policy.Terminated", about: id, message)]
    case .endorsed(let endorsement, _, _):
      let message = Premia_Policy_V1_PolicyEndorsed.with {
        $0.policy = policy
        $0.change = endorsement.change.word
        $0.effectiveDate = endorsement.effective.description
        $0.reason = endorsement.reason.rawValue
      }
      return [Publication("Policy.Endorsed", about: id, message)]
    case .paused(let pause, _, _):
      let message = Premia_Policy_V1_PolicyPaused.with {
        $0.policy = policy
        $0.pause = pause.words
      }
      return [Publication("Policy.Paused", about: id, message)]
    case .resumed(let day, let reason, _):
      let message = Premia_Policy_V1_PolicyResumed.with {
        $0.policy = policy
        $0.effectiveDate = day.description
        $0.reason = reason
      }
      return [Publication("Policy.Resumed", about: id, message)]
    case .renewed(let renewal, _, _):
      let message = Premia_Policy_V1_PolicyRenewed.with {
        $0.policy = policy
        $0.termStart = renewal.from.description
        $0.reason = renewal.reason
        $0.addOns = renewal.addOns.map(Premia_Policy_V1_AddOnRenewal.init)
      }
      return [Publication("Policy.Renewed", about: id, message)]
    case .rescissionNoticed(let notice):
      let message = Premia_Policy_V1_PolicyRescissionNoticed.with {
        $0.policy = policy
        $0.reason = notice.reason.rawValue
        $0.earliestDate = notice.earliest.description
      }
      return [Publication("Policy.RescissionNoticed", about: id, message)]
    case .rescinded:
      let message = Premia_Policy_V1_PolicyRescinded.with {
        $0.policy = policy
        $0.reason = state.end?.reason.rawValue ?? ""
      }
      return [Publication("Policy.Rescinded", about: id, message)]
    case .reinstated(let reason, _, _):
      let message = Premia_Policy_V1_PolicyReinstated.with {
        $0.policy = policy
        $0.reason = reason
      }
      return [Publication("Policy.Reinstated", about: id, message)]
    }
  }

  /// The policy as others see it.
  static func snapshot(_ id: String, _ state: State, version: Int64) -> Premia_Policy_V1_Policy {
    var words = Premia_Policy_V1_Policy()
    guard let terms = state.terms else { preconditionFailure("nothing to show of a policy that is not") }
    let end = state.end?.on.description ?? ""
    words.policyID = id
    words.policyNumber = terms.number
    words.status = state.word
    words.subscriberID = terms.subscriber?.partyID ?? ""
    words.state = terms.state
    if let rate = state.rate {
      words.ratingArea = rate.ratingArea
      words.planID = rate.planID
      words.planName = rate.planName
      words.level = Premia_Products_V1_Level(rawValue: rate.level) ?? .unspecified
    }
    words.effectiveDate = terms.effectiveDate.description
    words.endDate = end
    words.originalEffectiveDate = terms.originalEffectiveDate?.description ?? ""
    words.channel = terms.channel.rawValue
    words.rules = terms.allRules
    words.statusReason = state.end?.reason.rawValue ?? ""
    words.version = version
    words.members = terms.members.map { $0.words(until: end) }
    words.premium = state.premium.segments.map { segment in
      var word = Premia_Policy_V1_PremiumSegment(segment)
      if let rate = terms.rate(on: segment.start) {
        word.level = Premia_Products_V1_Level(rawValue: rate.level) ?? .unspecified
      }
      return word
    }
    words.identifiers = terms.identifiers.map { identifier in
      var word = Premia_Common_V1_OutsideIdentifier()
      word.system = identifier.system
      word.kind = identifier.kind
      word.value = identifier.value
      return word
    }
    words.pauses = terms.pauses.map(\.words)
    words.termStarts = terms.termStarts.map(\.description)
    if let schedule = terms.paymentSchedule { words.paymentSchedule = schedule.words }
    return words
  }
}

extension Policy.Member {
  /// - Parameter end: of the policy; empty is open.
  fileprivate func words(until end: String) -> Premia_Policy_V1_Member {
    var word = Premia_Policy_V1_Member()
    word.partyID = person.partyID
    word.relationship = person.relationship.rawValue
    word.birthDate = person.birthDate?.description ?? ""
    word.tobacco = person.tobacco
    word.from = from.description
    word.to = to?.description ?? end
    // Dates as text sort as dates do.
    if !end.isEmpty { word.to = min(word.to, end) }
    word.memberNumber = person.number
    word.givenName = person.givenName
    return word
  }
}

extension Policy.Pause {
  fileprivate var words: Premia_Policy_V1_Pause {
    var word = Premia_Policy_V1_Pause()
    word.from = from.description
    word.until = until.description
    word.reason = reason.rawValue
    return word
  }
}

extension Premia_Policy_V1_PremiumSegment {
  init(_ segment: Timeline<Policy.Price>.Segment) {
    self.init()
    from = segment.start.description
    to = segment.end?.description ?? ""
    planID = segment.value.planID
    planName = segment.value.planName
    gross = Premia_Common_V1_Money(segment.value.gross)
    aptc = Premia_Common_V1_Money(segment.value.aptc)
    addOns = segment.value.addOns.map(Premia_Policy_V1_AddOnPremium.init)
  }
}

extension Policy.State {
  var word: Premia_Policy_V1_Status {
    switch self {
    case .none: .unspecified
    case .applied: .applied
    case .pendingPayment: .pendingPayment
    case .active: .active
    case .paused: .paused
    case .terminated: .terminated
    case .cancelled: .cancelled
    case .voided: .voided
    }
  }
}
