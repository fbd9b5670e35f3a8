// The words that the tests of billing share.

import Contracts
import Kernel

@testable import Billing

/// A date of a literal.
func day(_ text: String) -> CalendarDate {
  guard let date = CalendarDate(iso: text) else { preconditionFailure("\(text) is no date") }
  return date
}

let silver = Charge(plan: "silver", grossCents: 31_000, aptcCents: 0)
let subsidised = Charge(plan: "silver", grossCents: 31_000, aptcCents: 12_400)
let gold = Charge(plan: "gold", grossCents: 46_500, aptcCents: 0)

enum Given {
  static let account = ID<AccountTag>(hi: 0x0190_0000_0000_7000, lo: 0x8000_0000_0000_0001)
  static let policy = ID<PolicyTag>(hi: 0x0190_0000_0000_7000, lo: 0x8000_0000_0000_0002)
  static let payment = ID<PaymentTag>(hi: 0x0190_0000_0000_7000, lo: 0x8000_0000_0000_0003)

  static func opening(
    _ timeline: BillingTimeline, _ schedule: PaymentSchedule = .monthly, in state: String = "NY",
    currency: Currency = .usd
  ) -> Account.Opening {
    Account.Opening(
      account: account, policy: policy, subscriber: "pty_1", state: state, currency: currency,
      schedule: schedule, timeline: timeline)
  }
}

/// One account and all that was ever decided on it.
struct Story {
  private(set) var state = Account.initial
  private(set) var events: [Account.Event] = []

  @discardableResult
  mutating func when(_ command: Account.Command) throws(Account.Refusal) -> [Account.Event] {
    let decided = try Account.decide(command, in: state)
    state = Account.replay(decided, from: state)
    events += decided
    return decided
  }

  /// An account that is open, with its binder paid and its schedule started.
  static func active(
    _ timeline: BillingTimeline, _ schedule: PaymentSchedule = .monthly, in state: String = "NY",
    on start: CalendarDate
  ) throws -> Story {
    var story = Story()
    try story.when(.open(Given.opening(timeline, schedule, in: state), on: start.adding(days: -15)))
    try story.pay(story.state.receivableCents, on: start.adding(days: -10))
    try story.when(.start(timeline, on: start.adding(days: -10)))
    return story
  }

  mutating func pay(_ cents: Int64, on day: CalendarDate) throws {
    guard cents > 0 else { return }
    try when(.applyPayment(Given.payment, Money(cents: cents), invoice: nil, on: day))
  }

  /// The lines of all that was issued and corrected, less what was taken back.
  var lines: [Line] {
    var standing: [Account.InvoiceKey: [Line]] = [:]
    var closed: [Line] = []
    for event in events {
      switch event {
      case .issued(let issue): standing[issue.key] = issue.lines
      case .adjusted(let adjustment): standing[adjustment.key, default: []] += adjustment.corrections
      case .voided(let void): standing[void.key] = nil
      case .closedCorrected(let correction): closed += correction.lines
      case .opened, .started, .changed, .discounted, .levied, .shared, .rescheduled, .drafted, .takenOff, .writtenOff,
        .refunded, .pastDue, .paymentApplied, .creditApplied, .paid, .dunned:
        break
      }
    }
    return standing.values.flatMap { $0 } + closed
  }

  /// The statuses of the invoices of a month, by sequence.
  func statuses(_ month: CalendarDate) -> [String] {
    var statuses: [Int: String] = [:]
    for event in events {
      switch event {
      case .drafted(let issue) where issue.key.month == month: statuses[issue.key.sequence] = "draft"
      case .issued(let issue) where issue.key.month == month: statuses[issue.key.sequence] = "issued"
      case .voided(let void) where void.key.month == month: statuses[void.key.sequence] = "void"
      case .pastDue(let key) where key.month == month: statuses[key.sequence] = "past due"
      case .paid(let settlement) where settlement.key.month == month: statuses[settlement.key.sequence] = "paid"
      case .opened, .started, .changed, .discounted, .levied, .shared, .rescheduled, .drafted, .issued, .adjusted,
        .closedCorrected, .voided, .takenOff, .writtenOff, .refunded, .pastDue, .paymentApplied, .creditApplied, .paid,
        .dunned:
        break
      }
    }
    return statuses.sorted { $0.key < $1.key }.map(\.value)
  }
}
