import GRDB
import Kernel
@testable import Runtime
import SQLiteStorage
import Testing

@Suite("Verification")
struct VerificationTests {
  let aggregates = [AnyAggregate(Counter.self)]

  func fill(_ engine: Engine) async throws {
    for stream in ["a", "b", "c"] {
      try await engine.add(1, to: stream)
      try await engine.add(2, to: stream)
    }
  }

  @Test("finds nothing where nothing is wrong, and counts what it looked at", arguments: StoreKind.allCases)
  func clean(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await fill(engine)
      let report = try await engine.verify(aggregates, tables: [Counter.table])
      #expect(report == VerificationReport(streams: 3, events: 6, rows: 3, publications: 6))
    }
  }

  /// What is done behind the engine's back, and what verification says of it.
  static let tampering: [(sql: String, place: String, what: String)] = [
    (
      """
      UPDATE streams SET state = CAST(replace(CAST(state AS TEXT), '"count":3', '"count":4') AS BLOB)
      WHERE stream = 'b'
      """, "b",
      "the state is not what its 2 events say"
    ),
    ("UPDATE streams SET due = 1800000000000000 WHERE stream = 'b'", "b", "its state says never"),
    ("UPDATE streams SET version = 3 WHERE stream = 'b'", "b", "is at version 3 with 2 events"),
    ("UPDATE events SET name = 'ticked' WHERE stream = 'b' AND version = 1", "b", "event 1 is named ticked"),
    ("DELETE FROM events WHERE stream = 'b' AND version = 1", "b", "is at version 2 with 1 events"),
    ("UPDATE counters SET count = 4 WHERE id = 'b'", "counters", "count is integer(4), its events say integer(3)"),
    ("DELETE FROM counters WHERE id = 'b'", "counters", "the row is missing"),
    ("INSERT INTO counters VALUES ('d', 1)", "counters", "has 4 rows, the events say 3"),
    ("UPDATE outbox SET envelope = x'0102' WHERE position = 4", "outbox", "or others"),
    ("UPDATE outbox SET about = 'x' WHERE position = 4", "outbox", "or others"),
    ("DELETE FROM outbox WHERE position = 6", "outbox", "holds 5 publications, the events say 6"),
  ]

  @Test("finds what was changed behind the engine's back", arguments: tampering.indices)
  func tampered(index: Int) async throws {
    let (sql, place, what) = Self.tampering[index]
    try await StoreKind.sqlite.withEngine { engine, path in
      try await fill(engine)
      await engine.store.close()
      try await DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
      let store = try SQLiteStore(path: path, tables: [Counter.table] + BulkTables.all, mode: .reading)
      let reopened = Engine(context: engine.context, store: store, clock: engine.clock)
      let report = try await reopened.verify(aggregates, tables: [Counter.table])
      #expect(
        report.mismatches.contains { $0.place.hasPrefix(place) && $0.what.contains(what) },
        "\(sql): \(report.mismatches)")
      #expect(report.mismatchCount == report.mismatches.count)
      await store.close()
    }
  }
}
