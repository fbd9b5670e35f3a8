// A receipt as others hear of it and as it is shown.

import Contracts
import Courier
import Kernel
import Runtime

extension Receipt {
  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    guard let facts = state.facts else { return [] }
    switch recorded.event {
    case .received:
      return []
    case .applied(let application):
      return used(application, of: facts, on: recorded.on)
    case .held(let rest, let reason):
      var held = Premia_Payments_V1_SuspenseHeld()
      held.receiptID = facts.receiptID.description
      held.payer = facts.payer
      held.reference = facts.reference
      held.amount = Premia_Common_V1_Money(rest)
      held.reason = reason.rawValue
      return [Publication("Suspense.Held", about: facts.debtor?.policyID?.description ?? "", held)]
    case .released(let application):
      var released = Premia_Payments_V1_SuspenseReleased()
      released.receiptID = facts.receiptID.description
      released.policyID = application.debtor.policyID?.description ?? ""
      released.amount = Premia_Common_V1_Money(application.amount)
      return [Publication("Suspense.Released", about: released.policyID, released)]
        + used(application, of: facts, on: recorded.on)
    case .returned(let amount, let reason, _):
      var returned = Premia_Payments_V1_SuspenseReturned()
      returned.receiptID = facts.receiptID.description
      returned.amount = Premia_Common_V1_Money(amount)
      returned.reason = reason
      return [Publication("Suspense.Returned", about: "", returned)]
    }
  }

  /// A payment for each invoice, or what the exchange or a payer paid.
  private static func used(_ application: Application, of facts: Facts, on day: CalendarDate) -> [Publication] {
    let policyID: String
    switch application.debtor {
    case .policy(let id): policyID = id.description
    case .payer(let payerID):
      var posted = Premia_Payments_V1_ContributionPosted()
      posted.receiptID = facts.receiptID.description
      posted.payerID = payerID.description
      posted.amount = Premia_Common_V1_Money(application.amount)
      return [Publication("Contribution.Posted", about: "", posted)]
    }
    guard !application.portions.isEmpty else {
      var posted = Premia_Payments_V1_SubsidyPosted()
      posted.receiptID = facts.receiptID.description
      posted.policyID = policyID
      posted.amount = Premia_Common_V1_Money(application.amount)
      return [Publication("Subsidy.Posted", about: policyID, posted)]
    }
    return application.portions.map { portion in
      var posted = Premia_Payments_V1_PaymentPosted()
      posted.payment.paymentID = portion.paymentID.description
      posted.payment.accountID = portion.accountID.description
      posted.payment.policyID = policyID
      posted.payment.invoiceID = portion.invoiceID.description
      posted.payment.amount = Premia_Common_V1_Money(portion.amount)
      posted.payment.status = .posted
      posted.payment.attempt = 1
      posted.payment.requestedOn = day.description
      posted.payment.settledOn = day.description
      posted.payer = facts.payer
      return Publication("Payment.Posted", about: policyID, posted)
    }
  }

  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let facts = state.facts else { return [] }
    let key = [Value.text(facts.receiptID.description)]
    let balances: RowChange = .set(
      PaymentsTables.receipts, key: key,
      [
        ("applied_cents", .integer(state.applied.cents)), ("returned_cents", .integer(state.returned.cents)),
        ("suspense_cents", .integer(state.suspense.cents)), ("held", state.suspense.isZero ? 0 : 1),
      ])
    switch recorded.event {
    case .received:
      return [
        .put(
          PaymentsTables.receipts,
          key + [
            .text(facts.source), .text(facts.funds.rawValue), .text(facts.payer), .text(facts.reference),
            .text(facts.remark), .integer(facts.amount.cents), 0, 0, 0, 0, .null, .text(facts.receivedOn.description),
            Value(facts.debtor?.policyID?.description), Value(facts.debtor?.payerID?.description),
          ])
      ]
    case .held(_, let reason):
      return [balances, .set(PaymentsTables.receipts, key: key, [("reason", .text(reason.rawValue))])]
    case .returned:
      return [balances]
    case .applied(let application), .released(let application):
      guard let policyID = application.debtor.policyID else { return [balances] }
      return [balances] + application.portions.map { payment($0, of: policyID, on: recorded.on) }
    }
  }

  /// What is paid of an invoice is a payment like any other.
  private static func payment(
    _ portion: Wallet.Portion, of policyID: PolicyID, on day: CalendarDate
  ) -> RowChange {
    .put(
      PaymentsTables.payments,
      [
        .text(portion.paymentID.description), .text(policyID.description), .text(portion.accountID.description),
        .text(portion.invoiceID.description), .integer(portion.amount.cents), .text(Payment.Status.posted.rawValue), 1,
        0, .text(day.description), .text(day.description), 0, .null, .null,
      ])
  }
}

extension Premia_Payments_V1_Receipt {
  /// - Parameter today: the day on which its age is told.
  init(_ row: Row, today: CalendarDate) {
    self.init()
    receiptID = row.text("receipt_id")
    source = row.text("source")
    if let known = Receipt.Funds(rawValue: row.text("funds")) { funds = Premia_Payments_V1_Funds(known) }
    payer = row.text("payer")
    reference = row.text("reference")
    remark = row.text("remark")
    amount = Premia_Common_V1_Money(Money(cents: row.integer("amount_cents")))
    applied = Premia_Common_V1_Money(Money(cents: row.integer("applied_cents")))
    returned = Premia_Common_V1_Money(Money(cents: row.integer("returned_cents")))
    suspense = Premia_Common_V1_Money(Money(cents: row.integer("suspense_cents")))
    reason = row.text("reason")
    receivedOn = row.text("received_on")
    if row.integer("held") == 1, let day = CalendarDate(iso: receivedOn) {
      ageDays = Int32(clamping: day.days(until: today))
    }
    policyID = row.text("policy_id")
    payerID = row.text("payer_id")
  }

  /// As it is after a unit of work that ended in this state.
  init(_ state: Receipt.State, today: CalendarDate) {
    guard let facts = state.facts else { preconditionFailure("a receipt was decided on and was never received") }
    self.init()
    receiptID = facts.receiptID.description
    source = facts.source
    funds = Premia_Payments_V1_Funds(facts.funds)
    payer = facts.payer
    reference = facts.reference
    remark = facts.remark
    amount = Premia_Common_V1_Money(facts.amount)
    applied = Premia_Common_V1_Money(state.applied)
    returned = Premia_Common_V1_Money(state.returned)
    suspense = Premia_Common_V1_Money(state.suspense)
    reason = state.reason?.rawValue ?? ""
    receivedOn = facts.receivedOn.description
    if !state.suspense.isZero { ageDays = Int32(clamping: facts.receivedOn.days(until: today)) }
    policyID = facts.debtor?.policyID?.description ?? ""
    payerID = facts.debtor?.payerID?.description ?? ""
  }
}

extension Premia_Payments_V1_Funds {
  init(_ funds: Receipt.Funds) {
    self =
      switch funds {
      case .memberPremium: .memberPremium
      case .taxCredit: .taxCredit
      case .contribution: .contribution
      case .other: .otherFunds
      }
  }
}
