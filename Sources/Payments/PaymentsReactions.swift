// What others' events mean here: Billing says what is owed, Claims says what is to be paid.

import Contracts
import Courier
import Kernel
import Runtime

enum PaymentsReactions {
  static let all = [
    Subscription("billing", "Invoice.Issued", Premia_Billing_V1_InvoiceIssued.self) { event, unit in
      try await takeInvoice(event.invoice, &unit)
    },
    Subscription("billing", "Invoice.Adjusted", Premia_Billing_V1_InvoiceAdjusted.self) { event, unit in
      // What became account credit is no longer owed on another invoice, so it does not lower this one.
      let change =
        try event.member.money("member") + event.credited.money("credited") + event.writtenOff.money("written_off")
      try await billExchange(try event.subsidy.money("subsidy"), of: event.policyID, &unit)
      try await billPayers(event.lines, &unit)
      guard !event.invoiceID.isEmpty else { return }
      try await correct(event.invoiceID, of: event.policyID, by: change, &unit)
    },
    Subscription("billing", "Credit.Applied", Premia_Billing_V1_CreditApplied.self) { event, unit in
      try await correct(event.invoiceID, of: event.policyID, by: -event.amount.money("amount"), &unit)
    },
    Subscription("billing", "Invoice.Paid", Premia_Billing_V1_InvoicePaid.self) { event, unit in
      try await close(event.invoiceID, of: event.policyID, as: .paid, &unit)
    },
    Subscription("billing", "Invoice.Voided", Premia_Billing_V1_InvoiceVoided.self) { event, unit in
      try await billExchange(-event.subsidy.money("subsidy"), of: event.policyID, &unit)
      try await billPayers(event.lines, takenBack: true, &unit)
      try await close(event.invoiceID, of: event.policyID, as: .void, &unit)
    },
    Subscription("billing", "ClosedMonths.Corrected", Premia_Billing_V1_ClosedMonthsCorrected.self) { event, unit in
      try await billExchange(try event.subsidy.money("subsidy"), of: event.policyID, &unit)
    },
    Subscription("billing", "Charge.Due", Premia_Billing_V1_ChargeDue.self) { event, unit in
      let wallet = StreamID(WalletID(of: try PolicyID(event.policyID, field: "policy_id")))
      let invoice = try InvoiceID(event.invoiceID, field: "invoice_id")
      try await unit.decide(Wallet.self, wallet, .chargeAgain(invoice, on: unit.today))
    },
    Subscription("billing", "Invoice.WrittenOff", Premia_Billing_V1_InvoiceWrittenOff.self) { event, unit in
      try await close(event.invoiceID, of: event.policyID, as: .writtenOff, &unit)
    },
    Subscription("billing", "Refund.Requested", Premia_Billing_V1_RefundRequested.self) { event, unit in
      try await refund(event.refund, &unit)
    },
    Subscription("claims", "Claim.Approved", Premia_Claims_V1_ClaimApproved.self) { event, unit in
      try await pay(event, &unit)
    },
  ]

  private static func takeInvoice(_ invoice: Premia_Billing_V1_Invoice, _ unit: inout Unit) async throws {
    let policyID = try PolicyID(invoice.policyID, field: "invoice.policy_id")
    let dueOn = try CalendarDate(invoice.dueOn, field: "invoice.due_on")
    let taken = Wallet.OpenInvoice(
      id: try InvoiceID(invoice.invoiceID, field: "invoice.invoice_id"),
      accountID: try AccountID(invoice.accountID, field: "invoice.account_id"), dueOn: dueOn,
      open: try invoice.total.money("invoice.total"),
      // The binder payment brings the policy into force: it is taken at once.
      chargeOn: invoice.binder ? try CalendarDate(invoice.issuedOn, field: "invoice.issued_on") : dueOn,
      isCharge: invoice.lines.contains { $0.kind == "charge" })
    try await unit.decide(Wallet.self, StreamID(WalletID(of: policyID)), .takeInvoice(taken, of: policyID))
    for line in invoice.lines where line.kind == "subsidy" {
      try await billExchange(-line.amount.money("invoice.lines.amount"), of: invoice.policyID, &unit)
    }
    try await billPayers(invoice.lines, &unit)
  }

  /// Orders the transfer. An invoice that is owed again is taken again, but not by autopay: it would fetch back what is
  /// being sent.
  private static func refund(_ refund: Premia_Billing_V1_Refund, _ unit: inout Unit) async throws {
    let policyID = try PolicyID(refund.policyID, field: "refund.policy_id")
    let accountID = try AccountID(refund.accountID, field: "refund.account_id")
    let order = Refund.Order(
      refundID: try RefundID(refund.refundID, field: "refund.refund_id"), accountID: accountID, policyID: policyID,
      payee: refund.payeeID.isEmpty ? refund.payeeName : refund.payeeID,
      amount: try refund.amount.money("refund.amount"), on: unit.today)
    try await unit.decide(Refund.self, StreamID(order.refundID), .order(order))
    guard !refund.reopenedInvoiceID.isEmpty else { return }
    let invoiceID = try InvoiceID(refund.reopenedInvoiceID, field: "refund.reopened_invoice_id")
    let reopened = try refund.reopened.money("refund.reopened")
    let wallet = StreamID(WalletID(of: policyID))
    if try await unit.state(of: Wallet.self, wallet).invoice(invoiceID) != nil {
      let standing = try await unit.standing(of: invoiceID, policyID)
      try await unit.decide(Wallet.self, wallet, .changeInvoice(invoiceID, by: reopened, standing: standing))
    } else {
      let taken = Wallet.OpenInvoice(
        id: invoiceID, accountID: accountID, dueOn: try CalendarDate(refund.dueOn, field: "refund.due_on"),
        open: reopened, chargeOn: nil)
      try await unit.decide(Wallet.self, wallet, .takeInvoice(taken, of: policyID))
    }
  }

  /// What the exchange owes for a policy changes.
  private static func billExchange(_ change: Money, of policy: String, _ unit: inout Unit) async throws {
    guard !change.isZero else { return }
    let policyID = try PolicyID(policy, field: "policy_id")
    try await unit.decide(
      ExchangeAccount.self, StreamID(ExchangeAccountID(of: policyID)), .bill(change, of: policyID))
  }

  /// What payers owe changes by the contributions among lines, which are negative.
  private static func billPayers(
    _ lines: [Premia_Billing_V1_Line], takenBack: Bool = false, _ unit: inout Unit
  ) async throws {
    for line in lines where line.kind == "contribution" {
      let payerID = try PayerID(line.name, field: "lines.name")
      let amount = try line.amount.money("lines.amount")
      try await unit.decide(
        PayerAccount.self, StreamID(PayerAccountID(of: payerID)), .bill(takenBack ? amount : -amount, to: payerID))
    }
  }

  private static func correct(
    _ invoice: String, of policy: String, by change: Money, _ unit: inout Unit
  ) async throws {
    let (wallet, id, standing) = try await find(invoice, of: policy, &unit)
    try await unit.decide(Wallet.self, wallet, .changeInvoice(id, by: change, standing: standing))
  }

  private static func close(
    _ invoice: String, of policy: String, as end: Wallet.Standing, _ unit: inout Unit
  ) async throws {
    let (wallet, id, standing) = try await find(invoice, of: policy, &unit)
    try await unit.decide(Wallet.self, wallet, .closeInvoice(id, as: end, standing: standing))
  }

  private static func find(
    _ invoice: String, of policy: String, _ unit: inout Unit
  ) async throws -> (StreamID, InvoiceID, Wallet.Standing?) {
    let policyID = try PolicyID(policy, field: "policy_id")
    let id = try InvoiceID(invoice, field: "invoice_id")
    return (StreamID(WalletID(of: policyID)), id, try await unit.standing(of: id, policyID))
  }

  /// Adds the claim to the payee's payout of the day, or of the first day after it that still takes claims.
  private static func pay(_ claim: Premia_Claims_V1_ClaimApproved, _ unit: inout Unit) async throws {
    let amount = try claim.paid.money("paid")
    guard amount.isPositive else { return }
    let payable = Payout.Payable(
      claimID: try ClaimID(claim.claimID, field: "claim_id"),
      policyID: try PolicyID(claim.policyID, field: "policy_id"), amount: amount)
    let payeeID = try PayeeID(claim.providerID, field: "provider_id")
    var payee = Payout.Payee(payeeID, npi: claim.providerNpi, day: unit.today)
    while try await !unit.state(of: Payout.self, StreamID(payee.payoutID)).takes(payable.claimID) {
      payee = Payout.Payee(payeeID, npi: claim.providerNpi, day: payee.day.adding(days: 1))
    }
    try await unit.decide(Payout.self, StreamID(payee.payoutID), .add(payable, to: payee))
  }
}

extension Unit {
  /// Where an invoice of a policy stands by the read table; nil where it is not known.
  func standing(of id: InvoiceID, _ policyID: PolicyID) async throws(StoreFailure) -> Wallet.Standing? {
    let found = try await rows(
      Query(
        PaymentsTables.invoices,
        where: [("invoice_id", .text(id.description)), ("policy_id", .text(policyID.description))], limit: 1))
    return found.first.flatMap { Wallet.Standing(rawValue: $0.text("standing")) }
  }
}
