// Endorsements: who is covered, by what, where, and for what tax credit, from a day on.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

/// The tag of Party's identifiers.
enum PartyTag: IDTag { static let prefix = "pty" }

/// What every request to endorse has.
private protocol EndorseRequest: ChangeRequest {
  var effectiveDate: String { get }
  var reason: String { get }
  /// What it may be asked for.
  static var reasons: [Policy.ChangeReason] { get }
}

extension Premia_Policy_V1_AddMemberRequest: EndorseRequest {
  fileprivate static var reasons: [Policy.ChangeReason] { Policy.ChangeReason.toEnrol }
}

extension Premia_Policy_V1_RemoveMemberRequest: EndorseRequest {
  fileprivate static var reasons: [Policy.ChangeReason] { Policy.ChangeReason.toLeave }
}

extension Premia_Policy_V1_ChangePlanRequest: EndorseRequest {
  fileprivate static var reasons: [Policy.ChangeReason] { Policy.ChangeReason.toEnrol }
}

extension Premia_Policy_V1_AddAddOnRequest: EndorseRequest {
  fileprivate static var reasons: [Policy.ChangeReason] { Policy.ChangeReason.toEnrol }
}

extension Premia_Policy_V1_RemoveAddOnRequest: EndorseRequest {
  fileprivate static var reasons: [Policy.ChangeReason] { Policy.ChangeReason.toEnrol + [.request] }
}

extension Premia_Policy_V1_ChangeAddressRequest: EndorseRequest {
  fileprivate static var reasons: [Policy.ChangeReason] { Policy.ChangeReason.toMove }
}

extension Premia_Policy_V1_ChangeTaxCreditRequest: EndorseRequest {
  fileprivate static var reasons: [Policy.ChangeReason] { [.exchange] }
}

extension PolicyService {
  func addMember(
    request: Premia_Policy_V1_AddMemberRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let party = try ID<PartyTag>(request.member.partyID, field: "member.party_id")
    let person = Policy.Person(
      partyID: party.description,
      relationship: try .named(request.member.relationship, field: "member.relationship"),
      birthDate: try .optional(request.member.birthDate, field: "member.birth_date"), tobacco: request.member.tobacco,
      number: request.member.memberNumber, givenName: request.member.givenName)
    return try await endorse("AddMember", request, event: request.eventDate) { terms in
      .addMember(person.number.isEmpty ? person.numbered(terms.subscriber?.number ?? terms.number) : person)
    }
  }

  func removeMember(
    request: Premia_Policy_V1_RemoveMemberRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    guard !request.partyID.isEmpty else { throw Problem.field("party_id", "is missing; it says who leaves") }
    return try await endorse("RemoveMember", request, event: request.eventDate) { _ in
      .removeMember(party: request.partyID)
    }
  }

  func changePlan(
    request: Premia_Policy_V1_ChangePlanRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    guard !request.planID.isEmpty else { throw Problem.field("plan_id", "is missing") }
    return try await endorse("ChangePlan", request, event: request.eventDate) { _ in .choosePlan(request.planID) }
  }

  func addAddOn(
    request: Premia_Policy_V1_AddAddOnRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    guard !request.planID.isEmpty else { throw Problem.field("plan_id", "is missing; it says which add-on") }
    return try await endorse("AddAddOn", request, event: request.eventDate) { _ in .addAddOn(request.planID) }
  }

  func removeAddOn(
    request: Premia_Policy_V1_RemoveAddOnRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    guard !request.planID.isEmpty else { throw Problem.field("plan_id", "is missing; it says which add-on") }
    return try await endorse("RemoveAddOn", request, event: request.eventDate) { _ in .removeAddOn(request.planID) }
  }

  func changeAddress(
    request: Premia_Policy_V1_ChangeAddressRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    try await endorse("ChangeAddress", request, event: request.eventDate) { terms in
      .move(
        state: request.state.isEmpty ? terms.state : request.state,
        Policy.Place(county: request.county, postalCode: request.postalCode))
    }
  }

  func changeTaxCredit(
    request: Premia_Policy_V1_ChangeTaxCreditRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let credit = try request.aptc.money("aptc")
    return try await endorse("ChangeTaxCredit", request, event: "") { _ in .grantTaxCredit(credit) }
  }

  /// Finds the day of the change, asks for the rates from there on, and decides.
  private func endorse(
    _ method: String, _ request: some EndorseRequest, event: String,
    _ change: @escaping @Sendable (Policy.Terms) -> Policy.Change
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let reason = try Policy.ChangeReason(request.reason, field: "reason", among: type(of: request).reasons)
    let event = try CalendarDate.optional(event, field: "event_date")
    let effective = try CalendarDate.optional(request.effectiveDate, field: "effective_date")
    let pricing = Pricing(products: products)
    return try await carryOut(method, request) { state, today in
      guard let terms = state.terms else { throw Policy.Refusal.unknown }
      let wish = Policy.Wish(change: change(terms), reason: reason, event: event, effective: effective)
      let command = try await pricing.endorsement(wish, of: state, on: today)
      try await checkCoveredOnce(by: wish, of: state, request.policyID, on: today)
      return command
    }
  }

  /// Nobody has two policies of one kind at a time: both would be paid, and only one pays.
  private func checkCoveredOnce(
    by wish: Policy.Wish, of state: Policy.State, _ policyID: String, on today: CalendarDate
  ) async throws {
    guard case .addMember(let person) = wish.change, let held = state.held,
      Policy.allows(.endorse, in: state.stage)
    else { return }
    let from = try Policy.Endorsement(wish, of: held, on: today).effective
    let party = person.partyID
    let others = try await desk.engine.store.rows(
      Query(
        PolicyTables.members,
        where: [("kind", .text(PolicyTables.MemberKey.party.rawValue)), ("value", .text(party))]))
    for other in others.map({ $0.text("policy_id") }) where other != policyID {
      let covering = try await desk.engine.state(of: Policy.self, StreamID(other))
      guard covering.covers(party, onOrAfter: from), covering.addOnKind == state.addOnKind else { continue }
      throw Policy.Refusal.coveredElsewhere(party, policy: other, from: from)
    }
  }
}

extension Policy.State {
  /// What kind of add-on it would be, were it not a policy of its own; nil where it is medical.
  fileprivate var addOnKind: Policy.AddOnKind? {
    switch Premia_Products_V1_Level(rawValue: rate?.level ?? 0) {
    case .dental: .dental
    case .vision: .vision
    case .bronze, .silver, .gold, .platinum, .catastrophic, .unspecified, .UNRECOGNIZED, nil: nil
    }
  }
}

extension Policy.Person {
  fileprivate func numbered(_ number: String) -> Self {
    Self(
      partyID: partyID, relationship: relationship, birthDate: birthDate, tobacco: tobacco, number: number,
      givenName: givenName)
  }
}
