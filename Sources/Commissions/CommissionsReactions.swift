// What Policy and Billing tell, as news of a policy's commission.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

enum CommissionsReactions {
  static func all(under schedule: CommissionSchedule) -> [Subscription] {
    policy(under: schedule) + billing(under: schedule)
  }

  /// Each of them carries the whole snapshot.
  private static func policy(under schedule: CommissionSchedule) -> [Subscription] {
    func keep<Event: Message>(
      _ type: String, _: Event.Type, _ policy: @escaping @Sendable (Event) -> Premia_Policy_V1_Policy
    ) -> Subscription {
      Subscription("policy", type, Event.self) { event, unit in
        let policy = policy(event)
        try await unit.learn(.policy(try Commission.Facts(policy)), of: policy.policyID, under: schedule)
      }
    }
    return [
      keep("Policy.Bound", Premia_Policy_V1_PolicyBound.self, \.policy),
      keep("Policy.Issued", Premia_Policy_V1_PolicyIssued.self, \.policy),
      keep("Policy.Endorsed", Premia_Policy_V1_PolicyEndorsed.self, \.policy),
      keep("Policy.Paused", Premia_Policy_V1_PolicyPaused.self, \.policy),
      keep("Policy.Resumed", Premia_Policy_V1_PolicyResumed.self, \.policy),
      keep("Policy.Renewed", Premia_Policy_V1_PolicyRenewed.self, \.policy),
      keep("Policy.Reinstated", Premia_Policy_V1_PolicyReinstated.self, \.policy),
      keep("Policy.Terminated", Premia_Policy_V1_PolicyTerminated.self, \.policy),
      keep("Policy.Rescinded", Premia_Policy_V1_PolicyRescinded.self, \.policy),
    ]
  }

  private static func billing(under schedule: CommissionSchedule) -> [Subscription] {
    [
      Subscription("billing", "Invoice.Issued", Premia_Billing_V1_InvoiceIssued.self) { event, unit in
        let invoice = event.invoice
        let id = try InvoiceID(invoice.invoiceID, field: "invoice.invoice_id")
        let shares = try [Commission.Share](invoice.lines)
        try await unit.learn(.invoiceIssued(id, shares), of: invoice.policyID, under: schedule)
      },
      Subscription("billing", "Invoice.Adjusted", Premia_Billing_V1_InvoiceAdjusted.self) { event, unit in
        let id = try InvoiceID(event.invoiceID, field: "invoice_id")
        let changes = try [Commission.Share](event.lines)
        try await unit.learn(.invoiceAdjusted(id, by: changes), of: event.policyID, under: schedule)
      },
      Subscription("billing", "Invoice.Paid", Premia_Billing_V1_InvoicePaid.self) { event, unit in
        let id = try InvoiceID(event.invoiceID, field: "invoice_id")
        try await unit.learn(.invoicePaid(id), of: event.policyID, under: schedule)
      },
      Subscription("billing", "Invoice.Voided", Premia_Billing_V1_InvoiceVoided.self) { event, unit in
        let id = try InvoiceID(event.invoiceID, field: "invoice_id")
        try await unit.learn(.invoiceVoided(id), of: event.policyID, under: schedule)
      },
      // A payment that goes back leaves its invoice owed again.
      Subscription("billing", "Refund.Requested", Premia_Billing_V1_RefundRequested.self) { event, unit in
        guard !event.refund.reopenedInvoiceID.isEmpty else { return }
        let id = try InvoiceID(event.refund.reopenedInvoiceID, field: "refund.reopened_invoice_id")
        try await unit.learn(.invoiceReopened(id), of: event.refund.policyID, under: schedule)
      },
    ]
  }
}

extension Unit {
  fileprivate mutating func learn(
    _ news: Commission.News, of policy: String, under schedule: CommissionSchedule
  ) async throws {
    let id = try PolicyID(policy, field: "policy_id")
    try await decide(Commission.self, StreamID(id), .learn(news, under: schedule))
  }
}

// MARK: - Snapshots

extension Commission.Facts {
  init(_ policy: Premia_Policy_V1_Policy) throws(Problem) {
    let effective = try CalendarDate(policy.effectiveDate, field: "policy.effective_date")
    var levels = Timeline<CommissionSchedule.Level>()
    for segment in policy.premium {
      let from = try CalendarDate(segment.from, field: "policy.premium.from")
      let to = try CalendarDate.optional(segment.to, field: "policy.premium.to")
      if let to, to <= from { continue }
      guard let level = CommissionSchedule.Level(segment.level) else {
        throw .field("policy.premium.level", "is missing for \(segment.planID)")
      }
      levels.set(level, from: from, to: to)
    }
    let original = try CalendarDate.optional(policy.originalEffectiveDate, field: "policy.original_effective_date")
    let terms = try policy.termStarts.map { term throws(Problem) in try CalendarDate(term, field: "policy.term_starts")
    }
    self.init(
      version: policy.version, state: policy.state, channel: policy.channel, levels: levels,
      members: try policy.members.map { member throws(Problem) in
        Span(
          from: try .optional(member.from, field: "policy.members.from") ?? effective,
          to: try .optional(member.to, field: "policy.members.to"))
      },
      // Coverage that began with a predecessor is renewed by the policy that continues it.
      renewedOn: original.map { $0 < effective } ?? false ? effective : terms.dropFirst().first)
  }
}

extension CommissionSchedule.Level {
  init?(_ level: Premia_Products_V1_Level) {
    switch level {
    case .unspecified, .UNRECOGNIZED: return nil
    case .catastrophic: self = .catastrophic
    case .bronze: self = .bronze
    case .silver: self = .silver
    case .gold: self = .gold
    case .platinum: self = .platinum
    case .dental: self = .dental
    case .vision: self = .vision
    }
  }
}

// MARK: - Invoices

extension [Commission.Share] {
  /// The premium of lines by month: premium and what was adjusted of it by hand, less the tax credit. Lines of another
  /// kind are no premium. A line of several months is spread over them by their days.
  init(_ lines: [Premia_Billing_V1_Line]) throws(Problem) {
    var shares: [CalendarDate: Commission.Share] = [:]
    for line in lines {
      let isGross = line.kind == "premium" || line.kind == "adjustment"
      guard isGross || line.kind == "subsidy" else { continue }
      let from = try CalendarDate(line.from, field: "lines.from")
      guard let period = Period(start: from, end: try CalendarDate(line.to, field: "lines.to")) else {
        throw .field("lines.to", "is \(line.to), not after \(from)")
      }
      let months = period.byMonth
      let parts = try line.amount.dollars("lines.amount").allocated(by: months.map { Int64($0.days) })
      for (month, part) in zip(months, parts) {
        let first = month.start.firstOfMonth
        shares[first, default: .init(nothingFor: first)].add(
          Commission.Share(month: first, grossCents: isGross ? part.cents : 0, netCents: part.cents))
      }
    }
    self = shares.values.sorted { $0.month < $1.month }
  }
}

extension Period {
  /// Cut where a month begins.
  fileprivate var byMonth: [Period] {
    var parts: [Period] = []
    var start = start
    while start < end {
      let next = Swift.min(start.firstOfNextMonth, end)
      parts.append(Period(from: start, to: next))
      start = next
    }
    return parts
  }
}

extension Premia_Common_V1_Money {
  /// - Throws: where the amount is not in US dollars, the one currency of commissions.
  fileprivate func dollars(_ field: String) throws(Problem) -> Money {
    let amount = try money(field)
    guard amount.currency == .usd else { throw .field(field, "is in \(amount.currency); commissions are in USD") }
    return amount
  }
}
