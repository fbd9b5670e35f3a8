// Commands on PostgreSQL, beside pgbench with the statements that a command sends: as many clients, each on a
// connection and a stream of its own, one transaction and one round trip at a time.

import Foundation
import Kernel
import PostgresStorage
import Runtime

/// Measures commands on a server.
struct CommandRate: Sendable {
  let plan: ClusterPlan
  let clients: Int
  let seconds: Int

  /// - Throws: `Problem` where pgbench is missing or fails.
  func measure() async throws -> Figure {
    let commands = try await commandsPerSecond()
    let floor = try await transactionsPerSecond()
    return Figure("commands on PostgreSQL, \(clients) clients", commands, "commands/s", floor: floor)
  }

  private func commandsPerSecond() async throws -> Double {
    try await withEngine("scale_commands") { engine in
      for client in 0..<clients { try await engine.beat(client) }
      return try await Meter.rate(callers: clients, seconds: seconds) { client in try await engine.beat(client) }
    }
  }

  /// One more stream than there are clients is moved on, with every statement written to the server's log.
  private func transactionsPerSecond() async throws -> Double {
    let schema = "scale_floor"
    try await withEngine(schema) { engine in
      for client in 0...clients { try await engine.beat(client) }
    }
    try await withEngine(schema, options: "-c log_statement=all") { engine in try await engine.beat(clients) }
    let log = try String(contentsOfFile: plan.log(of: "postgres"), encoding: .utf8)
    let script = PgbenchScript(LoggedStatement.lastTransaction(in: log), stream: "\(clients)", version: 1)
    let path = "\(plan.folder)/pgbench.sql"
    try script.text.write(toFile: path, atomically: true, encoding: .utf8)
    return try await pgbench(path, script.constants, schema: schema)
  }

  private func pgbench(_ path: String, _ constants: [String: String], schema: String) async throws -> Double {
    let program = "\(try Cluster.databasePrograms())/pgbench"
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw Problem(
        kind: .precondition, code: "bench.missing", detail: "There is no \(program).",
        remedy: "Install the package of PostgreSQL that has it; Debian's 'postgresql-15' does.")
    }
    // The limits that every session of a store sets.
    let session = "-c search_path=\(schema),pg_catalog -c statement_timeout=30s -c lock_timeout=5s"
    let variables = constants.sorted { $0.key < $1.key }.flatMap { ["--define", "\($0.key)=\($0.value)"] }
    let said = try await Tool.runAside(
      [
        program, "--no-vacuum", "--protocol=prepared", "--client=\(clients)", "--jobs=2", "--time=\(seconds)",
        "--file=\(path)", "--define", "version=1",
      ] + variables + ["\(plan.connection) options='\(session)'"], in: plan.folder)
    guard let report = PgbenchReport(said), report.failed == 0 else {
      throw Problem(
        kind: .internalFault, code: "bench.pgbench", detail: "pgbench did not do what it was told: \(said)",
        remedy: "Report this with the versions of Premia and PostgreSQL.")
    }
    return report.transactionsPerSecond
  }

  private func withEngine<Answer>(
    _ schema: String, options: String? = nil, _ body: (Engine) async throws -> Answer
  ) async throws -> Answer {
    let store = try await plan.store(schema, connections: clients, options: options, tables: [Beat.table])
    let engine = Engine(context: "scale", store: store, clock: SystemClock())
    do {
      let answer = try await body(engine)
      await store.close()
      return answer
    } catch {
      await store.close()
      throw error
    }
  }
}

extension ClusterPlan {
  /// A store on the server of the cluster, in a schema of its own.
  ///
  /// - Parameter options: of the sessions, as a server is told them on its command line.
  func store(
    _ schema: String, connections: Int, options: String? = nil, tables: [Table]
  ) async throws(StoreFailure) -> PostgresStore {
    let words = connection + (options.map { " options='\($0)'" } ?? "")
    var settings = PostgresSettings(connection: words, schema: schema)
    settings.connections = connections
    return try await PostgresStore(settings, tables: tables)
  }
}

extension Meter {
  /// How often a second something is done by several at once.
  ///
  /// - Parameter body: gets the caller's number.
  static func rate(
    callers: Int, seconds: Int, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> Double {
    let start = ContinuousClock.now
    let done = try await withThrowingTaskGroup(of: Int.self) { group in
      for caller in 0..<callers {
        group.addTask {
          var done = 0
          while ContinuousClock.now - start < .seconds(seconds) {
            try Task.checkCancellation()
            try await body(caller)
            done += 1
          }
          return done
        }
      }
      return try await group.reduce(0, +)
    }
    return Double(done) / ((ContinuousClock.now - start) / .seconds(1))
  }
}
