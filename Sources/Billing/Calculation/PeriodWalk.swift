// The billed periods of one subscription and what each costs, oldest first.

import Kernel

/// A period as it is billed: all of a full period, or the part of it between a start, a change of the cycle and an end.
struct BilledPeriod: Sendable {
  let full: Period
  /// Months of the full period; nil for one of days.
  let months: Int?
  let part: Period
  let isTrial: Bool
}

/// What is left of the budgets of the discounts, which all subscriptions share.
typealias Budgets = [Int64?]

struct PeriodWalk: Sendable {
  /// A plan that is held, and when its phases begin behind the first.
  private struct Holding {
    let plan: String
    let from: CalendarDate
    let terms: Terms
    let phases: [CalendarDate]
  }

  /// A price that replaces one of a plan's.
  fileprivate struct NewPrice {
    let plan: String
    let phase: Int
    let from: CalendarDate
    let order: Int
    let cents: Int64
  }

  /// What comes next; nil behind the last.
  private(set) var next: BilledPeriod?

  private let contract: Contract
  private let agreement: Agreement
  private let billingDays: [(from: CalendarDate, day: Int)]
  /// The first day that is charged in any subscription of the account.
  private let firstCharged: CalendarDate
  private var runIndex = 0
  private var holdings: [Holding] = []
  /// Days of the run on which something changes that is charged by the day, in order.
  private var cuts: [CalendarDate] = []
  private var prices: [NewPrice]
  /// Prices that wait for a period to begin, in order.
  private var waitingPrices: ArraySlice<Change>
  private var proration: Proration?
  /// For each discount, how many periods it lowered, and the last of them.
  private var discounted: [(periods: Int, last: CalendarDate?)]

  init(_ contract: Contract, in history: History) {
    self.contract = contract
    agreement = history.agreement
    billingDays = history.billingDays
    firstCharged = history.firstCharged ?? .earliest
    let immediate = history.prices.filter { $0.priceTiming == .immediate }
    prices = immediate.compactMap { NewPrice($0, from: $0.effective) }
    waitingPrices = history.prices.filter { $0.priceTiming == .nextPeriod }[...]
    discounted = agreement.discounts.map { _ in (0, nil) }
    enterRun(from: nil)
  }

  /// When the next period is billed.
  var due: CalendarDate? {
    switch agreement.convention.mode {
    case .advance: next?.part.start
    case .arrears: next?.part.end
    }
  }

  /// The lines of the next period; moves on to the one behind it.
  ///
  /// - Throws: where a discount would make an amount negative, or a subsidy is for a plan without months.
  mutating func advance(_ budgets: inout Budgets) throws(PreviewRefusal) -> [ChargeLine] {
    guard let period = next else { return [] }
    let lines = try lines(of: period, &budgets)
    if contract.runs[runIndex].end == period.part.end {
      runIndex += 1
      enterRun(from: nil)
    } else {
      enterRun(from: period.part.end)
    }
    return lines
  }
}

// MARK: - Periods

extension PeriodWalk {
  /// Moves to the period that begins on a date, or to the first of the run.
  private mutating func enterRun(from date: CalendarDate?) {
    next = nil
    while runIndex < contract.runs.count, contract.runs[runIndex].end == contract.runs[runIndex].start { runIndex += 1 }
    guard runIndex < contract.runs.count else { return }
    let run = contract.runs[runIndex]
    if date == nil { prepare(run) }
    let start = date ?? run.start
    next = period(of: run, from: start)
    while let price = waitingPrices.first, price.effective <= start {
      waitingPrices.removeFirst()
      if let price = NewPrice(price, from: start) { prices.append(price) }
    }
  }

  private mutating func prepare(_ run: Run) {
    holdings = run.plans.compactMap { held in
      guard let terms = agreement.plans[held.plan] else { return nil }
      let bounds = terms.bounds(from: max(held.from, run.trialEnd))
      return Holding(plan: held.plan, from: held.from, terms: terms, phases: bounds.phases)
    }
    var dates = Set(contract.subsidies.map(\.from))
    for holding in holdings { dates.formUnion(holding.phases + [holding.from]) }
    for pause in run.pauses { dates.formUnion([pause.start, pause.end ?? pause.start]) }
    for scope in agreement.discounts.map(\.scope) + agreement.levies.map(\.scope) where concerns(scope) {
      dates.formUnion([scope.from, scope.to].compactMap { $0 })
    }
    for price in prices where holdings.contains(where: { $0.plan == price.plan }) { dates.insert(price.from) }
    cuts = dates.sorted()
  }

  private func concerns(_ scope: Scope) -> Bool {
    holdings.contains { holding in
      (scope.plans?.contains(holding.plan) ?? true)
        && (scope.subscription ?? contract.subscription) == contract.subscription
    }
  }

  private func period(of run: Run, from start: CalendarDate) -> BilledPeriod {
    if start < run.trialEnd {
      let end = run.end.map { min($0, run.trialEnd) } ?? run.trialEnd
      return BilledPeriod(
        full: Period(from: run.start, to: run.trialEnd), months: nil, part: Period(from: start, to: end), isTrial: true)
    }
    let terms = holding(on: start).terms
    let setting = billingDays.last { $0.from <= start }
    let full = cycle(terms.period, of: run, setting).period(containing: start)
    var end = run.end.map { min($0, full.end) } ?? full.end
    // A plan of another period, or another billing day, begins a cycle of its own.
    if let change = holdings.first(where: { $0.from > start && $0.terms.period != terms.period }) {
      end = min(end, change.from)
    }
    if terms.period.months != nil, let change = billingDays.first(where: { $0.from > start }) {
      end = min(end, change.from)
    }
    return BilledPeriod(
      full: full, months: terms.period.months, part: Period(from: start, to: end), isTrial: false)
  }

  private func cycle(
    _ period: BillingPeriod, of run: Run, _ setting: (from: CalendarDate, day: Int)?
  ) -> BillingCycle {
    let convention = agreement.convention
    let day = setting?.day ?? convention.billingDay
    switch convention.alignment {
    case .calendar: return BillingCycle(calendar: period, day: day)
    case .account:
      guard period.months != nil else { return BillingCycle(period, from: firstCharged) }
      let anchor = max(setting?.from ?? firstCharged, firstCharged).next(billingDay: day)
      return BillingCycle(period, from: anchor, day: day)
    case .anniversary:
      guard period.months != nil, let setting, setting.from > run.start else {
        return BillingCycle(period, from: run.trialEnd)
      }
      return BillingCycle(period, from: setting.from.next(billingDay: setting.day), day: setting.day)
    }
  }

  private func holding(on date: CalendarDate) -> Holding { holdings.last { $0.from <= date } ?? holdings[0] }
}

// MARK: - Lines

extension PeriodWalk {
  private mutating func lines(
    of period: BilledPeriod, _ budgets: inout Budgets
  ) throws(PreviewRefusal) -> [ChargeLine] {
    let (run, convention) = (contract.runs[runIndex], agreement.convention)
    if proration?.full != period.full {
      proration = Proration(
        full: period.full, months: period.months, dayCount: convention.dayCount, rounding: convention.rounding)
    }
    var lines: [ChargeLine] = []
    var start = period.part.start
    for end in cuts.filter({ $0 > start && $0 < period.part.end }) + [period.part.end] {
      defer { start = end }
      if run.isPaused(on: start) { continue }
      let holding = holding(on: start)
      let isWhole = holding.terms.prorating == .none && !period.isTrial
      // Without proration the first covered day of a period decides.
      if isWhole, !lines.isEmpty { continue }
      let price = try price(of: holding, on: start, in: period, budgets)
      let more = proration?.lines(
        of: price, plan: holding.plan, subscription: contract.subscription, for: Period(from: start, to: end),
        whole: isWhole)
      lines += more ?? []
      note(more ?? [], in: period, &budgets)
    }
    return lines
  }

  private func price(
    of holding: Holding, on date: CalendarDate, in period: BilledPeriod, _ budgets: Budgets
  ) throws(PreviewRefusal) -> PeriodPrice {
    if period.isTrial { return PeriodPrice(kind: .trial, cents: 0) }
    let phase = holding.phases.lastIndex { $0 <= date }.map { $0 + 1 } ?? 0
    let changed = prices.filter { $0.plan == holding.plan && $0.phase == phase && $0.from <= date }
    let cents =
      changed.max { ($0.from, $0.order) < ($1.from, $1.order) }?.cents ?? holding.terms.phases[phase].cents
    var price = PeriodPrice(cents: cents)
    try reduce(&price, holding.plan, on: date, in: period, budgets)
    price.levies = agreement.levies.filter { $0.scope.holds(holding.plan, of: contract.subscription, on: date) }
    if let subsidy = contract.subsidies.last(where: { $0.from <= date }), subsidy.cents > 0 {
      guard let months = period.months else { throw .subsidyWithoutMonths(subsidy.place, plan: holding.plan) }
      price.subsidyCents = subsidy.cents * Int64(months)
    }
    return price
  }

  private func reduce(
    _ price: inout PeriodPrice, _ plan: String, on date: CalendarDate, in period: BilledPeriod, _ budgets: Budgets
  ) throws(PreviewRefusal) {
    var left = price.cents
    guard left > 0 else { return }
    for (index, discount) in agreement.discounts.enumerated()
    where discount.scope.holds(plan, of: contract.subscription, on: date) {
      let (periods, last) = discounted[index]
      if let most = discount.periods, periods >= most, last != period.part.start { continue }
      let cents = discount.size.cents(of: left, rounding: agreement.convention.rounding)
      guard cents <= left else {
        throw .negativeAmount(
          discount.place, discount.name, plan: plan, discount: agreement.convention.text(cents),
          left: agreement.convention.text(left))
      }
      left -= min(cents, budgets[index] ?? cents)
      price.reductions.append(.init(name: discount.name, cents: cents, leftCents: budgets[index]))
    }
  }

  /// Counts the periods and the budgets of discounts that were used.
  private mutating func note(_ lines: [ChargeLine], in period: BilledPeriod, _ budgets: inout Budgets) {
    for line in lines where line.kind == .discount {
      guard let index = agreement.discounts.firstIndex(where: { $0.name == line.name }) else { continue }
      budgets[index] = budgets[index].map { $0 + line.cents }
      if discounted[index].last != period.part.start {
        discounted[index] = (discounted[index].periods + 1, period.part.start)
      }
    }
  }
}

extension PeriodWalk.NewPrice {
  fileprivate init?(_ change: Change, from date: CalendarDate) {
    guard case .changePrice(let plan, let phase, let cents, _) = change.action else { return nil }
    self.init(plan: plan, phase: phase, from: date, order: change.order, cents: cents)
  }
}

extension Change {
  fileprivate var priceTiming: PriceTiming? {
    if case .changePrice(_, _, _, let timing) = action { timing } else { nil }
  }
}

/// The lines that should exist, as they come due.
struct Calculator: Sendable {
  private var walks: [PeriodWalk]
  private var budgets: Budgets

  init(_ history: History) {
    walks = history.contracts.map { PeriodWalk($0, in: history) }
    budgets = history.agreement.discounts.map(\.budgetCents)
  }

  /// When the next lines come due; nil where none ever will.
  var nextDue: CalendarDate? { walks.compactMap(\.due).min() }

  /// The lines of the periods that came due since the last call, through a date.
  mutating func lines(through date: CalendarDate) throws(PreviewRefusal) -> [ChargeLine] {
    var lines: [ChargeLine] = []
    while let due = nextDue, due <= date {
      for index in walks.indices where walks[index].due == due { lines += try walks[index].advance(&budgets) }
    }
    return lines
  }
}
