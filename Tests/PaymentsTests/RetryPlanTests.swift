import Kernel
import Testing

@testable import Payments

@Suite("What follows a decline")
struct RetryPlanTests {
  static let method = WalletTests.method

  /// Charges on the days that the wallet asks for and declines each.
  private func daysOfCharges(_ declineClass: DeclineClass) throws -> [String] {
    var past = WalletTests.withAutopay
    var days: [String] = []
    while let due = Wallet.nextStep(for: Wallet.replay(past))?.date, days.count < 10 {
      days.append(due.description)
      let command = Wallet.Command.chargeByAutopay(id(7), paymentID: id(UInt64(100 + days.count)), on: due)
      past += try Wallet.given(past, when: command)
      guard let order = Wallet.replay(past).invoice(id(7))?.underWay else { break }
      past += try Wallet.given(past, when: .settle(order, .declined(declineClass), on: due))
      if days.count < 3 {
        past += try Wallet.given(past, when: .chargeAgain(id(7), on: due.adding(days: 3)))
      }
    }
    return days
  }

  @Test("after soft declines again when Billing asks, and no more")
  func soft() throws {
    #expect(try daysOfCharges(.soft) == ["2027-03-01", "2027-03-04", "2027-03-07"])
  }

  @Test("after a hard decline never with the same token, whoever asks")
  func hard() throws {
    #expect(try daysOfCharges(.hard) == ["2027-03-01"])
  }

  @Test("another method takes at once what was given up")
  func newMethod() throws {
    let order = WalletTests.order
    let declined: [Wallet.Event] = [
      .chargeOrdered(order), .tokenBarred(order.token), .chargeDeclined(id(7), autopay: true, nextTry: nil),
    ]
    let past = WalletTests.withAutopay + declined
    #expect(Wallet.nextStep(for: Wallet.replay(past)) == nil)
    let added = try Wallet.given(
      past, when: .addMethod(WalletTests.other, of: policy, autopay: true, on: day("2027-03-05")))
    #expect(Wallet.nextStep(for: Wallet.replay(past + added)) == Instant(date: day("2027-03-05")))
  }

  @Test("a method chosen while the old one was asked is tried at once")
  func newMethodMeanwhile() throws {
    let order = WalletTests.order
    let past =
      WalletTests.withAutopay + [
        .chargeOrdered(order), .methodAdded(WalletTests.other),
        .autopayChosen(WalletTests.other.id, on: day("2027-03-01")),
      ]
    let events = try Wallet.given(
      past, when: .settle(order, .declined(.hard), on: day("2027-03-02")))
    #expect(
      events == [.tokenBarred(order.token), .chargeDeclined(id(7), autopay: true, nextTry: day("2027-03-02"))])
  }

  @Test("a decline of a payment made by hand leaves the plan as it is")
  func byHand() throws {
    let order = PaymentOrder.sample(token: "abc", autopay: false, on: "2027-02-10")
    let past = WalletTests.withAutopay + [.chargeOrdered(order)]
    let events = try Wallet.given(
      past, when: .settle(order, .declined(.soft), on: day("2027-02-10")))
    #expect(events == [.chargeDeclined(id(7), autopay: false, nextTry: day("2027-03-01"))])
  }

  @Test("a settlement that comes again, or after the invoice was closed, changes nothing")
  func again() throws {
    let order = WalletTests.order
    let posted = WalletTests.withAutopay + [.chargeOrdered(order), .chargePosted(id(7), order.amount)]
    let closed = WalletTests.withAutopay + [.chargeOrdered(order), .invoiceClosed(id(7), as: .void)]
    for past in [posted, closed] {
      for settlement in [Wallet.Settlement.posted, .withdrawn, .declined(.soft)] {
        #expect(try Wallet.given(past, when: .settle(order, settlement, on: day("2027-03-01"))) == [])
      }
    }
  }
}
