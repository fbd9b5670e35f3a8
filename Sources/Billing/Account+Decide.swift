// Commands to events. All that moves money ends in `Settling`: the difference between what should be billed and what
// was.

import Kernel

extension Account {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    try settle(command, in: state).steps.map(\.event)
  }

  static func unfold(_ command: Command, in state: State) throws(Refusal) -> [(event: Event, state: State)] {
    try settle(command, in: state).steps
  }

  private static func settle(_ command: Command, in state: State) throws(Refusal) -> Settling {
    var settling = Settling(state)
    switch command {
    case .open(let opening, let levied, let day):
      guard state.phase == .unopened else { throw .alreadyOpened(state.policy) }
      guard opening.timeline.start != nil else { throw .nothingToBill(opening.policy) }
      settling.emit(.opened(opening))
      settling.levy(levied)
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
    case .reschedule(let order, let day):
      try requireOpened(state)
      settling.emit(.rescheduled(try reschedule(order, in: state, on: day)))
      settling.correct(asOf: day)
      settling.dun(asOf: day)
    case .bill(let day, let draft, let levied):
      try requireOpened(state)
      if let levied { settling.levy(levied) }
      if !draft { settling.issueDrafts(on: day) }
      settling.correct(asOf: day, draft: draft)
      settling.markPastDue(asOf: day)
      settling.dun(asOf: day)
      settling.refer(asOf: day)
    case .discount(let command, let day):
      try requireOpened(state)
      try settling.discount(command)
      settling.correct(asOf: day)
      settling.dun(asOf: day)
    case .share(let order, let currency, let day):
      try requireOpened(state)
      try settling.share(order, currency)
      settling.correct(asOf: day)
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
    case .credit(let key, let cents, let reason, let day):
      try requireLowerable(key, by: cents, in: state)
      let most = state.amounts(of: key).mostCreditCents
      guard cents <= most else { throw .moreThanPaid(key, cents: cents, most: most) }
      settling.takeOff(cents, from: key, .credit, reason: reason, on: day)
      settling.dun(asOf: day)
    case .adjust(let key, let cents, let reason, let day):
      try requireLowerable(key, by: cents, in: state)
      let most = state.amounts(of: key).mostAdjustmentCents
      guard cents <= most else { throw .moreThanBilled(key, cents: cents, most: most) }
      settling.takeOff(cents, from: key, .adjustment, reason: reason, on: day)
      settling.dun(asOf: day)
    case .refund(let order, let day):
      try requireOpened(state)
      try requireRefundable(order, in: state)
      settling.refund(order, on: day)
      settling.dun(asOf: day)
    case .charge(let cents, let reason, let day):
      try requireOpened(state)
      guard !state.isClosed(on: day) else { throw .closed(state.account) }
      guard (1...mostChargeCents).contains(cents) else { throw .chargeOutOfRange(cents: cents) }
      settling.charge(cents, for: reason, on: day)
    case .writeOff(let key, let reason, let day):
      try requireStanding(key, in: state)
      guard let index = state.index(of: key), state.open[index].openCents > 0 else { throw .nothingOpen(key) }
      settling.emit(
        .writtenOff(WriteOff(key: key, cents: state.open[index].openCents, reason: reason)))
      settling.dun(asOf: day)
    }
    return settling
  }

  /// Takes over a snapshot's timeline. What it says of closed months is settled as one amount, unless it costs more.
  private static func take(_ timeline: BillingTimeline, into settling: inout Settling) throws(Refusal) {
    let state = settling.state
    try requireOpened(state)
    let lines = timeline.lines(before: state.closed.through)
    if !state.closed.isInStep(with: lines) {
      guard let correction = state.closed.correction(to: lines) else {
        throw .closedMonths(state.policy, before: state.closed.through)
      }
      settling.emit(.closedCorrected(correction))
    }
    settling.price(timeline.starting(on: state.closed.through))
  }

  private static func requireOpened(_ state: State) throws(Refusal) {
    guard state.phase != .unopened else { throw .notOpened }
  }

  private static func requireLowerable(_ key: InvoiceKey, by cents: Int64, in state: State) throws(Refusal) {
    guard cents > 0 else { throw .notPositive(key, cents: cents) }
    try requireStanding(key, in: state)
  }

  private static func requireRefundable(_ order: RefundOrder, in state: State) throws(Refusal) {
    guard order.cents > 0 else { throw .refundNotPositive(cents: order.cents) }
    guard let key = order.invoice else {
      guard order.cents <= state.creditCents else { throw .moreThanCredit(cents: order.cents, most: state.creditCents) }
      return
    }
    try requireStanding(key, in: state)
    let most = state.amounts(of: key).mostRefundCents(adjusting: order.adjusting)
    guard order.cents <= most else { throw .moreThanPaid(key, cents: order.cents, most: most) }
  }

  /// It is issued, and neither void nor written off.
  private static func requireStanding(_ key: InvoiceKey, in state: State) throws(Refusal) {
    try requireOpened(state)
    guard key.month >= state.closed.through else { throw .closedMonths(state.policy, before: state.closed.through) }
    if state.isVoid(key) { throw .invoiceVoid(key) }
    let isDraft = state.index(of: key).map { state.open[$0].status == .draft } ?? false
    guard state.stands(key), !isDraft else { throw .unknownInvoice(key) }
    guard state.relief(of: key).writtenOffCents == 0 else { throw .invoiceWrittenOff(key) }
  }

  private static func requireVoidable(_ key: InvoiceKey, in state: State) throws(Refusal) {
    guard key.month >= state.closed.through else { throw .closedMonths(state.policy, before: state.closed.through) }
    guard state.index(of: key) == nil else { return }
    if state.isVoid(key) { throw .invoiceVoid(key) }
    guard state.stands(key) else { throw .unknownInvoice(key) }
    throw state.relief(of: key).writtenOffCents > 0 ? .invoiceWrittenOff(key) : .invoicePaid(key)
  }
}
