// A gateway that keeps books and counts: what arrived, what was sent blindly, what it was asked.

import Kernel
import Synchronization

@testable import Payments

/// What becomes of what is sent.
enum Fate: Sendable {
  case answered(GatewayAnswer)
  /// It arrived, the answer was lost; look-ups are silent so many times, then find it.
  case answerLost(GatewayAnswer, silentLookUps: Int)
  /// It never arrived; sent again under its key it gets the answer.
  case requestLost(GatewayAnswer)
}

final class TestGateway: Gateway {
  struct Books: Sendable {
    var arrived: [String: GatewayAnswer] = [:]
    var amounts: [String: Money] = [:]
    var sent: [String: Int] = [:]
    var silent: [String: Int] = [:]
    /// Sent, and not looked up since.
    var unanswered: Set<String> = []
    /// Keys that were sent again without a look-up in between.
    var sentBlindly: [String] = []

    /// What was moved, in cents.
    func moved(_ prefix: String) -> Int64 {
      arrived.reduce(0) { sum, entry in
        guard case .posted = entry.value, entry.key.hasPrefix(prefix) else { return sum }
        return sum + (amounts[entry.key]?.cents ?? 0)
      }
    }
  }

  private let mutex = Mutex(Books())
  private let fate: @Sendable (_ key: String, _ attempt: Int) -> Fate

  init(fate: @escaping @Sendable (_ key: String, _ attempt: Int) -> Fate) { self.fate = fate }

  var books: Books { mutex.withLock { $0 } }

  func charge(_ charge: Charge) async -> GatewayAnswer { take(charge.key, charge.amount, charge.attempt) }
  func send(_ transfer: Transfer) async -> GatewayAnswer { take(transfer.key, transfer.amount, 1) }
  func lookUp(_ charge: Charge) async -> GatewayAnswer? { find(charge.key) }
  func lookUp(_ transfer: Transfer) async -> GatewayAnswer? { find(transfer.key) }

  private func take(_ key: String, _ amount: Money, _ attempt: Int) -> GatewayAnswer {
    mutex.withLock { books in
      if !books.unanswered.insert(key).inserted { books.sentBlindly.append(key) }
      books.sent[key, default: 0] += 1
      if let first = books.arrived[key] { return first }
      books.amounts[key] = amount
      switch fate(key, attempt) {
      case .answered(let answer):
        books.arrived[key] = answer
        return answer
      case .answerLost(let answer, let silentLookUps):
        books.arrived[key] = answer
        books.silent[key] = silentLookUps
        return .unknown
      case .requestLost(let answer):
        guard books.sent[key, default: 0] > 1 else { return .unknown }
        books.arrived[key] = answer
        return answer
      }
    }
  }

  private func find(_ key: String) -> GatewayAnswer? {
    mutex.withLock { books in
      books.unanswered.remove(key)
      if let left = books.silent[key], left > 0 {
        books.silent[key] = left - 1
        return .unknown
      }
      return books.arrived[key]
    }
  }
}
