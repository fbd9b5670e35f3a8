// What a policy costs with the discounts of its account, the taxes and fees of its state and the shares of other
// payers: the timeline that is billed.
//
// All of it is known ahead. Days and plans cut the timeline; what is counted, by months or by a budget, is followed
// month by month, as the calculator follows it, until it is used up. So nothing else of billing knows of discounts:
// when one is granted, ends or is used up by a changed month, the timeline differs, and the difference is billed.

import Kernel
import Runtime

/// The discounts, levies and shares of an account.
struct Pricing: Hashable, Sendable {
  /// In the order in which they were granted, which is that in which they are taken off.
  private(set) var grants: [Grant] = []
  var levies: [Levy] = []
  /// Who else pays, from when to when.
  private(set) var shares = Timeline<[Share]>()

  var isEmpty: Bool { grants.isEmpty && levies.isEmpty && shares.isEmpty }

  /// - Parameter bare: what the policy itself says.
  func price(_ bare: BillingTimeline) -> BillingTimeline {
    isEmpty ? bare : PriceWalk(self, of: bare).timeline
  }

  /// The first day on which the discount of a code would take more than is left of the price.
  func excess(of code: String, in bare: BillingTimeline) -> DiscountExcess? {
    PriceWalk(self, of: bare).excesses.first { $0.discount.name == code }
  }

  /// What a discount of a campaign takes in all, were there enough of it; in cents.
  func claimCents(of grant: Grant, in bare: BillingTimeline) -> Int64 {
    var unlimited = self
    unlimited.evolve(.held(code: grant.code, cents: Self.plentyCents))
    guard let index = grants.firstIndex(where: { $0.code == grant.code }),
      let left = PriceWalk(unlimited, of: bare).budgets[index]
    else { return 0 }
    return Self.plentyCents - left
  }

  /// More than any discount takes in its years.
  private static let plentyCents: Int64 = 1_000_000_000_000

  func grant(_ code: String) -> Grant? { grants.first { $0.code == code } }

  mutating func evolve(_ event: Discounting.Event) {
    switch event {
    case .granted(let grant, _):
      grants.removeAll { $0.code == grant.code }
      grants.append(grant)
    case .ended(let code, let day, _): change(code) { $0.end(on: day) }
    case .held(let code, let cents): change(code) { $0.hold(cents) }
    }
  }

  mutating func share(_ order: SharesOrder) {
    if order.shares.isEmpty {
      shares.clear(from: order.from, to: order.to)
    } else {
      shares.set(order.shares, from: order.from, to: order.to)
    }
  }

  /// Sums up what was billed for the months before a date, and forgets what is over by then.
  mutating func close(_ lines: [Line], before date: CalendarDate) {
    for index in grants.indices { grants[index].close(lines) }
    grants.removeAll { $0.discount.scope.to.map { $0 <= date } ?? false }
    if let first = shares.firstDate, first < date { shares.clear(from: first, to: date) }
  }

  private mutating func change(_ code: String, _ body: (inout Grant) -> Void) {
    guard let index = grants.firstIndex(where: { $0.code == code }) else {
      preconditionFailure("the account has no discount \(code)")
    }
    body(&grants[index])
  }
}

extension Pricing: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(grants)
    cells.add(levies)
    cells.add(shares.segments.count)
    for segment in shares.segments {
      cells.add(segment.start)
      cells.add(optional: segment.end)
      cells.add(segment.value)
    }
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    grants = try cells.list(of: Grant.self)
    levies = try cells.list(of: Levy.self)
    for _ in 0..<max(0, try cells.number(Int.self)) {
      let (start, end) = (try cells.day(), try cells.optionalDay())
      if let end, end <= start { throw CellReader.Fault(what: "shares from \(start) end on \(end)") }
      shares.set(try cells.list(of: Share.self), from: start, to: end)
    }
  }
}

/// Prices a timeline from its first day on.
private struct PriceWalk {
  private let discounts: [Discount]
  private let levies: [Levy]
  private let shares: Timeline<[Share]>
  /// Days on which something begins or ceases to apply, in order.
  private let cuts: [CalendarDate]
  /// Of each discount.
  private var uses: [DiscountUse]
  /// What is left of them.
  private(set) var budgets: Budgets
  private(set) var timeline = BillingTimeline()
  private(set) var excesses: [DiscountExcess] = []
  private var proration: Proration?

  init(_ pricing: Pricing, of bare: BillingTimeline) {
    discounts = pricing.grants.map(\.discount)
    levies = pricing.levies
    shares = pricing.shares
    let scopes = discounts.map(\.scope) + levies.map(\.scope)
    let bounds = scopes.flatMap { [$0.from, $0.to] } + shares.segments.flatMap { [$0.start, $0.end] }
    cuts = bounds.compactMap { $0 }.sorted()
    uses = pricing.grants.map { DiscountUse(periods: $0.closedMonths) }
    budgets = pricing.grants.map { grant in grant.discount.budgetCents.map { max(0, $0 - grant.closedCents) } }
    for segment in bare.charges.segments { price(segment) }
  }

  private mutating func price(_ segment: Timeline<Charge>.Segment) {
    var start = segment.start
    while true {
      let end = endOfPart(from: start, in: segment)
      timeline.set(charge(segment.value, from: start, to: end), from: start, to: end)
      guard let end, end != segment.end else { return }
      start = end
    }
  }

  /// The first day on which the charge may be another; nil where it is none.
  private func endOfPart(from start: CalendarDate, in segment: Timeline<Charge>.Segment) -> CalendarDate? {
    let month = isCounting(on: start) ? start.firstOfNextMonth : nil
    return [segment.end, cuts.first { $0 > start }, month].compactMap { $0 }.min()
  }

  /// Whether what applies on a day depends on what was taken before, or what is taken on it counts.
  private func isCounting(on day: CalendarDate) -> Bool {
    discounts.indices.contains { index in
      let (discount, use) = (discounts[index], uses[index])
      guard discount.isCounted, discount.scope.to.map({ day < $0 }) ?? true, budgets[index] != 0 else { return false }
      return discount.periods.map { use.periods < $0 || use.last == day.firstOfMonth } ?? true
    }
  }

  private mutating func charge(_ bare: Charge, from start: CalendarDate, to end: CalendarDate?) -> Charge {
    let month = Period.month(containing: start)
    let (reductions, excess) = discounts.reductions(
      of: bare.grossCents, plan: bare.plan, on: start, in: month.start, uses, budgets,
      rounding: Proration.roundingOfRun)
    if let excess { excesses.append(excess) }
    var charge = bare
    charge.reductions = reductions
    charge.levies = levies.filter { $0.scope.holds(bare.plan, of: "", on: start) }.map {
      Levy(kind: $0.kind, name: $0.name, size: $0.size)
    }
    charge.shares = charge.entitled(shares[start] ?? [])
    guard let end, isCounting(on: start) else { return charge }
    if proration?.full != month { proration = Proration(ofMonth: month) }
    let lines = proration?.lines(of: charge, for: Period(from: start, to: end)) ?? []
    uses.note(lines[...], of: discounts, in: month.start, &budgets)
    return charge
  }
}
