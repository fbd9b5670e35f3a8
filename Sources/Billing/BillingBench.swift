// A book of active accounts for timing a run, made through the same decisions and commits as any other.

public import Kernel
public import Runtime

public enum BillingBench {
  /// Opens accounts whose first month is billed and whose second comes due on `run(0)`.
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

  /// Bills the seeded accounts for some more months, each of which is then paid.
  ///
  /// - Parameter onMonth: called with the number of months so far.
  /// - Throws: `StoreFailure`.
  public static func age(
    engine: Engine, clock: SandboxClock, accounts: Int, start: CalendarDate, months: Int,
    onMonth: @Sendable (Int) async -> Void = { _ in }
  ) async throws {
    for month in 0..<months {
      let day = run(month, start: start)
      clock.advance(to: Instant(date: day))
      _ = try await BillingRun.run(engine: engine, asOf: day)
      try await pay(engine: engine, accounts: accounts, start: start, on: day)
      await onMonth(month + 1)
    }
  }

  /// Pays what all seeded accounts owe, some of them side by side.
  ///
  /// - Throws: `StoreFailure`.
  public static func pay(engine: Engine, accounts: Int, start: CalendarDate, on day: CalendarDate) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, first) in stride(from: 0, to: accounts, by: paidTogether).enumerated() {
        if index >= payersAtOnce { try await group.next() }
        group.addTask {
          try await pay(engine, first..<min(first + paidTogether, accounts), start: start, on: day)
        }
      }
      try await group.waitForAll()
    }
  }

  private static func pay(
    _ engine: Engine, _ numbers: Range<Int>, start: CalendarDate, on day: CalendarDate
  ) async throws {
    try await engine.run(Act(correlation: "bench/pay", causation: "bench/pay/\(day)/\(numbers)")) { unit in
      for number in numbers {
        let stream = StreamID(accountID(number, start: start))
        let owed = try await unit.state(of: Account.self, stream).receivableCents
        let payment = ID<PaymentTag>(at: unit.now, derivedFrom: "bench/payment/\(number)")
        try await unit.decide(
          Account.self, stream, .applyPayment(payment, Money(cents: owed), invoice: nil, on: day))
      }
    }
  }

  /// The day on which a further month of all seeded accounts comes due, counted from 0.
  public static func run(_ month: Int, start: CalendarDate) -> CalendarDate {
    start.adding(months: month + 1).adding(days: -Account.issueLeadDays)
  }

  /// Prices and subsidies vary with the number; one account in two has a subsidy.
  private static func opening(_ number: Int, start: CalendarDate) -> Account.Opening {
    let cents = Int64(30_000 + number % 977 * 53)
    let charge = Charge(
      plan: "bench-silver-\(number % 40)", grossCents: cents, aptcCents: number.isMultiple(of: 2) ? cents / 3 : 0)
    return Account.Opening(
      account: accountID(number, start: start),
      policy: ID(at: opened(number, start), derivedFrom: "bench/policy", number), subscriber: "", state: "NY",
      currency: .usd, timeline: BillingTimeline(charge, from: start))
  }

  private static func accountID(_ number: Int, start: CalendarDate) -> ID<AccountTag> {
    ID(at: opened(number, start), derivedFrom: "bench/account", number)
  }

  /// As a book grows: an account every two seconds.
  private static func opened(_ number: Int, _ start: CalendarDate) -> Instant {
    Instant(microseconds: Instant(date: start).microseconds + Int64(number) * 2_000_000)
  }

  private static let chunk = 500
  private static let paidTogether = 100
  private static let payersAtOnce = 8
}
