// Executes commits. It decides nothing: a commit says what is written, the schema says what is refused.

import class GRDB.Database
import Kernel
import Runtime

/// The writer's connection, with its statements. Lives on that connection's queue.
struct CommitWriter {
  private var statements: WriteStatements

  init(on database: Database, tables: [Table]) throws {
    statements = try WriteStatements(on: database, tables: tables)
  }

  /// Writes a group in one transaction, durable when this returns. A commit that fails by itself leaves the others
  /// alone; a failure of the transaction is a failure of all of them.
  mutating func write(_ group: [Commit], on database: Database) -> [Result<Void, StoreFailure>] {
    do throws(StoreFailure) {
      try statements.begin.run()
      var outcomes: [Result<Void, StoreFailure>] = []
      for commit in group {
        outcomes.append(
          group.count == 1 ? .success(try execute(commit, on: database)) : try executeInSavepoint(commit, on: database))
      }
      try statements.commit.run()
      return outcomes
    } catch {
      if statements.begin.isInsideTransaction { _ = try? statements.rollback.run() }
      return group.map { _ in .failure(error) }
    }
  }

  /// Writes an excerpt of another store in one transaction, durable when this returns.
  mutating func restore(_ excerpt: Excerpt, on database: Database) throws(StoreFailure) {
    do throws(StoreFailure) {
      try statements.begin.run()
      for mark in excerpt.marks { try take(mark) }
      for answer in excerpt.answers { try keep(answer) }
      for (position, record) in excerpt.publications {
        try statements.restorePublication.bind(5, position)
        try publish(record, with: statements.restorePublication)
      }
      try execute(excerpt.commit, on: database)
      try statements.commit.run()
    } catch {
      if statements.begin.isInsideTransaction { _ = try? statements.rollback.run() }
      throw error
    }
  }

  /// - Returns: what became of this commit.
  /// - Throws: what ends the whole transaction.
  private mutating func executeInSavepoint(
    _ commit: Commit, on database: Database
  ) throws(StoreFailure) -> Result<Void, StoreFailure> {
    try statements.savepoint.run()
    do throws(StoreFailure) {
      try execute(commit, on: database)
    } catch {
      switch error {
      case .full, .unavailable, .corrupt: throw error
      case .conflict, .answered, .taken, .moved, .constraint: break
      }
      try statements.rollbackToSavepoint.run()
      try statements.release.run()
      return .failure(error)
    }
    try statements.release.run()
    return .success(())
  }

  private mutating func execute(_ commit: Commit, on database: Database) throws(StoreFailure) {
    if let mark = commit.taken { try take(mark) }
    if let answer = commit.answer { try keep(answer) }
    for write in commit.writes { try append(write) }
    for change in commit.rows { try apply(change, on: database) }
    for record in commit.outbox { try publish(record, with: statements.insertPublication) }
    for (name, move) in commit.cursors {
      try statements.moveCursor.bind(1, name)
      try statements.moveCursor.bind(2, move.from)
      try statements.moveCursor.bind(3, move.to)
      guard try statements.moveCursor.run() == 1 else { throw .moved(name) }
    }
    for letter in commit.deadLetters { try setAside(letter) }
    for mark in commit.revived {
      try statements.revive.bind(1, mark.source)
      try statements.revive.bind(2, mark.messageID)
      try statements.revive.run()
    }
  }
}

// MARK: - The engine's own tables

extension CommitWriter {
  private func take(_ mark: InboxMark) throws(StoreFailure) {
    let insert = statements.insertMark
    try insert.bind(1, mark.source)
    try insert.bind(2, mark.messageID)
    guard try insert.run() == 1 else { throw .taken(mark) }
  }

  private func keep(_ answer: StoredAnswer) throws(StoreFailure) {
    let insert = statements.insertAnswer
    try insert.bind(1, answer.key)
    try insert.bind(2, answer.inputHash)
    try insert.bind(3, answer.answer)
    guard try insert.run() == 0 else { return }
    try statements.answer.bind(1, answer.key)
    throw .answered(try statements.answer.first(StoredAnswer.init(row:)) ?? answer)
  }

  private func append(_ write: StreamWrite) throws(StoreFailure) {
    let name = write.stream.rawValue
    var last: Int64 = 0
    if write.expectedVersion > 0 {
      try statements.lastEvent.bind(1, name)
      try statements.lastEvent.bind(2, write.expectedVersion)
      guard let found = try statements.lastEvent.first({ $0.integer(0) }) else { throw .conflict(write.stream) }
      last = found
    }
    for event in write.events { last = try append(event, to: name, behind: last) }
    let version = write.expectedVersion + Int64(write.events.count)
    let changed: Int
    if write.expectedVersion > 0 {
      let update = statements.updateStream
      try update.bind(1, name)
      try update.bind(2, write.expectedVersion)
      try update.bind(3, version)
      try update.bind(4, last)
      try update.bind(5, write.due)
      try update.bind(6, write.state)
      changed = try update.run()
    } else {
      let insert = statements.insertStream
      try insert.bind(1, name)
      try insert.bind(2, write.kind)
      try insert.bind(3, version)
      try insert.bind(4, last)
      try insert.bind(5, write.due)
      try insert.bind(6, write.state)
      changed = try insert.run()
    }
    guard changed == 1 else { throw .conflict(write.stream) }
  }

  /// - Returns: the position of the event.
  private func append(
    _ event: EventRecord, to stream: String, behind previous: Int64
  ) throws(StoreFailure) -> Int64 {
    let insert = statements.insertEvent
    try insert.bind(1, stream)
    try insert.bind(2, event.version)
    try insert.bind(3, previous)
    try insert.bind(4, event.name)
    try insert.bind(5, event.data)
    try insert.bind(6, event.at.microseconds)
    try insert.bind(7, event.act.correlation)
    try insert.bind(8, event.act.causation)
    try insert.bind(9, event.act.actor)
    try insert.bind(10, event.act.lineage)
    try insert.run()
    return insert.lastInserted
  }

  private func publish(_ record: OutboxRecord, with insert: Prepared) throws(StoreFailure) {
    try insert.bind(1, record.id)
    try insert.bind(2, record.subject)
    try insert.bind(3, record.about)
    try insert.bind(4, record.envelope)
    try insert.run()
  }

  private func setAside(_ letter: DeadLetterRecord) throws(StoreFailure) {
    let insert = statements.setAside
    try insert.bind(1, letter.source)
    try insert.bind(2, letter.position)
    try insert.bind(3, letter.messageID)
    try insert.bind(4, letter.subject)
    try insert.bind(5, letter.envelope)
    try insert.bind(6, letter.reason)
    try insert.bind(7, Int64(letter.attempts))
    try insert.bind(8, letter.at.microseconds)
    try insert.run()
  }
}

// MARK: - Read tables

extension CommitWriter {
  private mutating func apply(_ change: RowChange, on database: Database) throws(StoreFailure) {
    switch change {
    case .put(let table, let values):
      precondition(values.count == table.columns.count, "\(table.name) has \(table.columns.count) columns")
      let put = statements(of: table).put
      var position: Int32 = 0
      for value in values {
        try table.check(value, in: Int(position))
        position += 1
        try put.bind(position, value)
      }
      do throws(StoreFailure) { try put.run() } catch { throw table.asDeclared(error) }
    case .set(let table, let key, let columns):
      let set = try set(columns.map(\.column), in: table, on: database)
      var position: Int32 = 0
      for (column, value) in columns {
        try table.check(value, in: table.position(of: column))
        position += 1
        try set.bind(position, value)
      }
      try bind(key, behind: position, to: set)
      let changed: Int
      do throws(StoreFailure) { changed = try set.run() } catch { throw table.asDeclared(error) }
      guard changed == 1 else { throw .constraint("\(table.name): no row with the key \(key)") }
    case .delete(let table, let key):
      let delete = statements(of: table).delete
      try bind(key, behind: 0, to: delete)
      try delete.run()
    }
  }

  private func bind(_ key: [Value], behind position: Int32, to statement: Prepared) throws(StoreFailure) {
    var position = position
    for value in key {
      position += 1
      try statement.bind(position, value)
    }
  }

  private func statements(of table: Table) -> TableStatements {
    guard let statements = statements.tables[ObjectIdentifier(table)] else {
      preconditionFailure("the store was opened without the table \(table.name)")
    }
    return statements
  }

  private mutating func set(
    _ columns: [String], in table: Table, on database: Database
  ) throws(StoreFailure) -> Prepared {
    if let known = statements(of: table).sets.first(where: { $0.columns == columns }) { return known.statement }
    for column in columns {
      precondition(!table.key.contains(table.position(of: column)), "\(table.name).\(column) is of the key")
    }
    do {
      let statement = Prepared(try database.makeStatement(sql: SQL.set(columns, in: table)))
      statements.tables[ObjectIdentifier(table)]?.sets.append((columns, statement))
      return statement
    } catch {
      throw StoreFailure(error)
    }
  }
}
