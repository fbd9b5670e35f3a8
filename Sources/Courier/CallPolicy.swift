// How a context is called across the network: one value, alike for every context unless its settings say otherwise.

/// The limits within which a line calls its context.
public struct CallPolicy: Hashable, Sendable {
  /// For calls that do not name a deadline, and are not made while answering one that has.
  public var timeout: Duration = .seconds(30)
  /// How long a call waits for a connection.
  public var connectWithin: Duration = .seconds(5)

  /// Attempts in all, 2 to 5, of a call that is safe to make again: one of a method that only reads, or one under an
  /// idempotency key. Anything else is made once.
  public var attempts = 3
  /// The wait before the second attempt, drawn from zero to this, and doubled for each one after it.
  public var backoff: Duration = .milliseconds(50)
  public var longestBackoff: Duration = .seconds(1)
  /// Attempts beyond the first, hedges among them, in a hundred calls.
  public var extraPercent = 10
  /// Attempts beyond the first that can be saved up.
  public var extraSaved = 10
  /// A read that takes longer than 95 of 100 did lately, but at least this long, is asked a second time; nil for never.
  public var hedgeAfter: Duration? = .milliseconds(5)

  /// Calls that run at once, and calls that wait for a place.
  public var places = 64
  public var seats = 256
  /// How long a call waits for a place.
  public var patience: Duration = .seconds(2)

  /// Calls in a row that stay without an answer until the context is left to rest.
  public var failures = 8
  public var shortestRest: Duration = .milliseconds(500)
  public var longestRest: Duration = .seconds(15)

  public init() {}
}
