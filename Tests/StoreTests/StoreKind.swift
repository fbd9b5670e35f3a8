// Every promise of the store port is tried on every store.

import Foundation
import Kernel
import Runtime
import SQLiteStorage
import StoreTesting

enum StoreKind: String, CaseIterable, Sendable {
  case memory
  case sqlite
  case postgres

  /// Runs with a fresh store of this kind and closes it.
  func withStore(tables: [Table] = Sample.tables, _ body: (any Store) async throws -> Void) async throws {
    switch self {
    case .memory:
      try await body(MemoryStore())
    case .sqlite:
      try await withFile { path in
        let store = try SQLiteStore(path: path, tables: tables)
        try await body(store)
        await store.close()
      }
    case .postgres:
      try await PostgresServer.withStore(tables: tables, body)
    }
  }
}

/// Runs with the path of a file that does not exist yet, in a folder of its own that is removed afterwards.
func withFile(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "premia-store-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder.appending(path: "context.sqlite").path)
}

/// Small things to write.
enum Sample {
  static let invoices = Table(
    "invoices",
    columns: [
      .text("id"), .text("account_id"), .text("from", nullable: true), .text("state"), .integer("total_cents"),
    ],
    key: ["id"], indexes: [.unique("account_id", "from"), .on("state")],
    checks: [.nonNegative("total_cents"), .oneOf("state", ["issued", "paid"])])
  static let lines = Table(
    "lines", columns: [.text("invoice_id"), .integer("number"), .integer("cents", nullable: true)],
    key: ["invoice_id", "number"])
  static let tables = [invoices, lines]

  static func at(_ microseconds: Int64) -> Instant { Instant(microseconds: 1_800_000_000_000_000 + microseconds) }

  static func events(_ versions: ClosedRange<Int64>, by actor: String = "system") -> [EventRecord] {
    versions.map { version in
      EventRecord(
        version: version, name: "counted", data: Array("{\"n\":\(version)}".utf8), at: at(version),
        act: Act(correlation: "c\(version)", causation: "b", actor: actor, lineage: "x12:acme:1"))
    }
  }

  static func write(
    _ stream: String, kind: String = "counter", after version: Int64 = 0, events count: Int64 = 1, due: Instant? = nil
  ) -> StreamWrite {
    StreamWrite(
      stream: StreamID(stream), kind: kind, expectedVersion: version, events: events(version + 1...version + count),
      state: Array("state \(version + count)".utf8), due: due)
  }

  static func publication(_ id: String, about: String = "") -> OutboxRecord {
    OutboxRecord(id: id, subject: "s", about: about, envelope: Array("envelope of \(id)".utf8))
  }

  static func letter(_ id: String, at position: Int64, source: String = "policy", reason: String) -> DeadLetterRecord {
    DeadLetterRecord(
      source: source, position: position, messageID: id, subject: "s", envelope: [1, 0, 2], reason: reason,
      attempts: 5, at: at(position))
  }

  static func invoice(
    _ id: String, account: String = "acc", from: Value = .null, state: Value = "issued", cents: Value = 100
  ) -> RowChange {
    .put(invoices, [.text(id), .text(account), from, state, cents])
  }
}

extension Commit {
  init(_ writes: StreamWrite...) {
    self.init()
    self.writes = writes
  }

  /// Just rows, with the stream they are derived from left out.
  init(rows: [RowChange]) {
    self.init()
    self.rows = rows
  }

  /// A commit with something of everything.
  static func everything(_ name: String) -> Commit {
    var commit = Commit(Sample.write("stream \(name)", events: 2, due: Sample.at(5)))
    commit.rows = [Sample.invoice("invoice \(name)", account: name)]
    commit.outbox = [Sample.publication("evt \(name)", about: name)]
    commit.taken = InboxMark(source: "policy", messageID: name)
    commit.answer = StoredAnswer(key: "key \(name)", inputHash: [1], answer: [2])
    commit.cursors = ["cursor \(name)": CursorMove(from: 0, to: 7)]
    commit.deadLetters = [Sample.letter("letter \(name)", at: 1, reason: "bad")]
    return commit
  }
}

/// All of a store that `Commit.everything` can change: two stores with the same contents give the same.
func contents(of store: any Store, named name: String) async throws -> [String] {
  var found: [String] = []
  for stored in try await store.streams(after: nil, limit: 1_000) where stored.stream.rawValue == "stream \(name)" {
    found.append("\(stored)")
    found += try await store.history(of: stored.stream).map { "\($0)" }
  }
  found += try await store.rows(Query(Sample.invoices, where: [("account_id", .text(name))])).map { "\($0.values)" }
  found += try await store.published(after: 0, limit: 1_000, about: name).map { "\($0.record)" }
  found += try await store.taken([InboxMark(source: "policy", messageID: name)]).map { "\($0)" }
  found += try await store.answer(to: "key \(name)").map { ["\($0)"] } ?? []
  found += [try await store.cursor("cursor \(name)")].filter { $0 != 0 }.map { "\($0)" }
  found += try await store.deadLetters(source: nil).filter { $0.messageID == "letter \(name)" }.map { "\($0)" }
  return found
}
