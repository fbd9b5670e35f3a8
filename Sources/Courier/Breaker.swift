// Rests a context that does not answer: to ask it again at once would only keep it down, and callers waiting.
//
//   closed     calls go through; so many failures in a row open it
//   open       calls are refused until it has rested
//   trying     one call goes through: an answer closes it, a failure opens it for twice as long

/// A circuit breaker. A failure is no answer; a refusal is an answer.
struct Breaker: Sendable {
  typealias Instant = ContinuousClock.Instant

  enum State: Hashable, Sendable {
    case closed(failures: Int)
    case open(until: Instant, rest: Duration)
    case trying(since: Instant, rest: Duration)
  }

  private(set) var state = State.closed(failures: 0)
  /// Failures in a row that open it.
  let failures: Int
  let shortestRest: Duration
  let longestRest: Duration

  init(failures: Int = 8, shortestRest: Duration = .milliseconds(500), longestRest: Duration = .seconds(15)) {
    self.failures = failures
    self.shortestRest = shortestRest
    self.longestRest = longestRest
  }

  /// Lets a call through, or says how long the context still rests.
  mutating func admit(at now: Instant) -> Duration? {
    switch state {
    case .closed: return nil
    case .open(let until, let rest):
      if now < until { return now.duration(to: until) }
      state = .trying(since: now, rest: rest)
      return nil
    case .trying(_, let rest): return rest
    }
  }

  mutating func answered() {
    switch state {
    case .closed, .trying: state = .closed(failures: 0)
    // A call of before it opened; what comes after it is not known.
    case .open: break
    }
  }

  mutating func failed(at now: Instant) {
    switch state {
    case .closed(let before):
      state =
        before + 1 < failures
        ? .closed(failures: before + 1) : .open(until: now + shortestRest, rest: shortestRest)
    case .trying(_, let rest):
      let longer = min(rest * 2, longestRest)
      state = .open(until: now + longer, rest: longer)
    case .open: break
    }
  }

  /// The caller lost interest before there was an answer: the next one tries.
  mutating func abandoned(at now: Instant) {
    if case .trying(_, let rest) = state { state = .open(until: now, rest: rest) }
  }
}
