import Foundation
import Kernel
import Testing

@testable import Billing

extension Story {
  /// What dunning did on which day.
  struct Step: Hashable {
    let on: CalendarDate
    let event: Dunning.Event
  }

  /// Lives through the days after one up to another, as the day's run does.
  mutating func live(after start: String, through end: String) throws -> [Step] {
    var steps: [Step] = []
    for offset in 1...day(start).days(until: day(end)) {
      let today = day(start).adding(days: offset)
      for case .dunned(let event) in try when(.bill(asOf: today, draft: false)) {
        steps.append(Step(on: today, event: event))
      }
    }
    return steps
  }

  /// What dunning made of one command.
  mutating func dunned(_ command: Account.Command) throws -> [Dunning.Event] {
    try when(command).compactMap { if case .dunned(let event) = $0 { event } else { nil } }
  }

  /// In force from January 2027, with January paid.
  static func paidForJanuary(_ charge: Charge, in state: String) throws -> Story {
    try active(BillingTimeline(charge, from: day("2027-01-01")), in: state, on: day("2027-01-01"))
  }
}

@Suite("What follows when a premium is not paid") struct DunningTests {
  /// One row a rule: the days on which the policy is told, lapses and ends if February 2027 is never paid.
  struct Ladder: CustomTestStringConvertible {
    let testDescription: String
    let state: String
    let charge: Charge
    let notices: [String]
    let pendFrom: String?
    let lapsesOn: String
    let coverageEnds: String
    let subsidyCents: Int64
    let backThrough: String?
    let rule: String
  }

  static let ladders = [
    Ladder(
      testDescription: "a state without a rule of its own: 31 days, covered throughout", state: "TX", charge: silver,
      notices: ["2027-02-02 grace_started", "2027-02-22 grace_ending"], pendFrom: nil, lapsesOn: "2027-03-04",
      coverageEnds: "2027-03-04", subsidyCents: 0, backThrough: "2027-04-03", rule: "grace@1"),
    Ladder(
      testDescription: "California: 30 days, covered throughout", state: "CA", charge: silver,
      notices: ["2027-02-02 grace_started", "2027-02-21 grace_ending"], pendFrom: nil, lapsesOn: "2027-03-03",
      coverageEnds: "2027-03-03", subsidyCents: 0, backThrough: "2027-04-02", rule: "grace-CA@1"),
    Ladder(
      testDescription: "with a tax credit: three months, of which the first is covered", state: "TX",
      charge: subsidised,
      notices: ["2027-02-02 grace_started", "2027-03-01 claims_pended", "2027-04-16 grace_ending"],
      pendFrom: "2027-03-01", lapsesOn: "2027-05-01", coverageEnds: "2027-03-01", subsidyCents: 3 * 12_400,
      backThrough: nil, rule: "grace-aptc@1"),
    Ladder(
      testDescription: "with a tax credit in New York: 90 days, claims wait from the 31st", state: "NY",
      charge: subsidised,
      notices: ["2027-02-02 grace_started", "2027-03-03 claims_pended", "2027-04-17 grace_ending"],
      pendFrom: "2027-03-03", lapsesOn: "2027-05-02", coverageEnds: "2027-03-01", subsidyCents: 3 * 12_400,
      backThrough: nil, rule: "grace-aptc-NY@1"),
  ]

  @Test("a premium that is never paid goes down the ladder of its state, each step once", arguments: ladders)
  func ladder(_ row: Ladder) throws {
    var story = try Story.paidForJanuary(row.charge, in: row.state)
    let steps = try story.live(after: "2027-01-10", through: "2027-06-30")
    var notices: [String] = []
    var graces: [Dunning.Grace] = []
    var lapses: [Dunning.Lapse] = []
    for step in steps {
      switch step.event {
      case .graceStarted(let grace): graces.append(grace)
      case .noticed(let notice): notices.append("\(step.on) \(notice.rawValue)")
      case .lapsed(let lapse): lapses.append(lapse)
      case .reinstatementClosed: #expect(row.backThrough.map { day($0).adding(days: 1) } == step.on)
      case .retryPlanned, .retryOrdered, .graceMoved, .cured, .received, .reinstated, .referred: Issue.record("\(step)")
      }
    }
    #expect(notices == row.notices)
    #expect(graces.count == 1 && lapses.count == 1)
    #expect(graces.first?.start == day("2027-02-01"))
    #expect(graces.first?.pendFrom == row.pendFrom.map(day))
    #expect(graces.first?.rule == row.rule)
    #expect(lapses.first?.on == day(row.lapsesOn))
    #expect(lapses.first?.terminateOn == day(row.coverageEnds))
    #expect(lapses.first?.subsidyCents == row.subsidyCents)
    #expect(lapses.first?.reinstatableThrough == row.backThrough.map(day))
    #expect(story.state.dunning.phase == .ended)
  }

  @Test("a part of what is due leaves the exchange's clock as it is, all of it stops the clock")
  func partialWithTaxCredit() throws {
    var story = try Story.paidForJanuary(subsidised, in: "TX")
    _ = try story.live(after: "2027-01-10", through: "2027-03-05")
    let before = story.state.dunning.next?.on
    #expect(try story.dunned(pay(18_600, on: "2027-03-05")) == [])
    #expect(story.state.dunning.phase.stage == .inGrace && story.state.dunning.next?.on == before)
    #expect(try story.dunned(pay(18_600, on: "2027-03-06")) == [.cured])
    #expect(story.state.dunning == Dunning.State())
  }

  @Test("where each premium has its own grace, paying the oldest moves the clock to the next")
  func partialByState() throws {
    var story = try Story.paidForJanuary(silver, in: "CA")
    _ = try story.live(after: "2027-01-10", through: "2027-03-02")
    let events = try story.dunned(pay(31_000, on: "2027-03-02"))
    guard case .graceMoved(let grace)? = events.first else { throw Failure("\(events)") }
    #expect(grace.month == day("2027-03-01") && grace.start == day("2027-03-01") && grace.end == day("2027-03-31"))
    // What was to be said of the new grace up to today is said at once.
    #expect(events.dropFirst() == [.noticed(.graceStarted)])
    #expect(try story.live(after: "2027-03-02", through: "2027-03-30").map(\.event) == [.noticed(.graceEnding)])
  }

  @Test("a cent too little is no cure, and the exchange's grace is not given before a month of the year was paid")
  func edges() throws {
    var story = try Story.paidForJanuary(silver, in: "CA")
    _ = try story.live(after: "2027-01-10", through: "2027-02-10")
    #expect(try story.dunned(pay(30_999, on: "2027-02-10")) == [])
    #expect(try story.dunned(pay(1, on: "2027-02-11")) == [.cured])

    let rules = DunningRules.shipped
    let bill = Dunning.Bill(
      month: day("2028-01-01"), dueOn: day("2028-01-01"), coveredFrom: day("2028-01-01"), totalCents: 18_600,
      openCents: 18_600, isBinder: false, isPastDue: true)
    let situation = Dunning.Situation(
      state: "TX", bills: [bill], coverageEnds: nil, hasTaxCredit: true, hasPaidMonth: false)
    let event = Dunning.follow(
      Dunning.State(), situation, subsidyFrom: { _ in 0 }, on: day("2028-01-02"), by: rules)
    guard case .graceStarted(let grace)? = event else { throw Failure("\(String(describing: event))") }
    #expect(grace.rule == "grace@1" && grace.pendFrom == nil)
  }

  @Test("a baby born in grace is billed from its birth, and the grace goes on as it began")
  func babyBornInGrace() throws {
    var story = try Story.paidForJanuary(subsidised, in: "TX")
    _ = try story.live(after: "2027-01-10", through: "2027-02-10")
    let grace = story.state.dunning.phase
    var timeline = story.state.timeline
    timeline.set(Charge(plan: "silver", grossCents: 45_000, aptcCents: 12_400), from: day("2027-02-08"), to: nil)
    #expect(try story.dunned(.change(timeline, on: day("2027-02-10"))) == [])
    #expect(story.state.dunning.phase == grace)
    #expect(story.statuses(day("2027-02-01")) == ["void", "issued"])
    // February: 7 days at $186.00 and 21 at $326.00; the whole of it is to be paid.
    let owed = story.state.receivableCents
    #expect(owed == 29_100)
    #expect(try story.dunned(pay(owed, on: "2027-02-20")) == [.cured])
  }

  @Test("what was owed, paid in the days of reinstatement, brings the policy back; a day later it does not")
  func reinstatement() throws {
    var story = try Story.paidForJanuary(silver, in: "CA")
    _ = try story.live(after: "2027-01-10", through: "2027-03-03")
    guard case .lapsed(let lapse) = story.state.dunning.phase else { throw Failure("\(story.state.dunning)") }
    var late = story
    let whole = pay(lapse.owedCents, on: "2027-04-02")
    #expect(try story.dunned(whole) == [.received(cents: lapse.owedCents), .reinstated])
    #expect(try late.live(after: "2027-03-03", through: "2027-04-03").last?.event == .reinstatementClosed)
    #expect(try late.dunned(whole) == [])
    #expect(late.state.dunning.phase == .ended)
    #expect(try late.dunned(.reinstate(late.state.timeline, on: day("2027-04-05"))).first == .reinstated)
  }

  @Test("a binder that is never paid ends the policy on its first day, without a grace")
  func binder() throws {
    var story = Story()
    try story.when(.open(Given.opening(BillingTimeline(silver, from: day("2027-01-01"))), on: day("2026-12-15")))
    let events = try story.dunned(.bill(asOf: day("2027-02-01"), draft: false))
    guard case .lapsed(let lapse)? = events.first else { throw Failure("\(events)") }
    #expect(lapse.terminateOn == day("2027-01-01") && lapse.reinstatableThrough == nil && events.count == 1)
  }

  @Test("where coverage is over there is no grace: nothing is left to keep")
  func coverageIsOver() throws {
    var story = try Story.paidForJanuary(silver, in: "TX")
    try story.when(.bill(asOf: day("2027-01-22"), draft: false))
    try story.when(.change(story.state.timeline.ending(on: day("2027-02-02")), on: day("2027-01-25")))
    #expect(try story.live(after: "2027-01-25", through: "2027-04-01") == [])
    #expect(story.state.receivableCents > 0 && story.state.dunning.phase == .current)
  }

  private func pay(_ cents: Int64, on date: String) -> Account.Command {
    .applyPayment(Given.payment, Money(cents: cents), invoice: nil, on: day(date))
  }

  struct Failure: Error { init(_ what: String) { Issue.record("\(what)") } }
}

@Suite("Retries of a declined charge") struct RetryTests {
  /// One row a case: the days of all charges when each is declined.
  static let plans: [(Dunning.Method, Dunning.Decline, [String])] = [
    (.card, .soft, ["2027-02-04", "2027-02-09", "2027-02-16"]),
    (.card, .hard, []),
    (.bank, .soft, ["2027-02-06", "2027-02-20"]),
    (.bank, .hard, []),
  ]

  @Test("are made by method and decline, each once, and then given up", arguments: plans)
  func plan(_ method: Dunning.Method, _ decline: Dunning.Decline, _ days: [String]) throws {
    var story = try Story.paidForJanuary(silver, in: "TX")
    _ = try story.live(after: "2027-01-10", through: "2027-02-01")
    guard let invoice = story.state.open.first.map({ story.state.id(of: $0.key) }) else {
      Issue.record("nothing is open")
      return
    }
    var charged: [String] = []
    var (attempt, today) = (1, day("2027-02-01"))
    func declined() -> Account.Command {
      .takeDecline(.init(invoice: invoice, attempt: attempt, method: method, decline: decline), on: today)
    }
    try story.when(declined())
    #expect(try story.when(declined()) == [], "a decline that is told twice plans nothing")
    while today < day("2027-02-28") {
      today = today.adding(days: 1)
      for case .retryOrdered in try story.dunned(.bill(asOf: today, draft: false)) {
        charged.append(today.description)
        attempt += 1
        try story.when(declined())
      }
    }
    #expect(charged == days)
  }

  @Test("stop when the invoice is paid")
  func paid() throws {
    var story = try Story.paidForJanuary(silver, in: "TX")
    _ = try story.live(after: "2027-01-10", through: "2027-02-01")
    guard let invoice = story.state.open.first.map({ story.state.id(of: $0.key) }) else { return }
    try story.when(
      .takeDecline(.init(invoice: invoice, attempt: 1, method: .card, decline: .soft), on: day("2027-02-01")))
    #expect(story.state.dunning.next?.on == day("2027-02-04"))
    try story.pay(31_000, on: day("2027-02-02"))
    #expect(story.state.dunning == Dunning.State())
  }
}

@Suite("The rules of dunning") struct DunningRulesTests {
  private struct File: Decodable {
    struct Rule: Decodable {
      let source: String
      let verified: Bool
    }
    let graces: [Rule]
    let retries: [Rule]
    let referrals: [Rule]
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Billing")

  @Test("each says where it comes from; what was seen in a source names it")
  func sources() throws {
    let rules = try JSONDecoder().decode(File.self, from: Data(contentsOf: Self.root.appending(path: "dunning.json")))
    for rule in rules.graces + rules.retries + rules.referrals {
      #expect(!rule.source.isEmpty)
      if rule.verified { #expect(rule.source.contains(/CCR|USC|CFR|ORS|DFS|Code|Rules/), "\(rule.source)") }
    }
  }

  @Test("the diagram of the README is that of the code")
  func diagram() throws {
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains(Dunning.diagram))
  }

  static let broken: [(String, DunningRules.Fault)] = [
    ("\"graces\": []", .missing("grace")),
    (graces(length: #"{"value": 0, "unit": "days"}"#), .wrongLength("grace@1")),
    (graces(more: #""covers": {"value": 2, "unit": "months"},"#), .wrongLength("grace@1")),
    (graces(ending: 40), .wrongNotices("grace@1")),
    (graces(tolerance: 10_000), .wrongTolerance("grace@1")),
    (graces(), .missing("retries-card-soft")),
  ]

  private static func graces(
    length: String = #"{"value": 30, "unit": "days"}"#, more: String = "", ending: Int = 10, tolerance: Int = 0
  ) -> String {
    let all = [false, true].map { withTaxCredit in
      """
      {"state": "", "withTaxCredit": \(withTaxCredit), "from": "2014-01-01", "edition": 1, "length": \(length), \(more)
       "cure": "all_due", "toleranceBasisPoints": \(tolerance), "startNoticeAfterDays": 1,
       "endNoticeBeforeDays": \(ending), "reinstatementDays": 0, "verified": false, "source": "none"}
      """
    }
    return "\"graces\": [\(all.joined(separator: ","))]"
  }

  @Test("a file that makes no sense is refused with the rule at fault", arguments: broken)
  func refusals(_ graces: String, _ fault: DunningRules.Fault) {
    #expect(throws: fault) {
      try JSONDecoder().decode(DunningRules.self, from: Data("{\(graces), \"retries\": []}".utf8))
    }
  }

  @Test("more retries than the network allows are refused")
  func tooManyRetries() {
    let file = """
      {\(Self.graces()), "retries": [
        {"method": "card", "decline": "soft", "from": "2014-01-01", "edition": 1, "afterDays": [1, 1, 1],
         "mostRetries": 2, "withinDays": 30, "verified": false, "source": "none"},
        {"method": "card", "decline": "hard", "from": "2014-01-01", "edition": 1, "afterDays": [],
         "mostRetries": 0, "withinDays": 30, "verified": false, "source": "none"},
        {"method": "bank", "decline": "soft", "from": "2014-01-01", "edition": 1, "afterDays": [],
         "mostRetries": 0, "withinDays": 30, "verified": false, "source": "none"},
        {"method": "bank", "decline": "hard", "from": "2014-01-01", "edition": 1, "afterDays": [],
         "mostRetries": 0, "withinDays": 30, "verified": false, "source": "none"}]}
      """
    #expect(throws: DunningRules.Fault.tooManyRetries("retries-card-soft@1")) {
      try JSONDecoder().decode(DunningRules.self, from: Data(file.utf8))
    }
  }
}
