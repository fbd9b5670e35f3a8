// What a line across the network holds back, and why: the breaker, the bulkhead and the budget of one context.

import GRPCCore
import Kernel
import Logging
import Synchronization

/// Lets the calls to one context through, or refuses them.
final class Restraint: Sendable {
  private struct State: Sendable {
    var breaker: Breaker
    var bulkhead: Bulkhead
    var budget: Budget
    var latencies: [MethodDescriptor: Latencies] = [:]
    /// Those on the bench, who are told whether they are inside.
    var waiting: [Bulkhead.Ticket: CheckedContinuation<Bool, Never>] = [:]
  }

  let context: String
  let policy: CallPolicy
  private let reads: Set<MethodDescriptor>
  private let state: Mutex<State>
  private let now: @Sendable () -> ContinuousClock.Instant
  private let log = Logger(label: "premia.courier")

  /// - Parameter reads: the methods that only read.
  init(
    context: String, policy: CallPolicy, reads: Set<MethodDescriptor>,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.context = context
    self.policy = policy
    self.reads = reads
    self.now = now
    state = Mutex(
      State(
        breaker: Breaker(
          failures: policy.failures, shortestRest: policy.shortestRest, longestRest: policy.longestRest),
        bulkhead: Bulkhead(places: policy.places, seats: policy.seats),
        budget: Budget(percent: policy.extraPercent, saved: policy.extraSaved)))
  }

  /// A call begins. Gives what the library may do to have it answered, beyond making it once.
  func announce(_ method: MethodDescriptor, hasKey: Bool) -> RPCExecutionPolicy? {
    let method = method.plain
    let isRead = reads.contains(method)
    let (mayRepeat, p95) = state.withLock { state in
      (state.budget.announce(), isRead ? state.latencies[method]?.p95 : nil)
    }
    guard mayRepeat, isRead || hasKey else { return nil }
    let again: Set<Status.Code> = [.unavailable, .resourceExhausted]
    if let p95, let least = policy.hedgeAfter {
      return .hedge(HedgingPolicy(maxAttempts: 2, hedgingDelay: max(p95, least), nonFatalStatusCodes: again))
    }
    return .retry(
      RetryPolicy(
        maxAttempts: policy.attempts, initialBackoff: policy.backoff, maxBackoff: policy.longestBackoff,
        backoffMultiplier: 2, retryableStatusCodes: again))
  }

  /// An attempt begins; it ends with `leave`.
  ///
  /// - Throws: the refusal, where it must not.
  func enter(_ method: MethodDescriptor) async throws(Problem) -> Passage {
    let attempt = state.withLock { $0.budget.attempt() }
    if attempt == .refused {
      throw .busy(
        .unavailable, code: "call.not_again",
        "\(context) did not answer, and enough calls to it were made again already.", comeAgainAfter: .seconds(1))
    }
    // What waits for an extra attempt would wait longer than for the first one.
    guard await place(mayWait: attempt == .first) else {
      throw .busy(
        code: "call.crowded", "\(policy.places) calls to \(context) are running already.",
        comeAgainAfter: policy.patience)
    }
    if let rest = state.withLock({ $0.breaker.admit(at: now()) }) {
      giveBack()
      throw .busy(
        .unavailable, code: "call.resting",
        "\(context) did not answer \(policy.failures) calls in a row and is left to rest.", comeAgainAfter: rest)
    }
    return Passage(method: method.plain, began: now())
  }

  /// An attempt ends.
  func leave(_ passage: Passage) {
    let now = now()
    let (before, after) = state.withLock { state in
      let before = state.breaker.state
      switch passage.outcome(at: now) {
      case .answered: state.breaker.answered()
      case .failed: state.breaker.failed(at: now)
      case .abandoned: state.breaker.abandoned(at: now)
      }
      if passage.isDone { state.latencies[passage.method, default: Latencies()].add(passage.began.duration(to: now)) }
      return (before, state.breaker.state)
    }
    giveBack()
    report(before, after)
  }

  private func report(_ before: Breaker.State, _ after: Breaker.State) {
    switch (before, after) {
    case (.closed, .open(_, let rest)), (.trying, .open(_, let rest)):
      log.warning("a context does not answer", metadata: ["context": "\(context)", "rests": "\(rest)"])
    case (.trying, .closed): log.notice("a context answers again", metadata: ["context": "\(context)"])
    case (.closed, _), (.open, _), (.trying, .trying): break
    }
  }

  /// Takes a place; false where there is none, in time.
  private func place(mayWait: Bool) async -> Bool {
    switch state.withLock({ $0.bulkhead.enter(mayWait: false) }) {
    case .inside: return true
    case .waits, .full: break
    }
    guard mayWait else { return false }
    let seat = Mutex<Bulkhead.Ticket?>(nil)
    let patience = Task { [policy] in
      try await Task.sleep(for: policy.patience)
      if let ticket = seat.withLock({ $0 }) { self.giveUp(ticket) }
    }
    defer { patience.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let entry = state.withLock { state in
          let entry = state.bulkhead.enter(mayWait: true)
          if case .waits(let ticket) = entry {
            state.waiting[ticket] = continuation
            seat.withLock { $0 = ticket }
          }
          return entry
        }
        switch entry {
        case .inside: continuation.resume(returning: true)
        case .full: continuation.resume(returning: false)
        // It may have been cancelled before it had a seat.
        case .waits(let ticket): if Task.isCancelled { giveUp(ticket) }
        }
      }
    } onCancel: {
      if let ticket = seat.withLock({ $0 }) { giveUp(ticket) }
    }
  }

  private func giveUp(_ ticket: Bulkhead.Ticket) {
    let continuation = state.withLock { state in
      state.bulkhead.giveUp(ticket) ? state.waiting.removeValue(forKey: ticket) : nil
    }
    continuation?.resume(returning: false)
  }

  private func giveBack() {
    let continuation = state.withLock { state in
      state.bulkhead.leave().flatMap { state.waiting.removeValue(forKey: $0) }
    }
    continuation?.resume(returning: true)
  }
}
