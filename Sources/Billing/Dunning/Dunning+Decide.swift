// What follows from the state, what is owed, and the day. One event at a time: each is taken into the state before the
// next is asked for, and none leaves the state as it is, so that no step is taken twice.

import Kernel

extension Dunning {
  /// What follows next up to and including a day; nil where nothing does.
  static func follow(
    _ state: State, _ situation: Situation, subsidyFrom: (CalendarDate) -> Int64, on day: CalendarDate,
    by rules: DunningRules = .shipped
  ) -> Event? {
    if let due = state.retries.first(where: { $0.on.map { $0 <= day } ?? false }) {
      return .retryOrdered(due.invoice, attempt: due.attempt)
    }
    switch state.phase {
    case .current:
      return fallBehind(situation, on: day, by: rules)
    case .inGrace(let grace):
      let owed = situation.owed(in: grace, through: state.overdueThrough)
      guard let oldest = owed.first else { return .cured }
      if grace.cure == .eachPremium, oldest.month > grace.month {
        return .graceMoved(Grace(of: oldest, situation, on: day, by: rules))
      }
      if let planned = grace.notices.first, planned.on <= day { return .noticed(planned.notice) }
      guard grace.end <= day else { return nil }
      return .lapsed(
        Lapse(
          on: day, terminateOn: grace.terminateOn, owedCents: owed.reduce(0) { $0 + $1.openCents },
          subsidyCents: subsidyFrom(grace.terminateOn),
          reinstatableThrough: grace.reinstatementDays > 0 ? day.adding(days: grace.reinstatementDays) : nil,
          rule: grace.rule))
    case .lapsed(let lapse):
      if lapse.receivedCents >= lapse.owedCents { return .reinstated }
      guard let last = lapse.reinstatableThrough else { preconditionFailure("a lapse without an end has ended") }
      return last < day ? .reinstatementClosed : nil
    case .ended:
      return nil
    }
  }

  /// A premium is past due: its grace starts. There is none for the binder, which was to bring the policy into force,
  /// and none where coverage is over: what is owed then is a debt, with nothing to keep.
  private static func fallBehind(_ situation: Situation, on day: CalendarDate, by rules: DunningRules) -> Event? {
    if let ends = situation.coverageEnds, ends <= day { return nil }
    for bill in situation.bills where bill.isPastDue {
      if bill.isBinder {
        return .lapsed(
          Lapse(
            on: day, terminateOn: bill.coveredFrom, owedCents: bill.openCents, subsidyCents: 0,
            reinstatableThrough: nil, rule: "binder_deadline@1"))
      }
      let grace = Grace(of: bill, situation, on: day, by: rules)
      if bill.isOwed(toleranceBasisPoints: grace.toleranceBasisPoints) { return .graceStarted(grace) }
    }
    return nil
  }

  /// What a declined automatic charge leads to; nothing where it was told before, or the account is lost already.
  static func plan(
    _ state: State, afterDecline attempt: Int, of invoice: Account.InvoiceKey, _ method: Method, _ decline: Decline,
    on day: CalendarDate, by rules: DunningRules = .shipped
  ) -> [Event] {
    let before = state.retries.first { $0.invoice == invoice }
    guard attempt > before?.attempt ?? 0 else { return [] }
    let rule = rules.retries(method, decline, on: day)
    let declines = before?.declines ?? 0
    var next = declines < rule.afterDays.count ? day.adding(days: rule.afterDays[declines]) : nil
    switch state.phase {
    case .current: break
    case .inGrace(let grace): next = next.flatMap { $0 < grace.end ? $0 : nil }
    case .lapsed, .ended: return []
    }
    return [
      .retryPlanned(
        Retry(invoice: invoice, attempt: attempt, declines: declines + 1, on: next, rule: rule.reference))
    ]
  }

  /// Money that came for an account; it counts where the policy may be brought back.
  static func take(_ cents: Int64, in state: State) -> [Event] {
    guard case .lapsed = state.phase, cents > 0 else { return [] }
    return [.received(cents: cents)]
  }
}

extension Dunning.Situation {
  /// What has to be paid for a cure, oldest first.
  fileprivate func owed(in grace: Dunning.Grace, through overdue: CalendarDate?) -> [Dunning.Bill] {
    bills.filter { bill in
      bill.isOwed(toleranceBasisPoints: grace.toleranceBasisPoints)
        && (bill.isPastDue || overdue.map { bill.month <= $0 } ?? false)
    }
  }
}

extension Dunning.Grace {
  /// The grace of a premium, by the rule of its state. It starts with the first day that is not paid for, and never
  /// before the premium was due. One that would be over before anybody was told of it starts today.
  fileprivate init(
    of bill: Dunning.Bill, _ situation: Dunning.Situation, on day: CalendarDate, by rules: DunningRules
  ) {
    let rule = rules.grace(
      in: situation.state, withTaxCredit: situation.hasTaxCredit && situation.hasPaidMonth, on: bill.dueOn)
    month = bill.month
    let unpaidFrom = max(bill.coveredFrom, bill.dueOn)
    start = rule.length.end(from: unpaidFrom) > day ? unpaidFrom : day
    end = rule.length.end(from: start)
    pendFrom = rule.paysClaimsFor?.end(from: start)
    terminateOn = rule.covers?.end(from: start) ?? end
    cure = rule.cure
    toleranceBasisPoints = rule.toleranceBasisPoints
    reinstatementDays = rule.reinstatementDays
    self.rule = rule.reference
    var planned = [
      Dunning.PlannedNotice(notice: .graceStarted, on: start.adding(days: rule.startNoticeAfterDays)),
      Dunning.PlannedNotice(notice: .graceEnding, on: end.adding(days: -rule.endNoticeBeforeDays)),
    ]
    if let pendFrom { planned.append(Dunning.PlannedNotice(notice: .claimsPended, on: pendFrom)) }
    notices = planned.sorted { $0.on < $1.on }
  }
}
