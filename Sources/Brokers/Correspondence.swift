// Requests and their answers: many at a time, through one inbox, each round with its own time-out.

import Runtime
import Synchronization

/// A request to a subject that somebody answers.
struct NATSRequest: Sendable {
  let subject: String
  var body: [UInt8] = []
  var headers: [(name: String, value: String)] = []
}

/// Asks over one connection.
final class Correspondence: Sendable {
  private struct Round {
    var answers: [NATSMessage?]
    /// How many answers are awaited.
    var open: Int
    var isOver = false
    var waiter: CheckedContinuation<[NATSMessage?], Never>?
  }

  private struct State {
    var last: UInt64 = 0
    var rounds: [UInt64: Round] = [:]
  }

  private final class Rounds: Sendable {
    let state = Mutex(State())

    /// Gives the waiter what there is, if the round is complete or over.
    func settle(_ number: UInt64, _ change: @Sendable (inout Round) -> Void) {
      let ready: (CheckedContinuation<[NATSMessage?], Never>, [NATSMessage?])? = state.withLock { state in
        // Taken out, so that it is changed where it is and not copied for every answer.
        guard var round = state.rounds.removeValue(forKey: number) else { return nil }
        change(&round)
        guard round.open == 0 || round.isOver, let waiter = round.waiter else {
          state.rounds[number] = round
          return nil
        }
        return (waiter, round.answers)
      }
      if let (waiter, answers) = ready { waiter.resume(returning: answers) }
    }
  }

  private let connection: NATSConnection
  private let inbox: String
  private let rounds = Rounds()
  private let subscription: NATSSubscription

  init(_ connection: NATSConnection) throws(BrokerFailure) {
    self.connection = connection
    let inbox = NATSConnection.inbox()
    self.inbox = inbox
    subscription = try connection.subscribe(to: "\(inbox).*.*") { [rounds] message in
      let place = message.subject.dropFirst(inbox.count + 1).split(separator: ".")
      guard place.count == 2, let number = UInt64(place[0]), let index = Int(place[1]) else { return }
      rounds.settle(number) { round in
        guard round.answers.indices.contains(index), round.answers[index] == nil else { return }
        round.answers[index] = message
        round.open -= 1
      }
    }
  }

  /// Sends requests in their order.
  ///
  /// - Returns: the answer to each; nil where none came in time.
  func ask(_ requests: [NATSRequest], patience: Duration) async throws(BrokerFailure) -> [NATSMessage?] {
    let number = rounds.state.withLock { state in
      state.last += 1
      state.rounds[state.last] = Round(
        answers: Array(repeating: nil, count: requests.count), open: requests.count)
      return state.last
    }
    for (index, request) in requests.enumerated() {
      do throws(BrokerFailure) {
        try connection.publish(
          request.body, to: request.subject, reply: "\(inbox).\(number).\(index)", headers: request.headers)
      } catch {
        rounds.state.withLock { $0.rounds[number] = nil }
        throw error
      }
    }
    let end = Task { [rounds] in
      // Cancelled when the answers are there; ending a round that is gone does nothing.
      try? await Task.sleep(for: patience)
      rounds.settle(number) { $0.isOver = true }
    }
    defer { end.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in rounds.settle(number) { $0.waiter = continuation } }
    } onCancel: {
      rounds.settle(number) { $0.isOver = true }
    }
  }

  /// Asks everybody who listens.
  ///
  /// - Returns: what was answered within a time.
  func askAll(_ subject: String, within patience: Duration) async throws(BrokerFailure) -> [NATSMessage] {
    let answers = Answers()
    let inbox = NATSConnection.inbox()
    let subscription = try connection.subscribe(to: inbox) { message in answers.all.withLock { $0.append(message) } }
    try connection.publish([], to: subject, reply: inbox)
    // Cancelled, it answers what there is.
    try? await Task.sleep(for: patience)
    return withExtendedLifetime(subscription) { answers.all.withLock { $0 } }
  }

  private final class Answers: Sendable {
    let all = Mutex<[NATSMessage]>([])
  }
}
