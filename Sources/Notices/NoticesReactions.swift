// Events of the others into letters.

import Contracts
import Kernel
import Runtime
import SwiftProtobuf

struct NoticesReactions {
  let templates: NoticeTemplates

  var subscriptions: [Subscription] {
    let reasons = templates.reasons
    return [
      write("policy", "Policy.Issued", Premia_Policy_V1_PolicyIssued.self, Letter.init),
      write("policy", "Policy.Terminated", Premia_Policy_V1_PolicyTerminated.self) {
        try Letter($0, reasons: reasons)
      },
      write("policy", "Policy.Endorsed", Premia_Policy_V1_PolicyEndorsed.self) { try Letter($0, reasons: reasons) },
      write("policy", "Policy.Paused", Premia_Policy_V1_PolicyPaused.self, Letter.init),
      write("policy", "Policy.Resumed", Premia_Policy_V1_PolicyResumed.self, Letter.init),
      write("policy", "Policy.Renewed", Premia_Policy_V1_PolicyRenewed.self) { try Letter($0, reasons: reasons) },
      write("policy", "Policy.RescissionNoticed", Premia_Policy_V1_PolicyRescissionNoticed.self) {
        try Letter($0, reasons: reasons)
      },
      write("policy", "Policy.Rescinded", Premia_Policy_V1_PolicyRescinded.self) {
        try Letter($0, reasons: reasons)
      },
      write("policy", "Policy.Reinstated", Premia_Policy_V1_PolicyReinstated.self, Letter.init),
      write("billing", "Invoice.PastDue", Premia_Billing_V1_InvoicePastDue.self, Letter.init),
      write("billing", "Account.Noticed", Premia_Billing_V1_AccountNoticed.self, Letter.init),
      write("billing", "Retry.Planned", Premia_Billing_V1_RetryPlanned.self, Letter.init),
      write("payments", "Payment.Failed", Premia_Payments_V1_PaymentFailed.self) {
        // Billing says when autopay tries again, and with that the member is told.
        $0.payment.autopay ? nil : try Letter($0)
      },
      write("claims", "Claim.Approved", Premia_Claims_V1_ClaimApproved.self, Letter.init),
      write("claims", "Claim.Denied", Premia_Claims_V1_ClaimDenied.self) {
        // Nobody was found to be covered: there is no member to write to.
        $0.policyID.isEmpty ? nil : try Letter($0, reasons: reasons)
      },
    ]
  }

  private func write<Event: Message>(
    _ source: String, _ type: String, _: Event.Type, _ letter: @escaping @Sendable (Event) throws -> Letter?
  ) -> Subscription {
    let templates = templates
    return Subscription(source, type, Event.self) { event, unit in
      guard let eventID = ID<EventTag>(unit.act.causation) else {
        throw Notice.Refusal.unnamedEvent(unit.act.causation)
      }
      guard let letter = try letter(event) else { return }
      // The identifier of an event carries its time: the notice has the same day and identifier whenever it is read.
      let at = Instant(microseconds: Int64(eventID.hi >> 16) * 1_000)
      let noticeID = ID<NoticeTag>(at: at, derivedFrom: "notices/\(eventID)")
      let notice = Notice.Sent(
        letter, templateVersion: templates.version(of: letter.template), channel: .mailbox, on: at.date,
        eventID: eventID)
      try await unit.decide(Notice.self, StreamID(noticeID), .send(notice))
    }
  }
}
