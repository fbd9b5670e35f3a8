// The tables of one context's schema. The schema keeps the invariants; code above it may be wrong.

import Runtime

enum Schema {
  /// What `refuse()` raises: the statement found that what it expected is not so.
  static let refused = "PR001"

  /// The engine's own tables, for every context the same: one step after another, forward only. A step that was
  /// released never changes; what changes is a new step.
  static func migrations(partitions: Int) -> [Migration] {
    let tables =
      [functions, sequence, events, streams, outbox, inbox, answers, leases, cursors, deadLetters, publish]
      + ["events", "streams", "outbox", "inbox", "answers", "leases"].flatMap { Schema.partitions(of: $0, partitions) }
    return [Migration(name: "001 engine", statements: tables)]
  }

  /// The names that a read table cannot have.
  static let taken: Set<String> = [
    "migrations", "events", "streams", "outbox", "inbox", "answers", "leases", "cursors", "dead_letters",
  ]

  static func partitions(of table: String, _ count: Int) -> [String] {
    (0..<count).map { number in
      """
      CREATE TABLE \(quoted("\(table)_\(number)")) PARTITION OF \(quoted(table))
      FOR VALUES WITH (MODULUS \(count), REMAINDER \(number))
      """
    }
  }

  /// Ends a transaction from within a statement, so that a whole commit is one round trip.
  private static let functions = """
    CREATE FUNCTION refuse() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'refused' USING ERRCODE = '\(refused)';
    END $$
    """

  private static let sequence = "CREATE SEQUENCE outbox_position AS bigint NO CYCLE"

  private static let events = """
    -- History, only ever appended to.
    CREATE TABLE events (
      stream text COLLATE "C" NOT NULL,
      version bigint NOT NULL CHECK (version > 0),
      name text COLLATE "C" NOT NULL,
      data bytea NOT NULL,
      at bigint NOT NULL,
      correlation text COLLATE "C" NOT NULL,
      causation text COLLATE "C" NOT NULL,
      actor text COLLATE "C" NOT NULL,
      lineage text COLLATE "C" NOT NULL,
      PRIMARY KEY (stream, version)
    ) PARTITION BY HASH (stream)
    """

  private static let streams = """
    -- Where each stream stands.
    CREATE TABLE streams (
      stream text COLLATE "C" NOT NULL PRIMARY KEY,
      kind text COLLATE "C" NOT NULL,
      version bigint NOT NULL CHECK (version >= 0),
      due bigint,
      state bytea NOT NULL
    ) PARTITION BY HASH (stream);
    -- By time first: the earliest of all kinds is one step away, and a context has few kinds.
    CREATE INDEX streams_due ON streams (due, kind, stream) WHERE due IS NOT NULL
    """

  private static let outbox = """
    -- What others are told. `xid` is the transaction that wrote it: see publish().
    CREATE TABLE outbox (
      position bigint NOT NULL CHECK (position > 0),
      xid xid8 NOT NULL,
      id text COLLATE "C" NOT NULL,
      subject text COLLATE "C" NOT NULL,
      about text COLLATE "C" NOT NULL,
      envelope bytea NOT NULL,
      PRIMARY KEY (position, subject)
    ) PARTITION BY HASH (subject);
    CREATE INDEX outbox_about ON outbox (about, position) WHERE about <> ''
    """

  private static let inbox = """
    -- Messages that have taken effect.
    CREATE TABLE inbox (
      source text COLLATE "C" NOT NULL,
      message_id text COLLATE "C" NOT NULL,
      PRIMARY KEY (message_id, source)
    ) PARTITION BY HASH (message_id)
    """

  private static let answers = """
    -- First answers, by the key under which a caller may ask again.
    CREATE TABLE answers (
      key text COLLATE "C" NOT NULL PRIMARY KEY,
      input_hash bytea NOT NULL,
      answer bytea NOT NULL
    ) PARTITION BY HASH (key)
    """

  private static let leases = """
    -- Who works on which stream. By the server's clock, so that the copies need not agree about the time.
    CREATE TABLE leases (
      stream text COLLATE "C" NOT NULL PRIMARY KEY,
      holder text COLLATE "C" NOT NULL,
      until timestamptz NOT NULL
    ) PARTITION BY HASH (stream);
    CREATE INDEX leases_holder ON leases (holder)
    """

  private static let cursors = """
    -- Named places reached in feeds, files and bulk runs. A handful of rows: not partitioned.
    CREATE TABLE cursors (
      name text COLLATE "C" NOT NULL PRIMARY KEY,
      place bigint NOT NULL
    )
    """

  private static let deadLetters = """
    -- Messages set aside, with everything behind them for the same subject. Few, or somebody is called.
    CREATE TABLE dead_letters (
      source text COLLATE "C" NOT NULL,
      position bigint NOT NULL,
      message_id text COLLATE "C" NOT NULL,
      subject text COLLATE "C" NOT NULL,
      envelope bytea NOT NULL,
      reason text COLLATE "C" NOT NULL,
      attempts bigint NOT NULL CHECK (attempts >= 0),
      at bigint NOT NULL,
      PRIMARY KEY (source, message_id)
    )
    """

  private static let publish = """
    -- Draws the transaction's number and its positions in one step that nobody else is in the middle of, so that
    -- positions rise as transaction numbers do. A reader then takes rows in the order of positions up to the oldest
    -- transaction that is still open, and has passed by nothing. The lock is of the session, for the length of the
    -- step: held to the end of the transaction, it would make all publishers wait for each other's disk.
    CREATE FUNCTION publish(ids text[], subjects text[], abouts text[], envelopes bytea[]) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
      log bigint := 'outbox_position'::regclass::oid::bigint;
      writer xid8;
      first bigint;
    BEGIN
      IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'publish() comes first in a transaction: it has written before';
      END IF;
      PERFORM pg_advisory_lock(log);
      writer := pg_current_xact_id();
      SELECT min(nextval('outbox_position')) INTO first FROM generate_series(1, cardinality(ids));
      PERFORM pg_advisory_unlock(log);
      INSERT INTO outbox (position, xid, id, subject, about, envelope)
      SELECT first + number - 1, writer, id, subject, about, envelope
      FROM unnest(ids, subjects, abouts, envelopes) WITH ORDINALITY AS one (id, subject, about, envelope, number);
    END $$
    """
}

// MARK: - Read tables

extension Table {
  /// The column that a table is split by: the first of its key that every unique index has too, because a unique index
  /// of PostgreSQL reaches over one partition only. Nil where there is none; then the table is not split.
  var partitionColumn: String? {
    key.map { columns[$0].name }.first { column in
      indexes.allSatisfy { !$0.unique || $0.columns.contains(column) }
    }
  }

  /// The step that makes the table.
  func migration(partitions: Int) -> Migration {
    precondition(!Schema.taken.contains(name), "\(name) is the name of a table of the engine")
    var lines = columns.map { column in
      let type = column.kind == .integer ? "bigint" : "text COLLATE \"C\""
      return "  \(quoted(column.name)) \(type)\(column.nullable ? "" : " NOT NULL")"
    }
    for (number, check) in checks.enumerated() {
      lines.append("  CONSTRAINT \(quoted(Self.name(ofCheck: number))) CHECK (\(condition(of: check)))")
    }
    lines.append("  PRIMARY KEY (\(keyColumns))")
    let split = partitionColumn.map { " PARTITION BY HASH (\(quoted($0)))" } ?? ""
    var statements = ["CREATE TABLE \(quoted(name)) (\n\(lines.joined(separator: ",\n"))\n)\(split)"]
    if partitionColumn != nil { statements += Schema.partitions(of: name, partitions) }
    for index in indexes {
      // Behind the columns the key, by which pages go on: SQLite has it there by itself.
      let rest = index.unique ? [] : key.map { columns[$0].name }.filter { !index.columns.contains($0) }
      let on = "\(quoted(name)) (\((index.columns + rest).map(quoted).joined(separator: ", ")))"
      statements.append("CREATE \(index.unique ? "UNIQUE " : "")INDEX ON \(on)")
    }
    return Migration(name: "table \(name)", statements: statements)
  }

  private func condition(of check: Check) -> String {
    switch check {
    case .nonNegative(let column): return "\(quoted(column)) >= 0"
    case .oneOf(let column, let allowed):
      let list = allowed.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
      return "\(quoted(column)) IN (\(list))"
    }
  }

  /// A name in PostgreSQL has 63 bytes, too few for the words.
  private static func name(ofCheck number: Int) -> String { "check_\(number)" }

  /// What is said when a constraint of this name is violated.
  func words(ofCheck constraint: String) -> String {
    guard let number = checks.indices.first(where: { Self.name(ofCheck: $0) == constraint }) else {
      return "\(name): \(constraint)"
    }
    switch checks[number] {
    case .nonNegative(let column): return "\(name): \(column) is not negative"
    case .oneOf(let column, let allowed): return "\(name): \(column) is one of \(allowed.joined(separator: ", "))"
    }
  }

  /// The key's columns, quoted.
  var keyColumns: String { key.map { quoted(columns[$0].name) }.joined(separator: ", ") }
}

/// A name as SQL writes it.
func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
