// A published event in plain words, with its amounts and dates.

import Contracts
import Foundation
import SwiftProtobuf

struct EventWords {
  let text: String
  let tone: Tone
  /// A page that shows more of it.
  let href: String?

  init(_ text: String, _ tone: Tone = .quiet, href: String? = nil) {
    self.text = text
    self.tone = tone
    self.href = href
  }

  /// An event that is not known here, or cannot be read, is named by its type.
  init(_ event: Premia_Common_V1_Envelope) {
    self = (try? Self.known[event.type]?(event.data)) ?? EventWords(event.type)
  }

  private static let known: [String: @Sendable (Data) throws -> EventWords] = [
    "Quote.Issued": on(quoteIssued), "Policy.Bound": on(policyBound), "Policy.Issued": on(policyIssued),
    "Policy.Terminated": on(policyTerminated), "Policy.Endorsed": on(policyEndorsed),
    "Policy.Paused": on(policyPaused), "Policy.Resumed": on(policyResumed), "Policy.Renewed": on(policyRenewed),
    "Policy.RescissionNoticed": on(rescissionNoticed), "Policy.Rescinded": on(policyRescinded),
    "Policy.Reinstated": on(policyReinstated), "Invoice.Issued": on(invoiceIssued), "Invoice.Paid": on(invoicePaid),
    "Invoice.PastDue": on(invoicePastDue), "Invoice.Voided": on(invoiceVoided), "Invoice.Adjusted": on(invoiceAdjusted),
    "ClosedMonths.Corrected": on(closedMonthsCorrected),
    "Schedule.Changed": on(scheduleChanged), "Invoice.WrittenOff": on(invoiceWrittenOff),
    "Discount.Granted": on(discountGranted), "Shares.Set": on(sharesSet),
    "Discount.Ended": on(discountEnded), "Refund.Requested": on(refundRequested),
    "Refund.Posted": on(refundPosted),
    "Payment.Applied": on(paymentApplied), "Credit.Applied": on(creditApplied), "Payment.Posted": on(paymentPosted),
    "Retry.Planned": on(retryPlanned), "Account.Delinquent": on(accountDelinquent), "Account.Cured": on(accountCured),
    "Account.Lapsed": on(accountLapsed), "Claim.Pended": on(claimPended), "Account.Reinstated": on(accountReinstated),
    "Account.Referred": on(accountReferred),
    "Payment.Failed": on(paymentFailed), "Payout.Posted": on(payoutPosted), "Claim.Filed": on(claimFiled),
    "Claim.Approved": on(claimApproved), "Claim.Denied": on(claimDenied), "Claim.Paid": on(claimPaid),
    "Notice.Sent": on(noticeSent), "Subsidy.Posted": on(subsidyPosted), "Suspense.Held": on(suspenseHeld),
    "Suspense.Released": on(suspenseReleased), "Producer.Assigned": on(producerAssigned),
    "Commission.Posted": on(commissionPosted),
  ]

  private static func on<Event: Message>(
    _ words: @escaping @Sendable (Event) -> EventWords
  ) -> @Sendable (Data) throws -> EventWords {
    { bytes in words(try Event(serializedBytes: bytes)) }
  }
}

// MARK: - Policy

extension EventWords {
  private static func quoteIssued(_ event: Premia_Policy_V1_QuoteIssued) -> EventWords {
    EventWords("Quoted in \(event.state) with \(Words.count(Int64(event.offers), "plan"))")
  }

  private static func policyBound(_ event: Premia_Policy_V1_PolicyBound) -> EventWords {
    var words = "Application accepted for \(event.policy.planName) from \(Words.day(event.policy.effectiveDate))"
    if let price = event.policy.premium.first {
      words += ", \(monthly(price))"
    }
    return EventWords(words + "; waiting for the first payment", .wait)
  }

  private static func monthly(_ price: Premia_Policy_V1_PremiumSegment) -> String {
    var words = "\(Words.money(price.gross)) a month"
    if price.aptc.cents > 0 { words += " less \(Words.money(price.aptc)) of tax credit" }
    for addOn in price.addOns { words += ", \(Words.money(addOn.monthly)) for \(addOn.planName)" }
    return words
  }

  private static func policyIssued(_ event: Premia_Policy_V1_PolicyIssued) -> EventWords {
    let members = Words.count(Int64(event.policy.members.count), "member")
    return EventWords("In force from \(Words.day(event.policy.effectiveDate)) for \(members)", .good)
  }

  private static func policyTerminated(_ event: Premia_Policy_V1_PolicyTerminated) -> EventWords {
    let reason = Words.label(event.reason).lowercased()
    switch event.policy.status {
    case .cancelled: return EventWords("Cancelled before it came into force: \(reason)", .bad)
    case .voided: return EventWords("Void from its beginning: \(reason)", .bad)
    case .active, .paused, .terminated, .applied, .pendingPayment, .unspecified, .UNRECOGNIZED:
      return EventWords("Covered through \(Words.lastDay(before: event.policy.endDate)): \(reason)", .bad)
    }
  }
}

// MARK: - Changes of a policy

extension EventWords {
  private static func policyEndorsed(_ event: Premia_Policy_V1_PolicyEndorsed) -> EventWords {
    var words = "\(Words.label(event.change)) from \(Words.day(event.effectiveDate)): \(reason(event.reason))"
    if let price = event.policy.premium.last(where: { $0.from <= event.effectiveDate }) {
      words += "; \(monthly(price))"
    }
    return EventWords(words)
  }

  private static func policyPaused(_ event: Premia_Policy_V1_PolicyPaused) -> EventWords {
    let days = Words.period(from: event.pause.from, to: event.pause.until)
    return EventWords("Paused for \(days): \(reason(event.pause.reason))", .wait)
  }

  private static func policyResumed(_ event: Premia_Policy_V1_PolicyResumed) -> EventWords {
    EventWords("Covered again from \(Words.day(event.effectiveDate)): \(event.reason)", .good)
  }

  private static func policyRenewed(_ event: Premia_Policy_V1_PolicyRenewed) -> EventWords {
    let ended = event.addOns.map { addOn in
      "; \(addOn.planName) ends" + (addOn.nextPlanID.isEmpty ? "" : ", \(addOn.nextPlanName) takes its place")
    }
    return EventWords("Renewed from \(Words.day(event.termStart))" + ended.joined(), .good)
  }

  private static func rescissionNoticed(_ event: Premia_Policy_V1_PolicyRescissionNoticed) -> EventWords {
    let earliest = Words.day(event.earliestDate)
    return EventWords("Notice of rescission, not before \(earliest): \(reason(event.reason))", .bad)
  }

  private static func policyRescinded(_ event: Premia_Policy_V1_PolicyRescinded) -> EventWords {
    EventWords("Rescinded, void from its beginning: \(reason(event.reason))", .bad)
  }

  private static func policyReinstated(_ event: Premia_Policy_V1_PolicyReinstated) -> EventWords {
    EventWords("Reinstated without a gap: \(event.reason)", .good)
  }

  private static func reason(_ name: String) -> String { Words.label(name).lowercased() }
}

// MARK: - Money

extension EventWords {
  private static func scheduleChanged(_ event: Premia_Billing_V1_ScheduleChanged) -> EventWords {
    EventWords("Billed \(Words.schedule(event.schedule)) from \(Words.day(event.from)): \(event.reason)")
  }

  private static func invoiceIssued(_ event: Premia_Billing_V1_InvoiceIssued) -> EventWords {
    let invoice = event.invoice
    if let charge = invoice.lines.first, charge.kind == "charge" {
      return EventWords("\(Words.money(invoice.total)) charged: \(charge.name), due \(Words.day(invoice.dueOn))")
    }
    let name = invoice.binder ? "First invoice" : "Invoice"
    let period = Words.period(from: invoice.from, to: invoice.to)
    return EventWords("\(name) of \(Words.money(invoice.total)) for \(period), due \(Words.day(invoice.dueOn))")
  }

  private static func invoicePaid(_ event: Premia_Billing_V1_InvoicePaid) -> EventWords {
    let name = event.binder ? "First invoice" : "Invoice"
    return EventWords("\(name) of \(Words.money(event.total)) paid on \(Words.day(event.paidOn))", .good)
  }

  private static func invoicePastDue(_ event: Premia_Billing_V1_InvoicePastDue) -> EventWords {
    EventWords("\(Words.money(event.open)) past due since \(Words.day(event.dueOn))", .bad)
  }

  private static func invoiceVoided(_ event: Premia_Billing_V1_InvoiceVoided) -> EventWords {
    var words = "Invoice of \(Words.money(event.total)) voided: \(event.reason)"
    if event.credited.cents != 0 { words += "; \(Words.money(event.credited)) became credit" }
    return EventWords(words, .wait)
  }

  private static func invoiceAdjusted(_ event: Premia_Billing_V1_InvoiceAdjusted) -> EventWords {
    var words = "Billing corrected by \(Words.money(event.member)) for the member"
    if !event.reason.isEmpty { words += " (\(event.reason))" }
    if event.subsidy.cents != 0 { words += " and \(Words.money(event.subsidy)) for the exchange" }
    if event.credited.cents != 0 { words += "; \(Words.money(event.credited)) became credit" }
    return EventWords(words, .wait)
  }

  private static func closedMonthsCorrected(_ event: Premia_Billing_V1_ClosedMonthsCorrected) -> EventWords {
    var words = "What was billed before \(Words.day(event.to)) corrected by \(Words.money(event.member)) for the member"
    if event.subsidy.cents != 0 { words += " and \(Words.money(event.subsidy)) for the exchange" }
    if event.credited.cents != 0 { words += "; \(Words.money(event.credited)) became credit" }
    return EventWords(words, .wait)
  }

  private static func invoiceWrittenOff(_ event: Premia_Billing_V1_InvoiceWrittenOff) -> EventWords {
    EventWords("\(Words.money(event.amount)) written off: \(event.reason)", .bad)
  }

  private static func discountGranted(_ event: Premia_Billing_V1_DiscountGranted) -> EventWords {
    let terms = event.discount.terms
    let size = terms.percent.isEmpty ? "\(Words.money(terms.amount)) a month" : "\(terms.percent)%"
    return EventWords(
      "Discount \(event.discount.code) of \(size) from \(Words.day(terms.from)): \(event.reason)", .good)
  }

  private static func sharesSet(_ event: Premia_Billing_V1_SharesSet) -> EventWords {
    let from = Words.day(event.period.from)
    guard !event.period.shares.isEmpty else {
      return EventWords("From \(from) the subscriber pays all: \(event.reason)", .wait)
    }
    let shares = event.period.shares.map { share in
      let size = share.percent.isEmpty ? "\(Words.money(share.amount)) a month" : "\(share.percent)%"
      return "\(share.kind) \(share.payerID) pays \(size)"
    }
    return EventWords("From \(from) \(shares.joined(separator: ", ")): \(event.reason)", .good)
  }

  private static func discountEnded(_ event: Premia_Billing_V1_DiscountEnded) -> EventWords {
    EventWords("Discount \(event.code) ends on \(Words.lastDay(before: event.on)): \(event.reason)", .wait)
  }

  private static func refundRequested(_ event: Premia_Billing_V1_RefundRequested) -> EventWords {
    let payee = event.refund.payeeName.isEmpty ? "" : " to \(event.refund.payeeName)"
    return EventWords("Refund of \(Words.money(event.refund.amount))\(payee): \(event.refund.reason)", .wait)
  }

  private static func refundPosted(_ event: Premia_Payments_V1_RefundPosted) -> EventWords {
    EventWords("Refund of \(Words.money(event.amount)) sent")
  }

  private static func paymentApplied(_ event: Premia_Billing_V1_PaymentApplied) -> EventWords {
    var words = "Payment of \(Words.money(event.amount)) applied to invoices"
    if event.toCredit.cents != 0 { words += ", \(Words.money(event.toCredit)) of it kept as credit" }
    return EventWords(words)
  }

  private static func creditApplied(_ event: Premia_Billing_V1_CreditApplied) -> EventWords {
    EventWords("Credit of \(Words.money(event.amount)) used for an invoice")
  }

  private static func paymentPosted(_ event: Premia_Payments_V1_PaymentPosted) -> EventWords {
    let way = event.payment.autopay ? "by autopay" : event.payer.isEmpty ? "by the member" : "from \(event.payer)"
    return EventWords("Payment of \(Words.money(event.payment.amount)) received \(way)", .good)
  }

  private static func subsidyPosted(_ event: Premia_Payments_V1_SubsidyPosted) -> EventWords {
    event.amount.cents < 0
      ? EventWords("Exchange took back tax credit: \(Words.money(event.amount))", .wait)
      : EventWords("Tax credit of \(Words.money(event.amount)) received from the exchange", .good)
  }

  private static func suspenseHeld(_ event: Premia_Payments_V1_SuspenseHeld) -> EventWords {
    EventWords("\(Words.money(event.amount)) from \(event.payer) in suspense: \(Words.label(event.reason))", .wait)
  }

  private static func suspenseReleased(_ event: Premia_Payments_V1_SuspenseReleased) -> EventWords {
    EventWords("\(Words.money(event.amount)) released from suspense")
  }

  private static func paymentFailed(_ event: Premia_Payments_V1_PaymentFailed) -> EventWords {
    let label = DeclineWords.label(event.payment.declineCode)
    let why = label.prefix(1).lowercased() + label.dropFirst()
    return EventWords("Payment of \(Words.money(event.payment.amount)) failed: \(why)", .bad)
  }

  private static func retryPlanned(_ event: Premia_Billing_V1_RetryPlanned) -> EventWords {
    let next = event.nextTryOn.isEmpty ? "No further try" : "Next try on \(Words.day(event.nextTryOn))"
    return EventWords("\(next) for \(Words.money(event.open))", .wait)
  }

  private static func accountDelinquent(_ event: Premia_Billing_V1_AccountDelinquent) -> EventWords {
    let grace = Words.period(from: event.grace.from, to: event.grace.to)
    return EventWords("In grace for \(grace) with \(Words.money(event.owed)) past due", .bad)
  }

  private static func accountCured(_ event: Premia_Billing_V1_AccountCured) -> EventWords {
    EventWords("Paid within the grace period", .good)
  }

  private static func accountLapsed(_ event: Premia_Billing_V1_AccountLapsed) -> EventWords {
    var words = "Lapsed with \(Words.money(event.owed)) unpaid; no coverage from \(Words.day(event.terminateOn))"
    if event.subsidyToReturn.cents > 0 { words += ", \(Words.money(event.subsidyToReturn)) of tax credit goes back" }
    return EventWords(words, .bad)
  }

  private static func claimPended(_ event: Premia_Claims_V1_ClaimPended) -> EventWords {
    EventWords("Claim for \(Words.money(event.charge)) waits for the premium", .wait)
  }

  private static func accountReinstated(_ event: Premia_Billing_V1_AccountReinstated) -> EventWords {
    EventWords("What was owed was paid: coverage comes back", .good)
  }

  private static func accountReferred(_ event: Premia_Billing_V1_AccountReferred) -> EventWords {
    event.hasOwed
      ? EventWords("\(Words.money(event.owed)) past due to collect or write off by hand", .bad)
      : EventWords("Credit of \(Words.money(event.credit)) to refund by hand", .wait)
  }

  private static func payoutPosted(_ event: Premia_Payments_V1_PayoutPosted) -> EventWords {
    let claims = Words.count(Int64(event.payout.claims.count), "claim")
    let payee = "provider \(event.payout.payeeNpi)"
    return EventWords("\(Words.money(event.payout.amount)) paid to \(payee) for \(claims)", .good)
  }
}

// MARK: - Claims and letters

extension EventWords {
  private static func claimFiled(_ event: Premia_Claims_V1_ClaimFiled) -> EventWords {
    EventWords("Claim of \(Words.money(event.charge)) received on \(Words.day(event.receivedOn))")
  }

  private static func claimApproved(_ event: Premia_Claims_V1_ClaimApproved) -> EventWords {
    let parts = "the plan pays \(Words.money(event.paid)), the member \(Words.money(event.patientResponsibility))"
    return EventWords("Claim of \(Words.money(event.charge)) approved: \(parts)", .good)
  }

  private static func claimDenied(_ event: Premia_Claims_V1_ClaimDenied) -> EventWords {
    EventWords("Claim of \(Words.money(event.charge)) denied: \(DenialWords.label(event.reason))", .bad)
  }

  private static func claimPaid(_ event: Premia_Claims_V1_ClaimPaid) -> EventWords {
    EventWords("\(Words.money(event.paid)) of a claim paid to the provider", .good)
  }

  private static func noticeSent(_ event: Premia_Notices_V1_NoticeSent) -> EventWords {
    EventWords("Letter sent: \(Words.label(event.template))", href: "/notices/\(event.noticeID)")
  }
}

// MARK: - Commissions

extension EventWords {
  private static func producerAssigned(_ event: Premia_Commissions_V1_ProducerAssigned) -> EventWords {
    let from = Words.day(event.tenure.from)
    let reason = event.reason
    if event.tenure.producerID.isEmpty { return EventWords("No producer of record from \(from): \(reason)") }
    return EventWords("Producer of record from \(from): \(reason)")
  }

  private static func commissionPosted(_ event: Premia_Commissions_V1_CommissionPosted) -> EventWords {
    let months = Words.count(Int64(Set(event.lines.map(\.month)).count), "month")
    if event.amount.cents < 0 {
      var takenBack = event.amount
      takenBack.cents.negate()
      return EventWords("\(Words.money(takenBack)) of commission clawed back for \(months)", .bad)
    }
    return EventWords("\(Words.money(event.amount)) of commission earned for \(months)")
  }
}
