// Events of the others, by the posting rules, into entries.

import Kernel
import Runtime
import SwiftProtobuf

enum LedgerReactions {
  static let subscriptions = [
    post(by: PostingRules.invoiceIssued),
    post(by: PostingRules.invoiceAdjusted),
    post(by: PostingRules.invoiceVoided),
    post(by: PostingRules.closedMonthsCorrected),
    post(by: PostingRules.invoiceWrittenOff),
    post(by: PostingRules.refundRequested),
    post(by: PostingRules.refundPosted),
    post(by: PostingRules.paymentApplied),
    post(by: PostingRules.creditApplied),
    post(by: PostingRules.paymentPosted),
    post(by: PostingRules.subsidyPosted),
    post(by: PostingRules.contributionPosted),
    post(by: PostingRules.suspenseHeld),
    post(by: PostingRules.suspenseReleased),
    post(by: PostingRules.suspenseReturned),
    post(by: PostingRules.payoutPosted),
    post(by: PostingRules.claimApproved),
    post(by: PostingRules.commissionPosted),
    post(by: PostingRules.commissionDue),
  ]

  private static func post<Event: Message>(by rule: PostingRule<Event>) -> Subscription {
    Subscription(rule.source, rule.type, Event.self) { event, unit in
      guard let eventID = ID<EventTag>(unit.act.causation) else {
        throw Journal.Refusal.unnamedEvent(unit.act.causation)
      }
      let cause = Cause(eventID: eventID, type: rule.type)
      guard let entry = try rule.draft(event).entry(causedBy: cause) else { return }
      try await unit.decide(Journal.self, StreamID(cause.entryID), .post(entry))
    }
  }
}
