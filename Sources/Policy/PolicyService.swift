// The gRPC service: words to commands, state to words.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime

struct PolicyService: Premia_Policy_V1_PolicyService.SimpleServiceProtocol {
  let desk: Desk
  let products: any Premia_Products_V1_ProductsService.ClientProtocol

  func createQuote(
    request: Premia_Policy_V1_QuoteRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_Quote {
    try await desk.act("CreateQuote", request) { [products] unit in
      let terms = try await Quote.Terms(request, on: unit.today, products: products)
      let id = StreamID(unit.newID(QuoteTag.self, for: "quote"))
      try await unit.decide(Quote.self, id, .issue(terms))
      return Premia_Policy_V1_Quote(id, terms)
    }
  }

  func getQuote(
    request: Premia_Policy_V1_GetQuoteRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_Quote {
    let id = StreamID(try ID<QuoteTag>(request.quoteID, field: "quote_id"))
    switch try await desk.engine.state(of: Quote.self, id) {
    case .none: throw Quote.Refusal.unknown
    case .open(let terms), .taken(let terms, _): return Premia_Policy_V1_Quote(id, terms)
    }
  }

  func apply(request: Premia_Policy_V1_ApplyRequest, context: ServerContext) async throws -> Premia_Policy_V1_Policy {
    let quote = StreamID(try ID<QuoteTag>(request.quoteID, field: "quote_id"))
    return try await desk.act("Apply", request) { unit in
      // Within the keyed unit: the policy that has the identifiers may be this very request's, asked again.
      for identifier in request.identifiers { try await unit.checkUnused(identifier) }
      let id = unit.newID(PolicyTag.self, for: "policy")
      guard case .open(let terms) = try await unit.state(of: Quote.self, quote) else {
        // The rules say why: unknown, or taken.
        let taken = try await unit.decide(
          Quote.self, quote, .take(plan: request.planID, policy: id.description, on: unit.today))
        preconditionFailure("a quote that is not open was taken: \(taken)")
      }
      let policy = try Policy.Terms(request, quote: terms, number: Policy.number(of: id))
      try await unit.decide(Quote.self, quote, .take(plan: request.planID, policy: id.description, on: unit.today))
      return try await unit.answer(StreamID(id), .apply(policy))
    }
  }

  func bind(request: Premia_Policy_V1_BindRequest, context: ServerContext) async throws -> Premia_Policy_V1_Policy {
    let id = try ID<PolicyTag>(request.policyID, field: "policy_id")
    return try await desk.act("Bind", request) { unit in
      try await unit.answer(StreamID(id), .bind(on: unit.today))
    }
  }

  func issue(request: Premia_Policy_V1_IssueRequest, context: ServerContext) async throws -> Premia_Policy_V1_Policy {
    let id = try ID<PolicyTag>(request.policyID, field: "policy_id")
    if request.reason.isEmpty { throw Problem.field("reason", "is missing; say why the binder payment is waived") }
    return try await desk.act("Issue", request) { unit in
      try await unit.answer(StreamID(id), .issue(on: unit.today, waiver: request.reason))
    }
  }

  func terminate(
    request: Premia_Policy_V1_TerminateRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_Policy {
    let id = try ID<PolicyTag>(request.policyID, field: "policy_id")
    let end = try Policy.End(date: request.endDate, reason: request.reason)
    return try await desk.act("Terminate", request) { unit in
      try await unit.answer(StreamID(id), .terminate(end, on: unit.today))
    }
  }

  func get(request: Premia_Policy_V1_GetPolicyRequest, context: ServerContext) async throws -> Premia_Policy_V1_Policy {
    try await policy(StreamID(ID<PolicyTag>(request.policyID, field: "policy_id")))
  }

  func find(request: Premia_Policy_V1_FindPolicyRequest, context: ServerContext) async throws -> Premia_Policy_V1_Policy
  {
    let identifier = request.identifier
    guard let row = try await desk.engine.store.rows(Query(finding: identifier)).first else {
      throw Problem.notFound("policy", "with the \(identifier.system) \(identifier.kind) \(identifier.value)")
    }
    return try await policy(StreamID(row.text("policy_id")))
  }

  func findAll(
    request: Premia_Policy_V1_FindPoliciesRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_FindPoliciesResponse {
    guard request.identifiers.count <= Self.mostFound else {
      throw Problem.field("identifiers", "are \(request.identifiers.count); ask for \(Self.mostFound) at a time")
    }
    var ids: [StreamID?] = []
    for identifier in request.identifiers {
      let row = try await desk.engine.store.rows(Query(finding: identifier)).first
      ids.append(row.map { StreamID($0.text("policy_id")) })
    }
    var policies = try await policies(ids.compactMap(\.self)).makeIterator()
    var response = Premia_Policy_V1_FindPoliciesResponse()
    response.found = ids.map { id in
      var found = Premia_Policy_V1_FoundPolicy()
      if id != nil, let policy = policies.next() { found.policy = policy }
      return found
    }
    return response
  }

  private static let mostFound = 500

  func list(
    request: Premia_Policy_V1_ListPoliciesRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_ListPoliciesResponse {
    let query = try Query(listing: request)
    let rows = try await desk.engine.store.rows(query)
    var response = Premia_Policy_V1_ListPoliciesResponse()
    response.policies = try await policies(rows.map { StreamID($0.text("policy_id")) })
    if rows.count == query.limit, let last = rows.last { response.nextToken = last.text("policy_id") }
    return response
  }

  func getCounts(
    request: Premia_Policy_V1_CountRequest, context: ServerContext
  ) async throws -> Premia_Policy_V1_CountResponse {
    var response = Premia_Policy_V1_CountResponse()
    let tallies = try await desk.engine.store.tally(
      PolicyTables.policies, by: ["state", "level", "status"], sums: [], where: [])
    for tally in tallies {
      guard case .text(let state) = tally.group[0], case .integer(let level) = tally.group[1],
        case .text(let status) = tally.group[2]
      else { continue }
      var count = Premia_Policy_V1_Count()
      count.state = state
      count.level = Premia_Products_V1_Level(rawValue: Int(level)) ?? .unspecified
      count.status = Premia_Policy_V1_Status(column: status)
      count.policies = tally.count
      response.counts.append(count)
    }
    response.journeys = [try await quoteToIssue()]
    return response
  }

  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals {
    var counts = (bound: Int64(0), issued: Int64(0), terminated: Int64(0))
    let tallies = try await desk.engine.store.tally(
      PolicyTables.policies, by: ["status", "bound_on", "issued_on"], sums: [], where: [])
    for tally in tallies {
      if tally.group[1] != .null { counts.bound += tally.count }
      if tally.group[2] != .null { counts.issued += tally.count }
      if tally.group[0] == .text("terminated") { counts.terminated += tally.count }
    }
    var totals = Premia_Common_V1_Totals()
    totals.totals = [
      Premia_Common_V1_Total("policies_bound", count: counts.bound, .zero),
      Premia_Common_V1_Total("policies_issued", count: counts.issued, .zero),
      Premia_Common_V1_Total("policies_terminated", count: counts.terminated, .zero),
    ]
    return totals
  }

  private func policy(_ id: StreamID) async throws -> Premia_Policy_V1_Policy {
    try await policies([id])[0]
  }

  private func policies(_ ids: [StreamID]) async throws -> [Premia_Policy_V1_Policy] {
    var policies: [Premia_Policy_V1_Policy] = []
    for (id, stored) in zip(ids, try await desk.engine.states(of: Policy.self, ids)) {
      guard let stored else { throw Problem.notFound("policy", id.rawValue) }
      policies.append(Policy.snapshot(id.rawValue, stored.state, version: stored.version))
    }
    return policies
  }

  private func quoteToIssue() async throws -> Premia_Common_V1_Journey {
    let tallies = try await desk.engine.store.tally(
      PolicyTables.policies, by: ["days_to_issue", "by_hand"], sums: [], where: [])
    var days = DayCounts()
    for tally in tallies {
      guard case .integer(let count) = tally.group[0] else {
        days.unfinished += tally.count
        continue
      }
      days.add(days: count, count: tally.count, straightThrough: tally.group[1] == 0)
    }
    return days.journey(named: "quote_to_issue")
  }
}

extension Unit {
  /// Decides on a policy and answers its snapshot.
  fileprivate mutating func answer(_ id: StreamID, _ command: Policy.Command) async throws -> Premia_Policy_V1_Policy {
    let state = try await decide(Policy.self, id, command)
    return Policy.snapshot(id.rawValue, state, version: version(of: id))
  }

  /// - Throws: `Problem` naming the policy that the identifier means already.
  fileprivate func checkUnused(_ identifier: Premia_Common_V1_OutsideIdentifier) async throws {
    guard let policy = try await rows(Query(identifier)).first?.text("policy_id") else { return }
    throw Problem(
      kind: .conflict, code: "policy.identifier_taken",
      detail: "The \(identifier.system) \(identifier.kind) \(identifier.value) is \(policy) already.",
      remedy: "Change that policy instead of applying again.", fields: ["policy_id": policy])
  }
}

extension Policy {
  /// The number on the card: the random part of the identifier, ten characters, easy to read out.
  static func number(of id: ID<PolicyTag>) -> String { "P" + id.description.suffix(10).uppercased() }
}

extension Query {
  /// The policy that an identifier means: another system's, or the number that Premia gave it.
  fileprivate init(finding identifier: Premia_Common_V1_OutsideIdentifier) {
    if identifier.system == "premia", identifier.kind == "policy_number" {
      self.init(PolicyTables.policies, where: [("number", .text(identifier.value))], limit: 1)
    } else {
      self.init(identifier)
    }
  }

  /// A page of all policies, of a state and status, or of a member.
  fileprivate init(listing request: Premia_Policy_V1_ListPoliciesRequest) throws(Problem) {
    let limit = try request.page.limit()
    let token: [Value]? = request.page.token.isEmpty ? nil : [.text(request.page.token)]
    if let (kind, value) = try request.member {
      // The key is the policy, and what the member is found by.
      self.init(
        PolicyTables.members, where: [("kind", kind), ("value", value)], after: token.map { $0 + [kind, value] },
        limit: limit)
      return
    }
    self.init(PolicyTables.policies, after: token, limit: limit)
    if !request.state.isEmpty { matching.append(("state", .text(request.state))) }
    if request.status != .unspecified { matching.append(("status", .text(request.status.column))) }
  }

  fileprivate init(_ identifier: Premia_Common_V1_OutsideIdentifier) {
    self.init(
      PolicyTables.identifiers,
      where: [
        ("system", .text(identifier.system)), ("kind", .text(identifier.kind)), ("value", .text(identifier.value)),
      ],
      limit: 1)
  }
}

extension Premia_Policy_V1_Status {
  private static let columns: [(Self, String)] = [
    (.applied, "applied"), (.pendingPayment, "pending_payment"), (.active, "active"), (.terminated, "terminated"),
    (.cancelled, "cancelled"), (.paused, "paused"), (.voided, "voided"),
  ]

  fileprivate var column: String { Self.columns.first { $0.0 == self }?.1 ?? "" }

  fileprivate init(column: String) { self = Self.columns.first { $0.1 == column }?.0 ?? .unspecified }
}

extension Premia_Policy_V1_ListPoliciesRequest {
  /// What a member is found by; nil where none is asked for.
  fileprivate var member: (kind: Value, value: Value)? {
    get throws(Problem) {
      guard !partyID.isEmpty || !memberNumber.isEmpty else { return nil }
      guard partyID.isEmpty || memberNumber.isEmpty else {
        throw .field("member_number", "is given beside a party; give one of the two")
      }
      guard state.isEmpty, status == .unspecified else {
        throw .field(state.isEmpty ? "status" : "state", "is not asked for with a member, who has few policies")
      }
      let kind = partyID.isEmpty ? PolicyTables.MemberKey.number : .party
      return (.text(kind.rawValue), .text(partyID.isEmpty ? memberNumber.uppercased() : partyID))
    }
  }
}
