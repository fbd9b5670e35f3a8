// How a policy is billed, and what a change of it would come to.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

/// What every request to bill a policy otherwise has.
private protocol ScheduleRequest: Message {
  var policyID: String { get }
  var effectiveDate: String { get }
  var reason: String { get }
  var dryRun: Bool { get }
}

extension Premia_Billing_V1_ChangePaymentTimelineRequest: ScheduleRequest {}
extension Premia_Billing_V1_ChangeBillingDayRequest: ScheduleRequest {}

extension BillingService {
  func changePaymentTimeline(
    request: Premia_Billing_V1_ChangePaymentTimelineRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ScheduleChange {
    let timeline: PaymentTimeline = try .named(request.timeline, field: "timeline")
    let mode: Convention.Mode? = request.mode.isEmpty ? nil : try .named(request.mode, field: "mode")
    let alignment: Convention.Alignment =
      request.alignment.isEmpty ? .calendar : try .named(request.alignment, field: "alignment")
    return try await reschedule("ChangePaymentTimeline", request) { start in
      .timeline(timeline, mode: mode, alignment: alignment, coveredFrom: start)
    }
  }

  func changeBillingDay(
    request: Premia_Billing_V1_ChangeBillingDayRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ScheduleChange {
    try await reschedule("ChangeBillingDay", request) { _ in .billingDay(Int(request.billingDay)) }
  }

  /// - Parameter change: given the first day of the policy's coverage.
  private func reschedule(
    _ method: String, _ request: some ScheduleRequest,
    _ change: @escaping @Sendable (CalendarDate) -> Account.ScheduleOrder.Change
  ) async throws -> Premia_Billing_V1_ScheduleChange {
    let policy = try ID<PolicyTag>(request.policyID, field: "policy_id")
    let from = try CalendarDate.optional(request.effectiveDate, field: "effective_date")
    guard !request.reason.isEmpty else { throw Problem.field("reason", "is missing; say why") }
    let (reason, dryRun) = (request.reason, request.dryRun)
    let body: @Sendable (inout Unit) async throws -> Premia_Billing_V1_ScheduleChange = { unit in
      let query = Query(BillingTables.accounts, where: [("policy_id", .text(policy.description))], limit: 1)
      guard let row = try await unit.rows(query).first else { throw Problem.notFound("account", "of \(policy)") }
      let start = try CalendarDate(row.text("covered_from"), field: "covered_from")
      let order = Account.ScheduleOrder(change: change(start), from: from, reason: reason)
      var words = try await unit.reschedule(StreamID(row.text("account_id")), order)
      words.dryRun = dryRun
      return words
    }
    return try await perform(method, request, dryRun: dryRun, body)
  }
}

extension Unit {
  /// Decides, and says what becomes of it.
  fileprivate mutating func reschedule(
    _ account: StreamID, _ order: Account.ScheduleOrder
  ) async throws -> Premia_Billing_V1_ScheduleChange {
    let before = try await state(of: Account.self, account)
    let from = try Account.reschedule(order, in: before, on: today).from
    let after = try await decide(Account.self, account, .reschedule(order, on: today))
    var words = Premia_Billing_V1_ScheduleChange()
    words.accountID = after.account.description
    words.policyID = after.policy.description
    words.from = from.description
    words.before = Premia_Common_V1_PaymentSchedule(before.schedules.schedule(on: from))
    words.after = Premia_Common_V1_PaymentSchedule(after.schedules.schedule(on: from))
    guard let next = after.forecast(from: from, on: today) else { return words }
    words.nextInvoice.from = next.period.start.description
    words.nextInvoice.to = next.period.end.description
    words.nextInvoice.issuedOn = next.issuedOn.description
    words.nextInvoice.dueOn = next.dueOn.description
    words.nextInvoice.total = Premia_Common_V1_Money(Money(cents: next.totalCents, after.currency))
    return words
  }
}

extension PaymentSchedule {
  /// - Parameters:
  ///   - field: where it is.
  ///   - start: the first day of coverage.
  /// - Throws: where a word or the day is none of ours.
  init(
    _ message: Premia_Common_V1_PaymentSchedule, of field: String, coveredFrom start: CalendarDate
  ) throws(Problem) {
    timeline = try .named(message.timeline, field: "\(field).timeline")
    if !message.mode.isEmpty { mode = try .named(message.mode, field: "\(field).mode") }
    guard (0...31).contains(message.billingDay) else {
      throw .field("\(field).billing_day", "is \(message.billingDay); it is 1 to 31")
    }
    billingDay = max(1, Int(message.billingDay))
    let alignment: Convention.Alignment =
      message.alignment.isEmpty ? .calendar : try .named(message.alignment, field: "\(field).alignment")
    align(alignment, coveredFrom: start, billedFrom: start)
  }
}
