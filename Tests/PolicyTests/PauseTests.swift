import Kernel
import Testing

@testable import Policy

@Suite("Pause: days without coverage and premium in a policy that goes on")
struct PauseTests {
  private func pause(_ from: String, _ until: String?, _ reason: Policy.PauseReason = .request, on today: String)
    -> Policy.Command
  {
    .pause(from: day(from), until: until.map(day), reason, on: day(today))
  }

  private func resume(_ from: String, on today: String) -> Policy.Command {
    .resume(from: day(from), reason: "back early", on: day(today))
  }

  @Test("five times in a year, and every day between is charged")
  func fiveTimes() throws {
    var life = Life.issued()
    var paused: [CalendarDate] = []
    for month in 2...6 {
      let first = try #require(CalendarDate(year: 2027, month: month, day: 10))
      try life.give(.pause(from: first, until: first.adding(days: 12), .request, on: first.adding(days: -2)))
      try life.moveOn(to: first.description)
      #expect(life.stage == .paused)
      let back = first.adding(days: month)
      try life.give(.resume(from: back, reason: "back early", on: back))
      #expect(life.stage == .active)
      paused += (0..<month).map { first.adding(days: $0) }
    }
    var date = day("2027-01-01")
    while date < day("2028-01-01") {
      #expect((life.state.premium[date] == nil) == paused.contains(date), "\(date)")
      date = date.adding(days: 1)
    }
    #expect(life.state.terms?.pauses.count == 5)
  }

  @Test("it ends by itself on its day")
  func ends() throws {
    var life = Life.issued()
    try life.give(pause("2027-03-01", nil, on: "2027-02-20"))
    #expect(life.stage == .active)
    try life.moveOn(to: "2027-03-01")
    #expect(life.stage == .paused && life.state.nextChange == day("2027-06-01"))
    try life.moveOn(to: "2027-06-01")
    #expect(life.stage == .active)
    #expect(life.history.suffix(2).map(Policy.name) == ["tookEffect", "resumed"])
  }

  @Test("who comes back early, on a day to come, is told of it once")
  func toldOnce() throws {
    var life = Life.issued()
    try life.give(pause("2027-03-01", "2027-04-01", on: "2027-02-20"))
    try life.give(resume("2027-03-20", on: "2027-03-10"))
    #expect(life.stage == .paused)
    try life.moveOn(to: "2027-04-01")
    #expect(life.stage == .active)
    #expect(life.history.suffix(2).map(Policy.name) == ["resumed", "tookEffect"])
  }

  @Test("one to come is taken back as if it had never been asked for")
  func takenBack() throws {
    var life = Life.issued()
    let before = life.state.premium
    try life.give(pause("2027-05-01", "2027-06-01", on: "2027-04-20"))
    try life.give(resume("2027-05-01", on: "2027-04-21"))
    #expect(life.state.premium == before && life.state.terms?.pauses == [])
  }

  @Test("a soldier may pause for five years, with a tax credit too")
  func service() throws {
    var life = Life.issued(Life.terms(channel: .exchange, credit: 100))
    try life.give(pause("2027-05-01", nil, .militaryService, on: "2027-04-20"))
    #expect(life.price("2032-04-30") == nil && life.price("2032-05-02") == 300)
    #expect(life.state.terms?.rules.contains("pause-military_service@1") == true)
  }

  static let refusals: [(String, Policy.Terms, [Policy.Command], Policy.Command, Policy.Refusal)] = {
    let direct = Life.terms()
    let today = day("2027-04-20")
    func pause(_ from: String, _ until: String) -> Policy.Command {
      .pause(from: day(from), until: day(until), .request, on: today)
    }
    func resume(_ from: String) -> Policy.Command { .resume(from: day(from), reason: "back", on: today) }
    return [
      (
        "through the exchange", Life.terms(channel: .exchange), [], pause("2027-05-01", "2027-06-01"),
        .mayNotPause(.request, why: "its channel is exchange", rule: "pause-request@1")
      ),
      (
        "with a tax credit", Life.terms(credit: 100), [], pause("2027-05-01", "2027-06-01"),
        .mayNotPause(.request, why: "a tax credit is paid for it", rule: "pause-request@1")
      ),
      (
        "93 days", direct, [], pause("2027-05-01", "2027-08-02"),
        .pauseTooLong(days: 93, most: 92, rule: "pause-request@1")
      ),
      (
        "no days", direct, [], pause("2027-05-01", "2027-05-01"),
        .endNotAfterStart(end: day("2027-05-01"), start: day("2027-05-01"))
      ),
      (
        "back in time by request", direct, [], pause("2027-04-19", "2027-06-01"),
        .tooFarBack(day("2027-04-19"), earliest: today, rule: "pause-request@1")
      ),
      (
        "service that began long ago", direct, [],
        .pause(from: day("2027-01-19"), until: day("2027-02-01"), .militaryService, on: today),
        .tooFarBack(day("2027-01-19"), earliest: day("2027-01-20"), rule: "pause-military_service@1")
      ),
      (
        "far ahead", direct, [], pause("2028-04-21", "2028-05-01"),
        .tooFarAhead(day("2028-04-21"), latest: day("2028-04-20"), rule: "advance_limit@1")
      ),
      (
        "days that are paused", direct, [pause("2027-05-01", "2027-06-01")], pause("2027-05-31", "2027-06-10"),
        .pausesOverlap(from: day("2027-05-01"), until: day("2027-06-01"))
      ),
      (
        "back after the pause", direct, [pause("2027-05-01", "2027-06-01")], resume("2027-06-01"),
        .resumesOutside(day("2027-06-01"), from: day("2027-05-01"), until: day("2027-06-01"))
      ),
      (
        "back on days that have passed", direct,
        [.pause(from: day("2027-04-01"), until: day("2027-06-01"), .request, on: day("2027-04-01"))],
        resume("2027-04-19"),
        .resumesInPast(day("2027-04-19"), today: today)
      ),
      ("back without a pause", direct, [], resume("2027-05-01"), .notPaused),
    ]
  }()

  @Test("each refusal names its rule", arguments: refusals)
  func refused(
    words: String, terms: Policy.Terms, before: [Policy.Command], command: Policy.Command, refusal: Policy.Refusal
  ) throws {
    var life = Life.issued(terms)
    for command in before { try life.give(command) }
    let history = life.history
    #expect(throws: refusal) { try life.give(command) }
    #expect(life.history == history)
    #expect(refusal.problem.code.hasPrefix("policy.") && !refusal.problem.remedy.isEmpty)
  }

  @Test("before the policy there is nothing to pause")
  func beforeStart() {
    var life = Life.issued()
    #expect(throws: Policy.Refusal.beforeStart(day("2026-12-31"), start: day("2027-01-01"))) {
      try life.give(pause("2026-12-31", "2027-02-01", on: "2027-02-01"))
    }
  }
}
