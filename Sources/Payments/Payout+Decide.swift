import Kernel
import Runtime

extension Payout {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    if case .add(let payable, let payee) = command { return try add(payable, to: payee, in: state) }
    guard let payee = state.payee else { throw .unknown }
    switch (command, state.stage) {
    case (.add, _): return []
    case (.submit(let at), .gathering), (.submit(let at), .declined): return [.submitted(at: at)]
    case (.submit, .submitted), (.submit, .posted): return []
    case (.leaveUnanswered(let at), .submitted): return [.unanswered(at: at)]
    case (.post(let trace, let on), .submitted): return [.posted(trace: trace, on: on)]
    case (.decline(let code, let on), .submitted): return [.declined(code: code, on: on)]
    case (.leaveUnanswered, .posted), (.leaveUnanswered, .declined), (.post, .posted), (.decline, .declined): return []
    case (.leaveUnanswered, .gathering), (.post, .gathering), (.decline, .gathering):
      throw .notSubmitted(payee.payoutID)
    case (.post, .declined), (.decline, .posted):
      throw .contradicted(payee.payoutID, state.stage)
    }
  }

  private static func add(_ payable: Payable, to payee: Payee, in state: State) throws(Refusal) -> [Event] {
    guard !state.holds(payable.claimID) else { return [] }
    guard state.takes(payable.claimID) else { throw .closed(payee.payoutID) }
    guard payable.amount.currency == .usd else { throw .currencyDiffers(payable.amount.currency) }
    guard payable.amount.isPositive else { throw .notPositive(payable.claimID, payable.amount) }
    return (state.payee == nil ? [.opened(payee)] : []) + [.added(payable)]
  }

  enum Refusal: Kernel.Refusal, Equatable {
    case unknown
    case closed(PayoutID)
    case currencyDiffers(Currency)
    case notPositive(ClaimID, Money)
    case notSubmitted(PayoutID)
    case contradicted(PayoutID, Stage)

    var problem: Problem {
      switch self {
      case .unknown:
        Problem(
          kind: .notFound, code: "payments.unknown_payout", detail: "There is no such payout.",
          remedy: "Check the identifier; list the payee's payouts.")
      case .closed(let id):
        Problem(
          kind: .precondition, code: "payments.payout_closed", detail: "Payout \(id) takes no more claims.",
          remedy: "Add the claim to the next day's.")
      case .currencyDiffers(let currency):
        Problem(
          kind: .invalid, code: "payments.currency_differs",
          detail: "A claim is to be paid in \(currency); payouts are in USD.",
          remedy: "Correct the claim.")
      case .notPositive(let id, let amount):
        Problem(
          kind: .invalid, code: "payments.amount_not_positive",
          detail: "Claim \(id) pays \(amount), which is not above zero.",
          remedy: "Correct the claim; what pays nothing needs no payout.")
      case .notSubmitted(let id):
        Problem(
          kind: .internalFault, code: "payments.not_submitted",
          detail: "Payout \(id) has an outcome but was not handed to the gateway.", remedy: "Report this.")
      case .contradicted(let id, let stage):
        Problem(
          kind: .internalFault, code: "payments.contradicted",
          detail: "Payout \(id) is \(stage.rawValue) and the gateway now says otherwise.",
          remedy: "Settle it with the gateway by hand; nothing was changed.")
      }
    }
  }
}
