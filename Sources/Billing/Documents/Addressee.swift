// Whom a document goes to. Billing keeps no names: it asks those who do, so a copy goes to where the member lives now.

public import Contracts
import Courier
import GRPCCore
import Kernel

/// Whom the documents of a policy, or of a payer, go to.
public struct Addressee: Hashable, Sendable {
  public var name: String
  /// As on an envelope, below the name.
  public var lines: [String]
  /// The number on the card; empty for a payer.
  public var policyNumber: String
  /// The names of the policy's plans, by identifier.
  public var plans: [String: String]

  public init(name: String, lines: [String], policyNumber: String, plans: [String: String] = [:]) {
    self.name = name
    self.lines = lines
    self.policyNumber = policyNumber
    self.plans = plans
  }
}

/// Finds the addressee of a policy, by its identifier.
public typealias AddressBook = @Sendable (_ policyID: String) async throws -> Addressee

/// Finds a payer as an addressee, by the identifier of the party.
public typealias PayerBook = @Sendable (_ partyID: String) async throws -> Addressee

extension Addressee {
  /// Asks Policy who its subscriber is, and Party for name and address.
  public static func book(
    policy: any Premia_Policy_V1_PolicyService.ClientProtocol, party: any Premia_Party_V1_PartyService.ClientProtocol
  ) -> AddressBook {
    { policyID in
      var request = Premia_Policy_V1_GetPolicyRequest()
      request.policyID = policyID
      let snapshot = try await ask { [request] in try await policy.get(request, options: .bounded) }
      var subscriber = try await find(snapshot.subscriberID, in: party)
      subscriber.policyNumber = snapshot.policyNumber
      subscriber.plans = snapshot.planNames
      return subscriber
    }
  }

  /// Asks Party for name and address.
  public static func payers(party: any Premia_Party_V1_PartyService.ClientProtocol) -> PayerBook {
    { partyID in try await find(partyID, in: party) }
  }

  private static func find(
    _ partyID: String, in parties: any Premia_Party_V1_PartyService.ClientProtocol
  ) async throws -> Addressee {
    var who = Premia_Party_V1_GetPartyRequest()
    who.partyID = partyID
    let party = try await ask { [who] in try await parties.get(who, options: .bounded) }
    let person = [party.givenName, party.middleName, party.familyName].filter { !$0.isEmpty }
    let address = party.address
    let place = [address.city, "\(address.state) \(address.postalCode)"].filter { !$0.isEmpty && $0 != " " }
    return Addressee(
      name: person.isEmpty ? party.organisationName : person.joined(separator: " "),
      lines: (address.lines + [place.joined(separator: ", ")]).filter { !$0.isEmpty }, policyNumber: "")
  }
}

extension Premia_Policy_V1_Policy {
  /// The names of all plans and add-ons that it ever had a premium for, by identifier.
  fileprivate var planNames: [String: String] {
    var names = [planID: planName]
    for segment in premium {
      names[segment.planID] = segment.planName
      for addOn in segment.addOns { names[addOn.planID] = addOn.planName }
    }
    return names
  }
}
