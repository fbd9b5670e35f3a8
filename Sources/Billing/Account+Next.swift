// What comes next for an account: by itself, by a person, or by the passing of time. Every account that is not closed
// has one next step and its date.

import Kernel

extension Account {
  static func nextStep(for state: State) -> Instant? { state.next.map { Instant(date: $0.on) } }
}

extension Account.State {
  enum NextStep: Hashable, Sendable {
    case issue(Period)
    case markPastDue(Account.InvoiceKey)
    case dun(Dunning.Step)
    /// A person is asked to settle what is left.
    case refer(Dunning.Balance)
    /// The binder is paid or there is none, and the policy is to be issued: nothing of billing's.
    case start
    /// Coverage ends, and nothing is left then.
    case close
  }

  /// The next step that is taken without anybody asking, and its day; nil where there is none.
  var next: (step: NextStep, on: CalendarDate)? {
    var next: (step: NextStep, on: CalendarDate)?
    func consider(_ step: NextStep, _ day: CalendarDate) {
      if next.map({ day < $0.on }) ?? true { next = (step, day) }
    }
    if let period = nextPeriod { consider(.issue(period), issueDate(of: period)) }
    for invoice in open {
      switch invoice.status {
      case .draft: consider(.issue(period(of: invoice.key)), issueDate(of: period(of: invoice.key)))
      case .issued: consider(.markPastDue(invoice.key), invoice.overdueOn)
      // What follows is dunning's; where that has nothing left to do, a person's.
      case .pastDue: break
      }
    }
    if let (step, day) = dunning.next { consider(.dun(step), day) }
    return next ?? balance.map { (.refer($0), referralDate(of: $0)) }
  }

  /// The next step, or what the account waits for where it takes none; nil where it is closed.
  func visibleNext(on today: CalendarDate) -> (step: NextStep, on: CalendarDate)? {
    if let next { return next }
    if isClosed(on: today) { return nil }
    if phase == .pending, let start = timeline.start { return (.start, start) }
    return timeline.end.map { (.close, $0) }
  }

  /// Whether coverage is over by a day, all of it is billed and paid, and no credit is left.
  func isClosed(on day: CalendarDate) -> Bool {
    phase != .unopened && open.isEmpty && creditCents == 0 && nextPeriod == nil && isOver(on: day)
  }

  /// Whether there is no coverage on a day or after it.
  private func isOver(on day: CalendarDate) -> Bool {
    !timeline.charges.isOpenEnded && timeline.end.map { $0 <= day } ?? true
  }

  /// What nothing settles by itself: a debt that is past due, or credit that no invoice is to come for.
  private var balance: Dunning.Balance? {
    let debts = open.filter { $0.status == .pastDue && $0.openCents > 0 }
    if let newest = debts.map(\.overdueOn).max() {
      return Dunning.Balance(kind: .debt, cents: debts.reduce(0) { $0 + $1.openCents }, since: newest)
    }
    let waitsForCoverage = phase == .pending && timeline.start != nil
    guard creditCents > 0, !waitsForCoverage, !timeline.charges.isOpenEnded else { return nil }
    return Dunning.Balance(kind: .credit, cents: creditCents, since: timeline.end ?? billedThrough)
  }

  private func referralDate(of balance: Dunning.Balance) -> CalendarDate {
    let rule = DunningRules.shipped.referral(of: balance.kind, on: balance.since)
    let first = balance.since.adding(days: rule.afterDays)
    return max(first, dunning.referAgainOn ?? first)
  }
}

extension Account.Settling {
  /// Asks a person to settle what is left, where that is due; and again some days later, until it is done.
  mutating func refer(asOf day: CalendarDate) {
    guard let next = state.next, case .refer(let balance) = next.step, next.on <= day else { return }
    let rule = DunningRules.shipped.referral(of: balance.kind, on: balance.since)
    emit(
      .dunned(
        .referred(
          Dunning.Referral(
            balance: balance.kind, cents: balance.cents, on: day, againOn: day.adding(days: rule.everyDays),
            rule: rule.reference))))
  }
}
