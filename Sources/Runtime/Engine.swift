// The only place where rules meet the outside: load, decide, commit, and again if somebody else was first.

import Contracts
import Crypto
public import Kernel

/// The engine of one context.
public final class Engine: Sendable {
  /// The context's name, such as "billing": the source of what it publishes.
  public let context: String
  public let store: any Store
  public let clock: any BusinessClock
  /// Rings after each commit that published something, so that consumers in this process look at once.
  public let bell = Doorbell()
  let cache = StateCache()

  public init(context: String, store: any Store, clock: any BusinessClock) {
    self.context = context
    self.store = store
    self.clock = clock
  }

  /// Runs one unit of work and writes it. The body may run more than once, each time on fresh state, when another
  /// unit changes the same streams first; it must have no effects of its own.
  ///
  /// - Parameters:
  ///   - taking: the message whose effect this is; if it took effect before, nothing is done and nil is answered.
  ///   - moving: a place that moves on with it, unless somebody else has moved it.
  /// - Throws: a `Refusal` of the rules, or `StoreFailure`.
  @discardableResult
  public func run<Answer: Sendable>(
    _ act: Act, taking mark: InboxMark? = nil, moving cursor: (name: String, move: CursorMove)? = nil,
    _ body: @Sendable (inout Unit) async throws -> Answer
  ) async throws -> Answer? {
    var cursor = cursor
    do {
      return try await attempt { [self] in
        var (unit, answer) = try await carryOut(act, body)
        unit.commit.taken = mark
        if let cursor { unit.commit.cursors[cursor.name] = cursor.move }
        do throws(StoreFailure) {
          try await commit(unit)
        } catch {
          if case .taken = error { return nil }
          // Tried again, it leaves the place where it is.
          if case .moved = error { cursor = nil }
          throw error
        }
        return answer
      }
    } catch let refusal as any Refusal {
      // What is refused now may have taken effect before: the message was delivered again.
      if let mark, try await store.taken([mark]).contains(mark) { return nil }
      throw refusal
    }
  }

  /// Runs a unit of work once per key: asked again with the same input it gives the first answer.
  ///
  /// - Parameters:
  ///   - key: chosen by the caller, unique to what it wants done.
  ///   - input: what the key stands for; its SHA-256 is kept.
  /// - Throws: `KeyReused` where the key came with another input before.
  public func runOnce(
    _ act: Act, key: String, input: [UInt8], _ body: @Sendable (inout Unit) async throws -> [UInt8]
  ) async throws -> [UInt8] {
    let hash = Array(SHA256.hash(data: input))
    func first(_ stored: StoredAnswer) throws -> [UInt8] {
      guard stored.inputHash == hash else { throw KeyReused(key: key) }
      return stored.answer
    }
    do {
      return try await attempt { [self] in
        var (unit, answer) = try await carryOut(act, body)
        unit.commit.answer = StoredAnswer(key: key, inputHash: hash, answer: answer)
        try await commit(unit)
        return answer
      }
    } catch StoreFailure.answered(let stored) {
      return try first(stored)
    } catch {
      // What is refused now may have been done before under this key: then the first answer stands.
      if let stored = try await store.answer(to: key) { return try first(stored) }
      throw error
    }
  }

  /// The state of a stream, to look at.
  public func state<A: Aggregate>(of _: A.Type, _ stream: StreamID) async throws -> A.State {
    try await attempt { [self] in
      try await carryOut(Act(correlation: "read")) { unit in try await unit.state(of: A.self, stream) }.1
    }
  }

  /// The states of streams as they are stored, with their versions, to look at; nil where there is none. For whoever
  /// looks at many: nothing of it is kept at hand.
  public func states<A: Aggregate>(
    of _: A.Type, _ streams: [StreamID]
  ) async throws(StoreFailure) -> [(version: Int64, state: A.State)?] {
    var states: [(version: Int64, state: A.State)?] = []
    for stored in try await store.load(streams) { states.append(try stored.map(A.read)) }
    return states
  }

  /// Writes a commit that is no unit of work, such as a dead letter.
  func write(_ commit: Commit) async throws(StoreFailure) {
    try await store.commit(commit)
  }

  /// Moves a named place on.
  ///
  /// - Returns: whether it was moved now; false where somebody else was first.
  func move(_ cursor: String, _ move: CursorMove) async throws(StoreFailure) -> Bool {
    var commit = Commit()
    commit.cursors[cursor] = move
    do throws(StoreFailure) {
      try await store.commit(commit)
      return true
    } catch {
      guard case .moved = error else { throw error }
      return false
    }
  }

  func attempt<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    var lost = 0
    while true {
      do {
        return try await body()
      } catch let failure as StoreFailure where failure.isLostRace {
        if case .conflict(let stream) = failure { cache.forget(stream) }
        lost += 1
        guard lost < Self.mostLostRaces else { throw failure }
        try await Task.sleep(for: Backoff.conflict.delay(attempt: lost))
      }
    }
  }

  func carryOut<Answer>(
    _ act: Act, _ body: @Sendable (inout Unit) async throws -> Answer
  ) async throws -> (Unit, Answer) {
    try await Act.$current.withValue(act) {
      var unit = Unit(engine: self, act: act)
      do {
        let answer = try await body(&unit)
        try await requireNewest(unit.entries.filter(\.events.isEmpty))
        return (unit, answer)
      } catch let refusal as any Refusal {
        try await requireNewest(unit.entries)
        throw refusal
      }
    }
  }

  /// What is concluded from a state at hand without changing it has no race to lose at the commit. So it is asked
  /// whether it is still the newest: another copy of this context may have changed it.
  private func requireNewest(_ entries: [Unit.Entry]) async throws(StoreFailure) {
    for entry in entries where entry.isHot {
      guard try await store.load(entry.stream)?.version == entry.loadedVersion else { throw .conflict(entry.stream) }
    }
  }

  func commit(_ unit: Unit) async throws(StoreFailure) {
    guard let commit = unit.finished() else { return }
    do {
      try await store.commit(commit)
    } catch {
      for entry in unit.entries { cache.forget(entry.stream) }
      throw error
    }
    // A state that it only looked at may be old by now, and whoever looks at it next without changing it would never
    // find out. What bulk work comes by is not kept at hand: the states of the streams that are busy are worth more.
    for entry in unit.entries where !entry.events.isEmpty {
      if entry.isBulk {
        cache.forget(entry.stream)
      } else {
        cache.remember(entry.stream, version: entry.version, state: entry.state)
      }
    }
    if !commit.outbox.isEmpty { bell.ring() }
  }

  /// How often a unit is tried again because another was first.
  private static let mostLostRaces = 50
}

extension StoreFailure {
  /// Whether the same unit may succeed on what is stored now.
  fileprivate var isLostRace: Bool {
    switch self {
    case .conflict, .moved: true
    case .answered, .taken, .constraint, .full, .unavailable, .corrupt: false
    }
  }
}

/// A key was used again for something else.
public struct KeyReused: Refusal, Equatable {
  public let key: String

  public var problem: Problem {
    Problem(
      kind: .conflict, code: "idempotency.key_reused",
      detail: "The idempotency key \(key) was used before with another request.",
      remedy: "Send the first request again unchanged to get its answer, or choose a new key for the new request.",
      fields: ["key": key])
  }
}
