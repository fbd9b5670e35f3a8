// Changes to a policy in force: each says what it does to the premium, and with dry_run what it would do.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

/// What every request for a change has.
protocol ChangeRequest: Message {
  var policyID: String { get }
  var dryRun: Bool { get }
  var through: String { get }
}

extension Premia_Policy_V1_PauseRequest: ChangeRequest {}
extension Premia_Policy_V1_ResumeRequest: ChangeRequest {}
extension Premia_Policy_V1_RenewRequest: ChangeRequest {}
extension Premia_Policy_V1_DeclineRenewalRequest: ChangeRequest {}
extension Premia_Policy_V1_GiveBackRequest: ChangeRequest {}
extension Premia_Policy_V1_RescindRequest: ChangeRequest {}
extension Premia_Policy_V1_ReinstateRequest: ChangeRequest {}

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
    let reason = try Policy.EndReason(request.reason, field: "reason", among: Policy.EndReason.ofRescission)
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

  /// Decides a change under its key, or says what it would do.
  func carryOut(
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
    let command = try await command(before, today)
    let events = try Policy.decide(command, in: before)
    let after = try await decide(Policy.self, id, command)
    let difference = try PremiumDifference(before, after, through: through, on: today)
    var words = Premia_Policy_V1_PolicyChange(before, difference)
    words.policy = Policy.snapshot(id.rawValue, after, version: version(of: id))
    words.dryRun = dryRun
    words.rules = events.flatMap(\.rules).unique
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

extension Policy.End {
  /// What a caller asks for.
  ///
  /// - Throws: where the reason is none of a termination, or Billing's alone.
  init(date: String, reason: String) throws(Problem) {
    if reason == Policy.EndReason.nonPayment.rawValue { throw Policy.Refusal.endsByDunning.problem }
    let known = Policy.EndReason.ofTermination
    guard let reason = Policy.EndReason(rawValue: reason), known.contains(reason) else {
      throw .field("reason", "is '\(reason)'; it is one of \(known.map(\.rawValue).joined(separator: ", "))")
    }
    self.init(on: try CalendarDate(date, field: "end_date"), reason: reason)
  }
}

extension RawRepresentable<String> {
  /// A word that is known. Whether it fits what is asked for, the rules say.
  ///
  /// - Throws: where it is not known, naming those that fit.
  init(_ word: String, field: String, among fitting: [Self]) throws(Problem) {
    guard let known = Self(rawValue: word) else {
      let words = fitting.map(\.rawValue).joined(separator: ", ")
      throw .field(field, word.isEmpty ? "is missing; it is one of \(words)" : "is '\(word)'; it is one of \(words)")
    }
    self = known
  }
}

extension String {
  fileprivate func needed(_ field: String) throws(Problem) -> String {
    if isEmpty { throw .field(field, "is missing; say why") }
    return self
  }
}
