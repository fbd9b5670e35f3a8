// A business day: what is due is done, and everything that follows from it.

import Billing
import Contracts
import Courier
import GRPCCore
import Kernel
import Policy
import Runtime
import SwiftProtobuf

/// What one day's work came to.
struct DayReport: Sendable {
  var invoices: Int64 = 0
  var posted: Int64 = 0
  var failed: Int64 = 0
  var payouts: Int64 = 0
  var parked: [String] = []
}

extension House {
  /// Takes in everything that was published, until nothing follows any more.
  func drain() async throws {
    while true {
      let before = try await lastPublished()
      let read = try await withThrowingTaskGroup(of: Int.self) { group in
        for room in rooms {
          for consumer in room.consumers { group.addTask { try await consumer.pump() } }
          for reader in room.context.readers { group.addTask { try await room.engine.pump(reader) } }
        }
        return try await group.reduce(0, +)
      }
      // What another copy took in meanwhile may be followed by something that was not there to be read.
      if read == 0, try await lastPublished() == before { return }
    }
  }

  /// The ends of the logs that other copies publish to as well.
  private func lastPublished() async throws -> [Int64] {
    var ends: [Int64] = []
    for room in rooms where room.engine.store.isShared { ends.append(try await room.engine.store.lastPublished()) }
    return ends
  }

  /// Does what is due on the business day: policies end, invoices are issued, other payers get their statements,
  /// payments are taken, providers are paid, producers get their statements. Done again on the same day it finds
  /// nothing to do.
  @discardableResult
  func liveThroughDay() async throws -> DayReport {
    let day = clock.today
    let act = Act(correlation: "day/\(day)", causation: "day/\(day)")
    var report = DayReport()
    try await drain()
    let ended = try await PolicyContext.run(
      room("policy").engine, products: lines.products, asOf: day, act: act)
    report.parked = ended.parked.map { "\($0.key): \($0.value)" }
    try await drain()
    try await Act.$current.withValue(act) {
      let billed = try await runBilling(asOf: day)
      report.invoices = billed.invoices
      report.parked += billed.parked.map { "\($0.key): \($0.value.detail)" }.sorted()
      try await drain()
      try await runStatements(asOf: day)
      try await drain()
      var request = Premia_Payments_V1_RunPaymentsRequest()
      request.asOf = day.description
      let paid = try await ask { [request] in try await lines.payments.run(request, options: .long) }
      (report.posted, report.failed, report.payouts) = (paid.posted, paid.failed, paid.payouts)
      try await drain()
      _ = try await runCommissions(asOf: day)
    }
    try await drain()
    return report
  }

  /// Issues what is due, or says what that would be.
  func runBilling(
    asOf day: CalendarDate, dryRun: Bool = false, draft: Bool = false,
    onPage: @escaping @Sendable (BillingRun.Report, Int64) async -> Void = { _, _ in }
  ) async throws -> BillingRun.Report {
    try await BillingRun.make(
      engine: room("billing").engine, asOf: day, dryRun: dryRun, draft: draft, levies: levies, act: Act.current,
      onPage: onPage)
  }

  /// Issues the statements of other payers that are due, and marks those past due.
  func runStatements(asOf day: CalendarDate) async throws {
    _ = try await StatementRun.run(engine: room("billing").engine, asOf: day, act: Act.current)
  }

  /// Assesses commissions anew where the schedule is another, and states the months that are over.
  func runCommissions(asOf day: CalendarDate) async throws -> Premia_Commissions_V1_RunResponse {
    let request = Premia_Commissions_V1_RunRequest.with { $0.asOf = day.description }
    return try await ask { try await lines.commissions.run(request, options: .long) }
  }

  /// Renews the policies in force into the next term, or says what that would do.
  func runRenewals(dryRun: Bool, onPage: @escaping @Sendable (BulkReport, Int64) async -> Void) async throws
    -> BulkReport
  {
    let report = try await PolicyContext.runRenewals(
      room("policy").engine, products: lines.products, dryRun: dryRun, onPage: onPage)
    try await drain()
    return report
  }

  /// Takes a new edition's rates to the policies of its plan, or says what that would do.
  func runRates(
    plan: String, from: CalendarDate, change: Premia_Products_V1_RateChange, dryRun: Bool,
    onPage: @escaping @Sendable (BulkReport, Int64) async -> Void
  ) async throws -> BulkReport {
    let report = try await PolicyContext.runRates(
      room("policy").engine, products: lines.products, plan: plan, from: from, change: change, dryRun: dryRun,
      onPage: onPage)
    try await drain()
    return report
  }

  /// The most days the clock moves in one go.
  static let mostDays = 400

  /// Lives through each day up to and including one.
  ///
  /// - Throws: `Problem` where the clock is the machine's or the day is not ahead; what was lived through stays.
  func advance(to target: CalendarDate, onDay: (CalendarDate, DayReport) async throws -> Void = { _, _ in })
    async throws
  {
    try checkAdvance(to: target)
    while clock.today < target {
      try clock.advance(to: clock.today.adding(days: 1))
      let report = try await liveThroughDay()
      try await onDay(clock.today, report)
    }
  }

  /// - Throws: `Problem` where the clock is the machine's, or the day is not ahead, or too far ahead.
  func checkAdvance(to target: CalendarDate) throws(Problem) {
    try clock.sandbox(before: target)
    guard clock.today.days(until: target) <= Self.mostDays else {
      throw Problem.field(
        "to", "is \(target); the business day is \(clock.today) and moves at most \(Self.mostDays) days at a time")
    }
  }
}
