// What a cluster on one machine consists of: its files, its ports and its programs.

import Foundation
import Kernel

/// The files and ports of a cluster, each known before anything runs.
struct ClusterPlan: Sendable {
  enum Storage: String, CaseIterable, Sendable {
    case postgres, sqlite
  }

  enum Broker: String, CaseIterable, Sendable {
    case nats, none
  }

  /// Everything is in here, but for PostgreSQL's socket.
  let folder: String
  let configuration: String
  /// Of the page; the ports behind it are the contexts' and the broker's.
  let port: Int
  let storage: Storage
  let broker: Broker

  /// Ports in use from `port` on.
  static let portCount = 17

  init(data: String, configuration: String, port: Int, storage: Storage, broker: Broker) {
    folder = Self.absolute(data)
    self.configuration = Self.absolute(configuration)
    self.port = port
    self.storage = storage
    self.broker = broker
  }

  /// Programs run in folders of their own.
  static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }

  var data: String { "\(folder)/data" }
  var settings: String { "\(folder)/cluster.yaml" }
  var certificates: String { "\(folder)/certificates" }
  var secrets: String { "\(folder)/secrets" }
  var database: String { "\(folder)/postgres" }
  /// The name of a socket has 107 bytes at most.
  var socket: String { "/tmp/premia-cluster-\(port)" }
  /// How the database is found, in libpq's words.
  var connection: String { "host=\(socket) user=premia dbname=postgres sslmode=disable" }

  func log(of program: String) -> String { "\(folder)/log/\(program).log" }

  func port(of context: String) -> Int { port + 1 + (House.contextNames.firstIndex(of: context) ?? 0) }

  /// The port of each server of the broker, and that at which it meets the others.
  var brokerPorts: [(clients: Int, route: Int)] {
    let first = port + 1 + House.contextNames.count
    return (0..<3).map { (first + $0, first + 3 + $0) }
  }

  func program(_ name: String, _ words: [String], environment: [String: String] = [:], ending: String = "TERM")
    -> Program
  {
    Program(
      name: name, words: words, environment: environment, ending: ending, log: log(of: name),
      pidFile: "\(folder)/run/\(name).pid")
  }

  /// Settings of everybody in the cluster, and of whoever asks it by hand.
  var settingsText: String {
    let contexts = House.contextNames.map { "  \($0): {address: \"127.0.0.1:\(port(of: $0))\"}" }
    var lines =
      [
        "# Made by 'premia cluster up'. 'premia verify --settings THIS --data \(data)' and the like work with it.",
        "http: \"127.0.0.1:\(port)\"", "contexts:",
      ] + contexts
    lines += [
      "tls:", "  certificate: \"\(certificates)/operator.pem\"", "  key: \"\(certificates)/operator.key\"",
      "  authority: \"\(certificates)/authority.pem\"",
    ]
    switch storage {
    case .sqlite: lines += ["storage: {kind: sqlite}"]
    case .postgres:
      lines += [
        "storage:", "  kind: postgres",
        "  connection: \"\(connection)\"", "  poolSize: 4", "  partitions: 2",
      ]
    }
    switch broker {
    case .none: lines += ["broker: {kind: none}"]
    case .nats:
      let servers = brokerPorts.map { "nats://127.0.0.1:\($0.clients)" }.joined(separator: ",")
      lines += [
        "broker:", "  kind: nats", "  servers: \"\(servers)\"", "  replicas: 3", "  partitions: 4",
        "  user: premia",
        "  passwordFile: \"\(secrets)/premia\"",
        "  system: {user: system, passwordFile: \"\(secrets)/system\"}",
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A part of the house as a process.
  ///
  /// - Parameter part: a context, or the edge.
  func service(_ part: String, premia: String) -> Program {
    var environment = [
      "PREMIA_TLS_CERTIFICATE": "\(certificates)/\(part).pem", "PREMIA_TLS_KEY": "\(certificates)/\(part).key",
    ]
    if part != Share.edge { environment["PREMIA_LISTEN"] = "127.0.0.1:\(port(of: part))" }
    return program(
      part,
      [
        premia, "serve", "--only", part, "--data", data, "--config", configuration, "--settings", settings,
      ], environment: environment)
  }

  /// The configuration of a server of the broker.
  func brokerText(_ number: Int, passwords: [String: String]) -> String {
    let ports = brokerPorts
    let routes = ports.map { "nats://127.0.0.1:\($0.route)" }.joined(separator: ", ")
    return """
      server_name: "nats-\(number + 1)"
      listen: "127.0.0.1:\(ports[number].clients)"
      jetstream {
        store_dir: "\(folder)/nats-\(number + 1)"
        sync_interval: always
      }
      cluster {
        name: premia
        listen: "127.0.0.1:\(ports[number].route)"
        routes: [\(routes)]
      }
      accounts {
        PREMIA {
          jetstream: enabled
          users: [{user: premia, password: "\(passwords["premia"] ?? "")"}]
        }
        SYSTEM {
          users: [{user: system, password: "\(passwords["system"] ?? "")"}]
        }
      }
      system_account: SYSTEM

      """
  }
}
