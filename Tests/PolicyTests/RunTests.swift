// Renewals and rate changes over a book, with products whose prices a test can work out by heart.

import Contracts
import Courier
import GRPCCore
import Kernel
import ProductsTesting
import Runtime
import StoreTesting
import SwiftProtobuf
import Synchronization
import Testing

@testable import Policy

/// Three plans by the head, five dollars more a year. Gold is sold no more from 2028 on and platinum continues it. The
/// bronze edition of 2027-07-01 costs 20 more and holds at once; silver of 2028 costs what a test says, from the next
/// term on.
private final class Shop: ProductsStandIn {
  let silverOf2028: Int64
  /// How many questions came together, and how many by themselves.
  let asked = Mutex((together: [Int](), alone: 0))

  init(silverOf2028: Int64 = 105) { self.silverOf2028 = silverOf2028 }

  private static let levels: [String: Premia_Products_V1_Level] = [
    "bronze": .bronze, "silver": .silver, "gold": .gold, "platinum": .platinum,
  ]

  private func head(_ plan: String, on date: CalendarDate) -> Int64? {
    switch plan {
    case "bronze": 70 + (date >= day("2027-07-01") ? 20 : 0) + 5 * Int64(date.year - 2027)
    case "silver": date.year >= 2028 ? silverOf2028 : 100
    case "gold": date.year < 2028 ? 150 : nil
    case "platinum": date.year >= 2028 ? 190 : nil
    default: nil
    }
  }

  func rate(
    request: Premia_Products_V1_RateRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateResponse {
    asked.withLock { $0.alone += 1 }
    return try answer(request)
  }

  func rateAll(
    request: Premia_Products_V1_RateAllRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateAllResponse {
    asked.withLock { $0.together.append(request.questions.count) }
    var response = Premia_Products_V1_RateAllResponse()
    for question in request.questions {
      var answer = Premia_Products_V1_RateAnswer()
      if let rates = try? self.answer(question) { answer.rates = rates }
      response.answers.append(answer)
    }
    return response
  }

  private func answer(_ request: Premia_Products_V1_RateRequest) throws -> Premia_Products_V1_RateResponse {
    let date = try CalendarDate(request.effectiveDate, field: "effective_date")
    guard request.county != "Nowhere" else {
      throw Problem(kind: .invalid, code: "products.unknown_place", detail: "It is nowhere.", remedy: "Say where.")
    }
    var response = Premia_Products_V1_RateResponse()
    for (plan, level) in Self.levels.sorted(by: { $0.key < $1.key }) {
      guard request.planIds.isEmpty || request.planIds.contains(plan), let head = head(plan, on: date) else { continue }
      response.offers.append(
        .with {
          $0.planID = plan
          $0.planName = plan
          $0.level = level
          $0.monthly = Premia_Common_V1_Money(dollars(head * Int64(request.people.count)))
          $0.ratingArea = "1"
        })
    }
    return response
  }

  func listPlans(
    request: Premia_Products_V1_ListPlansRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_ListPlansResponse {
    .with {
      $0.plans = [
        .with {
          $0.planID = "platinum"
          $0.continues = ["gold"]
        }
      ]
    }
  }

  func getPlan(
    request: Premia_Products_V1_GetPlanRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_Plan {
    .with {
      $0.planID = request.planID
      $0.state = "IL"
      $0.effectiveFrom = request.planID == "bronze" ? "2027-07-01" : "2028-01-01"
      $0.rateChange = request.planID == "bronze" ? .immediate : .nextTerm
    }
  }
}

@Suite("Policy: runs over the book")
struct RunTests {
  private typealias Products = any Premia_Products_V1_ProductsService.ClientProtocol

  private struct Book {
    let clock = SandboxClock(Instant(date: day("2027-01-05")))
    let engine: Engine

    init(_ store: any Store = MemoryStore()) {
      engine = Engine(context: "policy", store: store, clock: clock)
    }

    static func id(_ name: String) -> StreamID {
      StreamID(ID<PolicyTag>(at: Instant(date: day("2027-01-01")), derivedFrom: name))
    }

    /// In force from 2027-01-01.
    func issue(
      _ name: String, plan: String, channel: Policy.Channel = .direct, county: String = "Cook"
    ) async throws {
      var terms = Life.terms(channel: channel)
      terms.number = name
      terms.places = Steps(Policy.Place(county: county, postalCode: "60616"), from: terms.effectiveDate)
      terms.plans = Steps(plan, from: terms.effectiveDate)
      terms.rates = Timeline()
      terms.rates.set(RateCard.rate(of: terms, on: terms.effectiveDate), from: terms.effectiveDate)
      try await give(name, .apply(terms))
      try await give(name, .bind(on: day("2027-01-02")))
      try await give(name, .issue(on: day("2027-01-05"), waiver: nil))
    }

    func give(_ name: String, _ command: Policy.Command) async throws {
      try await engine.run(Act(correlation: "test")) { unit in
        try await unit.decide(Policy.self, Self.id(name), command)
      }
    }

    /// Dollars a month on a day.
    func price(_ name: String, on date: String) async throws -> Int64? {
      let state = try await engine.state(of: Policy.self, Self.id(name))
      return state.premium[day(date)].map { $0.gross.cents / 100 }
    }

    func move(to date: String) { clock.advance(to: Instant(date: day(date))) }

    func check() async throws {
      let context = PolicyContext.context
      #expect(try await engine.verify(context.aggregates, tables: context.tables).mismatches.isEmpty)
    }
  }

  private func withProducts(_ shop: Shop = Shop(), _ body: (Products) async throws -> Void) async throws {
    let line = Line(services: [shop])
    let running = Task { try await line.run() }
    try await body(Premia_Products_V1_ProductsService.Client(wrapping: line.client))
    line.close()
    _ = await running.result
  }

  private func fill(_ book: Book) async throws {
    try await book.issue("keeps", plan: "silver")
    try await book.issue("declines", plan: "silver")
    try await book.issue("continues", plan: "gold")
    try await book.issue("leaves", plan: "silver")
    try await book.give(
      "leaves", .terminate(Policy.End(on: day("2027-01-05"), reason: .moved), on: day("2027-01-05")))
    book.move(to: "2027-10-15")
    try await book.give("declines", .declineRenewal(reason: "moves away", on: day("2027-10-15")))
  }

  private func expectRenewed(_ report: BulkReport) {
    #expect(report.isDone && report.progress.seen == 3)
    #expect(report.progress.left.map(\.code) == ["policy.already_ending"])
    #expect(report.progress.totals.map(\.level) == ["platinum", "silver"])
    #expect(report.progress.totals.map(\.beforeCents) == [450_00, 300_00])
    #expect(report.progress.totals.map(\.afterCents) == [570_00, 315_00])
    #expect(report.parked == [])
  }

  @Test("a renewal run keeps the plan that is sold, continues the one that is not, and leaves who declined")
  func renewal() async throws {
    try await withProducts { products in
      let book = Book()
      try await fill(book)
      let dry = try await PolicyContext.runRenewals(book.engine, products: products, dryRun: true)
      expectRenewed(dry)
      #expect(try await book.price("keeps", on: "2028-01-01") == 300)
      expectRenewed(try await PolicyContext.runRenewals(book.engine, products: products))
      #expect(try await book.price("keeps", on: "2028-01-01") == 315)
      #expect(try await book.price("continues", on: "2028-01-01") == 570)
      #expect(try await book.price("declines", on: "2028-01-01") == nil)
      let again = try await PolicyContext.runRenewals(book.engine, products: products)
      #expect(again.progress.pass == 2 && again.progress.changed == 0)
      #expect(again.progress.left.map(\.code) == ["policy.already_ending", "policy.already_renewed"])
      let told = try await StoreFeed(source: "policy", store: book.engine.store).read(after: 0, limit: 100)
      #expect(told.filter { $0.type == "Policy.Renewed" }.count == 2)
      try await book.check()
    }
  }

  @Test("a renewal run asks for the rates of a page together, and alone only for who cannot go on as they are")
  func together() async throws {
    let shop = Shop()
    try await withProducts(shop) { products in
      let book = Book()
      try await fill(book)
      _ = try await PolicyContext.runRenewals(book.engine, products: products)
      // Whoever continues another plan is asked about twice more: what is on sale, and what that costs.
      #expect(shop.asked.withLock { $0.together } == [2])
      #expect(shop.asked.withLock { $0.alone } == 2)
    }
  }

  @Test("one policy that cannot be renewed is parked amid its page with the reason; the others of the page are renewed")
  func parked() async throws {
    try await withProducts { products in
      let book = Book()
      try await book.issue("keeps", plan: "silver")
      try await book.issue("stays", plan: "silver", county: "Nowhere")
      try await book.issue("too", plan: "silver")
      book.move(to: "2027-10-15")
      let report = try await PolicyContext.runRenewals(book.engine, products: products)
      #expect(report.progress.seen == 3 && report.progress.changed == 2)
      #expect(report.parked.map(\.subject) == [Book.id("stays").rawValue])
      #expect(report.parked.map(\.code) == ["products.unknown_place"])
      try await book.check()
    }
  }

  @Test("a renewal run that is stopped goes on, and renews nobody twice", arguments: 1...3)
  func resumed(commit: Int) async throws {
    try await withProducts { products in
      let store = MemoryStore()
      let book = Book(store)
      try await fill(book)
      let dying = InterceptedStore(store) { number throws(StoreFailure) in
        if number >= commit { throw .unavailable("stopped") }
      }
      let first = Engine(context: "policy", store: dying, clock: book.clock)
      await #expect(throws: StoreFailure.unavailable("stopped")) {
        try await PolicyContext.runRenewals(first, products: products)
      }
      let second = Engine(context: "policy", store: store, clock: book.clock)
      expectRenewed(try await PolicyContext.runRenewals(second, products: products))
      let told = try await StoreFeed(source: "policy", store: store).read(after: 0, limit: 100)
      #expect(told.filter { $0.type == "Policy.Renewed" }.count == 2)
      try await book.check()
    }
  }

  @Test("outside its days a renewal run renews nobody, and says so")
  func outside() async throws {
    try await withProducts { products in
      let book = Book()
      try await book.issue("keeps", plan: "silver")
      book.move(to: "2027-06-01")
      let report = try await PolicyContext.runRenewals(book.engine, products: products)
      #expect(report.progress.changed == 0 && report.progress.left.map(\.code) == ["policy.outside_renewal"])
    }
  }

  @Test("rates that hold at once reach every policy of the plan but those that the exchange fixes for the term")
  func immediate() async throws {
    try await withProducts { products in
      let book = Book()
      try await book.issue("direct", plan: "bronze")
      try await book.issue("exchange", plan: "bronze", channel: .exchange)
      try await book.issue("other", plan: "silver")
      book.move(to: "2027-05-01")
      let report = try await PolicyContext.runRates(
        book.engine, products: products, plan: "bronze", from: day("2027-07-01"))
      #expect(report.progress.left.map(\.code) == ["policy.other_plan", "policy.rates_fixed"])
      #expect(report.progress.totals.map(\.beforeCents) == [210_00])
      #expect(report.progress.totals.map(\.afterCents) == [270_00])
      #expect(try await book.price("direct", on: "2027-06-30") == 210)
      #expect(try await book.price("direct", on: "2027-07-01") == 270)
      #expect(try await book.price("exchange", on: "2027-07-01") == 210)
      try await book.check()
    }
  }

  @Test("rates that hold at once and were published too late for the notice are parked with that reason")
  func tooLate() async throws {
    try await withProducts { products in
      let book = Book()
      try await book.issue("direct", plan: "bronze")
      book.move(to: "2027-06-15")
      let report = try await PolicyContext.runRates(
        book.engine, products: products, plan: "bronze", from: day("2027-07-01"))
      #expect(report.progress.changed == 0 && report.parked.map(\.code) == ["policy.notice_too_short"])
    }
  }

  @Test("rates of the next term reach who was renewed before they were published; the others wait and are counted")
  func nextTerm() async throws {
    let book = Book()
    try await book.issue("renewed", plan: "silver")
    try await book.issue("waits", plan: "silver")
    book.move(to: "2027-10-15")
    let held = try #require(try await book.engine.state(of: Policy.self, Book.id("renewed")).held)
    let renewal = try Policy.renewal(of: held, plan: "silver", reason: "run", on: day("2027-10-15"))
    var next = held.terms
    next.make(renewal)
    let rates = RateCard.rates(of: next, from: renewal.from)
    try await book.give("renewed", .renew(plan: "silver", rates: rates, reason: "run", on: day("2027-10-15")))
    #expect(try await book.price("renewed", on: "2028-01-01") == 315)
    try await withProducts(Shop(silverOf2028: 125)) { products in
      let report = try await PolicyContext.runRates(
        book.engine, products: products, plan: "silver", from: day("2028-01-01"))
      #expect(report.progress.changed == 1 && report.progress.left.map(\.code) == ["policy.rates_at_next_term"])
      #expect(try await book.price("renewed", on: "2028-01-01") == 375)
      #expect(try await book.price("waits", on: "2028-01-01") == 300)
      try await book.check()
    }
  }

  @Test("a day on which no edition begins is refused")
  func noEdition() async throws {
    try await withProducts { products in
      let problem = await #expect(throws: Problem.self) {
        try await PolicyContext.runRates(
          Book().engine, products: products, plan: "bronze", from: day("2027-08-01"))
      }
      #expect(problem?.fields["from"]?.contains("2027-07-01") == true)
    }
  }
}
