// The catalogue over a store: files go in once, prices come out, a past price stays, and a restart changes nothing.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Products

private typealias Client = Premia_Products_V1_ProductsService.Client<LineTransport>

@Suite struct CatalogueJourneyTests {
  @Test func shippedCatalogueIsTakenOnceAndStandsAfterARestart() async throws {
    let engine = Self.engine(on: "2027-01-01")
    let files = try ProductsContext.catalogueFiles(in: Shelves.config)
    let first = try await Self.call(engine) { client in
      for file in files { #expect(try await !Self.publish(file, client).unchanged, "\(file.name)") }
      return try await client.rate(Self.family("IL", "Cook", "2027-03-01"))
    }
    #expect(
      first.offers.map(\.planID) == [
        "il-bronze-7500", "il-dental-1000", "il-gold-1500", "il-silver-3000", "il-vision-150",
      ])
    let published = try await engine.store.lastPublished()

    let again = try await Self.call(engine) { client in
      for file in files { #expect(try await Self.publish(file, client).unchanged, "\(file.name)") }
      return try await client.rate(Self.family("IL", "Cook", "2027-03-01"))
    }
    #expect(again == first)
    #expect(try await engine.store.lastPublished() == published)
    try await Self.verify(engine)
  }

  @Test func everyStateSellsPlansInBothYears() async throws {
    try await Self.withShippedCatalogue { client, _ in
      for (state, county) in [("IL", "Lake"), ("FL", "Orange"), ("NY", "Kings"), ("MA", "Suffolk"), ("CO", "Denver")] {
        for date in ["2027-01-01", "2028-02-01"] {
          let offers = try await client.rate(Self.family(state, county, date)).offers
          #expect(Set(offers.map(\.level)).isSuperset(of: [.bronze, .silver, .gold]), "\(state) \(date)")
          for offer in offers {
            #expect(offer.monthly.cents == offer.people.reduce(0) { $0 + $1.monthly.cents })
            #expect(!offer.ratingArea.isEmpty && !offer.rules.isEmpty)
            let plan = try await client.getPlan(.with { ($0.planID, $0.on) = (offer.planID, date) })
            #expect((plan.state, plan.level) == (state, offer.level))
            #expect(plan.costSharing.benefits.count == ServiceCategory.allCases.count)
          }
        }
      }
    }
  }

  @Test func questionsAskedTogetherAreAnsweredInTheirOrderAndARefusedOneByNothing() async throws {
    try await Self.withShippedCatalogue { client, _ in
      let here = Self.family("IL", "Cook", "2027-03-01")
      let nowhere = Self.family("IL", "Nowhere", "2027-03-01")
      let there = Self.family("NY", "Kings", "2028-02-01")
      let answers = try await client.rateAll(.with { $0.questions = [there, nowhere, here] }).answers
      #expect(answers.map(\.hasRates) == [true, false, true])
      #expect(try await client.rate(there) == answers[0].rates)
      #expect(try await client.rate(here) == answers[2].rates)
      let tooMany = try await Self.problem {
        _ = try await ask { try await client.rateAll(.with { $0.questions = .init(repeating: here, count: 1_001) }) }
      }
      #expect(tooMany?.fields["questions"] != nil)
    }
  }

  @Test func coverageOfLongAgoIsRatedByTheCurveOfItsTime() async throws {
    try await Self.withShippedCatalogue { client, _ in
      var request = Self.family("IL", "COOK", "2014-01-01")
      request.postalCode = "60616"
      request.planIds = ["il-silver-3000"]
      request.people = [Self.person("a", "subscriber", "1963-09-30"), Self.person("b", "child", "2000-01-01")]
      let offer = try #require(try await client.rate(request).offers.first)
      // 258.40 x 1.786 and, before 2018, x 0.635 for everybody below 21.
      #expect(offer.people.map(\.monthly.cents) == [461_50, 164_08])
      #expect(offer.people.map(\.reason) == ["age 50 x 1.786", "age 14 x 0.635"])
      #expect(offer.rules == ["il-silver-3000@1", "age_curve/federal@1", "state/IL@1"])
    }
  }

  @Test func dentalCoverageNeedsNeitherBirthDateNorPlace() async throws {
    try await Self.withShippedCatalogue { client, _ in
      let request = Premia_Products_V1_RateRequest.with {
        ($0.state, $0.effectiveDate, $0.planIds) = ("IL", "2002-07-01", ["il-dental-1000"])
        $0.people = [.with { ($0.ref, $0.relationship) = ("a", "subscriber") }]
      }
      let offers = try await client.rate(request).offers
      #expect(offers.map(\.monthly.cents) == [38_50])
    }
  }

  @Test func pastPriceStaysAndAComingOneIsReplaced() async throws {
    try await Self.withShippedCatalogue { client, clock in
      clock.advance(to: Instant(date: Shelves.date("2027-06-15")))
      let files = try ProductsContext.catalogueFiles(in: Shelves.config)
      func dearer(_ name: String) throws -> (name: String, content: [UInt8]) {
        let file = try #require(files.first { $0.name.hasSuffix(name) })
        let text = String(decoding: file.content, as: UTF8.self).replacing("IL-1: 2", with: "IL-1: 7")
        return (name, Array(text.utf8))
      }
      let problem = try await Self.problem { _ = try await Self.publish(try dearer("IL-2027.yaml"), client) }
      #expect(problem?.code == "products.file_invalid")
      #expect(
        problem?.detail
          == "IL-2027.yaml:10:9: il-bronze-7500@1 is in force on 2027-01-01, and what is in force up to today, "
          + "2027-06-15, cannot be changed.")
      let past = try await client.rate(Self.family("IL", "Cook", "2027-06-01")).offers[0]
      let coming = try await client.rate(Self.family("IL", "Cook", "2028-01-01")).offers[0]
      #expect(try await !Self.publish(try dearer("IL-2028.yaml"), client).unchanged)
      #expect(try await client.rate(Self.family("IL", "Cook", "2027-06-01")).offers[0] == past)
      let replaced = try await client.rate(Self.family("IL", "Cook", "2028-01-01")).offers[0]
      #expect(replaced.monthly.cents > coming.monthly.cents)
      #expect((coming.rules[0], replaced.rules[0]) == ("il-bronze-7500@2", "il-bronze-7500@3"))
    }
  }

  @Test func brokenFileIsRefusedWithItsPlaceAndNothingOfItIsTaken() async throws {
    try await Self.withShippedCatalogue { client, _ in
      let text =
        ProductFileTests.plans + "\n" + """
            - id: il-newer
              level: gold
          """
      let problem = try await Self.problem {
        _ = try await Self.publish(("config/products/plans/new.yaml", Array(text.utf8)), client)
      }
      #expect(problem?.kind == .invalid)
      #expect(problem?.detail == "config/products/plans/new.yaml:17:5: a plan lacks the field 'name'.")
      #expect(problem?.fields["line"] == "17")
      let unknown = try await Self.problem { _ = try await client.getPlan(.with { $0.planID = "il-new" }) }
      #expect(unknown?.code == "products.plan_unknown")
    }
  }

  @Test func addOnsAreOfferedWithThePlansThatTheyAreSoldBeside() async throws {
    try await Self.withShippedCatalogue { client, _ in
      var request = Self.family("FL", "Orange", "2027-03-01")
      request.withAddOns = true
      let all = try await client.rate(request).addOns
      #expect(all.map(\.planID) == ["fl-dental-1000", "fl-vision-150"])
      #expect(all.map(\.monthly.cents) == [34_90, 3 * 7_90])
      #expect(all.map(\.kind) == [.dental, .vision])
      #expect(all[0].beside == ["fl-bronze-8000", "fl-gold-1250", "fl-silver-3500"])
      #expect(all[1].beside == ["fl-gold-1250", "fl-silver-3500"])
      request = Self.family("FL", "Orange", "2027-03-01")
      (request.planIds, request.addOnIds) = (["fl-bronze-8000"], ["fl-vision-150"])
      let refused = try await Self.problem { [request] in _ = try await client.rate(request) }
      #expect(refused?.code == "products.not_sold_beside")
      request.planIds = ["fl-gold-1250"]
      let named = try await client.rate(request)
      #expect(named.offers.map(\.planID) == ["fl-gold-1250"] && named.addOns.map(\.planID) == ["fl-vision-150"])
    }
  }

  @Test func refusalsOfADoor() async throws {
    try await Self.withShippedCatalogue { client, _ in
      func refused(_ change: (inout Premia_Products_V1_RateRequest) -> Void) async throws -> String? {
        var request = Self.family("IL", "Cook", "2027-03-01")
        change(&request)
        let changed = request
        return try await Self.problem { _ = try await client.rate(changed) }?.detail
      }
      #expect(try await refused { $0.effectiveDate = "soon" } == "effective_date is 'soon', not a date as YYYY-MM-DD.")
      #expect(
        try await refused { $0.people[0].relationship = "friend" }
          == "people[0].relationship is 'friend'; it is subscriber, spouse, child.")
      #expect(
        try await refused { $0.people[1].birthDate = "" }
          == "people[1].birth_date is missing; il-bronze-7500 is rated by who is covered.")
      #expect(
        try await refused { $0.planIds = ["il-silver-300"] }
          == "There is no plan 'il-silver-300'. Near it: il-silver-3000, fl-silver-3500.")
      #expect(try await Self.problem { _ = try await Self.publish(("", []), client) }?.fields["file"] != nil)
      let early = try await Self.problem {
        _ = try await client.getPlan(.with { ($0.planID, $0.on) = ("il-gold-1500", "2026-01-01") })
      }
      #expect(early?.code == "products.not_on_sale")
    }
  }

  @Test func plansAreListedByStateAndDay() async throws {
    try await Self.withShippedCatalogue { client, _ in
      let plans = try await client.listPlans(.with { ($0.state, $0.on) = ("NY", "2027-07-01") }).plans
      #expect(
        plans.map(\.planID) == [
          "ny-bronze-6500", "ny-dental-1500", "ny-gold-1000", "ny-platinum-0", "ny-silver-2500",
        ])
      #expect(plans.map(\.kind) == [.medical, .dental, .medical, .medical, .medical])
      #expect(plans.map(\.effectiveTo) == ["2028-01-01", "", "2028-01-01", "2028-01-01", "2028-01-01"])
      let before = try await client.listPlans(.with { $0.on = "2020-01-01" }).plans
      #expect(before.map(\.planID) == ["fl-dental-1000", "il-dental-1000", "il-silver-3000"])
    }
  }

  // MARK: The stage

  private static func engine(on date: String) -> Engine {
    Engine(
      context: "products", store: MemoryStore(), clock: SandboxClock(Instant(date: Shelves.date(date))))
  }

  private static func withShippedCatalogue(_ body: @Sendable (Client, SandboxClock) async throws -> Void) async throws {
    let clock = SandboxClock(Instant(date: Shelves.opening))
    let engine = Engine(context: "products", store: MemoryStore(), clock: clock)
    try await call(engine) { client in
      for file in try ProductsContext.catalogueFiles(in: Shelves.config) { _ = try await publish(file, client) }
      try await body(client, clock)
    }
    try await verify(engine)
  }

  /// Opens the context's services for the time of the body.
  private static func call<Answer: Sendable>(
    _ engine: Engine, _ body: @Sendable (Client) async throws -> Answer
  ) async throws -> Answer {
    let line = Line(services: ProductsContext.services(engine: engine))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await line.run() }
      defer { line.close() }
      return try await body(Client(wrapping: line.client))
    }
  }

  private static func publish(
    _ file: (name: String, content: [UInt8]), _ client: Client
  ) async throws -> Premia_Products_V1_PublishResponse {
    try await ask {
      try await client.publish(
        .with {
          $0.file = file.name
          $0.content.append(contentsOf: file.content)
        })
    }
  }

  private static func problem(_ body: () async throws -> Void) async throws -> Problem? {
    do {
      try await ask(body)
      return nil
    } catch {
      return error
    }
  }

  private static func verify(_ engine: Engine) async throws {
    let report = try await engine.verify(ProductsContext.context.aggregates, tables: ProductsContext.context.tables)
    #expect(report.mismatches == [])
    #expect(report.streams > 0)
  }

  private static func family(_ state: String, _ county: String, _ date: String) -> Premia_Products_V1_RateRequest {
    .with {
      ($0.state, $0.county, $0.effectiveDate) = (state, county, date)
      $0.people = [
        person("a", "subscriber", "1990-05-05"), person("b", "spouse", "1991-06-06"),
        person("c", "child", "2020-07-07"),
      ]
    }
  }

  private static func person(_ ref: String, _ relationship: String, _ born: String) -> Premia_Products_V1_RatedPerson {
    .with { ($0.ref, $0.relationship, $0.birthDate) = (ref, relationship, born) }
  }
}

@Suite struct ShelfTests {
  private static let shelf = Shelf<AgeCurve>.self

  private static func curve(_ factor: Int64) -> AgeCurve {
    AgeCurve(
      name: "flat", factors: AgeCurve.ages.map { _ in Ratio(factor, 1) },
      origin: Origin(rule: "age_curve", source: "here", isVerified: false))
  }

  private static func publish(
    _ factor: Int64, _ from: String, _ to: String? = nil, today: String = "2027-01-01"
  ) -> Shelf<AgeCurve>.Command {
    .publish(
      curve(factor), from: Shelves.date(from), to: to.map(Shelves.date), source: "a.yaml", today: Shelves.date(today))
  }

  private static func state(after commands: Shelf<AgeCurve>.Command...) throws -> Editions<AgeCurve> {
    var state = shelf.initial
    for command in commands { state = shelf.replay(try shelf.decide(command, in: state), from: state) }
    return state
  }

  @Test func sameContentAgainChangesNothingEvenWhereALaterEditionTookItsPlace() throws {
    let state = try Self.state(after: Self.publish(1, "2027-01-01"), Self.publish(2, "2028-01-01"))
    #expect(try Self.shelf.decide(Self.publish(1, "2027-01-01"), in: state) == [])
    #expect(state.edition(on: Shelves.date("2027-12-31"))?.number == 1)
    #expect(state.edition(on: Shelves.date("2028-01-01"))?.number == 2)
    #expect(state.edition(on: Shelves.date("2026-12-31")) == nil)
  }

  @Test func daysOfThePastThatNobodyPricedMayBeFilled() throws {
    let state = try Self.state(after: Self.publish(1, "2027-01-01"), Self.publish(2, "2014-01-01", "2027-01-01"))
    #expect(state.edition(on: Shelves.date("2020-01-01"))?.number == 2)
  }

  @Test(arguments: [
    ("2027-01-01", "2027-01-01"), ("2026-06-01", "2027-01-01"), ("2027-01-02", "2027-03-01"),
  ])
  func whatIsInForceCannotBeChanged(from: String, today: String) throws {
    let state = try Self.state(after: Self.publish(1, "2027-01-01"))
    let refusal = ShelfRefusal.inForce(
      "flat@1", on: max(Shelves.date(from), Shelves.date("2027-01-01")), today: Shelves.date(today))
    #expect(throws: refusal) { try Self.shelf.decide(Self.publish(2, from, today: today), in: state) }
    #expect(refusal.problem.kind == .conflict)
  }
}
