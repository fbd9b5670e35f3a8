// What others are told: that money came in, that it did not, and that a payee was paid.

import Contracts
import Courier
import Kernel
import Runtime

extension Payment {
  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    guard let order = state.order else { return [] }
    switch recorded.event {
    case .posted(let on):
      var posted = Premia_Payments_V1_PaymentPosted()
      posted.payment = Premia_Payments_V1_Payment(order, .posted)
      posted.payment.settledOn = on.description
      return [Publication("Payment.Posted", about: order.policyID.description, posted)]
    case .declined(let decline, let on):
      var failed = Premia_Payments_V1_PaymentFailed()
      failed.payment = Premia_Payments_V1_Payment(order, .failed)
      failed.payment.settledOn = on.description
      failed.payment.declineCode = decline.code
      failed.payment.declineClass = Premia_Payments_V1_DeclineClass(decline.declineClass)
      failed.payment.method = Premia_Payments_V1_MethodKind(decline.method)
      return [Publication("Payment.Failed", about: order.policyID.description, failed)]
    // A withdrawn payment was never tried: nobody is to be told that it failed.
    case .requested, .submitted, .unanswered, .withdrawn:
      return []
    }
  }
}

extension Payout {
  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    guard let payee = state.payee else { return [] }
    switch recorded.event {
    case .posted(let trace, let on):
      var posted = Premia_Payments_V1_PayoutPosted()
      posted.payout.payoutID = payee.payoutID.description
      posted.payout.payeeID = payee.payeeID.description
      posted.payout.payeeNpi = payee.npi
      posted.payout.amount = Premia_Common_V1_Money(state.total)
      posted.payout.paidOn = on.description
      posted.payout.traceNumber = trace
      posted.payout.posted = true
      posted.payout.claims = state.payables.map(Premia_Payments_V1_PayoutClaim.init)
      // A payout is about many policies; each claim names its own.
      return [Publication("Payout.Posted", about: "", posted)]
    case .opened, .added, .submitted, .unanswered, .declined:
      return []
    }
  }
}

extension Premia_Payments_V1_Payment {
  init(_ order: PaymentOrder, _ status: Payment.Status) {
    self.init()
    paymentID = order.paymentID.description
    accountID = order.accountID.description
    policyID = order.policyID.description
    invoiceID = order.invoiceID.description
    amount = Premia_Common_V1_Money(order.amount)
    self.status = Premia_Payments_V1_PaymentStatus(status)
    attempt = Int32(clamping: order.attempt)
    requestedOn = order.requestedOn.description
    autopay = order.autopay
  }
}

extension Premia_Payments_V1_PaymentStatus {
  init(_ status: Payment.Status) {
    self =
      switch status {
      case .requested: .requested
      case .submitted: .submitted
      case .posted: .posted
      case .failed: .failed
      }
  }
}

extension Premia_Payments_V1_DeclineClass {
  init(_ declineClass: DeclineClass) {
    self =
      switch declineClass {
      case .soft: .soft
      case .hard: .hard
      }
  }
}

extension Premia_Payments_V1_MethodKind {
  init(_ method: MethodKind) {
    self =
      switch method {
      case .card: .card
      case .bank: .bank
      }
  }
}

extension Premia_Payments_V1_PayoutClaim {
  init(_ payable: Payout.Payable) {
    self.init()
    claimID = payable.claimID.description
    policyID = payable.policyID.description
    amount = Premia_Common_V1_Money(payable.amount)
  }
}
