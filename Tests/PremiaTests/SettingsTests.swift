import Foundation
import Kernel
import Testing

@testable import premia

@Suite("The settings")
struct SettingsTests {
  /// Reads settings from a file of this text.
  static func storage(_ text: String, environment: [String: String] = [:]) throws -> Storage {
    let file = FileManager.default.temporaryDirectory.appending(path: "premia-\(UUID().uuidString).yaml")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try Storage(Settings(path: file.path, environment: environment), data: "data")
  }

  static func refusal(_ text: String, environment: [String: String] = [:]) -> String {
    do {
      _ = try storage(text, environment: environment)
      return "not refused"
    } catch let problem as Problem {
      return problem.detail
    } catch {
      return "\(error)"
    }
  }

  @Test("that say nothing mean a file for each context in the data directory")
  func standard() throws {
    for text in ["", "storage:", "storage:\n  contexts:\n    billing:\n", "# kind: postgres"] {
      #expect(try Self.storage(text).isInDataDirectory)
    }
    #expect(try Storage(Settings(path: nil, environment: [:]), data: "data").isInDataDirectory)
    #expect(try !Self.storage("storage: {directory: /elsewhere}").isInDataDirectory)
  }

  @Test("in the environment go before those in the file, and those of a context before those for all")
  func precedence() throws {
    let file = "storage: {kind: sqlite, contexts: {billing: {poolSize: 3}}}"
    let environment = [
      "PREMIA_STORAGE_KIND": "postgres", "PREMIA_STORAGE_CONNECTION": "host=db user=premia password=from-a-vault",
      "PREMIA_STORAGE_CONTEXTS_LEDGER_STATEMENT_TIMEOUT_SECONDS": "0",
    ]
    #expect(try Self.storage(file, environment: ["PREMIA_STORAGE_KIND": "sqlite"]).isInDataDirectory)
    #expect(
      Self.refusal(file, environment: environment)
        .hasSuffix("storage.contexts.ledger.statementTimeoutSeconds is '0'; it is a number from 1 to 86400."))
    var corrected = environment
    corrected["PREMIA_STORAGE_CONTEXTS_LEDGER_STATEMENT_TIMEOUT_SECONDS"] = "5"
    #expect(try !Self.storage(file, environment: corrected).isInDataDirectory)
  }

  @Test(
    "that make no sense are refused with the key and the reason",
    arguments: [
      ("storage: {kimd: postgres}", "storage.kimd is no setting"),
      ("storage: {contexts: {bling: {kind: sqlite}}}", "storage.contexts.bling.kind is no setting"),
      ("storage: {kind: mysql}", "storage.kind is 'mysql'; it is sqlite or postgres"),
      ("storage: {kind: postgres}", "storage.connection is missing"),
      ("storage: {kind: postgres, connection: what is this}", "neither in libpq's key=value words"),
      ("storage: {kind: postgres, connection: host=db password=secret}", "storage.connection has a password"),
      ("storage: {kind: postgres, connection: 'postgres://premia:secret@db/premia'}", "has a password"),
      ("storage: {kind: postgres, connection: host=db, schema: Premia}", "storage.schema makes 'Premia' for party"),
      ("storage: {kind: postgres, connection: host=db, schema: one}", "'one' for party and products; each has its own"),
      ("storage: {kind: postgres, connection: host=db, sslmode: on}", "storage.sslmode is 'on'; it is one of disable"),
      ("storage: {kind: postgres, connection: host=db, poolSize: many}", "is 'many'; it is a number from 1 to 500"),
      ("storage: {kind: postgres, connection: host=db, partitions: 0}", "is '0'; it is a number from 1 to 1024"),
      ("storage: {kind: [sqlite]}", "storage.kind is a list or an alias"),
      ("storage: {kind: sqlite", "are not as they must be"),
    ])
  func refused(text: String, words: String) {
    let refusal = Self.refusal(text)
    #expect(refusal.contains(words), "\(refusal)")
    #expect(!refusal.contains("secret"))
  }

  @Test("are refused where there is no file of that name")
  func missing() throws {
    #expect(throws: Problem.self) { try Settings(path: "/nowhere/premia.yaml", environment: [:]) }
  }
}
