// The books as a whole: what holds after any history.

import Contracts
import GRPCCore
import Kernel
import Ledger
import Runtime
import Testing

@Suite struct BooksTests {
  /// A random event and what it does to each account by the rules, said a second time and plainly.
  private func event(_ random: inout SplitMix64) -> (event: Published, moves: [String: Int64]) {
    let policyID = "pol_\(Int.random(in: 1...5, using: &random))"
    func cents() -> Int64 { Int64.random(in: 0...100_000, using: &random) }
    let (a, b) = (cents(), cents())
    let (more, less) = (max(a, b), min(a, b))
    switch Int.random(in: 0..<13, using: &random) {
    case 8: return (.subsidyPosted(policyID, a - b), ["1000": a - b, "1210": b - a])
    case 9: return (.suspenseHeld(a - b), ["1000": a - b, "2350": b - a])
    case 10: return (.suspenseReleased(policyID, a), ["2350": a, "1000": -a])
    case 11: return (.suspenseReturned(a), ["2350": a, "1000": -a])
    case 12: return (.invoiceIssued(total: a, lines: [("charge", a)]), ["1200": a, "4200": -a])
    case 0:
      return (
        .invoiceIssued(policyID, gross: more, subsidy: less), ["1200": more - less, "1210": less, "4000": -more]
      )
    case 1:
      return (
        .invoiceAdjusted(policyID, member: -more, subsidy: -b, credited: less),
        ["4000": more + b, "1210": -b, "2300": -less, "1200": less - more]
      )
    case 2:
      return (
        .invoiceVoided(policyID, total: more, subsidy: b, credited: less),
        ["4000": more + b, "1210": -b, "2300": -less, "1200": less - more]
      )
    case 3: return (.paymentPosted(policyID, a), ["1000": a, "2300": -a])
    case 4: return (.paymentApplied(policyID, toInvoices: a, toCredit: b), ["2300": a, "1200": -a])
    case 5: return (.creditApplied(policyID, a), ["2300": a, "1200": -a])
    case 6: return (.claimApproved(policyID, paid: a), ["5000": a, "2100": -a])
    default:
      return (.payoutPosted([(policyID, a), ("pol_6", b), (policyID, b)]), ["2100": a + b + b, "1000": -(a + b + b)])
    }
  }

  @Test(arguments: 1...12)
  func anyHistoryBalancesAndEachAccountIsTheSumOfItsEvents(_ seed: Int) async throws {
    var random = SplitMix64(seed: UInt64(seed))
    let world = World()
    var expected: [String: Int64] = [
      "1000": 0, "1200": 0, "1210": 0, "1215": 0, "2100": 0, "2150": 0, "2200": 0, "2210": 0, "2220": 0, "2300": 0,
      "2350": 0,
      "4000": 0, "4100": 0, "4200": 0, "5000": 0, "5100": 0, "5200": 0,
    ]
    for number in 1...40 {
      let (event, moves) = event(&random)
      try await world.publish(event, number, day: Int64(number / 4))
      expected.merge(moves, uniquingKeysWith: +)
      if Int.random(in: 0..<8, using: &random) == 0 { try await world.settle() }
    }
    try await world.settle()
    let balance = try await world.trialBalance()
    #expect(balance.balanced)
    #expect(balance.debit == balance.credit)
    #expect(try await world.totals() == expected)
    #expect(try await world.mismatches().isEmpty)
  }

  @Test func anEventDeliveredAgainMakesNoSecondEntry() async throws {
    let world = World()
    try await world.publish(.paymentPosted("pol_1", 100), 1)
    try await world.settle()
    try await world.publish(.paymentPosted("pol_1", 100), 1)
    try await world.settle()
    #expect(try await world.entries().entries.count == 1)
    #expect(try await world.totals()["1000"] == 100)
    for consumer in world.consumers {
      let replayed = try await consumer.replay(after: 0, subject: nil, dryRun: false)
      #expect(replayed.applied == 0)
    }
    #expect(try await world.mismatches().isEmpty)
  }

  @Test func anEntryNamesItsEvent() async throws {
    let world = World()
    try await world.publish(.paymentPosted("pol_1", 100), 7, day: 3)
    try await world.settle()
    let entry = try #require(try await world.entries().entries.first)
    let at = World.start.adding(seconds: 3 * 86_400)
    #expect(entry.eventID == ID<EventTag>(at: at, derivedFrom: "event", 7).description)
    #expect(entry.eventType == "Payment.Posted")
    #expect(entry.about == "pol_1")
    #expect(entry.on == "2026-03-04")
    #expect(entry.words == "Payment pay_1 received")
    #expect(entry.postings.map(\.accountName) == ["Cash clearing", "Member credits"])
  }

  @Test func aPayoutIsListedUnderEachOfItsPolicies() async throws {
    let world = World()
    try await world.publish(.payoutPosted([("pol_1", 100), ("pol_2", 200)]), 1)
    try await world.publish(.paymentPosted("pol_2", 50), 2)
    try await world.settle()
    #expect(try await world.entries(about: "pol_1").entries.map(\.eventType) == ["Payout.Posted"])
    #expect(try await world.entries(about: "pol_2").entries.count == 2)
    #expect(try await world.entries(about: "pol_3").entries.isEmpty)
    #expect(try await world.entries(about: "pol_1").entries.map(\.about) == [""])
    // Of the whole transfer it sees its own part.
    let own = try await world.entries(about: "pol_1").entries.flatMap(\.postings)
    #expect(own.map(\.accountName) == ["Claims payable"] && own.map(\.debit.cents) == [100])
    let all = try await world.entries().entries.first { $0.eventType == "Payout.Posted" }
    #expect(all?.postings.map(\.debit.cents) == [100, 200, 0])
  }

  @Test(arguments: ["", "pol_1"])
  func pagesFollowEachOtherInTheOrderOfTime(about: String) async throws {
    let world = World()
    for number in 1...7 { try await world.publish(.paymentPosted("pol_1", Int64(number)), number, day: Int64(number)) }
    try await world.settle()
    var seen: [Int64] = []
    var token = ""
    repeat {
      let page = try await world.entries(about: about, size: 3, token: token)
      seen += page.entries.map { $0.postings[0].debit.cents }
      token = page.nextToken
    } while !token.isEmpty
    #expect(seen == [1, 2, 3, 4, 5, 6, 7])
  }

  @Test func aTokenThatIsNoneIsRefused() async throws {
    await #expect(throws: Problem.self) { try await World().entries(token: "next") }
  }
}
