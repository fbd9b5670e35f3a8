// Events of others to our commands.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

enum BillingReactions {
  static func subscriptions(_ levies: LevyRules) -> [Subscription] { [bound(levies), contribution] + others }

  private static func bound(_ levies: LevyRules) -> Subscription {
    Subscription("policy", "Policy.Bound", Premia_Policy_V1_PolicyBound.self) { event, unit in
      let snapshot = try Snapshot(event.policy)
      let opening = Account.Opening(
        account: unit.newID(AccountTag.self, for: "account"), policy: snapshot.policy,
        subscriber: event.policy.subscriberID, state: event.policy.state, currency: snapshot.currency,
        schedule: snapshot.schedule, timeline: snapshot.timeline)
      if let account = try await account(of: snapshot.policy.description, &unit) {
        throw Account.Refusal.alreadyOpened(try await unit.state(of: Account.self, account).policy)
      }
      let levied = levies.levied(in: opening.state)
      try await unit.decide(Account.self, StreamID(opening.account), .open(opening, levied: levied, on: unit.today))
    }
  }

  private static let others: [Subscription] = [
    Subscription("policy", "Policy.Issued", Premia_Policy_V1_PolicyIssued.self) { event, unit in
      let snapshot = try Snapshot(event.policy)
      let account = try await accountRequired(event.policy.policyID, &unit)
      try await unit.bill(account, snapshot.timeline, .start(snapshot.timeline, on: unit.today))
    },
    change("Policy.Terminated", Premia_Policy_V1_PolicyTerminated.self, \.policy),
    change("Policy.Endorsed", Premia_Policy_V1_PolicyEndorsed.self, \.policy),
    change("Policy.Paused", Premia_Policy_V1_PolicyPaused.self, \.policy),
    change("Policy.Resumed", Premia_Policy_V1_PolicyResumed.self, \.policy),
    change("Policy.Renewed", Premia_Policy_V1_PolicyRenewed.self, \.policy),
    change("Policy.Rescinded", Premia_Policy_V1_PolicyRescinded.self, \.policy),
    change("Policy.Reinstated", Premia_Policy_V1_PolicyReinstated.self, \.policy) { .reinstate($0, on: $1) },
    Subscription("payments", "Payment.Posted", Premia_Payments_V1_PaymentPosted.self) { event, unit in
      let payment = event.payment
      let id = try ID<PaymentTag>(payment.paymentID, field: "payment.payment_id")
      let invoice =
        payment.invoiceID.isEmpty ? nil : try ID<InvoiceTag>(payment.invoiceID, field: "payment.invoice_id")
      let amount = try payment.amount.money("payment.amount")
      // A gateway's repeated word of the same payment is another message.
      let known = Query(BillingTables.payments, where: [("payment_id", .text(id.description))], limit: 1)
      guard try await unit.rows(known).isEmpty else { return }
      let account = try await accountRequired(payment.policyID, &unit)
      try await unit.decide(Account.self, account, .applyPayment(id, amount, invoice: invoice, on: unit.today))
    },
    Subscription("payments", "Payment.Failed", Premia_Payments_V1_PaymentFailed.self) { event, unit in
      // A charge that a person asked for leaves the plan as it is.
      guard event.payment.autopay, let declined = try Account.DeclinedCharge(event.payment) else { return }
      let account = try await accountRequired(event.payment.policyID, &unit)
      try await unit.decide(Account.self, account, .takeDecline(declined, on: unit.today))
    },
  ]

  /// Whatever happened to a policy: its whole premium is in the snapshot, and the difference is billed.
  private static func change<Event: Message>(
    _ type: String, _: Event.Type, _ policy: @escaping @Sendable (Event) -> Premia_Policy_V1_Policy,
    command: @escaping @Sendable (BillingTimeline, CalendarDate) -> Account.Command = { .change($0, on: $1) }
  ) -> Subscription {
    Subscription("policy", type, Event.self) { event, unit in
      let snapshot = try Snapshot(policy(event))
      // A policy may be cancelled before it was ever bound; nothing was billed then.
      guard let account = try await account(of: snapshot.policy.description, &unit) else { return }
      try await unit.bill(account, snapshot.timeline, command(snapshot.timeline, unit.today))
    }
  }

  static func account(of policy: String, _ unit: inout Unit) async throws -> StreamID? {
    let rows = try await unit.rows(Query(BillingTables.accounts, where: [("policy_id", .text(policy))], limit: 1))
    return rows.first.map { StreamID($0.text("account_id")) }
  }

  private static func accountRequired(_ policy: String, _ unit: inout Unit) async throws -> StreamID {
    guard let account = try await account(of: policy, &unit) else { throw Account.Refusal.notOpened }
    return account
  }
}

extension Account.DeclinedCharge {
  /// Nil where the charge was not declined.
  fileprivate init?(_ payment: Premia_Payments_V1_Payment) throws(Problem) {
    switch payment.declineClass {
    case .soft: decline = .soft
    case .hard: decline = .hard
    case .unspecified, .UNRECOGNIZED: return nil
    }
    method = payment.method == .bank ? .bank : .card
    invoice = try ID(payment.invoiceID, field: "payment.invoice_id")
    attempt = Int(payment.attempt)
  }
}

/// What billing takes from the canonical snapshot of a policy.
struct Snapshot {
  let policy: ID<PolicyTag>
  let currency: Currency
  /// As it was applied for.
  let schedule: PaymentSchedule
  var timeline = BillingTimeline()

  /// - Throws: where the premium is none that can be billed, or the schedule none by which it could be.
  init(_ message: Premia_Policy_V1_Policy) throws(Problem) {
    policy = try ID(message.policyID, field: "policy.policy_id")
    let start = try Self.day(message.effectiveDate, "policy.effective_date")
    let end = message.endDate.isEmpty ? nil : try Self.day(message.endDate, "policy.end_date")
    schedule =
      message.hasPaymentSchedule
      ? try PaymentSchedule(message.paymentSchedule, of: "policy.payment_schedule", coveredFrom: start) : .monthly
    currency = try message.premium.first?.gross.money("policy.premium.gross").currency ?? .usd
    for segment in message.premium {
      let from = max(start, try Self.day(segment.from, "policy.premium.from"))
      var to = segment.to.isEmpty ? nil : try Self.day(segment.to, "policy.premium.to")
      if let end { to = min(to ?? end, end) }
      let charge = Charge(
        plan: try Self.name(segment.planID, "policy.premium.plan_id"), level: segment.level.word,
        grossCents: try cents(segment.gross, "policy.premium.gross"),
        aptcCents: try cents(segment.aptc, "policy.premium.aptc"),
        addOns: try segment.addOns.map { addOn throws(Problem) in
          Charge.AddOn(
            plan: try Self.name(addOn.planID, "policy.premium.add_ons.plan_id"),
            cents: try cents(addOn.monthly, "policy.premium.add_ons.monthly"))
        })
      if to.map({ from < $0 }) ?? true { timeline.set(charge, from: from, to: to) }
    }
  }

  private static func name(_ plan: String, _ field: String) throws(Problem) -> String {
    guard !plan.isEmpty, !plan.contains(where: { $0 == "|" || $0.isNewline }) else {
      throw .field(field, "is '\(plan)'; it is a name without bars or line ends")
    }
    return plan
  }

  private func cents(_ message: Premia_Common_V1_Money, _ field: String) throws(Problem) -> Int64 {
    let money = try message.money(field)
    guard money.currency == currency || money.isZero else {
      throw .field(field, "is in \(money.currency), the first premium in \(currency)")
    }
    guard (0...Self.mostCents).contains(money.cents) else { throw .field(field, "is \(money.cents) cents a month") }
    return money.cents
  }

  /// Days far from any insurance are mistakes of typing.
  private static func day(_ text: String, _ field: String) throws(Problem) -> CalendarDate {
    let day = try CalendarDate(text, field: field)
    guard (1980...2199).contains(day.year) else { throw .field(field, "is \(day); it is in 1980 to 2199") }
    return day
  }

  /// Ten million a month, in cents.
  private static let mostCents: Int64 = 1_000_000_000
}
