// Short words for tests: dates, identifiers, amounts, and "given events, when a command".

import Kernel
import Testing

@testable import Payments

extension Decider {
  /// The events that a command leads to after a history.
  static func given(_ past: [Event], when command: Command) throws(Refusal) -> [Event] {
    try decide(command, in: replay(past))
  }
}

/// A day as YYYY-MM-DD.
func day(_ text: String) -> CalendarDate {
  guard let date = CalendarDate(iso: text) else { preconditionFailure("\(text) is no day") }
  return date
}

func id<Tag: IDTag>(_ number: UInt64) -> ID<Tag> { ID(hi: number, lo: number) }

func token(_ text: String) -> Token {
  guard let token = Token("tok_\(text)") else { preconditionFailure("\(text) is no token") }
  return token
}

extension Money {
  static func dollars(_ dollars: Int64) -> Money { Money(cents: dollars * 100) }
}

let policy: PolicyID = id(1)

extension Wallet.OpenInvoice {
  /// An invoice of $300 due on March 1, 2027.
  static func sample(
    _ number: UInt64 = 7, open: Money = .dollars(300), due: String = "2027-03-01"
  ) -> Wallet.OpenInvoice {
    Wallet.OpenInvoice(
      id: PaymentsTests.id(number), accountID: PaymentsTests.id(2), dueOn: day(due), open: open, chargeOn: day(due))
  }
}

extension PaymentOrder {
  static func sample(
    _ number: UInt64 = 1, of invoice: Wallet.OpenInvoice = .sample(), token named: String = "sandbox_ok",
    amount: Money = .dollars(300), autopay: Bool = true, on: String = "2027-03-01"
  ) -> PaymentOrder {
    PaymentOrder(
      invoice, id: id(number), of: policy, PaymentsTests.token(named), amount, autopay: autopay, on: day(on))
  }
}
