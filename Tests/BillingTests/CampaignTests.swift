import Contracts
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

extension World {
  /// Binds and issues a policy of 310.00 from January 2027 on.
  ///
  /// - Returns: its account.
  func account(number: UInt64) async throws -> String {
    let policy = snapshot(number, from: "2027-01-01")
    try await say("Policy.Bound", of: policy)
    try await say("Policy.Issued", of: policy)
    return try await account(policy.policyID).accountID
  }

  func open(_ code: String, _ terms: (inout Premia_Billing_V1_DiscountTerms) -> Void) async throws {
    let request = Premia_Billing_V1_OpenCampaignRequest.with {
      $0.code = code
      $0.terms.from = "2027-01-01"
      terms(&$0.terms)
      $0.reason = "spring"
    }
    _ = try await service.openCampaign(request: request, context: .test("OpenCampaign"))
  }

  @discardableResult
  func join(_ account: String, _ code: String, dryRun: Bool = false) async throws -> Premia_Billing_V1_DiscountResponse
  {
    let request = Premia_Billing_V1_GrantDiscountRequest.with {
      $0.accountID = account
      $0.code = code
      $0.ofCampaign = true
      $0.reason = "asked"
      $0.dryRun = dryRun
    }
    return try await service.grantDiscount(request: request, context: .test("GrantDiscount"))
  }

  func campaign(_ code: String) async throws -> Premia_Billing_V1_Campaign {
    try await service.getCampaign(request: .with { $0.code = code }, context: .test("GetCampaign"))
  }

  func discounts(_ account: String) async throws -> [Premia_Billing_V1_Discount] {
    try await service.listDiscounts(request: .with { $0.accountID = account }, context: .test("ListDiscounts"))
      .discounts
  }
}

@Suite struct `A campaign` {
  /// Three months of 20.00 each.
  private static func spring(_ terms: inout Premia_Billing_V1_DiscountTerms) {
    terms.amount.cents = 2_000
    terms.months = 3
    terms.budget.cents = 10_000
  }

  @Test func `holds ready what an account takes in all, the last one what is left, and then is spent`() async throws {
    let world = World("2026-12-20")
    try await world.open("SPRING", Self.spring)
    let accounts = [
      try await world.account(number: 1), try await world.account(number: 2), try await world.account(number: 3),
    ]
    let dry = try await world.join(accounts[0], "SPRING", dryRun: true)
    #expect(dry.change.cents == -2_000 && dry.dryRun)
    #expect(try await world.campaign("SPRING").committed.cents == 0)
    #expect(try await world.join(accounts[0], "SPRING").change.cents == -2_000)
    #expect(try await world.campaign("SPRING").committed.cents == 6_000)
    try await world.join(accounts[1], "SPRING")
    #expect(try await world.discounts(accounts[1]).map(\.terms.budget.cents) == [4_000])
    await #expect(throws: Campaign.Refusal.spent("SPRING")) { try await world.join(accounts[2], "SPRING") }
    try await world.live(until: "2027-04-01")
    #expect(try await world.discounts(accounts[0]).map(\.taken.cents) == [6_000])
    #expect(try await world.discounts(accounts[1]).map(\.taken.cents) == [4_000])
    #expect(try await world.total("discounts_granted") == 10_000)
    #expect(try await world.mismatches() == [])
  }

  @Test func `gets back what a policy that ends does not take, and it is there for others`() async throws {
    let world = World("2026-12-20")
    try await world.open("SPRING", Self.spring)
    let first = try await world.account(number: 1)
    try await world.join(first, "SPRING")
    try await world.say("Policy.Terminated", of: snapshot(1, from: "2027-01-01", to: "2027-01-16"))
    // 15 of 31 days of 20.00.
    #expect(try await world.campaign("SPRING").committed.cents == 968)
    try await world.say("Policy.Reinstated", of: snapshot(1, from: "2027-01-01"))
    #expect(try await world.campaign("SPRING").committed.cents == 6_000)
    let end = Premia_Billing_V1_EndDiscountRequest.with {
      $0.accountID = first
      $0.code = "SPRING"
      $0.on = "2027-01-01"
      $0.reason = "by mistake"
    }
    #expect(try await world.service.endDiscount(request: end, context: .test("EndDiscount")).change.cents == 2_000)
    #expect(try await world.campaign("SPRING").committed.cents == 0)
    #expect(try await world.mismatches() == [])
  }

  @Test func `follows a price that rises with what it still has`() async throws {
    let world = World("2026-12-20")
    try await world.open("TENTH") {
      $0.percent = "10"
      $0.months = 2
      $0.budget.cents = 7_000
    }
    let account = try await world.account(number: 1)
    try await world.join(account, "TENTH")
    #expect(try await world.campaign("TENTH").committed.cents == 6_200)
    try await world.say("Policy.Endorsed", of: snapshot(1, from: "2027-01-01", gross: 40_000))
    #expect(try await world.campaign("TENTH").committed.cents == 7_000)
    try await world.live(until: "2027-03-01")
    #expect(try await world.discounts(account).map(\.taken.cents) == [7_000])
    #expect(try await world.letters() == [])
    #expect(try await world.mismatches() == [])
  }

  @Test func `is never overspent, however many join at once`() async throws {
    let world = World("2026-12-20")
    try await world.open("SPRING", Self.spring)
    var accounts: [String] = []
    for number in UInt64(1)...12 { accounts.append(try await world.account(number: number)) }
    let joined = try await withThrowingTaskGroup(of: Bool.self) { group in
      for account in accounts {
        group.addTask {
          do {
            try await world.join(account, "SPRING")
            return true
          } catch Campaign.Refusal.spent {
            return false
          }
        }
      }
      var joined = 0
      for try await done in group where done { joined += 1 }
      return joined
    }
    #expect(joined == 2)
    var held: Int64 = 0
    for account in accounts {
      for discount in try await world.discounts(account) { held += discount.terms.budget.cents }
    }
    #expect(held == 10_000)
    #expect(try await world.campaign("SPRING").committed.cents == 10_000)
    #expect(try await world.mismatches() == [])
  }

  @Test func `without a budget takes everybody until it is closed`() async throws {
    let world = World("2026-12-20")
    try await world.open("GROUP") { $0.percent = "5" }
    try await world.join(try await world.account(number: 1), "GROUP")
    let close = Premia_Billing_V1_CloseCampaignRequest.with {
      $0.code = "GROUP"
      $0.reason = "over"
    }
    #expect(try await world.service.closeCampaign(request: close, context: .test("CloseCampaign")).accounts == 1)
    let late = try await world.account(number: 2)
    await #expect(throws: Campaign.Refusal.closed("GROUP")) { try await world.join(late, "GROUP") }
    let list = try await world.service.listCampaigns(request: .init(), context: .test("ListCampaigns")).campaigns
    #expect(list == [try await world.campaign("GROUP")])
    #expect(try await world.total("discounts_granted") == 1_550)
  }

  @Test func `is refused where it makes no sense`() async throws {
    let world = World("2026-12-20")
    await #expect(throws: Campaign.Refusal.endless("ENDLESS")) {
      try await world.open("ENDLESS") {
        $0.percent = "5"
        $0.budget.cents = 100
      }
    }
    try await world.open("GROUP") { $0.percent = "5" }
    await #expect(throws: Campaign.Refusal.known("GROUP")) { try await world.open("GROUP") { $0.percent = "5" } }
    let account = try await world.account(number: 1)
    await #expect(throws: Campaign.Refusal.unknown("NONE")) { try await world.join(account, "NONE") }
  }

  @Test(arguments: ["0", "-1", "100.5", "ten", "0.1234567"])
  func `has a percentage above 0 and at most 100`(_ percent: String) async throws {
    let world = World("2026-12-20")
    await #expect(throws: Problem.self) { try await world.open("GROUP") { $0.percent = percent } }
  }
}
