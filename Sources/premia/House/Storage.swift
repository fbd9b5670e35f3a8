// Where each context keeps what it stores: a SQLite file or a schema of PostgreSQL, for all alike or one by one.

import Foundation
import Kernel
import PostgresStorage
import Runtime
import SQLiteStorage

/// Opens the store of each context.
struct Storage: Sendable {
  private enum Place: Sendable {
    case sqlite(path: String)
    case postgres(PostgresSettings)
  }

  private let places: [String: Place]
  /// Whether all of it is in the data directory, and new when that is new.
  let isInDataDirectory: Bool

  /// - Parameters:
  ///   - settings: `storage.…` for all contexts, `storage.contexts.NAME.…` for one.
  ///   - data: the directory of SQLite files where the settings name none.
  /// - Throws: `Problem` naming the setting that is wrong.
  init(_ settings: Settings, data: String) throws(Problem) {
    var places: [String: Place] = [:]
    var known: Set<String> = []
    var schemas: [String: String] = [:]
    var isInDataDirectory = true
    for context in House.contextNames {
      let entry = Entry(settings: settings, context: context)
      known.formUnion(entry.keys)
      let place = try entry.place(data: data)
      places[context] = place
      switch place {
      case .sqlite(let path):
        if path != "\(data)/\(context).sqlite" { isInDataDirectory = false }
      case .postgres(let postgres):
        isInDataDirectory = false
        if let other = schemas.updateValue(context, forKey: "\(postgres.schema) \(postgres.connection)") {
          throw settings.problem(
            entry.key("schema"), "is '\(postgres.schema)' for \(other) and \(context); each has its own")
        }
      }
    }
    try settings.requireKeys(known.union(Network.keys))
    self.places = places
    self.isInDataDirectory = isInDataDirectory
  }

  /// Opens the store of a context, or makes it.
  ///
  /// - Throws: `StoreFailure` naming the file or the schema.
  func open(_ context: Context) async throws(StoreFailure) -> any Store {
    switch place(of: context.name) {
    case .sqlite(let path): return try SQLiteStore(path: path, tables: context.tables)
    case .postgres(let settings): return try await PostgresStore(settings, tables: context.tables)
    }
  }

  /// Whether any context has a store that was worked with; makes none.
  func isInUse() async throws(StoreFailure) -> Bool {
    for context in House.contextNames {
      switch place(of: context) {
      case .sqlite(let path): if FileManager.default.fileExists(atPath: path) { return true }
      case .postgres(let settings): if try await PostgresStore.isInUse(settings) { return true }
      }
    }
    return false
  }

  private func place(of context: String) -> Place {
    guard let place = places[context] else { preconditionFailure("\(context) is not among \(House.contextNames)") }
    return place
  }

  /// The settings of one context: its own, and those for all where it has none.
  private struct Entry {
    let settings: Settings
    let context: String

    static let names = [
      "kind", "directory", "connection", "sslmode", "schema", "poolSize", "partitions", "statementTimeoutSeconds",
      "lockTimeoutSeconds",
    ]

    var keys: [String] { Self.names.flatMap { ["storage.\($0)", "storage.contexts.\(context).\($0)"] } }

    func key(_ name: String) -> String {
      let own = "storage.contexts.\(context).\(name)"
      return settings[own] == nil ? "storage.\(name)" : own
    }

    subscript(_ name: String) -> String? { settings[key(name)] }

    func place(data: String) throws(Problem) -> Place {
      switch self["kind"] ?? "sqlite" {
      case "sqlite": return .sqlite(path: "\(self["directory"] ?? data)/\(context).sqlite")
      case "postgres": return .postgres(try postgres())
      case let other: throw settings.problem(key("kind"), "is '\(other)'; it is sqlite or postgres")
      }
    }

    private func postgres() throws(Problem) -> PostgresSettings {
      guard let connection = self["connection"] else {
        throw settings.problem(
          key("connection"), "is missing; PostgreSQL is found by it, as in 'host=db-1 dbname=premia'")
      }
      guard PostgresSettings.words(of: connection) != nil else {
        throw settings.problem(key("connection"), "is neither in libpq's key=value words nor a postgresql:// URI")
      }
      if let inFile = settings.file[key("connection")], PostgresSettings.words(of: inFile)?["password"] != nil {
        throw settings.problem(
          key("connection"), "has a password; keep it in a file that passfile= or PGPASSFILE names, or in PGPASSWORD")
      }
      let schema = (self["schema"] ?? "{context}").replacing("{context}", with: context)
      guard PostgresSettings.isName(ofSchema: schema) else {
        throw settings.problem(
          key("schema"), "makes '\(schema)' for \(context); a schema has lower-case letters, digits and _, at most 63")
      }
      var postgres = PostgresSettings(connection: connection, schema: schema)
      if let mode = self["sslmode"] {
        guard let known = PostgresSettings.SSLMode(rawValue: mode) else {
          let modes = PostgresSettings.SSLMode.allCases.map(\.rawValue).joined(separator: ", ")
          throw settings.problem(key("sslmode"), "is '\(mode)'; it is one of \(modes)")
        }
        postgres.sslmode = known
      }
      if let size = try number("poolSize", in: 1...500) { postgres.connections = size }
      if let partitions = try number("partitions", in: 1...1_024) { postgres.partitions = partitions }
      if let time = try number("statementTimeoutSeconds", in: 1...86_400) { postgres.statementTimeout = .seconds(time) }
      if let time = try number("lockTimeoutSeconds", in: 1...86_400) { postgres.lockTimeout = .seconds(time) }
      return postgres
    }

    private func number(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
      try settings.number(key(name), in: range)
    }
  }
}
