// A session beside the stores: what another client, an operator or a fault does.

import CPostgres
public import PostgresStorage
import ServerTesting
import Synchronization

/// One connection that runs SQL and blocks its thread meanwhile.
public final class PostgresSession: Sendable {
  private struct Line: @unchecked Sendable {
    let handle: OpaquePointer?
  }

  /// One statement at a time.
  private let line: Mutex<Line>

  /// Opens a session in a store's schema.
  public init(_ settings: PostgresSettings) throws {
    line = Mutex(Line(handle: PQconnectdb(settings.connection)))
    try run("SET search_path = \(settings.schema); SET client_min_messages = warning")
  }

  deinit { line.withLock { PQfinish($0.handle) } }

  /// Runs SQL.
  ///
  /// - Returns: the first column of the last statement's rows, NULL as an empty text.
  @discardableResult
  public func run(_ sql: String) throws -> [String] {
    try line.withLock { line in
      let result = PQexec(line.handle, sql)
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK: return []
      case PGRES_TUPLES_OK: return (0..<PQntuples(result)).map { String(cString: PQgetvalue(result, $0, 0)) }
      default: throw NoServer(description: "\(sql): \(String(cString: PQerrorMessage(line.handle)))")
      }
    }
  }

  /// Waits until as many sessions of a schema's stores wait for a lock.
  public func waitUntil(_ count: Int, waitIn schema: String) async throws {
    let sql = """
      SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'premia \(schema)'
      """
    for _ in 0..<500 {
      if try run(sql) == ["\(count)"] { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw NoServer(description: "after 2.5 s no \(count) sessions of \(schema) wait for a lock")
  }
}
