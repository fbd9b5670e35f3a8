import Kernel
import Testing

@testable import Payments

@Suite("Wallet")
struct WalletTests {
  static let method = Wallet.Method(id: id(3), token: token("sandbox_ok"))
  static let other = Wallet.Method(id: id(4), token: token("other"))
  static let invoice = Wallet.OpenInvoice.sample()
  static let withInvoice: [Wallet.Event] = [.opened(policy), .invoiceTaken(invoice)]
  static let withAutopay =
    withInvoice + [.methodAdded(method), .autopayChosen(method.id, on: day("2027-02-01"))]
  static let order = PaymentOrder.sample()

  static func oneOff(
    _ invoice: InvoiceID = Self.invoice.id, _ amount: Money? = nil,
    _ instrument: Wallet.Instrument = .token(token("abc")), standing: Wallet.Standing? = .open
  ) -> Wallet.Command {
    .pay(
      Wallet.OneOff(
        policyID: policy, invoiceID: invoice, amount: amount, instrument: instrument, paymentID: id(1),
        on: day("2027-02-10"), standing: standing))
  }

  @Test("the first method opens the wallet")
  func firstMethod() throws {
    let events = try Wallet.given([], when: .addMethod(Self.method, of: policy, autopay: true, on: day("2027-02-01")))
    #expect(
      events == [.opened(policy), .methodAdded(Self.method), .autopayChosen(Self.method.id, on: day("2027-02-01"))])
  }

  @Test("the same token again is the same method")
  func sameToken() throws {
    let again = Wallet.Method(id: id(9), token: Self.method.token)
    #expect(
      try Wallet.given(Self.withAutopay, when: .addMethod(again, of: policy, autopay: true, on: day("2027-02-01")))
        == [])
  }

  @Test("the first invoice opens the wallet, and again is nothing")
  func firstInvoice() throws {
    #expect(try Wallet.given([], when: .takeInvoice(Self.invoice, of: policy)) == Self.withInvoice)
    #expect(try Wallet.given(Self.withInvoice, when: .takeInvoice(Self.invoice, of: policy)) == [])
  }

  @Test("autopay takes all that is open, on the due date and not before")
  func autopay() throws {
    let early = Wallet.Command.chargeByAutopay(Self.invoice.id, paymentID: id(1), on: day("2027-02-28"))
    let due = Wallet.Command.chargeByAutopay(Self.invoice.id, paymentID: id(1), on: day("2027-03-01"))
    #expect(try Wallet.given(Self.withAutopay, when: early) == [])
    #expect(try Wallet.given(Self.withAutopay, when: due) == [.chargeOrdered(Self.order)])
    #expect(try Wallet.given(Self.withInvoice, when: due) == [])
    #expect(try Wallet.given(Self.withAutopay + [.chargeOrdered(Self.order)], when: due) == [])
  }

  @Test("a wallet is due when autopay is")
  func nextStep() {
    #expect(Wallet.nextStep(for: Wallet.replay(Self.withInvoice)) == nil)
    #expect(Wallet.nextStep(for: Wallet.replay(Self.withAutopay)) == Instant(date: day("2027-03-01")))
    #expect(Wallet.nextStep(for: Wallet.replay(Self.withAutopay + [.chargeOrdered(Self.order)])) == nil)
    #expect(
      Wallet.nextStep(for: Wallet.replay(Self.withAutopay + [.invoiceClosed(Self.invoice.id, as: .paid)])) == nil)
    #expect(
      Wallet.nextStep(
        for: Wallet.replay(Self.withAutopay + [.invoiceChanged(Self.invoice.id, by: -.dollars(300))])) == nil)
  }

  @Test("a part that was paid by hand leaves the rest to autopay")
  func partByHand() throws {
    let events = try Wallet.given(Self.withAutopay, when: Self.oneOff(Self.invoice.id, .dollars(100)))
    let paid = Self.withAutopay + events + [.chargePosted(Self.invoice.id, .dollars(100))]
    let due = Wallet.Command.chargeByAutopay(Self.invoice.id, paymentID: id(5), on: day("2027-03-01"))
    guard case .chargeOrdered(let order)? = try Wallet.given(paid, when: due).first else {
      Issue.record("nothing was ordered")
      return
    }
    #expect(order.amount == .dollars(200))
    #expect(order.attempt == 2)
  }

  static let refusals: [(String, [Wallet.Event], Wallet.Command, Wallet.Refusal)] = [
    ("unknown", withInvoice, oneOff(id(8), standing: nil), .unknownInvoice(id(8), policy)),
    ("no wallet", [], oneOff(standing: nil), .unknownInvoice(invoice.id, policy)),
    ("paid", withInvoice, oneOff(id(8), standing: .paid), .invoicePaid(id(8))),
    ("void", withInvoice, oneOff(id(8), standing: .void), .invoiceVoid(id(8))),
    ("written off", withInvoice, oneOff(id(8), standing: .writtenOff), .invoiceWrittenOff(id(8))),
    (
      "under way", withAutopay + [.chargeOrdered(order)], oneOff(),
      .paymentUnderWay(invoice.id, order.paymentID)
    ),
    (
      "nothing open", withInvoice + [.invoiceChanged(invoice.id, by: -.dollars(300))], oneOff(),
      .invoicePaid(invoice.id)
    ),
    (
      "currency", withInvoice, oneOff(invoice.id, Money(cents: 1, Currency("EUR") ?? .usd)),
      .currencyDiffers(Currency("EUR") ?? .usd, expected: .usd)
    ),
    ("zero", withInvoice, oneOff(invoice.id, .zero), .notPositive(.zero)),
    ("negative", withInvoice, oneOff(invoice.id, Money(cents: -1)), .notPositive(Money(cents: -1))),
    (
      "above", withInvoice, oneOff(invoice.id, Money(cents: 300_01)),
      .aboveOpen(Money(cents: 300_01), open: .dollars(300))
    ),
    (
      "method of another", withAutopay, oneOff(invoice.id, nil, .method(other.id)),
      .methodNotOfPolicy(other.id, policy)
    ),
    ("barred", withInvoice + [.tokenBarred(token("abc"))], oneOff(), .tokenBarred),
    (
      "barred method", withInvoice + [.tokenBarred(method.token)],
      .addMethod(method, of: policy, autopay: false, on: day("2027-02-01")), .tokenBarred
    ),
    (
      "too many methods",
      [.opened(policy)]
        + (0..<16).map { .methodAdded(Wallet.Method(id: id(UInt64($0)), token: token("number_\($0)"))) },
      .addMethod(other, of: policy, autopay: false, on: day("2027-02-01")), .tooManyMethods(policy)
    ),
    (
      "too many invoices", [.opened(policy)] + (0..<120).map { .invoiceTaken(.sample(100 + UInt64($0))) },
      .takeInvoice(invoice, of: policy), .tooManyInvoices(policy)
    ),
    (
      "invoice in euros", [], .takeInvoice(.sample(open: Money(cents: 1, Currency("EUR") ?? .usd)), of: policy),
      .currencyDiffers(Currency("EUR") ?? .usd, expected: .usd)
    ),
    ("paid, unknown", withInvoice, .closeInvoice(id(8), as: .paid, standing: nil), .unknownInvoice(id(8), policy)),
    (
      "adjusted, unknown", withInvoice, .changeInvoice(id(8), by: .dollars(1), standing: nil),
      .unknownInvoice(id(8), policy)
    ),
  ]

  @Test("every refusal", arguments: refusals.indices)
  func refusal(_ row: Int) {
    let (name, past, command, refusal) = Self.refusals[row]
    #expect(throws: refusal, "\(name)") { try Wallet.given(past, when: command) }
    #expect(refusal.problem.code.hasPrefix("payments."))
  }

  @Test("what is closed stays closed; a paid invoice may be voided")
  func closed() throws {
    let change = Wallet.Command.changeInvoice(id(8), by: .dollars(1), standing: .paid)
    #expect(try Wallet.given(Self.withInvoice, when: change) == [])
    for (end, standing, events): (Wallet.Standing, Wallet.Standing, [Wallet.Event]) in [
      (.paid, .paid, []), (.void, .void, []), (.paid, .void, []), (.void, .paid, [.invoiceClosed(id(8), as: .void)]),
    ] {
      let command = Wallet.Command.closeInvoice(id(8), as: end, standing: standing)
      #expect(try Wallet.given(Self.withInvoice, when: command) == events)
    }
  }
}
