// Reads, each on one of the pool's readers.

import class GRDB.Database
public import Kernel
public import Runtime

extension SQLiteStore {
  public func load(_ streams: [StreamID]) async throws(StoreFailure) -> [StoredStream?] {
    let sql = "SELECT \(Self.streamColumns) FROM streams WHERE stream = ?1"
    if streams.count == 1 {
      return [try await first(sql, StoredStream.init(row:)) { try $0.bind(1, streams[0].rawValue) }]
    }
    return try await read { database in
      let statement = try database.prepared(sql)
      return try streams.map { stream in
        try statement.bind(1, stream.rawValue)
        return try statement.first(StoredStream.init(row:))
      }
    }
  }

  public func history(of stream: StreamID) async throws(StoreFailure) -> [EventRecord] {
    try await read { database in
      let last = try database.prepared("SELECT last_event FROM streams WHERE stream = ?1")
      try last.bind(1, stream.rawValue)
      var position = try last.first { $0.integer(0) } ?? 0
      let event = try database.prepared(
        """
        SELECT previous, version, name, data, at, correlation, causation, actor, lineage FROM events
        WHERE position = ?1 AND stream = ?2
        """)
      var newestFirst: [EventRecord] = []
      while position > 0 {
        try event.bind(1, position)
        try event.bind(2, stream.rawValue)
        // A gap ends the history early, which `Engine.verify` then reports.
        guard let found = try event.first({ (previous: $0.integer(0), record: EventRecord(row: $0)) }) else { break }
        position = found.previous
        newestFirst.append(found.record)
      }
      return newestFirst.reversed()
    }
  }

  public func streams(after: StreamID?, limit: Int) async throws(StoreFailure) -> [StoredStream] {
    try await all(
      "SELECT \(Self.streamColumns) FROM streams WHERE stream > ?1 ORDER BY stream LIMIT ?2", StoredStream.init(row:)
    ) {
      try $0.bind(1, after?.rawValue ?? "")
      try $0.bind(2, Int64(limit))
    }
  }

  public func due(
    _ kind: String, through: Instant, after: DuePlace?, limit: Int
  ) async throws(StoreFailure) -> [StoredStream] {
    let sql = """
      SELECT \(Self.streamColumns) FROM streams
      WHERE kind = ?1 AND due <= ?2\(after == nil ? "" : " AND (due, stream) > (?4, ?5)")
      ORDER BY due, stream LIMIT ?3
      """
    return try await all(sql, StoredStream.init(row:)) {
      try $0.bind(1, kind)
      try $0.bind(2, through.microseconds)
      try $0.bind(3, Int64(limit))
      if let after {
        try $0.bind(4, after.due.microseconds)
        try $0.bind(5, after.stream.rawValue)
      }
    }
  }

  public func claim(
    _ kind: String, through: Instant, limit: Int, lease: Lease
  ) async throws(StoreFailure) -> [StoredStream] {
    try await leases.claim(kind, through: through, limit: limit, lease: lease, in: self)
  }

  public func hold(_ work: [String], lease: Lease) async throws(StoreFailure) -> Set<String> {
    leases.hold(work, lease: lease)
  }

  public func holders(of prefix: String) async throws(StoreFailure) -> [String: String] { leases.holders(of: prefix) }

  public func release(_ holder: String) async throws(StoreFailure) { leases.release(holder) }

  public func nextDue() async throws(StoreFailure) -> Instant? {
    // One step into the index per kind: a plain min(due) would walk through everything that is due at any time.
    let sql = """
      WITH RECURSIVE kinds (kind) AS (
        SELECT min(kind) FROM streams WHERE due IS NOT NULL
        UNION ALL
        SELECT (SELECT min(kind) FROM streams WHERE due IS NOT NULL AND kind > kinds.kind) FROM kinds
        WHERE kind IS NOT NULL
      )
      SELECT min((SELECT min(due) FROM streams WHERE kind = kinds.kind AND due IS NOT NULL)) FROM kinds
      WHERE kind IS NOT NULL
      """
    return try await first(sql, { $0.instant(0) }, bind: { _ in }) ?? nil
  }

  public func answer(to key: String) async throws(StoreFailure) -> StoredAnswer? {
    try await first(SQL.answer, StoredAnswer.init(row:)) { try $0.bind(1, key) }
  }

  public func taken(_ marks: [InboxMark]) async throws(StoreFailure) -> Set<InboxMark> {
    try await read { database in
      let known = try database.prepared("SELECT 1 FROM inbox WHERE source = ?1 AND message_id = ?2")
      var taken: Set<InboxMark> = []
      for mark in marks {
        try known.bind(1, mark.source)
        try known.bind(2, mark.messageID)
        if try known.first({ _ in true }) != nil { taken.insert(mark) }
      }
      return taken
    }
  }

  public func cursors(_ names: [String]) async throws(StoreFailure) -> [Int64] {
    try await read { database in
      let statement = try database.prepared("SELECT place FROM cursors WHERE name = ?1")
      return try names.map { name in
        try statement.bind(1, name)
        return try statement.first { $0.integer(0) } ?? 0
      }
    }
  }

  public func deadLetters(source: String?) async throws(StoreFailure) -> [DeadLetterRecord] {
    let sql = """
      SELECT source, position, message_id, subject, envelope, reason, attempts, at FROM dead_letters
      \(source == nil ? "" : "WHERE source = ?1") ORDER BY source, position
      """
    return try await all(sql, DeadLetterRecord.init(row:)) {
      if let source { try $0.bind(1, source) }
    }
  }

  public func published(
    after: Int64, limit: Int, about: String?
  ) async throws(StoreFailure) -> [(position: Int64, record: OutboxRecord)] {
    let matching =
      switch about {
      case nil: ""
      case "": "AND about = ?3"
      case .some: "AND position IN (\(Self.positionsAbout))"
      }
    let sql = """
      SELECT position, id, subject, about, envelope FROM outbox WHERE position > ?1 \(matching)
      ORDER BY position LIMIT ?2
      """
    return try await all(sql) { row in
      (
        row.integer(0),
        OutboxRecord(id: row.text(1), subject: row.text(2), about: row.text(3), envelope: row.bytes(4))
      )
    } bind: {
      try $0.bind(1, after)
      try $0.bind(2, Int64(limit))
      if let about { try $0.bind(3, about) }
    }
  }

  /// One step into the index per slice. The last condition lets SQLite see that the partial index serves.
  private static let positionsAbout = """
    WITH RECURSIVE slices (slice) AS (
      SELECT ?1 >> 18
      UNION ALL
      SELECT slice + 1 FROM slices WHERE slice < (SELECT max(position) >> 18 FROM outbox)
    )
    SELECT position FROM slices CROSS JOIN outbox
    WHERE position >> 18 = slice AND about = ?3 AND position > ?1 AND about <> '' ORDER BY position LIMIT ?2
    """

  public func lastPublished() async throws(StoreFailure) -> Int64 {
    try await first("SELECT max(position) FROM outbox", { $0.integer(0) }, bind: { _ in }) ?? 0
  }

  public func marks(after: InboxMark?, limit: Int) async throws(StoreFailure) -> [InboxMark] {
    let sql = """
      SELECT source, message_id FROM inbox WHERE (source, message_id) > (?1, ?2) ORDER BY source, message_id LIMIT ?3
      """
    return try await all(sql) {
      InboxMark(source: $0.text(0), messageID: $0.text(1))
    } bind: {
      try $0.bind(1, after?.source ?? "")
      try $0.bind(2, after?.messageID ?? "")
      try $0.bind(3, Int64(limit))
    }
  }

  public func answers(after key: String?, limit: Int) async throws(StoreFailure) -> [StoredAnswer] {
    // With a condition of its own for the first page, because a key may be empty.
    let behind = key == nil ? "" : "WHERE key > ?2"
    let sql = "SELECT key, input_hash, answer FROM answers \(behind) ORDER BY key LIMIT ?1"
    return try await all(sql, StoredAnswer.init(row:)) {
      try $0.bind(1, Int64(limit))
      if let key { try $0.bind(2, key) }
    }
  }

  public func cursors() async throws(StoreFailure) -> [String: Int64] {
    let found = try await all("SELECT name, place FROM cursors", { ($0.text(0), $0.integer(1)) }, bind: { _ in })
    return Dictionary(found, uniquingKeysWith: { first, _ in first })
  }

  private static let streamColumns = "stream, kind, version, state, due"
}

// MARK: - The one door to the readers

extension SQLiteStore {
  /// A read of several statements, all of one moment. Async only: in a task GRDB's `read` may mean its blocking twin,
  /// which holds up one of the few threads that everything shares.
  func read<Found: Sendable>(
    _ body: @Sendable (Database) throws -> Found
  ) async throws(StoreFailure) -> Found {
    do {
      return try await pool.read(body)
    } catch {
      throw StoreFailure(error)
    }
  }

  /// A read of one statement, which is of one moment without a transaction around it.
  func all<Found: Sendable>(
    _ sql: String, _ element: @Sendable (Prepared) -> Found, bind: @Sendable (Prepared) throws -> Void
  ) async throws(StoreFailure) -> [Found] {
    do {
      return try await pool.unsafeRead { database in
        let statement = try database.prepared(sql)
        try bind(statement)
        return try statement.all(element)
      }
    } catch {
      throw StoreFailure(error)
    }
  }

  func first<Found: Sendable>(
    _ sql: String, _ element: @Sendable (Prepared) -> Found, bind: @Sendable (Prepared) throws -> Void
  ) async throws(StoreFailure) -> Found? {
    do {
      return try await pool.unsafeRead { database in
        let statement = try database.prepared(sql)
        try bind(statement)
        return try statement.first(element)
      }
    } catch {
      throw StoreFailure(error)
    }
  }
}

extension Database {
  /// From the connection's cache of statements.
  func prepared(_ sql: String) throws -> Prepared { Prepared(try cachedStatement(sql: sql)) }
}

// MARK: - Records as values

extension StoredStream {
  fileprivate init(row: Prepared) {
    self.init(
      stream: StreamID(row.text(0)), kind: row.text(1), version: row.integer(2), state: row.bytes(3),
      due: row.instant(4))
  }
}

extension EventRecord {
  fileprivate init(row: Prepared) {
    self.init(
      version: row.integer(1), name: row.text(2), data: row.bytes(3), at: Instant(microseconds: row.integer(4)),
      act: Act(correlation: row.text(5), causation: row.text(6), actor: row.text(7), lineage: row.text(8)))
  }
}

extension StoredAnswer {
  init(row: Prepared) {
    self.init(key: row.text(0), inputHash: row.bytes(1), answer: row.bytes(2))
  }
}

extension DeadLetterRecord {
  fileprivate init(row: Prepared) {
    self.init(
      source: row.text(0), position: row.integer(1), messageID: row.text(2), subject: row.text(3),
      envelope: row.bytes(4), reason: row.text(5), attempts: Int(row.integer(6)),
      at: Instant(microseconds: row.integer(7)))
  }
}
