// How a schema comes to be what this release works on.

import Runtime

/// One step, taken once. What was taken is kept with its checksum.
struct Migration {
  let name: String
  let statements: [String]

  var sql: String { statements.joined(separator: ";\n") }
}

/// Takes the steps that a schema lacks, in one transaction, while every other copy waits.
struct Migrator {
  let settings: PostgresSettings
  let tables: [Table]

  private var migrations: [Migration] {
    Schema.migrations(partitions: settings.partitions) + tables.map { $0.migration(partitions: settings.partitions) }
  }

  /// - Returns: the names of the steps that do not fit this release; then nothing was changed.
  func migrate(_ connection: Connection) throws(PostgresFailure) -> [String] {
    // Making many tables takes long, and so does waiting for another copy that makes them.
    try connection.execute("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
    do throws(PostgresFailure) {
      let different = try migrateInTransaction(connection)
      try connection.execute(different.isEmpty ? "COMMIT" : "ROLLBACK")
      return different
    } catch {
      try? connection.execute("ROLLBACK")
      throw error
    }
  }

  private func migrateInTransaction(_ connection: Connection) throws(PostgresFailure) -> [String] {
    try makeSchema(connection)
    let steps = try compare(connection)
    let different = steps.filter { $0.applied != nil && $0.applied != $0.wanted }.map(\.name)
    guard different.isEmpty else { return different }
    let missing = steps.filter { $0.applied == nil }.map(\.name)
    if missing.isEmpty { return try forgetOtherClusters(connection) }
    let isNew = missing.count == steps.count
    let newTables = missing.filter { $0.hasPrefix("table ") }
    if !isNew && !newTables.isEmpty {
      // A read table is made from events from the first one on; beside older events it would lack their rows.
      let any = try connection.all(Statement(sql: "SELECT 1 FROM streams LIMIT 1")) { _ in true }
      if !any.isEmpty { return newTables }
    }
    for migration in migrations where missing.contains(migration.name) {
      try connection.execute(migration.sql)
      var record = Statement(
        sql: """
          INSERT INTO migrations (name, checksum, applied_at)
          VALUES ($1, encode(sha256(convert_to($2, 'UTF8')), 'hex'), now())
          """)
      record.parameters.add(migration.name)
      record.parameters.add(migration.sql)
      _ = try connection.all(record) { _ in }
    }
    return []
  }

  private func makeSchema(_ connection: Connection) throws(PostgresFailure) {
    var lock = Statement(sql: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0)) IS NULL")
    lock.parameters.add("premia \(settings.schema)")
    _ = try connection.all(lock) { _ in }
    var known = Statement(
      sql: """
        SELECT to_regnamespace($1) IS NULL, to_regclass(format('%I.migrations', $1::text)) IS NULL
        """)
    known.parameters.add(settings.schema)
    let found = try connection.all(known) { (schema: $0.integer(0) == 1, migrations: $0.integer(1) == 1) }
    guard let isMissing = found.first else { return }
    // Asked first, because to make what is there needs the right to make it.
    if isMissing.schema { try connection.execute("CREATE SCHEMA \(quoted(settings.schema))") }
    guard isMissing.migrations else { return }
    try connection.execute(
      """
      CREATE TABLE migrations (
        name text COLLATE "C" NOT NULL PRIMARY KEY,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL
      )
      """)
  }

  /// The steps of this release and those that were taken, with their checksums.
  private func compare(
    _ connection: Connection
  ) throws(PostgresFailure) -> [(name: String, wanted: String?, applied: String?)] {
    var statement = Statement(
      sql: """
        SELECT name, wanted.checksum, applied.checksum
        FROM (
          SELECT name, encode(sha256(convert_to(sql, 'UTF8')), 'hex') AS checksum
          FROM unnest($1::text[], $2::text[]) AS step (name, sql)
        ) AS wanted
        FULL JOIN migrations AS applied USING (name) ORDER BY name COLLATE "C"
        """)
    statement.parameters.add(texts: migrations.map(\.name))
    statement.parameters.add(texts: migrations.map(\.sql))
    return try connection.all(statement) { row in
      (row.text(0), row.isNull(1) ? nil : row.text(1), row.isNull(2) ? nil : row.text(2))
    }
  }

  /// A dump that was restored elsewhere brings transaction numbers that are not of this cluster and may lie in its
  /// future, where no reader would come. A row that is seen was written by a transaction that has ended.
  private func forgetOtherClusters(_ connection: Connection) throws(PostgresFailure) -> [String] {
    let newest = Statement(
      sql: """
        SELECT xid >= pg_snapshot_xmax(pg_current_snapshot()) FROM outbox ORDER BY position DESC LIMIT 1
        """)
    guard try connection.all(newest, { $0.integer(0) == 1 }).first == true else { return [] }
    try connection.execute("UPDATE outbox SET xid = '0' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())")
    return []
  }
}
