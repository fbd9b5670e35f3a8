// Commands to events. All that moves money ends in `Settling`: the difference between what should be billed and what
// was.

import Kernel

extension Account {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    var settling = Settling(state)
    switch command {
    case .open(let opening, let day):
      guard state.phase == .unopened else { throw .alreadyOpened(state.policy) }
      guard opening.timeline.start != nil else { throw .nothingToBill(opening.policy) }
      settling.emit(.opened(opening))
      settling.correct(asOf: day)
    case .start(let timeline, let day):
      try take(timeline, into: &settling)
      if state.phase == .pending { settling.emit(.started) }
      settling.correct(asOf: day)
    case .change(let timeline, let day):
      try take(timeline, into: &settling)
      settling.correct(asOf: day)
      settling.dun(asOf: day)
    case .reinstate(let timeline, let day):
      try take(timeline, into: &settling)
      settling.startOver()
      settling.correct(asOf: day)
      settling.dun(asOf: day)
    case .bill(let day, let draft):
      try requireOpened(state)
      if !draft { settling.issueDrafts(on: day) }
      settling.correct(asOf: day, draft: draft)
      settling.markPastDue(asOf: day)
      settling.dun(asOf: day)
    case .applyPayment(let payment, let money, let invoice, let day):
      try requireOpened(state)
      guard money.currency == state.currency else {
        throw .otherCurrency(payment, money.currency, account: state.currency)
      }
      guard money.isPositive else { throw .nothingPaid(payment, cents: money.cents) }
      settling.apply(payment, money.cents, invoice: invoice, on: day)
      settling.useCredit(on: day)
      for event in Dunning.take(money.cents, in: settling.state.dunning) { settling.emit(.dunned(event)) }
      settling.dun(asOf: day)
    case .takeDecline(let declined, let day):
      try requireOpened(state)
      settling.plan(after: declined, on: day)
    case .void(let key, let reason, let day):
      try requireOpened(state)
      try requireVoidable(key, in: state)
      settling.void(key, reason: reason)
      settling.useCredit(on: day)
      settling.dun(asOf: day)
    }
    return settling.events
  }

  /// Takes over a snapshot's timeline, unless it says otherwise of closed months.
  private static func take(_ timeline: BillingTimeline, into settling: inout Settling) throws(Refusal) {
    let state = settling.state
    try requireOpened(state)
    let closed = timeline.lines(before: state.closed.through)
    guard closed.premiumCents == state.closed.premiumCents, closed.subsidyCents == state.closed.subsidyCents else {
      throw .closedMonths(state.policy, before: state.closed.through)
    }
    let rest = timeline.starting(on: state.closed.through)
    if rest != state.timeline { settling.emit(.changed(rest)) }
  }

  private static func requireOpened(_ state: State) throws(Refusal) {
    guard state.phase != .unopened else { throw .notOpened }
  }

  private static func requireVoidable(_ key: InvoiceKey, in state: State) throws(Refusal) {
    guard key.month >= state.closed.through else { throw .closedMonths(state.policy, before: state.closed.through) }
    guard state.index(of: key) == nil else { return }
    let sequence = state.sequence(of: key.month)
    if key.sequence < sequence { throw .invoiceVoid(key) }
    if key.sequence == sequence, state.billed.covers(month: key.month) { throw .invoicePaid(key) }
    throw .unknownInvoice(key)
  }
}
