// The events of the others, short to write.

import Contracts
import Kernel
import SwiftProtobuf

extension Published {
  static func invoiceIssued(
    _ policyID: String = "pol_1", total: Int64, lines: [(kind: String, cents: Int64)]
  ) -> Published {
    var message = Premia_Billing_V1_InvoiceIssued()
    message.invoice.invoiceID = "inv_1"
    message.invoice.policyID = policyID
    message.invoice.from = "2026-03-01"
    message.invoice.to = "2026-04-01"
    message.invoice.total = money(total)
    message.invoice.lines = lines.map(line)
    return Published(source: "billing", type: "Invoice.Issued", about: policyID, message: message)
  }

  private static func line(_ kind: String, _ cents: Int64) -> Premia_Billing_V1_Line {
    var line = Premia_Billing_V1_Line()
    line.kind = kind
    line.amount = money(cents)
    return line
  }

  static func invoiceIssued(_ policyID: String = "pol_1", gross: Int64, subsidy: Int64) -> Published {
    invoiceIssued(policyID, total: gross - subsidy, lines: [("premium", gross), ("subsidy", -subsidy)])
  }

  static func invoiceAdjusted(
    _ policyID: String = "pol_1", member: Int64, subsidy: Int64, credited: Int64, writtenOff: Int64 = 0,
    lines: [(kind: String, cents: Int64)] = []
  ) -> Published {
    var message = Premia_Billing_V1_InvoiceAdjusted()
    message.lines = lines.map(line)
    message.policyID = policyID
    message.invoiceID = "inv_1"
    message.adjustmentID = "adj_1"
    message.member = money(member)
    message.subsidy = money(subsidy)
    message.credited = money(credited)
    message.writtenOff = money(writtenOff)
    return Published(source: "billing", type: "Invoice.Adjusted", about: policyID, message: message)
  }

  static func closedMonthsCorrected(
    _ policyID: String = "pol_1", member: Int64, subsidy: Int64, credited: Int64, writtenOff: Int64,
    lines: [(kind: String, cents: Int64)]
  ) -> Published {
    var message = Premia_Billing_V1_ClosedMonthsCorrected()
    message.lines = lines.map(line)
    message.policyID = policyID
    message.to = "2026-03-01"
    message.member = money(member)
    message.subsidy = money(subsidy)
    message.credited = money(credited)
    message.writtenOff = money(writtenOff)
    return Published(source: "billing", type: "ClosedMonths.Corrected", about: policyID, message: message)
  }

  static func refundRequested(_ policyID: String = "pol_1", _ cents: Int64, reopened: Int64 = 0) -> Published {
    var message = Premia_Billing_V1_RefundRequested()
    message.refund.refundID = "rfd_1"
    message.refund.policyID = policyID
    message.refund.amount = money(cents)
    message.refund.reopened = money(reopened)
    return Published(source: "billing", type: "Refund.Requested", about: policyID, message: message)
  }

  static func refundPosted(_ policyID: String = "pol_1", _ cents: Int64) -> Published {
    var message = Premia_Payments_V1_RefundPosted()
    message.refundID = "rfd_1"
    message.policyID = policyID
    message.amount = money(cents)
    return Published(source: "payments", type: "Refund.Posted", about: policyID, message: message)
  }

  static func invoiceWrittenOff(_ policyID: String = "pol_1", _ cents: Int64) -> Published {
    var message = Premia_Billing_V1_InvoiceWrittenOff()
    message.policyID = policyID
    message.invoiceID = "inv_1"
    message.amount = money(cents)
    message.reason = "uncollectible"
    return Published(source: "billing", type: "Invoice.WrittenOff", about: policyID, message: message)
  }

  static func invoiceVoided(
    _ policyID: String = "pol_1", total: Int64, subsidy: Int64, credited: Int64, writtenOff: Int64 = 0,
    lines: [(kind: String, cents: Int64)] = []
  ) -> Published {
    var message = Premia_Billing_V1_InvoiceVoided()
    message.lines = lines.map(line)
    message.policyID = policyID
    message.invoiceID = "inv_1"
    message.total = money(total)
    message.subsidy = money(subsidy)
    message.credited = money(credited)
    message.writtenOff = money(writtenOff)
    message.reason = "terminated"
    return Published(source: "billing", type: "Invoice.Voided", about: policyID, message: message)
  }

  static func paymentPosted(_ policyID: String = "pol_1", _ cents: Int64, currency: String = "") -> Published {
    var message = Premia_Payments_V1_PaymentPosted()
    message.payment.paymentID = "pay_1"
    message.payment.policyID = policyID
    message.payment.amount = money(cents)
    message.payment.amount.currency = currency
    return Published(source: "payments", type: "Payment.Posted", about: policyID, message: message)
  }

  static func subsidyPosted(_ policyID: String = "pol_1", _ cents: Int64) -> Published {
    var message = Premia_Payments_V1_SubsidyPosted()
    message.receiptID = "rcp_1"
    message.policyID = policyID
    message.amount = money(cents)
    return Published(source: "payments", type: "Subsidy.Posted", about: policyID, message: message)
  }

  static func contributionPosted(_ cents: Int64) -> Published {
    var message = Premia_Payments_V1_ContributionPosted()
    message.receiptID = "rcp_1"
    message.payerID = "pty_1"
    message.amount = money(cents)
    return Published(source: "payments", type: "Contribution.Posted", about: "", message: message)
  }

  static func suspenseHeld(_ cents: Int64) -> Published {
    var message = Premia_Payments_V1_SuspenseHeld()
    message.receiptID = "rcp_1"
    message.amount = money(cents)
    message.reason = "unmatched"
    return Published(source: "payments", type: "Suspense.Held", about: "", message: message)
  }

  static func suspenseReleased(_ policyID: String = "pol_1", _ cents: Int64) -> Published {
    var message = Premia_Payments_V1_SuspenseReleased()
    message.receiptID = "rcp_1"
    message.policyID = policyID
    message.amount = money(cents)
    return Published(source: "payments", type: "Suspense.Released", about: policyID, message: message)
  }

  static func suspenseReturned(_ cents: Int64) -> Published {
    var message = Premia_Payments_V1_SuspenseReturned()
    message.receiptID = "rcp_1"
    message.amount = money(cents)
    message.reason = "paid twice"
    return Published(source: "payments", type: "Suspense.Returned", about: "", message: message)
  }

  static func paymentApplied(_ policyID: String = "pol_1", toInvoices: Int64, toCredit: Int64) -> Published {
    var message = Premia_Billing_V1_PaymentApplied()
    message.policyID = policyID
    message.paymentID = "pay_1"
    message.amount = money(toInvoices + toCredit)
    message.toInvoices = money(toInvoices)
    message.toCredit = money(toCredit)
    return Published(source: "billing", type: "Payment.Applied", about: policyID, message: message)
  }

  static func creditApplied(_ policyID: String = "pol_1", _ cents: Int64) -> Published {
    var message = Premia_Billing_V1_CreditApplied()
    message.policyID = policyID
    message.invoiceID = "inv_1"
    message.amount = money(cents)
    return Published(source: "billing", type: "Credit.Applied", about: policyID, message: message)
  }

  static func claimApproved(_ policyID: String = "pol_1", paid: Int64) -> Published {
    var message = Premia_Claims_V1_ClaimApproved()
    message.claimID = "clm_1"
    message.policyID = policyID
    message.paid = money(paid)
    return Published(source: "claims", type: "Claim.Approved", about: policyID, message: message)
  }

  static func commissionPosted(_ policyID: String = "pol_1", _ cents: [Int64]) -> Published {
    var message = Premia_Commissions_V1_CommissionPosted()
    message.policyID = policyID
    message.amount = money(cents.reduce(0, +))
    for cents in cents {
      var line = Premia_Commissions_V1_Line()
      line.month = "2026-03-01"
      line.amount = money(cents)
      message.lines.append(line)
    }
    return Published(source: "commissions", type: "Commission.Posted", about: policyID, message: message)
  }

  static func commissionDue(_ cents: Int64) -> Published {
    var message = Premia_Commissions_V1_CommissionDue()
    message.statementID = "cst_1"
    message.month = "2026-03-01"
    message.amount = money(cents)
    return Published(source: "commissions", type: "Commission.Due", about: "", message: message)
  }

  static func payoutPosted(_ claims: [(policyID: String, cents: Int64)], amount: Int64? = nil) -> Published {
    var message = Premia_Payments_V1_PayoutPosted()
    message.payout.payoutID = "pout_1"
    message.payout.traceNumber = "0001"
    message.payout.amount = money(amount ?? claims.map(\.cents).reduce(0, +))
    for (policyID, cents) in claims {
      var claim = Premia_Payments_V1_PayoutClaim()
      claim.claimID = "clm_1"
      claim.policyID = policyID
      claim.amount = money(cents)
      message.payout.claims.append(claim)
    }
    return Published(source: "payments", type: "Payout.Posted", about: "", message: message)
  }
}
