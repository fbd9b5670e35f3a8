// A script for pgbench made of the very statements that a store sent, as the server's log has them.

/// A statement as the server was asked to run it.
struct LoggedStatement: Equatable {
  var sql: String
  /// As texts; nil is NULL.
  var parameters: [String?] = []

  /// The last transaction in a log to which every statement was written (`log_statement = all`).
  static func lastTransaction(in log: String) -> [LoggedStatement] {
    let all = all(in: log)
    guard let begin = all.lastIndex(where: { $0.sql == "BEGIN" }),
      let commit = all[begin...].firstIndex(where: { $0.sql == "COMMIT" })
    else { return [] }
    return Array(all[begin...commit])
  }

  private static func all(in log: String) -> [LoggedStatement] {
    var statements: [LoggedStatement] = []
    for entry in entries(of: log) {
      if let execute = entry.firstRange(of: "LOG:  execute "),
        let name = entry[execute.upperBound...].firstRange(of: ": ")
      {
        statements.append(LoggedStatement(sql: String(entry[name.upperBound...])))
      } else if let detail = entry.firstRange(of: "DETAIL:  parameters: "), !statements.isEmpty {
        statements[statements.count - 1].parameters = parameters(in: entry[detail.upperBound...])
      }
    }
    return statements
  }

  /// Lines behind the first of an entry begin with a tab.
  private static func entries(of log: String) -> [String] {
    log.split(separator: "\n", omittingEmptySubsequences: false).reduce(into: []) { entries, line in
      if line.first == "\t", !entries.isEmpty {
        entries[entries.count - 1] += "\n\(line.dropFirst())"
      } else {
        entries.append(String(line))
      }
    }
  }

  /// Such as `$1 = 'it''s', $2 = NULL`.
  private static func parameters(in text: Substring) -> [String?] {
    var rest = text
    var values: [String?] = []
    while let equals = rest.firstRange(of: " = ") {
      rest = rest[equals.upperBound...]
      guard rest.first == "'" else {
        values.append(nil)
        continue
      }
      rest = rest.dropFirst()
      var value = ""
      while let quote = rest.firstIndex(of: "'") {
        value += rest[..<quote]
        rest = rest[quote...].dropFirst()
        guard rest.first == "'" else { break }
        value += "'"
        rest = rest.dropFirst()
      }
      values.append(value)
    }
    return values
  }
}

/// What each client of pgbench runs, over and over, on a stream of its own that is named by the client's number.
struct PgbenchScript: Equatable {
  let text: String
  /// The parameters that are the same each time, by the names of their variables.
  let constants: [String: String]

  /// - Parameters:
  ///   - transaction: of a commit that moved one stream on by one event.
  ///   - stream: as it is named there.
  ///   - version: at which the commit found it.
  init(_ transaction: [LoggedStatement], stream: String, version: Int64) {
    // pgbench has no lists: one of one element is put together by the server.
    let varying = [
      stream: ":stream", "{\(stream)}": "ARRAY[:stream]::text[]",
      "\(version)": ":version", "\(version + 1)": ":next", "{\(version + 1)}": "ARRAY[:next]::bigint[]",
    ]
    var constants: [String: String] = [:]
    let statements = transaction.enumerated().map { place, statement in
      let sql = statement.sql.replacing(/\$([0-9]+)/) { match in
        guard let number = Int(match.1), statement.parameters.indices.contains(number - 1) else {
          return String(match.0)
        }
        guard let value = statement.parameters[number - 1] else { return "NULL" }
        if let variable = varying[value] { return variable }
        let name = "s\(place)_\(number)"
        constants[name] = value
        return ":\(name)"
      }
      return "\(sql);"
    }
    self.constants = constants
    text =
      (["\\set stream :client_id", "\\set next :version + 1", "\\startpipeline"] + statements
      + ["\\endpipeline", "\\set version :next", ""]).joined(separator: "\n")
  }
}

/// What pgbench says when it has ended.
struct PgbenchReport: Equatable {
  let transactionsPerSecond: Double
  let failed: Int

  /// Nil where that is not to be found in what it said.
  init?(_ said: String) {
    guard let rate = said.firstMatch(of: /(?m)^tps = ([0-9.]+)/), let perSecond = Double(rate.1) else { return nil }
    transactionsPerSecond = perSecond
    failed = said.firstMatch(of: /(?m)^number of failed transactions: ([0-9]+)/).flatMap { Int($0.1) } ?? 0
  }
}
