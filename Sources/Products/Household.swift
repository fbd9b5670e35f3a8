// Who is to be rated and where they live, and what of that a price depends on.

package import Kernel

package enum Relationship: String, Hashable, Sendable, CaseIterable {
  case subscriber, spouse, child
}

package struct Person: Hashable, Sendable {
  package let relationship: Relationship
  /// Needed wherever the price depends on age.
  package let birthDate: CalendarDate?
  package let usesTobacco: Bool
  /// The day on which the age is taken: for somebody added during the term, the day added. Nil is the first day of
  /// coverage (45 CFR 147.102(a)(1)(iii)).
  package let ageOn: CalendarDate?

  package init(
    _ relationship: Relationship, born birthDate: CalendarDate?, usesTobacco: Bool = false,
    ageOn: CalendarDate? = nil
  ) {
    self.relationship = relationship
    self.birthDate = birthDate
    self.usesTobacco = usesTobacco
    self.ageOn = ageOn
  }
}

package struct Household: Hashable, Sendable {
  /// Two-letter USPS code.
  package let state: String
  /// The county's name, with or without "County"; may be empty where the ZIP code is known.
  package let county: String
  /// Five digits, or nine; may be empty where the county is known.
  package let postalCode: String
  /// The first day of coverage: plans, rules and rates are those of this day.
  package let effective: CalendarDate
  /// Exactly one subscriber and at most one spouse among them.
  package let people: [Person]

  /// More are refused.
  package static let mostPeople = 32

  package init(
    state: String, county: String = "", postalCode: String = "", effective: CalendarDate, people: [Person]
  ) {
    self.state = state
    self.county = county
    self.postalCode = postalCode
    self.effective = effective
    self.people = people
  }
}

/// The make-up of a family, where families are rated by tier.
package enum Tier: Int, Sendable, CaseIterable {
  case oneAdult, twoAdults, oneAdultWithChildren, twoAdultsWithChildren
  case oneChild, twoChildren, threeChildren
}

/// A household as a price sees it: for each person a place in the price column of a plan, and the family's tier.
struct Standing: Sendable {
  /// For each person twice the age, plus one for tobacco; or `unrated`.
  private(set) var places: [UInt8]
  private(set) var tier: Tier
  private(set) var oldest: Int
  /// The first person whose birth date is not known; then only composite prices can be given.
  private(set) var ageless: Int?

  /// The place of a child beyond the three oldest; its price is nothing.
  static let unrated = UInt8(AgeCurve.ages.count * 2)
  static let ratedChildren = 3
  static let adultAge = 21

  /// - Parameter tobaccoFromAge: tobacco counts from this age on.
  init(_ household: Household, tobaccoFromAge: Int) throws(RatingRefusal) {
    let people = household.people
    guard !people.isEmpty, people.count <= Household.mostPeople else { throw .crowd(people.count) }
    places = []
    places.reserveCapacity(people.count)
    var subscribers = 0
    var spouses = 0
    var eldest = 0
    for (index, person) in people.enumerated() {
      switch person.relationship {
      case .subscriber: subscribers += 1
      case .spouse: spouses += 1
      case .child: break
      }
      guard let birthDate = person.birthDate else {
        ageless = ageless ?? index
        places.append(Self.unrated)
        continue
      }
      let day = person.ageOn ?? household.effective
      guard birthDate <= day else { throw .unborn(person: index, birthDate, on: day) }
      let age = birthDate.age(on: day)
      eldest = max(eldest, age)
      let tobacco = person.usesTobacco && age >= tobaccoFromAge
      places.append(UInt8(min(age, AgeCurve.ages.upperBound) * 2 + (tobacco ? 1 : 0)))
    }
    guard subscribers == 1 else { throw .subscribers(subscribers) }
    guard spouses <= 1 else { throw .spouses(spouses) }
    oldest = eldest
    // A subscriber below 21 without a spouse, and nobody older: a policy for children alone.
    let isChildOnly = spouses == 0 && eldest < Self.adultAge && ageless == nil
    tier = Self.tier(adults: isChildOnly ? 0 : 1 + spouses, others: people.count - 1 - spouses)
    leaveOutYoungest(of: people, isChildOnly: isChildOnly)
  }

  private static func tier(adults: Int, others: Int) -> Tier {
    switch (adults, others) {
    case (0, 0): .oneChild
    case (0, 1): .twoChildren
    case (0, _): .threeChildren
    case (1, 0): .oneAdult
    case (1, _): .oneAdultWithChildren
    case (_, 0): .twoAdults
    case (_, _): .twoAdultsWithChildren
    }
  }

  /// Of the covered children below 21 no more than the three oldest are rated (45 CFR 147.102(c)(1)).
  private mutating func leaveOutYoungest(of people: [Person], isChildOnly: Bool) {
    guard people.count > Self.ratedChildren else { return }
    var children: [Int] = []
    for (index, person) in people.enumerated() where places[index] < Self.adultAge * 2 {
      if isChildOnly || person.relationship == .child { children.append(index) }
    }
    guard children.count > Self.ratedChildren else { return }
    // By the place, which rises with age: those of one age cost the same, whichever of them is left out.
    children.sort { places[$0] > places[$1] }
    for index in children.dropFirst(Self.ratedChildren) { places[index] = Self.unrated }
  }

  /// The age and tobacco of a rated person.
  func rated(_ person: Int) -> (age: Int, tobacco: Bool)? {
    let place = places[person]
    return place == Self.unrated ? nil : (Int(place / 2), place % 2 == 1)
  }
}
