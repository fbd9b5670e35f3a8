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

struct PeriodWalk: Sendable {
  /// A plan that is held, and when its phases begin behind the first.
  private struct Holding {
    let plan: String
    let from: CalendarDate
    let terms: Terms
    let phases: [CalendarDate]
  }

  /// A price that replaces one of a plan's.
  struct NewPrice: Sendable {
    let plan: String
    let phase: Int
    let from: CalendarDate
    let order: Int
    let cents: Int64
  }

  /// Where a walk is, and what it carries from period to period.
  struct Place: Sendable {
    /// The end of the last period; nil before the first.
    fileprivate var reached: CalendarDate?
    /// Prices that waited for a period to begin, from that period on.
    fileprivate var risen: [NewPrice] = []
    fileprivate var proration: Proration?
    /// For each discount, how many periods it lowered, and the last of them; counted where they are limited.
    fileprivate var discounted: [(periods: Int, last: CalendarDate?)] = []
  }

  private(set) var place: Place
  /// What comes next; nil behind the last.
  private(set) var next: BilledPeriod?

  private let contract: Contract
  private let agreement: Agreement
  private let billingDays: [(from: CalendarDate, day: Int)]
  /// The first day that is charged in any subscription of the account.
  private let firstCharged: CalendarDate
  private var runIndex = 0
  /// Of the run with that index, from where it was entered; empty where it is to be entered.
  private var holdings: [Holding] = []
  /// Days behind that on which something changes that is charged by the day, in order.
  private var cuts: [CalendarDate] = []
  private let immediate: [NewPrice]
  /// Prices that wait for a period to begin, in order.
  private var waiting: ArraySlice<Change>

  /// - Parameter place: where a walk of an earlier history was, whose periods up to there are the same.
  init(_ contract: Contract, in history: History, at place: Place) {
    self.contract = contract
    self.place = place
    agreement = history.agreement
    billingDays = history.billingDays
    firstCharged = history.firstCharged ?? .earliest
    immediate = history.prices.filter { $0.priceTiming == .immediate }.compactMap { NewPrice($0, from: $0.effective) }
    let reached = place.reached ?? .earliest
    self.place.risen.removeAll { $0.from > reached }
    let risen = Set(self.place.risen.map(\.order))
    waiting = history.prices.filter { $0.priceTiming == .nextPeriod && !risen.contains($0.order) }[...]
    if self.place.discounted.isEmpty { self.place.discounted = agreement.discounts.map { _ in (0, nil) } }
    moveOn()
  }

  /// When the next period is billed.
  var due: CalendarDate? {
    switch agreement.convention.mode {
    case .advance: next?.part.start
    case .arrears: next?.part.end
    }
  }

  /// Adds the lines of the next period; moves on to the one behind it.
  ///
  /// - Throws: where a discount would make an amount negative, or a subsidy is for a plan without months.
  mutating func advance(_ budgets: inout Budgets, adding lines: inout [ChargeLine]) throws(PreviewRefusal) {
    guard let period = next else { return }
    try addLines(of: period, &budgets, to: &lines)
    place.reached = period.part.end
    // Nothing more is charged of a full period that has come to its end.
    if period.part.end == period.full.end { place.proration = nil }
    moveOn()
  }
}

// MARK: - Periods

extension PeriodWalk {
  /// Moves to the first period behind what was reached.
  private mutating func moveOn() {
    next = nil
    let reached = place.reached ?? .earliest
    while runIndex < contract.runs.count, let end = contract.runs[runIndex].end,
      end <= max(reached, contract.runs[runIndex].start)
    {
      runIndex += 1
      holdings = []
    }
    guard runIndex < contract.runs.count else { return }
    let run = contract.runs[runIndex]
    let start = max(run.start, reached)
    if holdings.isEmpty { enter(run, on: start) }
    next = period(of: run, from: start)
    while let price = waiting.first, price.effective <= start {
      waiting.removeFirst()
      if let price = NewPrice(price, from: start) { place.risen.append(price) }
    }
  }

  private mutating func enter(_ run: Run, on start: CalendarDate) {
    let first = run.plans.lastIndex { $0.from <= start } ?? run.plans.startIndex
    holdings = run.plans[first...].compactMap { held in
      guard let terms = agreement.plans[held.plan] else { return nil }
      let bounds = terms.bounds(from: max(held.from, run.trialEnd))
      return Holding(plan: held.plan, from: held.from, terms: terms, phases: bounds.phases)
    }
    var dates = contract.subsidies.map(\.from)
    for pause in run.pauses { dates += [pause.start, pause.end ?? pause.start] }
    let scopes = agreement.discounts.map(\.scope) + agreement.levies.map(\.scope)
    // What is for a plan cuts the days on which that plan is held, and no others.
    for (index, holding) in holdings.enumerated() {
      let end = index + 1 < holdings.count ? holdings[index + 1].from : .latest
      func cut(on date: CalendarDate?) {
        if let date, holding.from < date, date < end { dates.append(date) }
      }
      dates.append(holding.from)
      for date in holding.phases { cut(on: date) }
      for price in immediate where price.plan == holding.plan { cut(on: price.from) }
      for scope in scopes where scope.concerns(holding.plan, of: contract.subscription) {
        cut(on: scope.from)
        cut(on: scope.to)
      }
    }
    cuts = dates.filter { $0 > start }.sorted()
  }

  private func period(of run: Run, from start: CalendarDate) -> BilledPeriod {
    if start < run.trialEnd {
      let end = run.end.map { min($0, run.trialEnd) } ?? run.trialEnd
      return BilledPeriod(
        full: Period(from: run.start, to: run.trialEnd), months: nil, part: Period(from: start, to: end), isTrial: true)
    }
    let terms = holdings[holdingIndex(on: start)].terms
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

  private func holdingIndex(on date: CalendarDate) -> Int { holdings.lastIndex { $0.from <= date } ?? 0 }
}

// MARK: - Lines

extension PeriodWalk {
  private mutating func addLines(
    of period: BilledPeriod, _ budgets: inout Budgets, to lines: inout [ChargeLine]
  ) throws(PreviewRefusal) {
    let (run, convention, first) = (contract.runs[runIndex], agreement.convention, lines.count)
    if place.proration?.full != period.full {
      place.proration = Proration(
        full: period.full, months: period.months, dayCount: convention.dayCount, rounding: convention.rounding)
    }
    var start = period.part.start
    while start < period.part.end {
      let end = min(period.part.end, cuts.first { $0 > start } ?? .latest)
      defer { start = end }
      if run.isPaused(on: start) { continue }
      let holding = holdings[holdingIndex(on: start)]
      let isWhole = holding.terms.prorating == .none && !period.isTrial
      // Without proration the first covered day of a period decides.
      if isWhole, lines.count > first { continue }
      let price = try price(of: holding, on: start, in: period, budgets)
      let known = lines.count
      place.proration?.addLines(
        of: price, plan: holding.plan, subscription: contract.subscription, for: Period(from: start, to: end),
        whole: isWhole, to: &lines)
      note(lines[known...], in: period, &budgets)
    }
  }

  private func price(
    of holding: Holding, on date: CalendarDate, in period: BilledPeriod, _ budgets: Budgets
  ) throws(PreviewRefusal) -> PeriodPrice {
    if period.isTrial { return PeriodPrice(kind: .trial, cents: 0) }
    let phase = holding.phases.lastIndex { $0 <= date }.map { $0 + 1 } ?? 0
    var newest: NewPrice?
    replace(&newest, by: immediate, holding.plan, phase, on: date)
    replace(&newest, by: place.risen, holding.plan, phase, on: date)
    var price = PeriodPrice(cents: newest?.cents ?? holding.terms.phases[phase].cents)
    try reduce(&price, holding.plan, on: date, in: period, budgets)
    price.levies = agreement.levies.filter { $0.scope.holds(holding.plan, of: contract.subscription, on: date) }
    if let subsidy = contract.subsidies.last(where: { $0.from <= date }), subsidy.cents > 0 {
      guard let months = period.months else { throw .subsidyWithoutMonths(subsidy.place, plan: holding.plan) }
      price.subsidyCents = subsidy.cents * Int64(months)
    }
    return price
  }

  private func replace(
    _ newest: inout NewPrice?, by prices: [NewPrice], _ plan: String, _ phase: Int, on date: CalendarDate
  ) {
    for price in prices where price.phase == phase && price.from <= date && price.plan == plan {
      if let other = newest, (price.from, price.order) < (other.from, other.order) { continue }
      newest = price
    }
  }

  private func reduce(
    _ price: inout PeriodPrice, _ plan: String, on date: CalendarDate, in period: BilledPeriod, _ budgets: Budgets
  ) throws(PreviewRefusal) {
    var left = price.cents
    guard left > 0 else { return }
    for (index, discount) in agreement.discounts.enumerated()
    where discount.scope.holds(plan, of: contract.subscription, on: date) {
      let (periods, last) = place.discounted[index]
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

  /// Counts the periods and the budgets of discounts that were used, where they are limited.
  private mutating func note(_ lines: ArraySlice<ChargeLine>, in period: BilledPeriod, _ budgets: inout Budgets) {
    for line in lines.indices where lines[line].kind == .discount {
      guard let index = agreement.discounts.firstIndex(where: { $0.name == lines[line].name }) else { continue }
      if let left = budgets[index] { budgets[index] = left + lines[line].cents }
      if agreement.discounts[index].periods != nil, place.discounted[index].last != period.part.start {
        place.discounted[index] = (place.discounted[index].periods + 1, period.part.start)
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
