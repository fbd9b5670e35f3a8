// Policies that are billed otherwise than monthly on the first, through the real run. Silver is $310.00 a month.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

extension World {
  /// A policy in force, whose binder was paid where it has one.
  func policy(
    from start: String, _ timeline: PaymentTimeline = .monthly, mode: Convention.Mode = .advance, on day: Int32 = 1,
    by alignment: Convention.Alignment = .calendar, gross: Int64 = 31_000, aptc: Int64 = 0
  ) async throws -> Premia_Policy_V1_Policy {
    var policy = snapshot(1, from: start, gross: gross, aptc: aptc)
    policy.paymentSchedule.timeline = timeline.rawValue
    policy.paymentSchedule.mode = mode.rawValue
    policy.paymentSchedule.billingDay = day
    policy.paymentSchedule.alignment = alignment.rawValue
    try await say("Policy.Bound", of: policy)
    try await payAll(policy)
    try await say("Policy.Issued", of: policy)
    return policy
  }

  /// Pays what is owed.
  func payAll(_ policy: Premia_Policy_V1_Policy) async throws {
    let owed = try await account(policy.policyID).receivable.cents
    if owed > 0 { try await pay(UInt64(today.dayNumber), owed, for: policy.policyID) }
  }

  /// Lives until a day, and pays what is owed on each.
  func live(until date: String, paying policy: Premia_Policy_V1_Policy) async throws {
    while today < day(date) {
      try await live(until: today.adding(days: 1).description)
      try await payAll(policy)
    }
  }

  func change(
    _ policy: Premia_Policy_V1_Policy, to timeline: String, from: String = "", mode: String = "",
    by alignment: String = "", dryRun: Bool = false
  ) async throws -> Premia_Billing_V1_ScheduleChange {
    let request = Premia_Billing_V1_ChangePaymentTimelineRequest.with {
      $0.policyID = policy.policyID
      $0.timeline = timeline
      $0.effectiveDate = from
      $0.mode = mode
      $0.alignment = alignment
      $0.reason = "asked by telephone"
      $0.dryRun = dryRun
    }
    return try await service.changePaymentTimeline(request: request, context: .test("ChangePaymentTimeline"))
  }

  func change(
    _ policy: Premia_Policy_V1_Policy, toDay number: Int32, from: String = ""
  ) async throws -> Premia_Billing_V1_ScheduleChange {
    let request = Premia_Billing_V1_ChangeBillingDayRequest.with {
      $0.policyID = policy.policyID
      $0.billingDay = number
      $0.effectiveDate = from
      $0.reason = "payday"
    }
    return try await service.changeBillingDay(request: request, context: .test("ChangeBillingDay"))
  }

  /// Standing invoices: the days, when due, and the amount in dollars.
  func standing(_ policy: Premia_Policy_V1_Policy) async throws -> [String] {
    try await invoices(policy.policyID).filter { $0.status != .void }.map { invoice in
      let cents = invoice.total.cents
      return "\(invoice.from)/\(invoice.to) due \(invoice.dueOn) \(cents / 100).\(cents % 100 / 10)\(cents % 10)"
    }
  }

  /// What members owe and have, and what was paid, is what was billed.
  func expectBalanced(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let owed = try await total("premium_billed") - total("exchange_receivable")
    let open = try await total("receivable") - total("credit")
    let paid = try await total("payments_applied")
    #expect(owed - open == paid, sourceLocation: sourceLocation)
    #expect(try await mismatches() == [], sourceLocation: sourceLocation)
    #expect(try await letters() == [], sourceLocation: sourceLocation)
  }
}

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

@Suite struct `A policy that is billed for longer than a month` {
  @Test func `quarterly, three months are on one invoice and the next follows in April`() async throws {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01", .quarterly)
    let binder = try await world.invoices(policy.policyID)[0]
    #expect(
      binder.binder && binder.status == .paid
        && binder.lines.map(\.from) == [
          "2027-01-01", "2027-02-01", "2027-03-01",
        ])
    let account = try await world.account(policy.policyID)
    #expect(account.nextStep == "issue the invoice of 2027-04-01" && account.nextStepOn == "2027-03-22")
    #expect(account.schedule.timeline == "quarterly" && account.billedThrough == "2027-04-01")
    try await world.live(until: "2027-04-05", paying: policy)
    #expect(
      try await world.standing(policy) == [
        "2027-01-01/2027-04-01 due 2027-01-01 930.00", "2027-04-01/2027-07-01 due 2027-04-01 930.00",
      ])
    try await world.expectBalanced()
  }

  @Test func `semi-annual by the anniversary, halves begin in March and September`() async throws {
    let world = World("2027-02-20")
    let policy = try await world.policy(from: "2027-03-10", .semiAnnual, by: .anniversary)
    try await world.live(until: "2027-09-02", paying: policy)
    // 22 of March's 31 days, then five months.
    #expect(
      try await world.standing(policy) == [
        "2027-03-10/2027-09-01 due 2027-03-10 1770.00", "2027-09-01/2028-03-01 due 2027-09-01 1860.00",
      ])
    try await world.expectBalanced()
  }

  @Test func `annual, the binder is the rest of the year and a termination midway an adjustment of it`() async throws {
    let world = World("2027-05-01")
    var policy = try await world.policy(from: "2027-05-16", .annual)
    #expect(try await world.standing(policy) == ["2027-05-16/2028-01-01 due 2027-05-16 2330.00"])
    try await world.live(until: "2027-09-01", paying: policy)
    policy.endDate = "2027-09-16"
    try await world.say("Policy.Terminated", of: policy)
    // 16 of 31 days of May, three months, 15 of 30 days of September.
    #expect(try await world.standing(policy) == ["2027-05-16/2027-09-16 due 2027-05-16 1245.00"])
    #expect(try await world.invoices(policy.policyID).map(\.status) == [.paid])
    #expect(try await world.total("credit") == 233_000 - 124_500)
    try await world.live(until: "2028-02-01", paying: policy)
    let account = try await world.account(policy.policyID)
    #expect(account.nextStep == "by hand: refund the credit of $1,085.00" && !account.closed)
    try await world.expectBalanced()
  }

  @Test func `in arrears there is no binder, and a quarter is due in the month after it`() async throws {
    let world = World("2026-12-20")
    var policy = try await world.policy(from: "2027-01-01", .quarterly, mode: .arrears, on: 15)
    #expect(try await world.standing(policy) == [])
    try await world.live(until: "2027-04-04")
    #expect(try await world.standing(policy) == [])
    try await world.live(until: "2027-04-05")
    #expect(try await world.standing(policy) == ["2027-01-01/2027-04-01 due 2027-04-15 930.00"])
    policy.endDate = "2027-05-16"
    try await world.say("Policy.Terminated", of: policy)
    try await world.live(until: "2027-07-20", paying: policy)
    // April, and 15 of 31 days of May.
    #expect(
      try await world.standing(policy) == [
        "2027-01-01/2027-04-01 due 2027-04-15 930.00", "2027-04-01/2027-05-16 due 2027-07-15 460.00",
      ])
    try await world.expectBalanced()
  }

  @Test func `the exchange is billed its tax credit with the member, for the whole period`() async throws {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01", .quarterly, aptc: 12_400)
    #expect(try await world.standing(policy) == ["2027-01-01/2027-04-01 due 2027-01-01 558.00"])
    #expect(try await world.total("exchange_receivable") == 3 * 12_400)
    try await world.expectBalanced()
  }

  @Test(
    "a billing day of 31 goes through February and comes back to the 31st",
    arguments: [
      ("2026-12-15", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
      ("2027-12-15", ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
    ])
  func monthEnd(bound: String, due: [String]) async throws {
    let world = World(bound)
    let start = world.today.firstOfMonth
    let policy = try await world.policy(from: start.description, on: 31)
    try await world.live(until: start.adding(months: 5).description, paying: policy)
    #expect(try await world.invoices(policy.policyID).dropFirst().map(\.dueOn) == due)
    try await world.expectBalanced()
  }

  @Test func `the grace of a quarter starts with its due date`() async throws {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01", .quarterly)
    try await world.live(until: "2027-04-02")
    #expect(try await world.account(policy.policyID).grace.from == "2027-04-01")
    try await world.payAll(policy)
    #expect(!(try await world.account(policy.policyID).hasGrace))
    try await world.expectBalanced()
  }
}

@Suite struct `A long period that turns out otherwise` {
  private func paidYear() async throws -> (World, Premia_Policy_V1_Policy) {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01", .annual)
    try await world.live(until: "2027-03-10", paying: policy)
    #expect(try await world.standing(policy) == ["2027-01-01/2028-01-01 due 2027-01-01 3720.00"])
    return (world, policy)
  }

  @Test func `a pause in a paid year is credited, and resuming early is charged again`() async throws {
    let (world, policy) = try await paidYear()
    let paused = policy.costing(("2027-01-01", 31_000), ("2027-04-01", nil), ("2027-07-01", 31_000))
    try await world.say("Policy.Paused", of: paused)
    #expect(try await world.total("credit") == 93_000)
    let resumed = policy.costing(("2027-01-01", 31_000), ("2027-04-01", nil), ("2027-06-01", 31_000))
    try await world.say("Policy.Resumed", of: resumed)
    #expect(try await world.total("credit") == 62_000)
    #expect(Set(try await world.invoices(policy.policyID).map(\.status)) == [.void, .paid])
    try await world.expectBalanced()
  }

  @Test func `paused and resumed five times, a paid year costs the days that are left`() async throws {
    let (world, policy) = try await paidYear()
    var steps: [(from: String, gross: Int64?)] = [("2027-01-01", 31_000)]
    for month in ["04", "05", "06", "07", "08"] {
      steps += [("2027-\(month)-01", nil), ("2027-\(month)-16", 31_000)]
      var changed = policy
      changed.premium = []
      for (index, step) in steps.enumerated() {
        guard let gross = step.gross else { continue }
        changed.premium.append(
          .with {
            $0.from = step.from
            $0.to = index + 1 < steps.count ? steps[index + 1].from : ""
            $0.planID = "silver"
            $0.gross.cents = gross
          })
      }
      try await world.say("Policy.Resumed", of: changed)
    }
    // 15 of 30 days of April and June, 16 of 31 of May, July and August are left.
    #expect(try await world.total("premium_billed") == 7 * 31_000 + 2 * 15_500 + 3 * 16_000)
    try await world.expectBalanced()
  }

  @Test func `a baby born in a paid year is charged from its birth, and the year stays one invoice`() async throws {
    let (world, policy) = try await paidYear()
    try await world.live(until: "2027-06-20")
    try await world.say("Policy.Endorsed", of: policy.costing(("2027-01-01", 31_000), ("2027-06-16", 62_000)))
    // Half of June and six months, $310.00 more each.
    #expect(try await world.total("receivable") == 15_500 + 6 * 31_000)
    #expect(try await world.standing(policy) == ["2027-01-01/2028-01-01 due 2027-06-30 5735.00"])
    try await world.live(until: "2027-07-02")
    #expect(try await world.account(policy.policyID).grace.from == "2027-06-30")
    try await world.payAll(policy)
    try await world.expectBalanced()
  }

  @Test func `two retroactive changes out of order are corrected on the quarters that billed them`() async throws {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01", .quarterly)
    try await world.live(until: "2027-05-10", paying: policy)
    try await world.say("Policy.Endorsed", of: policy.costing(("2027-01-01", 31_000), ("2027-05-01", 28_000)))
    try await world.say(
      "Policy.Endorsed", of: policy.costing(("2027-01-01", 31_000), ("2027-03-01", 30_000), ("2027-05-01", 28_000)))
    #expect(
      try await world.standing(policy) == [
        "2027-01-01/2027-04-01 due 2027-01-01 920.00", "2027-04-01/2027-07-01 due 2027-04-01 860.00",
      ])
    #expect(try await world.total("credit") == 1_000 + 1_000 + 2 * 3_000)
    try await world.expectBalanced()
  }

  @Test func `a year stays open to correction for the year that follows it`() async throws {
    let (world, policy) = try await paidYear()
    try await world.live(until: "2028-11-20", paying: policy)
    try await world.say("Policy.Endorsed", of: policy.costing(("2027-01-01", 31_000), ("2027-12-01", 30_000)))
    #expect(
      try await world.standing(policy) == [
        "2027-01-01/2028-01-01 due 2027-01-01 3710.00", "2028-01-01/2029-01-01 due 2028-01-01 3600.00",
      ])
    try await world.expectBalanced()
  }
}

@Suite struct `A change of how a policy is billed` {
  @Test func `quarterly to monthly midway begins with the next quarter, and the billed one is still corrected`()
    async throws
  {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01", .quarterly)
    try await world.live(until: "2027-02-10")
    let before = try await world.account(policy.policyID)
    let dry = try await world.change(policy, to: "monthly", dryRun: true)
    #expect(dry.dryRun && dry.from == "2027-04-01")
    #expect(dry.before.timeline == "quarterly" && dry.after.timeline == "monthly")
    #expect(
      dry.nextInvoice
        == .with {
          $0.from = "2027-04-01"
          $0.to = "2027-05-01"
          $0.issuedOn = "2027-03-22"
          $0.dueOn = "2027-04-01"
          $0.total.cents = 31_000
        })
    #expect(try await world.account(policy.policyID) == before)
    let done = try await world.change(policy, to: "monthly")
    #expect(done.from == dry.from && done.nextInvoice == dry.nextInvoice && !done.dryRun)
    #expect(try await world.published().last == "Schedule.Changed")
    try await world.live(until: "2027-05-02", paying: policy)
    try await world.say("Policy.Endorsed", of: policy.costing(("2027-01-01", 31_000), ("2027-03-01", 30_000)))
    #expect(
      try await world.standing(policy) == [
        "2027-01-01/2027-04-01 due 2027-01-01 920.00", "2027-04-01/2027-05-01 due 2027-04-01 300.00",
        "2027-05-01/2027-06-01 due 2027-05-01 300.00",
      ])
    try await world.expectBalanced()
  }

  @Test func `monthly to quarterly by the calendar begins with what is left of the quarter, by the account whole`()
    async throws
  {
    let quarters = [
      "calendar": ["2027-05-01/2027-07-01 due 2027-05-01 620.00", "2027-07-01/2027-10-01 due 2027-07-01 930.00"],
      "account": ["2027-05-01/2027-08-01 due 2027-05-01 930.00", "2027-08-01/2027-11-01 due 2027-08-01 930.00"],
    ]
    for (alignment, expected) in quarters {
      let world = World("2026-12-10")
      let policy = try await world.policy(from: "2027-01-01")
      try await world.live(until: "2027-04-10", paying: policy)
      #expect(try await world.change(policy, to: "quarterly", by: alignment).from == "2027-05-01")
      try await world.live(until: "2027-08-05", paying: policy)
      #expect(Array(try await world.standing(policy).suffix(2)) == expected)
      try await world.expectBalanced()
    }
  }

  @Test func `a billing day that is changed twice moves what is not billed`() async throws {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01")
    try await world.live(until: "2027-01-05")
    let first = try await world.change(policy, toDay: 15)
    #expect(first.from == "2027-02-01" && first.nextInvoice.dueOn == "2027-02-15")
    try await world.live(until: "2027-02-10", paying: policy)
    let second = try await world.change(policy, toDay: 28)
    #expect(second.from == "2027-03-01" && second.before.billingDay == 15 && second.after.billingDay == 28)
    try await world.live(until: "2027-05-01", paying: policy)
    #expect(
      try await world.invoices(policy.policyID).map(\.dueOn) == [
        "2027-01-01", "2027-02-15", "2027-03-28", "2027-04-28",
      ])
    try await world.expectBalanced()
  }

  @Test func `from advance to arrears nothing is billed until the quarter is over`() async throws {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01", .quarterly)
    try await world.live(until: "2027-02-01")
    let change = try await world.change(policy, to: "quarterly", mode: "arrears")
    #expect(change.from == "2027-04-01" && change.nextInvoice.dueOn == "2027-07-01")
    try await world.live(until: "2027-07-02", paying: policy)
    #expect(
      try await world.standing(policy) == [
        "2027-01-01/2027-04-01 due 2027-01-01 930.00", "2027-04-01/2027-07-01 due 2027-07-01 930.00",
      ])
    try await world.expectBalanced()
  }

  @Test func `a change for later is kept when another is made for sooner`() async throws {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01")
    try await world.live(until: "2027-01-05")
    _ = try await world.change(policy, toDay: 20, from: "2027-05-01")
    let change = try await world.change(policy, to: "quarterly", from: "2027-02-01")
    #expect(change.nextInvoice.to == "2027-04-01")
    try await world.live(until: "2027-08-01", paying: policy)
    #expect(
      try await world.invoices(policy.policyID).map(\.dueOn) == [
        "2027-01-01", "2027-02-01", "2027-04-01", "2027-05-20", "2027-07-20",
      ])
    try await world.expectBalanced()
  }

  @Test func `is refused with the rule that forbids it, and nothing is changed`() async throws {
    let world = World("2026-12-10")
    let policy = try await world.policy(from: "2027-01-01", .quarterly)
    try await world.live(until: "2027-02-10")
    let before = try await world.account(policy.policyID)
    func refusal(_ body: () async throws -> Premia_Billing_V1_ScheduleChange) async -> Problem? {
      do {
        _ = try await body()
        return nil
      } catch let refusal as any Kernel.Refusal {
        return refusal.problem
      } catch {
        return error as? Problem
      }
    }
    for number: Int32 in [0, 32, -1] {
      let problem = await refusal { try await world.change(policy, toDay: number) }
      #expect(problem?.code == "billing.no_billing_day" && problem?.fields["billing_day"] != nil)
    }
    let billed = await refusal { try await world.change(policy, to: "monthly", from: "2027-03-01") }
    #expect(billed?.code == "billing.already_billed" && billed?.remedy.contains("2027-04-01") == true)
    let unknown = await refusal { try await world.change(policy, to: "weekly") }
    #expect(unknown?.detail.contains("monthly, quarterly, semi_annual, annual") == true)
    let same = await refusal { try await world.change(policy, to: "quarterly") }
    #expect(same?.code == "billing.same_schedule")
    let late = await refusal { try await world.change(policy, to: "monthly", from: "2127-04-01") }
    #expect(late?.code == "billing.too_far_ahead")
    let mode = await refusal { try await world.change(policy, to: "monthly", mode: "sideways") }
    #expect(mode?.detail.contains("advance, arrears") == true)
    var ending = policy
    ending.endDate = "2027-03-16"
    #expect(try await world.account(policy.policyID) == before)
    try await world.say("Policy.Terminated", of: ending)
    let over = await refusal { try await world.change(policy, to: "monthly") }
    #expect(over?.code == "billing.coverage_over")
    try await world.expectBalanced()
  }

  @Test func `a schedule of the application that is none is set aside`() async throws {
    let world = World("2026-12-10")
    var policy = snapshot(1, from: "2027-01-01")
    policy.paymentSchedule.timeline = "weekly"
    try await world.say("Policy.Bound", of: policy)
    #expect(try await world.letters().allSatisfy { $0.contains("policy.payment_schedule.timeline") })
    #expect(try await world.letters().count == 1)
  }
}
