// Setting the shares of a policy, and what forbids it.

import Kernel

enum Sharing {
  enum Refusal: Error, Hashable, Sendable {
    case samePayer(ID<PartyTag>)
    case tooMany(Int)
    case aboveWhole(percent: String)
    case otherCurrency(Currency, account: Currency)
    case besideTaxCredit(ID<PartyTag>, on: CalendarDate)
  }
}

extension Account.Settling {
  /// - Parameter currency: of the amounts; nil where there are none.
  mutating func share(_ order: SharesOrder, _ currency: Currency?) throws(Account.Refusal) {
    guard order.from >= state.closed.through else {
      throw .closedMonths(state.policy, before: state.closed.through)
    }
    if let currency, currency != state.currency {
      throw .sharing(.otherCurrency(currency, account: state.currency))
    }
    try Self.requireSound(order.shares)
    if let employer = order.shares.first(where: { $0.kind == .employer })?.payer,
      let day = state.timeline.firstCredit(from: order.from, to: order.to)
    {
      throw .sharing(.besideTaxCredit(employer, on: day))
    }
    var pricing = state.pricing
    pricing.share(order)
    guard pricing != state.pricing else { return }
    emit(.shared(order))
    price(state.timeline.bare)
  }

  private static func requireSound(_ shares: [Share]) throws(Account.Refusal) {
    guard shares.count <= Share.most else { throw .sharing(.tooMany(Share.most)) }
    var (payers, whole) = (Set<ID<PartyTag>>(), Ratio.zero)
    for share in shares {
      guard payers.insert(share.payer).inserted else { throw .sharing(.samePayer(share.payer)) }
      if case .share(let ratio) = share.size { whole = whole + ratio }
    }
    guard whole <= .one else { throw .sharing(.aboveWhole(percent: whole.percentText)) }
  }
}

extension BillingTimeline {
  /// The first day of a period with a tax credit; nil where there is none.
  fileprivate func firstCredit(from start: CalendarDate, to end: CalendarDate?) -> CalendarDate? {
    for segment in charges.segments where segment.value.aptcCents > 0 {
      if let over = segment.end, over <= start { continue }
      if let end, segment.start >= end { return nil }
      return max(segment.start, start)
    }
    return nil
  }
}

extension Sharing.Refusal: Refusal {
  var problem: Problem {
    switch self {
    case .samePayer(let payer):
      Problem(
        kind: .invalid, code: "billing.same_payer", detail: "\(payer) has two shares of the same days.",
        remedy: "Give a payer one share.")
    case .tooMany(let most):
      Problem(
        kind: .invalid, code: "billing.too_many_shares", detail: "A policy has at most \(most) payers.",
        remedy: "Name fewer; the subscriber pays the rest.")
    case .aboveWhole(let percent):
      Problem(
        kind: .invalid, code: "billing.shares_above_whole", detail: "The shares are \(percent) percent in sum.",
        remedy: "Lower them to 100 percent at most.")
    case .otherCurrency(let currency, let account):
      Problem(
        kind: .invalid, code: "billing.share_currency",
        detail: "An amount is in \(currency), the account in \(account).", remedy: "Give amounts in \(account).")
    case .besideTaxCredit(let payer, let day):
      Problem(
        kind: .precondition, code: "billing.share_beside_tax_credit",
        detail: "\(payer) is an employer, and on \(day) the policy has a tax credit. For one month there is only one "
          + "of the two (26 USC 36B(c)(2)(B)).",
        remedy: "End the tax credit first, or date the share behind it.")
    }
  }
}
