// The one way in which bills come to be and are corrected: period by period, the lines that should exist against the
// lines that do. A termination, a new price, a subsidy that changed last spring are no code of their own.

import Kernel

extension Account {
  /// The events of one decision, each with the state that it leads to, and the state so far.
  struct Settling {
    private(set) var state: State
    private(set) var steps: [(event: Event, state: State)] = []

    init(_ state: State) { self.state = state }

    mutating func emit(_ event: Event) {
      state = Account.evolve(state, with: event)
      steps.append((event, state))
    }
  }
}

extension Account.Settling {
  /// Issues what is due and corrects what was issued.
  ///
  /// - An unbilled period gets an invoice.
  /// - A period that is no longer covered loses it, and what was paid becomes credit.
  /// - One that now costs less is adjusted: what is unpaid is reduced first, the rest becomes credit.
  /// - One that now costs more is void and billed anew, so that there is a day on which the whole is due; what was
  ///   paid is used for it. So there is never more than one standing invoice a period.
  mutating func correct(asOf day: CalendarDate, draft: Bool = false) {
    for period in state.periodsInQuestion(asOf: day) {
      let expected = state.timeline.lines(in: period)
      let existing = state.billed.lines(in: period)
      guard expected != existing else { continue }
      let key = Account.InvoiceKey(month: period.start, sequence: state.sequence(of: period.start))
      if existing.isEmpty {
        issue(key, expected, on: day, draft: draft)
      } else if let index = state.index(of: key), state.open[index].status == .draft {
        // The next run drafts or issues it as it now should be.
        void(key, reason: "the policy changed")
      } else if expected.isEmpty {
        void(key, reason: "not covered")
      } else if expected.memberCents > existing.memberCents {
        let adjusted = state.relief(of: key).adjustedCents
        let anew = Account.InvoiceKey(month: period.start, sequence: key.sequence + 1)
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
    let dueOn = state.dueDate(of: state.period(of: key), issuedOn: day, binder: binder)
    let issue = Account.Issue(key: key, binder: binder, issuedOn: day, dueOn: dueOn, lines: lines)
    emit(draft ? .drafted(issue) : .issued(issue))
    settleIfPaid(key, on: day)
  }

  /// Issues drafts exactly as they were drafted, but for the days.
  mutating func issueDrafts(on day: CalendarDate) {
    for invoice in state.open where invoice.status == .draft {
      let period = state.period(of: invoice.key)
      let dueOn = state.dueDate(of: period, issuedOn: day, binder: invoice.binder)
      let lines = state.billed.lines(in: period)
      emit(.issued(Account.Issue(key: invoice.key, binder: invoice.binder, issuedOn: day, dueOn: dueOn, lines: lines)))
      settleIfPaid(invoice.key, on: day)
    }
  }

  /// Takes an invoice back, whatever its status.
  mutating func void(_ key: Account.InvoiceKey, reason: String) {
    let lines = state.lines(of: key)
    let invoice = state.index(of: key).map { state.open[$0] }
    let amounts = state.amounts(of: key)
    emit(
      .voided(
        Account.Void(
          key: key, draft: invoice?.status == .draft, totalCents: amounts.totalCents, subsidyCents: lines.subsidyCents,
          creditedCents: amounts.settledCents, writtenOffCents: state.relief(of: key).writtenOffCents,
          named: state.namedLines(of: key), reason: reason)))
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
  /// The periods that may differ: those that came due, and all where something else than time has passed.
  fileprivate func periodsInQuestion(asOf day: CalendarDate) -> BillingPeriods {
    var first = billedThrough
    if !isInStep { first = min(first, timeline.start ?? first, billed.start ?? first) }
    return BillingPeriods(of: schedules, from: first, to: dueThrough(on: day))
  }

  /// The end of the last period that was billed, or is due to be issued.
  private func dueThrough(on day: CalendarDate) -> CalendarDate {
    switch phase {
    case .unopened: return billedThrough
    case .pending: return max(billedThrough, binderPeriod?.end ?? billedThrough)
    case .active:
      var due = billedThrough
      while let first = timeline.firstDay(onOrAfter: due) {
        let period = schedules.period(containing: first)
        guard issueDate(of: period) <= day else { break }
        due = period.end
      }
      return due
    }
  }

  /// Whether all that was ever billed is as it should be.
  var isInStep: Bool { timeline.ending(on: billedThrough) == billed }
}
