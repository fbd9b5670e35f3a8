// The smallest aggregate that uses everything: it counts, tells others, keeps rows and has a next step.

import Foundation
import Kernel
import PostgresStorage
import Runtime
import SQLiteStorage
import StoreTesting
import SwiftProtobuf

enum Counter: Aggregate {
  struct State: Codable, Equatable, Sendable {
    var id = ""
    var count: Int64 = 0
    /// When it ticks by itself; nil where it does not.
    var ticksAt: Int64?
    /// Refuses every tick.
    var isStuck = false
  }

  enum Command: Sendable {
    case add(String, Int64)
    case set(ticksAt: Instant, isStuck: Bool = false)
    case tick
  }

  enum Event: Codable, Equatable, Sendable {
    case added(String, Int64)
    case scheduled(Int64, isStuck: Bool)
    case ticked
  }

  enum Refusal: Kernel.Refusal, Equatable {
    case tooMuch(Int64)
    case stuck

    var problem: Problem {
      switch self {
      case .tooMuch(let amount):
        Problem(kind: .invalid, code: "counter.too_much", detail: "\(amount) is above 1000.", remedy: "Add less.")
      case .stuck: Problem(kind: .precondition, code: "counter.stuck", detail: "It is stuck.", remedy: "None.")
      }
    }
  }

  static let kind = "counter"
  static let initial = State()
  static let table = Table(
    "counters", columns: [.text("id"), .integer("count")], key: ["id"], checks: [.nonNegative("count")])
  static let hour: Int64 = 3_600_000_000

  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .add(let id, let amount):
      guard amount <= 1_000 else { throw .tooMuch(amount) }
      return [.added(id, amount)]
    case .set(let instant, let isStuck):
      return [.scheduled(instant.microseconds, isStuck: isStuck)]
    case .tick:
      guard !state.isStuck else { throw .stuck }
      return [.ticked]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .added(let id, let amount):
      state.id = id
      state.count += amount
    case .scheduled(let instant, let isStuck):
      state.ticksAt = instant
      state.isStuck = isStuck
    case .ticked:
      state.count += 1
      state.ticksAt = state.ticksAt.map { $0 + hour }
    }
    return state
  }

  static func name(of event: Event) -> String {
    switch event {
    case .added: "added"
    case .scheduled: "scheduled"
    case .ticked: "ticked"
    }
  }

  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    [.put(table, [.text(recorded.stream.rawValue), .integer(state.count)])]
  }

  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    switch recorded.event {
    case .added(_, let amount):
      [Publication("Counter.Added", about: recorded.stream.rawValue, Google_Protobuf_Int64Value(amount))]
    case .scheduled, .ticked: []
    }
  }

  static func nextStep(for state: State) -> Instant? { state.ticksAt.map(Instant.init(microseconds:)) }
}

enum StoreKind: String, CaseIterable, Sendable {
  case memory
  case sqlite
  case postgres

  /// Runs with an engine on a fresh store of this kind, and with the path of its file where it has one.
  func withEngine(_ context: String = "counting", _ body: (Engine, String) async throws -> Void) async throws {
    let clock = SandboxClock(start)
    let folder = FileManager.default.temporaryDirectory.appending(path: "premia-engine-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "\(context).sqlite").path
    let store: any Store =
      switch self {
      case .memory: MemoryStore()
      case .sqlite: try SQLiteStore(path: path, tables: [Counter.table] + BulkTables.all)
      case .postgres:
        try await PostgresStore(PostgresServer.shared.settings(), tables: [Counter.table] + BulkTables.all)
      }
    try await body(Engine(context: context, store: store, clock: clock), path)
    await store.close()
  }
}

let start = Instant(microseconds: 1_800_000_000_000_000)
let act = Act(correlation: "test")

func hours(_ count: Int64) -> Instant { start.adding(microseconds: count * Counter.hour) }

extension Engine {
  @discardableResult
  func add(_ amount: Int64, to stream: String) async throws -> Int64 {
    try await run(act) { unit in
      try await unit.decide(Counter.self, StreamID(stream), .add(stream, amount)).count
    } ?? -1
  }

  func count(of stream: String) async throws -> Int64? {
    try await store.row(Counter.table, key: [.text(stream)])?.integer("count")
  }
}
