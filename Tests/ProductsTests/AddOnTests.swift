// What add-ons cost, beside which plans they are sold, and from when to when.

import Kernel
import Testing

@testable import Products

@Suite struct AddOnTests {
  /// An edition of a dental plan in Illinois or New York.
  private static func file(
    _ id: String, _ price: String, beside: String = "any", state: String = "IL", level: String = "dental",
    from: String = "2027-01-01", to: String = "2028-01-01"
  ) -> String {
    """
    kind: plans
    state: \(state)
    from: \(from)
    to: \(to)
    network: all
    fee_schedule: premia-standard
    plans:
      - id: \(id)
        name: Add-on
        level: \(level)
        beside: \(beside)
        \(price)
        deductible: {person: 0, family: 0}
        out_of_pocket: {person: 1000, family: 2000}
        benefits: {other: {}}
    """
  }

  private static let areas = "rates: {IL-1: 20, IL-2: 21, IL-3: 22}"
  private static let family = Household("IL", .aged(34), .aged(8, .child))

  private static func book(_ files: String...) throws -> RateBook {
    var catalogue = try Shelves.catalogue()
    try catalogue.publish(files.map { ("add-on.yaml", Array($0.utf8)) }, today: Shelves.opening.adding(days: -1))
    return RateBook(catalogue)
  }

  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let file: String
    let household: Household
    let cents: [Int64]
  }

  @Test(arguments: [
    Row(
      testDescription: "by age: 20 x 1.214 and 20 x 0.765", file: file("a", areas), household: family,
      cents: [24_28, 15_30]),
    Row(
      testDescription: "the same for each person", file: file("a", "each: 8.40", level: "vision"), household: family,
      cents: [8_40, 8_40]),
    Row(
      testDescription: "one price for the policy", file: file("a", "composite: 38.50"), household: family,
      cents: [38_50, 0]),
    Row(
      testDescription: "by family: 30 x 2.00",
      file: file("a", "rates: {NY-1: 30, NY-2: 30, NY-3: 30, NY-4: 30}", state: "NY"),
      household: Household("NY", .aged(40), .aged(41, .spouse)), cents: [60_00, 0]),
  ])
  func anAddOnIsRatedAsItsFileSays(_ row: Row) throws {
    let book = try Self.book(row.file)
    let plan = row.household.state == "NY" ? "ny-even" : "il-even"
    let plans = try book.rate(row.household, plans: [plan])
    let offer = try #require(try book.addOns(["a"], row.household, beside: plans).first)
    #expect(offer.people == row.cents.map { Money(cents: $0) })
    #expect(offer.people.reduce(.zero, +) == offer.monthly)
    #expect(row.household.people.indices.allSatisfy { !offer.reason($0).isEmpty })
  }

  @Test func anAddOnIsOfferedBesideThePlansOfItsFileAndNoOthers() throws {
    let book = try Self.book(
      Self.file("some", "each: 8", beside: "[il-even]"), Self.file("every", "each: 9", level: "vision"))
    let all = try book.rate(Self.family)
    #expect(try book.addOns(Self.family, beside: all).map(\.table.planID) == ["every", "some"])
    let odd = try book.rate(Self.family, plans: ["il-odd"])
    #expect(try book.addOns(Self.family, beside: odd).map(\.table.planID) == ["every"])
    #expect(throws: RatingRefusal.notSoldBeside(addOn: "some", plan: "il-odd")) {
      try book.addOns(["some"], Self.family, beside: odd)
    }
    // A dental plan that no file sells beside others, and a medical plan, are no add-ons.
    for plan in ["il-teeth", "il-even"] {
      #expect(throws: RatingRefusal.notSoldBeside(addOn: plan, plan: "il-odd")) {
        try book.addOns([plan], Self.family, beside: odd)
      }
    }
    // Beside any medical plan is not beside a dental one.
    let teeth = try book.rate(Self.family, plans: ["il-teeth"])
    #expect(try book.addOns(Self.family, beside: teeth).isEmpty)
  }

  @Test func anAddOnHasEditionsAndDaysOfItsOwn() throws {
    let book = try Self.book(
      Self.file("a", "each: 8", from: "2027-03-01", to: "2027-07-01"),
      Self.file("a", "each: 9", from: "2027-07-01", to: "2027-10-01"))
    func price(_ date: String) throws -> Int64? {
      let household = Household("IL", .aged(34), effective: date)
      let plans = try book.rate(household, plans: ["il-even"])
      return try book.addOns(household, beside: plans).first?.monthly.cents
    }
    #expect(try price("2027-02-28") == nil)
    #expect(try price("2027-03-01") == 8_00)
    #expect(try price("2027-07-01") == 9_00)
    #expect(try price("2027-10-01") == nil)
    let before = Household("IL", .aged(34), effective: "2027-02-01")
    let plans = try book.rate(before, plans: ["il-even"])
    #expect(throws: RatingRefusal.notOnSale(plan: "a", state: "IL", on: before.effective)) {
      try book.addOns(["a"], before, beside: plans)
    }
  }

  /// Prices of one day stay what they are however many plans there are, and one is found without looking at all others.
  @Test func aCatalogueOfThousandsOfPlansIsLoadedAndQuoted() throws {
    var catalogue = try Shelves.catalogue()
    let before = try RateBook(catalogue).rate(Self.family)
    let rules = ["CO", "IL"].compactMap { catalogue.states[$0]?.edition(on: Shelves.opening)?.item }
    try catalogue.publish(MadeUpPlans.files(2_000, in: rules, from: Shelves.opening), today: Shelves.opening)
    let book = RateBook(catalogue)
    let offers = try book.rate(Self.family)
    #expect(offers.count == before.count + 1_000)
    for offer in before {
      #expect(try book.rate(Self.family, plans: [offer.table.planID]).map(\.monthly) == [offer.monthly])
    }
    let one = try #require(try book.rate(Self.family, plans: ["il-made-up-1999"]).first)
    #expect(offers.first { $0.table.planID == "il-made-up-1999" }?.monthly == one.monthly)
  }
}
