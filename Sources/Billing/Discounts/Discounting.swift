// Discounts of an account: granted, ended, and held ready for it by a campaign. Each changes what the account should be
// billed, and the difference is billed in the same decision.

import Kernel

enum Discounting {
  enum Command: Hashable, Sendable {
    /// - Parameter currency: of its amounts; nil where it has none.
    case grant(Grant, currency: Currency?, reason: String)
    /// - Parameter on: the first day without it.
    case end(code: String, on: CalendarDate, reason: String)
    /// Takes over what a campaign holds ready for the account.
    case hold(code: String, cents: Int64)
  }

  enum Event: Hashable, Sendable, Codable {
    case granted(Grant, reason: String)
    case ended(code: String, on: CalendarDate, reason: String)
    case held(code: String, cents: Int64)
  }

  enum Refusal: Error, Hashable, Sendable {
    case known(String)
    case unknown(String)
    case over(String, on: CalendarDate)
    case tooMany(Int)
    case otherCurrency(String, Currency, account: Currency)
    case negativeAmount(String, plan: String, cents: Int64, leftCents: Int64)
  }
}

extension Discounting.Event {
  /// The stable name of the private event.
  var name: String {
    switch self {
    case .granted: "discountGranted"
    case .ended: "discountEnded"
    case .held: "discountHeld"
    }
  }
}

extension Account.Settling {
  mutating func discount(_ command: Discounting.Command) throws(Account.Refusal) {
    switch command {
    case .grant(let grant, let currency, let reason):
      try requireGrantable(grant, currency)
      emit(.discounted(.granted(grant, reason: reason)))
    case .end(let code, let day, let reason):
      guard let grant = state.pricing.grant(code) else { throw .discount(.unknown(code)) }
      if let end = grant.discount.scope.to, end <= day { throw .discount(.over(code, on: end)) }
      try requireOpen(max(day, grant.from))
      emit(.discounted(.ended(code: code, on: day, reason: reason)))
    case .hold(let code, let cents):
      guard state.pricing.grant(code) != nil else { throw .discount(.unknown(code)) }
      emit(.discounted(.held(code: code, cents: cents)))
    }
    price(state.timeline.bare)
  }

  /// Takes over the taxes and fees of the state that the policy was issued in.
  mutating func levy(_ levied: Levied) {
    guard levied.levies != state.pricing.levies else { return }
    emit(.levied(levied))
    price(state.timeline.bare)
  }

  /// Makes a timeline that which should be billed, with all discounts and levies.
  mutating func price(_ bare: BillingTimeline) {
    let priced = state.pricing.price(bare)
    if priced != state.timeline { emit(.changed(priced)) }
  }

  private func requireGrantable(_ grant: Grant, _ currency: Currency?) throws(Account.Refusal) {
    if let currency, currency != state.currency {
      throw .discount(.otherCurrency(grant.code, currency, account: state.currency))
    }
    // One that was ended on its first day never was.
    if let known = state.pricing.grant(grant.code), !known.isVoid { throw .discount(.known(grant.code)) }
    guard state.pricing.grants.count < Grant.most else { throw .discount(.tooMany(Grant.most)) }
    try requireOpen(grant.from)
    var pricing = state.pricing
    pricing.evolve(.granted(grant, reason: ""))
    if let excess = pricing.excess(of: grant.code, in: state.timeline.bare) {
      throw .discount(
        .negativeAmount(grant.code, plan: excess.plan, cents: excess.cents, leftCents: excess.leftCents))
    }
  }

  private func requireOpen(_ day: CalendarDate) throws(Account.Refusal) {
    guard day >= state.closed.through else { throw .closedMonths(state.policy, before: state.closed.through) }
  }
}

extension Account.State {
  /// What a discount took so far of what is billed and stands; in cents.
  func takenCents(by grant: Grant) -> Int64 {
    var taken = grant.closedCents
    for line in billed.lines(before: billedThrough) where line.kind == .discount && line.name == grant.code {
      taken -= line.cents
    }
    return taken
  }
}

extension Discounting.Refusal: Refusal {
  var problem: Problem {
    switch self {
    case .known(let code):
      Problem(
        kind: .conflict, code: "billing.discount_known", detail: "The account has the discount \(code).",
        remedy: "Choose another code; what was billed names each discount by its code.")
    case .unknown(let code):
      Problem(
        kind: .notFound, code: "billing.discount_unknown", detail: "The account has no discount \(code).",
        remedy: "List the account's discounts to find the right one.")
    case .over(let code, let day):
      Problem(
        kind: .precondition, code: "billing.discount_over", detail: "The discount \(code) ends on \(day) already.",
        remedy: "Give an earlier day, or leave it.")
    case .tooMany(let most):
      Problem(
        kind: .precondition, code: "billing.too_many_discounts", detail: "The account has \(most) discounts.",
        remedy: "Put what is wanted into one discount.")
    case .otherCurrency(let code, let currency, let account):
      Problem(
        kind: .invalid, code: "billing.discount_currency",
        detail: "The discount \(code) is in \(currency), the account in \(account).",
        remedy: "Give its amounts in \(account).")
    case .negativeAmount(let code, let plan, let cents, let left):
      Problem(
        kind: .invalid, code: "billing.negative_amount",
        detail: "The discount \(code) would make an amount negative: it takes \(cents) cents off \(plan), of which "
          + "\(left) are left.",
        remedy: "Lower it, or leave \(plan) out of its plans.")
    }
  }
}
