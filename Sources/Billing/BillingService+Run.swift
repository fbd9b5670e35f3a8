// A billing run as every bulk run says it: one that was made, as it is kept, and a dry run, of which nothing is kept.
// What was parked stays due, so the next run looks at it again.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

extension BillingService {
  func run(
    request: Premia_Billing_V1_RunRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_RunResponse {
    let day = try request.asOf.isEmpty ? engine.clock.now.date : CalendarDate(request.asOf, field: "as_of")
    let report = try await BillingRun.make(
      engine: engine, asOf: day, dryRun: request.dryRun, draft: request.draft, levies: levies, act: Act.current)
    if !request.dryRun, !request.draft {
      _ = try await StatementRun.run(engine: engine, asOf: day, act: Act.current)
    }
    var response = Premia_Billing_V1_RunResponse()
    response.accounts = report.accounts
    response.invoices = report.invoices
    response.billed = Premia_Common_V1_Money(Money(cents: report.billedCents))
    response.pastDue = report.pastDue
    response.parked = report.parked.map { "\($0.key): \($0.value.detail)" }.sorted()
    let name = BillingRun.name(asOf: day)
    response.report =
      request.dryRun
      ? Premia_Common_V1_RunReport(rehearsed: report, name, on: engine.clock.now.date)
      : try await desk.run(.with { $0.runID = name.rawValue })
    return response
  }

  func getRun(
    request: Premia_Common_V1_GetRunRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_RunReport {
    try await desk.run(request)
  }

  func listParked(
    request: Premia_Common_V1_ListParkedRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ListParkedResponse {
    try await desk.parked(request)
  }
}

extension Premia_Common_V1_RunReport {
  /// What a dry run would have come to, and all that it would have parked: it can be asked for nowhere else.
  fileprivate init(rehearsed report: BillingRun.Report, _ name: StreamID, on today: CalendarDate) {
    self.init()
    runID = name.rawValue
    pass = 1
    dryRun = true
    done = true
    begunOn = today.description
    seen = report.seen
    changed = report.invoices
    totals = report.totals.map(Premia_Common_V1_RunTotal.init)
    parkedCount = Int64(report.parked.count)
    parked = report.parked.sorted { $0.key < $1.key }.map { account, problem in
      Premia_Common_V1_Parked(account, problem)
    }
  }
}

extension Premia_Common_V1_Parked {
  fileprivate init(_ account: StreamID, _ problem: Problem) {
    self.init()
    subject = account.rawValue
    code = problem.code
    detail = problem.detail
    remedy = problem.remedy
  }
}
