// Where a context's schema is, and how patient its store is.

/// What a store needs to know to work on PostgreSQL.
public struct PostgresSettings: Sendable {
  /// In libpq's words: `host=db-1,db-2 dbname=premia user=premia sslmode=verify-full sslrootcert=…`, or a
  /// `postgresql://` URI. Several hosts are tried in turn until one takes writes, so that a promoted standby is found.
  ///
  /// A password is better kept in a `passfile`.
  public var connection: String
  /// Goes before what the connection says. For anything but a Unix socket or loopback it should be `verify-full`;
  /// libpq's own default would also talk to an impostor.
  public var sslmode: SSLMode?
  /// One per context, such as "billing": lower-case letters, digits and `_`, at most 63.
  public var schema: String
  /// Most connections of this store, opened as they are needed.
  public var connections = 8
  /// Hash partitions of each large table. Counts when the schema is made and never again.
  public var partitions = 16
  /// A statement that takes longer is given up.
  public var statementTimeout = Duration.seconds(30)
  /// A statement that waits longer for a row that somebody else changes is given up.
  public var lockTimeout = Duration.seconds(5)
  /// The server rolls back a transaction whose client is silent for longer, so that it holds up nobody's log.
  public var idleInTransactionTimeout = Duration.seconds(10)
  /// How long a reader of the log waits for older transactions to end before it answers without what is behind them.
  public var patience = Duration.seconds(1)

  /// libpq's ways to protect the line, each stricter than the one before.
  public enum SSLMode: String, Sendable, CaseIterable {
    case disable, allow, prefer, require
    case verifyCA = "verify-ca"
    case verifyFull = "verify-full"
  }

  /// Whether a schema may have this name.
  public static func isName(ofSchema name: String) -> Bool {
    (1...63).contains(name.utf8.count)
      && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
  }

  public init(connection: String, schema: String) {
    self.connection = connection
    self.schema = schema
  }
}
