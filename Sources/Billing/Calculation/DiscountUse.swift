// What discounts take off a price, and how far each is used up. The calculator and the real run take it off by these
// rules alone.

import Kernel

/// How often a discount lowered one subscription.
struct DiscountUse: Hashable, Sendable {
  /// The billing periods that it lowered, stubs included.
  var periods = 0
  /// The last of them, by its first day.
  var last: CalendarDate?
}

/// A discount would take more than is left of a price.
struct DiscountExcess: Hashable, Sendable {
  let discount: Discount
  let plan: String
  /// What it would take.
  let cents: Int64
  let leftCents: Int64
}

extension [Discount] {
  /// What they take off a price, in their order; one that would take more than is left takes what is left.
  ///
  /// - Parameters:
  ///   - cents: the price of the full period.
  ///   - period: the billing period that the date is in, by its first day.
  ///   - uses: how far each is used up, and `budgets` what is left of its budget.
  func reductions(
    of cents: Int64, plan: String, of subscription: String = "", on date: CalendarDate, in period: CalendarDate,
    _ uses: [DiscountUse], _ budgets: Budgets, rounding: Rounding
  ) -> (reductions: [PeriodPrice.Reduction], excess: DiscountExcess?) {
    var reductions: [PeriodPrice.Reduction] = []
    var excess: DiscountExcess?
    var left = cents
    guard left > 0 else { return ([], nil) }
    for (index, discount) in enumerated() where discount.scope.holds(plan, of: subscription, on: date) {
      if let most = discount.periods, uses[index].periods >= most, uses[index].last != period { continue }
      let asked = discount.size.cents(of: left, rounding: rounding)
      if asked > left, excess == nil {
        excess = DiscountExcess(discount: discount, plan: plan, cents: asked, leftCents: left)
      }
      let taken = Swift.min(asked, left)
      // A budget that covers a full period says nothing about it.
      let budget = budgets[index].flatMap { $0 < taken ? $0 : nil }
      if budget == 0 { continue }
      left -= budget ?? taken
      reductions.append(.init(name: discount.name, cents: taken, leftCents: budget))
    }
    return (reductions, excess)
  }
}

extension [DiscountUse] {
  /// Counts the periods and the budgets of the discounts that were used, where they are limited.
  mutating func note(
    _ lines: ArraySlice<ChargeLine>, of discounts: [Discount], in period: CalendarDate, _ budgets: inout Budgets
  ) {
    for line in lines where line.kind == .discount {
      guard let index = discounts.firstIndex(where: { $0.name == line.name }) else { continue }
      if let budget = budgets[index] { budgets[index] = budget + line.cents }
      guard discounts[index].periods != nil, self[index].last != period else { continue }
      self[index] = DiscountUse(periods: self[index].periods + 1, last: period)
    }
  }
}
