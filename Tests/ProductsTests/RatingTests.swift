// What families pay, against sums made by hand from the factors of each state.

import Kernel
import Testing

@testable import Products

@Suite struct RatingTests {
  let book: RateBook

  init() throws { book = RateBook(try Shelves.catalogue()) }

  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let household: Household
    let plan: String
    let cents: Int64

    init(_ words: String, _ household: Household, _ plan: String, _ cents: Int64) {
      (testDescription, self.household, self.plan, self.cents) = (words, household, plan, cents)
    }
  }

  @Test(arguments: [
    // The federal default curve: 300.00 at the factor 1.000.
    Row("newborn, 0.765", Household("IL", .aged(0)), "il-even", 229_50),
    Row("14, the last year of the first band", Household("IL", .aged(14)), "il-even", 229_50),
    Row("15, 0.833", Household("IL", .aged(15)), "il-even", 249_90),
    Row("the day before the 21st birthday, 0.970", Household("IL", .born("2006-01-02")), "il-even", 291_00),
    Row("the 21st birthday, 1.000", Household("IL", .born("2006-01-01")), "il-even", 300_00),
    Row("34, 1.214", Household("IL", .aged(34)), "il-even", 364_20),
    Row("34 with tobacco, x 1.2", Household("IL", .aged(34, tobacco: true)), "il-even", 437_04),
    Row("20 with tobacco: not counted", Household("IL", .aged(20, tobacco: true)), "il-even", 291_00),
    Row("64, 3.000", Household("IL", .aged(64)), "il-even", 900_00),
    Row("80: as 64", Household("IL", .aged(80)), "il-even", 900_00),
    Row("half a cent goes up: 100.20 x 1.325 = 132.765", Household("IL", .aged(42)), "il-odd", 132_77),
    Row(
      "three oldest of four children: 383.40 + 373.80 + 257.70 + 2 x 229.50",
      Household(
        "IL", .aged(40), .aged(38, .spouse), .aged(5, .child), .aged(16, .child), .aged(9, .child), .aged(12, .child)),
      "il-even", 1473_90),
    Row(
      "a child of 21 is an adult: 4 children rated, 383.40 + 300.00 + 3 x 229.50",
      Household("IL", .aged(40), .aged(21, .child), .aged(9, .child), .aged(8, .child), .aged(7, .child)),
      "il-even", 1371_90),
    Row(
      "four children alone, three rated: 249.90 + 2 x 229.50",
      Household("IL", .aged(15), .aged(9, .child), .aged(8, .child), .aged(7, .child)), "il-even", 708_90),
    Row(
      "a couple below 21 with three children: 2 x 291.00 + 3 x 229.50",
      Household("IL", .aged(20), .aged(20, .spouse), .aged(2, .child), .aged(1, .child), .aged(0, .child)),
      "il-even", 1270_50),
    // New York: 300.00 for one adult, no age, no tobacco.
    Row("one adult, 1.00", Household("NY", .aged(64, tobacco: true)), "ny-even", 300_00),
    Row("two adults, 2.00", Household("NY", .aged(64), .aged(22, .spouse)), "ny-even", 600_00),
    Row(
      "one adult with children, 1.70", Household("NY", .aged(30), .aged(3, .child), .aged(1, .child)), "ny-even", 510_00
    ),
    Row(
      "two adults with children, 2.85", Household("NY", .aged(30), .aged(30, .spouse), .aged(25, .child)), "ny-even",
      855_00),
    Row("one child alone, 0.412", Household("NY", .aged(10)), "ny-even", 123_60),
    Row("two children alone", Household("NY", .aged(10), .aged(8, .child)), "ny-even", 247_20),
    Row(
      "four children alone: as three",
      Household("NY", .aged(10), .aged(8, .child), .aged(6, .child), .aged(4, .child)), "ny-even", 370_80),
    Row(
      "rounded once: 100.20 x 2.85 = 285.57", Household("NY", .aged(30), .aged(30, .spouse), .aged(1, .child)),
      "ny-odd", 285_57),
    // Massachusetts: its own curve, no tobacco.
    Row("10, 0.751", Household("MA", .aged(10)), "ma-even", 225_30),
    Row("45, 1.511, tobacco prohibited", Household("MA", .aged(45, tobacco: true)), "ma-even", 453_30),
    Row("64, 2.365", Household("MA", .aged(64)), "ma-even", 709_50),
    // Colorado: tobacco at its cap of 1.15; 300 x 1.135 x 1.15 = 391.575.
    Row("30 with tobacco", Household("CO", .aged(30, tobacco: true)), "co-even", 391_58),
    // One price for a policy, and no birth date needed.
    Row("composite", Household("IL", Person(.subscriber, born: nil)), "il-teeth", 38_50),
  ])
  func premium(_ row: Row) throws {
    let offer = try #require(try book.rate(row.household, plans: [row.plan]).first)
    #expect(offer.monthly == Money(cents: row.cents))
    #expect(offer.people.reduce(.zero, +) == offer.monthly)
    #expect(offer.people.count == row.household.people.count)
  }

  @Test func ageOfSomebodyAddedDuringTheTermIsThatOfTheDayAdded() throws {
    let newborn = Person(.child, born: Shelves.date("2027-05-04"), ageOn: Shelves.date("2027-05-04"))
    let offer = try #require(try book.rate(Household("IL", .aged(34), newborn), plans: ["il-even"]).first)
    #expect(offer.monthly == Money(cents: 364_20 + 229_50))
  }

  @Test func dentalPlanWithOnePriceNeedsNoPlace() throws {
    let household = Household(
      state: "IL", effective: Shelves.opening, people: [Person(.subscriber, born: nil)])
    let offer = try #require(try book.rate(household, plans: ["il-teeth"]).first)
    #expect((offer.table.area, offer.monthly) == ("IL", Money(cents: 38_50)))
  }

  @Test func everyPlanOnSaleIsOfferedAndThoseForTheYoungToTheYoungOnly() throws {
    #expect(try plans(offered: Household("IL", .aged(29))) == ["il-even", "il-odd", "il-teeth", "il-young"])
    #expect(try plans(offered: Household("IL", .aged(30))) == ["il-even", "il-odd", "il-teeth"])
  }

  @Test func reasonsAndRulesSayWhatWasUsed() throws {
    let family = Household(
      "IL", .aged(34, tobacco: true), .aged(8, .child), .aged(7, .child), .aged(6, .child), .aged(5, .child))
    let offer = try #require(try book.rate(family, plans: ["il-even"]).first)
    #expect(
      family.people.indices.map(offer.reason) == [
        "age 34 x 1.214 x tobacco 1.200", "age 8 x 0.765", "age 7 x 0.765", "age 6 x 0.765",
        "beyond the three oldest children: not rated",
      ])
    #expect(offer.table.rules == ["il-even@1", "age_curve/federal@2", "state/IL@1"])
    let tiers = try #require(try book.rate(Household("NY", .aged(34), .aged(33, .spouse)), plans: ["ny-even"]).first)
    #expect([0, 1].map(tiers.reason) == ["two adults x 2.000", "in the family's rate"])
  }

  @Test(arguments: [
    ("Cook", "", "IL-1"), ("COOK COUNTY", "", "IL-1"), ("cook", "62701", "IL-1"), ("", "60616", "IL-1"),
    ("", "60616-1234", "IL-1"), ("", "606161234", "IL-1"), ("DuPage", "", "IL-2"), ("Nowhere", "62701", "IL-3"),
  ])
  func areaByCountyOrElseByZIPCode(county: String, postalCode: String, area: String) throws {
    let household = Household(
      state: "IL", county: county, postalCode: postalCode, effective: Shelves.opening, people: [.aged(30)])
    #expect(try book.rate(household, plans: ["il-even"]).map(\.table.area) == [area])
  }

  private func plans(offered household: Household) throws -> [String] {
    try book.rate(household).map(\.table.planID)
  }

  static let refusals: [(Household, [String], RatingRefusal)] = [
    (Household("IL"), [], .crowd(0)),
    (Household("IL", .aged(30), .aged(31)), [], .subscribers(2)),
    (Household("IL", .aged(30, .child)), [], .subscribers(0)),
    (Household("IL", .aged(30), .aged(30, .spouse), .aged(31, .spouse)), [], .spouses(2)),
    (
      Household("IL", .born("2027-01-02")), [],
      .unborn(person: 0, Shelves.date("2027-01-02"), on: Shelves.date("2027-01-01"))
    ),
    (Household("IL", Person(.subscriber, born: nil)), [], .ageless(person: 0, plan: "il-even")),
    (Household("NY", Person(.subscriber, born: nil)), ["ny-odd"], .ageless(person: 0, plan: "ny-odd")),
    (Household("ZZ", .aged(30)), [], .unknownState("ZZ", known: ["CO", "FL", "IL", "MA", "NY"])),
    (
      Household(state: "IL", effective: Shelves.opening, people: [.aged(30)]), [], .noPlace(state: "IL")
    ),
    (
      Household(state: "IL", effective: Shelves.opening, people: [.aged(30)]), ["il-even"], .noPlace(state: "IL")
    ),
    (
      Household(state: "IL", postalCode: "10001", effective: Shelves.opening, people: [.aged(30)]), [],
      .unknownPlace(state: "IL", county: "", postalCode: "10001")
    ),
    (
      Household(state: "IL", county: "Kings", effective: Shelves.opening, people: [.aged(30)]), [],
      .unknownPlace(state: "IL", county: "Kings", postalCode: "")
    ),
    (
      Household("IL", .aged(30), effective: "2028-01-01"), [],
      .nothingOnSale(state: "IL", on: Shelves.date("2028-01-01"))
    ),
    (Household("IL", .aged(30)), ["il-evan"], .unknownPlan("il-evan", near: ["il-even"])),
    (
      Household("IL", .aged(30)), ["ny-even"],
      .notOnSale(plan: "ny-even", state: "IL", on: Shelves.date("2027-01-01"))
    ),
    (Household("IL", .aged(30)), ["il-young"], .tooOld(plan: "il-young", limit: 30, age: 30)),
  ]

  @Test(arguments: refusals.indices)
  func refusal(_ index: Int) {
    let (household, plans, refusal) = Self.refusals[index]
    #expect(throws: refusal) { try book.rate(household, plans: plans) }
    #expect(!refusal.problem.detail.isEmpty && !refusal.problem.remedy.isEmpty)
  }
}

@Suite struct RatingProperties {
  let book: RateBook
  let rules: [StateRules]

  init() throws {
    let catalogue = try Catalogue(files: ProductsContext.catalogueFiles(in: Shelves.config), today: Shelves.opening)
    book = RateBook(catalogue)
    rules = catalogue.states.values.compactMap { $0.edition(on: Shelves.opening)?.item }
  }

  @Test func orderOfAHouseholdChangesNothing() throws {
    try forManyHouseholds { household, random in
      let shuffled = try totals(household.with(household.people.shuffled(using: &random)))
      let before = try totals(household)
      #expect(before == shuffled)
    }
  }

  @Test func onePersonMoreNeverCostsLess() throws {
    try forManyHouseholds { household, random in
      let child = Person(
        .child, born: household.effective.adding(days: -Int.random(in: 0...9_000, using: &random)),
        usesTobacco: Bool.random(using: &random))
      let before = try totals(household)
      for (plan, cents) in try totals(household.with(household.people + [child])) {
        #expect(cents >= before[plan, default: 0])
      }
    }
  }

  private func forManyHouseholds(_ body: (Household, inout SplitMix64) throws -> Void) throws {
    var random = SplitMix64(seed: 3)
    var households = HouseholdGenerator(rules, seed: 3)
    for _ in 0..<500 { try body(households.next(), &random) }
  }

  private func totals(_ household: Household) throws -> [String: Int64] {
    var totals: [String: Int64] = [:]
    for offer in try book.rate(household) { totals[offer.table.planID] = offer.monthly.cents }
    return totals
  }
}

extension Household {
  fileprivate func with(_ people: [Person]) -> Household {
    Household(state: state, county: county, postalCode: postalCode, effective: effective, people: people)
  }
}
