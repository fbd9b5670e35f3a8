// What is agreed: the facts of a policy as they change by date, what they cost, and the premium that follows from both.

package import Kernel

/// A fact that holds from a day until its next step.
///
/// Unlike a timeline it keeps every step that was made, also one that changes nothing today. A step made later for an
/// earlier day therefore ends where the next one begins, and steps made in any order give the same value on every day.
package struct Steps<Value: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
  package struct Step: Hashable, Sendable, Codable {
    package let from: CalendarDate
    package let value: Value
  }

  /// Oldest first, one a day.
  package private(set) var all: [Step]

  package init(_ value: Value, from start: CalendarDate) {
    all = [Step(from: start, value: value)]
  }

  /// Makes `value` hold from a day until the next step; a step of that very day is replaced.
  package mutating func set(_ value: Value, from start: CalendarDate) {
    all.removeAll { $0.from == start }
    let place = all.firstIndex { $0.from > start } ?? all.count
    all.insert(Step(from: start, value: value), at: place)
  }

  /// What holds on a day; before the first step, what holds first.
  package func value(on day: CalendarDate) -> Value { (all.last { $0.from <= day } ?? all[0]).value }

  package var timeline: Timeline<Value> {
    var timeline = Timeline<Value>()
    for step in all { timeline.set(step.value, from: step.from) }
    return timeline
  }
}

extension Policy {
  package enum Relationship: String, Codable, Sendable, CaseIterable {
    case subscriber, spouse, child
  }

  package struct Person: Hashable, Sendable, Codable {
    package let partyID: String
    package let relationship: Relationship
    package let birthDate: CalendarDate?
    package let tobacco: Bool
    /// As on the card; providers send it with their claims.
    package let number: String
    /// Tells members of one number and birth date apart, as twins are.
    package let givenName: String
  }

  /// By whom the policy was sold.
  package enum Channel: String, Hashable, Codable, Sendable, CaseIterable {
    case direct, exchange, group
  }

  /// A person who is covered for some days. Who leaves and comes back is there twice.
  package struct Member: Hashable, Sendable {
    package let person: Person
    package let from: CalendarDate
    /// The first day without; nil is with the policy.
    package var to: CalendarDate?

    package func isCovered(on day: CalendarDate) -> Bool { from <= day && isCovered(onOrAfter: day) }
    package func isCovered(onOrAfter day: CalendarDate) -> Bool { to.map { day < $0 } ?? true }
  }

  /// Where the subscriber lives, within the policy's state.
  package struct Place: Hashable, Sendable {
    package let county: String
    package let postalCode: String
  }

  /// What Products asks a month for everybody covered.
  package struct Rate: Hashable, Sendable, Codable {
    package let planID: String
    package let planName: String
    /// The contract's number of the level.
    package let level: Int
    package let ratingArea: String
    package let gross: Money
    /// The rules it was made with: plan edition, rate table, state rule pack.
    package let rules: [String]
    /// In the order of their names.
    package var addOns: [AddOnRate] = []
  }

  /// A rate from a day until another, or for good.
  package struct RatedSpan: Hashable, Sendable {
    package let from: CalendarDate
    package let to: CalendarDate?
    package let rate: Rate
  }

  /// What is charged a month: `gross` for the plan alone, and each add-on. `aptc` is never above `gross` (26 USC 36B).
  package struct Price: Hashable, Sendable, Codable {
    package let planID: String
    package let planName: String
    package let gross: Money
    package let aptc: Money
    package var addOns: [AddOnPrice] = []
  }

  /// Days without coverage and premium, after which the policy goes on.
  package struct Pause: Hashable, Sendable {
    package let from: CalendarDate
    /// The first day of coverage again.
    package var until: CalendarDate
    package let reason: PauseReason
    /// A command moved its end, and told of it.
    package var isCutShort = false

    package func contains(_ day: CalendarDate) -> Bool { from <= day && day < until }
  }

  /// A day within a term from which the rates of that day hold for a plan; ages stay those of the term's first day.
  package struct AdoptedRates: Hashable, Sendable {
    package let plan: String
    package let from: CalendarDate
  }

  package struct OutsideIdentifier: Hashable, Sendable {
    package let system: String
    package let kind: String
    package let value: String
  }

  package struct Terms: Hashable, Sendable {
    package var number: String
    package var state: String
    package var effectiveDate: CalendarDate
    /// Where coverage began with a predecessor: its first day there.
    package var originalEffectiveDate: CalendarDate?
    package var channel: Channel
    package var identifiers: [OutsideIdentifier]
    package var quotedOn: CalendarDate
    package var members: [Member]
    package var plans: Steps<String>
    package var places: Steps<Place>
    /// The monthly tax credit that the exchange granted.
    package var taxCredits: Steps<Money>
    /// The first days of the terms, oldest first: rates and ages are those of the term's first day (45 CFR 147.102).
    package var termStarts: [CalendarDate]
    package var pauses: [Pause] = []
    package var addOns: [AddOn] = []
    /// Oldest first.
    package var adoptedRates: [AdoptedRates] = []
    package var rates: Timeline<Rate>
    /// The rules of its changes, in the order of their names.
    package var rules: [String] = []
    /// Nil is monthly on the first, in advance.
    package var paymentSchedule: PaymentSchedule?
  }
}

extension Policy.Terms {
  package var subscriber: Policy.Person? { members.first { $0.person.relationship == .subscriber }?.person }

  package func covered(on day: CalendarDate) -> [Policy.Member] { members.filter { $0.isCovered(on: day) } }

  func covers(_ party: String, onOrAfter day: CalendarDate) -> Bool {
    members.contains { $0.person.partyID == party && $0.isCovered(onOrAfter: day) }
  }

  /// Whether a plan is held on a day, as the plan or as an add-on.
  package func holds(_ plan: String, on day: CalendarDate) -> Bool {
    plans.value(on: day) == plan || addOns.contains { $0.planID == plan && $0.isHeld(on: day) }
  }

  /// The first day of the term that a day is in.
  package func termStart(on day: CalendarDate) -> CalendarDate { termStarts.last { $0 <= day } ?? effectiveDate }

  /// The day whose rates hold on a day: the first of its term, unless later rates of its plan were adopted since.
  package func rateDate(on day: CalendarDate) -> CalendarDate {
    rateDate(of: plans.value(on: day), on: day, since: termStart(on: day))
  }

  /// For an add-on that was taken within the term it is the day on which it was taken: it may not have been on sale
  /// before.
  package func rateDate(of addOn: Policy.AddOn, on day: CalendarDate) -> CalendarDate {
    rateDate(of: addOn.planID, on: day, since: max(termStart(on: day), addOn.from))
  }

  private func rateDate(of plan: String, on day: CalendarDate, since start: CalendarDate) -> CalendarDate {
    adoptedRates.last { $0.from <= day && $0.plan == plan }.map { max($0.from, start) } ?? start
  }

  /// The rate of a day, or the nearest where that day has none.
  package func rate(on day: CalendarDate) -> Policy.Rate? {
    rates[max(day, effectiveDate)] ?? rates.segments.last?.value
  }

  /// What is charged a month, day by day: nothing while paused, and nothing from the end on.
  package func premium(until end: CalendarDate?) -> Timeline<Policy.Price> {
    var premium = rates.merged(with: taxCredits.timeline) { rate, credit in
      rate.map { rate in
        Policy.Price(
          planID: rate.planID, planName: rate.planName, gross: rate.gross, aptc: min(credit ?? .zero, rate.gross),
          addOns: rate.addOns.map(\.price))
      }
    }
    for pause in pauses { premium.clear(from: pause.from, to: pause.until) }
    if let end { premium.clear(from: end) }
    return premium
  }

  /// Everything that a decision about it named.
  package var allRules: [String] {
    (rates.segments.flatMap(\.value.allRules) + rules).unique
  }

  package mutating func note(rules more: [String]) {
    rules = Set(rules).union(more).sorted()
  }
}

extension Policy.Rate {
  /// Those of the plan and of the add-ons.
  fileprivate var allRules: [String] { rules + addOns.flatMap(\.rules) }
}

extension [Policy.RatedSpan] {
  /// The rules that the rates were made with.
  var rules: [String] { flatMap(\.rate.allRules).unique }
}

extension [String] {
  /// Each once, where it came first.
  var unique: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}

// MARK: - Prices follow facts

extension Policy.Terms {
  /// The days from `start` on from which the price may differ: `start`, and each on which a fact that it depends on
  /// changes.
  package func priceDates(from start: CalendarDate) -> [CalendarDate] {
    var dates: Set<CalendarDate> = [start]
    dates.formUnion(plans.all.map(\.from))
    dates.formUnion(places.all.map(\.from))
    dates.formUnion(termStarts)
    dates.formUnion(adoptedRates.map(\.from))
    dates.formUnion(members.map(\.from))
    dates.formUnion(members.compactMap(\.to))
    dates.formUnion(addOns.map(\.from))
    dates.formUnion(addOns.compactMap(\.to))
    return dates.filter { $0 >= start }.sorted()
  }

  /// Takes over the rates from a day on.
  ///
  /// - Throws: `ratesDoNotFit` unless there is one for each price date, each for the plan and the add-ons of its day,
  ///   without a gap; `addOnKindTwice` where two add-ons of a day are of one kind.
  package mutating func price(_ spans: [Policy.RatedSpan], from start: CalendarDate) throws(Policy.Refusal) {
    let dates = priceDates(from: start)
    var fits = spans.map(\.from) == dates && spans.map(\.to) == dates.dropFirst().map(Optional.some) + [nil]
    for span in spans {
      let addOns = span.rate.addOns.map(\.price.planID)
      if span.rate.planID != plans.value(on: span.from) || addOns != self.addOns(on: span.from).map(\.planID) {
        fits = false
      }
      try span.rate.checkKinds()
    }
    guard fits else { throw .ratesDoNotFit(wanted: dates, got: spans.map(\.from)) }
    rates.clear(from: start)
    for span in spans { rates.set(span.rate, from: span.from, to: span.to) }
  }
}
