// The durable store: one SQLite file per context.

import struct GRDB.Configuration
import class GRDB.Database
import class GRDB.DatabasePool
import Kernel
public import Runtime
import Synchronization

/// A context's store in one SQLite file, in WAL mode, durable with every commit (`synchronous=FULL`).
///
/// One writer writes what waits for it in groups; readers never wait for it and see whole commits only.
public final class SQLiteStore: Store {
  public enum Mode: Sendable {
    /// At most one process at a time has a file open so. The file is made where there is none.
    case writing
    /// Beside a process that writes, or without one; commits are refused with `.unavailable`.
    case reading
  }

  let pool: DatabasePool
  private let writer: OnWritersQueue<CommitWriter?>
  private let waiting: Mutex<WaitingList>
  private let lock: Mutex<FileLock?>
  let leases = LocalLeases()

  /// A file has one writing process, and who only reads it decides nothing.
  public var isShared: Bool { false }

  /// Opens a file, or makes it. Blocks for as long as that takes: recovery after a crash reads the whole WAL.
  ///
  /// - Parameter tables: the read tables that the file was or will be made with, the same instances that commits name.
  /// - Throws: `.unavailable` where another process writes the file; `.corrupt` where it was made for other tables or
  ///   by a later release, with what to do about it.
  public init(path: String, tables: [Table], mode: Mode = .writing) throws(StoreFailure) {
    do {
      switch mode {
      case .writing:
        lock = Mutex(try FileLock(path: path + ".lock", of: path))
        waiting = Mutex(WaitingList(closed: nil))
      case .reading:
        lock = Mutex(nil)
        waiting = Mutex(WaitingList(closed: .unavailable("\(path) is open for reading only")))
      }
      pool = try DatabasePool(path: path, configuration: Self.configuration(mode))
      writer = OnWritersQueue(nil)
      try pool.writeWithoutTransaction { [writer] database in
        switch mode {
        case .writing:
          try Self.configureWriter(database)
          try database.makeTables(tables)
          try database.checkTables(tables, path: path)
          writer.value = try CommitWriter(on: database, tables: tables)
        case .reading:
          try database.checkTables(tables, path: path)
        }
      }
    } catch {
      throw StoreFailure(error)
    }
  }

  private static func configuration(_ mode: Mode) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = mode == .reading
    configuration.maximumReaderCount = 4
    // The writer has the file for itself, but recovery and checkpoints lock it for moments.
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { database in
      // KiB. A house of nine contexts has nine writers and up to 36 readers.
      let cache = database.configuration.readonly ? 4_000 : 16_000
      try database.execute(sql: "PRAGMA cache_size = -\(cache); PRAGMA temp_store = MEMORY")
    }
    return configuration
  }

  /// After the pool is open, because opening in WAL mode sets `synchronous` to NORMAL.
  private static func configureWriter(_ database: Database) throws {
    // A page that changes often is then copied into the file once per 16 MB of log, not once per 4 MB.
    try database.execute(
      sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864")
  }

  public func commit(_ commit: Commit) async throws(StoreFailure) {
    let outcome = await withCheckedContinuation { answer in
      switch waiting.withLock({ $0.admit(WaitingList.Entry(commit: commit, answer: answer)) }) {
      case .first: pool.asyncWriteWithoutTransaction { [self] database in drain(on: database) }
      case .joined: break
      case .refused(let failure): answer.resume(returning: .failure(failure))
      }
    }
    try located(outcome)
  }

  public func restore(_ excerpt: Excerpt) async throws(StoreFailure) {
    let outcome = await withCheckedContinuation { answer in
      pool.asyncWriteWithoutTransaction { [writer] database in
        let outcome = Result { () throws(StoreFailure) in
          guard writer.value != nil else { throw .unavailable("the store is closed or only read") }
          try writer.value?.restore(excerpt, on: database)
        }
        answer.resume(returning: outcome)
      }
    }
    try located(outcome)
  }

  /// SQLite does not say which of its files it means.
  private func located(_ outcome: Result<Void, StoreFailure>) throws(StoreFailure) {
    do {
      try outcome.get()
    } catch .full {
      throw .full(pool.path)
    }
  }

  /// On the writer's queue: writes until nothing waits.
  private func drain(on database: Database) {
    while let group = waiting.withLock({ $0.nextGroup() }) {
      let commits = group.map(\.commit)
      let outcomes =
        writer.value?.write(commits, on: database) ?? commits.map { _ in .failure(.unavailable("the store is closed")) }
      for (entry, outcome) in zip(group, outcomes) { entry.answer.resume(returning: outcome) }
    }
  }

  /// Sets the size above which the file does not grow: what does not fit is refused with `.full`, while the disk still
  /// has room for everything else. Never less than the file has now.
  public func setQuota(bytes: Int64) async throws(StoreFailure) {
    do {
      try await pool.writeWithoutTransaction { database in
        let page = try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 4_096
        try database.execute(sql: "PRAGMA max_page_count = \(max(1, bytes / page))")
      }
    } catch {
      throw StoreFailure(error)
    }
  }

  public func close() async {
    waiting.withLock { $0.close(because: .unavailable("the store is closed")) }
    // Behind every group that was admitted, because the queue is in order.
    await withCheckedContinuation { continuation in
      pool.asyncWriteWithoutTransaction { [writer] database in
        // Only saves the next opening the recovery; the log is as good as the file.
        if writer.value != nil { _ = try? database.checkpoint(.truncate) }
        writer.value = nil
        continuation.resume()
      }
    }
    try? pool.close()
    lock.withLock { $0 = nil }
  }
}

extension Database {
  /// Makes all tables where the file is new, in one transaction.
  fileprivate func makeTables(_ tables: [Table]) throws {
    guard try Int.fetchOne(self, sql: "SELECT count(*) FROM sqlite_schema") == 0 else { return }
    try inTransaction(.immediate) {
      for statement in Schema.engine { try execute(sql: statement) }
      for statement in tables.flatMap(\.definition) { try execute(sql: statement) }
      for (name, value) in Self.description(of: tables) {
        try execute(sql: "INSERT INTO meta (name, value) VALUES (?, ?)", arguments: [name, value])
      }
      return .commit
    }
  }

  /// Refuses a file that was made for something else.
  fileprivate func checkTables(_ tables: [Table], path: String) throws {
    guard try tableExists("meta") else { throw StoreFailure.corrupt("\(path) is no store of Premia") }
    var stored: [String: String] = [:]
    let meta = try Prepared(makeStatement(sql: "SELECT name, value FROM meta"))
    for (name, value) in try meta.all({ ($0.text(0), $0.text(1)) }) { stored[name] = value }
    let expected = Self.description(of: tables)
    let different = Set(stored.keys).union(expected.keys).filter { stored[$0] != expected[$0] }.sorted()
    guard different.isEmpty else {
      throw StoreFailure.corrupt(
        """
        \(path) was made for another shape of: \(different.joined(separator: ", ")). Open it with the release that \
        made it, or move it away and load its data again into a new file.
        """)
    }
  }

  private static func description(of tables: [Table]) -> [String: String] {
    var description = ["engine version": String(Schema.version)]
    for table in tables { description["table \(table.name)"] = table.definition.joined(separator: ";\n") }
    return description
  }
}
