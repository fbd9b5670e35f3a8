import Kernel
import Runtime
import StoreTesting
import Synchronization
import Testing

@testable import Payments

@Suite("Collector")
struct CollectorTests {
  @Test("a binder invoice is charged at once, any other on its due date")
  func whenAutopayCharges() async throws {
    let house = try House()
    try await house.addMethod("sandbox_ok")
    try await house.issue(11, due: "2027-03-01", binder: true)
    try await house.issue(12, due: "2027-04-01")
    #expect(try await house.collect() == .init(charged: 1, posted: 1))
    house.advance(to: "2027-03-31")
    #expect(try await house.collect() == .init())
    house.advance(to: "2027-04-01")
    #expect(try await house.collect() == .init(charged: 1, posted: 1))
    #expect(try await house.payments() == ["posted 30000 2027-02-01", "posted 30000 2027-04-01"])
    #expect(try await house.mismatches() == [])
  }

  @Test("a binder invoice that was there first is charged when the method comes")
  func methodComesLater() async throws {
    let house = try House()
    try await house.issue(11, due: "2027-03-01", binder: true)
    #expect(try await house.collect() == .init())
    house.advance(to: "2027-02-03")
    try await house.addMethod("sandbox_ok")
    #expect(try await house.collect() == .init(charged: 1, posted: 1))
  }

  @Test("nobody is charged early, whatever day is asked for")
  func notEarly() async throws {
    let house = try House()
    try await house.addMethod("sandbox_ok")
    try await house.issue(12, due: "2027-04-01")
    #expect(try await house.collector.run(asOf: day("2027-05-01")) == .init())
  }

  @Test("what was declined is charged again when Billing asks, and not before")
  func declines() async throws {
    let house = try House()
    try await house.addMethod("sandbox_decline_51_twice_then_ok")
    try await house.issue(12, due: "2027-02-05")
    for _ in 0..<30 {
      if ["2027-02-08", "2027-02-13"].contains(house.clock.now.date.description) { try await house.chargeAgain(12) }
      try await house.collect()
      house.advance(days: 1)
    }
    #expect(
      try await house.payments()
        == ["failed 30000 2027-02-05", "failed 30000 2027-02-08", "posted 30000 2027-02-13"])
  }

  @Test("a lost answer is found by a look-up in the same run")
  func timeout() async throws {
    let house = try House()
    try await house.addMethod("sandbox_timeout_then_ok")
    try await house.issue(12, due: "2027-02-01")
    #expect(try await house.collect() == .init(charged: 1, posted: 1))
  }

  @Test("while the gateway is silent nothing is tried again")
  func silence() async throws {
    let gateway = TestGateway { _, _ in .answerLost(.posted(reference: "1"), silentLookUps: 3) }
    let house = try House(gateway: gateway)
    try await house.addMethod("sandbox_ok")
    try await house.issue(12, due: "2027-02-01")
    #expect(try await house.collect() == .init(charged: 1, unknown: 1))
    #expect(try await house.collect() == .init())
    for _ in 0..<2 {
      house.advance(days: 1)
      #expect(try await house.collect() == .init(unknown: 1))
    }
    house.advance(days: 1)
    #expect(try await house.collect() == .init(posted: 1))
    #expect(Array(gateway.books.sent.values) == [1])
    #expect(try await house.mismatches() == [])
  }

  @Test("a request that never arrived is sent again under its key, after a look-up")
  func requestLost() async throws {
    let gateway = TestGateway { _, _ in .requestLost(.posted(reference: "1")) }
    let house = try House(gateway: gateway)
    try await house.addMethod("sandbox_ok")
    try await house.issue(12, due: "2027-02-01")
    #expect(try await house.collect() == .init(charged: 1, unknown: 1))
    house.advance(days: 1)
    #expect(try await house.collect() == .init(posted: 1))
    #expect(gateway.books.sentBlindly == [])
    #expect(gateway.books.moved("pay_") == 300_00)
  }

  @Test("a payment whose invoice is void before it is handed over is withdrawn, and nobody is told")
  func withdrawn() async throws {
    let gateway = TestGateway { _, _ in .answered(.posted(reference: "1")) }
    let house = try House(gateway: gateway)
    try await house.addMethod("sandbox_ok")
    try await house.issue(12, due: "2027-02-01")
    // Dies after the charge is ordered.
    try await cut(house, after: 1)
    try await house.voided(12)
    #expect(try await house.collect() == .init(failed: 1))
    #expect(gateway.books.sent.isEmpty)
    #expect(try await house.store.lastPublished() == 0)
    #expect(try await house.mismatches() == [])
  }

  /// Runs the collector in a process that dies after so many commits.
  ///
  /// - Returns: whether it died.
  @discardableResult
  private func cut(_ house: House, after commits: Int) async throws -> Bool {
    let store = house.store(cutAfter: commits)
    let engine = Engine(context: "payments", store: store, clock: house.clock)
    do {
      _ = try await Collector(engine: engine, gateway: house.gateway, declines: house.declines).run(
        asOf: house.clock.now.date)
    } catch StoreFailure.unavailable {
    }
    return store.commits > commits
  }

  @Test("killed after any commit, each invoice and each claim is paid exactly once", arguments: 0..<12)
  func killed(_ commits: Int) async throws {
    let gateway = TestGateway { key, attempt in
      switch (key.utf8.reduce(0) { $0 &+ Int($1) }) % 3 {
      case 0: .answered(.posted(reference: "1"))
      case 1: attempt == 1 ? .answered(.declined(code: "51")) : .answered(.posted(reference: "2"))
      default: .answerLost(.posted(reference: "3"), silentLookUps: 0)
      }
    }
    let house = try House(gateway: gateway)
    for number in UInt64(1)...40 {
      try await house.addMethod("sandbox_ok_\(number)", policy: id(number))
      try await house.issue(100 + number, policy: id(number), due: "2027-02-02")
      try await house.approved(200 + number, payee: number % 3, .dollars(10))
    }
    house.advance(to: "2027-02-02")
    // Each start dies in the same place, until there is nothing left to die of.
    for _ in 0..<20 where try await cut(house, after: commits) && commits > 0 {}
    // What was not tried yet is, and Billing asks again for what was declined.
    try await house.collect()
    for number in UInt64(1)...40 { try await house.chargeAgain(100 + number, policy: id(number)) }
    for _ in 0..<10 {
      try await house.collect()
      house.advance(days: 1)
    }
    #expect(gateway.books.sentBlindly == [])
    #expect(gateway.books.moved("pay_") == 40 * 300_00)
    #expect(gateway.books.moved("pout_") == 40 * 10_00)
    #expect(try await house.sum(PaymentsTables.payments, "status") == 40 * 300_00)
    #expect(try await house.sum(PaymentsTables.payouts, "stage") == 40 * 10_00)
    #expect(try await house.store.rows(Query(PaymentsTables.payoutClaims)).count == 40)
    #expect(try await house.mismatches() == [])
  }

  @Test("the gateway gets at most 32 calls at once, and that many")
  func bounded() async throws {
    let gateway = CrowdedGateway()
    let house = try House(gateway: gateway)
    for number in UInt64(1)...200 {
      try await house.engine.run(Act(correlation: "test")) { unit in
        let wallet = StreamID(WalletID(of: id(number)))
        let method = Wallet.Method(id: id(number), token: token("sandbox_ok"))
        let invoice = Wallet.OpenInvoice.sample(number, due: "2027-02-01")
        try await unit.decide(Wallet.self, wallet, .addMethod(method, of: id(number), autopay: true, on: unit.today))
        try await unit.decide(Wallet.self, wallet, .takeInvoice(invoice, of: id(number)))
      }
    }
    #expect(try await house.collect() == .init(charged: 200, posted: 200))
    #expect(gateway.most == 32)
  }
}

/// Posts everything, slowly, and counts how many it serves at once.
private final class CrowdedGateway: Gateway {
  private let counts = Mutex((now: 0, most: 0))

  var most: Int { counts.withLock { $0.most } }

  func charge(_ charge: Charge) async -> GatewayAnswer {
    counts.withLock { counts in
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
    try? await Task.sleep(for: .milliseconds(20))
    counts.withLock { $0.now -= 1 }
    return .posted(reference: "1")
  }

  func lookUp(_ charge: Charge) async -> GatewayAnswer? { nil }
  func send(_ transfer: Transfer) async -> GatewayAnswer { .unknown }
  func lookUp(_ transfer: Transfer) async -> GatewayAnswer? { nil }
}
