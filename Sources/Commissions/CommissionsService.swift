// The gRPC service: words to commands, state and rows to words.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

struct CommissionsService: Premia_Commissions_V1_CommissionsService.SimpleServiceProtocol {
  let engine: Engine
  let schedule: CommissionSchedule
  private let desk: Desk

  init(engine: Engine, schedule: CommissionSchedule) {
    self.engine = engine
    self.schedule = schedule
    desk = Desk(engine)
  }

  func appointProducer(
    request: Premia_Commissions_V1_AppointProducerRequest, context: ServerContext
  ) async throws -> Premia_Commissions_V1_Producer {
    let id = try ProducerID(request.producerID, field: "producer_id")
    let appointment = try Producer.Appointment(request.appointment)
    _ = try await desk.act("AppointProducer", request) { unit in
      try await unit.decide(Producer.self, StreamID(id), .appoint(id, appointment))
      return request
    }
    return try await producer(id)
  }

  func getProducer(
    request: Premia_Commissions_V1_GetProducerRequest, context: ServerContext
  ) async throws -> Premia_Commissions_V1_Producer {
    try await producer(try ProducerID(request.producerID, field: "producer_id"))
  }

  func assignProducer(
    request: Premia_Commissions_V1_AssignProducerRequest, context: ServerContext
  ) async throws -> Premia_Commissions_V1_PolicyCommission {
    let policy = try PolicyID(request.policyID, field: "policy_id")
    let producer = request.producerID.isEmpty ? nil : try ProducerID(request.producerID, field: "producer_id")
    let tenure = Commission.Tenure(from: try CalendarDate(request.from, field: "from"), producer: producer)
    guard !request.reason.isEmpty else { throw Problem.field("reason", "is missing; say why") }
    return try await desk.act("AssignProducer", request) { [schedule] unit in
      var appointments: [Producer.Appointment] = []
      if let producer {
        appointments = try await unit.state(of: Producer.self, StreamID(producer)).appointments
      }
      let state = try await unit.decide(
        Commission.self, StreamID(policy),
        .assign(tenure, reason: request.reason, appointments: appointments, on: unit.today, under: schedule))
      return Premia_Commissions_V1_PolicyCommission(policy, state, under: schedule)
    }
  }

  func getPolicyCommission(
    request: Premia_Commissions_V1_GetPolicyCommissionRequest, context: ServerContext
  ) async throws -> Premia_Commissions_V1_PolicyCommission {
    let policy = try PolicyID(request.policyID, field: "policy_id")
    let state = try await engine.state(of: Commission.self, StreamID(policy))
    guard state.facts != nil else { throw Commission.Refusal.unknownPolicy }
    return Premia_Commissions_V1_PolicyCommission(policy, state, under: schedule)
  }

  func listLines(
    request: Premia_Commissions_V1_ListLinesRequest, context: ServerContext
  ) async throws -> Premia_Commissions_V1_ListLinesResponse {
    var query = Query(CommissionsTables.lines, limit: try request.page.limit())
    if !request.policyID.isEmpty { query.matching.append(("policy_id", .text(request.policyID))) }
    if !request.producerID.isEmpty { query.matching.append(("producer_id", .text(request.producerID))) }
    if let month = try CalendarDate.optional(request.postedIn, field: "posted_in") {
      query.matching.append(("posted_in", .text(month.firstOfMonth.description)))
    }
    query.after = try CommissionsTables.place(request.page.token)
    let rows = try await engine.store.rows(query)
    return .with {
      $0.lines = rows.map(Premia_Commissions_V1_Line.init)
      if rows.count == query.limit, let last = rows.last { $0.nextToken = CommissionsTables.token(of: last) }
    }
  }

  func listStatements(
    request: Premia_Commissions_V1_ListStatementsRequest, context: ServerContext
  ) async throws -> Premia_Commissions_V1_ListStatementsResponse {
    var query = Query(CommissionsTables.statements, limit: try request.page.limit())
    if !request.producerID.isEmpty { query.matching.append(("producer_id", .text(request.producerID))) }
    if let month = try CalendarDate.optional(request.month, field: "month") {
      query.matching.append(("month", .text(month.firstOfMonth.description)))
    }
    if !request.page.token.isEmpty {
      query.after = [.text(try StatementID(request.page.token, field: "page.token").description)]
    }
    let rows = try await engine.store.rows(query)
    return .with {
      $0.statements = rows.map(Premia_Commissions_V1_Statement.init)
      if rows.count == query.limit, let last = rows.last { $0.nextToken = last.text("statement_id") }
    }
  }

  func run(
    request: Premia_Commissions_V1_RunRequest, context: ServerContext
  ) async throws -> Premia_Commissions_V1_RunResponse {
    let today = engine.clock.now.date
    let day = try CalendarDate.optional(request.asOf, field: "as_of") ?? today
    guard day <= today else {
      throw Problem.field("as_of", "is \(day), after the business day \(today); no month is stated before it is over")
    }
    let act = Act.current ?? Act(correlation: "run/commissions/\(day)", causation: "run/commissions/\(day)")
    let report = try await CommissionsRun.run(engine: engine, schedule: schedule, asOf: day, act: act)
    return .with {
      $0.assessed = report.assessed
      $0.statements = report.statements
      $0.toPay = Premia_Common_V1_Money(Money(cents: report.toPayCents))
    }
  }

  func getSummary(
    request: Premia_Commissions_V1_SummaryRequest, context: ServerContext
  ) async throws -> Premia_Commissions_V1_Summary {
    let sums = try await sums()
    let byProducer = try await engine.store.tally(
      CommissionsTables.policies, by: ["producer_id"], sums: [], where: [])
    return .with {
      $0.earned = Premia_Common_V1_Money(Money(cents: sums.earned))
      $0.clawedBack = Premia_Common_V1_Money(Money(cents: -sums.takenBack))
      $0.due = Premia_Common_V1_Money(Money(cents: sums.due))
      $0.payable = Premia_Common_V1_Money(Money(cents: sums.balance))
      $0.statements = sums.statements
      $0.policies = byProducer.reduce(0) { $0 + ($1.group[0] == .null ? 0 : $1.count) }
    }
  }

  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals {
    let sums = try await sums()
    return .with {
      $0.totals = [
        Premia_Common_V1_Total("posted", count: sums.lines, Money(cents: sums.earned - sums.takenBack)),
        Premia_Common_V1_Total("due", count: sums.statements, Money(cents: sums.due)),
        Premia_Common_V1_Total("payable", count: sums.lines, Money(cents: sums.balance)),
      ]
    }
  }
}

// MARK: - Figures

/// What was posted and stated, of one producer or of all.
private struct Sums {
  var lines: Int64 = 0
  var earned: Int64 = 0
  var takenBack: Int64 = 0
  var statements: Int64 = 0
  var due: Int64 = 0

  var balance: Int64 { earned - takenBack - due }
}

extension CommissionsService {
  private func sums(of producer: ProducerID? = nil) async throws -> Sums {
    let matching = producer.map { [(column: "producer_id", value: Value.text($0.description))] } ?? []
    let lines = try await engine.store.tally(
      CommissionsTables.lines, by: [], sums: ["earned_cents", "taken_back_cents"], where: matching)
    let statements = try await engine.store.tally(
      CommissionsTables.statements, by: [], sums: ["to_pay_cents"], where: matching)
    var sums = Sums()
    if let posted = lines.first {
      (sums.lines, sums.earned, sums.takenBack) = (posted.count, posted.sums[0], posted.sums[1])
    }
    if let stated = statements.first { (sums.statements, sums.due) = (stated.count, stated.sums[0]) }
    return sums
  }

  private func producer(_ id: ProducerID) async throws -> Premia_Commissions_V1_Producer {
    let state = try await engine.state(of: Producer.self, StreamID(id))
    guard state.id != nil else { throw Problem.notFound("producer", id.description) }
    let balance = try await sums(of: id).balance
    return .with {
      $0.producerID = id.description
      $0.appointments = state.appointments.map(\.words)
      $0.balance = Premia_Common_V1_Money(Money(cents: balance))
      $0.lastStatementMonth = state.lastStatementMonth?.description ?? ""
    }
  }
}
