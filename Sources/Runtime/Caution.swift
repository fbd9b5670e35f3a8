// A message on which the process ends is not set aside by who meets it: nothing is caught there, and the next process
// meets it again. So a consumer keeps, in the store, how many processes began at the same place and did not get past
// it. The next ones go on with care: message by message, each noted before it is tried.

import Synchronization

/// Finds the message on which processes end.
final class Caution: Sendable {
  private enum State {
    /// This process has met nothing yet.
    case unknown
    case calm
    /// Until the consumer is past this place.
    case careful(at: Int64)
  }

  private let engine: Engine
  private let cursor: String
  private let state = Mutex(State.unknown)

  /// - Parameter cursor: of the consumer.
  init(_ engine: Engine, cursor: String) {
    self.engine = engine
    self.cursor = cursor
  }

  /// Whether the messages behind a place are to be tried one by one. The first call of a process counts.
  func isDue(at place: Int64) async throws(StoreFailure) -> Bool {
    switch state.withLock({ $0 }) {
    case .calm: return false
    case .careful(let start):
      if start == place { return true }
      state.withLock { $0 = .calm }
      return false
    case .unknown:
      let starts = try await count("begun/\(cursor)", at: place)
      let isDue = starts > Self.hastyStarts
      state.withLock { $0 = isDue ? .careful(at: place) : .calm }
      return isDue
    }
  }

  /// Notes that a message is tried, which is the first that has not taken effect.
  ///
  /// - Returns: false where processes have ended over it.
  func mayTry(_ position: Int64) async throws(StoreFailure) -> Bool {
    try await count("tried/\(cursor)", at: position) <= Self.tries
  }

  /// Counts how often in a row a place was named.
  private func count(_ name: String, at place: Int64) async throws(StoreFailure) -> Int64 {
    let names = [name, "\(name)/times"]
    let known = try await engine.store.cursors(names)
    let last = known[0]
    let times = last == place ? known[1] + 1 : 1
    var commit = Commit()
    commit.cursors = [
      names[0]: CursorMove(from: last, to: place), names[1]: CursorMove(from: known[1], to: times),
    ]
    do throws(StoreFailure) {
      try await engine.store.commit(commit)
    } catch {
      // A copy counts at the same time, so that not every process has ended.
      guard case .moved = error else { throw error }
      return 1
    }
    return times
  }

  /// Processes that begin at the same place before one is careful: most are ended by something else.
  private static let hastyStarts = 3
  /// How often a message is tried alone.
  static let tries = 2
}
