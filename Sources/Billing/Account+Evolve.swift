// Events to state.

import Kernel

extension Account {
  static let initial = State()

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .opened(let opening): state.open(opening)
    case .started: state.phase = .active
    case .changed(let timeline): state.timeline = timeline
    case .rescheduled(let change): state.schedules = change.schedules
    case .discounted(let event): state.pricing.evolve(event)
    case .levied(let levied): state.pricing.levies = levied.levies
    case .shared(let order): state.pricing.share(order)
    case .drafted(let issue): state.take(issue, .draft)
    case .issued(let issue): state.take(issue, .issued)
    case .adjusted(let adjustment):
      state.billed.copy(state.period(of: adjustment.key), from: state.timeline)
      state.creditCents += adjustment.creditedCents
      state.relieve(adjustment.key) {
        $0.adjustedCents -= adjustment.adjustedBeforeCents
        $0.writtenOffCents -= adjustment.writtenOffCents
      }
      if let index = state.index(of: adjustment.key) {
        let adjusted = state.relief(of: adjustment.key).adjustedCents
        state.open[index].totalCents = adjustment.lines.memberCents - adjusted
        state.open[index].paidCents -= adjustment.creditedCents
      }
    case .closedCorrected(let correction):
      state.closed = correction.after
      state.creditCents += correction.creditedCents
    case .voided(let void): state.takeBack(void)
    case .takenOff(let amount):
      state.creditCents += amount.creditedCents
      state.relieve(amount.key) { $0.adjustedCents += amount.cents }
      if let index = state.index(of: amount.key) {
        state.open[index].totalCents -= amount.cents
        state.open[index].paidCents -= amount.creditedCents
      }
    case .refunded(let refund):
      guard let reopening = refund.reopening else {
        state.creditCents -= refund.cents
        break
      }
      state.reopen(reopening, by: refund)
    case .writtenOff(let loss):
      state.relieve(loss.key) { $0.writtenOffCents += loss.cents }
      state.open.removeAll { $0.key == loss.key }
      state.dunning.forget(loss.key)
    case .pastDue(let key):
      state.change(key) { $0.status = .pastDue }
      if !key.isCharge { state.dunning.fallBehind(key.month) }
    case .paymentApplied(let application):
      for portion in application.portions { state.change(portion.key) { $0.paidCents += portion.cents } }
      state.creditCents += application.creditCents
    case .creditApplied(let portion):
      state.change(portion.key) { $0.paidCents += portion.cents }
      state.creditCents -= portion.cents
    case .paid(let settlement):
      state.open.removeAll { $0.key == settlement.key }
      state.dunning.forget(settlement.key)
    case .dunned(let event): state.dunning = Dunning.evolve(state.dunning, with: event)
    }
    return state
  }
}

extension Account.State {
  /// The next period to be billed: one that was voided, or the first that was never billed.
  var nextPeriod: Period? {
    switch phase {
    case .unopened: return nil
    case .pending:
      guard let first = binderPeriod, !billed.covers(first) else { return nil }
      return first
    case .active:
      return gap ?? timeline.firstDay(onOrAfter: billedThrough).map { schedules.period(containing: $0) }
    }
  }

  /// The first covered period that was billed and is no more, as a draft that was taken back.
  private var gap: Period? {
    guard !isInStep, let start = timeline.start else { return nil }
    for period in BillingPeriods(of: schedules, from: start, to: billedThrough)
    where timeline.covers(period) && !billed.covers(period) { return period }
    return nil
  }

  /// The first month that is still to be billed, or billed by a draft: it stays open until its invoice is issued.
  private var firstUnissued: CalendarDate? {
    let draft = open.first { $0.status == .draft }?.key.month
    guard let gap = gap?.start else { return draft }
    return draft.map { min($0, gap) } ?? gap
  }

  fileprivate mutating func open(_ opening: Account.Opening) {
    guard let start = opening.timeline.start else { preconditionFailure("an account was opened for no coverage") }
    account = opening.account
    policy = opening.policy
    currency = opening.currency
    phase = .pending
    jurisdiction = opening.state
    timeline = opening.timeline
    billedThrough = start.firstOfMonth
    schedules = PaymentSchedules(opening.schedule, from: billedThrough)
    closed = Account.Closed(through: billedThrough.adding(months: -Account.openMonths))
  }

  fileprivate mutating func take(_ issue: Account.Issue, _ status: Account.OpenInvoice.Status) {
    let invoice = Account.OpenInvoice(
      key: issue.key, status: status, binder: issue.binder, issuedOn: issue.issuedOn, dueOn: issue.dueOn,
      totalCents: issue.lines.memberCents)
    if let index = index(of: issue.key) {
      open[index] = invoice
      return
    }
    insert(invoice)
    if issue.key.isCharge {
      chargeCount = -issue.key.sequence
      charges += issue.lines.map { Account.OutsideCharge(key: issue.key, name: $0.name, cents: $0.cents) }
      return
    }
    let period = period(of: issue.key)
    billed.copy(period, from: timeline)
    billedThrough = max(billedThrough, period.end)
    // Open months count from the period's first, so that long periods are open no shorter; none is closed in part.
    let oldest = period.start.adding(months: 1 - Account.openMonths)
    let date = schedules.period(containing: oldest).start
    if date > closed.through { close(before: min(date, firstUnissued ?? date)) }
  }

  /// Sums up the months before a date, with which a period begins, and forgets them.
  private mutating func close(before date: CalendarDate) {
    guard date > closed.through else { return }
    let lines = billed.lines(before: date)
    if !pricing.isEmpty { pricing.close(lines, before: date) }
    closed.take(
      billed.isBare ? lines : billed.bare.lines(before: date), billed: lines,
      reliefs.filter { $0.key.month < date && !$0.key.isCharge }, before: date)
    schedules.forget(before: date)
    guard min(timeline.start ?? date, billed.start ?? date) < date else { return }
    timeline = timeline.starting(on: date)
    billed = billed.starting(on: date)
    repeats.removeAll { $0.month < date }
    reliefs.removeAll { $0.key.month < date }
    charges.removeAll { $0.key.month < date }
  }

  private mutating func insert(_ invoice: Account.OpenInvoice) {
    let later = open.firstIndex { $0.key.isCharge || $0.key.month > invoice.key.month }
    open.insert(invoice, at: invoice.key.isCharge ? open.count : later ?? open.count)
  }

  fileprivate mutating func takeBack(_ void: Account.Void) {
    let key = void.key
    creditCents += void.creditedCents
    open.removeAll { $0.key == key }
    dunning.forget(key)
    reliefs.removeAll { $0.key == key }
    if key.isCharge {
      charges.removeAll { $0.key == key }
      return
    }
    billed.clear(period(of: key))
    repeats.removeAll { $0.month == key.month }
    repeats.append(Account.InvoiceKey(month: key.month, sequence: key.sequence + 1))
  }

  /// What was paid for an invoice is owed again. One that was paid in full has a new day on which it is due.
  fileprivate mutating func reopen(_ reopening: Account.Refund.Reopening, by refund: Account.Refund) {
    let key = reopening.key
    if let index = index(of: key) {
      open[index].paidCents -= refund.cents
      return
    }
    let amounts = amounts(of: key)
    let invoice = Account.OpenInvoice(
      key: key, status: .issued, binder: false, issuedOn: refund.on, dueOn: reopening.dueOn,
      totalCents: amounts.totalCents, paidCents: amounts.settledCents - refund.cents)
    insert(invoice)
  }

  /// Keeps what is left of a relief; nothing where nothing is.
  fileprivate mutating func relieve(_ key: Account.InvoiceKey, _ body: (inout Account.Relief) -> Void) {
    var relief = relief(of: key)
    body(&relief)
    reliefs.removeAll { $0.key == key }
    if relief.adjustedCents != 0 || relief.writtenOffCents != 0 { reliefs.append(relief) }
  }

  fileprivate mutating func change(_ key: Account.InvoiceKey, _ body: (inout Account.OpenInvoice) -> Void) {
    guard let index = index(of: key) else { preconditionFailure("invoice \(key) is not open") }
    body(&open[index])
  }
}
