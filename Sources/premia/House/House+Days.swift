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

/// Work that becomes due with the business day, in the order in which a day does it.
enum DueWork: String, CaseIterable, Sendable {
  /// Policies end, pause and resume, and children reach the age limit.
  case policies
  case invoices
  /// Of other payers.
  case statements
  /// Premiums are taken, providers are paid.
  case payments
  /// Producers get their statements.
  case commissions

  /// Whose work it is.
  var context: String {
    switch self {
    case .policies: "policy"
    case .invoices, .statements: "billing"
    case .payments: "payments"
    case .commissions: "commissions"
    }
  }
}

extension House {
  /// Takes in everything that was published, here and elsewhere, until nothing follows any more.
  func drain() async throws {
    // Where nobody else is, one look is enough.
    var before = try await share.isWhole && !isAlone ? lastPublished() : [:]
    while true {
      let caughtUp = try await catchUp()
      let ends = caughtUp.mapValues(\.lastPublished)
      // What another process took in meanwhile may be followed by something that was not there to be read.
      if caughtUp.values.allSatisfy({ $0.read == 0 }), ends == before || isAlone { return }
      before = ends
    }
  }

  /// Whether nobody else publishes or takes in.
  private var isAlone: Bool {
    share.isWhole && rooms.allSatisfy { !$0.engine.store.isShared && $0.intakes.isEmpty }
  }

  /// The ends of the logs.
  private func lastPublished() async throws -> [String: Int64] {
    var ends: [String: Int64] = [:]
    for room in rooms { ends[room.context.name] = try await room.engine.store.lastPublished() }
    return ends
  }

  private func catchUp() async throws -> [String: CaughtUp] {
    try await withThrowingTaskGroup(of: (String, CaughtUp).self) { group in
      for context in Self.contextNames { group.addTask { (context, try await self.catchUp(context)) } }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  /// Does what is due on the business day: policies end, invoices are issued, other payers get their statements,
  /// payments are taken, providers are paid, producers get their statements. Done again on the same day it finds
  /// nothing to do.
  @discardableResult
  func liveThroughDay() async throws -> DayReport {
    let day = clock.today
    return try await Act.$current.withValue(Act(correlation: "day/\(day)", causation: "day/\(day)")) {
      var report = DayReport()
      try await drain()
      for work in DueWork.allCases {
        report.add(try await doDueWork(work, asOf: day))
        try await drain()
      }
      return report
    }
  }

  /// Does what is due in the contexts that are run here, on what they know by now.
  func liveThroughOwnDay() async throws {
    let day = clock.today
    try await Act.$current.withValue(Act(correlation: "day/\(day)", causation: "day/\(day)")) {
      for work in DueWork.allCases where share.contexts.contains(work.context) {
        _ = try await doDueWork(work, asOf: day)
      }
    }
  }

  /// Does what is due of one work, where its context is.
  func doDueWork(_ work: DueWork, asOf day: CalendarDate) async throws -> DayReport {
    guard share.contexts.contains(work.context) else { return try await askForDueWork(work, asOf: day) }
    var report = DayReport()
    switch work {
    case .policies:
      let act = Act.current ?? Act(correlation: "day/\(day)", causation: "day/\(day)")
      let ended = try await PolicyContext.run(room("policy").engine, products: lines.products, asOf: day, act: act)
      report.parked = ended.parked.map { "\($0.key): \($0.value)" }
    case .invoices:
      let billed = try await runBilling(asOf: day)
      report.invoices = billed.invoices
      report.parked = billed.parked.map { "\($0.key): \($0.value.detail)" }.sorted()
    case .statements: try await runStatements(asOf: day)
    case .payments:
      let request = Premia_Payments_V1_RunPaymentsRequest.with { $0.asOf = day.description }
      let paid = try await ask { try await lines.payments.run(request, options: .long) }
      (report.posted, report.failed, report.payouts) = (paid.posted, paid.failed, paid.payouts)
    case .commissions: _ = try await runCommissions(asOf: day)
    }
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
