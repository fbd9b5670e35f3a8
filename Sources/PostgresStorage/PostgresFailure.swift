// What the server or the way to it says when something fails, and what that means for who asked.

import Runtime

/// A failure in PostgreSQL's words.
struct PostgresFailure: Error {
  /// The SQLSTATE; empty where the server was not reached or is gone.
  var code = ""
  var message: String
  var column = ""
  var constraint = ""
  /// Whether the connection ended with it.
  var isLost = true
  /// Whether it happened before anything was asked.
  var isAtTheDoor = false
  /// What `Schema.refused` means for the statement.
  var refusal: StoreFailure?
  /// The read table that the statement writes.
  var table: Table?
  /// The columns of the unique index that was violated.
  var unique: [String] = []

  /// Whether the same transaction may succeed when it is run again: another one was in its way.
  var isLostRace: Bool { code == "40001" || code == "40P01" }

  /// Whether nothing can have been written: the way to the server was not open, or the server takes no writes any more.
  var isOutage: Bool { isAtTheDoor || code == "25006" }

  var isUniqueViolation: Bool { code == "23505" }

  /// Whether the connection is as good as before. After anything but a plain refusal it is closed: so a statement that
  /// was stopped half-way leaves nothing behind in its session.
  var leavesConnection: Bool {
    !isLost && (isLostRace || code.hasPrefix("23") || code == Schema.refused)
  }

  /// - Parameter place: the schema and the server, without user or password.
  func storeFailure(at place: String) -> StoreFailure {
    switch code {
    case Schema.refused: refusal ?? .corrupt("\(place): a statement was refused that has nothing to refuse")
    case "23502": .constraint("\(table?.name ?? place): \(column) is not null")
    case "23505": .constraint("\(table?.name ?? place): unique (\(unique.joined(separator: ", ")))")
    case "23514": .constraint(table?.words(ofCheck: constraint) ?? "\(place): \(constraint)")
    case "53100": .full(place)
    case _ where ["XX001", "XX002"].contains(code) || code.hasPrefix("42") && code != "42501" || code.hasPrefix("22"):
      .corrupt("\(place): \(said). \(remedy)")
    default: .unavailable("\(place): \(said). \(remedy)")
    }
  }

  private var said: String {
    let words = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    return code.isEmpty ? words : "\(words) (PostgreSQL \(code))"
  }

  private var remedy: String {
    switch code {
    case "": "Look whether the server runs and can be reached with these settings; what was asked may be asked again"
    case "40001", "40P01": "Other transactions were in the way every time; ask again"
    case "55P03": "Somebody else is changing the same rows; ask again, and look for a transaction that is held open"
    case "57014": "It took longer than the statement time-out; ask again, and look at the server's load"
    case "53300": "Lower the stores' connections or raise the server's max_connections"
    case "25006": "The server takes no writes; name the primary's host too, so that it is found"
    case "42501": "Grant the role the rights that the storage's README lists"
    case _ where code.hasPrefix("28"): "Look at the role, its password file and the server's pg_hba.conf"
    case _ where code.hasPrefix("08") || code.hasPrefix("57P"):
      "The server ended the connection; ask again, what was being written is whole or absent"
    case _ where code.hasPrefix("42") || code.hasPrefix("22") || code.hasPrefix("XX"):
      "What is stored is not what this release made; restore it, or open it with the release that made it"
    default: "Look into the server's log"
    }
  }
}
