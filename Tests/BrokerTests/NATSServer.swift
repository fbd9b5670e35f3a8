// NATS servers of a test's own: alone, or three in a cluster.

import Brokers
import Foundation
import ServerTesting

final class NATSServer: Sendable {
  private let server: TestServer

  /// Debian's own package, which is too old.
  static let debian = "/usr/sbin/nats-server"

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - jetStream: what stands in its block; nil where JetStream is off.
  ///   - more: what else stands in its configuration.
  ///   - program: nil for the one that tests are made for.
  init(jetStream: String? = "sync_interval: always", more: String = "", program: String? = nil) async throws {
    server = try TestServer(try program ?? Self.program()) { _ in ["-c", "server.conf"] }
    let port = server.port
    let storage = jetStream.map { "jetstream {\n store_dir: \"\(server.folder.path)/store\"\n \($0)\n}" } ?? ""
    let accountStorage = jetStream == nil ? "" : "jetstream: enabled"
    let words = """
      server_name: "n\(port)"
      listen: "127.0.0.1:\(port)"
      \(storage)
      \(more)
      accounts {
       APP {
        \(accountStorage)
        users: [{user: app, password: app}]
       }
       SYS {
        users: [{user: sys, password: sys}]
       }
      }
      system_account: SYS
      """
    try words.write(to: server.folder.appending(path: "server.conf"), atomically: true, encoding: .utf8)
    try await server.start()
  }

  var url: String { "nats://127.0.0.1:\(server.port)" }

  /// As an installation on this one server would have them.
  var settings: NATSSettings {
    var settings = NATSSettings(servers: [url])
    settings.login = .password(user: "app", password: "app")
    settings.syncProof = .systemAccount(.password(user: "sys", password: "sys"))
    settings.replicas = 1
    settings.acknowledgeWithin = .seconds(1)
    settings.bytesPerStream = 64 << 20
    settings.timeout = .seconds(10)
    return settings
  }

  func start() async throws { try await server.start() }

  func killAtOnce() { server.killAtOnce() }

  /// Loses the disk; only while it is killed.
  func loseStore() throws { try FileManager.default.removeItem(at: server.folder.appending(path: "store")) }

  func end() { server.end() }

  private static func program() throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for folder in [root.appending(path: ".venv/bin").path] + path
    where FileManager.default.isExecutableFile(atPath: "\(folder)/nats-server") {
      return "\(folder)/nats-server"
    }
    throw NoServer(
      description: """
        There is no NATS server to test on: no nats-server in .venv/bin or the PATH. 'make test' installs it \
        (scripts/servers.txt).
        """)
  }
}

/// Three servers, each of which has everything.
struct NATSCluster: Sendable {
  let servers: [NATSServer]

  init() async throws {
    let ports = try (0..<3).map { _ in try Loopback.freePort() }
    let routes = ports.map { "nats://127.0.0.1:\($0)" }.joined(separator: ", ")
    var servers: [NATSServer] = []
    for port in ports {
      let cluster = "cluster {\n name: premia\n listen: \"127.0.0.1:\(port)\"\n routes: [\(routes)]\n}"
      servers.append(try await NATSServer(more: cluster))
    }
    self.servers = servers
  }

  var settings: NATSSettings {
    var settings = servers[0].settings
    settings.servers = servers.map(\.url)
    settings.replicas = 3
    return settings
  }

  func end() { for server in servers { server.end() } }
}
