import Kernel
import Runtime
import Testing

@testable import Payments

/// For any script of events and outcomes: what the books say is what the gateway moved, and no invoice is paid twice.
@Suite("Payments, any script")
struct PropertyTests {
  /// What the script did to an invoice.
  private struct Model {
    var changed = false
    var closed = false
    let total: Int64
  }

  @Test("collected is the sum of what was posted, and of what the gateway moved", arguments: UInt64(1)...40)
  func anyScript(_ seed: UInt64) async throws {
    let gateway = TestGateway { key, attempt in
      var random = SplitMix64(seed: seed, label: key)
      return switch random.next() % 8 {
      case 0: .answerLost(.posted(reference: "1"), silentLookUps: Int(random.next() % 4))
      case 1: .answerLost(.declined(code: "51"), silentLookUps: Int(random.next() % 4))
      case 2: .requestLost(.posted(reference: "2"))
      case 3: .answered(.declined(code: "91"))
      case 4: .answered(.declined(code: attempt > 2 ? "14" : "51"))
      default: .answered(.posted(reference: "3"))
      }
    }
    let house = try House(gateway: gateway)
    var random = SplitMix64(seed: seed)
    var invoices: [UInt64: Model] = [:]
    for step in UInt64(1)...50 {
      let chosen = invoices.filter { !$0.value.closed }.keys.sorted().randomElement(using: &random)
      switch (random.next() % 10, chosen) {
      case (0, _), (1, _):
        let total = Int64(random.next() % 400_00)
        let due = house.clock.now.date.adding(days: Int(random.next() % 10)).description
        try await house.issue(100 + step, Money(cents: total), due: due, binder: step % 5 == 0)
        invoices[100 + step] = Model(total: total)
      case (2, _):
        try? await house.addMethod("number_\(step)")
      case (3, let number?):
        try await house.voided(number)
        invoices[number]?.closed = true
      case (4, let number?):
        try await house.credited(number, Money(cents: Int64(random.next() % 100_00)))
        invoices[number]?.changed = true
      case (5, let number?):
        try await payByHand(house, number, Int64(random.next() % 300_00))
      case (6, _):
        let store = house.store(cutAfter: Int(random.next() % 4))
        let engine = Engine(context: "payments", store: store, clock: house.clock)
        _ = try? await Collector(engine: engine, gateway: gateway, declines: house.declines).run(
          asOf: house.clock.now.date)
      case (7, let number?) where step % 3 == 0:
        try await house.chargeAgain(number)
      case (7, _), (8, _):
        house.advance(days: Int(random.next() % 4))
      default:
        try await house.collect()
      }
      try await closePaid(house, &invoices)
      try await check(house, invoices)
    }
    // Silence ends: day by day, until nothing is under way.
    for _ in 0..<60 {
      house.advance(days: 1)
      try await house.collect()
    }
    #expect(try await house.store.nextDue() == nil)
    try await check(house, invoices)
    #expect(gateway.books.sentBlindly == [])
    #expect(try await house.sum(PaymentsTables.payments, "status") == gateway.books.moved("pay_"))
    #expect(try await house.mismatches() == [])
  }

  private func payByHand(_ house: House, _ number: UInt64, _ cents: Int64) async throws {
    let act = Act(correlation: "test", causation: "hand/\(number)/\(house.clock.now)")
    do {
      try await house.engine.run(act) { unit in
        let wallet = StreamID(WalletID(of: policy))
        guard let invoice = try await unit.state(of: Wallet.self, wallet).invoice(id(number)) else { return }
        let paymentID = unit.newID(PaymentTag.self, for: invoice.paymentLabel)
        let oneOff = Wallet.OneOff(
          policyID: policy, invoiceID: id(number), amount: Money(cents: cents),
          instrument: .token(token("by_hand_\(number)")), paymentID: paymentID, on: unit.today, standing: .open)
        let state = try await unit.decide(Wallet.self, wallet, .pay(oneOff))
        guard let order = state.invoice(id(number))?.underWay else { return }
        try await unit.decide(Payment.self, StreamID(paymentID), .request(order, at: unit.now))
      }
    } catch is Wallet.Refusal {
      // Refused: it changes nothing.
    }
  }

  /// Billing says that an invoice is paid once what was posted covers it.
  private func closePaid(_ house: House, _ invoices: inout [UInt64: Model]) async throws {
    for (number, model) in invoices where !model.closed {
      guard try await open(house, number) <= 0 else { continue }
      try await house.paid(number)
      invoices[number]?.closed = true
    }
  }

  private func open(_ house: House, _ number: UInt64) async throws -> Int64 {
    let key = Value.text(InvoiceID(hi: number, lo: number).description)
    return try await house.store.row(PaymentsTables.invoices, key: [key])?.integer("open_cents") ?? 0
  }

  private func check(_ house: House, _ invoices: [UInt64: Model]) async throws {
    for (number, model) in invoices {
      let invoice = Value.text(InvoiceID(hi: number, lo: number).description)
      let payments = try await house.store.rows(Query(PaymentsTables.payments, where: [("invoice_id", invoice)]))
      let underWay = payments.filter { ["requested", "submitted"].contains($0.text("status")) }
      #expect(underWay.count <= 1, "two charges of one invoice at once")
      let posted = payments.filter { $0.text("status") == "posted" }.reduce(0) { $0 + $1.integer("amount_cents") }
      if !model.changed { #expect(posted <= model.total, "an invoice was paid twice") }
    }
  }
}
