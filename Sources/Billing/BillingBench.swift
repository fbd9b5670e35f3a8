// A book of active accounts for timing a run, made through the same decisions and commits as any other.

public import Kernel
public import Runtime

public enum BillingBench {
  /// Opens accounts whose first month is billed and whose second comes due on `firstRun`.
  ///
  /// - Parameters:
  ///   - start: the first of a month.
  ///   - onChunk: called with the number of accounts so far.
  /// - Throws: `StoreFailure`.
  public static func seed(
    engine: Engine, accounts: Int, start: CalendarDate, onChunk: @Sendable (Int) async -> Void = { _ in }
  ) async throws {
    for first in stride(from: 0, to: accounts, by: chunk) {
      let numbers = first..<min(first + chunk, accounts)
      try await engine.run(Act(correlation: "bench/billing", causation: "bench/billing/\(first)")) { unit in
        for number in numbers {
          let opening = opening(number, start: start)
          let stream = StreamID(opening.account)
          try await unit.decide(Account.self, stream, .open(opening, on: start.adding(days: -15)))
          try await unit.decide(Account.self, stream, .start(opening.timeline, on: start.adding(days: -11)))
        }
      }
      await onChunk(numbers.upperBound)
    }
  }

  /// The day on which the second month of all seeded accounts comes due.
  public static func firstRun(start: CalendarDate) -> CalendarDate {
    start.firstOfNextMonth.adding(days: -Account.issueLeadDays)
  }

  /// Prices and subsidies vary with the number; one account in two has a subsidy.
  private static func opening(_ number: Int, start: CalendarDate) -> Account.Opening {
    // As a book grows: an account every two seconds.
    let instant = Instant(microseconds: Instant(date: start).microseconds + Int64(number) * 2_000_000)
    let cents = Int64(30_000 + number % 977 * 53)
    let charge = Charge(
      plan: "bench-silver-\(number % 40)", grossCents: cents, aptcCents: number.isMultiple(of: 2) ? cents / 3 : 0)
    return Account.Opening(
      account: ID(at: instant, derivedFrom: "bench/account", number),
      policy: ID(at: instant, derivedFrom: "bench/policy", number), subscriber: "", state: "NY", currency: .usd,
      billingDay: 1, timeline: BillingTimeline(charge, from: start))
  }

  private static let chunk = 500
}
