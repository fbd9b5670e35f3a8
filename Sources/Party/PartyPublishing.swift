// What others are told: that somebody exists or has changed, never who it is.

package import Runtime
import Contracts

extension Party {
  package static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    switch recorded.event {
    case .registered(let details, _):
      var message = Premia_Party_V1_PartyRegistered()
      message.partyID = recorded.stream.rawValue
      message.kind = details.kind.word
      return [Publication("Party.Registered", about: "", message)]
    case .changed(_, let fields):
      var message = Premia_Party_V1_PartyChanged()
      message.partyID = recorded.stream.rawValue
      message.fields = fields
      return [Publication("Party.Changed", about: "", message)]
    case .linked:
      return []
    }
  }
}

extension Party.Kind {
  var word: Premia_Party_V1_Kind {
    switch self {
    case .person: .person
    case .organisation: .organisation
    case .provider: .provider
    }
  }

  init?(_ word: Premia_Party_V1_Kind) {
    switch word {
    case .person: self = .person
    case .organisation: self = .organisation
    case .provider: self = .provider
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}
