import Kernel
import Runtime

extension Payment {
  /// Total after the request: an answer that is heard twice changes nothing; two that differ are a fault of the
  /// gateway.
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    guard let order = state.order else {
      guard case .request(let order, let at) = command else { throw .unknown }
      return [.requested(order, at: at)]
    }
    switch (command, state.status) {
    case (.request(let again, _), _):
      guard again == order else { throw .requestedBefore(order.paymentID) }
      return []
    case (.submit(let at), .requested): return [.submitted(at: at)]
    case (.submit, .submitted), (.submit, .posted), (.submit, .failed): return []
    case (.withdraw(let on), .requested): return [.withdrawn(on: on)]
    case (.withdraw, .submitted), (.withdraw, .posted), (.withdraw, .failed): return []
    case (.leaveUnanswered(let at), .submitted): return [.unanswered(at: at)]
    case (.leaveUnanswered, .posted), (.leaveUnanswered, .failed): return []
    case (.post(let on), .submitted): return [.posted(on: on)]
    case (.post, .posted): return []
    case (.fail(let decline, let on), .submitted): return [.declined(decline, on: on)]
    case (.fail, .failed): return []
    case (.leaveUnanswered, .requested), (.post, .requested), (.fail, .requested):
      throw .notSubmitted(order.paymentID)
    case (.post, .failed), (.fail, .posted):
      throw .contradicted(order.paymentID, state.status)
    }
  }

  enum Refusal: Kernel.Refusal, Equatable {
    case unknown
    case requestedBefore(PaymentID)
    case notSubmitted(PaymentID)
    case contradicted(PaymentID, Status)

    var problem: Problem {
      switch self {
      case .unknown:
        Problem(
          kind: .notFound, code: "payments.unknown_payment", detail: "There is no such payment.",
          remedy: "Check the identifier; list the policy's payments.")
      case .requestedBefore(let id):
        Problem(
          kind: .conflict, code: "payments.requested_before",
          detail: "Payment \(id) was requested before, for another order.",
          remedy: "Report this: an identifier was made twice.")
      case .notSubmitted(let id):
        Problem(
          kind: .internalFault, code: "payments.not_submitted",
          detail: "Payment \(id) has an outcome but was not handed to the gateway.", remedy: "Report this.")
      case .contradicted(let id, let status):
        Problem(
          kind: .internalFault, code: "payments.contradicted",
          detail: "Payment \(id) is \(status.rawValue) and the gateway now says otherwise.",
          remedy: "Settle it with the gateway by hand; nothing was changed.")
      }
    }
  }
}
