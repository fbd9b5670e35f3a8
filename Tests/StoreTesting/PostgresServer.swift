// PostgreSQL of the tests' own: made in a temporary folder, reached through a Unix socket, gone with the process.

import CPostgres
import Foundation
public import PostgresStorage
public import Runtime
import ServerTesting

/// A server of a test run.
public struct PostgresServer: Sendable {
  /// Where it is, in libpq's words.
  public let connection: String
  /// Where everything of it is, its socket too.
  let folder: String

  /// The server of all tests that do not break it; started by the first who asks.
  public static var shared: PostgresServer {
    get async throws { try await starting.value }
  }

  private static let starting = Task {
    try await PostgresServer(["max_connections=200", "autovacuum=off", "max_wal_senders=0", "wal_level=minimal"])
  }

  /// The settings of a schema that nobody else has.
  public func settings(schema: String = "s_\(UInt32.random(in: .min ... .max))") -> PostgresSettings {
    var settings = PostgresSettings(connection: connection, schema: schema)
    settings.partitions = 3
    // Transactions that other tests hold open are older than what this one writes.
    settings.patience = .seconds(30)
    return settings
  }

  /// Runs with a fresh store and closes it.
  public static func withStore(tables: [Table], _ body: (PostgresStore) async throws -> Void) async throws {
    let store = try await PostgresStore(shared.settings(), tables: tables)
    do {
      try await body(store)
      await store.close()
    } catch {
      await store.close()
      throw error
    }
  }
}

// MARK: - Starting

extension PostgresServer {
  /// Makes a server and starts it.
  ///
  /// - Parameters:
  ///   - settings: beside those that all have.
  ///   - port: part of its socket's name, and where it listens if it listens to a network.
  ///   - primary: whose standby it is; nil for one that stands by itself and is empty.
  ///   - prepare: does the rest in its folder before it is started, with programs that run as the server's user.
  init(
    _ settings: [String], port: Int = 5432, standbyOf primary: PostgresServer? = nil,
    prepare: (_ folder: String, _ run: ([String]) throws -> Void) throws -> Void = { _, _ in }
  ) async throws {
    let folder = try Self.makeFolder()
    let programs = try Self.programs()
    let words = try Self.asOrdinaryUser(folder)
    let data = "\(folder)/data"
    if let primary {
      try Process.finish(
        words + [
          "\(programs)/pg_basebackup", "--host=\(primary.folder)", "--username=premia", "--pgdata=\(data)",
          "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
        ], in: folder)
    } else {
      try Process.finish(
        words + [
          "\(programs)/initdb", "--pgdata=\(data)", "--username=premia", "--auth=trust", "--locale=C",
          "--encoding=UTF8", "--no-sync", "--no-instructions",
        ], in: folder)
    }
    try prepare(folder) { try Process.finish(words + $0, in: folder) }
    let common = [
      "listen_addresses=", "port=\(port)", "unix_socket_directories=\(folder)", "max_locks_per_transaction=256",
      "deadlock_timeout=2s",
    ]
    // Nobody lets go of it: it stays for as long as this process does.
    _ = try ServerKeeper(
      words + ["\(programs)/postgres", "-D", data] + (common + settings).flatMap { ["-c", $0] }, in: folder,
      endingWith: "QUIT", removingFolder: true)
    self.folder = folder
    connection = "host=\(folder) port=\(port) user=premia dbname=postgres sslmode=disable"
    try await waitForAnswers()
  }

  private func waitForAnswers() async throws {
    for _ in 0..<1_200 {
      if PQping(connection) == PQPING_OK { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "no log"
    throw NoServer(description: "The tests' PostgreSQL did not start within a minute. It says:\n\(log)")
  }

  /// Ends it as a power cut would.
  func cutPower() throws {
    let lines = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
    guard let first = lines.split(separator: "\n").first, let process = pid_t(first),
      kill(process, SIGKILL) == 0
    else { throw NoServer(description: "The server in \(folder) cannot be killed: \(lines)") }
  }

  private static func makeFolder() throws -> String {
    // The name of a socket has 107 bytes at most.
    let folder = "/tmp/premia-pg-\(UInt32.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  /// Where the server's programs are.
  private static func programs() throws -> String {
    let debian = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    let newestFirst = debian.compactMap(Int.init).sorted(by: >).map { "/usr/lib/postgresql/\($0)/bin" }
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for folder in newestFirst + path where FileManager.default.isExecutableFile(atPath: "\(folder)/initdb") {
      return folder
    }
    throw NoServer(
      description: """
        There is no PostgreSQL server to test on: no initdb in /usr/lib/postgresql/*/bin or the PATH. 'make' installs \
        it (scripts/system-packages); by hand: apt-get install postgresql.
        """)
  }

  /// How to run a program as somebody who may run PostgreSQL, which root may not. The folder becomes theirs.
  private static func asOrdinaryUser(_ folder: String) throws -> [String] {
    guard getuid() == 0 else { return [] }
    guard let user = getpwnam("postgres") else {
      throw NoServer(
        description: "Root may not run PostgreSQL, and there is no user postgres to run it as: 'make' installs both.")
    }
    let (owner, group) = (user.pointee.pw_uid, user.pointee.pw_gid)
    guard chown(folder, owner, group) == 0 else {
      throw NoServer(description: "\(folder) cannot be given to the user postgres: \(String(cString: strerror(errno)))")
    }
    return ["setpriv", "--reuid=\(owner)", "--regid=\(group)", "--clear-groups"]
  }
}
