import Foundation
import Kernel
import Testing
import Yams

@testable import Commissions

@Suite struct `The schedule` {
  @Test(
    arguments: [
      ("IL", .silver, .new, .perMemberPerMonth(cents: 20_00)),
      ("IL", .silver, .renewal, .perMemberPerMonth(cents: 16_00)),
      ("FL", .gold, .new, .perMemberPerMonth(cents: 24_00)), ("FL", .gold, .renewal, .perMemberPerMonth(cents: 16_00)),
      ("IL", .catastrophic, .new, .perPolicyPerMonth(cents: 5_00)),
      ("NY", .catastrophic, .new, .ofGrossPremium(basisPoints: 400)),
    ] as [(String, CommissionSchedule.Level, CommissionSchedule.Year, CommissionSchedule.Basis)])
  func `that ships pays by the rule that names the most`(
    _ state: String, _ level: CommissionSchedule.Level, _ year: CommissionSchedule.Year,
    _ basis: CommissionSchedule.Basis
  ) throws {
    let question = CommissionSchedule.Case(state: state, level: level, channel: "exchange", year: year)
    #expect(try CommissionSchedule.shipped().rule(for: question, on: day("2027-01-01"))?.basis == basis)
  }

  @Test func `has the newest rule that has begun, and none before the first`() throws {
    let schedule = try CommissionSchedule.with([
      .rule(from: "2027-01-01", .perPolicyPerMonth(cents: 1)), .rule(from: "2027-03-01", .perPolicyPerMonth(cents: 2)),
    ])
    let question = CommissionSchedule.Case(state: "IL", level: .silver, channel: "exchange", year: .new)
    let references = ["2026-12-31", "2027-01-01", "2027-02-28", "2027-03-01"].map {
      schedule.rule(for: question, on: day($0))?.reference
    }
    #expect(references == [nil, "all@2027-01-01", "all@2027-01-01", "all@2027-03-01"])
  }

  @Test(arguments: [
    ("edition: 0", "edition is 0; editions count from 1"),
    ("retroactive_limit_days: -1", "retroactive_limit_days is -1; it is 0 or more"),
    ("statement_day: 29", "statement_day is 29; it is 1 to 28, a day that every month has"),
    (
      "rules: [{from: '2027-01-01', basis: per_policy_per_month, cents: -1, source: s}]",
      "rules all@2027-01-01 earns less than nothing, or all"
    ),
    (
      "rules: [{from: '2027-01-01', basis: percent_of_net_premium, basis_points: 10001, source: s}]",
      "rules all@2027-01-01 earns less than nothing, or all"
    ),
    (
      """
      rules: [{state: IL, from: '2027-01-01', basis: per_policy_per_month, cents: 1, source: s},
        {state: IL, from: '2027-01-01', basis: per_policy_per_month, cents: 2, source: s}]
      """, "rules have IL@2027-01-01 twice"
    ),
  ])
  func `is refused where it makes no sense`(_ line: String, _ why: String) throws {
    let name = line.prefix { $0 != ":" }
    let sound = ["edition: 1", "retroactive_limit_days: 180", "statement_day: 5", "rules: []"]
    let file = (sound.filter { !$0.hasPrefix(name) } + [line]).joined(separator: "\n")
    let problem = #expect(throws: (any Error).self) {
      try YAMLDecoder().decode(CommissionSchedule.self, from: file)
    }
    #expect(String(describing: problem).contains(why), "\(String(describing: problem))")
  }
}
