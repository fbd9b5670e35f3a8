// What a payer of contributions owes, such as an employer: its shares of premiums that Billing billed, less what it
// paid. It may have paid more than was billed for once Billing corrects an invoice.

import Kernel
import Runtime

enum PayerAccount: Aggregate {
  static let kind = "payer_account"
  static let initial = State()

  struct State: Codable, Hashable, Sendable {
    /// Nil until something is known.
    var payerID: PayerID?
    var billed = Money.zero
    var received = Money.zero

    var owed: Money { billed - received }
  }

  enum Command: Sendable {
    /// What is billed changes, by Billing's word.
    case bill(Money, to: PayerID)
    /// A payment, at most what is owed.
    case take(Money, of: PayerID)
  }

  enum Event: Codable, Hashable, Sendable {
    case billed(Money, to: PayerID)
    case received(Money, of: PayerID)
  }

  enum Refusal: Kernel.Refusal, Equatable {
    case currencyDiffers(Currency)
    case aboveOwed(Money, owed: Money)

    var problem: Problem {
      switch self {
      case .currencyDiffers(let currency):
        Problem(
          kind: .invalid, code: "payments.currency_differs",
          detail: "The amount is in \(currency); contributions are in USD.", remedy: "Send the amount in USD.")
      case .aboveOwed(let amount, let owed):
        Problem(
          kind: .precondition, code: "payments.amount_above_owed",
          detail: "The amount \(amount) is above the \(owed) that the payer owes.", remedy: "Apply at most \(owed).")
      }
    }
  }

  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .bill(let change, let payerID):
      guard change.currency == .usd else { throw .currencyDiffers(change.currency) }
      return change.isZero ? [] : [.billed(change, to: payerID)]
    case .take(let amount, let payerID):
      guard amount.currency == .usd else { throw .currencyDiffers(amount.currency) }
      guard amount.isPositive, amount <= state.owed else { throw .aboveOwed(amount, owed: state.owed) }
      return [.received(amount, of: payerID)]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .billed(let change, let payerID):
      state.payerID = payerID
      state.billed += change
    case .received(let amount, let payerID):
      state.payerID = payerID
      state.received += amount
    }
    return state
  }

  static func name(of event: Event) -> String {
    switch event {
    case .billed: "billed"
    case .received: "received"
    }
  }

  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let payerID = state.payerID else { return [] }
    return [
      .put(
        PaymentsTables.payerAccounts,
        [.text(payerID.description), .integer(state.billed.cents), .integer(state.received.cents)])
    ]
  }
}
