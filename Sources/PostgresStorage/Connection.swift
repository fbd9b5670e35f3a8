// The one file that calls libpq and the one with unchecked code. Calls block: they are made on the connection's own
// queue, never on a thread of Swift's pool.

import CPostgres
import Dispatch
import Kernel
import Runtime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A statement with what it is given.
struct Statement {
  let sql: String
  var parameters = Parameters()
  /// What it means when the statement raises `Schema.refused`.
  var refusal: StoreFailure?
  /// The read table whose constraints it may break.
  var table: Table?
}

/// One connection to the server that takes writes. Unchecked: it is touched on its queue only, and that queue runs one
/// thing at a time.
final class Connection: @unchecked Sendable {
  private let queue = DispatchQueue(label: "premia.postgres")
  private let settings: PostgresSettings
  private var handle: OpaquePointer?
  /// The names of prepared statements, by their SQL.
  private var prepared: [String: String] = [:]

  init(_ settings: PostgresSettings) { self.settings = settings }

  deinit { close() }

  /// Runs work on the connection's queue.
  func start(_ work: @escaping @Sendable (Connection) -> Void) { queue.async { work(self) } }

  func close() {
    if let handle { PQfinish(handle) }
    handle = nil
    prepared = [:]
  }

  /// Runs statements without parameters, several in one text.
  func execute(_ sql: String) throws(PostgresFailure) {
    let handle = try opened()
    _ = try check(Answer(PQexec(handle, sql)))
  }

  /// Runs one statement and makes a value of each row.
  func all<Element>(
    _ statement: Statement, _ element: (ResultRow) -> Element
  ) throws(PostgresFailure) -> [Element] {
    let handle = try opened()
    let name = try prepare(statement, on: handle)
    let answer = statement.parameters.passed { count, values, lengths, formats in
      Answer(PQexecPrepared(handle, name, count, values, lengths, formats, 1))
    }
    return try check(answer, of: statement).rows(element)
  }

  /// Sends all statements before it reads the first answer: one round trip for all of them. Behind a statement that
  /// fails none is run.
  ///
  /// - Parameter each: gets each row with the place of its statement.
  func pipeline(_ statements: [Statement], _ each: (Int, ResultRow) -> Void = { _, _ in }) throws(PostgresFailure) {
    let handle = try opened()
    var names: [String] = []
    for statement in statements { names.append(try prepare(statement, on: handle)) }
    guard PQenterPipelineMode(handle) == 1 else { throw PostgresFailure(lost: handle) }
    for (statement, name) in zip(statements, names) {
      let sent = statement.parameters.passed { count, values, lengths, formats in
        PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
      }
      guard sent == 1 else { throw PostgresFailure(lost: handle) }
    }
    guard PQpipelineSync(handle) == 1 else { throw PostgresFailure(lost: handle) }
    var failure: PostgresFailure?
    for (index, statement) in statements.enumerated() {
      let answer = Answer(PQgetResult(handle))
      do throws(PostgresFailure) {
        for row in try check(answer, of: statement).rows({ $0 }) { each(index, row) }
      } catch {
        // The first failure; the others are of statements that were not run because of it.
        failure = failure ?? error
        if PQstatus(handle) != CONNECTION_OK { throw failure ?? error }
      }
      // The end of the statement's answers.
      while let more = PQgetResult(handle) { PQclear(more) }
    }
    while let end = PQgetResult(handle) {
      defer { PQclear(end) }
      if PQresultStatus(end) == PGRES_PIPELINE_SYNC { break }
    }
    guard PQexitPipelineMode(handle) == 1 else { throw failure ?? PostgresFailure(lost: handle) }
    if let failure { throw failure }
  }

  private func prepare(_ statement: Statement, on handle: OpaquePointer) throws(PostgresFailure) -> String {
    if let name = prepared[statement.sql] { return name }
    let name = "premia_\(prepared.count)"
    _ = try check(Answer(PQprepare(handle, name, statement.sql, 0, nil)), of: statement)
    prepared[statement.sql] = name
    return name
  }

  private func check(_ answer: Answer, of statement: Statement? = nil) throws(PostgresFailure) -> Answer {
    switch answer.status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return answer
    default: throw PostgresFailure(answer, on: handle, of: statement)
    }
  }
}

// MARK: - Opening

extension Connection {
  /// The line to the server; opened where there is none, or where the server has ended it since it was used last.
  private func opened() throws(PostgresFailure) -> OpaquePointer {
    if let handle {
      if isAlive(handle) { return handle }
      close()
    }
    guard PostgresSettings.words(of: settings.connection) != nil else {
      throw PostgresFailure(
        message: "the connection setting is neither in libpq's key=value words nor a postgresql:// URI", isLost: false)
    }
    guard let new = connect() else { throw PostgresFailure(message: "there is no memory for a connection") }
    handle = new
    do throws(PostgresFailure) {
      guard PQstatus(new) == CONNECTION_OK else { throw PostgresFailure(lost: new) }
      PQsetNoticeProcessor(new, { _, _ in }, nil)
      _ = try check(Answer(PQexec(new, sessionSettings)))
    } catch {
      var failure = error
      failure.isAtTheDoor = true
      throw failure
    }
    return new
  }

  private func connect() -> OpaquePointer? {
    // What comes before dbname the settings may override; what comes behind it they may not.
    let options =
      [
        ("connect_timeout", "5"), ("tcp_user_timeout", "10000"),
        ("dbname", settings.connection), ("target_session_attrs", "read-write"), ("client_encoding", "UTF8"),
      ] + (settings.sslmode.map { [("sslmode", $0.rawValue)] } ?? [])
    let keys = options.map { strdup($0.0) }
    let values = options.map { strdup($0.1) }
    defer { for text in keys + values { free(text) } }
    let (keyPointers, valuePointers) = (
      keys.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil]
    )
    return PQconnectdbParams(keyPointers, valuePointers, 1)
  }

  private var sessionSettings: String {
    """
    SET application_name = 'premia \(settings.schema)';
    SET search_path = \(quoted(settings.schema)), pg_catalog;
    SET statement_timeout = \(settings.statementTimeout.milliseconds);
    SET lock_timeout = \(settings.lockTimeout.milliseconds);
    SET idle_in_transaction_session_timeout = \(settings.idleInTransactionTimeout.milliseconds);
    SET default_transaction_isolation = 'read committed';
    SET client_min_messages = warning;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
    """
  }

  /// Whether the server has said nothing while nobody asked it: what it says then is good-bye.
  private func isAlive(_ handle: OpaquePointer) -> Bool {
    var waiting = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    // Its last words first, then the end of the line.
    for _ in 0..<3 where poll(&waiting, 1, 0) > 0 { if PQconsumeInput(handle) == 0 { return false } }
    return PQstatus(handle) == CONNECTION_OK
  }

  /// Who answers: "premia at db-1:5432".
  var place: String {
    guard let handle, let host = PQhost(handle), let database = PQdb(handle) else { return "PostgreSQL" }
    return "\(String(cString: database)) at \(String(cString: host))"
  }

  /// Such as 150018 for 15.18.
  func serverVersion() throws(PostgresFailure) -> Int { Int(PQserverVersion(try opened())) }
}

extension PostgresSettings {
  /// What libpq reads from a connection, by keyword. Nil where it does not understand it as it was meant: a password
  /// with an `@` or `/` that is not escaped would otherwise become part of a host or a port, and be shown as one when
  /// it cannot be reached.
  public static func words(of connection: String) -> [String: String]? {
    guard let options = PQconninfoParse(connection, nil) else { return nil }
    defer { PQconninfoFree(options) }
    var words: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { words[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    guard words["host"]?.contains("@") != true,
      words["port"]?.allSatisfy({ $0.isNumber || $0 == "," }) != false
    else { return nil }
    return words
  }
}

extension Duration {
  var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}

// MARK: - Values in and out

extension Parameters {
  fileprivate typealias Passing<Result> = (
    Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
  ) -> Result

  /// Passes them without a copy, all in binary.
  fileprivate func passed<Result>(_ body: Passing<Result>) -> Result {
    buffer.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        let values = places.map { place in place.flatMap { characters.baseAddress?.advanced(by: $0.lowerBound) } }
        let lengths = places.map { Int32($0?.count ?? 0) }
        let formats = places.map { _ in Int32(1) }
        return body(Int32(places.count), values, lengths, formats)
      }
    }
  }
}

/// What the server answered to one statement.
final class Answer {
  fileprivate let handle: OpaquePointer?

  fileprivate init(_ handle: OpaquePointer?) { self.handle = handle }

  deinit { PQclear(handle) }

  fileprivate var status: ExecStatusType { PQresultStatus(handle) }

  /// A field of an error report.
  func field(_ field: Unicode.Scalar) -> String {
    PQresultErrorField(handle, Int32(field.value)).map { String(cString: $0) } ?? ""
  }

  func rows<Element>(_ element: (ResultRow) -> Element) -> [Element] {
    (0..<PQntuples(handle)).map { element(ResultRow(answer: self, row: $0)) }
  }
}

/// A row of an answer, in binary.
struct ResultRow {
  fileprivate let answer: Answer
  fileprivate let row: Int32

  func isNull(_ column: Int32) -> Bool { PQgetisnull(answer.handle, row, column) == 1 }

  /// The bytes of a column; none where it is NULL.
  private func raw(_ column: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: PQgetvalue(answer.handle, row, column), count: Int(PQgetlength(answer.handle, row, column)))
  }

  /// Of a `bigint` or `boolean`; 0 where it is NULL.
  func integer(_ column: Int32) -> Int64 {
    var number: UInt64 = 0
    for byte in raw(column) { number = number << 8 | UInt64(byte) }
    return Int64(bitPattern: number)
  }

  func text(_ column: Int32) -> String {
    let bytes = raw(column)
    let text = String(decoding: bytes, as: UTF8.self)
    return StoredText.needsEscape(bytes) ? StoredText.restored(text) : text
  }

  func bytes(_ column: Int32) -> [UInt8] { Array(raw(column)) }

  func instant(_ column: Int32) -> Instant? { isNull(column) ? nil : Instant(microseconds: integer(column)) }

  func value(_ column: Int32, _ kind: Column.Kind) -> Value {
    if isNull(column) { return .null }
    switch kind {
    case .integer: return .integer(integer(column))
    case .text: return .text(text(column))
    }
  }
}

// MARK: - Failures

extension PostgresFailure {
  fileprivate init(_ answer: Answer, on handle: OpaquePointer?, of statement: Statement?) {
    self.init(
      code: answer.field("C"), message: answer.field("M"), column: answer.field("c"), constraint: answer.field("n"),
      isLost: handle.map { PQstatus($0) != CONNECTION_OK } ?? true, refusal: statement?.refusal,
      table: statement?.table)
    if code.isEmpty { message = handle.map { String(cString: PQerrorMessage($0)) } ?? "no answer" }
  }

  fileprivate init(lost handle: OpaquePointer) {
    self.init(message: String(cString: PQerrorMessage(handle)))
  }
}
