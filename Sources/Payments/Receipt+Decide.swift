import Kernel
import Runtime

extension Receipt {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .receive(let facts, let applications, let reason):
      return try receive(facts, applications, reason, in: state)
    case .apply(let application):
      let facts = try requireHeld(state)
      guard application.amount.isNegative == state.suspense.isNegative,
        application.amount.cents.magnitude <= state.suspense.cents.magnitude
      else { throw .aboveSuspense(facts.receiptID, application.amount, held: state.suspense) }
      return [.released(application)]
    case .giveBack(let reason, let on):
      _ = try requireHeld(state)
      guard !reason.isEmpty else { throw .noReason }
      return [.returned(state.suspense, reason: reason, on: on)]
    }
  }

  private static func receive(
    _ facts: Facts, _ applications: [Application], _ reason: Reason, in state: State
  ) throws(Refusal) -> [Event] {
    if let known = state.facts {
      guard known == facts else { throw .receivedBefore(facts.receiptID) }
      return []
    }
    try check(facts.amount)
    var rest = facts.amount
    for application in applications { rest -= application.amount }
    return [.received(facts)] + applications.map { .applied($0) } + (rest.isZero ? [] : [.held(rest, reason)])
  }

  /// Whether an amount can be that of a receipt.
  static func check(_ amount: Money) throws(Refusal) {
    guard amount.currency == .usd else { throw .currencyDiffers(amount.currency) }
    guard !amount.isZero else { throw .nothing }
    guard amount.cents.magnitude <= UInt64(mostCents) else { throw .tooLarge(amount) }
  }

  private static func requireHeld(_ state: State) throws(Refusal) -> Facts {
    guard let facts = state.facts else { throw .unknown }
    guard !state.suspense.isZero else { throw .notInSuspense(facts.receiptID) }
    return facts
  }

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .received(let facts):
      precondition(state.facts == nil, "\(facts.receiptID) is received twice")
      state.facts = facts
    case .applied(let application):
      state.applied += application.amount
    case .held(let rest, let reason):
      state.suspense += rest
      state.reason = reason
    case .released(let application):
      state.applied += application.amount
      state.suspense -= application.amount
    case .returned(let amount, _, _):
      state.returned += amount
      state.suspense -= amount
    }
    return state
  }

  /// In the order in which they are tried.
  enum Refusal: Kernel.Refusal, Equatable {
    case unknown
    case receivedBefore(ReceiptID)
    case currencyDiffers(Currency)
    case nothing
    case tooLarge(Money)
    case notInSuspense(ReceiptID)
    case otherFunds(ReceiptID)
    case aboveSuspense(ReceiptID, Money, held: Money)
    case takesBack(ReceiptID, Money)
    case aboveOwed(Debtor, Money, owed: Money)
    case noReason

    var problem: Problem {
      switch self {
      case .unknown:
        Problem(
          kind: .notFound, code: "payments.unknown_receipt", detail: "There is no such receipt.",
          remedy: "Check the identifier; list what is in suspense.",
          fields: ["receipt_id": "is not known"])
      case .receivedBefore(let id):
        Problem(
          kind: .conflict, code: "payments.received_before",
          detail: "\(id) came from the same source before, with another amount, payer or use.",
          remedy: "Name each line by a source of its own.", fields: ["source": "is that of \(id)"])
      case .currencyDiffers(let currency):
        Problem(
          kind: .invalid, code: "payments.currency_differs",
          detail: "The amount is in \(currency); premium is owed in USD.",
          remedy: "Send the amount in USD.",
          fields: ["amount.currency": "is \(currency), not USD"])
      case .nothing:
        Problem(
          kind: .invalid, code: "payments.nothing_received", detail: "The amount is zero.",
          remedy: "Send what moves money; a line of nothing needs no receipt.",
          fields: ["amount": "is zero"])
      case .tooLarge(let amount):
        Problem(
          kind: .invalid, code: "payments.amount_too_large",
          detail:
            "The amount \(amount) is above \(Money(cents: mostCents)), the most that a receipt may be.",
          remedy: "Correct the amount.", fields: ["amount": "is \(amount)"])
      case .notInSuspense(let id):
        Problem(
          kind: .precondition, code: "payments.not_in_suspense",
          detail: "Nothing of \(id) is in suspense; all of it was applied or returned.",
          remedy: "Nothing is left to do; look at the receipt to see where the money is.",
          fields: ["receipt_id": "has nothing in suspense"])
      case .otherFunds(let id):
        Problem(
          kind: .precondition, code: "payments.other_funds",
          detail: "\(id) is neither premium nor a tax credit nor a contribution; no account takes it.",
          remedy: "Settle it outside and record it as returned.",
          fields: ["receipt_id": "is of other funds"])
      case .aboveSuspense(let id, let amount, let held):
        Problem(
          kind: .precondition, code: "payments.amount_above_suspense",
          detail: "Of \(id) \(held) is in suspense; \(amount) is not a part of that.",
          remedy: "Apply at most \(held), with the same sign.", fields: ["amount": "is \(amount)"])
      case .takesBack(let id, let amount):
        Problem(
          kind: .precondition, code: "payments.takes_back",
          detail:
            "\(id) takes back \(-amount) of premium; it cannot be applied to invoices.",
          remedy: "Settle it with the payer and record it as returned.",
          fields: ["receipt_id": "is negative"])
      case .aboveOwed(let debtor, let amount, let owed):
        Problem(
          kind: .precondition, code: "payments.amount_above_owed",
          detail: "For \(debtor) \(owed) is owed; \(amount) is more.",
          remedy: "Apply at most \(owed); the rest stays in suspense.",
          fields: ["amount": "is above \(owed)"])
      case .noReason:
        Problem(
          kind: .invalid, code: "payments.no_reason", detail: "A return needs a reason.",
          remedy: "Say why the money goes back.", fields: ["reason": "is missing"])
      }
    }
  }
}
