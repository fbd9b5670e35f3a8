// What dunning asks of an account.

import Kernel

extension Dunning {
  /// An invoice that is not paid in full.
  struct Bill: Hashable, Sendable {
    let month: CalendarDate
    let dueOn: CalendarDate
    /// The first day that it is for.
    let coveredFrom: CalendarDate
    let totalCents: Int64
    let openCents: Int64
    let isBinder: Bool
    let isPastDue: Bool

    /// Whether more is open than the rule lets pass.
    func isOwed(toleranceBasisPoints: Int) -> Bool {
      openCents > totalCents * Int64(toleranceBasisPoints) / 10_000
    }
  }

  /// An account as it stands.
  struct Situation: Hashable, Sendable {
    /// The state of the United States, two letters.
    let state: String
    /// Oldest first.
    let bills: [Bill]
    /// The first day without coverage; nil where it is open.
    let coverageEnds: CalendarDate?
    /// Whether the exchange pays a part of the oldest overdue month.
    let hasTaxCredit: Bool
    /// Whether a month of the same benefit year was paid; without that the exchange's grace is not given
    /// (42 USC 18082(c)(2)(B)(iv)).
    let hasPaidMonth: Bool
  }
}
