// A policy to try things on: three people in Illinois, sold directly, with rates that a test can work out by heart.

import Kernel

@testable import Policy

func day(_ text: String) -> CalendarDate {
  guard let date = CalendarDate(iso: text) else { preconditionFailure("\(text) is no date") }
  return date
}

/// An identifier as Party gives it.
func party(_ name: String) -> String {
  ID<PartyTag>(at: Instant(date: day("2026-11-01")), derivedFrom: name).description
}

func dollars(_ amount: Int64) -> Money { Money(cents: amount * 100) }

/// What a month costs: so much a head by plan, ten more in Lake county, five more for each year after 2027. Add-ons
/// cost so much a head and two more for each year after 2027.
enum RateCard {
  static let perHead: [String: Int64] = ["bronze": 70, "silver": 100, "gold": 150]

  static let addOns: [String: (kind: Policy.AddOnKind, perHead: Int64)] = [
    "dental": (.dental, 20), "dental-plus": (.dental, 30), "vision": (.vision, 5),
  ]

  static func rate(of terms: Policy.Terms, on date: CalendarDate) -> Policy.Rate {
    let heads = Int64(terms.covered(on: date).count)
    let addOns = terms.addOns(on: date).map { addOn -> Policy.AddOnRate in
      let (kind, perHead) = Self.addOns[addOn.planID] ?? (.dental, 0)
      let years = Int64(terms.rateDate(of: addOn, on: date).year - 2027)
      return Policy.AddOnRate(
        price: Policy.AddOnPrice(
          planID: addOn.planID, planName: addOn.planID, kind: kind,
          monthly: dollars((perHead + 2 * years) * heads)), rules: ["\(addOn.planID)@1"])
    }
    let plan = terms.plans.value(on: date)
    let years = Int64(terms.termStart(on: date).year - 2027)
    let head = (perHead[plan] ?? 0) + (terms.places.value(on: date).county == "Lake" ? 10 : 0) + 5 * years
    return Policy.Rate(
      planID: plan, planName: plan, level: 3, ratingArea: "1",
      gross: dollars(head * heads), rules: ["card@1"], addOns: addOns)
  }

  /// As Products would answer: one rate for each price date.
  static func rates(of terms: Policy.Terms, from start: CalendarDate) -> [Policy.RatedSpan] {
    let dates = terms.priceDates(from: start)
    return dates.enumerated().map { index, date in
      Policy.RatedSpan(
        from: date, to: index + 1 < dates.count ? dates[index + 1] : nil, rate: rate(of: terms, on: date))
    }
  }
}

extension Policy.Person {
  init(_ party: String, _ relationship: Policy.Relationship, born: String?) {
    self.init(
      partyID: party, relationship: relationship, birthDate: born.map(day), tobacco: false, number: "N1",
      givenName: "")
  }
}

/// The life of one policy, command by command.
struct Life {
  static let jane = Policy.Person("pty_jane", .subscriber, born: "1985-03-05")
  static let john = Policy.Person("pty_john", .spouse, born: "1986-07-09")
  static let ann = Policy.Person("pty_ann", .child, born: "2010-02-02")

  private(set) var history: [Policy.Event] = []
  private(set) var state = Policy.initial

  var stage: Policy.Stage { state.stage }

  /// What a month costs on a day, in dollars.
  func price(_ date: String) -> Int64? { state.premium[day(date)].map { $0.gross.cents / 100 } }

  /// What the add-ons of a day cost a month: "dental 60".
  func addOns(_ date: String) -> [String]? {
    state.premium[day(date)].map { $0.addOns.map { "\($0.planID) \($0.monthly.cents / 100)" } }
  }

  static func terms(
    channel: Policy.Channel = .direct, credit: Int64 = 0, state: String = "IL", addOns: [String] = []
  ) -> Policy.Terms {
    let start = day("2027-01-01")
    var terms = Policy.Terms(
      number: "P0123456789", state: state, effectiveDate: start, originalEffectiveDate: nil, channel: channel,
      identifiers: [], quotedOn: day("2026-12-01"),
      members: [jane, john, ann].map { Policy.Member(person: $0, from: start, to: nil) },
      plans: Steps("silver", from: start),
      places: Steps(Policy.Place(county: "Cook", postalCode: "60616"), from: start),
      taxCredits: Steps(dollars(credit), from: start), termStarts: [start],
      addOns: addOns.map { Policy.AddOn(planID: $0, from: start) }, rates: Timeline())
    terms.rates.set(RateCard.rate(of: terms, on: start), from: start)
    return terms
  }

  init() {}

  /// In force from January 1, since the binder was paid on January 5.
  static func issued(_ terms: Policy.Terms = terms()) -> Life {
    var life = Life()
    life.take([.applied(terms), .bound(on: day("2026-12-02")), .issued(on: day("2027-01-05"), waiver: nil)])
    return life
  }

  mutating func give(_ command: Policy.Command) throws(Policy.Refusal) {
    take(try Policy.decide(command, in: state))
  }

  private mutating func take(_ events: [Policy.Event]) {
    history += events
    for event in events { state = Policy.evolve(state, with: event) }
  }

  /// With the rates that Products would give for it.
  func wish(
    _ change: Policy.Change, _ reason: Policy.ChangeReason, event: String? = nil, from: String? = nil, on today: String
  ) -> Policy.Command {
    let wish = Policy.Wish(change: change, reason: reason, event: event.map(day), effective: from.map(day))
    guard let held = state.held, wish.change.reprices, !held.terms.losesSubscriber(by: wish),
      let endorsement = try? Policy.Endorsement(wish, of: held, on: day(today)),
      (try? held.terms.check(endorsement)) != nil
    else { return .endorse(wish, rates: [], on: day(today)) }
    var terms = held.terms
    terms.make(endorsement)
    return .endorse(wish, rates: RateCard.rates(of: terms, from: endorsement.effective), on: day(today))
  }

  mutating func change(
    _ change: Policy.Change, _ reason: Policy.ChangeReason, event: String? = nil, from: String? = nil, on today: String
  ) throws(Policy.Refusal) {
    try give(wish(change, reason, event: event, from: from, on: today))
  }

  func renewal(plan: String, _ addOns: [Policy.AddOnRenewal] = [], on today: String) -> Policy.Command {
    guard let held = state.held,
      let renewal = try? Policy.renewal(of: held, plan: plan, addOns, reason: "run", on: day(today))
    else { return .renew(plan: plan, rates: [], reason: "run", on: day(today)) }
    var terms = held.terms
    terms.make(renewal)
    return .renew(
      plan: plan, addOns: addOns, rates: RateCard.rates(of: terms, from: renewal.from), reason: "run",
      on: day(today))
  }

  /// Lives through the days up to one, as the day's work does.
  mutating func moveOn(to date: String) throws(Policy.Refusal) {
    while let due = state.nextChange, due <= day(date) { try give(.moveOn(to: day(date))) }
  }
}
