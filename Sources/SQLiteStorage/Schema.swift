// The tables of one context's file. The schema keeps the invariants; code above it may be wrong.

import Runtime

enum Schema {
  /// Rises with every change of the engine's own tables.
  static let version: Int64 = 2

  /// The engine's own tables, for every context the same.
  static let engine = [
    """
    -- What this file is: the version of the engine's tables and the read tables it was made for.
    CREATE TABLE meta (
      name TEXT NOT NULL PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    -- History, only ever appended to. `previous` is the position of the same stream's event before (0: none), so that
    -- a stream's history is a chain from streams.last_event backwards and needs no index: an append touches one page
    -- at the end of one b-tree however long the history is.
    CREATE TABLE events (
      position INTEGER NOT NULL PRIMARY KEY,
      stream TEXT NOT NULL,
      version INTEGER NOT NULL CHECK (version > 0),
      previous INTEGER NOT NULL CHECK (previous < position),
      name TEXT NOT NULL,
      data BLOB NOT NULL,
      at INTEGER NOT NULL,
      correlation TEXT NOT NULL,
      causation TEXT NOT NULL,
      actor TEXT NOT NULL,
      lineage TEXT NOT NULL
    ) STRICT
    """,
    """
    -- Where each stream stands. With row numbers, because a state may be long: in a table WITHOUT ROWID all beyond
    -- about 1,000 bytes spills into a page of its own (1,200 bytes: a third of the file and twice the speed this way).
    CREATE TABLE streams (
      stream TEXT NOT NULL PRIMARY KEY,
      kind TEXT NOT NULL,
      version INTEGER NOT NULL CHECK (version >= 0),
      last_event INTEGER NOT NULL,
      due INTEGER,
      state BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX streams_due ON streams (kind, due, stream) WHERE due IS NOT NULL",
    """
    -- What others are told, in order. Nothing is ever deleted, so that a new row number is the highest plus one and
    -- AUTOINCREMENT would only cost a write. `id` follows from (stream, version, ordinal) and is unique with them.
    CREATE TABLE outbox (
      position INTEGER NOT NULL PRIMARY KEY,
      id TEXT NOT NULL,
      subject TEXT NOT NULL,
      about TEXT NOT NULL,
      envelope BLOB NOT NULL
    ) STRICT
    """,
    """
    -- In slices of 262,144 positions, each about as large as the writer's cache: what is said of a policy now lands
    -- beside what was said of others lately, and not beside what was said of it ten years ago.
    CREATE INDEX outbox_about ON outbox (position >> 18, about) WHERE about <> ''
    """,
    """
    -- Messages that have taken effect.
    CREATE TABLE inbox (
      source TEXT NOT NULL,
      message_id TEXT NOT NULL,
      PRIMARY KEY (source, message_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    -- First answers, by the key under which a caller may ask again.
    CREATE TABLE answers (
      key TEXT NOT NULL PRIMARY KEY,
      input_hash BLOB NOT NULL,
      answer BLOB NOT NULL
    ) STRICT
    """,
    """
    -- Named places reached in feeds, files and bulk runs.
    CREATE TABLE cursors (
      name TEXT NOT NULL PRIMARY KEY,
      place INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    -- Messages set aside, with everything behind them for the same subject.
    CREATE TABLE dead_letters (
      source TEXT NOT NULL,
      position INTEGER NOT NULL,
      message_id TEXT NOT NULL,
      subject TEXT NOT NULL,
      envelope BLOB NOT NULL,
      reason TEXT NOT NULL,
      attempts INTEGER NOT NULL CHECK (attempts >= 0),
      at INTEGER NOT NULL,
      PRIMARY KEY (source, message_id)
    ) STRICT
    """,
  ]

  /// The names that a read table cannot have.
  static let taken: Set<String> = [
    "meta", "events", "streams", "outbox", "inbox", "answers", "cursors", "dead_letters",
  ]
}

extension Table {
  /// The statements that make the table; also its fingerprint, so that a file made for another shape is known.
  var definition: [String] {
    precondition(!Schema.taken.contains(name), "\(name) is the name of a table of the engine")
    var lines = columns.map { column in
      "  \(quoted(column.name)) \(column.kind == .integer ? "INTEGER" : "TEXT")\(column.nullable ? "" : " NOT NULL")"
    }
    for check in checks {
      // The name of a constraint is all that SQLite says when it is broken.
      switch check {
      case .nonNegative(let column):
        lines.append("  CONSTRAINT \(quoted("\(name): \(column) is not negative")) CHECK (\(quoted(column)) >= 0)")
      case .oneOf(let column, let allowed):
        let words = quoted("\(name): \(column) is one of \(allowed.joined(separator: ", "))")
        let list = allowed.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
        lines.append("  CONSTRAINT \(words) CHECK (\(quoted(column)) IN (\(list)))")
      }
    }
    lines.append("  PRIMARY KEY (\(keyColumns))")
    let table = "CREATE TABLE \(quoted(name)) (\n\(lines.joined(separator: ",\n"))\n) STRICT, WITHOUT ROWID"
    return [table]
      + indexes.map { index in
        let label = "\(name)_\(index.columns.joined(separator: "_"))"
        let on = "\(quoted(name)) (\(index.layout.map(quoted).joined(separator: ", ")))"
        return "CREATE \(index.unique ? "UNIQUE " : "")INDEX \(quoted(label)) ON \(on)"
      }
  }

  /// The key's columns, quoted.
  var keyColumns: String { key.map { quoted(columns[$0].name) }.joined(separator: ", ") }
}

extension Table {
  /// A failure in the words of the declaration; SQLite names the columns of an index as they are laid out.
  func asDeclared(_ failure: StoreFailure) -> StoreFailure {
    func words(_ columns: [String]) -> StoreFailure {
      .constraint("\(name): unique (\(columns.joined(separator: ", ")))")
    }
    return indexes.first { words($0.layout) == failure }.map { words($0.columns) } ?? failure
  }
}

extension Table.Index {
  /// The columns as the index has them.
  var layout: [String] { (batchedBy.map { [$0] } ?? []) + columns.filter { $0 != batchedBy } }
}

/// A name as SQL writes it.
func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
