// The connections of one store, and what waits for them.

import Runtime
import Synchronization

/// Runs work on connections, each on a queue of its own: a caller waits without holding up a thread of Swift's pool.
final class Pool: Sendable {
  private typealias Job = @Sendable (Connection) -> Void

  private struct State {
    var idle: [Connection] = []
    /// Connections that were made; at most as many as the settings say.
    var made = 0
    /// Oldest first, from `next` on.
    var waiting: [Job] = []
    var next = 0
    var isClosed = false
    /// Who waits for the last work to end.
    var closing: [CheckedContinuation<Void, Never>] = []
  }

  private enum Admission {
    case start(Connection)
    case waits
    case refused(String)
  }

  private enum Trouble: Error {
    case refused(String)
    case failed(PostgresFailure, at: String)
  }

  private let settings: PostgresSettings
  private let state = Mutex(State())

  init(_ settings: PostgresSettings) { self.settings = settings }

  /// Runs work on one connection. What lost a race is run again, and so is what was refused before it was begun.
  ///
  /// - Parameter isRepeatable: whether it may be run again although it may have been done, as a read may.
  /// - Throws: the last failure in the port's words.
  func run<Found: Sendable>(
    isRepeatable: Bool, _ work: @escaping @Sendable (Connection) throws(PostgresFailure) -> Found
  ) async throws(StoreFailure) -> Found {
    var attempt = 0
    while true {
      attempt += 1
      let wait: Duration
      switch await once(work) {
      case .success(let found): return found
      case .failure(.refused(let why)): throw .unavailable(why)
      case .failure(.failed(let failure, let place)):
        if failure.isLostRace && attempt < Self.mostLostRaces {
          wait = Backoff.conflict.delay(attempt: attempt)
        } else if (failure.isOutage || failure.isLost && isRepeatable) && attempt < Self.mostOutages {
          wait = Backoff.outage.delay(attempt: attempt)
        } else {
          throw failure.storeFailure(at: "\(settings.schema) in \(place)")
        }
      }
      // Cancelled, it tries again at once; the attempts are counted all the same.
      try? await Task.sleep(for: wait)
    }
  }

  private func once<Found: Sendable>(
    _ work: @escaping @Sendable (Connection) throws(PostgresFailure) -> Found
  ) async -> Result<Found, Trouble> {
    await withCheckedContinuation { answer in
      let job: Job = { connection in
        do throws(PostgresFailure) {
          answer.resume(returning: .success(try work(connection)))
        } catch {
          let place = connection.place
          if !error.leavesConnection { connection.close() }
          answer.resume(returning: .failure(.failed(error, at: place)))
        }
      }
      switch state.withLock({ admit(job, to: &$0) }) {
      case .start(let connection): connection.start { self.drain(job, on: $0) }
      case .waits: break
      case .refused(let why): answer.resume(returning: .failure(.refused(why)))
      }
    }
  }

  private func admit(_ job: @escaping Job, to state: inout State) -> Admission {
    if state.isClosed { return .refused("the store is closed") }
    if let connection = state.idle.popLast() { return .start(connection) }
    if state.made < settings.connections {
      state.made += 1
      return .start(Connection(settings))
    }
    guard state.waiting.count - state.next < Self.mostWaiting else {
      return .refused(
        "\(Self.mostWaiting) requests to \(settings.schema) are waiting for a connection; ask again later")
    }
    state.waiting.append(job)
    return .waits
  }

  /// On the connection's queue: works until nothing waits.
  private func drain(_ first: Job, on connection: Connection) {
    first(connection)
    while let job = state.withLock({ next(in: &$0, for: connection) }) { job(connection) }
  }

  /// The next job; where nothing waits the connection rests.
  private func next(in state: inout State, for connection: Connection) -> Job? {
    guard state.next < state.waiting.count else {
      state.waiting = []
      state.next = 0
      state.idle.append(connection)
      if state.isClosed && state.idle.count == state.made { finish(&state) }
      return nil
    }
    state.next += 1
    return state.waiting[state.next - 1]
  }

  /// Ends after what was asked before is done.
  func close() async {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        state.isClosed = true
        state.closing.append(continuation)
        if state.idle.count == state.made { finish(&state) }
      }
    }
  }

  private func finish(_ state: inout State) {
    // Nobody uses them any more; the last reference closes the line.
    state.idle = []
    state.made = 0
    for continuation in state.closing { continuation.resume() }
    state.closing = []
  }

  private static let mostLostRaces = 10
  private static let mostOutages = 4
  private static let mostWaiting = 4_096
}
