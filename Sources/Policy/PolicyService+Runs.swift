// Bulk runs as calls. They are their own idempotency: a run that is asked for again goes on, or looks again at what was
// left.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime

extension PolicyService {
  func runRenewals(
    request: Premia_Policy_V1_RunRenewalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_RunReport {
    let report = try await PolicyContext.runRenewals(
      desk.engine, products: products, dryRun: request.dryRun, act: Act.current)
    return Premia_Common_V1_RunReport(report)
  }

  func runRates(
    request: Premia_Policy_V1_RunRatesRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_RunReport {
    guard !request.planID.isEmpty else { throw Problem.field("plan_id", "is missing") }
    let report = try await PolicyContext.runRates(
      desk.engine, products: products, plan: request.planID, from: try CalendarDate(request.from, field: "from"),
      change: request.rateChange, dryRun: request.dryRun, act: Act.current)
    return Premia_Common_V1_RunReport(report)
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
