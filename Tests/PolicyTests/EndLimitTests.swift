// On which days a policy may end, by the reason of its end; which ends are not for everybody, and which stay.

import Kernel
import Testing

@testable import Policy

@Suite("The end: on which days it may be")
struct EndLimitTests {
  private static let today = day("2027-05-01")

  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var channel = Policy.Channel.direct
    let reason: Policy.EndReason
    let on: String
    /// Nil where the end is allowed.
    var refusal: Policy.Refusal?

    static func back(
      _ words: String, _ reason: Policy.EndReason, _ on: String, earliest: String, _ rule: String,
      channel: Policy.Channel = .direct
    ) -> Row {
      Row(
        testDescription: words, channel: channel, reason: reason, on: on,
        refusal: .endTooFarBack(day(on), earliest: day(earliest), rule: rule))
    }
  }

  static let rows: [Row] = [
    Row(testDescription: "by request, today", reason: .voluntary, on: "2027-05-01"),
    .back("by request, yesterday", .voluntary, "2027-04-30", earliest: "2027-05-01", "retroactive_end_limit@1"),
    .back(
      "by request, months ago", .voluntary, "2027-01-02", earliest: "2027-05-01", "retroactive_end_limit@1",
      channel: .exchange),
    Row(testDescription: "moved 90 days ago", reason: .moved, on: "2027-01-31"),
    .back("moved 91 days ago", .moved, "2027-01-30", earliest: "2027-01-31", "retroactive_limit@1"),
    Row(testDescription: "the exchange, months ago", channel: .exchange, reason: .exchange, on: "2027-01-02"),
    Row(testDescription: "the group, months ago", channel: .group, reason: .exchange, on: "2027-01-02"),
    Row(
      testDescription: "the exchange, of a policy that was sold directly", reason: .exchange, on: "2027-06-01",
      refusal: .noExchange(.direct)),
    Row(testDescription: "a death months ago", reason: .death, on: "2027-01-02"),
    Row(testDescription: "a death today", reason: .death, on: "2027-05-02"),
    Row(
      testDescription: "a death to come", reason: .death, on: "2027-05-03",
      refusal: .eventToCome(.death, on: day("2027-05-02"))),
    Row(testDescription: "by dunning, whenever its grace says", reason: .nonPayment, on: "2027-02-01"),
    Row(testDescription: "in a year", reason: .voluntary, on: "2028-05-01"),
    Row(
      testDescription: "in more than a year", reason: .voluntary, on: "2028-05-02",
      refusal: .endTooFarAhead(day("2028-05-02"), latest: day("2028-05-01"), rule: "advance_limit@1")),
    Row(
      testDescription: "in another century", channel: .exchange, reason: .exchange, on: "2199-01-01",
      refusal: .endTooFarAhead(day("2199-01-01"), latest: day("2028-05-01"), rule: "advance_limit@1")),
  ]

  @Test("is the rule of its reason, and what it forbids changes nothing", arguments: rows)
  func limited(_ row: Row) throws {
    var life = Life.issued(Life.terms(channel: row.channel))
    let before = life.history
    let end = Policy.End(on: day(row.on), reason: row.reason)
    guard let refusal = row.refusal else {
      try life.give(.terminate(end, on: Self.today))
      #expect(life.state.end == end)
      return
    }
    #expect(throws: refusal) { try life.give(.terminate(end, on: Self.today)) }
    #expect(life.history == before)
    #expect(!refusal.problem.remedy.isEmpty && !refusal.problem.fields.isEmpty)
  }

  @Test("reaches back a year where the exchange says so, and where somebody died")
  func aYearBack() throws {
    for (reason, rule) in [
      (Policy.EndReason.exchange, "retroactive_exchange_end_limit@1"), (.death, "retroactive_death_limit@1"),
    ] {
      var life = Life.issued(Life.terms(channel: .exchange))
      let refusal = Policy.Refusal.endTooFarBack(day("2027-01-02"), earliest: day("2027-01-03"), rule: rule)
      #expect(throws: refusal) {
        try life.give(.terminate(Policy.End(on: day("2027-01-02"), reason: reason), on: day("2028-01-04")))
      }
      try life.give(.terminate(Policy.End(on: day("2027-01-03"), reason: reason), on: day("2028-01-04")))
      #expect(life.stage == .terminated && life.state.terms?.rules.contains(rule) == true)
    }
  }

  @Test("for non-payment is Billing's alone: by hand it is refused")
  func nonPayment() {
    let problem = #expect(throws: Problem.self) { try Policy.End(date: "2027-05-16", reason: "non_payment") }
    #expect(problem?.code == "policy.ends_by_dunning" && problem?.fields["reason"] != nil)
  }

  @Test("may be moved to an earlier day, not to a later one")
  func earlier() throws {
    var life = Life.issued()
    func end(_ date: String, _ reason: Policy.EndReason) -> Policy.Command {
      .terminate(Policy.End(on: day(date), reason: reason), on: Self.today)
    }
    try life.give(end("2027-07-01", .voluntary))
    #expect(throws: Policy.Refusal.alreadyEnding(on: day("2027-07-01"))) { try life.give(end("2027-07-01", .moved)) }
    try life.give(end("2027-04-21", .death))
    #expect(life.stage == .terminated && life.state.end == Policy.End(on: day("2027-04-21"), reason: .death))
    #expect(life.price("2027-04-20") == 300 && life.price("2027-04-21") == nil)
  }

  @Test("by death is not taken back, unless it was reported in error")
  func death() throws {
    var life = Life.issued()
    try life.give(.terminate(Policy.End(on: day("2027-04-21"), reason: .death), on: Self.today))
    let before = life.history
    #expect(throws: Policy.Refusal.endedByDeath(on: day("2027-04-21"))) {
      try life.give(.reinstate(reason: "oops", on: Self.today))
    }
    #expect(life.history == before)
    try life.give(.reinstate(reason: "death_reported_in_error", on: Self.today))
    #expect(life.stage == .active && life.price("2027-04-21") == 300)
  }
}

@Suite("Binding: not behind the days that may still be covered")
struct BindingTests {
  @Test("an application that nobody took up for months cannot be bound, and stays what it is")
  func tooLate() throws {
    var life = Life()
    try life.give(.apply(Life.terms()))
    let refusal = Policy.Refusal.tooFarBack(
      day("2027-01-01"), earliest: day("2027-01-02"), rule: "retroactive_enrollment_limit@1")
    #expect(throws: refusal) { try life.give(.bind(on: day("2027-04-02"))) }
    #expect(life.stage == .applied)
    try life.give(.bind(on: day("2027-04-01")))
    #expect(life.stage == .pendingPayment)
  }
}
