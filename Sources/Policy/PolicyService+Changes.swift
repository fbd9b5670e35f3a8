// Changes to a policy in force: each says what it does to the premium, and with dry_run what it would do.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

/// The tag of Party's identifiers.
enum PartyTag: IDTag { static let prefix = "pty" }

/// What every request for a change has.
private protocol ChangeRequest: Message {
  var policyID: String { get }
  var dryRun: Bool { get }
  var through: String { get }
}

/// What every request to endorse has.
private protocol EndorseRequest: ChangeRequest {
  var effectiveDate: String { get }
  var reason: String { get }
}

extension Premia_Policy_V1_AddMemberRequest: EndorseRequest {}
extension Premia_Policy_V1_RemoveMemberRequest: EndorseRequest {}
extension Premia_Policy_V1_ChangePlanRequest: EndorseRequest {}
extension Premia_Policy_V1_AddAddOnRequest: EndorseRequest {}
extension Premia_Policy_V1_RemoveAddOnRequest: EndorseRequest {}
extension Premia_Policy_V1_ChangeAddressRequest: EndorseRequest {}
extension Premia_Policy_V1_ChangeTaxCreditRequest: EndorseRequest {}
extension Premia_Policy_V1_PauseRequest: ChangeRequest {}
extension Premia_Policy_V1_ResumeRequest: ChangeRequest {}
extension Premia_Policy_V1_RenewRequest: ChangeRequest {}
extension Premia_Policy_V1_DeclineRenewalRequest: ChangeRequest {}
extension Premia_Policy_V1_GiveBackRequest: ChangeRequest {}
extension Premia_Policy_V1_RescindRequest: ChangeRequest {}
extension Premia_Policy_V1_ReinstateRequest: ChangeRequest {}

// MARK: - Endorsements

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
    let reason: Policy.ChangeReason = try .named(request.reason, field: "reason")
    let event = try CalendarDate.optional(event, field: "event_date")
    let effective = try CalendarDate.optional(request.effectiveDate, field: "effective_date")
    let pricing = Pricing(products: products)
    return try await carryOut(method, request) { state, today in
      guard let terms = state.terms else { throw Policy.Refusal.unknown }
      let wish = Policy.Wish(change: change(terms), reason: reason, event: event, effective: effective)
      return try await pricing.endorsement(wish, of: state, on: today)
    }
  }
}

// MARK: - The rest of its life

extension PolicyService {
  func pause(
    request: Premia_Policy_V1_PauseRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let from = try CalendarDate(request.effectiveDate, field: "effective_date")
    let until = try CalendarDate.optional(request.until, field: "until")
    let reason: Policy.PauseReason = try .named(request.reason, field: "reason")
    return try await carryOut("Pause", request) { _, today in .pause(from: from, until: until, reason, on: today) }
  }

  func resume(
    request: Premia_Policy_V1_ResumeRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let from = try CalendarDate.optional(request.effectiveDate, field: "effective_date")
    let reason = try request.reason.needed("reason")
    return try await carryOut("Resume", request) { _, today in .resume(from: from ?? today, reason: reason, on: today) }
  }

  func renew(
    request: Premia_Policy_V1_RenewRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let pricing = Pricing(products: products)
    return try await carryOut("Renew", request) { state, today in
      try await pricing.renewal(of: state, asked: request.planID, reason: request.reason, on: today)
    }
  }

  func declineRenewal(
    request: Premia_Policy_V1_DeclineRenewalRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let reason = try request.reason.needed("reason")
    return try await carryOut("DeclineRenewal", request) { _, today in .declineRenewal(reason: reason, on: today) }
  }

  func giveBack(
    request: Premia_Policy_V1_GiveBackRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let reason = try request.reason.needed("reason")
    return try await carryOut("GiveBack", request) { _, today in .giveBack(reason: reason, on: today) }
  }

  func rescind(
    request: Premia_Policy_V1_RescindRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let reason = try request.reason.needed("reason")
    return try await carryOut("Rescind", request) { _, today in .rescind(reason: reason, on: today) }
  }

  func reinstate(
    request: Premia_Policy_V1_ReinstateRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let reason = try request.reason.needed("reason")
    return try await carryOut("Reinstate", request) { _, today in .reinstate(reason: reason, on: today) }
  }

  func noticeRescission(
    request: Premia_Policy_V1_NoticeRescissionRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let id = StreamID(try ID<PolicyTag>(request.policyID, field: "policy_id"))
    let reason: Policy.EndReason = try .named(request.reason, field: "reason")
    return try await desk.act("NoticeRescission", request) { unit in
      try await unit.change(id, dryRun: false, through: nil) { _, today in .noticeRescission(reason, on: today) }
    }
  }

  func previewTermination(
    request: Premia_Policy_V1_PreviewTerminationRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let id = StreamID(try ID<PolicyTag>(request.policyID, field: "policy_id"))
    let end = try Policy.End(date: request.endDate, reason: request.reason)
    let through = try CalendarDate.optional(request.through, field: "through")
    return try await desk.rehearse { unit in
      try await unit.change(id, dryRun: true, through: through) { _, today in .terminate(end, on: today) }
    }
  }

  private func carryOut(
    _ method: String, _ request: some ChangeRequest,
    _ command: @escaping @Sendable (Policy.State, CalendarDate) async throws -> Policy.Command
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let id = StreamID(try ID<PolicyTag>(request.policyID, field: "policy_id"))
    let through = try CalendarDate.optional(request.through, field: "through")
    if request.dryRun {
      return try await desk.rehearse { unit in
        try await unit.change(id, dryRun: true, through: through, command)
      }
    }
    return try await desk.act(method, request) { unit in
      try await unit.change(id, dryRun: false, through: through, command)
    }
  }
}

extension Unit {
  /// Decides a change and says what it does to the premium.
  fileprivate mutating func change(
    _ id: StreamID, dryRun: Bool, through: CalendarDate?,
    _ command: @Sendable (Policy.State, CalendarDate) async throws -> Policy.Command
  ) async throws -> Premia_Policy_V1_PolicyChange {
    let before = try await state(of: Policy.self, id)
    let after = try await decide(Policy.self, id, command(before, today))
    let difference = try PremiumDifference(before, after, through: through, on: today)
    var words = Premia_Policy_V1_PolicyChange(before, difference)
    words.policy = Policy.snapshot(id.rawValue, after, version: version(of: id))
    words.dryRun = dryRun
    words.rules = words.policy.rules
    return words
  }
}

extension PremiumDifference {
  /// - Parameter through: nil is the end of the benefit year in which the difference begins.
  fileprivate init(
    _ before: Policy.State, _ after: Policy.State, through: CalendarDate?, on today: CalendarDate
  ) throws(Problem) {
    if let through, abs(today.days(until: through)) > Self.mostDays {
      throw .field("through", "is \(through), more than \(Self.mostDays) days from \(today)")
    }
    let whole = PremiumDifference(from: before.premium, to: after.premium, through: through ?? today)
    guard through == nil, let first = whole.monthly.firstDate else {
      self = whole
      return
    }
    let year = max(first, today).adding(months: 13 - max(first, today).month).firstOfMonth
    self.init(from: before.premium, to: after.premium, through: year)
  }

  /// Ten years.
  private static let mostDays = 3_653
}

extension Premia_Policy_V1_PolicyChange {
  fileprivate init(_ before: Policy.State, _ difference: PremiumDifference) {
    self.init()
    effectiveDate = difference.monthly.firstDate?.description ?? ""
    premiumBefore = before.premium.segments.map(Premia_Policy_V1_PremiumSegment.init)
    monthly = difference.monthly.segments.map { segment in
      Premia_Policy_V1_PremiumDifference(segment.value, from: segment.start, to: segment.end)
    }
    sum = Premia_Policy_V1_PremiumDifference(
      difference.sum, from: difference.monthly.firstDate, to: difference.through)
  }
}

extension Premia_Policy_V1_PremiumDifference {
  fileprivate init(_ amount: PremiumDifference.Amount, from start: CalendarDate?, to end: CalendarDate?) {
    self.init()
    from = start?.description ?? ""
    to = end?.description ?? ""
    gross = Premia_Common_V1_Money(amount.gross)
    aptc = Premia_Common_V1_Money(amount.aptc)
    net = Premia_Common_V1_Money(amount.net)
    addOns = Premia_Common_V1_Money(amount.addOns)
  }
}

extension Policy.Person {
  fileprivate func numbered(_ number: String) -> Self {
    Self(
      partyID: partyID, relationship: relationship, birthDate: birthDate, tobacco: tobacco, number: number,
      givenName: givenName)
  }
}

extension Policy.End {
  /// - Throws: where the reason is none of a termination.
  init(date: String, reason: String) throws(Problem) {
    let known = Policy.EndReason.ofTermination
    guard let reason = Policy.EndReason(rawValue: reason), known.contains(reason) else {
      throw .field("reason", "is '\(reason)'; it is one of \(known.map(\.rawValue).joined(separator: ", "))")
    }
    self.init(on: try CalendarDate(date, field: "end_date"), reason: reason)
  }
}

extension String {
  fileprivate func needed(_ field: String) throws(Problem) -> String {
    if isEmpty { throw .field(field, "is missing; say why") }
    return self
  }
}
