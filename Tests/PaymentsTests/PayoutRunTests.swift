import Kernel
import Runtime
import Testing

@testable import Payments

@Suite("Payouts")
struct PayoutRunTests {
  private func payouts(_ house: House) async throws -> [String] {
    try await house.store.rows(Query(PaymentsTables.payouts)).map {
      "\($0.text("day")) \($0.text("stage")) \($0.integer("amount_cents")) \($0.text("paid_on"))"
    }.sorted()
  }

  @Test("one transfer for a payee and day, on the next business day")
  func oneTransfer() async throws {
    let house = try House()
    house.advance(to: "2027-02-05")  // a Friday
    try await house.approved(1, .dollars(80))
    try await house.approved(2, .dollars(20))
    try await house.approved(3, payee: 6, .dollars(5))
    try await house.approved(4, .zero)
    house.advance(to: "2027-02-07")
    #expect(try await house.collect() == .init())
    house.advance(to: "2027-02-08")
    #expect(try await house.collect() == .init(payouts: 2))
    #expect(
      try await payouts(house) == ["2027-02-05 posted 10000 2027-02-08", "2027-02-05 posted 500 2027-02-08"])
    #expect(try await house.collect() == .init())
    #expect(try await house.mismatches() == [])
  }

  @Test("what is approved after the payout was posted opens the next day's")
  func afterwards() async throws {
    let house = try House()
    // The payee's payout of the day was handed over before its time.
    let payee = Payout.Payee(id(5), npi: "1234567893", day: day("2027-02-01"))
    try await house.approved(1, .dollars(80))
    try await house.engine.run(Act(correlation: "test")) { unit in
      try await unit.decide(Payout.self, StreamID(payee.payoutID), .submit(at: unit.now))
      try await unit.decide(Payout.self, StreamID(payee.payoutID), .post(trace: "1", on: unit.today))
    }
    try await house.approved(2, .dollars(20))
    try await house.approved(1, .dollars(80))
    #expect(try await payouts(house) == ["2027-02-01 posted 8000 2027-02-01", "2027-02-02 gathering 2000 "])
    #expect(try await house.store.rows(Query(PaymentsTables.payoutClaims)).count == 2)
  }

  @Test("a declined transfer is sent again on the next business day")
  func declined() async throws {
    let gateway = TestGateway { key, _ in
      .answered(key.hasSuffix("/1") ? .declined(code: "R03") : .posted(reference: "9"))
    }
    let house = try House(gateway: gateway)
    try await house.approved(1, .dollars(80))
    for _ in 0..<5 {
      try await house.collect()
      house.advance(days: 1)
    }
    #expect(try await payouts(house) == ["2027-02-01 posted 8000 2027-02-03"])
    #expect(gateway.books.moved("pout_") == 80_00)
    #expect(try await house.mismatches() == [])
  }
}
