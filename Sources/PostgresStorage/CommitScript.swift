// A commit as the statements of one transaction, sent together: one round trip, however much is written. What a
// statement finds to be otherwise than the commit expects it refuses with an error, behind which nothing is run.

import Kernel
import Runtime

/// The statements that write a commit.
struct CommitScript {
  private(set) var statements: [Statement] = []

  init(_ commit: Commit) throws(StoreFailure) {
    add(Statement(sql: "BEGIN"))
    // A place that is lost with the server is reached again, and what is met on the way is known: not worth an fsync.
    if commit.onlyMovesOn { add(Statement(sql: "SET LOCAL synchronous_commit = off")) }
    // First of all that writes, because it draws the transaction's number.
    publish(commit.outbox)
    try write(commit)
  }

  /// The same for a part of another store; what it published keeps its positions.
  init(restoring excerpt: Excerpt) throws(StoreFailure) {
    add(Statement(sql: "BEGIN"))
    restore(excerpt.publications)
    restore(excerpt.marks)
    restore(excerpt.answers)
    try write(excerpt.commit)
  }

  /// All that a commit writes but what it publishes.
  private mutating func write(_ commit: Commit) throws(StoreFailure) {
    if let mark = commit.taken { take(mark) }
    if let answer = commit.answer { keep(answer) }
    // In one order everywhere, so that two commits of the same streams wait for each other rather than deadlock.
    for write in commit.writes.sorted(by: { $0.stream.rawValue < $1.stream.rawValue }) { append(write) }
    append(events: commit.writes)
    for change in commit.rows { try apply(change) }
    for (name, move) in commit.cursors.sorted(by: { $0.key < $1.key }) { self.move(name, move) }
    for letter in commit.deadLetters { setAside(letter) }
    for mark in commit.revived { revive(mark) }
    add(Statement(sql: "COMMIT"))
  }

  private mutating func add(_ statement: Statement, _ bind: (inout Parameters) -> Void = { _ in }) {
    var statement = statement
    bind(&statement.parameters)
    statements.append(statement)
  }
}

// MARK: - The engine's own tables

extension CommitScript {
  private mutating func publish(_ records: [OutboxRecord]) {
    if records.isEmpty { return }
    add(Statement(sql: "SELECT publish($1, $2, $3, $4)")) {
      $0.add(texts: records.map(\.id))
      $0.add(texts: records.map(\.subject))
      $0.add(texts: records.map(\.about))
      $0.add(bytes: records.map(\.envelope))
    }
  }

  private mutating func take(_ mark: InboxMark) {
    let sql = """
      WITH done AS (INSERT INTO inbox (source, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1)
      SELECT refuse() WHERE NOT EXISTS (SELECT FROM done)
      """
    add(Statement(sql: sql, refusal: .taken(mark))) {
      $0.add(mark.source)
      $0.add(mark.messageID)
    }
  }

  /// Refused with this answer in place of the first, which the store then looks up.
  private mutating func keep(_ answer: StoredAnswer) {
    let sql = """
      WITH done AS (
        INSERT INTO answers (key, input_hash, answer) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1
      )
      SELECT refuse() WHERE NOT EXISTS (SELECT FROM done)
      """
    add(Statement(sql: sql, refusal: .answered(answer))) {
      $0.add(answer.key)
      $0.add(answer.inputHash)
      $0.add(answer.answer)
    }
  }

  private mutating func append(_ write: StreamWrite) {
    let version = write.expectedVersion + Int64(write.events.count)
    let insert = """
      WITH done AS (
        INSERT INTO streams (stream, kind, version, due, state) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING RETURNING 1
      )
      SELECT refuse() WHERE NOT EXISTS (SELECT FROM done)
      """
    let update = """
      WITH done AS (
        UPDATE streams SET version = $3, due = $4, state = $5 WHERE stream = $1 AND version = $2 RETURNING 1
      )
      SELECT refuse() WHERE NOT EXISTS (SELECT FROM done)
      """
    let isNew = write.expectedVersion == 0
    add(Statement(sql: isNew ? insert : update, refusal: .conflict(write.stream))) {
      $0.add(write.stream.rawValue)
      if isNew { $0.add(write.kind) } else { $0.add(write.expectedVersion) }
      $0.add(version)
      $0.add(write.due)
      $0.add(write.state)
    }
  }

  /// All events of the commit in one statement.
  private mutating func append(events writes: [StreamWrite]) {
    let events = writes.flatMap(\.events)
    if events.isEmpty { return }
    let sql = """
      INSERT INTO events (stream, version, name, data, at, correlation, causation, actor, lineage)
      SELECT * FROM unnest(
        $1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[])
      """
    add(Statement(sql: sql)) {
      $0.add(texts: writes.flatMap { write in write.events.map { _ in write.stream.rawValue } })
      $0.add(numbers: events.map(\.version))
      $0.add(texts: events.map(\.name))
      $0.add(bytes: events.map(\.data))
      $0.add(numbers: events.map(\.at.microseconds))
      $0.add(texts: events.map(\.act.correlation))
      $0.add(texts: events.map(\.act.causation))
      $0.add(texts: events.map(\.act.actor))
      $0.add(texts: events.map(\.act.lineage))
    }
  }

  /// Refused where the cursor is not at $2; one that is not there is at 0.
  private mutating func move(_ name: String, _ move: CursorMove) {
    let sql = """
      WITH done AS (
        INSERT INTO cursors (name, place)
        SELECT $1::text, $3::bigint WHERE $2::bigint = 0 OR EXISTS (SELECT FROM cursors WHERE name = $1::text)
        ON CONFLICT (name) DO UPDATE SET place = excluded.place WHERE cursors.place = $2::bigint RETURNING 1
      )
      SELECT refuse() WHERE NOT EXISTS (SELECT FROM done)
      """
    add(Statement(sql: sql, refusal: .moved(name))) {
      $0.add(name)
      $0.add(move.from)
      $0.add(move.to)
    }
  }

  private mutating func setAside(_ letter: DeadLetterRecord) {
    let sql = """
      INSERT INTO dead_letters (source, position, message_id, subject, envelope, reason, attempts, at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      ON CONFLICT (source, message_id) DO UPDATE SET
        position = excluded.position, subject = excluded.subject, envelope = excluded.envelope,
        reason = excluded.reason, attempts = excluded.attempts, at = excluded.at
      """
    add(Statement(sql: sql)) {
      $0.add(letter.source)
      $0.add(letter.position)
      $0.add(letter.messageID)
      $0.add(letter.subject)
      $0.add(letter.envelope)
      $0.add(letter.reason)
      $0.add(Int64(letter.attempts))
      $0.add(letter.at.microseconds)
    }
  }

  private mutating func revive(_ mark: InboxMark) {
    add(Statement(sql: "DELETE FROM dead_letters WHERE source = $1 AND message_id = $2")) {
      $0.add(mark.source)
      $0.add(mark.messageID)
    }
  }
}

// MARK: - From another store

extension CommitScript {
  private mutating func restore(_ publications: [(position: Int64, record: OutboxRecord)]) {
    guard let last = publications.last else { return }
    let sql = """
      INSERT INTO outbox (position, xid, id, subject, about, envelope)
      SELECT position, pg_current_xact_id(), id, subject, about, envelope
      FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[])
        AS one (position, id, subject, about, envelope)
      """
    add(Statement(sql: sql)) {
      $0.add(numbers: publications.map(\.position))
      $0.add(texts: publications.map(\.record.id))
      $0.add(texts: publications.map(\.record.subject))
      $0.add(texts: publications.map(\.record.about))
      $0.add(bytes: publications.map(\.record.envelope))
    }
    add(Statement(sql: "SELECT setval('outbox_position', $1)")) { $0.add(last.position) }
  }

  private mutating func restore(_ marks: [InboxMark]) {
    if marks.isEmpty { return }
    add(Statement(sql: "INSERT INTO inbox (source, message_id) SELECT * FROM unnest($1::text[], $2::text[])")) {
      $0.add(texts: marks.map(\.source))
      $0.add(texts: marks.map(\.messageID))
    }
  }

  private mutating func restore(_ answers: [StoredAnswer]) {
    if answers.isEmpty { return }
    let sql = """
      INSERT INTO answers (key, input_hash, answer) SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[])
      """
    add(Statement(sql: sql)) {
      $0.add(texts: answers.map(\.key))
      $0.add(bytes: answers.map(\.inputHash))
      $0.add(bytes: answers.map(\.answer))
    }
  }
}

// MARK: - Read tables

extension CommitScript {
  /// One statement a row, in the order of the changes, which may build on each other.
  private mutating func apply(_ change: RowChange) throws(StoreFailure) {
    switch change {
    case .put(let table, let values):
      precondition(values.count == table.columns.count, "\(table.name) has \(table.columns.count) columns")
      var put = Statement(sql: Self.put(table), table: table)
      for (position, value) in values.enumerated() {
        try table.check(value, in: position)
        put.parameters.add(value)
      }
      statements.append(put)
    case .set(let table, let key, let columns):
      let missing = StoreFailure.constraint("\(table.name): no row with the key \(key)")
      var set = Statement(sql: Self.set(columns.map(\.column), in: table), refusal: missing, table: table)
      for (column, value) in columns {
        let position = table.position(of: column)
        precondition(!table.key.contains(position), "\(table.name).\(column) is of the key")
        try table.check(value, in: position)
        set.parameters.add(value)
      }
      for value in key { set.parameters.add(value) }
      statements.append(set)
    case .delete(let table, let key):
      var delete = Statement(sql: "DELETE FROM \(quoted(table.name)) WHERE \(table.hasKey(from: 1))", table: table)
      for value in key { delete.parameters.add(value) }
      statements.append(delete)
    }
  }

  private static func put(_ table: Table) -> String {
    let names = table.columns.map { quoted($0.name) }
    let others = names.indices.filter { !table.key.contains($0) }.map { "\(names[$0]) = excluded.\(names[$0])" }
    let replacing = others.isEmpty ? "DO NOTHING" : "DO UPDATE SET \(others.joined(separator: ", "))"
    return """
      INSERT INTO \(quoted(table.name)) (\(names.joined(separator: ", "))) \
      VALUES (\((1...names.count).map { "$\($0)" }.joined(separator: ", "))) ON CONFLICT (\(table.keyColumns)) \
      \(replacing)
      """
  }

  /// The values of the columns come first, then those of the key.
  private static func set(_ columns: [String], in table: Table) -> String {
    let assignments = columns.enumerated().map { "\(quoted($0.element)) = $\($0.offset + 1)" }
    return """
      WITH done AS (
        UPDATE \(quoted(table.name)) SET \(assignments.joined(separator: ", "))
        WHERE \(table.hasKey(from: columns.count + 1)) RETURNING 1
      )
      SELECT refuse() WHERE NOT EXISTS (SELECT FROM done)
      """
  }
}

extension Table {
  /// The condition that a row has the key given as parameters from `first` on.
  func hasKey(from first: Int) -> String {
    key.enumerated().map { "\(quoted(columns[$0.element].name)) = $\(first + $0.offset)" }.joined(separator: " AND ")
  }
}
