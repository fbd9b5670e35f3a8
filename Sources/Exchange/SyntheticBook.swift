// A book of made-up people: the same seed gives the same files, byte for byte. Households are worked out one at a time
// from the seed and their number, never kept.

public import Kernel
import X12

/// A seeded book of business, as the files that a partner and its providers would send.
public struct SyntheticBook: Sendable {
  /// ISA06 and GS02 of all files; the profile `premia-book` knows it.
  public static let sender = "PREMIABOOK"
  static let receiver = "PREMIA"

  public let recipe: BookRecipe
  /// People covered.
  public let members: Int
  public let seed: UInt64
  /// The first day of most coverages: the first of a month.
  public let start: CalendarDate

  public init(recipe: BookRecipe, members: Int, seed: UInt64, start: CalendarDate) {
    precondition(members > 0 && start.day == 1, "a book has members and starts on the first of a month")
    self.recipe = recipe
    self.members = members
    self.seed = seed
    self.start = start
  }

  /// A book of so many households.
  public init(recipe: BookRecipe, households: Int, seed: UInt64, start: CalendarDate) {
    let endless = Self(recipe: recipe, members: .max, seed: seed, start: start)
    let members = endless.households.prefix(households).reduce(0) { $0 + $1.people.count }
    self.init(recipe: recipe, members: members, seed: seed, start: start)
  }

  struct Person: Sendable, Hashable {
    /// INS02.
    let relationship: String
    let familyName: String
    let givenName: String
    let birthDate: CalendarDate
    /// DMG03.
    let sex: String
    let tobacco: Bool
  }

  struct Household: Sendable, Hashable {
    /// From 0.
    let index: Int
    /// The number on the card of everybody in it.
    let number: String
    let street: String
    let place: BookRecipe.Place
    /// HD04.
    let coverage: String
    let people: [Person]
    let start: CalendarDate
    /// Inclusive; nil where the coverage goes on.
    let lastDay: CalendarDate?
    let taxCredit: Money

    func covers(_ day: CalendarDate) -> Bool { start <= day && lastDay.map { day <= $0 } ?? true }
  }

  /// The households in order; together they have exactly `members` people.
  var households: some Sequence<Household> {
    sequence(state: (index: 0, left: members)) { state in
      guard state.left > 0 else { return nil }
      let household = household(state.index, most: state.left)
      state.index += 1
      state.left -= household.people.count
      return household
    }
  }

  /// Each has one coverage.
  public var householdCount: Int { households.reduce(0) { count, _ in count + 1 } }

  /// ISA13 of one of the book's files.
  func controlNumber(_ file: String) -> Int {
    var random = SplitMix64(seed: seed, label: "control/\(members)/\(start)/\(file)")
    return random.below(999_999_999) + 1
  }

  private func household(_ index: Int, most: Int) -> Household {
    var random = SplitMix64(seed: seed, label: "household/\(index)")
    let place = random.pick(recipe.places, weight: \.weight)
    let coverage = random.pick(recipe.choices.filter { $0.isSold(in: place.state) }, weight: \.weight).description
    // Of 100 households 60 have one member, 20 two, 12 three and 8 four.
    let draw = random.below(100)
    let size = min(most, draw < 60 ? 1 : draw < 80 ? 2 : draw < 92 ? 3 : 4)
    let people = people(size, &random)
    // One in twelve starts later, by a special enrolment period; one in fourteen leaves.
    let late = random.below(12) == 0 ? 1 + random.below(3) : 0
    let began = start.adding(months: late)
    let leaves = random.below(14) == 0
    let months = 3 + random.below(9)
    let isSubsidised = random.below(100) < 40
    let credit = Money(cents: Int64(40 + random.below(220)) * 100)
    return Household(
      index: index, number: "B" + String(String(10_000_000 + index).dropFirst()),
      street: "\(1 + random.below(9_800)) \(random.pick(Self.streets))", place: place, coverage: coverage,
      people: people, start: began, lastDay: leaves ? began.adding(months: months).adding(days: -1) : nil,
      taxCredit: isSubsidised ? credit : .zero)
  }

  private static let streets = ["MAPLE ST", "OAK AVE", "RIVER RD", "CHURCH ST", "PARK BLVD", "HILL RD", "LAKE DR"]

  /// A subscriber of 19 to 63, perhaps a spouse of about the same age, children who are at least 18 years younger.
  private func people(_ size: Int, _ random: inout SplitMix64) -> [Person] {
    let familyName = random.pick(recipe.familyNames)
    let age = 19 + random.below(45)
    let hasSpouse = size > 1 && age > 20 && random.below(10) < 7
    var people = [person("18", familyName, born: birthDate(age: age, &random), &random)]
    if hasSpouse {
      people.append(
        person("01", familyName, born: birthDate(age: max(19, age - 4 + random.below(9)), &random), &random))
    }
    while people.count < size {
      let oldest = min(20, max(0, age - 19))
      people.append(person("19", familyName, born: birthDate(age: random.below(oldest + 1), &random), &random))
    }
    return people
  }

  private func birthDate(age: Int, _ random: inout SplitMix64) -> CalendarDate {
    start.adding(months: -12 * age).adding(days: -1 - random.below(360))
  }

  private func person(
    _ relationship: String, _ familyName: String, born: CalendarDate, _ random: inout SplitMix64
  ) -> Person {
    Person(
      relationship: relationship, familyName: familyName, givenName: random.pick(recipe.givenNames), birthDate: born,
      sex: random.below(2) == 0 ? "F" : "M", tobacco: born.age(on: start) >= 21 && random.below(100) < 13)
  }
}

extension SplitMix64 {
  /// A number of 0 up to but not including `limit`; the same in every release, unlike `Int.random`.
  mutating func below(_ limit: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(limit)).high) }

  /// - Precondition: there is something to pick.
  mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

  mutating func pick<Item>(_ items: [Item], weight: (Item) -> Int) -> Item {
    var left = below(items.reduce(0) { $0 + weight($1) })
    for item in items {
      left -= weight(item)
      if left < 0 { return item }
    }
    preconditionFailure("there is nothing to pick")
  }
}
