// What one invoice bills and what was paid for it, and by how much it may be lowered by hand. The calculator and the
// real run lower invoices by these rules alone.

/// The amounts of one invoice, in minor units.
struct InvoiceAmounts: Hashable, Sendable {
  var totalCents: Int64
  /// What was paid for it, from outside or out of credit, and not given back.
  var settledCents: Int64 = 0
  /// What it still bills: its lines without those that corrected others, less what corrected and adjusted it.
  var standingCents: Int64
  /// The part of what was taken off that was taken off by hand.
  var adjustedCents: Int64 = 0

  /// What is still to pay.
  var balanceCents: Int64 { totalCents - settledCents }

  /// The most that may be given back as credit: what was paid less what was adjusted, never more than it bills.
  var mostCreditCents: Int64 { min(settledCents, standingCents) }

  /// The most that may be taken off.
  var mostAdjustmentCents: Int64 { standingCents }

  /// The most that may be sent back: what was paid, and where the invoice is lowered by it, never more than it bills.
  func mostRefundCents(adjusting: Bool) -> Int64 { adjusting ? mostCreditCents : settledCents }

  /// Takes an amount off, by hand.
  mutating func takeOff(_ cents: Int64) {
    totalCents -= cents
    standingCents -= cents
    adjustedCents += cents
  }

  /// Takes an amount off that was paid.
  ///
  /// - Returns: what becomes credit.
  mutating func credit(_ cents: Int64) -> Int64 {
    takeOff(cents)
    settledCents -= cents
    return cents
  }

  /// Takes an amount off: what is unpaid first.
  ///
  /// - Returns: what had been paid, and becomes credit.
  mutating func adjust(_ cents: Int64) -> Int64 {
    takeOff(cents)
    let paid = max(0, -balanceCents)
    settledCents -= paid
    return paid
  }

  /// Bills more or less of the periods it is for.
  ///
  /// - Returns: the part of a reduction that was adjusted before, and is not credited again.
  mutating func correct(by change: Int64) -> Int64 {
    let excess = min(adjustedCents, max(0, -(standingCents + change)))
    adjustedCents -= excess
    standingCents += change + excess
    return excess
  }
}
