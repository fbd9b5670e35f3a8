// Add-ons as callers see them: quoted, chosen, taken and dropped, renewed, and rated anew, with products whose prices a
// test can work out by heart.

import Contracts
import Courier
import GRPCCore
import Kernel
import ProductsTesting
import Runtime
import SwiftProtobuf
import Testing

@testable import Policy

/// Silver and gold, with dental and vision beside them. From 2028 on dental is sold no more and dental-plus continues
/// it, and vision is sold beside gold alone. The dental edition of 2027-07-16 costs four more a head; from when, nobody
/// said.
private struct Shop: ProductsStandIn {
  private static let plans: [String: Int64] = ["silver": 100, "gold": 150]

  private func head(_ addOn: String, on date: CalendarDate) -> Int64? {
    switch addOn {
    case "dental": date.year < 2028 ? (date < day("2027-07-16") ? 20 : 24) : nil
    case "dental-plus": date.year < 2028 ? nil : 30
    case "vision": 5
    default: nil
    }
  }

  private func plansBeside(_ addOn: String, on date: CalendarDate) -> [String] {
    addOn == "vision" && date.year >= 2028 ? ["gold"] : Self.plans.keys.sorted()
  }

  func rate(
    request: Premia_Products_V1_RateRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateResponse {
    let date = try CalendarDate(request.effectiveDate, field: "effective_date")
    let people = Int64(request.people.count)
    var response = Premia_Products_V1_RateResponse()
    for (plan, head) in Self.plans.sorted(by: { $0.key < $1.key }) {
      guard request.planIds.isEmpty || request.planIds.contains(plan) else { continue }
      response.offers.append(
        .with {
          ($0.planID, $0.planName, $0.level) = (plan, plan, plan == "gold" ? .gold : .silver)
          $0.monthly = Premia_Common_V1_Money(dollars(head * people))
          $0.kind = .medical
        })
    }
    for addOn in ["dental", "dental-plus", "vision"] {
      guard request.withAddOns || request.addOnIds.contains(addOn), let head = head(addOn, on: date) else { continue }
      let beside = plansBeside(addOn, on: date).filter { plan in response.offers.contains { $0.planID == plan } }
      guard !beside.isEmpty else { continue }
      response.addOns.append(
        .with {
          ($0.planID, $0.planName, $0.beside) = (addOn, addOn, beside)
          $0.kind = addOn == "vision" ? .vision : .dental
          $0.monthly = Premia_Common_V1_Money(dollars(head * people))
          $0.rules = ["\(addOn)@1"]
        })
    }
    return response
  }

  func listPlans(
    request: Premia_Products_V1_ListPlansRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_ListPlansResponse {
    let date = try CalendarDate(request.on, field: "on")
    return .with {
      for addOn in ["dental", "dental-plus", "vision"] where head(addOn, on: date) != nil {
        $0.plans.append(
          .with {
            $0.planID = addOn
            $0.continues = addOn == "dental-plus" ? ["dental"] : []
          })
      }
    }
  }

  func getPlan(
    request: Premia_Products_V1_GetPlanRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_Plan {
    .with {
      $0.planID = request.planID
      $0.state = "IL"
      $0.effectiveFrom = "2027-07-16"
    }
  }
}

@Suite("Policy: add-ons as callers see them")
struct AddOnServiceTests {
  private struct Caller {
    let policy: any Premia_Policy_V1_PolicyService.ClientProtocol
    let products: any Premia_Products_V1_ProductsService.ClientProtocol
    let engine: Engine
    let clock: SandboxClock

    func quote() async throws -> Premia_Policy_V1_Quote {
      try await policy.createQuote(
        .with {
          ($0.household.state, $0.effectiveDate) = ("IL", "2027-01-01")
          $0.household.people = [
            .with { ($0.ref, $0.relationship, $0.birthDate) = ("a", "subscriber", "1985-03-05") }
          ]
        })
    }

    func apply(_ addOns: [String], plan: String = "silver") async throws -> Premia_Policy_V1_Policy {
      let quote = try await quote()
      return try await policy.apply(
        .with {
          ($0.quoteID, $0.planID, $0.addOnIds) = (quote.quoteID, plan, addOns)
          $0.applicants = [.with { ($0.ref, $0.partyID) = ("a", party("1")) }]
        })
    }

    /// In force from 2027-01-01.
    func issued(_ addOns: [String], plan: String = "silver") async throws -> String {
      let id = try await apply(addOns, plan: plan).policyID
      _ = try await policy.bind(.with { $0.policyID = id })
      move(to: "2027-01-05")
      _ = try await policy.issue(.with { ($0.policyID, $0.reason) = (id, "paid at the door") })
      return id
    }

    func move(to date: String) { clock.advance(to: Instant(date: day(date))) }

    /// Each stretch of the premium: "2027-01-01 100 dental 20, vision 5".
    func premium(_ id: String) async throws -> [String] {
      try await policy.get(.with { $0.policyID = id }).premium.map { segment in
        let addOns = segment.addOns.map { "\($0.planID) \($0.monthly.cents / 100)" }.joined(separator: ", ")
        return "\(segment.from) \(segment.gross.cents / 100) \(addOns)"
      }
    }
  }

  private func withCaller(_ body: (Caller) async throws -> Void) async throws {
    let clock = SandboxClock(Instant(date: day("2026-12-10")))
    let engine = Engine(context: "policy", store: MemoryStore(), clock: clock)
    let products = Line(services: [Shop()])
    let productsClient = Premia_Products_V1_ProductsService.Client(wrapping: products.client)
    let policy = Line(services: PolicyContext.services(engine: engine, products: productsClient))
    let running = [products, policy].map { line in Task { try await line.run() } }
    try await body(
      Caller(
        policy: Premia_Policy_V1_PolicyService.Client(wrapping: policy.client), products: productsClient,
        engine: engine, clock: clock))
    let context = PolicyContext.context
    #expect(try await engine.verify(context.aggregates, tables: context.tables).mismatches.isEmpty)
    for line in [policy, products] { line.close() }
    for task in running { _ = await task.result }
  }

  private func problem(_ body: () async throws -> Void) async -> Problem? {
    do {
      try await ask { try await body() }
      return nil
    } catch {
      return error
    }
  }

  @Test("a quote shows the add-ons with their prices and the plans that they are sold beside")
  func quoted() async throws {
    try await withCaller { caller in
      let quote = try await caller.quote()
      #expect(quote.offers.map(\.planID) == ["gold", "silver"])
      #expect(quote.addOns.map(\.planID) == ["dental", "vision"])
      #expect(quote.addOns.map(\.monthly.cents) == [20_00, 5_00])
      #expect(quote.addOns.map(\.kind) == [.dental, .vision])
      #expect(quote.addOns.allSatisfy { $0.beside == ["gold", "silver"] })
      let again = try await caller.policy.getQuote(.with { $0.quoteID = quote.quoteID })
      #expect(again == quote)
    }
  }

  @Test("an application takes the add-ons that it names, and one that is not offered is refused by name")
  func applied() async throws {
    try await withCaller { caller in
      let policy = try await caller.apply(["vision", "dental"])
      #expect(try await caller.premium(policy.policyID) == ["2027-01-01 100 dental 20, vision 5"])
      let refused = await problem { _ = try await caller.apply(["dental-plus"]) }
      #expect(refused?.code == "quote.add_on_not_offered" && refused?.remedy == "Choose of dental, vision.")
    }
  }

  @Test("taking and dropping is rehearsed first, then done, and the premium has each from its day on")
  func changed() async throws {
    try await withCaller { caller in
      let id = try await caller.issued(["vision"])
      var taking = Premia_Policy_V1_AddAddOnRequest()
      (taking.policyID, taking.planID, taking.reason) = (id, "dental", "marriage")
      (taking.eventDate, taking.dryRun, taking.through) = ("2027-01-03", true, "2027-03-01")
      let dry = try await caller.policy.addAddOn(taking)
      #expect(dry.sum.addOns.cents == 20_00 && dry.sum.net.cents == 20_00 && dry.effectiveDate == "2027-02-01")
      #expect(try await caller.premium(id) == ["2027-01-01 100 vision 5"])
      taking.dryRun = false
      _ = try await caller.policy.addAddOn(taking)
      var dropping = Premia_Policy_V1_RemoveAddOnRequest()
      (dropping.policyID, dropping.planID, dropping.reason) = (id, "vision", "request")
      dropping.effectiveDate = "2027-03-01"
      let done = try await caller.policy.removeAddOn(dropping)
      #expect(done.monthly.map(\.addOns.cents) == [-5_00])
      #expect(
        try await caller.premium(id) == [
          "2027-01-01 100 vision 5", "2027-02-01 100 dental 20, vision 5", "2027-03-01 100 dental 20",
        ])
      let told = try await StoreFeed(source: "policy", store: caller.engine.store).read(after: 0, limit: 100)
      #expect(told.filter { $0.type == "Policy.Endorsed" }.count == 2)
    }
  }

  @Test("an add-on taken within the term has the rates of the day on which it was taken; the plan keeps its own")
  func takenLater() async throws {
    try await withCaller { caller in
      let id = try await caller.issued([])
      caller.move(to: "2027-07-20")
      _ = try await caller.policy.addAddOn(
        .with {
          ($0.policyID, $0.planID, $0.reason, $0.eventDate) = (id, "dental", "loss_of_coverage", "2027-07-31")
        })
      #expect(try await caller.premium(id) == ["2027-01-01 100 ", "2027-08-01 100 dental 24"])
    }
  }

  @Test("a renewal run goes on with what continues an add-on, and tells why it drops another")
  func renewed() async throws {
    try await withCaller { caller in
      let id = try await caller.issued(["dental", "vision"])
      let other = try await caller.issued(["vision"], plan: "gold")
      caller.move(to: "2027-10-15")
      let report = try await PolicyContext.runRenewals(caller.engine, products: caller.products)
      #expect(report.progress.changed == 2 && report.parked == [])
      #expect(report.progress.totals.map(\.beforeCents) == [155_00, 125_00])
      #expect(report.progress.totals.map(\.afterCents) == [155_00, 130_00])
      #expect(try await caller.premium(id) == ["2027-01-01 100 dental 20, vision 5", "2028-01-01 100 dental-plus 30"])
      #expect(try await caller.premium(other) == ["2027-01-01 150 vision 5"])
      let told = try await StoreFeed(source: "policy", store: caller.engine.store).read(after: 0, limit: 100)
      let renewals = try told.filter { $0.type == "Policy.Renewed" }.map {
        try Premia_Policy_V1_PolicyRenewed(serializedBytes: $0.data)
      }
      let lost = try #require(renewals.first { $0.policy.policyID == id }).addOns
      #expect(lost.map(\.planID) == ["dental", "vision"] && lost.map(\.nextPlanID) == ["dental-plus", ""])
      #expect(lost.map(\.reason) == ["not_sold", "not_sold_beside"] && lost.map(\.planName) == ["dental", "vision"])
      #expect(try #require(renewals.first { $0.policy.policyID == other }).addOns == [])
    }
  }

  struct RateRow: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let change: Premia_Products_V1_RateChange
    let premium: [String]
    let left: [String]
  }

  @Test(
    "new rates of an add-on hold from when the run says, and whoever keeps the old ones is counted",
    arguments: [
      RateRow(
        testDescription: "at once", change: .immediate,
        premium: ["2027-01-01 100 dental 20", "2027-07-16 100 dental 24"], left: ["policy.other_plan"]),
      RateRow(
        testDescription: "from the next month", change: .nextPeriod,
        premium: ["2027-01-01 100 dental 20", "2027-08-01 100 dental 24"], left: ["policy.other_plan"]),
      RateRow(
        testDescription: "at renewal", change: .nextTerm, premium: ["2027-01-01 100 dental 20"],
        left: ["policy.other_plan", "policy.rates_at_next_term"]),
    ])
  func newRates(_ row: RateRow) async throws {
    try await withCaller { caller in
      let holds = try await caller.issued(["dental"])
      _ = try await caller.issued(["vision"])
      caller.move(to: "2027-06-01")
      let report = try await PolicyContext.runRates(
        caller.engine, products: caller.products, plan: "dental", from: day("2027-07-16"), change: row.change)
      #expect(try await caller.premium(holds) == row.premium)
      #expect(report.progress.left.map(\.code) == row.left && report.parked == [])
      #expect(report.progress.changed == Int64(row.premium.count - 1))
    }
  }

  @Test("a rate change of which nobody says from when it holds is refused, and nothing changes")
  func unsaid() async throws {
    try await withCaller { caller in
      let id = try await caller.issued(["dental"])
      caller.move(to: "2027-06-01")
      let refused = await problem {
        _ = try await caller.policy.runRates(.with { ($0.planID, $0.from) = ("dental", "2027-07-16") })
      }
      #expect(
        refused?.fields["rate_change"]
          == "is missing, and the file of dental does not say either; it is one of immediate, next_period, next_term")
      #expect(try await caller.premium(id) == ["2027-01-01 100 dental 20"])
    }
  }
}
