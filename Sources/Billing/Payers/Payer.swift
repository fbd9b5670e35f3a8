// Who pays shares of policies: what was billed to them, stated once a month, and paid.
//
//   statement   issued --> past due
//                 |  \        |  \
//                 v   v       v   v
//               paid  carried     paid, carried
//
// An invoice bills a payer when it is issued, behind the run, by Billing's own published log. What was billed since the
// last statement stands on the next; a statement that is not paid when the next is issued is carried over to it. What
// is paid is used for the oldest invoice first. The member's policy stays as it is whether the payer pays or not.

import Kernel
import Runtime

enum StatementTag: IDTag { static let prefix = "stm" }

/// The rules of one payer.
enum Payer: Aggregate {
  /// The day of a month on which statements are issued: behind the invoices that are due on the first of the next,
  /// which are issued 10 days before it.
  static let statementDay = 25
  /// From issue to the day on which a statement is due.
  static let daysToPay = 15

  /// What an invoice, or what corrects one, bills to the payer.
  struct Item: Hashable, Sendable {
    enum Kind: Int, Hashable, Sendable, CaseIterable { case contribution, correction }

    /// Of the event in the published log.
    let position: Int64
    let kind: Kind
    let policy: String
    let invoice: String
    /// The days that it is for.
    let period: Period
    /// Negative where less is owed.
    let cents: Int64
  }

  /// What is owed for one invoice.
  struct Open: Hashable, Sendable {
    let policy: String
    let invoice: String
    /// The first day that it is for.
    let from: CalendarDate
    var cents: Int64
  }

  /// Money for one invoice.
  struct Portion: Hashable, Sendable, Codable {
    let policy: String
    let invoice: String
    let cents: Int64
  }

  struct Statement: Hashable, Sendable, Codable {
    enum Status: String, Hashable, Sendable, Codable, CaseIterable {
      case issued
      case pastDue = "past_due"
      case paid
      case carried
    }

    let id: ID<StatementTag>
    /// The first day of the month in which it is issued.
    let month: CalendarDate
    let issuedOn: CalendarDate
    let dueOn: CalendarDate
    /// What was left of the statement before, less what was paid since.
    let broughtForwardCents: Int64
    /// The statement whose rest that is; nil where none was left.
    let carried: ID<StatementTag>?
    /// By policy, the oldest of each first.
    let items: [Item]

    var totalCents: Int64 { items.reduce(broughtForwardCents) { $0 + $1.cents } }
  }

  /// The last statement, as long as its balance is not on another.
  struct Standing: Hashable, Sendable, Codable {
    let id: ID<StatementTag>
    let month: CalendarDate
    let dueOn: CalendarDate
    /// To pay, less what was paid or given back since.
    var leftCents: Int64
    var status: Statement.Status
  }

  struct State: Hashable, Sendable, Codable {
    /// Nil until something was billed or paid.
    var payer: ID<PartyTag>?
    /// The position of the last event of the log that was billed.
    var through: Int64 = 0
    /// Billed since the last statement.
    var unstated: [Item] = []
    /// The day on which the first of them was billed.
    var unstatedSince = CalendarDate.earliest
    /// Oldest first.
    var open: [Open] = []
    /// Paid, or given back, and not used.
    var creditCents: Int64 = 0
    /// All that was billed and paid so far.
    var billedCents: Int64 = 0
    var paidCents: Int64 = 0
    var standing: Standing?
  }

  enum Command: Hashable, Sendable {
    /// Bills items, those left out that were billed before.
    case bill([Item], to: ID<PartyTag>, on: CalendarDate)
    /// Uses what was paid for the oldest that is owed; what is left is credit. It may be known before what it pays for,
    /// which is read behind the run.
    case pay(receipt: String, Money, of: ID<PartyTag>, on: CalendarDate)
    /// Does what is due up to and including a day.
    case advance(asOf: CalendarDate)
  }

  enum Event: Hashable, Sendable, Codable {
    case billed([Item], to: ID<PartyTag>, on: CalendarDate)
    case paid(receipt: String, cents: Int64, [Portion], of: ID<PartyTag>, on: CalendarDate)
    case stated(Statement)
    case fellPastDue
  }

  enum Refusal: Error, Hashable, Sendable {
    case otherCurrency(Currency)
    case nothingPaid(receipt: String)
  }

  static let kind = "payer"
  static let initial = State()

  static func name(of event: Event) -> String {
    switch event {
    case .billed: "contributionsBilled"
    case .paid: "contributionPaid"
    case .stated: "statementIssued"
    case .fellPastDue: "statementPastDue"
    }
  }
}

extension Payer.Refusal: Refusal {
  var problem: Problem {
    switch self {
    case .otherCurrency(let currency):
      Problem(
        kind: .invalid, code: "billing.contribution_currency", detail: "A contribution is in \(currency).",
        remedy: "Pay in USD, in which contributions are billed.")
    case .nothingPaid(let receipt):
      Problem(
        kind: .invalid, code: "billing.nothing_contributed", detail: "\(receipt) is not above zero.",
        remedy: "A contribution is above zero.")
    }
  }
}

extension Payer.Item: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(position)
    cells.add(kind.rawValue)
    cells.add(policy)
    cells.add(invoice)
    cells.add(period.start)
    cells.add(period.end)
    cells.add(cents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    position = try cells.number()
    kind = try cells.value()
    policy = try cells.text()
    invoice = try cells.text()
    let (start, end) = (try cells.day(), try cells.day())
    guard let period = Period(start: start, end: end) else {
      throw CellReader.Fault(what: "what is billed from \(start) ends on \(end)")
    }
    self.period = period
    cents = try cells.number()
  }
}

extension Payer.Open: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(policy)
    cells.add(invoice)
    cells.add(from)
    cells.add(cents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    policy = try cells.text()
    invoice = try cells.text()
    from = try cells.day()
    cents = try cells.number()
  }
}
