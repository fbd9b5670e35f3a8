// How an account is dunned: it says what it owes, and takes what follows into the same decision, so that money and the
// steps that wait for it are never out of step. Charges are retried, and otherwise left alone: coverage does not hang
// on them.

import Kernel

extension Account.Settling {
  /// Does what follows from what is owed, up to and including a day.
  mutating func dun(asOf day: CalendarDate) {
    while state.isDunned,
      let event = Dunning.follow(
        state.dunning, state.situation, subsidyFrom: { [state] in state.subsidyCents(from: $0) }, on: day)
    {
      emit(.dunned(event))
    }
  }

  /// Plans the next try of an invoice that is still open.
  mutating func plan(after declined: Account.DeclinedCharge, on day: CalendarDate) {
    guard let invoice = state.open.first(where: { state.id(of: $0.key) == declined.invoice }) else { return }
    let events = Dunning.plan(
      state.dunning, afterDecline: declined.attempt, of: invoice.key, declined.method, declined.decline, on: day)
    for event in events { emit(.dunned(event)) }
  }

  /// The policy goes on: what it lost is forgotten, and what is overdue gets a grace of its own.
  mutating func startOver() {
    switch state.dunning.phase {
    case .current, .inGrace: break
    case .lapsed, .ended: emit(.dunned(.reinstated))
    }
  }
}

extension Account.State {
  /// Whether there is anything to ask dunning for; nearly always there is not.
  fileprivate var isDunned: Bool {
    dunning.phase != .current || !dunning.retries.isEmpty || open.contains(where: \.isPremiumPastDue)
  }

  var situation: Dunning.Situation {
    let bills = open.filter { $0.openCents > 0 && !$0.key.isCharge }.map { invoice in
      Dunning.Bill(
        month: invoice.key.month, dueOn: invoice.dueOn,
        coveredFrom: billed.firstDay(onOrAfter: invoice.key.month) ?? invoice.key.month,
        totalCents: invoice.totalCents, openCents: invoice.openCents,
        // Once the policy is in force by a person's decision, the binder is an invoice like any other.
        isBinder: invoice.binder && phase == .pending, isPastDue: invoice.status == .pastDue)
    }
    let oldest = open.first(where: \.isPremiumPastDue)
    return Dunning.Situation(
      state: jurisdiction, bills: bills, coverageEnds: timeline.end,
      hasTaxCredit: oldest.map { billed.lines(in: period(of: $0.key)).subsidyCents > 0 } ?? false,
      hasPaidMonth: oldest.map(hasPaidMonth) ?? false)
  }

  /// Whether a month of the same calendar year was billed and is paid: one before the invoice's period, or the first of
  /// a longer one, which is what a part of the money pays first.
  private func hasPaidMonth(inYearOf invoice: Account.OpenInvoice) -> Bool {
    let month = invoice.key.month
    let first = billed.firstDay(onOrAfter: month) ?? month
    if invoice.paidCents > 0, invoice.paidCents >= billed.lines(in: first).memberCents { return true }
    let newYear = month.adding(months: 1 - month.month)
    return MonthSequence(from: newYear, to: month).contains { earlier in
      guard billed.covers(.month(containing: earlier)) else { return false }
      let period = schedules.period(containing: earlier)
      return !open.contains { $0.key.month == period.start && !$0.key.isCharge }
    }
  }

  /// What was billed to the exchange for the days from a date on.
  func subsidyCents(from day: CalendarDate) -> Int64 {
    billed.lines(before: billedThrough).subsidyCents - billed.ending(on: day).lines(before: billedThrough).subsidyCents
  }
}
