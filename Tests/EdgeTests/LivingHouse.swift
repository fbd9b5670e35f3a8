// A house of seven contexts that lives through its days, with its HTTP door. Products are a stand-in. It is kept in
// memory; PREMIA_TEST_STORE=postgres keeps it on PostgreSQL.

import Billing
import Claims
import Commissions
import Contracts
import Courier
import Edge
import Foundation
import GRPCCore
import Hummingbird
import HummingbirdTesting
import Kernel
import Ledger
import Notices
import Payments
import Policy
import PostgresStorage
import ProductsTesting
import Runtime
import StoreTesting
import SwiftProtobuf
import Testing

/// Products that sell a silver and a gold plan, at $310.00 and $465.00 a head, and dental at $38.50 a policy beside
/// them.
private struct TwoPlans: ProductsStandIn {
  func rate(
    request: Premia_Products_V1_RateRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateResponse {
    .with { response in
      response.offers = [("silver", Int64(310_00)), ("gold", 465_00)].map { plan, cents in
        .with {
          $0.planID = plan
          $0.planName = plan.capitalized
          $0.level = plan == "gold" ? .gold : .silver
          $0.monthly = Premia_Common_V1_Money(Money(cents: cents * Int64(request.people.count)))
          $0.ratingArea = "1"
        }
      }
      guard request.withAddOns || request.addOnIds.contains("dental") else { return }
      response.addOns = [
        .with {
          ($0.planID, $0.planName, $0.kind) = ("dental", "Prairie Dental", .dental)
          $0.level = .dental
          $0.monthly = Premia_Common_V1_Money(Money(cents: 38_50))
          $0.beside = ["silver", "gold"]
        }
      ]
    }
  }
}

/// One context of the house.
private struct Room: Sendable {
  let context: Runtime.Context
  let engine: Engine
  let consumers: [Consumer]
  let line: Line

  init(
    _ context: Runtime.Context, _ engines: [String: Engine], _ services: (Engine) -> [any RegistrableRPCService]
  ) throws {
    self.context = context
    let engine = try #require(engines[context.name])
    self.engine = engine
    // Of contexts that are not in this house nothing is heard.
    consumers = context.sources.compactMap { source in
      engines[source].map { publisher in
        Consumer(
          engine: engine, feed: StoreFeed(source: source, store: publisher.store),
          subscriptions: context.subscriptions.filter { $0.source == source })
      }
    }
    line = Line(services: services(engine) + [EventLogService(engine: engine, consumers: consumers)])
  }
}

/// The clock of the house and its checks, as the real one has them.
private struct LivingHouse: Premia_House_V1_HouseService.SimpleServiceProtocol {
  let clock: SandboxClock
  let rooms: [Room]
  let products: any Premia_Products_V1_ProductsService.ClientProtocol

  private func room(_ name: String) throws -> Room { try #require(rooms.first { $0.context.name == name }) }

  private func drain() async throws {
    var read = 1
    while read > 0 {
      read = 0
      for room in rooms {
        for consumer in room.consumers { read += try await consumer.pump() }
        for reader in room.context.readers { read += try await room.engine.pump(reader) }
      }
    }
  }

  private func liveThroughDay() async throws {
    let day = clock.now.date
    let act = Act(correlation: "day/\(day)", causation: "day/\(day)")
    try await drain()
    let ended = try await PolicyContext.run(room("policy").engine, products: products, asOf: day, act: act)
    #expect(ended.parked.isEmpty)
    try await drain()
    try await Act.$current.withValue(act) {
      let billing = Premia_Billing_V1_BillingService.Client(wrapping: try room("billing").line.client)
      _ = try await billing.run(.with { $0.asOf = day.description })
      try await drain()
      let payments = Premia_Payments_V1_PaymentsService.Client(wrapping: try room("payments").line.client)
      _ = try await payments.run(.with { $0.asOf = day.description })
      try await drain()
      let commissions = Premia_Commissions_V1_CommissionsService.Client(wrapping: try room("commissions").line.client)
      _ = try await commissions.run(.with { $0.asOf = day.description })
    }
    try await drain()
  }

  func getClock(
    request: Premia_House_V1_GetClockRequest, context: ServerContext
  ) async throws -> Premia_House_V1_Clock { .with { $0.today = clock.now.date.description } }

  func advanceClock(
    request: Premia_House_V1_AdvanceClockRequest, context: ServerContext
  ) async throws -> Premia_House_V1_Clock {
    let target = try CalendarDate(request.to, field: "to")
    while clock.now.date < target {
      clock.advance(to: Instant(date: clock.now.date.adding(days: 1), secondsOfDay: 9 * 3_600))
      try await liveThroughDay()
    }
    return .with { $0.today = clock.now.date.description }
  }

  func verify(
    request: Premia_House_V1_VerifyRequest, context: ServerContext
  ) async throws -> Premia_House_V1_VerifyResponse {
    var response = Premia_House_V1_VerifyResponse()
    for room in rooms {
      let report = try await room.engine.verify(room.context.aggregates, tables: room.context.tables)
      response.mismatchCount += Int64(report.mismatches.count)
    }
    return response
  }

  func reconcile(
    request: Premia_House_V1_ReconcileRequest, context: ServerContext
  ) async throws -> Premia_House_V1_ReconcileResponse {
    let request = Premia_Common_V1_TotalsRequest()
    func line(_ name: String) throws -> Line { try room(name).line }
    let totals = [
      "policy": try await Premia_Policy_V1_PolicyService.Client(wrapping: line("policy").client).getTotals(request),
      "billing": try await Premia_Billing_V1_BillingService.Client(wrapping: line("billing").client).getTotals(request),
      "payments": try await Premia_Payments_V1_PaymentsService.Client(wrapping: line("payments").client)
        .getTotals(request),
      "claims": try await Premia_Claims_V1_ClaimsService.Client(wrapping: line("claims").client).getTotals(request),
      "ledger": try await Premia_Ledger_V1_LedgerService.Client(wrapping: line("ledger").client).getTotals(request),
      "notices": try await Premia_Notices_V1_NoticesService.Client(wrapping: line("notices").client).getTotals(request),
      "commissions": try await Premia_Commissions_V1_CommissionsService.Client(wrapping: line("commissions").client)
        .getTotals(request),
    ].mapValues(\.totals)
    var defects = Reconciliation.defects(in: totals).map(\.description)
    for room in rooms {
      defects += try await room.engine.store.deadLetters(source: nil).map { "\(room.context.name): \($0.reason)" }
    }
    return .with { response in
      response.rules = Int32(Reconciliation.ruleCount)
      response.defects = defects.map { defect in .with { $0.rule = defect } }
    }
  }
}

/// $20.00 a member and month.
private let commissionSchedule = """
  {"edition": 1, "retroactive_limit_days": 90, "statement_day": 5, "rules": [
    {"from": "2014-01-01", "basis": "per_member_per_month", "cents": 2000, "source": "a test"}]}
  """

/// Runs a test against the door of a house that lives.
func withLivingHouse(since today: String, _ test: @Sendable @escaping (Door) async throws -> Void) async throws {
  let clock = SandboxClock(Instant(date: try #require(CalendarDate(iso: today)), secondsOfDay: 9 * 3_600))
  let notices = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../config/notices")
  let templates = try NoticesContext.templates(in: notices.standardizedFileURL.path())
  let noticesContext = NoticesContext.context(templates: templates)
  let declines = try DeclineTable(unlisted: .soft, groups: [])
  let press = try Press(
    carrier: Carrier(name: "PREMIA HEALTH PLANS", lines: ["CHICAGO, IL 60606"], phone: "8005550142"),
    addressees: { _ in Addressee(name: "Jane Doe", lines: ["1 Main St"], policyNumber: "P-1") },
    payers: { _ in Addressee(name: "Acme", lines: ["2 Main St"], policyNumber: "") })
  let schedule = try JSONDecoder().decode(CommissionSchedule.self, from: Data(commissionSchedule.utf8))
  let contexts = [
    PolicyContext.context, BillingContext.context, PaymentsContext.context, ClaimsContext.context,
    LedgerContext.context, noticesContext, CommissionsContext.context(schedule: schedule),
  ]
  var engines: [String: Engine] = [:]
  for context in contexts {
    engines[context.name] = Engine(context: context.name, store: try await store(of: context), clock: clock)
  }
  let productsLine = Line(services: [TwoPlans()])
  let products = Premia_Products_V1_ProductsService.Client(wrapping: productsLine.client)
  let rooms = [
    try Room(PolicyContext.context, engines) { PolicyContext.services(engine: $0, products: products) },
    try Room(BillingContext.context, engines) { BillingContext.services(engine: $0, press: press) },
    try Room(PaymentsContext.context, engines) {
      PaymentsContext.services(engine: $0, gateway: SandboxGateway(), declines: declines)
    },
    try Room(ClaimsContext.context, engines) { ClaimsContext.services(engine: $0) },
    try Room(LedgerContext.context, engines) { LedgerContext.services(engine: $0) },
    try Room(noticesContext, engines) { NoticesContext.services(engine: $0, templates: templates) },
    try Room(CommissionsContext.context(schedule: schedule), engines) {
      CommissionsContext.services(engine: $0, schedule: schedule)
    },
  ]
  var lines = Dictionary(uniqueKeysWithValues: rooms.map { ($0.context.name, $0.line) })
  lines["products"] = productsLine
  lines["house"] = Line(services: [LivingHouse(clock: clock, rooms: rooms, products: products)])
  let router = Router()
  try Edge(lines: lines).routes(on: router)
  let application = Application(router: router)
  let all = Array(lines.values)
  try await withThrowingTaskGroup(of: Void.self) { group in
    for line in all { group.addTask { try await line.run() } }
    defer { for line in all { line.close() } }
    try await application.test(.router) { client in try await test(Door(client: client)) }
  }
  for engine in engines.values { await engine.store.close() }
}

/// A store that nobody else has, of the kind that the tests are run on.
private func store(of context: Runtime.Context) async throws -> any Store {
  switch ProcessInfo.processInfo.environment["PREMIA_TEST_STORE"] ?? "memory" {
  case "memory": return MemoryStore()
  case "postgres":
    var settings = try await PostgresServer.shared.settings()
    // Several houses of seven contexts live at once.
    settings.connections = 3
    settings.partitions = 1
    return try await PostgresStore(settings, tables: context.tables)
  case let other: preconditionFailure("PREMIA_TEST_STORE is '\(other)'; it is memory or postgres")
  }
}
