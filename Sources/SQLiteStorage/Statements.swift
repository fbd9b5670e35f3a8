// Every statement that writes, as SQL and prepared.

import class GRDB.Database
import Runtime

/// The writing statements of the engine's own tables.
enum SQL {
  static let begin = "BEGIN IMMEDIATE"
  static let commit = "COMMIT"
  static let rollback = "ROLLBACK"
  static let savepoint = "SAVEPOINT one"
  static let release = "RELEASE one"
  static let rollbackToSavepoint = "ROLLBACK TO one"

  static let lastEvent = "SELECT last_event FROM streams WHERE stream = ?1 AND version = ?2"
  static let insertEvent = """
    INSERT INTO events (stream, version, previous, name, data, at, correlation, causation, actor, lineage)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    """
  static let insertStream = """
    INSERT INTO streams (stream, kind, version, last_event, due, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT DO NOTHING
    """
  static let updateStream = """
    UPDATE streams SET version = ?3, last_event = ?4, due = ?5, state = ?6 WHERE stream = ?1 AND version = ?2
    """
  static let insertPublication = "INSERT INTO outbox (id, subject, about, envelope) VALUES (?1, ?2, ?3, ?4)"
  static let restorePublication = """
    INSERT INTO outbox (position, id, subject, about, envelope) VALUES (?5, ?1, ?2, ?3, ?4)
    """
  static let insertMark = "INSERT INTO inbox (source, message_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
  static let insertAnswer = """
    INSERT INTO answers (key, input_hash, answer) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING
    """
  static let answer = "SELECT key, input_hash, answer FROM answers WHERE key = ?1"
  /// Changes no row where the cursor is not at ?2; one that is not there is at 0.
  static let moveCursor = """
    INSERT INTO cursors (name, place) SELECT ?1, ?3 WHERE ?2 = 0 OR EXISTS (SELECT 1 FROM cursors WHERE name = ?1)
    ON CONFLICT DO UPDATE SET place = excluded.place WHERE place = ?2
    """
  static let setAside = """
    INSERT OR REPLACE INTO dead_letters (source, position, message_id, subject, envelope, reason, attempts, at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    """
  static let revive = "DELETE FROM dead_letters WHERE source = ?1 AND message_id = ?2"

  static func put(_ table: Table) -> String {
    let names = table.columns.map { quoted($0.name) }
    let others = names.indices.filter { !table.key.contains($0) }.map { "\(names[$0]) = excluded.\(names[$0])" }
    let replacing = others.isEmpty ? "DO NOTHING" : "DO UPDATE SET \(others.joined(separator: ", "))"
    return """
      INSERT INTO \(quoted(table.name)) (\(names.joined(separator: ", "))) \
      VALUES (\(names.map { _ in "?" }.joined(separator: ", "))) ON CONFLICT (\(table.keyColumns)) \(replacing)
      """
  }

  /// The values of the columns come first, then those of the key.
  static func set(_ columns: [String], in table: Table) -> String {
    let assignments = columns.map { "\(quoted($0)) = ?" }.joined(separator: ", ")
    return "UPDATE \(quoted(table.name)) SET \(assignments) WHERE \(hasKey(table))"
  }

  static func delete(_ table: Table) -> String { "DELETE FROM \(quoted(table.name)) WHERE \(hasKey(table))" }

  /// The values of the first column of an index, one step into it each.
  static func batches(_ column: String, of table: Table) -> String {
    let first = "SELECT min(\(quoted(column))) FROM \(quoted(table.name))"
    return """
      WITH RECURSIVE batches (batch) AS (
        \(first) UNION ALL
        SELECT (\(first) WHERE \(quoted(column)) > batches.batch) FROM batches WHERE batches.batch IS NOT NULL
      )
      """
  }

  static func hasKey(_ table: Table) -> String {
    table.key.map { "\(quoted(table.columns[$0].name)) = ?" }.joined(separator: " AND ")
  }
}

/// The same, prepared once on the writer's connection.
struct WriteStatements {
  let begin: Prepared
  let commit: Prepared
  let rollback: Prepared
  let savepoint: Prepared
  let release: Prepared
  let rollbackToSavepoint: Prepared
  let lastEvent: Prepared
  let insertEvent: Prepared
  let insertStream: Prepared
  let updateStream: Prepared
  let insertPublication: Prepared
  let restorePublication: Prepared
  let insertMark: Prepared
  let insertAnswer: Prepared
  let answer: Prepared
  let moveCursor: Prepared
  let setAside: Prepared
  let revive: Prepared
  var tables: [ObjectIdentifier: TableStatements] = [:]

  init(on database: Database, tables: [Table]) throws {
    func prepare(_ sql: String) throws -> Prepared { Prepared(try database.makeStatement(sql: sql)) }
    begin = try prepare(SQL.begin)
    commit = try prepare(SQL.commit)
    rollback = try prepare(SQL.rollback)
    savepoint = try prepare(SQL.savepoint)
    release = try prepare(SQL.release)
    rollbackToSavepoint = try prepare(SQL.rollbackToSavepoint)
    lastEvent = try prepare(SQL.lastEvent)
    insertEvent = try prepare(SQL.insertEvent)
    insertStream = try prepare(SQL.insertStream)
    updateStream = try prepare(SQL.updateStream)
    insertPublication = try prepare(SQL.insertPublication)
    restorePublication = try prepare(SQL.restorePublication)
    insertMark = try prepare(SQL.insertMark)
    insertAnswer = try prepare(SQL.insertAnswer)
    answer = try prepare(SQL.answer)
    moveCursor = try prepare(SQL.moveCursor)
    setAside = try prepare(SQL.setAside)
    revive = try prepare(SQL.revive)
    for table in tables {
      self.tables[ObjectIdentifier(table)] = TableStatements(
        put: try prepare(SQL.put(table)), delete: try prepare(SQL.delete(table)))
    }
  }
}

/// The statements of one read table.
struct TableStatements {
  let put: Prepared
  let delete: Prepared
  /// By the columns that are set; a table has a few such sets, fewer than are worth a hash.
  var sets: [(columns: [String], statement: Prepared)] = []
}
