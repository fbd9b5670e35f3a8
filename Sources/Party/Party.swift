// A party: a person, an organisation or a provider, and what other systems call it.

package import Kernel
import Runtime

package enum PartyTag: IDTag {
  package static let prefix = "pty"
}

package typealias PartyID = ID<PartyTag>

package enum Party: Aggregate {
  package static let kind = "party"

  package enum Kind: String, Codable, Sendable, CaseIterable {
    case person, organisation, provider
  }

  /// What is known of a party. Empty text means not known.
  package struct Details: Hashable, Sendable, Codable {
    package var kind: Kind
    package var familyName = ""
    package var givenName = ""
    package var middleName = ""
    package var organisationName = ""
    package var birthDate: CalendarDate?
    /// "F", "M" or "U", as in X12 DMG03.
    package var sex = ""
    package var address: Address?
    package var email = ""
    package var phone = ""
  }

  package struct Address: Hashable, Sendable, Codable {
    package var lines: [String] = []
    package var city = ""
    /// Two-letter USPS code.
    package var state = ""
    package var postalCode = ""
    package var county = ""
  }

  /// What another system calls a party.
  package struct OutsideIdentifier: Hashable, Sendable, Codable {
    package let system: String
    package let kind: String
    package let value: String
  }

  package enum State: Hashable, Sendable, Codable {
    case nobody
    case registered(Details, identifiers: [OutsideIdentifier], version: Int64)
  }

  package enum Command: Sendable {
    case register(Details, identifiers: [OutsideIdentifier])
    case change(Details)
    case link([OutsideIdentifier])
  }

  package enum Event: Hashable, Sendable, Codable {
    case registered(Details, identifiers: [OutsideIdentifier])
    case changed(Details, fields: [String])
    case linked([OutsideIdentifier])
  }

  package enum Refusal: Kernel.Refusal, Hashable {
    case alreadyRegistered
    case unknown
    case nameless
    case kindChanges(from: Kind, to: Kind)
    case tooManyIdentifiers(Int)
  }

  /// Identifiers a party may have: enough for every partner, and a bound on its state.
  package static let mostIdentifiers = 64

  package static var initial: State { .nobody }

  package static func name(of event: Event) -> String {
    switch event {
    case .registered: "registered"
    case .changed: "changed"
    case .linked: "linked"
    }
  }
}

extension Party.Refusal {
  package var problem: Problem {
    switch self {
    case .alreadyRegistered:
      Problem(
        kind: .conflict, code: "party.already_registered", detail: "This party is registered already.",
        remedy: "Change it instead.")
    case .unknown:
      Problem(
        kind: .notFound, code: "party.unknown", detail: "There is no such party.",
        remedy: "Register it first, or find it by an outside identifier.")
    case .nameless:
      Problem(
        kind: .invalid, code: "party.nameless",
        detail: "A person needs a family name; an organisation or provider needs a name.",
        remedy: "Send the name.", fields: ["party": "has no name"])
    case .kindChanges(let from, let to):
      Problem(
        kind: .precondition, code: "party.kind_changes",
        detail: "The party is registered as \(from.rawValue) and cannot become \(to.rawValue).",
        remedy: "Check the identifier: it may belong to somebody else.")
    case .tooManyIdentifiers(let count):
      Problem(
        kind: .exhausted, code: "party.too_many_identifiers",
        detail: "The party would have \(count) identifiers; \(Party.mostIdentifiers) are allowed.",
        remedy: "Look at why this many systems' numbers mean one party.")
    }
  }
}
