// Bulk runs in the words of the contracts, alike in every context.

public import Contracts
import Kernel
public import Runtime

extension Premia_Common_V1_RunReport {
  public init(_ report: BulkReport) {
    self.init()
    let progress = report.progress
    runID = report.run.rawValue
    pass = Int32(progress.pass)
    dryRun = report.isDryRun
    done = report.isDone
    begunOn = progress.begunOn.description
    seen = progress.seen
    changed = progress.changed
    totals = progress.totals.map(Premia_Common_V1_RunTotal.init)
    left = progress.left.map { reason in
      var words = Premia_Common_V1_RunLeft()
      words.code = reason.code
      words.policies = reason.subjects
      return words
    }
    parkedCount = progress.parked
    parked = report.parked.map(Premia_Common_V1_Parked.init)
  }
}

extension Premia_Common_V1_RunTotal {
  public init(_ total: BulkRun.Total) {
    self.init()
    state = total.state
    level = total.level
    policies = total.subjects
    before = Premia_Common_V1_Money(Money(cents: total.beforeCents))
    after = Premia_Common_V1_Money(Money(cents: total.afterCents))
  }
}

extension Premia_Products_V1_Level {
  /// As bulk runs name it; empty where there is none.
  public var word: String {
    switch self {
    case .catastrophic: "catastrophic"
    case .bronze: "bronze"
    case .silver: "silver"
    case .gold: "gold"
    case .platinum: "platinum"
    case .dental: "dental"
    case .vision: "vision"
    case .unspecified, .UNRECOGNIZED: ""
    }
  }
}

extension Premia_Common_V1_Parked {
  public init(_ parked: BulkRun.Parked) {
    self.init()
    subject = parked.subject
    code = parked.code
    detail = parked.detail
    remedy = parked.remedy
  }
}

extension Desk {
  /// What a run has come to so far.
  ///
  /// - Throws: `Problem` where there is none of the name.
  public func run(_ request: Premia_Common_V1_GetRunRequest) async throws -> Premia_Common_V1_RunReport {
    guard let report = try await engine.report(of: StreamID(request.runID)) else {
      throw Problem.notFound("run", request.runID)
    }
    return Premia_Common_V1_RunReport(report)
  }

  /// What a run has parked, page by page.
  ///
  /// - Throws: `Problem` where there is none of the name.
  public func parked(
    _ request: Premia_Common_V1_ListParkedRequest
  ) async throws -> Premia_Common_V1_ListParkedResponse {
    let (run, limit) = (StreamID(request.runID), try request.page.limit())
    guard let report = try await engine.report(of: run) else { throw Problem.notFound("run", request.runID) }
    let parked = try await engine.parked(
      by: run, pass: request.pass == 0 ? report.progress.pass : Int(request.pass),
      after: request.page.token.isEmpty ? nil : request.page.token, limit: limit)
    var response = Premia_Common_V1_ListParkedResponse()
    response.parked = parked.map(Premia_Common_V1_Parked.init)
    if parked.count == limit, let last = parked.last { response.nextToken = last.subject }
    return response
  }
}
