import Kernel
@testable import PostgresStorage
import Runtime
import StoreTesting
import Testing

@Suite("A schema of PostgreSQL")
struct PostgresSchemaTests {
  @Test("holds everything after it is closed and opened again")
  func reopened() async throws {
    let settings = try await PostgresServer.shared.settings()
    let first = try await PostgresStore(settings, tables: Sample.tables)
    try await first.commit(.everything("a"))
    let before = try await contents(of: first, named: "a")
    await first.close()
    await first.close()
    await #expect(throws: StoreFailure.unavailable("the store is closed")) { try await first.lastPublished() }
    let second = try await PostgresStore(settings, tables: Sample.tables)
    #expect(try await contents(of: second, named: "a") == before)
    await second.close()
  }

  @Test("is in use once a context has worked with it")
  func inUse() async throws {
    let settings = try await PostgresServer.shared.settings()
    #expect(try await !PostgresStore.isInUse(settings))
    let store = try await PostgresStore(settings, tables: Sample.tables)
    #expect(try await !PostgresStore.isInUse(settings))
    try await store.commit(Commit(Sample.write("a")))
    await store.close()
    #expect(try await PostgresStore.isInUse(settings))
    var elsewhere = settings
    elsewhere.connection = "host=/nowhere"
    await #expect(throws: StoreFailure.self) { try await PostgresStore.isInUse(elsewhere) }
  }

  @Test(
    "is found by a connection that libpq reads as it was meant",
    arguments: [
      ("host=db-1,db-2 port=5432,5433 user=premia", ["host": "db-1,db-2", "port": "5432,5433", "user": "premia"]),
      ("postgresql://premia:s%40crt@db/book", ["host": "db", "user": "premia", "password": "s@crt", "dbname": "book"]),
      ("postgresql://premia:s@crt@db/book", nil),
      ("postgresql://premia:s/crt@db/book", nil),
      ("user is premia", nil),
    ] as [(String, [String: String]?)])
  func words(connection: String, words: [String: String]?) {
    #expect(PostgresSettings.words(of: connection) == words)
  }

  @Test("is made once, however many copies open it at once")
  func together() async throws {
    let settings = try await PostgresServer.shared.settings()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for copy in 0..<4 {
        group.addTask {
          let store = try await PostgresStore(settings, tables: Sample.tables)
          try await store.commit(.everything("\(copy)"))
          await store.close()
        }
      }
      try await group.waitForAll()
    }
    let steps = try PostgresSession(settings).run("SELECT name FROM migrations ORDER BY name")
    #expect(steps == ["001 engine", "table invoices", "table lines"])
  }

  @Test("made for other read tables or partitions is refused, with what to do")
  func otherShape() async throws {
    let settings = try await PostgresServer.shared.settings()
    let store = try await PostgresStore(settings, tables: Sample.tables)
    try await store.commit(Commit(Sample.write("a")))
    await store.close()
    let changed = Table("lines", columns: [.text("invoice_id"), .integer("number")], key: ["invoice_id", "number"])
    let new = Table("refunds", columns: [.text("id")], key: ["id"])
    func refusal(_ shape: String) -> StoreFailure {
      .corrupt(
        """
        The schema \(settings.schema) was made for another shape of: \(shape). Open it with the release that made it, \
        or load its data again into a new schema.
        """)
    }
    await #expect(throws: refusal("table lines")) {
      try await PostgresStore(settings, tables: [Sample.invoices, changed])
    }
    await #expect(throws: refusal("table lines")) { try await PostgresStore(settings, tables: [Sample.invoices]) }
    // Beside events a new read table would lack the rows of all that came before it.
    await #expect(throws: refusal("table refunds")) { try await PostgresStore(settings, tables: Sample.tables + [new]) }
    var other = settings
    other.partitions = 5
    await #expect(throws: refusal("001 engine, table lines")) {
      try await PostgresStore(other, tables: Sample.tables)
    }
    await (try PostgresStore(settings, tables: Sample.tables)).close()
  }

  @Test("without events takes a new read table")
  func newTable() async throws {
    let settings = try await PostgresServer.shared.settings()
    await (try PostgresStore(settings, tables: [Sample.invoices])).close()
    let store = try await PostgresStore(settings, tables: Sample.tables)
    try await store.commit(Commit(rows: [.put(Sample.lines, ["a", 1, .null])]))
    await store.close()
  }

  static let splitColumns: [(key: [String], indexes: [Table.Index], column: String?)] = [
    (["id"], [], "id"),
    (["id"], [.on("account_id")], "id"),
    (["id"], [.unique("account_id")], nil),
    (["account_id", "id"], [.unique("account_id", "number")], "account_id"),
    (["id", "account_id"], [.unique("account_id", "number")], "account_id"),
    (["id"], [.unique("id", "number"), .unique("number")], nil),
  ]

  @Test("splits a read table by the first column of its key that every unique index has", arguments: splitColumns)
  func splits(key: [String], indexes: [Table.Index], column: String?) {
    let table = Table(
      "t", columns: [.text("id"), .text("account_id"), .integer("number")], key: key, indexes: indexes)
    #expect(table.partitionColumn == column)
  }

  @Test("says which unique index of a split table was violated")
  func uniqueOfPartition() async throws {
    let seats = Table(
      "seats", columns: [.text("account"), .text("id"), .integer("seat")], key: ["account", "id"],
      indexes: [.unique("account", "seat")])
    try await PostgresServer.withStore(tables: [seats]) { store in
      await #expect(throws: StoreFailure.constraint("seats: unique (account, seat)")) {
        try await store.commit(Commit(rows: [.put(seats, ["x", "1", 7]), .put(seats, ["x", "2", 7])]))
      }
      try await store.commit(Commit(rows: [.put(seats, ["x", "1", 7]), .put(seats, ["y", "1", 7])]))
    }
  }

  @Test("that cannot be reached is unavailable, and no password is said")
  func unreachable() async throws {
    let settings = [
      "host=/nowhere user=premia password=hunter2", "postgresql://premia:hunter2@127.0.0.1:1/premia",
      "postgresql://premia:hunter2/premia", "postgresql://premia:x@hunter2@nowhere/premia", "password='hunter2",
    ]
    for connection in settings {
      let words = try await unavailability {
        _ = try await PostgresStore(PostgresSettings(connection: connection, schema: "policy"), tables: [])
      }
      #expect(!words.contains("hunter2"), "\(words)")
      #expect(words.hasPrefix("policy in "))
    }
  }

  @Test("is found behind hosts that are down")
  func severalHosts() async throws {
    var settings = try await PostgresServer.shared.settings()
    settings.connection = settings.connection.replacing("host=", with: "host=/nowhere,")
    let store = try await PostgresStore(settings, tables: Sample.tables)
    try await store.commit(.everything("a"))
    await store.close()
  }

  @Test(
    "keeps every text, even what PostgreSQL's texts cannot hold",
    arguments: [
      "", "plain", "\u{0}", "\u{10FFFF}", "\u{10FFFF}0", "a\u{0}\u{10FFFF}1\u{0}b", "\u{10FFFE}\u{1F980}",
    ])
  func texts(text: String) {
    let stored = StoredText.needsEscape(text.utf8) ? StoredText.escaped(text) : text
    #expect(!stored.utf8.contains(0))
    #expect((StoredText.needsEscape(stored.utf8) ? StoredText.restored(stored) : stored) == text)
  }
}
