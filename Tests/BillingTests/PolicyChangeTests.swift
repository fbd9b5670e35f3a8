// What Billing makes of the changes of a policy: the difference, as credit or as a charge, and nothing lost.

import Contracts
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

extension Premia_Policy_V1_Policy {
  /// The same policy with another premium from some days on; an amount of nil is a gap.
  fileprivate func costing(_ steps: (from: String, gross: Int64?)...) -> Self {
    var policy = self
    policy.premium = []
    for (index, step) in steps.enumerated() {
      guard let gross = step.gross else { continue }
      policy.premium.append(
        .with {
          $0.from = step.from
          $0.to = index + 1 < steps.count ? steps[index + 1].from : ""
          $0.planID = "silver"
          $0.gross.cents = gross
        })
    }
    return policy
  }
}

@Suite struct PolicyChangeTests {
  /// A policy of $310.00 a month from January 1, paid through March.
  private func paidThroughMarch() async throws -> (World, Premia_Policy_V1_Policy) {
    let world = World("2026-12-20")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    try await world.pay(1, 31_000, for: policy.policyID)
    try await world.say("Policy.Issued", of: policy)
    try await world.live(until: "2027-03-05")
    try await world.pay(2, 62_000, for: policy.policyID)
    #expect(try await world.total("receivable") == 0)
    return (world, policy)
  }

  /// What members owe and have, and what was paid, is what was billed.
  private func expectBalanced(_ world: World) async throws {
    let owed = try await world.total("premium_billed") - world.total("exchange_receivable")
    let open = try await world.total("receivable") - world.total("credit")
    #expect(owed - open == (try await world.total("payments_applied")))
    #expect(try await world.mismatches() == [])
    #expect(try await world.letters() == [])
  }

  @Test func aNewPriceInTheMiddleOfAPaidMonthIsCharged() async throws {
    let (world, policy) = try await paidThroughMarch()
    try await world.say("Policy.Endorsed", of: policy.costing(("2027-01-01", 31_000), ("2027-03-16", 62_000)))
    // 16 of March's 31 days cost $310.00 more a month.
    #expect(try await world.total("receivable") == 16_000)
    #expect(try await world.invoices(policy.policyID).filter { $0.status == .void }.count == 1)
    try await expectBalanced(world)
  }

  @Test func aBabyBornInGraceIsBilledFromItsBirth() async throws {
    let world = World("2026-12-20")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    try await world.pay(1, 31_000, for: policy.policyID)
    try await world.say("Policy.Issued", of: policy)
    try await world.live(until: "2027-02-10")
    #expect(try await world.invoices(policy.policyID).map(\.status) == [.paid, .pastDue])
    try await world.say("Policy.Endorsed", of: policy.costing(("2027-01-01", 31_000), ("2027-02-08", 45_000)))
    // February: 7 days at $310.00 and 21 at $450.00 a month.
    #expect(try await world.total("receivable") == 7_750 + 33_750)
    try await expectBalanced(world)
  }

  @Test func aPauseIsCreditedAndResumingEarlyIsChargedAgain() async throws {
    let (world, policy) = try await paidThroughMarch()
    let paused = policy.costing(("2027-01-01", 31_000), ("2027-03-08", nil), ("2027-05-01", 31_000))
    try await world.say("Policy.Paused", of: paused)
    #expect(try await world.total("credit") == 24_000)
    try await world.live(until: "2027-04-01")
    #expect(try await world.invoices(policy.policyID).count == 3)
    let back = policy.costing(("2027-01-01", 31_000), ("2027-03-08", nil), ("2027-04-16", 31_000))
    try await world.say("Policy.Resumed", of: back)
    // Half of April is used up from the credit.
    #expect(try await world.total("credit") == 24_000 - 15_500)
    try await expectBalanced(world)
  }

  @Test func fivePausesOfAYearLeaveTwelveMonthsLessTheDays() async throws {
    let (world, policy) = try await paidThroughMarch()
    var premium = policy.premium
    for month in 4...8 {
      let first = try #require(CalendarDate(year: 2027, month: month, day: 11))
      premium[premium.count - 1].to = first.description
      premium.append(
        .with {
          $0 = policy.premium[0]
          $0.from = first.adding(days: 10).description
        })
      var paused = policy
      paused.premium = premium
      try await world.live(until: "2027-\(month < 10 ? "0" : "")\(month)-05")
      try await world.say("Policy.Paused", of: paused)
      try await world.live(until: first.adding(days: 10).description)
      try await world.say("Policy.Resumed", of: paused)
    }
    try await world.live(until: "2027-12-25")
    // Ten days of two months of thirty and of three of thirty-one are not billed; January of 2028 is, already. The two
    // stretches of a month are rounded together: 20 of 30 days are 206.67.
    #expect(try await world.total("premium_billed") == 13 * 31_000 - 2 * 10_333 - 3 * 10_000)
    try await expectBalanced(world)
  }

  @Test func aRenewalBillsTheNextTermAtItsPrice() async throws {
    let (world, policy) = try await paidThroughMarch()
    try await world.live(until: "2027-10-15")
    try await world.say("Policy.Renewed", of: policy.costing(("2027-01-01", 31_000), ("2028-01-01", 40_000)))
    try await world.live(until: "2027-12-25")
    #expect(try await world.invoices(policy.policyID).map(\.total.cents).suffix(2) == [31_000, 40_000])
    try await expectBalanced(world)
  }

  @Test func aRescissionCreditsAllThatWasPaid() async throws {
    let (world, policy) = try await paidThroughMarch()
    var void = policy
    void.endDate = void.effectiveDate
    void.premium = []
    try await world.say("Policy.Rescinded", of: void)
    #expect(try await world.total("credit") == 93_000)
    #expect(try await world.total("premium_billed") == 0)
    #expect(try await world.account(policy.policyID).nextStep == "by hand: refund the credit of $930.00")
    try await expectBalanced(world)
  }

  @Test func aReinstatementBillsWhatTheEndHadTakenBack() async throws {
    let (world, policy) = try await paidThroughMarch()
    var ended = policy
    ended.endDate = "2027-03-01"
    try await world.say("Policy.Terminated", of: ended)
    #expect(try await world.total("credit") == 31_000)
    try await world.say("Policy.Reinstated", of: policy)
    #expect(try await world.total("credit") == 0)
    #expect(try await world.total("premium_billed") == 93_000)
    #expect(try await world.account(policy.policyID).closed == false)
    try await expectBalanced(world)
  }
}
