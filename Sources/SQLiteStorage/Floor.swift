// The floors that measurements are held against: the same rows, the same schema and the same statements, driven by
// bare SQLite. What the store adds on top is what there is to save.

import class GRDB.Database
import class GRDB.DatabaseQueue
import Kernel
public import Runtime

/// Bare speeds of this machine, measured when asked for.
public enum Floor {
  /// What it took to write some rows.
  public struct Rate: Sendable {
    public let rows: Int
    public let duration: Duration

    public var rowsPerSecond: Double { Double(rows) / (duration / .seconds(1)) }
  }

  /// Writes the rows of commits with statements prepared once, bound and stepped, and nothing else: no look-ups, no
  /// checks of the outcome, no queue. Everything is laid out before the clock starts.
  ///
  /// - Parameters:
  ///   - path: of a store that the commits fit, which is spoilt by it, or of a file that does not exist.
  ///   - commitsPerTransaction: at least 1.
  /// - Throws: `StoreFailure`.
  public static func insertRate(
    of commits: [Commit], tables: [Table], at path: String, commitsPerTransaction: Int
  ) throws(StoreFailure) -> Rate {
    precondition(commitsPerTransaction > 0, "a transaction writes at least one commit")
    var script = Script()
    for (index, commit) in commits.enumerated() {
      if index % commitsPerTransaction == 0 { script.startTransaction() }
      script.append(commit)
    }
    return try run(script, tables: tables, at: path)
  }

  /// Writes commands one by one, each with an fsync of its own: what durability costs without group commit. A command
  /// is an event, its stream, a row of `outbox` and an answer.
  ///
  /// - Parameter path: of a file that does not exist.
  /// - Returns: commands per second.
  /// - Throws: `StoreFailure`.
  public static func fsyncPerCommand(path: String, commands: Int) throws(StoreFailure) -> Double {
    var script = Script()
    for number in 0..<commands {
      script.startTransaction()
      script.append(.command(number))
    }
    return Double(commands) / (try run(script, tables: [], at: path).duration / .seconds(1))
  }

  private static func run(_ script: Script, tables: [Table], at path: String) throws(StoreFailure) -> Rate {
    do {
      let queue = try DatabaseQueue(path: path)
      defer { try? queue.close() }
      return try queue.writeWithoutTransaction { database in
        try database.execute(
          sql: """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;
            PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000
            """)
        if try database.tableExists("events") == false {
          for statement in Schema.engine + tables.flatMap(\.definition) { try database.execute(sql: statement) }
        }
        return try script.run(on: database)
      }
    } catch {
      throw StoreFailure(error)
    }
  }
}

extension Commit {
  /// What a command of ordinary size writes.
  fileprivate static func command(_ number: Int) -> Commit {
    let name = "acc_01h455vb4pex5vsknk084s\(number)"
    let act = Act(correlation: "cor_01h455vb4pex5vsknk084s\(number)", causation: "api", actor: "member")
    let at = Instant(microseconds: 1_800_000_000_000_000 + Int64(number))
    let event = EventRecord(
      version: 1, name: "invoiceIssued", data: Array(repeating: UInt8(ascii: "e"), count: 200), at: at, act: act)
    var commit = Commit()
    commit.writes = [
      StreamWrite(
        stream: StreamID(name), kind: "account", expectedVersion: 0, events: [event],
        state: Array(repeating: UInt8(ascii: "s"), count: 400), due: at)
    ]
    commit.outbox = [
      OutboxRecord(id: "evt_\(number)", subject: name, about: name, envelope: Array(repeating: 1, count: 300))
    ]
    commit.answer = StoredAnswer(key: "key \(number)", inputHash: Array(repeating: 2, count: 32), answer: [3])
    return commit
  }
}

// MARK: - Commits as steps

/// Statements and their values in the order in which they run, all bytes in one place.
private struct Script {
  enum Argument {
    case value(Value)
    case bytes([UInt8])

    static func text(_ text: String) -> Argument { .value(.text(text)) }
    static func integer(_ number: Int64) -> Argument { .value(.integer(number)) }
    static func due(_ instant: Instant?) -> Argument { .value(Value(instant?.microseconds)) }
  }

  /// An argument as SQLite takes it, its bytes a part of `bytes`.
  private enum Laid {
    case null
    case integer(Int64)
    case text(Range<Int>)
    case blob(Range<Int>)
  }

  private struct Step {
    let statement: Int
    /// A part of `laid`.
    let arguments: Range<Int>
  }

  private var steps: [Step] = []
  private var laid: [Laid] = []
  private var bytes: [UInt8] = []
  private var transactions: [Int] = []
  private var statements: [String] = []
  private var numbers: [String: Int] = [:]
  private var lastEvents: [StreamID: Int64] = [:]
  private var eventCount: Int64 = 0

  mutating func startTransaction() { transactions.append(steps.count) }

  mutating func append(_ commit: Commit) {
    if let mark = commit.taken { add(SQL.insertMark, .text(mark.source), .text(mark.messageID)) }
    if let answer = commit.answer {
      add(SQL.insertAnswer, .text(answer.key), .bytes(answer.inputHash), .bytes(answer.answer))
    }
    for write in commit.writes { append(write) }
    for change in commit.rows { append(change) }
    for record in commit.outbox {
      add(
        SQL.insertPublication, .text(record.id), .text(record.subject), .text(record.about), .bytes(record.envelope))
    }
    for (name, move) in commit.cursors {
      add(SQL.moveCursor, .text(name), .integer(move.from), .integer(move.to))
    }
  }

  private mutating func append(_ write: StreamWrite) {
    let name = write.stream.rawValue
    for event in write.events {
      eventCount += 1
      add(
        SQL.insertEvent, .text(name), .integer(event.version), .integer(lastEvents[write.stream, default: 0]),
        .text(event.name), .bytes(event.data), .integer(event.at.microseconds), .text(event.act.correlation),
        .text(event.act.causation), .text(event.act.actor), .text(event.act.lineage))
      lastEvents[write.stream] = eventCount
    }
    let version = write.expectedVersion + Int64(write.events.count)
    let last = lastEvents[write.stream, default: 0]
    if write.expectedVersion > 0 {
      add(
        SQL.updateStream, .text(name), .integer(write.expectedVersion), .integer(version), .integer(last),
        .due(write.due), .bytes(write.state))
    } else {
      add(
        SQL.insertStream, .text(name), .text(write.kind), .integer(version), .integer(last), .due(write.due),
        .bytes(write.state))
    }
  }

  private mutating func append(_ change: RowChange) {
    switch change {
    case .put(let table, let values):
      add(SQL.put(table), values.map(Argument.value))
    case .set(let table, let key, let columns):
      add(SQL.set(columns.map(\.column), in: table), (columns.map(\.value) + key).map(Argument.value))
    case .delete(let table, let key):
      add(SQL.delete(table), key.map(Argument.value))
    }
  }

  private mutating func add(_ sql: String, _ arguments: Argument...) { add(sql, arguments) }

  private mutating func add(_ sql: String, _ arguments: [Argument]) {
    let number = numbers[sql] ?? statements.count
    if number == statements.count {
      statements.append(sql)
      numbers[sql] = number
    }
    let start = laid.count
    for argument in arguments {
      switch argument {
      case .value(.null): laid.append(.null)
      case .value(.integer(let number)): laid.append(.integer(number))
      case .value(.text(let text)): laid.append(.text(lay(text.utf8)))
      case .bytes(let bytes): laid.append(.blob(lay(bytes)))
      }
    }
    steps.append(Step(statement: number, arguments: start..<laid.count))
  }

  private mutating func lay(_ more: some Sequence<UInt8>) -> Range<Int> {
    let start = bytes.count
    bytes += more
    return start..<bytes.count
  }

  func run(on database: Database) throws -> Floor.Rate {
    let prepared = try statements.map { Prepared(try database.makeStatement(sql: $0)) }
    let begin = Prepared(try database.makeStatement(sql: SQL.begin))
    let commit = Prepared(try database.makeStatement(sql: SQL.commit))
    let duration = try bytes.withUnsafeBytes { bytes in
      try ContinuousClock().measure {
        for (start, end) in zip(transactions, transactions.dropFirst() + [steps.count]) {
          try begin.run()
          for step in steps[start..<end] { try run(step, prepared[step.statement], bytes) }
          try commit.run()
        }
      }
    }
    return Floor.Rate(rows: steps.count, duration: duration)
  }

  private func run(_ step: Step, _ statement: Prepared, _ bytes: UnsafeRawBufferPointer) throws(StoreFailure) {
    var position: Int32 = 0
    for argument in laid[step.arguments] {
      position += 1
      switch argument {
      case .null: try statement.bind(position, .null)
      case .integer(let number): try statement.bind(position, number)
      case .text(let range): try statement.bind(position, textInPlace: UnsafeRawBufferPointer(rebasing: bytes[range]))
      case .blob(let range): try statement.bind(position, blobInPlace: UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    }
    try statement.run()
  }
}
