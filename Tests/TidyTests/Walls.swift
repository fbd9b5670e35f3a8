// Which room may import what: the table of the architecture. SwiftPM keeps the same walls, but an incremental build
// lets an undeclared import through.

enum Walls {
  /// The bounded contexts. None of them may import another.
  static let contexts: Set<String> = [
    "Party", "Products", "Policy", "Billing", "Payments", "Claims", "Ledger", "Notices", "Commissions",
  ]

  /// Comes with the toolchain; every room but the kernel may use it.
  private static let toolchain: Set<String> = [
    "Foundation", "FoundationEssentials", "Synchronization", "Dispatch", "Glibc", "Musl", "Darwin",
  ]

  private static let grpc: Set<String> = ["GRPCCore", "GRPCProtobuf", "SwiftProtobuf"]
  private static let contextBase = grpc.union(["Kernel", "Contracts", "Runtime", "Courier"])

  /// What a room may import of the house and of its packages; nil for a room that is not in the table.
  static func allowed(to room: String) -> Set<String>? {
    switch room {
    case "Kernel": []
    case "Contracts": grpc.union(toolchain)
    case "Runtime": toolchain.union(["Kernel", "Contracts", "SwiftProtobuf", "Crypto", "Logging"])
    case "SQLiteStorage": toolchain.union(["Kernel", "Runtime", "GRDB", "GRDBSQLite"])
    case "CPostgres": []
    case "PostgresStorage": toolchain.union(["Kernel", "Runtime", "CPostgres"])
    case "CNats", "CKafka": []
    case "Brokers": toolchain.union(["Kernel", "Runtime", "CNats", "CKafka"])
    case "Courier":
      grpc.union(toolchain).union([
        "Kernel", "Contracts", "Runtime", "GRPCInProcessTransport", "GRPCNIOTransportHTTP2", "Logging", "X509",
      ])
    case "X12": toolchain
    case "Products": contextBase.union(toolchain).union(["Yams", "Crypto"])
    case "Billing", "Notices": contextBase.union(toolchain).union(["Mustache"])
    case _ where contexts.contains(room): contextBase.union(toolchain)
    case "Exchange":
      grpc.union(toolchain).union(["Kernel", "Contracts", "Runtime", "Courier", "X12", "Yams", "Crypto"])
    case "Edge":
      grpc.union(toolchain).union(["Kernel", "Contracts", "Runtime", "Courier", "Crypto", "Logging"]).union(doors)
    case "Web":
      grpc.union(toolchain).union(["Kernel", "Contracts", "Courier", "Logging", "Mustache"]).union(doors)
    default: nil
    }
  }

  /// What serves HTTP.
  private static let doors: Set<String> = ["Hummingbird", "HTTPTypes", "NIOCore"]

  /// The composition root: the only place that knows everything.
  static let root = "premia"

  /// The module that a line imports, if it does.
  static func imported(by line: String) -> String? {
    var words = line.split(separator: " ")[...]
    while let word = words.first, word != "import" {
      guard word.hasPrefix("@") || accessLevels.contains(word) else { return nil }
      words = words.dropFirst()
    }
    words = words.dropFirst()
    if let kind = words.first, kinds.contains(kind) { words = words.dropFirst() }
    return words.first?.split(separator: ".").first.map(String.init)
  }

  private static let accessLevels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var", "actor",
  ]
}
