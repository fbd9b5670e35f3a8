// The gRPC service: message to command, state to message.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime

struct ClaimsService: Premia_Claims_V1_ClaimsService.SimpleServiceProtocol {
  private let desk: Desk
  private var store: any Store { desk.engine.store }

  init(engine: Engine) { desk = Desk(engine) }

  /// Files and judges a claim, and adds what it used to the accumulators, in one commit.
  func file(request: Premia_Claims_V1_FileClaimRequest, context: ServerContext) async throws -> Premia_Claims_V1_Claim {
    try await desk.act("File", request) { unit in
      let claim = try FiledClaim(request.claim, today: unit.today)
      let facts = try await Evidence.gather(for: claim, &unit)
      let id = unit.newID(ClaimTag.self, for: "\(claim.provider)/\(claim.patientControlNumber)/\(claim.lineage)")
      let state = try await unit.decide(Claim.self, StreamID(id), .file(id, claim, facts, on: unit.today))
      try await unit.use(state, facts)
      return Premia_Claims_V1_Claim(state)
    }
  }

  func get(request: Premia_Claims_V1_GetClaimRequest, context: ServerContext) async throws -> Premia_Claims_V1_Claim {
    let id = try ClaimID(request.claimID, field: "claim_id")
    guard let claim = try await claims([StreamID(id)]).first else { throw Problem.notFound("claim", id.description) }
    return claim
  }

  func list(
    request: Premia_Claims_V1_ListClaimsRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_ListClaimsResponse {
    let limit = try request.page.limit()
    var query = Query(ClaimsTables.claims, limit: limit)
    if !request.page.token.isEmpty {
      query.after = [.text(try ClaimID(request.page.token, field: "page.token").description)]
    }
    if !request.policyID.isEmpty {
      query.matching.append(("policy_id", .text(try PolicyID(request.policyID, field: "policy_id").description)))
    }
    if !request.payoutID.isEmpty {
      query.matching.append(("payout_id", .text(try PayoutID(request.payoutID, field: "payout_id").description)))
    }
    if request.status != .unspecified {
      guard let status = ClaimsTables.Status(request.status) else {
        throw Problem.field("status", "is none that a claim is listed by; it is PENDED, APPROVED, DENIED or PAID")
      }
      query.matching.append(("status", .text(status.rawValue)))
    }
    let rows = try await store.rows(query)
    var response = Premia_Claims_V1_ListClaimsResponse()
    response.claims = try await claims(rows.map { StreamID($0.text("claim_id")) })
    if rows.count == limit { response.nextToken = rows.last?.text("claim_id") ?? "" }
    return response
  }

  func getAccumulators(
    request: Premia_Claims_V1_GetAccumulatorsRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_Accumulators {
    let policy = try PolicyID(request.policyID, field: "policy_id")
    guard try await store.row(ClaimsTables.coverages, key: [.text(policy.description)]) != nil else {
      throw Problem.notFound("coverage", policy.description)
    }
    let rows = try await store.rows(
      Query(
        ClaimsTables.accumulators,
        where: [("policy_id", .text(policy.description)), ("benefit_year", .integer(Int64(request.benefitYear)))]))
    var response = Premia_Claims_V1_Accumulators()
    response.policyID = policy.description
    response.benefitYear = request.benefitYear
    var family = Used()
    for row in rows {
      let used = Used(
        deductible: Money(cents: row.integer("deductible_cents")),
        outOfPocket: Money(cents: row.integer("out_of_pocket_cents")))
      family += used
      response.accumulators.append(Premia_Claims_V1_Accumulator(used, of: row.text("member_id")))
    }
    response.accumulators.append(Premia_Claims_V1_Accumulator(family, of: ""))
    return response
  }

  func getSummary(
    request: Premia_Claims_V1_ClaimsSummaryRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_ClaimsSummary {
    try await ClaimsReport(store).summary()
  }

  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals {
    try await ClaimsReport(store).totals()
  }

  /// The claims of these streams, without those that were never filed.
  private func claims(_ streams: [StreamID]) async throws -> [Premia_Claims_V1_Claim] {
    let act = Act.current ?? Act(correlation: "local", causation: "local")
    let states = try await desk.engine.run(act) { unit in
      var states: [Claim.State] = []
      for stream in streams { states.append(try await unit.state(of: Claim.self, stream)) }
      return states
    }
    return (states ?? []).filter { $0 != .unfiled }.map(Premia_Claims_V1_Claim.init)
  }
}

extension Premia_Claims_V1_Accumulator {
  fileprivate init(_ used: Used, of member: String) {
    self.init()
    memberID = member
    deductible = Premia_Common_V1_Money(used.deductible)
    outOfPocket = Premia_Common_V1_Money(used.outOfPocket)
  }
}

extension ClaimsTables.Status {
  fileprivate init?(_ status: Premia_Claims_V1_ClaimStatus) {
    switch status {
    case .pended: self = .pended
    case .approved: self = .approved
    case .denied: self = .denied
    case .paid: self = .paid
    case .filed, .unspecified, .UNRECOGNIZED: return nil
    }
  }
}
