import Contracts
import Foundation
import Kernel
import Runtime
import SwiftProtobuf
import Testing

@testable import Billing

/// One payer and all that was ever decided on it.
private struct Dealings {
  private(set) var state = Payer.initial
  private(set) var events: [Payer.Event] = []

  @discardableResult
  mutating func when(_ command: Payer.Command) throws(Payer.Refusal) -> [Payer.Event] {
    let decided = try Payer.decide(command, in: state)
    state = Payer.replay(decided, from: state)
    events += decided
    return decided
  }

  /// Bills amounts of invoices, each of a policy of its own, for the month that follows.
  mutating func bill(_ items: [(position: Int64, invoice: String, cents: Int64)], on day: CalendarDate) throws {
    let month = Period.month(containing: day.firstOfNextMonth)
    let billed = items.map {
      Payer.Item(
        position: $0.position, kind: $0.cents < 0 ? .correction : .contribution, policy: "pol of \($0.invoice)",
        invoice: $0.invoice, period: month, cents: $0.cents)
    }
    try when(.bill(billed, to: acme, on: day))
  }

  /// Lets the days pass up to and including one.
  mutating func live(through day: CalendarDate) throws {
    while let due = Payer.nextStep(for: state)?.date, due <= day { try when(.advance(asOf: due)) }
  }

  mutating func pay(_ cents: Int64, on day: CalendarDate) throws {
    try when(.pay(receipt: "rcp_1", Money(cents: cents), of: acme, on: day))
  }

  var statements: [Payer.Statement] {
    events.compactMap {
      switch $0 {
      case .stated(let statement): statement
      case .billed, .paid, .fellPastDue: nil
      }
    }
  }
}

@Suite struct `A payer's statement` {
  @Test func `says on the 25th what was billed since the last, once a month`() throws {
    var dealings = Dealings()
    try dealings.bill([(1, "a", 15_500), (2, "b", 10_000)], on: day("2027-01-22"))
    try dealings.live(through: day("2027-01-24"))
    #expect(dealings.statements == [])
    try dealings.live(through: day("2027-01-25"))
    try dealings.bill([(3, "c", 700)], on: day("2027-01-26"))
    try dealings.live(through: day("2027-01-31"))
    #expect(dealings.statements.map(\.totalCents) == [25_500])
    #expect(dealings.statements.map(\.dueOn) == [day("2027-02-09")])
    #expect(dealings.statements.map { $0.items.map(\.invoice) } == [["a", "b"]])
    try dealings.live(through: day("2027-02-25"))
    #expect(dealings.statements.map(\.totalCents) == [25_500, 26_200])
    #expect(dealings.statements.map(\.broughtForwardCents) == [0, 25_500])
    #expect(dealings.statements.last?.carried == dealings.statements.first?.id)
  }

  @Test func `bills nothing twice that is read again`() throws {
    var dealings = Dealings()
    try dealings.bill([(1, "a", 15_500), (2, "b", 10_000)], on: day("2027-01-22"))
    try dealings.bill([(2, "b", 10_000), (3, "c", 100)], on: day("2027-01-22"))
    #expect(dealings.state.owedCents == 25_600)
    let before = dealings.events
    try dealings.bill([(3, "c", 100)], on: day("2027-01-23"))
    #expect(dealings.events == before)
  }

  @Test func `is paid in parts, the oldest invoice first`() throws {
    var dealings = Dealings()
    try dealings.bill([(1, "a", 15_500), (2, "b", 10_000)], on: day("2026-12-22"))
    try dealings.bill([(3, "c", 700)], on: day("2027-01-22"))
    try dealings.live(through: day("2027-01-25"))
    try dealings.pay(20_000, on: day("2027-01-30"))
    guard case .paid(_, _, let portions, _, _) = try #require(dealings.events.last) else { preconditionFailure() }
    #expect(portions.map(\.invoice) == ["a", "b"])
    #expect(portions.map(\.cents) == [15_500, 4_500])
    #expect(dealings.state.open.map(\.cents) == [5_500, 700])
    #expect(dealings.state.standing?.status == .issued)
    try dealings.pay(6_200, on: day("2027-01-31"))
    #expect(dealings.state.standing?.status == .paid)
    #expect(dealings.state.nextStatementOn == nil)
  }

  @Test func `that is not paid is past due on the day after, and carried to the next`() throws {
    var dealings = Dealings()
    try dealings.bill([(1, "a", 15_500)], on: day("2027-01-22"))
    try dealings.live(through: day("2027-02-09"))
    #expect(dealings.state.standing?.status == .issued)
    try dealings.live(through: day("2027-02-10"))
    #expect(dealings.state.standing?.status == .pastDue)
    try dealings.live(through: day("2027-02-25"))
    #expect(dealings.statements.map(\.totalCents) == [15_500, 15_500])
    #expect(dealings.statements.last?.items == [])
  }

  @Test func `has a correction of what stood on the last, which is no longer to pay`() throws {
    var dealings = Dealings()
    try dealings.bill([(1, "a", 15_500), (2, "b", 10_000)], on: day("2027-01-22"))
    try dealings.live(through: day("2027-01-25"))
    try dealings.bill([(3, "a", -5_500)], on: day("2027-01-28"))
    #expect(dealings.state.standing?.leftCents == 20_000)
    try dealings.pay(20_000, on: day("2027-02-01"))
    #expect(dealings.state.standing?.status == .paid)
    try dealings.live(through: day("2027-02-25"))
    let last = try #require(dealings.statements.last)
    #expect(last.broughtForwardCents == 5_500)
    #expect(last.items.map(\.cents) == [-5_500])
    #expect(last.totalCents == 0)
    #expect(last.carried == nil)
  }

  @Test func `uses what was paid and is no longer owed for the next invoice`() throws {
    var dealings = Dealings()
    try dealings.bill([(1, "a", 15_500)], on: day("2027-01-22"))
    try dealings.live(through: day("2027-01-25"))
    try dealings.pay(15_500, on: day("2027-02-01"))
    try dealings.bill([(2, "a", -15_500)], on: day("2027-02-02"))
    #expect(dealings.state.owedCents == -15_500)
    try dealings.bill([(3, "b", 10_000)], on: day("2027-02-22"))
    #expect(dealings.state.open == [])
    try dealings.live(through: day("2027-02-25"))
    #expect(dealings.statements.map(\.totalCents) == [15_500, -5_500])
    #expect(dealings.state.standing?.status == .paid)
  }

  @Test func `finds what was paid before it was read what for`() throws {
    var dealings = Dealings()
    try dealings.pay(15_500, on: day("2027-01-22"))
    try dealings.bill([(1, "a", 15_500)], on: day("2027-01-22"))
    #expect(dealings.state.owedCents == 0)
    #expect(dealings.state.open == [])
  }

  @Test func `is not paid by nothing, nor in another currency`() throws {
    var dealings = Dealings()
    try dealings.bill([(1, "a", 15_500)], on: january)
    #expect(throws: Payer.Refusal.nothingPaid(receipt: "rcp_1")) { try dealings.pay(0, on: january) }
    let euro = try #require(Currency("EUR"))
    #expect(throws: Payer.Refusal.otherCurrency(euro)) {
      try dealings.when(.pay(receipt: "rcp_1", Money(cents: 100, euro), of: acme, on: january))
    }
  }

  @Test(arguments: 1...60) func `adds up, whatever is billed, corrected and paid`(_ seed: UInt64) throws {
    var (random, dealings, today) = (SplitMix64(seed: seed), Dealings(), january)
    for position in 1...60 as ClosedRange<Int64> {
      today = today.adding(days: .random(in: 0..<20, using: &random))
      try dealings.live(through: today)
      if dealings.state.payer != nil, Int.random(in: 0..<3, using: &random) == 0 {
        try dealings.pay(.random(in: 1..<40_000, using: &random), on: today)
      } else {
        let invoice = "i\(Int.random(in: 0..<12, using: &random))"
        try dealings.bill([(position, invoice, .random(in: -9_000..<20_000, using: &random))], on: today)
      }
      let state = dealings.state
      #expect(state.owedCents == state.billedCents - state.paidCents)
      #expect(state.open.allSatisfy { $0.cents > 0 })
      #expect(state.creditCents >= 0 && (state.creditCents == 0 || state.open.isEmpty))
      let stated = dealings.statements.flatMap(\.items).reduce(0) { $0 + $1.cents }
      #expect(stated + state.unstatedCents == state.billedCents)
      #expect(Set(dealings.statements.map(\.month)).count == dealings.statements.count)
      let stored = try JSONDecoder().decode(Payer.State.self, from: JSONEncoder().encode(state))
      #expect(stored == state)
    }
    for event in dealings.events {
      #expect(try JSONDecoder().decode(Payer.Event.self, from: JSONEncoder().encode(event)) == event)
    }
  }
}

private let january = day("2027-01-01")

@Suite struct `An employer of three` {
  /// Three policies of whom an employer pays half, in force with their binders paid.
  private static func world() async throws -> World {
    let world = World("2026-12-10")
    for number in 1...3 as ClosedRange<UInt64> {
      let policy = snapshot(number, from: "2027-01-01")
      try await world.say("Policy.Bound", of: policy)
      try await world.setHalf(policy.policyID)
      try await world.pay(number, 15_500, for: policy.policyID)
      try await world.say("Policy.Issued", of: policy)
    }
    return world
  }

  @Test func `gets one statement for all, and pays it at once`() async throws {
    let world = try await Self.world()
    try await world.live(until: "2026-12-25", stating: true)
    let first = try await world.statements()
    #expect(first.map(\.total.cents) == [46_500])
    #expect(first.map(\.status) == [.statementIssued])
    try await world.contribute(1, 46_500, from: acme)
    try await world.live(until: "2027-01-25", stating: true)
    let statements = try await world.statements()
    #expect(statements.map(\.total.cents) == [46_500, 46_500])
    #expect(statements.map(\.broughtForward.cents) == [0, 0])
    #expect(statements.map(\.status) == [.statementPaid, .statementIssued])
    let last = try await world.service.getStatement(
      request: .with { $0.statementID = statements[1].statementID }, context: .test("GetStatement"))
    #expect(last.lines.map(\.amount.cents) == [15_500, 15_500, 15_500])
    #expect(last.lines.map(\.kind) == ["contribution", "contribution", "contribution"])
    #expect(Set(last.lines.map(\.policyID)).count == 3)
    #expect(last.lines.map(\.from) == ["2027-02-01", "2027-02-01", "2027-02-01"])
    for name in ["contributions_billed", "payers_billed"] { #expect(try await world.total(name) == 93_000) }
    #expect(try await world.total("payers_paid") == 46_500)
    #expect(try await world.letters() == [])
    #expect(try await world.mismatches() == [])
  }

  @Test func `that does not pay is past due, and no member is in grace for it`() async throws {
    let world = try await Self.world()
    try await world.live(until: "2027-01-12", stating: true)
    let payer = try await world.service.getPayer(
      request: .with { $0.payerID = acme.description }, context: .test("GetPayer"))
    #expect(payer.owed.cents == 46_500)
    #expect(payer.pastDue.cents == 46_500)
    #expect(payer.nextStatementOn == "2027-01-25")
    let published = try await world.published()
    #expect(published.contains("Statement.PastDue"))
    #expect(!published.contains("Account.Delinquent"))
  }

  @Test func `one of whom leaves, and the next statement takes back what is not covered`() async throws {
    let world = try await Self.world()
    try await world.live(until: "2026-12-25", stating: true)
    var policy = snapshot(2, from: "2027-01-01")
    policy.endDate = "2027-01-20"
    try await world.say("Policy.Terminated", of: policy)
    try await world.live(until: "2027-01-25", stating: true)
    let last = try #require(try await world.statements().last)
    // 12 of 31 days of 155.00 are 60.00.
    #expect(last.broughtForward.cents == 46_500)
    #expect(last.total.cents == 46_500 - 6_000 + 31_000)
    #expect(try await world.mismatches() == [])
  }

  @Test func `has its statement on paper, with names and a number of its own series`() async throws {
    let world = try await Self.world()
    try await world.live(until: "2026-12-25", stating: true)
    while try await world.billing.pump(Numbering.reader) > 0 {}
    let press = try Documents.press()
    let document = try await Documents.document("STM-2026-000001", press, in: world)
    #expect(document.kind == .statement)
    #expect(document.payerID == acme.description)
    for words in ["Statement", "Acme &amp; Sons", "Ann Lee, policy P-1", "$155.00", "$465.00", "January 9, 2027"] {
      #expect(document.html.contains(words), "\(words)")
    }
    let note = try await Documents.document("CRN-2026-000001", press, in: world)
    #expect(note.html.contains("Paid by Acme &amp; Sons"))
  }

  @Test func `can be tried out before, and the subscriber is no payer beside itself`() async throws {
    let world = World("2026-12-10")
    let policy = snapshot(1, from: "2027-01-01")
    try await world.say("Policy.Bound", of: policy)
    let tried = try await world.setHalf(policy.policyID, dryRun: true)
    #expect(tried.change.cents == -15_500)
    #expect(tried.periods.map(\.from) == ["2027-01-01"])
    let account = try await world.account(policy.policyID).accountID
    let request = Premia_Billing_V1_ListSharesRequest.with { $0.accountID = account }
    #expect(try await world.service.listShares(request: request, context: .test("ListShares")).periods == [])
    for share in [Premia_Billing_V1_Share(), .with { $0.payerID = acme.description }] {
      await #expect(throws: Problem.self) {
        try await world.setShares(of: account, [share])
      }
    }
  }
}

@Suite struct `A subscriber of three policies` {
  @Test func `sees all that is open, the first due first, and each account is still its own`() async throws {
    let world = World("2026-12-10")
    for number in 1...3 as ClosedRange<UInt64> {
      var policy = snapshot(number, from: "2027-01-01")
      policy.subscriberID = mother.description
      try await world.say("Policy.Bound", of: policy)
      try await world.pay(number, 31_000, for: policy.policyID)
      try await world.say("Policy.Issued", of: policy)
    }
    try await world.live(until: "2027-01-25")
    func statement(_ subscriber: ID<PartyTag>) async throws -> Premia_Billing_V1_SubscriberStatement {
      try await world.service.getSubscriberStatement(
        request: .with { $0.subscriberID = subscriber.description }, context: .test("GetSubscriberStatement"))
    }
    let open = try await statement(mother)
    #expect(open.accounts.count == 3)
    #expect(open.invoices.map(\.total.cents) == [31_000, 31_000, 31_000])
    #expect(open.owed.cents == 93_000)
    #expect(open.pastDue.cents == 0)
    try await world.pay(9, 31_000, for: try #require(open.invoices.first?.policyID))
    #expect(try await statement(mother).owed.cents == 62_000)
    await #expect(throws: Problem.self) { _ = try await statement(acme) }
  }
}

extension World {
  /// Sets that an employer pays half of a policy from January on.
  @discardableResult
  fileprivate func setHalf(_ policy: String, dryRun: Bool = false) async throws -> Premia_Billing_V1_SharesResponse {
    let half = Premia_Billing_V1_Share.with {
      $0.payerID = acme.description
      $0.kind = "employer"
      $0.percent = "50"
    }
    return try await setShares(of: try await account(policy).accountID, [half], dryRun: dryRun)
  }

  @discardableResult
  fileprivate func setShares(
    of account: String, _ shares: [Premia_Billing_V1_Share], dryRun: Bool = false
  ) async throws -> Premia_Billing_V1_SharesResponse {
    let request = Premia_Billing_V1_SetSharesRequest.with {
      $0.accountID = account
      $0.period.from = "2027-01-01"
      $0.period.shares = shares
      $0.reason = "benefit"
      $0.dryRun = dryRun
    }
    return try await service.setShares(request: request, context: .test("SetShares"))
  }

  fileprivate func statements() async throws -> [Premia_Billing_V1_Statement] {
    let request = Premia_Billing_V1_ListStatementsRequest.with { $0.payerID = acme.description }
    return try await service.listStatements(request: request, context: .test("ListStatements")).statements
  }
}
