// Discounts and campaigns to messages, and the terms of a request to a discount.

import Contracts
import Courier
import Kernel
import Runtime

extension Voice {
  func discounted(_ event: Discounting.Event) -> Publication? {
    switch event {
    case .granted(let grant, let reason):
      var event = Premia_Billing_V1_DiscountGranted()
      event.accountID = account
      event.policyID = policy
      event.discount = Premia_Billing_V1_Discount(grant, of: state)
      // What a campaign holds ready is between it and the account.
      if grant.isOfCampaign { event.discount.terms.clearBudget() }
      event.reason = reason
      return Publication("Discount.Granted", about: policy, event)
    case .ended(let code, let day, let reason):
      var event = Premia_Billing_V1_DiscountEnded()
      event.accountID = account
      event.policyID = policy
      event.code = code
      event.on = day.description
      event.reason = reason
      return Publication("Discount.Ended", about: policy, event)
    case .held: return nil
    }
  }
}

extension Premia_Billing_V1_Discount {
  init(_ grant: Grant, of state: Account.State) {
    self.init()
    code = grant.code
    terms = Premia_Billing_V1_DiscountTerms(grant.discount, state.currency)
    ofCampaign = grant.isOfCampaign
    taken = Premia_Common_V1_Money(Money(cents: state.takenCents(by: grant), state.currency))
  }
}

extension Premia_Billing_V1_Campaign {
  /// - Precondition: it is open, or was.
  init(_ state: Campaign.State) {
    guard let terms = state.terms else { preconditionFailure("a campaign that was never opened is shown") }
    self.init()
    let currency = terms.currency ?? .usd
    code = terms.discount.name
    self.terms = Premia_Billing_V1_DiscountTerms(terms.discount, currency)
    committed = Premia_Common_V1_Money(Money(cents: state.committedCents, currency))
    accounts = state.accounts
    closed = state.isClosed
  }
}

extension Premia_Billing_V1_DiscountTerms {
  init(_ discount: Discount, _ currency: Currency) {
    self.init()
    func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents, currency)) }
    switch discount.size {
    case .share(let ratio): percent = ratio.percentText
    case .fixed(let cents): amount = money(cents)
    }
    planIds = discount.scope.plans?.sorted() ?? []
    from = discount.scope.from?.description ?? ""
    to = discount.scope.to?.description ?? ""
    months = Int32(clamping: discount.periods ?? 0)
    if let cents = discount.budgetCents { budget = money(cents) }
  }

  /// The discount, and the currency of its amounts; nil where it has none.
  ///
  /// - Throws: where the terms are none that a discount can have.
  func discount(_ code: String) throws(Problem) -> (discount: Discount, currency: Currency?) {
    var scope = Scope(
      from: try CalendarDate(from, field: "terms.from"), to: try CalendarDate.optional(to, field: "terms.to"))
    if let from = scope.from, let to = scope.to, to <= from {
      throw .field("terms.to", "is \(to); it is behind \(from), the first day")
    }
    guard planIds.allSatisfy({ !$0.isEmpty && !$0.contains { $0 == "|" || $0.isNewline } }) else {
      throw .field("terms.plan_ids", "has an identifier that is none")
    }
    if !planIds.isEmpty { scope.plans = Set(planIds) }
    guard (0...Self.mostMonths).contains(months) else {
      throw .field("terms.months", "is \(months); it is at most \(Self.mostMonths), and 0 for no limit")
    }
    let amount = hasAmount ? try Self.positive(self.amount, "terms.amount") : nil
    let budget = hasBudget ? try Self.positive(self.budget, "terms.budget") : nil
    if let amount, let budget, amount.currency != budget.currency {
      throw .field("terms.budget", "is in \(budget.currency), the amount in \(amount.currency)")
    }
    let discount = Discount(
      name: code, size: try size(amount), scope: scope, periods: months == 0 ? nil : Int(months),
      budgetCents: budget?.cents)
    return (discount, amount?.currency ?? budget?.currency)
  }

  private func size(_ amount: Money?) throws(Problem) -> Size {
    switch (amount, percent.isEmpty) {
    case (let amount?, true): return .fixed(amount.cents)
    case (nil, false):
      guard let ratio = Ratio(percent: percent) else {
        throw .field(
          "terms.percent", "is '\(percent)'; it is above 0 and at most 100, with six digits behind the point")
      }
      return .share(ratio)
    case (nil, true): throw .field("terms.percent", "is missing; give a percentage, or an amount for every full month")
    case (.some, false): throw .field("terms.amount", "stands beside a percentage; give one of the two")
    }
  }

  private static func positive(_ message: Premia_Common_V1_Money, _ field: String) throws(Problem) -> Money {
    let money = try message.money(field)
    guard (1...mostCents).contains(money.cents) else {
      throw .field(field, "is of \(money.cents) cents; it is above 0 and at most \(mostCents)")
    }
    return money
  }

  private static let mostMonths: Int32 = 120
  /// A hundred million.
  private static let mostCents: Int64 = 10_000_000_000
}
