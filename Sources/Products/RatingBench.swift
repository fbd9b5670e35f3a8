// What rating costs, beside the least it could cost: the same prices looked up and summed with every rule worked out
// beforehand.

import Kernel

/// A seeded set of households, to be priced again and again.
public struct RatingBench: Sendable {
  /// How many households there are.
  public let count: Int
  /// Prices one household for every plan on sale where it lives; answers the sum in cents.
  public let quote: @Sendable (Int) -> Int64
  /// Prices one household for one plan that is on sale where it lives, by its name; answers cents.
  public let quoteOne: @Sendable (Int) -> Int64
  /// The same sum as `quote`, by array look-ups alone.
  public let floor: @Sendable (Int) -> Int64

  /// - Parameters:
  ///   - directory: the folder of product files, such as "config/products".
  ///   - plans: made-up plans to read behind them.
  /// - Throws: where a file cannot be read or is refused.
  public init(catalogueIn directory: String, plans: Int = 0, count: Int = 10_000, seed: UInt64 = 7) throws {
    guard let today = CalendarDate(year: 2027, month: 1, day: 1) else { preconditionFailure("a day of the calendar") }
    var catalogue = try Catalogue(files: try ProductsContext.catalogueFiles(in: directory), today: today)
    let rules = catalogue.states.values.compactMap { $0.edition(on: today)?.item }.sorted { $0.state < $1.state }
    try catalogue.publish(MadeUpPlans.files(plans, in: rules, from: today), today: today)
    var households = HouseholdGenerator(rules, seed: seed)
    try self.init(RateBook(catalogue), (0..<count).map { _ in households.next() })
  }

  /// - Throws: `RatingRefusal` where a household cannot be priced.
  init(_ book: RateBook, _ households: [Household]) throws {
    count = households.count
    quote = { index in
      guard let offers = try? book.rate(households[index]) else { preconditionFailure("it was priced before") }
      var total: Int64 = 0
      for offer in offers { total += offer.monthly.cents }
      return total
    }
    let names = try households.map { household in
      guard let offer = try book.rate(household).last else {
        throw RatingRefusal.nothingOnSale(state: household.state, on: household.effective)
      }
      return offer.table.planID
    }
    quoteOne = { index in
      guard let offers = try? book.rate(households[index], plans: [names[index]]), let offer = offers.first else {
        preconditionFailure("it was priced before")
      }
      return offer.monthly.cents
    }
    let columns = try households.map { household in try book.rate(household).map(Column.init) }
    floor = { index in
      var total: Int64 = 0
      for column in columns[index] {
        for place in column.places { total += column.cents[Int(place)] }
      }
      return total
    }
  }

  /// The prices of a plan and where in them a household finds its own.
  private struct Column {
    let cents: [Int64]
    let places: [UInt8]

    init(_ offer: Offer) {
      switch offer.table.prices {
      case .byAge(let prices, _, _): (cents, places) = (prices, offer.standing.places)
      case .byTier, .composite, .each: (cents, places) = ([offer.monthly.cents], [0])
      }
    }
  }
}

/// Households of one to five people, anywhere in the states, for first days in 2027 and 2028.
struct HouseholdGenerator {
  private let places: [(state: String, county: String, postalCode: String)]
  private var random: SplitMix64

  /// - Parameter rules: of the states; at least one.
  init(_ rules: [StateRules], seed: UInt64) {
    var places: [(state: String, county: String, postalCode: String)] = []
    for rules in rules.sorted(by: { $0.state < $1.state }) {
      for area in rules.areas {
        places += area.counties.map { (rules.state, $0, "") }
        places += area.zipPrefixes.map { (rules.state, "", String(String($0 * 100 + 100_001).dropFirst())) }
      }
    }
    self.places = places
    random = SplitMix64(seed: seed, label: "households")
  }

  mutating func next() -> Household {
    let place = places[Int.random(in: places.indices, using: &random)]
    guard
      let effective = CalendarDate(year: 2027, month: 1, day: 1)?.adding(months: .random(in: 0..<24, using: &random))
    else { preconditionFailure("a day of the calendar") }
    var people = [person(.subscriber, ages: 21...67, on: effective)]
    if Bool.random(using: &random) { people.append(person(.spouse, ages: 21...67, on: effective)) }
    for _ in 0..<Int.random(in: 0...3, using: &random) { people.append(person(.child, ages: 0...25, on: effective)) }
    return Household(
      state: place.state, county: place.county, postalCode: place.postalCode, effective: effective, people: people)
  }

  private mutating func person(
    _ relationship: Relationship, ages: ClosedRange<Int>, on date: CalendarDate
  ) -> Person {
    let days = Int.random(in: (ages.lowerBound * 366)...(ages.upperBound * 365), using: &random)
    return Person(relationship, born: date.adding(days: -days), usesTobacco: Int.random(in: 0..<8, using: &random) == 0)
  }
}
