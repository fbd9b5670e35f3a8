// What is no longer asked of an invoice by hand, and what is sent back.

import Kernel

extension Account {
  /// What is no longer asked of an invoice, by hand.
  struct Relief: Hashable, Sendable {
    let key: InvoiceKey
    /// Taken off.
    var adjustedCents: Int64 = 0
    /// Given up as lost.
    var writtenOffCents: Int64 = 0
  }

  /// An amount that is no longer billed, by hand.
  struct TakeOff: Hashable, Sendable, Codable {
    let key: InvoiceKey
    let cents: Int64
    /// The part of it that had been paid.
    let creditedCents: Int64
    let reason: String
  }

  /// Who gets money back.
  enum Payee: Hashable, Sendable, Codable {
    /// By its identifier; nearly always the subscriber.
    case party(String)
    /// By name alone, as an estate.
    case named(String)

    var text: String {
      switch self {
      case .party(let text), .named(let text): text
      }
    }
  }

  /// What is asked to be sent back.
  struct RefundOrder: Hashable, Sendable {
    let id: ID<RefundTag>
    let payee: Payee
    let cents: Int64
    /// Nil for account credit.
    let invoice: InvoiceKey?
    /// Whether the invoice is lowered by it; otherwise it is owed again.
    let adjusting: Bool
    let reason: String
  }

  /// Money that goes back: out of credit, or by asking for an invoice again.
  struct Refund: Hashable, Sendable, Codable {
    struct Reopening: Hashable, Sendable, Codable {
      let key: InvoiceKey
      let dueOn: CalendarDate
    }

    let id: ID<RefundTag>
    let payee: Payee
    let cents: Int64
    /// Nil where it is out of credit.
    let reopening: Reopening?
    let on: CalendarDate
    let reason: String
  }

  /// What was open is given up.
  struct WriteOff: Hashable, Sendable, Codable {
    let key: InvoiceKey
    let cents: Int64
    let reason: String
  }
}

extension Account.Refund {
  /// An invoice that is owed again may be paid as long as one that is issued late.
  init(_ order: Account.RefundOrder, on day: CalendarDate) {
    var reopening: Reopening?
    if let key = order.invoice, !order.adjusting {
      reopening = Reopening(key: key, dueOn: day.adding(days: Account.issueLeadDays))
    }
    self.init(
      id: order.id, payee: order.payee, cents: order.cents, reopening: reopening, on: day, reason: order.reason)
  }
}

extension Account.State {
  func relief(of key: Account.InvoiceKey) -> Account.Relief {
    reliefs.first { $0.key == key } ?? Account.Relief(key: key)
  }

  /// What an invoice that stands bills, and what was paid for it.
  func amounts(of key: Account.InvoiceKey) -> InvoiceAmounts {
    let relief = relief(of: key)
    let total = lines(of: key).memberCents - relief.adjustedCents
    let settled = index(of: key).map { open[$0].paidCents } ?? total - relief.writtenOffCents
    return InvoiceAmounts(
      totalCents: total, settledCents: settled, standingCents: total, adjustedCents: relief.adjustedCents)
  }
}
