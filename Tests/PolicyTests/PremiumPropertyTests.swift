// The premium follows from facts by date. Here the facts are kept the slow way, one value a day, through a random life;
// the timeline must say the same on every day.

import Kernel
import Testing

@testable import Policy

/// What holds on each day, by the days on which somebody said so.
private struct SlowFacts {
  var plans = [day("2027-01-01"): "silver"]
  var counties = [day("2027-01-01"): "Cook"]
  var credits = [day("2027-01-01"): Int64(0)]
  /// The days on which the child is covered.
  var child: Set<CalendarDate> = []
  var paused: Set<CalendarDate> = []
  var end: CalendarDate?

  static let days = (0..<600).map { day("2027-01-01").adding(days: $0) }

  func said<Value>(_ facts: [CalendarDate: Value], on date: CalendarDate) -> Value? {
    facts.filter { $0.key <= date }.max { $0.key < $1.key }?.value
  }

  func price(on date: CalendarDate) -> Policy.Price? {
    if paused.contains(date) { return nil }
    if let end, date >= end { return nil }
    guard let plan = said(plans, on: date), let county = said(counties, on: date),
      let credit = said(credits, on: date), let head = RateCard.perHead[plan]
    else { return nil }
    let gross = dollars((head + (county == "Lake" ? 10 : 0)) * (child.contains(date) ? 3 : 2))
    return Policy.Price(planID: plan, planName: plan, gross: gross, aptc: min(dollars(credit), gross))
  }
}

/// A policy and the same policy kept the slow way.
private struct Twins {
  var life = Life.issued()
  var slow = SlowFacts()
  var accepted = 0

  init() { slow.child = Set(SlowFacts.days) }

  mutating func act(_ random: inout SplitMix64, on today: CalendarDate) {
    let date = today.adding(days: Int.random(in: -80...90, using: &random))
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1:
      let plan = ["bronze", "silver", "gold"][Int.random(in: 0..<3, using: &random)]
      change(.choosePlan(plan), from: date, on: today) { $0.plans[date] = plan }
    case 2:
      let county = Bool.random(using: &random) ? "Lake" : "Cook"
      let place = Policy.Place(county: county, postalCode: "60000")
      change(.move(state: "IL", place), from: date, on: today) { $0.counties[date] = county }
    case 3:
      let credit = Int64.random(in: 0...400, using: &random)
      change(.grantTaxCredit(dollars(credit)), from: date, on: today) { $0.credits[date] = credit }
    case 4:
      change(.removeMember(party: "pty_ann"), from: date, on: today) { $0.child = $0.child.filter { $0 < date } }
    case 5:
      change(.addMember(Life.ann), from: date, on: today) { slow in
        slow.child.formUnion(SlowFacts.days.filter { $0 >= date })
      }
    case 6:
      let until = date.adding(days: Int.random(in: 1...60, using: &random))
      give(.pause(from: date, until: until, .militaryService, on: today)) { slow in
        slow.paused.formUnion(SlowFacts.days.filter { $0 >= date && $0 < until })
      }
    case 7:
      give(.terminate(Policy.End(on: date, reason: .moved), on: today)) { $0.end = date }
    default:
      give(.reinstate(reason: "our mistake", on: today)) { $0.end = nil }
    }
  }

  private mutating func change(
    _ change: Policy.Change, from date: CalendarDate, on today: CalendarDate, _ slowly: (inout SlowFacts) -> Void
  ) {
    give(life.wish(change, .exchange, from: date.description, on: today.description), slowly)
  }

  /// What is refused changes neither.
  private mutating func give(_ command: Policy.Command, _ slowly: (inout SlowFacts) -> Void) {
    do {
      try life.give(command)
      accepted += 1
      slowly(&slow)
    } catch {}
  }
}

@Suite("The premium, against a slow map of days")
struct PremiumPropertyTests {
  @Test("is the same on every day, whatever happened in whatever order", arguments: 1...30)
  func sameOnEveryDay(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var twins = Twins()
    var today = day("2027-02-01")
    for _ in 0..<40 {
      twins.act(&random, on: today)
      today = today.adding(days: Int.random(in: 0...12, using: &random))
    }
    #expect(twins.accepted > 0)
    let premium = twins.life.state.premium
    for date in SlowFacts.days where premium[date] != twins.slow.price(on: date) {
      Issue.record("on \(date): \(String(describing: premium[date])) is not what the days say")
      return
    }
  }

  @Test("sums up to what its days cost", arguments: 1...20)
  func sums(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var premium = Timeline<Policy.Price>()
    for _ in 0..<4 {
      let from = day("2027-01-01").adding(days: Int.random(in: 0..<300, using: &random))
      // Amounts that a day of any month divides.
      let gross = Money(cents: Int64.random(in: 1...9, using: &random) * 377_580)
      let price = Policy.Price(planID: "silver", planName: "Silver", gross: gross, aptc: .zero)
      premium.set(price, from: from, to: from.adding(days: Int.random(in: 1..<90, using: &random)))
    }
    var sum: Int64 = 0
    for date in (0..<400).map({ day("2027-01-01").adding(days: $0) }) {
      sum += (premium[date]?.gross.cents ?? 0) / Int64(Period.month(containing: date).days)
    }
    #expect(PremiumDifference.total(premium, day("2028-02-05")).gross.cents == sum)
  }
}
