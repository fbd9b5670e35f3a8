// The durable store that several processes share: one PostgreSQL schema per context.

public import Runtime

/// A context's store in one schema of a PostgreSQL database, version 13 or later.
///
/// Several processes may open the same schema: two commits on one stream cannot both win, and what a lost race or a
/// deadlock rolled back is run again. A commit is one transaction and one round trip.
public final class PostgresStore: Store {
  let pool: Pool
  let settings: PostgresSettings

  public var isShared: Bool { true }

  /// Opens a schema, or makes it and its tables. Copies that open it at the same time wait for the first.
  ///
  /// - Parameter tables: the read tables that the schema was or will be made with, the same instances that commits
  ///   name.
  /// - Throws: `.unavailable` where no server that takes writes can be reached; `.corrupt` where the schema was made
  ///   for other tables, other partitions or by another release, with what to do about it.
  public init(_ settings: PostgresSettings, tables: [Table]) async throws(StoreFailure) {
    precondition(
      PostgresSettings.isName(ofSchema: settings.schema),
      "'\(settings.schema)' is no name of a schema: lower-case letters, digits and _, at most 63")
    self.settings = settings
    pool = Pool(settings)
    do throws(StoreFailure) {
      try await pool.run(isRepeatable: true) { connection throws(PostgresFailure) in
        try connection.checkServer()
      }
      let migrator = Migrator(settings: settings, tables: tables)
      let different = try await pool.run(isRepeatable: true) { connection throws(PostgresFailure) in
        try migrator.migrate(connection)
      }
      guard different.isEmpty else {
        throw .corrupt(
          """
          The schema \(settings.schema) was made for another shape of: \(different.joined(separator: ", ")). Open it \
          with the release that made it, or load its data again into a new schema.
          """)
      }
    } catch {
      await pool.close()
      throw error
    }
  }

  /// Whether the schema was made and a context has worked with it; makes nothing.
  ///
  /// - Throws: `.unavailable` where no server that takes writes can be reached.
  public static func isInUse(_ settings: PostgresSettings) async throws(StoreFailure) -> Bool {
    let pool = Pool(settings)
    do throws(StoreFailure) {
      let isInUse = try await pool.run(isRepeatable: true) { connection throws(PostgresFailure) in
        var made = Statement(sql: "SELECT to_regclass(format('%I.cursors', $1::text)) IS NOT NULL")
        made.parameters.add(settings.schema)
        guard try connection.all(made, { $0.integer(0) == 1 }) == [true] else { return false }
        let used = Statement(sql: "SELECT EXISTS (SELECT FROM streams) OR EXISTS (SELECT FROM cursors)")
        return try connection.all(used) { $0.integer(0) == 1 } == [true]
      }
      await pool.close()
      return isInUse
    } catch {
      await pool.close()
      throw error
    }
  }

  /// Writes all of it or nothing, and answers once the server has it on its disk.
  ///
  /// Where the line breaks while the server commits, `.unavailable` is thrown although the commit may stand: whole or
  /// not at all. A caller that asks again with its key, or on the version it knew, finds out which.
  public func commit(_ commit: Commit) async throws(StoreFailure) {
    try await run(CommitScript(commit))
  }

  /// The role needs the right to set the sequence of positions, as the owner of the tables has it.
  public func restore(_ excerpt: Excerpt) async throws(StoreFailure) {
    try await run(CommitScript(restoring: excerpt))
  }

  private func run(_ script: CommitScript) async throws(StoreFailure) {
    do throws(StoreFailure) {
      try await pool.run(isRepeatable: false) { connection throws(PostgresFailure) in
        try connection.write(script)
      }
    } catch .answered(let own) {
      throw .answered(try await answer(to: own.key) ?? own)
    }
  }

  public func close() async { await pool.close() }
}

extension Connection {
  fileprivate func checkServer() throws(PostgresFailure) {
    let version = try serverVersion()
    guard version >= 130_000 else {
      throw PostgresFailure(
        message: "PostgreSQL \(version / 10_000) is too old: Premia needs 13 or later", isLost: false)
    }
    let encoding = try all(Statement(sql: "SELECT current_setting('server_encoding')")) { $0.text(0) }
    guard encoding == ["UTF8"] else {
      throw PostgresFailure(
        message: "the database's encoding is \(encoding.joined()): make it with ENCODING 'UTF8'", isLost: false)
    }
  }

  fileprivate func write(_ script: CommitScript) throws(PostgresFailure) {
    do throws(PostgresFailure) {
      try pipeline(script.statements)
    } catch {
      // What does not leave the connection ends with it.
      guard error.leavesConnection else { throw error }
      try execute("ROLLBACK")
      guard error.isUniqueViolation else { throw error }
      var failure = error
      failure.unique = try columns(ofIndex: error.constraint)
      throw failure
    }
  }

  /// By name: of a partitioned table, the index is one of a partition, with a name that the server made up.
  private func columns(ofIndex name: String) throws(PostgresFailure) -> [String] {
    var statement = Statement(
      sql: """
        SELECT attribute.attname::text FROM pg_index AS index
        CROSS JOIN LATERAL unnest(index.indkey::int2[]) WITH ORDINALITY AS part (number, place)
        JOIN pg_attribute AS attribute ON attribute.attrelid = index.indrelid AND attribute.attnum = part.number
        WHERE index.indexrelid = to_regclass(quote_ident($1)) ORDER BY part.place
        """)
    statement.parameters.add(name)
    return try all(statement) { $0.text(0) }
  }
}
