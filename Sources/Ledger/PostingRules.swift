// The posting rules: for each kind of event, what is debited and what is credited. This is the whole table.
//
// A negative amount turns its side round, so a correction is written like what it corrects. Lines of the same account
// and policy are added up; what comes to nothing is left out, and an event that moves nothing makes no entry.

package import Contracts
import Kernel
package import SwiftProtobuf

/// What one kind of event means for the books.
package struct PostingRule<Event: Message>: Sendable {
  /// The context that publishes it.
  package let source: String
  /// Its stable name.
  package let type: String
  /// - Throws: where the event has parts that no account is kept for.
  package let draft: @Sendable (Event) throws(Journal.Refusal) -> Draft

  init(_ source: String, _ type: String, _ draft: @escaping @Sendable (Event) throws(Journal.Refusal) -> Draft) {
    self.source = source
    self.type = type
    self.draft = draft
  }
}

package enum PostingRules {
  /// Each line of the invoice credits the account it belongs to; the member owes what is left.
  package static let invoiceIssued = PostingRule<Premia_Billing_V1_InvoiceIssued>("billing", "Invoice.Issued") {
    event throws(Journal.Refusal) in
    let invoice = event.invoice
    var draft = Draft(
      "Invoice \(invoice.invoiceID) for \(invoice.from) to \(invoice.to)", about: invoice.policyID,
      .debit(.memberReceivable, invoice.total))
    for line in invoice.lines {
      draft.add(.credit(try account(of: line, on: invoice), line.amount), about: invoice.policyID)
    }
    return draft
  }

  /// It was earned: what is lost is an expense.
  package static let invoiceWrittenOff = PostingRule<Premia_Billing_V1_InvoiceWrittenOff>(
    "billing", "Invoice.WrittenOff"
  ) {
    Draft(
      "Invoice \($0.invoiceID) written off: \($0.reason)", about: $0.policyID,
      .debit(.premiumWrittenOff, $0.amount),
      .credit(.memberReceivable, $0.amount))
  }

  /// Out of credit, or by asking for an invoice again.
  package static let refundRequested = PostingRule<Premia_Billing_V1_RefundRequested>("billing", "Refund.Requested") {
    Draft(
      "Refund \($0.refund.refundID): \($0.refund.reason)", about: $0.refund.policyID,
      .debit(.memberCredits, $0.refund.amount),
      .credit(.memberCredits, $0.refund.reopened),
      .debit(.memberReceivable, $0.refund.reopened),
      .credit(.refundsPayable, $0.refund.amount))
  }

  package static let refundPosted = PostingRule<Premia_Payments_V1_RefundPosted>("payments", "Refund.Posted") {
    Draft(
      "Refund \($0.refundID) sent, trace \($0.traceNumber)", about: $0.policyID,
      .debit(.refundsPayable, $0.amount),
      .credit(.cashClearing, $0.amount))
  }

  /// The changes are of what the member and the exchange owe: negative where less is owed than was billed. What of them
  /// is no premium has lines that say so.
  package static let invoiceAdjusted = PostingRule<Premia_Billing_V1_InvoiceAdjusted>("billing", "Invoice.Adjusted") {
    event in
    var draft = Draft(
      "Invoice \(event.invoiceID) corrected by \(event.adjustmentID)", about: event.policyID,
      .debit(.memberReceivable, event.member),
      .debit(.memberReceivable, event.credited),
      .credit(.memberCredits, event.credited),
      .debit(.memberReceivable, event.writtenOff),
      .credit(.premiumWrittenOff, event.writtenOff),
      .debit(.exchangeReceivable, event.subsidy),
      .credit(.premiumIncome, event.member),
      .credit(.premiumIncome, event.subsidy))
    for (account, amount) in named(in: event.lines) {
      draft.add(.debit(.premiumIncome, amount), about: event.policyID)
      draft.add(.credit(account, amount), about: event.policyID)
    }
    return draft
  }

  /// As an invoice is adjusted, though it is of none.
  package static let closedMonthsCorrected = PostingRule<Premia_Billing_V1_ClosedMonthsCorrected>(
    "billing", "ClosedMonths.Corrected"
  ) { event in
    var draft = Draft(
      "Closed months before \(event.to) corrected: \(event.reason)", about: event.policyID,
      .debit(.memberReceivable, event.member),
      .debit(.memberReceivable, event.credited),
      .credit(.memberCredits, event.credited),
      .debit(.memberReceivable, event.writtenOff),
      .credit(.premiumWrittenOff, event.writtenOff),
      .debit(.exchangeReceivable, event.subsidy),
      .credit(.premiumIncome, event.member),
      .credit(.premiumIncome, event.subsidy))
    for (account, amount) in named(in: event.lines) {
      draft.add(.debit(.premiumIncome, amount), about: event.policyID)
      draft.add(.credit(account, amount), about: event.policyID)
    }
    return draft
  }

  package static let invoiceVoided = PostingRule<Premia_Billing_V1_InvoiceVoided>("billing", "Invoice.Voided") {
    event in
    var draft = Draft(
      "Invoice \(event.invoiceID) voided: \(event.reason)", about: event.policyID,
      .debit(.premiumIncome, event.total),
      .debit(.premiumIncome, event.subsidy),
      .credit(.memberReceivable, event.total),
      .debit(.memberReceivable, event.credited),
      .credit(.memberCredits, event.credited),
      .debit(.memberReceivable, event.writtenOff),
      .credit(.premiumWrittenOff, event.writtenOff),
      .credit(.exchangeReceivable, event.subsidy))
    for (account, amount) in named(in: event.lines) {
      draft.add(.credit(.premiumIncome, amount), about: event.policyID)
      draft.add(.debit(account, amount), about: event.policyID)
    }
    return draft
  }

  package static let paymentPosted = PostingRule<Premia_Payments_V1_PaymentPosted>("payments", "Payment.Posted") {
    Draft(
      "Payment \($0.payment.paymentID) received", about: $0.payment.policyID,
      .debit(.cashClearing, $0.payment.amount),
      .credit(.memberCredits, $0.payment.amount))
  }

  /// What the exchange pays; negative where it takes some back.
  package static let subsidyPosted = PostingRule<Premia_Payments_V1_SubsidyPosted>("payments", "Subsidy.Posted") {
    Draft(
      "Tax credit received by \($0.receiptID)", about: $0.policyID,
      .debit(.cashClearing, $0.amount),
      .credit(.exchangeReceivable, $0.amount))
  }

  /// Of a payer, for many policies: what of it is used for which is said by Contribution.Applied and moves nothing.
  package static let contributionPosted = PostingRule<Premia_Payments_V1_ContributionPosted>(
    "payments", "Contribution.Posted"
  ) {
    Draft(
      "Contribution of \($0.payerID) received by \($0.receiptID)",
      .debit(.cashClearing, $0.amount),
      .credit(.payerReceivable, $0.amount))
  }

  package static let suspenseHeld = PostingRule<Premia_Payments_V1_SuspenseHeld>("payments", "Suspense.Held") {
    Draft(
      "Receipt \($0.receiptID) in suspense: \($0.reason)",
      .debit(.cashClearing, $0.amount),
      .credit(.suspense, $0.amount))
  }

  /// The money is cash to be used again; the entry of what it is used for takes it from there.
  package static let suspenseReleased = PostingRule<Premia_Payments_V1_SuspenseReleased>(
    "payments", "Suspense.Released"
  ) {
    Draft(
      "Receipt \($0.receiptID) released from suspense", about: $0.policyID,
      .debit(.suspense, $0.amount),
      .credit(.cashClearing, $0.amount))
  }

  package static let suspenseReturned = PostingRule<Premia_Payments_V1_SuspenseReturned>(
    "payments", "Suspense.Returned"
  ) {
    Draft(
      "Receipt \($0.receiptID) returned: \($0.reason)",
      .debit(.suspense, $0.amount),
      .credit(.cashClearing, $0.amount))
  }

  package static let paymentApplied = PostingRule<Premia_Billing_V1_PaymentApplied>("billing", "Payment.Applied") {
    Draft(
      "Payment \($0.paymentID) applied to invoices", about: $0.policyID,
      .debit(.memberCredits, $0.toInvoices),
      .credit(.memberReceivable, $0.toInvoices))
  }

  package static let creditApplied = PostingRule<Premia_Billing_V1_CreditApplied>("billing", "Credit.Applied") {
    Draft(
      "Credit applied to invoice \($0.invoiceID)", about: $0.policyID,
      .debit(.memberCredits, $0.amount),
      .credit(.memberReceivable, $0.amount))
  }

  package static let claimApproved = PostingRule<Premia_Claims_V1_ClaimApproved>("claims", "Claim.Approved") {
    Draft(
      "Claim \($0.claimID) approved", about: $0.policyID,
      .debit(.claimsExpense, $0.paid),
      .credit(.claimsPayable, $0.paid))
  }

  /// What each policy's claims were paid, against one transfer.
  package static let payoutPosted = PostingRule<Premia_Payments_V1_PayoutPosted>("payments", "Payout.Posted") { event in
    let payout = event.payout
    var draft = Draft("Payout \(payout.payoutID), trace \(payout.traceNumber)")
    for claim in payout.claims { draft.add(.debit(.claimsPayable, claim.amount), about: claim.policyID) }
    draft.add(.credit(.cashClearing, payout.amount), about: "")
    return draft
  }

  /// What producers earn on a policy; negative where it is clawed back. What passes from one to another moves nothing.
  package static let commissionPosted = PostingRule<Premia_Commissions_V1_CommissionPosted>(
    "commissions", "Commission.Posted"
  ) {
    Draft(
      "Commission for \(Set($0.lines.map(\.month)).count) months", about: $0.policyID,
      .debit(.commissionExpense, $0.amount),
      .credit(.commissionsPayable, $0.amount))
  }

  package static let commissionDue = PostingRule<Premia_Commissions_V1_CommissionDue>("commissions", "Commission.Due") {
    Draft(
      "Commission statement \($0.statementID) for \($0.month)",
      .debit(.commissionsPayable, $0.amount),
      .credit(.commissionsDue, $0.amount))
  }

  private static func account(
    of line: Premia_Billing_V1_Line, on invoice: Premia_Billing_V1_Invoice
  ) throws(Journal.Refusal) -> LedgerAccount {
    switch line.kind {
    case "premium": .premiumIncome
    case "discount": .discountsGranted
    case "tax", "fee": .leviesPayable
    case "subsidy": .exchangeReceivable
    case "charge": .chargeIncome
    case "contribution": .payerReceivable
    case "credit": .memberCredits
    default: throw .unknownLine(kind: line.kind, invoiceID: invoice.invoiceID)
    }
  }

  /// What of the lines is neither premium nor subsidy, with the account it belongs to.
  private static func named(
    in lines: [Premia_Billing_V1_Line]
  ) -> [(account: LedgerAccount, amount: Premia_Common_V1_Money)] {
    lines.compactMap { line in
      switch line.kind {
      case "discount": (.discountsGranted, line.amount)
      case "tax", "fee": (.leviesPayable, line.amount)
      case "charge": (.chargeIncome, line.amount)
      case "contribution": (.payerReceivable, line.amount)
      default: nil
      }
    }
  }
}

/// An entry in the making.
package struct Draft: Sendable {
  /// An account to be moved.
  struct Line: Sendable {
    let account: LedgerAccount
    let side: Posting.Side
    let amount: Premia_Common_V1_Money

    static func debit(_ account: LedgerAccount, _ amount: Premia_Common_V1_Money) -> Line {
      Line(account: account, side: .debit, amount: amount)
    }

    static func credit(_ account: LedgerAccount, _ amount: Premia_Common_V1_Money) -> Line {
      Line(account: account, side: .credit, amount: amount)
    }
  }

  private struct Place: Hashable {
    let account: LedgerAccount
    let policyID: String
  }

  private let words: String
  private var lines: [(place: Place, line: Line)] = []

  init(_ words: String, about policyID: String = "", _ lines: Line...) {
    self.words = words
    for line in lines { add(line, about: policyID) }
  }

  mutating func add(_ line: Line, about policyID: String) {
    lines.append((Place(account: line.account, policyID: policyID), line))
  }

  /// The entry that comes of it; nil where nothing moves.
  ///
  /// - Throws: `foreignCurrency`. Whether it balances is decided when it is posted.
  package func entry(causedBy cause: Cause) throws(Journal.Refusal) -> JournalEntry? {
    var order: [Place] = []
    var net: [Place: Int64] = [:]
    for (place, line) in lines {
      guard line.amount.currency.isEmpty || line.amount.currency == bookCurrency.code else {
        throw .foreignCurrency(line.amount.currency, in: cause)
      }
      if net[place] == nil { order.append(place) }
      switch line.side {
      case .debit: net[place, default: 0] += line.amount.cents
      case .credit: net[place, default: 0] -= line.amount.cents
      }
    }
    var postings: [Posting] = []
    for place in order {
      let cents = net[place, default: 0]
      guard cents != 0 else { continue }
      let amount = Money(cents: abs(cents), bookCurrency)
      postings.append(Posting(place.account, cents > 0 ? .debit : .credit, amount, policyID: place.policyID))
    }
    return postings.isEmpty ? nil : JournalEntry(cause: cause, words: words, postings: postings)
  }
}
