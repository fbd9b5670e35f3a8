// Exponential waits with full jitter: spread in time what failed together.

/// A schedule of waits.
public struct Backoff: Sendable {
  public let first: Duration
  public let longest: Duration

  public init(first: Duration, longest: Duration) {
    self.first = first
    self.longest = longest
  }

  /// After a lost race in the same store.
  public static let conflict = Backoff(first: .milliseconds(1), longest: .milliseconds(50))
  /// After a failure of something outside.
  public static let outage = Backoff(first: .milliseconds(20), longest: .seconds(5))

  /// A random wait of at most `first` x 2^(attempt - 1), never above `longest`.
  ///
  /// - Parameter attempt: from 1.
  public func delay(attempt: Int) -> Duration {
    let ceiling = min(longest, first * (1 << min(attempt - 1, 20)))
    return ceiling * Double.random(in: 0...1)
  }
}
