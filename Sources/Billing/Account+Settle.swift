// The one way in which bills come to be and are corrected: month by month, the lines that should exist against the
// lines that do. A termination, a new price, a subsidy that changed last spring are no code of their own.

import Kernel

extension Account {
  /// The events of one decision, and the state that they lead to so far.
  struct Settling {
    private(set) var state: State
    private(set) var events: [Event] = []

    init(_ state: State) { self.state = state }

    mutating func emit(_ event: Event) {
      state = Account.evolve(state, with: event)
      events.append(event)
    }
  }
}

extension Account.Settling {
  /// Issues what is due and corrects what was issued.
  ///
  /// - An unbilled month gets an invoice.
  /// - A month that is no longer covered loses it, and what was paid becomes credit.
  /// - One that now costs less is adjusted: what is unpaid is reduced first, the rest becomes credit.
  /// - One that now costs more is void and billed anew, so that there is a day on which the whole is due; what was
  ///   paid is used for it. So there is never more than one standing invoice a month.
  mutating func correct(asOf day: CalendarDate, draft: Bool = false) {
    for month in state.monthsInQuestion(asOf: day) {
      let expected = state.timeline.lines(in: month)
      let existing = state.billed.lines(in: month)
      guard expected != existing else { continue }
      let key = Account.InvoiceKey(month: month, sequence: state.sequence(of: month))
      if existing.isEmpty {
        issue(key, expected, on: day, draft: draft)
      } else if let index = state.index(of: key), state.open[index].status == .draft {
        // The next run drafts or issues it as it now should be.
        void(key, reason: "the policy changed")
      } else if expected.isEmpty {
        void(key, reason: "not covered")
      } else if expected.memberCents > existing.memberCents {
        let adjusted = state.relief(of: key).adjustedCents
        let anew = Account.InvoiceKey(month: month, sequence: key.sequence + 1)
        void(key, reason: "replaced")
        issue(anew, expected, on: day, draft: false)
        if adjusted > 0 { takeOff(adjusted, from: anew, .adjustment, reason: "adjusted before", on: day) }
      } else {
        adjust(key, from: existing, to: expected, on: day)
      }
    }
    useCredit(on: day)
  }

  private mutating func issue(_ key: Account.InvoiceKey, _ lines: [Line], on day: CalendarDate, draft: Bool) {
    let binder = state.phase == .pending
    let dueOn = state.dueDate(of: key.month, issuedOn: day, binder: binder)
    let issue = Account.Issue(key: key, binder: binder, issuedOn: day, dueOn: dueOn, lines: lines)
    emit(draft ? .drafted(issue) : .issued(issue))
    settleIfPaid(key, on: day)
  }

  /// Issues drafts exactly as they were drafted, but for the days.
  mutating func issueDrafts(on day: CalendarDate) {
    for invoice in state.open where invoice.status == .draft {
      let dueOn = state.dueDate(of: invoice.key.month, issuedOn: day, binder: invoice.binder)
      let lines = state.billed.lines(in: invoice.key.month)
      emit(.issued(Account.Issue(key: invoice.key, binder: invoice.binder, issuedOn: day, dueOn: dueOn, lines: lines)))
      settleIfPaid(invoice.key, on: day)
    }
  }

  /// Takes an invoice back, whatever its status.
  mutating func void(_ key: Account.InvoiceKey, reason: String) {
    let lines = state.billed.lines(in: key.month)
    let invoice = state.index(of: key).map { state.open[$0] }
    let amounts = state.amounts(of: key)
    emit(
      .voided(
        Account.Void(
          key: key, draft: invoice?.status == .draft, totalCents: amounts.totalCents, subsidyCents: lines.subsidyCents,
          creditedCents: amounts.settledCents, writtenOffCents: state.relief(of: key).writtenOffCents, reason: reason)))
  }

  /// How an amount is taken off by hand.
  enum Lowering { case credit, adjustment }

  /// - Precondition: it is at most what the invoice's amounts allow.
  mutating func takeOff(
    _ cents: Int64, from key: Account.InvoiceKey, _ lowering: Lowering, reason: String, on day: CalendarDate
  ) {
    var amounts = state.amounts(of: key)
    let credited =
      switch lowering {
      case .credit: amounts.credit(cents)
      case .adjustment: amounts.adjust(cents)
      }
    emit(.takenOff(Account.TakeOff(key: key, cents: cents, creditedCents: credited, reason: reason)))
    settleIfPaid(key, on: day)
    useCredit(on: day)
  }

  /// Lowers the invoice and sends the credit that comes of it, or sends what was paid and asks for the invoice again.
  ///
  /// - Precondition: it is at most what the credit or the invoice's amounts allow.
  mutating func refund(_ order: Account.RefundOrder, on day: CalendarDate) {
    if let key = order.invoice, order.adjusting {
      emit(.takenOff(Account.TakeOff(key: key, cents: order.cents, creditedCents: order.cents, reason: order.reason)))
    }
    emit(.refunded(Account.Refund(order, on: day)))
    if let key = order.invoice { settleIfPaid(key, on: day) }
    useCredit(on: day)
  }

  private mutating func adjust(
    _ key: Account.InvoiceKey, from existing: [Line], to expected: [Line], on day: CalendarDate
  ) {
    let change = expected.memberCents - existing.memberCents
    var amounts = state.amounts(of: key)
    let before = amounts.correct(by: change)
    let corrections = Difference(from: existing[...], to: expected[...]).lines(from: existing[...], to: expected[...])
    emit(
      .adjusted(
        Account.Adjustment(
          key: key, corrections: corrections, lines: expected,
          creditedCents: max(0, amounts.settledCents - amounts.standingCents), adjustedBeforeCents: before,
          // What is given up is not owed twice: a reduction lowers the loss before it becomes credit.
          writtenOffCents: min(state.relief(of: key).writtenOffCents, -(change + before)))))
    settleIfPaid(key, on: day)
  }

  /// Uses credit for what is open, the oldest first.
  mutating func useCredit(on day: CalendarDate) {
    for invoice in state.open where state.creditCents > 0 && invoice.openCents > 0 {
      emit(
        .creditApplied(Account.Portion(key: invoice.key, cents: min(state.creditCents, invoice.openCents))))
      settleIfPaid(invoice.key, on: day)
    }
  }

  mutating func apply(
    _ payment: ID<PaymentTag>, _ cents: Int64, invoice named: ID<InvoiceTag>?, on day: CalendarDate
  ) {
    var left = cents
    var portions: [Account.Portion] = []
    for invoice in state.open where left > 0 && invoice.openCents > 0 {
      if let named, state.id(of: invoice.key) != named { continue }
      let part = min(left, invoice.openCents)
      portions.append(Account.Portion(key: invoice.key, cents: part))
      left -= part
    }
    emit(.paymentApplied(Account.Application(payment: payment, portions: portions, creditCents: left, on: day)))
    for portion in portions { settleIfPaid(portion.key, on: day) }
  }

  mutating func markPastDue(asOf day: CalendarDate) {
    for invoice in state.open where invoice.status == .issued && invoice.overdueOn <= day {
      emit(.pastDue(invoice.key))
    }
  }

  private mutating func settleIfPaid(_ key: Account.InvoiceKey, on day: CalendarDate) {
    guard let index = state.index(of: key) else { return }
    let invoice = state.open[index]
    guard invoice.status != .draft, invoice.openCents == 0 else { return }
    emit(
      .paid(
        Account.Settlement(
          key: key, binder: invoice.binder, totalCents: invoice.totalCents, on: day,
          days: invoice.issuedOn.days(until: day))))
  }
}

extension Account.State {
  /// The binder is due when coverage starts, or at once where it has started. Other invoices are due on the billing
  /// day, and never sooner than `issueLeadDays` after they are issued.
  fileprivate func dueDate(of month: CalendarDate, issuedOn day: CalendarDate, binder: Bool) -> CalendarDate {
    if binder { return max(timeline.start ?? month, day) }
    return max(dueDate(of: month), day.adding(days: Account.issueLeadDays))
  }

  /// The months that may differ: those that came due, and all where something else than time has passed.
  fileprivate func monthsInQuestion(asOf day: CalendarDate) -> MonthSequence {
    let last: CalendarDate?
    switch phase {
    case .unopened: last = nil
    case .pending: last = timeline.start?.firstOfMonth
    case .active:
      let limit = day.adding(days: Account.issueLeadDays)
      let due = dueDate(of: limit.firstOfMonth) <= limit ? limit.firstOfMonth : limit.firstOfMonth.adding(months: -1)
      last = timeline.end.map { min(due, $0.adding(days: -1).firstOfMonth) } ?? due
    }
    let end = max(billedThrough, last.map(\.firstOfNextMonth) ?? billedThrough)
    if isInStep { return MonthSequence(from: billedThrough, to: end) }
    let start = min(timeline.start ?? billedThrough, billed.start ?? billedThrough).firstOfMonth
    return MonthSequence(from: min(start, billedThrough), to: end)
  }

  /// Whether all that was ever billed is as it should be.
  var isInStep: Bool { timeline.ending(on: billedThrough) == billed }
}

/// The first days of months.
struct MonthSequence: Sequence, IteratorProtocol {
  private var month: CalendarDate
  private let end: CalendarDate

  init(from start: CalendarDate, to end: CalendarDate) {
    month = start
    self.end = end
  }

  mutating func next() -> CalendarDate? {
    guard month < end else { return nil }
    defer { month = month.firstOfNextMonth }
    return month
  }
}
