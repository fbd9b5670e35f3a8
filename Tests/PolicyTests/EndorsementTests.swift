// Changes during the term: from when each holds, what forbids it, and what it does to the premium.

import Kernel
import Testing

@testable import Policy

/// One change asked for on a day; that day is 2027-04-20 where nothing else is said.
struct Asked: Sendable, CustomTestStringConvertible {
  let words: String
  let change: Policy.Change
  let reason: Policy.ChangeReason
  let event: String?
  let from: String?
  let today: String

  init(
    _ words: String, _ change: Policy.Change, _ reason: Policy.ChangeReason, event: String? = nil,
    from: String? = nil, on today: String = "2027-04-20"
  ) {
    self.words = words
    self.change = change
    self.reason = reason
    self.event = event
    self.from = from
    self.today = today
  }

  var testDescription: String { words }

  func make(on life: inout Life) throws(Policy.Refusal) {
    try life.change(change, reason, event: event, from: from, on: today)
  }
}

private let baby = Policy.Person("pty_baby", .child, born: "2027-04-10")
private let lake = Policy.Place(county: "Lake", postalCode: "60002")

@Suite("Endorsement: from when a change holds")
struct EffectiveDateTests {
  static let rows: [(Asked, from: String)] = [
    (Asked("a birth, on the birth date", .addMember(baby), .birth, event: "2027-04-10"), "2027-04-10"),
    (Asked("an adoption, on its day", .addMember(baby), .adoption, event: "2027-04-12"), "2027-04-12"),
    (Asked("a birth on the last day of its window", .choosePlan("gold"), .birth, event: "2027-02-19"), "2027-02-19"),
    (
      Asked("a marriage, the month after it is told", .choosePlan("gold"), .marriage, event: "2027-04-11"), "2027-05-01"
    ),
    (Asked("a divorce, the month after it is told", .choosePlan("gold"), .divorce, event: "2027-03-01"), "2027-05-01"),
    (Asked("coverage lost already", .choosePlan("gold"), .lossOfCoverage, event: "2027-04-01"), "2027-05-01"),
    (Asked("coverage to be lost", .choosePlan("gold"), .lossOfCoverage, event: "2027-06-15"), "2027-07-01"),
    (
      Asked("open enrolment, with the year", .choosePlan("gold"), .openEnrollment, on: "2027-11-05"), "2028-01-01"
    ),
    (Asked("a death, the day after", .removeMember(party: "pty_ann"), .death, event: "2027-03-31"), "2027-04-01"),
    (
      Asked("a divorce, at the end of its month", .removeMember(party: "pty_john"), .divorce, event: "2027-04-03"),
      "2027-05-01"
    ),
    (Asked("a request, the next month", .removeMember(party: "pty_ann"), .request), "2027-05-01"),
    (Asked("a request for a day", .removeMember(party: "pty_ann"), .request, from: "2027-04-25"), "2027-04-25"),
    (Asked("a move, the month after", .move(state: "IL", lake), .moved, event: "2027-04-15"), "2027-05-01"),
    (Asked("the exchange says when", .grantTaxCredit(dollars(50)), .exchange, from: "2027-02-01"), "2027-02-01"),
    (Asked("the exchange, a year back", .grantTaxCredit(dollars(50)), .exchange, from: "2027-01-01"), "2027-01-01"),
  ]

  @Test("is said by the rule of its reason", arguments: rows)
  func holds(_ asked: Asked, from: String) throws {
    var life = Life.issued()
    try asked.make(on: &life)
    guard case .endorsed(let endorsement, _, _) = life.history.last else {
      Issue.record("it became \(life.history.suffix(1).map(Policy.name))")
      return
    }
    #expect(endorsement.effective == day(from))
    #expect(endorsement.reason == asked.reason)
    #expect(Set(endorsement.rules).isSubset(of: life.state.terms?.allRules ?? []))
  }
}

@Suite("Endorsement: what forbids a change")
struct EndorsementRefusalTests {
  static let rows: [(Asked, Policy.Refusal)] = windows + people + facts

  private static let today = day("2027-04-20")

  private static let windows: [(Asked, Policy.Refusal)] = [
    (Asked("a birth without its day", .addMember(baby), .birth), .eventMissing(.birth)),
    (
      Asked("a birth 61 days ago", .addMember(baby), .birth, event: "2027-02-18"),
      .outsideWindow(.birth, event: day("2027-02-18"), today: today, rule: "special_enrollment_window@1")
    ),
    (
      Asked("a marriage to come", .choosePlan("gold"), .marriage, event: "2027-04-21"),
      .outsideWindow(.marriage, event: day("2027-04-21"), today: today, rule: "special_enrollment_window@1")
    ),
    (
      Asked("outside open enrolment", .choosePlan("gold"), .openEnrollment),
      .outsideWindow(.openEnrollment, event: nil, today: today, rule: "open_enrollment@2028")
    ),
    (
      Asked("another day than the rule's", .addMember(baby), .birth, event: "2027-04-10", from: "2027-04-15"),
      .otherEffectiveDate(asked: day("2027-04-15"), due: day("2027-04-10"), rule: "special_enrollment_window@1")
    ),
    (
      Asked("a request for a day that has passed", .removeMember(party: "pty_ann"), .request, from: "2027-04-19"),
      .otherEffectiveDate(asked: day("2027-04-19"), due: day("2027-05-01"), rule: "")
    ),
    (Asked("the exchange, without a day", .choosePlan("gold"), .exchange), .effectiveMissing(.exchange)),
    (
      Asked("91 days back", .choosePlan("gold"), .exchange, from: "2027-01-19"),
      .tooFarBack(day("2027-01-19"), earliest: day("2027-01-20"), rule: "retroactive_limit@1")
    ),
    (
      Asked("more than a year back", .grantTaxCredit(dollars(1)), .exchange, from: "2026-04-18"),
      .tooFarBack(day("2026-04-18"), earliest: day("2026-04-19"), rule: "retroactive_tax_credit_limit@1")
    ),
    (
      Asked("a death long ago", .removeMember(party: "pty_ann"), .death, event: "2026-04-17"),
      .tooFarBack(day("2026-04-18"), earliest: day("2026-04-19"), rule: "retroactive_death_limit@1")
    ),
    (
      Asked("more than a year ahead", .choosePlan("gold"), .exchange, from: "2028-04-21"),
      .tooFarAhead(day("2028-04-21"), latest: day("2028-04-20"), rule: "advance_limit@1")
    ),
    (
      Asked("before the policy", .grantTaxCredit(dollars(1)), .exchange, from: "2026-12-31"),
      .beforeStart(day("2026-12-31"), start: day("2027-01-01"))
    ),
    (
      Asked("a death that has not happened", .removeMember(party: "pty_ann"), .death, event: "2027-04-21"),
      .eventToCome(.death, on: day("2027-04-21"))
    ),
  ]

  private static let people: [(Asked, Policy.Refusal)] = [
    (Asked("somebody twice", .addMember(Life.ann), .adoption, event: "2027-04-10"), .memberTwice("pty_ann")),
    (
      Asked("a second spouse", .addMember(Policy.Person("pty_x", .spouse, born: nil)), .marriage, event: "2027-04-11"),
      .secondSpouse
    ),
    (
      Asked(
        "a second subscriber", .addMember(Policy.Person("pty_x", .subscriber, born: nil)), .exchange, from: "2027-05-01"
      ),
      .notOneSubscriber(2)
    ),
    (
      Asked("a child before its birth", .addMember(baby), .birth, event: "2027-04-09"),
      .unborn("pty_baby", born: day("2027-04-10"), on: day("2027-04-09"))
    ),
    (
      Asked(
        "a child of 27", .addMember(Policy.Person("pty_x", .child, born: "2000-01-01")), .exchange, from: "2027-05-01"),
      .tooOld("pty_x", limit: 26, rule: "dependant_age@1")
    ),
    (
      Asked("a child that is too young to leave by age", .removeMember(party: "pty_ann"), .age),
      .tooYoung("pty_ann", until: day("2036-03-01"), rule: "dependant_age@1")
    ),
    (Asked("the subscriber leaves", .removeMember(party: "pty_jane"), .request), .subscriberStays),
    (
      Asked("somebody unknown leaves", .removeMember(party: "pty_x"), .request),
      .notCovered("pty_x", on: day("2027-05-01"))
    ),
    (
      Asked("a death before coverage", .removeMember(party: "pty_ann"), .death, event: "2026-12-31"),
      .endNotAfterStart(end: day("2027-01-01"), start: day("2027-01-01"))
    ),
  ]

  private static let facts: [(Asked, Policy.Refusal)] = [
    (
      Asked("a plan by reason of age", .choosePlan("gold"), .age),
      .reasonDoesNotFit(.age, change: "plan_changed")
    ),
    (Asked("a member by request", .addMember(baby), .request), .reasonDoesNotFit(.request, change: "member_added")),
    (
      Asked("a leaving by birth", .removeMember(party: "pty_ann"), .birth, event: "2027-04-10"),
      .reasonDoesNotFit(.birth, change: "member_removed")
    ),
    (
      Asked("an address by birth", .move(state: "IL", lake), .birth, event: "2027-04-10"),
      .reasonDoesNotFit(.birth, change: "address_changed")
    ),
    (
      Asked("a tax credit by request", .grantTaxCredit(dollars(1)), .request),
      .reasonDoesNotFit(.request, change: "tax_credit_changed")
    ),
    (Asked("the same plan", .choosePlan("silver"), .exchange, from: "2027-05-01"), .nothingChanges),
    (
      Asked("the same place", .move(state: "IL", Policy.Place(county: "Cook", postalCode: "60616")), .moved),
      .nothingChanges
    ),
    (Asked("the same tax credit", .grantTaxCredit(.zero), .exchange, from: "2027-05-01"), .nothingChanges),
    (Asked("another state", .move(state: "WI", lake), .moved), .otherState(from: "IL", to: "WI")),
    (
      Asked("a negative tax credit", .grantTaxCredit(dollars(-1)), .exchange, from: "2027-05-01"), .negativeSubsidy
    ),
    (
      Asked(
        "a tax credit in another currency", .grantTaxCredit(Money(cents: 1, canadian)), .exchange, from: "2027-05-01"),
      .otherCurrency("CAD", premium: "USD")
    ),
  ]

  private static let canadian: Currency = {
    guard let currency = Currency("CAD") else { preconditionFailure("CAD is a currency") }
    return currency
  }()

  @Test("is named, and nothing changes", arguments: rows)
  func refused(_ asked: Asked, refusal: Policy.Refusal) throws {
    var life = Life.issued()
    let before = life.history
    #expect(throws: refusal) { try asked.make(on: &life) }
    #expect(life.history == before)
    #expect(refusal.problem.code.hasPrefix("policy.") && !refusal.problem.remedy.isEmpty)
  }

  @Test("after the end nothing changes")
  func afterTheEnd() throws {
    var life = Life.issued()
    try life.give(.terminate(Policy.End(on: day("2027-05-01"), reason: .voluntary), on: day("2027-04-01")))
    #expect(throws: Policy.Refusal.afterEnd(day("2027-05-01"), end: day("2027-05-01"))) {
      try life.change(.choosePlan("gold"), .exchange, from: "2027-05-01", on: "2027-04-20")
    }
    try life.change(.choosePlan("gold"), .exchange, from: "2027-04-15", on: "2027-04-20")
    #expect(life.price("2027-04-30") == 450 && life.price("2027-05-01") == nil)
  }

  @Test("rates that are not those of the change are refused")
  func otherRates() throws {
    var life = Life.issued()
    let wish = Policy.Wish(change: .choosePlan("gold"), reason: .exchange, event: nil, effective: day("2027-05-01"))
    #expect(throws: Policy.Refusal.ratesDoNotFit(wanted: [day("2027-05-01")], got: [])) {
      try life.give(.endorse(wish, rates: [], on: day("2027-04-20")))
    }
  }
}

@Suite("Endorsement: what a change does to the premium")
struct RepricingTests {
  @Test("a newborn is covered, and rated, from its birth")
  func newborn() throws {
    var life = Life.issued()
    try life.change(.addMember(baby), .birth, event: "2027-04-10", on: "2027-06-01")
    #expect(life.price("2027-04-09") == 300 && life.price("2027-04-10") == 400)
    #expect(life.state.terms?.covered(on: day("2027-04-10")).count == 4)
  }

  static let pairs: [(first: Asked, second: Asked)] = [
    (
      Asked("gold since March", .choosePlan("gold"), .exchange, from: "2027-03-01"),
      Asked("bronze since April", .choosePlan("bronze"), .exchange, from: "2027-04-01")
    ),
    (
      Asked("gold since March", .choosePlan("gold"), .exchange, from: "2027-03-01"),
      Asked("in Lake since April", .move(state: "IL", lake), .exchange, from: "2027-04-01")
    ),
    (
      Asked("a death in March", .removeMember(party: "pty_ann"), .death, event: "2027-03-14"),
      Asked("a credit since February", .grantTaxCredit(dollars(80)), .exchange, from: "2027-02-01")
    ),
    (
      Asked("in Lake since March", .move(state: "IL", lake), .exchange, from: "2027-03-01"),
      Asked("a newborn in April", .addMember(baby), .birth, event: "2027-04-10")
    ),
  ]

  @Test("two retroactive changes out of order are the same as in order", arguments: pairs)
  func outOfOrder(first: Asked, second: Asked) throws {
    var inOrder = Life.issued()
    try first.make(on: &inOrder)
    try second.make(on: &inOrder)
    var outOfOrder = Life.issued()
    try second.make(on: &outOfOrder)
    try first.make(on: &outOfOrder)
    #expect(inOrder.state.terms == outOfOrder.state.terms)
    #expect(inOrder.state.premium == outOfOrder.state.premium)
  }

  @Test("a change dated before a later one ends where that begins")
  func before() throws {
    var life = Life.issued()
    try life.change(.choosePlan("bronze"), .exchange, from: "2027-04-01", on: "2027-04-20")
    try life.change(.choosePlan("gold"), .exchange, from: "2027-03-01", on: "2027-04-20")
    #expect(["2027-02-28", "2027-03-01", "2027-03-31", "2027-04-01"].map { life.price($0) } == [300, 450, 450, 210])
  }

  @Test("who leaves may come back, and the days between are not covered")
  func comesBack() throws {
    var life = Life.issued()
    try life.change(.removeMember(party: "pty_ann"), .request, on: "2027-04-20")
    try life.change(.addMember(Life.ann), .lossOfCoverage, event: "2027-06-20", on: "2027-06-25")
    #expect(["2027-04-30", "2027-05-01", "2027-06-30", "2027-07-01"].map { life.price($0) } == [300, 200, 200, 300])
  }

  @Test("a tax credit is never above the premium, and comes back with it")
  func creditAbovePremium() throws {
    var life = Life.issued()
    try life.change(.grantTaxCredit(dollars(250)), .exchange, from: "2027-02-01", on: "2027-04-20")
    try life.change(.choosePlan("bronze"), .exchange, from: "2027-03-01", on: "2027-04-20")
    try life.change(.choosePlan("gold"), .exchange, from: "2027-04-01", on: "2027-04-20")
    let credits = ["2027-01-31", "2027-02-01", "2027-03-01", "2027-04-01"].map { date in
      life.state.premium[day(date)]?.aptc.cents
    }
    #expect(credits == [0, 250_00, 210_00, 250_00])
  }

  @Test("the difference is said day by day and in sum")
  func difference() throws {
    var life = Life.issued()
    let before = life.state.premium
    try life.change(.choosePlan("gold"), .birth, event: "2027-04-16", on: "2027-04-20")
    let difference = PremiumDifference(from: before, to: life.state.premium, through: day("2027-06-01"))
    #expect(difference.monthly.segments.map(\.start) == [day("2027-04-16")])
    #expect(difference.monthly[day("2027-04-16")]?.gross == dollars(150))
    // Half of April, and May.
    #expect(difference.sum.gross == dollars(75 + 150) && difference.sum.net == difference.sum.gross)
  }
}
