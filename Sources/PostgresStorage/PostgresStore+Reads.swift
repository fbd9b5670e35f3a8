// Reads. Each sees whole commits only.

public import Kernel
public import Runtime

extension PostgresStore {
  public func load(_ streams: [StreamID]) async throws(StoreFailure) -> [StoredStream?] {
    let sql = "SELECT \(Self.streamColumns) FROM streams WHERE stream = ANY($1::text[])"
    let found = try await all(sql, StoredStream.init(row:)) { $0.add(texts: streams.map(\.rawValue)) }
    let known = Dictionary(found.map { ($0.stream, $0) }, uniquingKeysWith: { first, _ in first })
    return streams.map { known[$0] }
  }

  public func history(of stream: StreamID) async throws(StoreFailure) -> [EventRecord] {
    let sql = """
      SELECT version, name, data, at, correlation, causation, actor, lineage FROM events
      WHERE stream = $1 ORDER BY version
      """
    return try await all(sql, EventRecord.init(row:)) { $0.add(stream.rawValue) }
  }

  public func streams(after: StreamID?, limit: Int) async throws(StoreFailure) -> [StoredStream] {
    try await all(
      "SELECT \(Self.streamColumns) FROM streams WHERE stream > $1 ORDER BY stream LIMIT $2", StoredStream.init(row:)
    ) {
      $0.add(after?.rawValue ?? "")
      $0.add(Int64(limit))
    }
  }

  public func due(
    _ kind: String, through: Instant, after: DuePlace?, limit: Int
  ) async throws(StoreFailure) -> [StoredStream] {
    // The first condition of the place is for the index, which knows no pairs.
    let sql = """
      SELECT \(Self.streamColumns) FROM streams
      WHERE kind = $1 AND due <= $2\(after == nil ? "" : " AND due >= $4 AND (due, stream) > ($4, $5)")
      ORDER BY due, stream LIMIT $3
      """
    return try await all(sql, StoredStream.init(row:)) {
      $0.add(kind)
      $0.add(through.microseconds)
      $0.add(Int64(limit))
      if let after {
        $0.add(after.due.microseconds)
        $0.add(after.stream.rawValue)
      }
    }
  }

  public func nextDue() async throws(StoreFailure) -> Instant? {
    try await all("SELECT min(due) FROM streams WHERE due IS NOT NULL", { $0.instant(0) }).first ?? nil
  }

  public func answer(to key: String) async throws(StoreFailure) -> StoredAnswer? {
    try await all(
      "SELECT key, input_hash, answer FROM answers WHERE key = $1", StoredAnswer.init(row:), { $0.add(key) }
    ).first
  }

  public func taken(_ marks: [InboxMark]) async throws(StoreFailure) -> Set<InboxMark> {
    if marks.isEmpty { return [] }
    let sql = """
      SELECT source, message_id FROM inbox
      WHERE (source, message_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
      """
    let known = try await all(sql) {
      InboxMark(source: $0.text(0), messageID: $0.text(1))
    } _: {
      $0.add(texts: marks.map(\.source))
      $0.add(texts: marks.map(\.messageID))
    }
    return Set(known)
  }

  public func cursors(_ names: [String]) async throws(StoreFailure) -> [Int64] {
    let sql = "SELECT name, place FROM cursors WHERE name = ANY($1::text[])"
    let found = try await all(sql, { ($0.text(0), $0.integer(1)) }, { $0.add(texts: names) })
    let known = Dictionary(found, uniquingKeysWith: { first, _ in first })
    return names.map { known[$0, default: 0] }
  }

  public func deadLetters(source: String?) async throws(StoreFailure) -> [DeadLetterRecord] {
    let sql = """
      SELECT source, position, message_id, subject, envelope, reason, attempts, at FROM dead_letters
      \(source == nil ? "" : "WHERE source = $1") ORDER BY source, position
      """
    return try await all(sql, DeadLetterRecord.init(row:)) {
      if let source { $0.add(source) }
    }
  }

  public func marks(after: InboxMark?, limit: Int) async throws(StoreFailure) -> [InboxMark] {
    let sql = """
      SELECT source, message_id FROM inbox WHERE (message_id, source) > ($1, $2) ORDER BY message_id, source LIMIT $3
      """
    return try await all(sql) {
      InboxMark(source: $0.text(0), messageID: $0.text(1))
    } _: {
      $0.add(after?.messageID ?? "")
      $0.add(after?.source ?? "")
      $0.add(Int64(limit))
    }
  }

  public func answers(after key: String?, limit: Int) async throws(StoreFailure) -> [StoredAnswer] {
    // With a condition of its own for the first page, because a key may be empty.
    let behind = key == nil ? "" : "WHERE key > $2"
    return try await all(
      "SELECT key, input_hash, answer FROM answers \(behind) ORDER BY key LIMIT $1", StoredAnswer.init(row:)
    ) {
      $0.add(Int64(limit))
      if let key { $0.add(key) }
    }
  }

  public func cursors() async throws(StoreFailure) -> [String: Int64] {
    let found = try await all("SELECT name, place FROM cursors", { ($0.text(0), $0.integer(1)) })
    return Dictionary(found, uniquingKeysWith: { first, _ in first })
  }

  static let streamColumns = "stream, kind, version, state, due"
}

// MARK: - Read tables

extension PostgresStore {
  public func rows(_ query: Query) async throws(StoreFailure) -> [Row] {
    let table = query.table
    var filter = Filter(query.matching, in: table)
    if let after = query.after {
      let places = after.map { filter.parameter($0) }.joined(separator: ", ")
      filter.conditions.append("(\(table.keyColumns)) \(query.descending ? "<" : ">") (\(places))")
    }
    let order = table.key.map { quoted(table.columns[$0].name) + (query.descending ? " DESC" : "") }
    let limit = filter.parameter(.integer(Int64(query.limit)))
    let sql = """
      SELECT \(table.allColumns) FROM \(quoted(table.name)) \(filter.clause) \
      ORDER BY \(order.joined(separator: ", ")) LIMIT \(limit)
      """
    return try await all(Statement(sql: sql, parameters: filter.parameters)) { Row(of: table, $0) }
  }

  public func rows(_ table: Table, keys: [[Value]]) async throws(StoreFailure) -> [Row?] {
    if keys.isEmpty { return [] }
    let sql = "SELECT \(table.allColumns) FROM \(quoted(table.name)) WHERE \(table.hasKey(from: 1))"
    let statements = keys.map { key in
      var statement = Statement(sql: sql)
      for value in key { statement.parameters.add(value) }
      return statement
    }
    return try await pool.run(isRepeatable: true) { connection throws(PostgresFailure) in
      var found = [Row?](repeating: nil, count: statements.count)
      try connection.pipeline(statements) { found[$0] = Row(of: table, $1) }
      return found
    }
  }

  public func tally(
    _ table: Table, by groups: [String], sums: [String], where matching: [(column: String, value: Value)]
  ) async throws(StoreFailure) -> [Tally] {
    let filter = Filter(matching, in: table)
    let names = groups.map(quoted)
    let results = names + ["count(*)"] + sums.map { "coalesce(sum(\(quoted($0))), 0)::bigint" }
    let order = names.map { "\($0) NULLS FIRST" }.joined(separator: ", ")
    let grouping =
      groups.isEmpty ? "HAVING count(*) > 0" : "GROUP BY \(names.joined(separator: ", ")) ORDER BY \(order)"
    let sql = "SELECT \(results.joined(separator: ", ")) FROM \(quoted(table.name)) \(filter.clause) \(grouping)"
    let kinds = groups.map { table.columns[table.position(of: $0)].kind }
    let sumCount = sums.count
    return try await all(Statement(sql: sql, parameters: filter.parameters)) { row in
      let count = Int32(kinds.count)
      return Tally(
        group: kinds.enumerated().map { row.value(Int32($0.offset), $0.element) }, count: row.integer(count),
        sums: (0..<Int32(sumCount)).map { row.integer(count + 1 + $0) })
    }
  }
}

/// Conditions of a query with their parameters.
private struct Filter {
  var conditions: [String] = []
  private(set) var parameters = Parameters()

  init(_ matching: [(column: String, value: Value)], in table: Table) {
    for (column, value) in matching {
      switch (table.columns[table.position(of: column)].kind, value) {
      case (_, .null): conditions.append("\(quoted(column)) IS NULL")
      case (.integer, .integer), (.text, .text): conditions.append("\(quoted(column)) = \(parameter(value))")
      // A number is no text and equal to none.
      case (.integer, .text), (.text, .integer): conditions.append("FALSE")
      }
    }
  }

  /// - Returns: how the statement names it.
  mutating func parameter(_ value: Value) -> String {
    parameters.add(value)
    return "$\(parameters.places.count)"
  }

  var clause: String { conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))" }
}

extension Table {
  fileprivate var allColumns: String { columns.map { quoted($0.name) }.joined(separator: ", ") }
}

// MARK: - The one door

extension PostgresStore {
  func all<Found: Sendable>(
    _ sql: String, _ element: @escaping @Sendable (ResultRow) -> Found, _ bind: (inout Parameters) -> Void = { _ in }
  ) async throws(StoreFailure) -> [Found] {
    var statement = Statement(sql: sql)
    bind(&statement.parameters)
    return try await all(statement, element)
  }

  func all<Found: Sendable>(
    _ statement: Statement, _ element: @escaping @Sendable (ResultRow) -> Found
  ) async throws(StoreFailure) -> [Found] {
    try await pool.run(isRepeatable: true) { connection throws(PostgresFailure) in
      try connection.all(statement, element)
    }
  }
}

// MARK: - Rows as values

extension Row {
  fileprivate init(of table: Table, _ row: ResultRow) {
    self.init(
      table: table, values: table.columns.enumerated().map { row.value(Int32($0.offset), $0.element.kind) })
  }
}

extension StoredStream {
  init(row: ResultRow) {
    self.init(
      stream: StreamID(row.text(0)), kind: row.text(1), version: row.integer(2), state: row.bytes(3),
      due: row.instant(4))
  }
}

extension EventRecord {
  fileprivate init(row: ResultRow) {
    self.init(
      version: row.integer(0), name: row.text(1), data: row.bytes(2), at: Instant(microseconds: row.integer(3)),
      act: Act(correlation: row.text(4), causation: row.text(5), actor: row.text(6), lineage: row.text(7)))
  }
}

extension StoredAnswer {
  fileprivate init(row: ResultRow) {
    self.init(key: row.text(0), inputHash: row.bytes(1), answer: row.bytes(2))
  }
}

extension DeadLetterRecord {
  fileprivate init(row: ResultRow) {
    self.init(
      source: row.text(0), position: row.integer(1), messageID: row.text(2), subject: row.text(3),
      envelope: row.bytes(4), reason: row.text(5), attempts: Int(row.integer(6)),
      at: Instant(microseconds: row.integer(7)))
  }
}
