// Read tables as values: what a context shows of itself, derived from its events. Every store makes its own tables
// from these descriptions and keeps the same constraints.

/// One value of a read row. Amounts are integers of cents, dates are ISO text, instants are integer microseconds.
public enum Value: Hashable, Sendable {
  case null
  case integer(Int64)
  case text(String)

  public init(_ text: String?) { self = text.map(Value.text) ?? .null }
  public init(_ integer: Int64?) { self = integer.map(Value.integer) ?? .null }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension Value: Comparable {
  /// NULL before integers before text, as SQLite orders them.
  public static func < (lhs: Value, rhs: Value) -> Bool {
    switch (lhs, rhs) {
    case (.null, .null): false
    case (.null, _): true
    case (_, .null): false
    case (.integer(let a), .integer(let b)): a < b
    case (.integer, .text): true
    case (.text, .integer): false
    case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
    }
  }
}

public struct Column: Hashable, Sendable {
  public enum Kind: Hashable, Sendable { case integer, text }

  public let name: String
  public let kind: Kind
  public let nullable: Bool

  public static func integer(_ name: String, nullable: Bool = false) -> Column {
    Column(name: name, kind: .integer, nullable: nullable)
  }
  public static func text(_ name: String, nullable: Bool = false) -> Column {
    Column(name: name, kind: .text, nullable: nullable)
  }
}

/// The description of one read table. A reference, so that a row change names its table at no cost.
public final class Table: Sendable {
  /// A constraint that every store keeps.
  public enum Check: Hashable, Sendable {
    case nonNegative(String)
    case oneOf(String, [String])
  }

  public struct Index: Hashable, Sendable {
    public let columns: [String]
    public let unique: Bool
    /// The one of the columns that rows which are written together have in common, such as the month of a billing run.
    /// A store to which a row costs the page that it lands on lays the index out by it, so that a run writes at one
    /// place however old the book is; it finds rows by the other columns all the same. It is never NULL.
    public let batchedBy: String?

    /// Rows with the same values of all columns are found in the order of the key, page by page.
    public static func on(_ columns: String...) -> Index { Index(columns: columns, unique: false, batchedBy: nil) }
    public static func unique(_ columns: String..., batchedBy: String? = nil) -> Index {
      Index(columns: columns, unique: true, batchedBy: batchedBy)
    }
  }

  public let name: String
  public let columns: [Column]
  /// Positions of the key's columns.
  public let key: [Int]
  public let indexes: [Index]
  public let checks: [Check]
  private let positions: [String: Int]

  /// - Precondition: names are unique and the key, indexes and checks name columns that exist.
  public init(
    _ name: String, columns: [Column], key: [String], indexes: [Index] = [], checks: [Check] = []
  ) {
    self.name = name
    self.columns = columns
    self.indexes = indexes
    self.checks = checks
    var positions: [String: Int] = [:]
    for (position, column) in columns.enumerated() {
      precondition(positions.updateValue(position, forKey: column.name) == nil, "\(name).\(column.name) twice")
    }
    self.positions = positions
    for case let column? in indexes.map(\.batchedBy) {
      let position = positions[column]
      precondition(position.map { !columns[$0].nullable } ?? false, "\(name).\(column) batches and may not be NULL")
    }
    self.key = key.map { column in
      guard let position = positions[column] else { preconditionFailure("no column \(column) for the key") }
      precondition(!columns[position].nullable, "\(name).\(column) is of the key and may not be NULL")
      return position
    }
  }

  public func position(of column: String) -> Int {
    guard let position = positions[column] else { preconditionFailure("\(name) has no column \(column)") }
    return position
  }

  /// Refuses a value of another kind than its column's, which a database might convert in silence. NULL has a rule of
  /// its own.
  public func check(_ value: Value, in position: Int) throws(StoreFailure) {
    switch (columns[position].kind, value) {
    case (_, .null), (.integer, .integer), (.text, .text): return
    case (.integer, .text): throw .constraint("\(name): \(columns[position].name) is an integer")
    case (.text, .integer): throw .constraint("\(name): \(columns[position].name) is text")
    }
  }
}

/// A stored row.
public struct Row: Sendable, Equatable {
  public let table: Table
  public let values: [Value]

  public init(table: Table, values: [Value]) {
    self.table = table
    self.values = values
  }

  public subscript(_ column: String) -> Value { values[table.position(of: column)] }

  /// The text of a column, empty where it is NULL.
  public func text(_ column: String) -> String {
    switch self[column] {
    case .text(let text): text
    case .null: ""
    case .integer(let number): preconditionFailure("\(table.name).\(column) is the number \(number), not text")
    }
  }

  /// The number in a column, 0 where it is NULL.
  public func integer(_ column: String) -> Int64 {
    switch self[column] {
    case .integer(let number): number
    case .null: 0
    case .text(let text): preconditionFailure("\(table.name).\(column) is the text \(text), not a number")
    }
  }

  public var key: [Value] { table.key.map { values[$0] } }

  public static func == (lhs: Row, rhs: Row) -> Bool { lhs.table === rhs.table && lhs.values == rhs.values }
}

/// A change of one row.
public enum RowChange: Sendable {
  /// Inserts the row, or replaces the one with its key. Values in the order of the table's columns.
  case put(Table, [Value])
  /// Changes some columns of the row with this key, which exists.
  case set(Table, key: [Value], [(column: String, value: Value)])
  case delete(Table, key: [Value])
}

/// Rows that match all the given columns, in the order of the key.
public struct Query: Sendable {
  public var table: Table
  public var matching: [(column: String, value: Value)]
  /// Starts behind this key.
  public var after: [Value]?
  public var descending: Bool
  public var limit: Int

  public init(
    _ table: Table, where matching: [(column: String, value: Value)] = [], after: [Value]? = nil,
    descending: Bool = false, limit: Int = 500
  ) {
    self.table = table
    self.matching = matching
    self.after = after
    self.descending = descending
    self.limit = limit
  }
}

/// Counts and sums of rows by the values of some columns.
public struct Tally: Hashable, Sendable {
  public let group: [Value]
  public let count: Int64
  public let sums: [Int64]

  public init(group: [Value], count: Int64, sums: [Int64]) {
    self.group = group
    self.count = count
    self.sums = sums
  }
}
