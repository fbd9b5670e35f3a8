// What becomes of a payer: billed, stated, paid, past due.

import Kernel

extension Payer {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .bill(let items, let payer, let day):
      let new = items.filter { $0.position > state.through }
      return new.isEmpty ? [] : [.billed(new, to: payer, on: day)]
    case .pay(let receipt, let money, let payer, let day):
      guard money.currency == .usd else { throw .otherCurrency(money.currency) }
      guard money.isPositive else { throw .nothingPaid(receipt: receipt) }
      var used = state
      used.creditCents += money.cents
      return [.paid(receipt: receipt, cents: money.cents, used.useCredit(), of: payer, on: day)]
    case .advance(let day):
      var (state, events) = (state, [Event]())
      if let overdueOn = state.overdueOn, overdueOn <= day {
        events.append(.fellPastDue)
        state = evolve(state, with: .fellPastDue)
      }
      if let due = state.nextStatementOn, due <= day, let payer = state.payer {
        events.append(.stated(statement(of: payer, in: state, on: day)))
      }
      return events
    }
  }

  private static func statement(of payer: ID<PartyTag>, in state: State, on day: CalendarDate) -> Statement {
    let month = day.firstOfMonth
    return Statement(
      id: ID(at: Instant(date: month), derivedFrom: payer.description), month: month, issuedOn: day,
      dueOn: day.adding(days: daysToPay), broughtForwardCents: state.owedCents - state.unstatedCents,
      carried: state.standing.flatMap { $0.status == .paid ? nil : $0.id },
      items: state.unstated.sorted { ($0.policy, $0.position) < ($1.policy, $1.position) })
  }

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .billed(let items, let payer, let day):
      state.payer = payer
      if state.unstated.isEmpty { state.unstatedSince = day }
      for item in items { state.take(item) }
    case .paid(_, let cents, _, let payer, _):
      state.payer = payer
      state.creditCents += cents
      state.paidCents += cents
      _ = state.useCredit()
      state.lowerStatement(by: cents)
    case .stated(let statement):
      state.unstated = []
      let total = statement.totalCents
      state.standing = Standing(
        id: statement.id, month: statement.month, dueOn: statement.dueOn, leftCents: total,
        status: total > 0 ? .issued : .paid)
    case .fellPastDue:
      state.standing?.status = .pastDue
    }
    return state
  }

  static func nextStep(for state: State) -> Instant? {
    [state.overdueOn, state.nextStatementOn].compactMap { $0 }.min().map { Instant(date: $0) }
  }
}

extension Payer.State {
  /// Billed and not paid; negative where more was paid than is owed now.
  var owedCents: Int64 { open.reduce(-creditCents) { $0 + $1.cents } }

  var unstatedCents: Int64 { unstated.reduce(0) { $0 + $1.cents } }

  /// The day on which the next statement is issued: at most one a month, and none where there is nothing to say.
  var nextStatementOn: CalendarDate? {
    guard !unstated.isEmpty || owedCents > 0 else { return nil }
    let earliest = unstated.isEmpty ? CalendarDate.earliest : unstatedSince
    let next = max(earliest, standing?.month.firstOfNextMonth ?? .earliest)
    let month = next.day > Payer.statementDay ? next.firstOfNextMonth : next.firstOfMonth
    return month.adding(days: Payer.statementDay - 1)
  }

  /// The day on which the last statement is past due, where it is not yet.
  var overdueOn: CalendarDate? {
    guard let standing, standing.status == .issued else { return nil }
    return standing.dueOn.adding(days: 1)
  }

  fileprivate mutating func take(_ item: Payer.Item) {
    through = item.position
    billedCents += item.cents
    unstated.append(item)
    // Nobody waits for the next statement with what is no longer owed.
    if item.cents < 0 { lowerStatement(by: -item.cents) }
    if let index = open.firstIndex(where: { $0.invoice == item.invoice }) {
      open[index].cents += item.cents
      if open[index].cents <= 0 { creditCents -= open.remove(at: index).cents }
    } else if item.cents > 0 {
      let new = Payer.Open(
        policy: item.policy, invoice: item.invoice, from: item.period.start, cents: item.cents)
      open.insert(new, at: open.firstIndex { $0.from > new.from } ?? open.endIndex)
    } else {
      creditCents -= item.cents
    }
    _ = useCredit()
  }

  fileprivate mutating func lowerStatement(by cents: Int64) {
    guard var last = standing, last.status != .paid else { return }
    last.leftCents -= cents
    if last.leftCents <= 0 { last.status = .paid }
    standing = last
  }

  /// Uses credit for what is open, the oldest first.
  fileprivate mutating func useCredit() -> [Payer.Portion] {
    var portions: [Payer.Portion] = []
    while creditCents > 0, let oldest = open.first {
      let cents = min(creditCents, oldest.cents)
      portions.append(Payer.Portion(policy: oldest.policy, invoice: oldest.invoice, cents: cents))
      creditCents -= cents
      open[0].cents -= cents
      if open[0].cents == 0 { open.removeFirst() }
    }
    return portions
  }
}
