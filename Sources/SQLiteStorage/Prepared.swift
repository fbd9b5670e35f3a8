// The one file that calls SQLite's C interface and the one with unchecked code. Binding through GRDB's values costs
// more than the insert itself; here a value goes from Swift to SQLite in one call.

import struct GRDB.DatabaseError
import class GRDB.Statement
import GRDBSQLite
import Kernel
import Runtime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A prepared statement of one connection. Used on the queue of that connection only.
struct Prepared {
  /// Owns the handle.
  private let statement: Statement
  private let handle: OpaquePointer

  init(_ statement: Statement) {
    self.statement = statement
    handle = statement.sqliteStatement
  }

  /// Runs it to its end and makes it ready to be bound again.
  ///
  /// - Returns: how many rows it changed; meaningless for what is no INSERT, UPDATE or DELETE.
  @discardableResult
  func run() throws(StoreFailure) -> Int {
    while try next() {}
    return Int(sqlite3_changes(sqlite3_db_handle(handle)))
  }

  /// All rows, each made into a value.
  func all<Element>(_ element: (Prepared) -> Element) throws(StoreFailure) -> [Element] {
    var found: [Element] = []
    while try next() { found.append(element(self)) }
    return found
  }

  /// The first row, made into a value.
  func first<Element>(_ element: (Prepared) -> Element) throws(StoreFailure) -> Element? {
    guard try next() else { return nil }
    defer { sqlite3_reset(handle) }
    return element(self)
  }

  private func next() throws(StoreFailure) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW:
      return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code:
      throw failure(code)
    }
  }

  private func failure(_ code: Int32) -> StoreFailure {
    let connection = sqlite3_db_handle(handle)
    let failure = StoreFailure(
      sqlite: code, String(cString: sqlite3_errmsg(connection)), systemError: sqlite3_system_errno(connection))
    sqlite3_reset(handle)
    return failure
  }

  /// How many parameters it has.
  var parameters: Int32 { sqlite3_bind_parameter_count(handle) }

  /// The row that the connection inserted last, if into a table with row numbers.
  var lastInserted: Int64 { sqlite3_last_insert_rowid(sqlite3_db_handle(handle)) }

  /// Whether the connection is inside a transaction; some failures end it by themselves.
  var isInsideTransaction: Bool { sqlite3_get_autocommit(sqlite3_db_handle(handle)) == 0 }
}

// MARK: - Values in

extension Prepared {
  func bind(_ position: Int32, _ number: Int64) throws(StoreFailure) {
    try check(sqlite3_bind_int64(handle, position, number))
  }

  func bind(_ position: Int32, _ text: String) throws(StoreFailure) {
    var text = text
    let code = text.withUTF8 { utf8 in
      // An empty buffer may have no address, and no address would be NULL.
      guard let start = utf8.baseAddress else { return sqlite3_bind_text(handle, position, "", 0, Self.copied) }
      return start.withMemoryRebound(to: CChar.self, capacity: utf8.count) { characters in
        sqlite3_bind_text64(handle, position, characters, UInt64(utf8.count), Self.copied, UInt8(SQLITE_UTF8))
      }
    }
    try check(code)
  }

  func bind(_ position: Int32, _ bytes: [UInt8]) throws(StoreFailure) {
    let code = bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress, !buffer.isEmpty else { return sqlite3_bind_zeroblob(handle, position, 0) }
      return sqlite3_bind_blob64(handle, position, start, UInt64(buffer.count), Self.copied)
    }
    try check(code)
  }

  func bind(_ position: Int32, _ instant: Instant?) throws(StoreFailure) {
    guard let instant else { return try check(sqlite3_bind_null(handle, position)) }
    try bind(position, instant.microseconds)
  }

  func bind(_ position: Int32, _ value: Value) throws(StoreFailure) {
    switch value {
    case .null: try check(sqlite3_bind_null(handle, position))
    case .integer(let number): try bind(position, number)
    case .text(let text): try bind(position, text)
    }
  }

  /// Without a copy: the bytes must stay where they are until the statement has run.
  func bind(_ position: Int32, textInPlace bytes: UnsafeRawBufferPointer) throws(StoreFailure) {
    let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress
    try check(sqlite3_bind_text64(handle, position, start, UInt64(bytes.count), nil, UInt8(SQLITE_UTF8)))
  }

  /// Without a copy: the bytes must stay where they are until the statement has run.
  func bind(_ position: Int32, blobInPlace bytes: UnsafeRawBufferPointer) throws(StoreFailure) {
    try check(sqlite3_bind_blob64(handle, position, bytes.baseAddress, UInt64(bytes.count), nil))
  }

  private func check(_ code: Int32) throws(StoreFailure) {
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// SQLITE_TRANSIENT: SQLite takes its own copy before the call returns.
  private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

// MARK: - Values out

extension Prepared {
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  func instant(_ column: Int32) -> Instant? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : Instant(microseconds: integer(column))
  }

  func value(_ column: Int32) -> Value {
    switch sqlite3_column_type(handle, column) {
    case SQLITE_NULL: .null
    case SQLITE_INTEGER: .integer(integer(column))
    default: .text(text(column))  // read tables are STRICT and have no other types
    }
  }
}

// MARK: - Failures

extension StoreFailure {
  /// - Parameters:
  ///   - code: SQLite's result code, extended or not.
  ///   - systemError: `errno` of the call behind it, where there was one.
  init(sqlite code: Int32, _ message: String, systemError: Int32 = 0) {
    switch code & 0xff {
    case SQLITE_CONSTRAINT: self = .constraint(Self.constraint(message))
    case SQLITE_FULL: self = .full(message)
    case SQLITE_IOERR where systemError == ENOSPC || systemError == EDQUOT: self = .full(message)
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_MISMATCH, SQLITE_TOOBIG: self = .corrupt(message)
    default: self = .unavailable("\(message) (SQLite \(code))")
    }
  }

  init(_ error: any Error) {
    switch error {
    case let failure as StoreFailure: self = failure
    case let error as DatabaseError:
      self.init(sqlite: error.extendedResultCode.rawValue, error.message ?? "no words")
    case is CancellationError: self = .unavailable("the task was cancelled")
    default: self = .unavailable(String(describing: error))
    }
  }

  /// From "UNIQUE constraint failed: invoices.account_id, invoices.from" to "invoices: unique (account_id, from)".
  private static func constraint(_ message: String) -> String {
    guard let separator = message.firstRange(of: "constraint failed: ") else { return message }
    let kind = message[..<separator.lowerBound]
    let subject = message[separator.upperBound...]
    let columns = subject.split(separator: ", ").map { $0.split(separator: ".", maxSplits: 1) }
    guard let table = columns.first?.first, columns.allSatisfy({ $0.count == 2 }) else { return String(subject) }
    let names = columns.map { $0[1] }.joined(separator: ", ")
    return kind.hasPrefix("UNIQUE") ? "\(table): unique (\(names))" : "\(table): \(names) is not null"
  }
}

// MARK: - Confinement

/// Something that is touched on the queue of the writer's connection only, and that queue runs one thing at a time.
/// GRDB hands the connection to a closure that must be Sendable, but says nothing about what is kept beside it.
final class OnWritersQueue<Value>: @unchecked Sendable {
  var value: Value

  init(_ value: Value) { self.value = value }
}
