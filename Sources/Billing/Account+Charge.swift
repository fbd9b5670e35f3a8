// What is asked of the member besides the premium: an amount from outside, such as the fee for a returned payment.
//
// It is an invoice of its own and not a line of the next one. No policy may end because a fee is not paid, so what
// follows from an unpaid premium must not see it; and where coverage is over, there is no next invoice.

import Kernel
import Runtime

extension Account {
  /// Ten million, in cents: more is a mistake of typing.
  static let mostChargeCents: Int64 = 1_000_000_000

  /// A charge from outside, as it was issued. What was taken off it since is a `Relief`.
  struct OutsideCharge: Hashable, Sendable {
    let key: InvoiceKey
    /// What it is for.
    let name: String
    let cents: Int64

    var line: Line { Line(kind: .charge, name: name, plan: "", from: key.month, to: key.month, cents: cents) }
  }
}

extension Account.Settling {
  /// - Precondition: the amount is above zero.
  mutating func charge(_ cents: Int64, for name: String, on day: CalendarDate) {
    let key = Account.InvoiceKey(month: day, sequence: -(state.chargeCount + 1))
    let charge = Account.OutsideCharge(key: key, name: name, cents: cents)
    emit(
      .issued(
        Account.Issue(
          key: key, binder: false, issuedOn: day, dueOn: day.adding(days: Account.issueLeadDays), lines: [charge.line]))
    )
    useCredit(on: day)
  }
}

extension Account.State {
  /// What an invoice that stands says, without what was taken off it by hand.
  func lines(of key: Account.InvoiceKey) -> [Line] {
    guard key.isCharge else { return billed.lines(in: period(of: key)) }
    return charges.first { $0.key == key }.map { [$0.line] } ?? []
  }

  /// What an invoice bills besides premium and subsidy. A charge is less by what was taken off it; what is taken off
  /// any other invoice lowers its premium.
  func namedLines(of key: Account.InvoiceKey) -> [Line] {
    guard key.isCharge else { return lines(of: key).named }
    let takenOff = relief(of: key).adjustedCents
    return charges.filter { $0.key == key }.map {
      Account.OutsideCharge(key: key, name: $0.name, cents: $0.cents - takenOff).line
    }
  }

  /// Whether the invoice was issued and is not void.
  func stands(_ key: Account.InvoiceKey) -> Bool {
    if key.isCharge { return charges.contains { $0.key == key } }
    return key.sequence == sequence(of: key.month) && billed.covers(period(of: key))
  }

  /// Whether the invoice was issued and is void.
  func isVoid(_ key: Account.InvoiceKey) -> Bool {
    if key.isCharge { return !stands(key) && -key.sequence <= chargeCount }
    return key.sequence < sequence(of: key.month)
  }
}

extension Account.OutsideCharge: CellCoded {
  func write(to cells: inout CellWriter) {
    key.write(to: &cells)
    cells.add(name)
    cells.add(cents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    key = try Account.InvoiceKey(from: &cells)
    name = try cells.text()
    cents = try cells.number()
  }
}
