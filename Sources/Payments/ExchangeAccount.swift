// What the exchange owes for one policy: the tax credits that Billing billed to it, less what it paid. It may have
// paid more than was billed for once Billing corrects an invoice, and may owe more than was billed once it took back.

import Kernel
import Runtime

enum ExchangeAccount: Aggregate {
  static let kind = "exchange_account"
  static let initial = State()

  struct State: Codable, Hashable, Sendable {
    /// Nil until something is known.
    var policyID: PolicyID?
    var billed = Money.zero
    /// Negative where more was taken back than paid.
    var received = Money.zero

    var owed: Money { billed - received }
  }

  enum Command: Sendable {
    /// What is billed changes, by Billing's word.
    case bill(Money, of: PolicyID)
    /// A payment, at most what is owed, or a correction by which the exchange took money back: that is a fact
    /// whatever is owed, and what it should not have taken it owes again.
    case take(Money, of: PolicyID)
  }

  enum Event: Codable, Hashable, Sendable {
    case billed(Money, of: PolicyID)
    case received(Money, of: PolicyID)
  }

  enum Refusal: Kernel.Refusal, Equatable {
    case currencyDiffers(Currency)
    case aboveOwed(Money, owed: Money)

    var problem: Problem {
      switch self {
      case .currencyDiffers(let currency):
        Problem(
          kind: .invalid, code: "payments.currency_differs",
          detail: "The amount is in \(currency); tax credits are in USD.",
          remedy: "Send the amount in USD.")
      case .aboveOwed(let amount, let owed):
        Problem(
          kind: .precondition, code: "payments.amount_above_owed",
          detail:
            "The amount \(amount) is above the \(owed) that the exchange owes for the policy.",
          remedy: "Apply at most \(owed).")
      }
    }
  }

  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .bill(let change, let policyID):
      guard change.currency == .usd else { throw .currencyDiffers(change.currency) }
      return change.isZero ? [] : [.billed(change, of: policyID)]
    case .take(let amount, let policyID):
      guard amount.currency == .usd else { throw .currencyDiffers(amount.currency) }
      guard amount.isNegative || amount <= state.owed else {
        throw .aboveOwed(amount, owed: state.owed)
      }
      return amount.isZero ? [] : [.received(amount, of: policyID)]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .billed(let change, let policyID):
      state.policyID = policyID
      state.billed += change
    case .received(let amount, let policyID):
      state.policyID = policyID
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
    guard let policyID = state.policyID else { return [] }
    return [
      .put(
        PaymentsTables.exchangeAccounts,
        [.text(policyID.description), .integer(state.billed.cents), .integer(state.received.cents)])
    ]
  }
}
