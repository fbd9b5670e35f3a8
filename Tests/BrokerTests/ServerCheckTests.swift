// What a server must be, and what is said to one that is not.

@testable import Brokers
import Foundation
import Kernel
import Testing

@Suite("A NATS server")
struct ServerCheckTests {
  private static let known = NATSSettings.SyncProof.systemAccount(.nobody)

  private static func problem(
    _ versions: [String], jetstream: Bool? = true, syncAlways: Bool? = true,
    proof: NATSSettings.SyncProof? = known, replicas: Int = 1
  ) -> String? {
    var settings = NATSSettings(servers: ["nats://a:4222"])
    settings.syncProof = proof
    settings.replicas = replicas
    let reports = versions.map { version in
      ServerReport(
        server: .init(name: "a", ver: version, jetstream: jetstream),
        data: .init(config: .init(syncAlways: syncAlways)))
    }
    return ServerReport.problem(of: reports, settings)?.code
  }

  @Test("is refused with the reason where it is unsafe")
  func refused() {
    #expect(Self.problem(["2.15.1"]) == nil)
    #expect(Self.problem(["2.10.23"]) == nil)
    #expect(Self.problem(["3.0.0"]) == nil)
    #expect(Self.problem(["2.9.10"]) == "broker.version")
    #expect(Self.problem(["2.10.22"]) == "broker.version")
    #expect(Self.problem(["2.10.23-RC.2"]) == "broker.version")
    #expect(Self.problem(["2.11.0-RC.1"]) == nil)
    #expect(Self.problem(["unknown"]) == "broker.version")
    #expect(Self.problem(["2.15.1", "2.9.10"]) == "broker.version")
    #expect(Self.problem([]) == "broker.server")
    #expect(Self.problem(["2.15.1"], jetstream: nil) == "broker.jetstream")
    #expect(Self.problem(["2.15.1"], syncAlways: nil) == "broker.sync")
    #expect(Self.problem(["2.15.1"], syncAlways: nil, proof: nil) == "broker.sync_unknown")
    #expect(Self.problem(["2.15.1"], syncAlways: nil, proof: .vouchedFor) == nil)
    #expect(Self.problem(["2.15.1", "2.15.1"], replicas: 3) == "broker.replicas")
    #expect(Self.problem(["2.15.1", "2.15.1", "2.15.1"], replicas: 3) == nil)
  }

  @Test("is asked before anything is handed to it")
  func asked() async throws {
    func code(jetStream: String?, _ change: (inout NATSSettings) -> Void = { _ in }) async throws -> String? {
      let server = try await NATSServer(jetStream: jetStream)
      defer { server.end() }
      var settings = server.settings
      change(&settings)
      do {
        let broker = try await NATSBroker.open(settings)
        await broker.close()
        return nil
      } catch let problem as Problem {
        return problem.code
      }
    }
    #expect(try await code(jetStream: "sync_interval: always") == nil)
    #expect(try await code(jetStream: "sync_interval: \"2m\"") == "broker.sync")
    #expect(try await code(jetStream: nil) == "broker.jetstream")
    #expect(try await code(jetStream: "sync_interval: always") { $0.syncProof = nil } == "broker.sync_unknown")
    #expect(try await code(jetStream: "sync_interval: \"2m\"") { $0.syncProof = .vouchedFor } == nil)
    #expect(try await code(jetStream: "sync_interval: always") { $0.replicas = 3 } == "broker.replicas")
    #expect(
      try await code(jetStream: "sync_interval: always") { $0.login = .password(user: "app", password: "no") }
        == "broker.refused")
    #expect(
      try await code(jetStream: "sync_interval: always") { $0.servers = ["nats://127.0.0.1:1"] }
        == "broker.unavailable")
  }
  @Test(
    "of Debian 12 is too old",
    .enabled(if: FileManager.default.isExecutableFile(atPath: NATSServer.debian), "no \(NATSServer.debian) here"))
  func old() async throws {
    let server = try await NATSServer(program: NATSServer.debian)
    defer { server.end() }
    let problem = await #expect(throws: Problem.self) { try await NATSBroker.open(server.settings) }
    #expect(problem?.code == "broker.version")
  }
}
