// What follows when a premium is not paid: retries, notices, the grace period, its cure, the end of the policy, and the
// days in which it can be brought back. The states and where they lead are in `stages`; what they wait for is one next
// step with a date, computed from the state.
//
// Nothing here knows an invoice's lines or a policy: an account says what it owes (`Situation`), dunning says what
// follows. It moves no money. The tax credit that goes back is in the invoices that are void once the policy ended.

import Kernel

enum Dunning {
  /// What is paid with.
  enum Method: String, Hashable, Sendable, Codable, CaseIterable { case card, bank }

  /// Whether the same instrument may work later.
  enum Decline: String, Hashable, Sendable, Codable, CaseIterable { case soft, hard }

  /// What ends a grace period before its time.
  enum Cure: String, Hashable, Sendable, Codable, CaseIterable {
    /// All premiums that are due. A part of them leaves the clock as it is.
    case allDue = "all_due"
    /// Each premium has a grace period of its own: once the oldest is paid, that of the next one counts.
    case eachPremium = "each_premium"
  }

  /// What the member is told while in grace.
  enum Notice: String, Hashable, Sendable, Codable, CaseIterable {
    case graceStarted = "grace_started"
    case claimsPended = "claims_pended"
    case graceEnding = "grace_ending"
  }

  struct PlannedNotice: Hashable, Sendable {
    let notice: Notice
    let on: CalendarDate
  }

  /// A grace period: its days are fixed on the day it starts, whatever becomes of the rules.
  struct Grace: Hashable, Sendable, Codable {
    /// The oldest month that is not paid.
    let month: CalendarDate
    let start: CalendarDate
    /// The first day behind it, on which the policy lapses.
    let end: CalendarDate
    /// Claims for services from this day on wait; nil where all are paid.
    let pendFrom: CalendarDate?
    /// The first day without coverage where nobody pays.
    let terminateOn: CalendarDate
    let cure: Cure
    let toleranceBasisPoints: Int
    let reinstatementDays: Int
    let rule: String
    /// Those to come, the next first.
    var notices: [PlannedNotice]
  }

  /// A policy was lost for want of payment.
  struct Lapse: Hashable, Sendable, Codable {
    let on: CalendarDate
    /// The first day without coverage.
    let terminateOn: CalendarDate
    /// Overdue on that day.
    let owedCents: Int64
    /// Tax credit that was billed to the exchange for days without coverage.
    let subsidyCents: Int64
    /// The last day on which paying what was owed brings the policy back; nil where nothing does.
    let reinstatableThrough: CalendarDate?
    let rule: String
    /// Money that came since.
    var receivedCents: Int64 = 0
  }

  /// The automatic charges of one invoice that were declined.
  struct Retry: Hashable, Sendable {
    let invoice: Account.InvoiceKey
    /// The number of the charge that was declined last.
    let attempt: Int
    let declines: Int
    /// The day of the next try; nil once it was ordered, or given up.
    var on: CalendarDate?
    let rule: String
  }

  /// What is left of an account when nothing more is billed, and nothing settles it by itself.
  struct Balance: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
      /// Past due, with no policy to lose any more.
      case debt
      /// Paid and not used, with nothing to use it for.
      case credit
    }

    let kind: Kind
    let cents: Int64
    let since: CalendarDate
  }

  /// A person was asked to settle a balance.
  struct Referral: Hashable, Sendable, Codable {
    let balance: Balance.Kind
    let cents: Int64
    let on: CalendarDate
    let againOn: CalendarDate
    let rule: String
  }

  enum Phase: Hashable, Sendable {
    case current
    case inGrace(Grace)
    case lapsed(Lapse)
    /// Nothing brings it back by itself.
    case ended
  }

  struct State: Hashable, Sendable {
    var phase = Phase.current
    /// The newest month that was ever past due, until all is paid. Billing such a month anew gives it another due date;
    /// the grace goes on all the same.
    var overdueThrough: CalendarDate?
    var retries: [Retry] = []
    /// When a balance is referred again that was referred before.
    var referAgainOn: CalendarDate?
  }

  /// What is done next without anybody asking.
  enum Step: Hashable, Sendable {
    case retry(Account.InvoiceKey)
    case notice(Notice)
    case lapse
    case closeReinstatement
  }

  enum Event: Hashable, Sendable, Codable {
    case retryPlanned(Retry)
    case retryOrdered(Account.InvoiceKey, attempt: Int)
    case graceStarted(Grace)
    /// The oldest premium was paid: the grace of the next one counts.
    case graceMoved(Grace)
    case noticed(Notice)
    case cured
    case lapsed(Lapse)
    case received(cents: Int64)
    /// What was owed was paid in time.
    case reinstated
    case reinstatementClosed
    case referred(Referral)
  }
}

extension Dunning {
  /// A phase without what it carries.
  enum Stage: String, Hashable, Sendable, CaseIterable { case current, inGrace, lapsed, ended }

  /// Where each stage leads, and by what: the diagram of the README, and a test holds every walk against it.
  static let stages: [(from: Stage, event: String, to: Stage)] = [
    (.current, "graceStarted", .inGrace), (.current, "lapsed", .ended), (.inGrace, "noticed", .inGrace),
    (.inGrace, "graceMoved", .inGrace), (.inGrace, "cured", .current), (.inGrace, "lapsed", .lapsed),
    (.inGrace, "lapsed", .ended), (.lapsed, "receivedAfterLapse", .lapsed), (.lapsed, "reinstated", .current),
    (.lapsed, "reinstatementClosed", .ended), (.ended, "reinstated", .current),
  ]

  /// The stages as Mermaid draws them.
  static var diagram: String {
    let arrows = stages.map { "  \($0.from.rawValue) --> \($0.to.rawValue): \($0.event)" }
    return (["stateDiagram-v2", "  [*] --> current"] + arrows).joined(separator: "\n")
  }
}

extension Dunning.Phase {
  var stage: Dunning.Stage {
    switch self {
    case .current: .current
    case .inGrace: .inGrace
    case .lapsed: .lapsed
    case .ended: .ended
    }
  }
}
