// What happened to an account, in the order in which it was made known, and the statement that it comes to. Days on
// which nothing is made known and nothing comes due are never looked at.

import Kernel

/// Something about money, on the day on which it happens.
struct MoneyEntry: Hashable, Sendable {
  enum Action: Hashable, Sendable {
    /// A charge from outside, on the invoice of its day.
    case charge(Int64, name: String)
    /// - Parameter invoice: by its date; otherwise the oldest first.
    case payment(Int64, invoice: CalendarDate?)
    /// What was paid for an invoice becomes credit; without an invoice credit is granted.
    case credit(Int64, invoice: CalendarDate?)
    /// Takes something off an invoice: first off what is still to pay, the rest becomes credit.
    case adjust(Int64, invoice: CalendarDate)
    /// Goes back to the payer, out of credit or out of what was paid for an invoice. With an adjustment the invoice
    /// bills as much less; without, it is to be paid again.
    case refund(Int64, invoice: CalendarDate?, adjusting: Bool)
    case void(invoice: CalendarDate)
    case writeOff(invoice: CalendarDate)
  }

  let action: Action
  /// Where it was asked for.
  let place: String
}

/// One account on paper: what is agreed, what happened, and the day from which it is looked at.
struct BillingRecord: Sendable {
  struct Entry: Sendable {
    enum Content: Sendable {
      case change(Change)
      case money(MoneyEntry)
    }

    /// Never earlier than that of the entry before.
    let known: CalendarDate
    let content: Content
  }

  let agreement: Agreement
  let entries: [Entry]
  /// What is made known later has not happened yet; what comes due later is not billed yet.
  let asOf: CalendarDate
}

/// What a record comes to.
struct BillingOutcome: Sendable {
  let statement: Statement
  /// All lines of periods that should exist.
  let expected: [ChargeLine]
  /// The part of the credit that is to be paid back, since all coverage has ended and it was paid in.
  let refundsDueCents: Int64
}

extension BillingRecord {
  /// Lives through the days: on each, the changes that are made known, then the invoice, then payments and the like.
  func outcome() throws(PreviewRefusal) -> BillingOutcome {
    var history = History(agreement)
    var calculator = Calculator(agreement)
    var statement = Statement()
    var rest = entries[...]
    while let day = CalendarDate.earlier(rest.first?.known, calculator.nextDue), day <= asOf {
      let today = rest.prefix { $0.known == day }
      rest = rest.dropFirst(today.count)
      var charges: [ChargeLine] = []
      var changedFrom: CalendarDate?
      for entry in today {
        switch entry.content {
        case .change(let change):
          try history.make(change)
          changedFrom = min(changedFrom ?? change.effective, change.effective)
        case .money(let entry):
          guard case .charge(let cents, let name) = entry.action else { continue }
          charges.append(ChargeLine(kind: .charge, name: name, cents: cents))
        }
      }
      let doubtful = changedFrom.map { calculator.take(history, from: $0) } ?? []
      let same = calculator.lines.count
      try calculator.advance(through: day)
      statement.bill(calculator.lines[same...], insteadOf: doubtful, charges: charges, on: day)
      try book(today, in: &statement, calculator.lines, on: day)
      try Self.check(calculator)
    }
    let hasEnded = !history.contracts.isEmpty && history.contracts.allSatisfy { $0.hasEnded(on: asOf) }
    return BillingOutcome(
      statement: statement, expected: calculator.lines,
      refundsDueCents: hasEnded ? max(0, min(statement.creditCents, statement.paidCents)) : 0)
  }

  /// A change that reaches far back calculates all lines behind it again: both are bounded.
  private static func check(_ calculator: Calculator) throws(PreviewRefusal) {
    let (lines, effort) = (calculator.lines.count, calculator.effort)
    if lines > mostLines { throw .tooMany("the statement, in lines,", lines, most: mostLines) }
    if effort > 100 * mostLines {
      throw .tooMany("the timeline, in lines calculated again,", effort, most: 100 * mostLines)
    }
  }

  /// Forty years of months for ten subscriptions.
  private static let mostLines = 5_000

  private func book(
    _ entries: ArraySlice<Entry>, in statement: inout Statement, _ expected: [ChargeLine], on day: CalendarDate
  ) throws(PreviewRefusal) {
    var hasVoided = false
    for entry in entries {
      guard case .money(let money) = entry.content else { continue }
      try statement.book(money, agreement.convention)
      if case .void = money.action { hasVoided = true }
    }
    // What was taken back is billed anew, as it should now be.
    if hasVoided { statement.billAgain(expected, on: day) }
  }
}
