// What librdkafka was asked and has not answered: many questions at a time, each with its own time-out.

import Runtime
import Synchronization

/// What comes of a question.
enum KafkaAnswer: Sendable {
  case done
  /// How topics are kept, by name.
  case configurations([String: [String: String]])
}

final class KafkaRounds: Sendable {
  typealias Outcome = Result<KafkaAnswer, BrokerFailure>

  private struct Round {
    /// How many answers are awaited.
    var open: Int
    /// The first failure, or else the last answer.
    var outcome: Outcome = .success(.done)
    var waiter: CheckedContinuation<Outcome, Never>?
  }

  private struct State {
    var last = 0
    var rounds: [Int: Round] = [:]
  }

  private let state = Mutex(State())

  /// A number, never 0, for a question that is answered in so many parts.
  func begin(parts: Int = 1) -> Int {
    state.withLock { state in
      state.last += 1
      state.rounds[state.last] = Round(open: parts)
      return state.last
    }
  }

  /// Takes answers; those to a round that is over go unheard.
  func settle(_ number: Int, _ outcome: Outcome, parts: Int = 1) {
    change(number) { round in
      round.open -= parts
      if case .success = round.outcome { round.outcome = outcome }
    }
  }

  /// Waits until a round is complete, or for so long.
  func outcome(of number: Int, within patience: Duration) async -> Outcome {
    let end = Task {
      // Cancelled when the answers are there; ending a round that is gone does nothing.
      try? await Task.sleep(for: patience)
      over(number, "no answer within \(patience)")
    }
    defer { end.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in change(number) { $0.waiter = continuation } }
    } onCancel: {
      over(number, "cancelled")
    }
  }

  private func over(_ number: Int, _ reason: String) {
    change(number) { round in
      round.open = 0
      if case .success = round.outcome { round.outcome = .failure(.unavailable(reason)) }
    }
  }

  /// Gives the waiter what there is, if the round is complete.
  private func change(_ number: Int, _ body: (inout Round) -> Void) {
    let ready: (CheckedContinuation<Outcome, Never>, Outcome)? = state.withLock { state in
      guard var round = state.rounds[number] else { return nil }
      body(&round)
      guard round.open <= 0, let waiter = round.waiter else {
        state.rounds[number] = round
        return nil
      }
      state.rounds[number] = nil
      return (waiter, round.outcome)
    }
    if let (waiter, outcome) = ready { waiter.resume(returning: outcome) }
  }
}
