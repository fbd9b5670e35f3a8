// Calls that wait are made one at a time, so that the same question of many is put once.

import Dispatch
import Runtime
import Synchronization

/// A question whose one answer all get who asked before it was put. Where no server is there, they fail together and
/// not one after the other.
final class SharedQuestion<Answer: Sendable>: Sendable {
  typealias Outcome = Result<Answer, BrokerFailure>

  private let askers = Mutex<[CheckedContinuation<Outcome, Never>]>([])

  /// - Parameter ask: waits for the answer, on the queue.
  func answer(
    on queue: DispatchQueue, _ ask: @escaping @Sendable () throws(BrokerFailure) -> Answer
  ) async throws(BrokerFailure) -> Answer {
    let outcome: Outcome = await withCheckedContinuation { asker in
      let isFirst = askers.withLock { askers in
        askers.append(asker)
        return askers.count == 1
      }
      guard isFirst else { return }
      queue.async {
        let askers = self.askers.withLock { askers in
          defer { askers = [] }
          return askers
        }
        let outcome = Outcome { () throws(BrokerFailure) in try ask() }
        for asker in askers { asker.resume(returning: outcome) }
      }
    }
    return try outcome.get()
  }
}
