// Reads of the context's own tables.

import class GRDB.Database
public import Runtime

extension SQLiteStore {
  public func rows(_ query: Query) async throws(StoreFailure) -> [Row] {
    let table = query.table
    var conditions = query.matching.map(condition)
    if query.after != nil {
      let values = table.key.map { _ in "?" }.joined(separator: ", ")
      conditions.append("(\(table.keyColumns)) \(query.descending ? "<" : ">") (\(values))")
    }
    let order = table.key.map { quoted(table.columns[$0].name) + (query.descending ? " DESC" : "") }
    var (batches, source) = ("", quoted(table.name))
    if let batch = table.batch(toFind: query.matching.map(\.column)) {
      batches = "\(SQL.batches(batch, of: table)) "
      source = "batches CROSS JOIN \(source)"
      conditions.append("\(quoted(batch)) = batches.batch")
    }
    let sql = """
      \(batches)SELECT \(table.columns.map { quoted($0.name) }.joined(separator: ", ")) FROM \(source) \
      \(filter(conditions)) ORDER BY \(order.joined(separator: ", ")) LIMIT ?
      """
    return try await all(sql) { row in
      Row(of: table, row)
    } bind: { statement in
      try statement.bind(query.matching.map(\.value).filter { $0 != .null } + (query.after ?? []))
      try statement.bind(statement.parameters, Int64(query.limit))
    }
  }

  public func rows(_ table: Table, keys: [[Value]]) async throws(StoreFailure) -> [Row?] {
    let sql = """
      SELECT \(table.columns.map { quoted($0.name) }.joined(separator: ", ")) FROM \(quoted(table.name)) \
      WHERE \(SQL.hasKey(table))
      """
    return try await read { database in
      let statement = try database.prepared(sql)
      var found: [Row?] = []
      for key in keys {
        try statement.bind(key)
        found.append(try statement.first { Row(of: table, $0) })
      }
      return found
    }
  }

  public func tally(
    _ table: Table, by groups: [String], sums: [String], where matching: [(column: String, value: Value)]
  ) async throws(StoreFailure) -> [Tally] {
    let names = groups.map(quoted).joined(separator: ", ")
    let results = groups.map(quoted) + ["count(*)"] + sums.map { "coalesce(sum(\(quoted($0))), 0)" }
    let sql = """
      SELECT \(results.joined(separator: ", ")) FROM \(quoted(table.name)) \(filter(matching.map(condition))) \
      \(groups.isEmpty ? "HAVING count(*) > 0" : "GROUP BY \(names) ORDER BY \(names)")
      """
    let (groupCount, sumCount) = (Int32(groups.count), Int32(sums.count))
    return try await all(sql) { row in
      Tally(
        group: (0..<groupCount).map(row.value), count: row.integer(groupCount),
        sums: (0..<sumCount).map { row.integer(groupCount + 1 + $0) })
    } bind: {
      try $0.bind(matching.map(\.value).filter { $0 != .null })
    }
  }
}

extension Table {
  /// The column whose values are stepped through to find rows by others, where no index begins with one of these.
  fileprivate func batch(toFind matched: [String]) -> String? {
    let starts = indexes.compactMap(\.layout.first) + key.prefix(1).map { columns[$0].name }
    guard !starts.contains(where: matched.contains) else { return nil }
    return indexes.first { index in
      index.batchedBy != nil && index.layout.dropFirst().prefix(1).contains(where: matched.contains)
    }?.batchedBy
  }
}

private func condition(_ matching: (column: String, value: Value)) -> String {
  "\(quoted(matching.column)) \(matching.value == .null ? "IS NULL" : "= ?")"
}

private func filter(_ conditions: [String]) -> String {
  conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
}

// MARK: - Rows as values

extension Row {
  fileprivate init(of table: Table, _ row: Prepared) {
    self.init(table: table, values: (0..<Int32(table.columns.count)).map(row.value))
  }
}

extension Prepared {
  /// Binds from the first parameter on.
  fileprivate func bind(_ values: [Value]) throws(StoreFailure) {
    var position: Int32 = 0
    for value in values {
      position += 1
      try bind(position, value)
    }
  }
}
