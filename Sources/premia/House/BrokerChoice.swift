// The broker that the settings choose: none, where each context reads the logs of others; NATS or Kafka.

import Brokers
import Kernel
import Runtime

/// What carries events between processes.
enum BrokerChoice: Sendable {
  /// Logs are read across the network, five times a second.
  case none
  case nats(NATSSettings, Partitions)
  case kafka(KafkaSettings)

  static let keys = [
    "kind", "servers", "replicas", "gigabytesPerStream", "partitions", "user", "passwordFile", "credentials",
    "vouchedFor", "system.user", "system.passwordFile", "system.credentials", "tls.authority",
    "tls.certificate", "tls.key", "tls.serverName",
  ].map { "broker.\($0)" }

  /// - Throws: `Problem` naming the setting that is wrong.
  init(_ settings: Settings) throws(Problem) {
    let kind = settings["broker.kind"] ?? "none"
    switch kind {
    case "none":
      self = .none
      return
    case "nats", "kafka": break
    default: throw settings.problem("broker.kind", "is '\(kind)'; it is none, nats or kafka")
    }
    let entry = Entry(settings: settings)
    self = try kind == "nats" ? entry.nats() : entry.kafka()
  }

  /// Connects; nil where there is no broker.
  ///
  /// - Throws: `Problem` with what is unsafe or out of reach, and what to do.
  func open() async throws -> Post? {
    switch self {
    case .none: return nil
    case .nats(let settings, let partitions):
      return Post(broker: try await NATSBroker.open(settings), partitions: partitions)
    case .kafka(let settings):
      return Post(broker: try await KafkaBroker.open(settings), partitions: settings.partitions)
    }
  }

  private struct Entry {
    let settings: Settings

    subscript(_ name: String) -> String? { settings["broker.\(name)"] }

    func nats() throws(Problem) -> BrokerChoice {
      var nats = NATSSettings(servers: try servers("nats://broker-1:4222"))
      nats.login = try login("") ?? .nobody
      if let system = try login("system.") {
        nats.syncProof = .systemAccount(system)
      } else if try settings.flag("broker.vouchedFor") {
        nats.syncProof = .vouchedFor
      }
      if let (authority, certificate) = try tls() {
        guard let name = self["tls.serverName"] else {
          throw settings.problem(
            "broker.tls.serverName", "is missing; it is the name in the certificates of all servers")
        }
        nats.tls = NATSSettings.TLS(authorities: authority, serverName: name, certificate: certificate)
      }
      if let replicas = try replicas() { nats.replicas = replicas }
      if let bytes = try bytesPerStream() { nats.bytesPerStream = bytes }
      return .nats(nats, try partitions())
    }

    func kafka() throws(Problem) -> BrokerChoice {
      var kafka = KafkaSettings(servers: try servers("broker-1:9092"), partitions: try partitions())
      for name in ["credentials", "system.user", "system.passwordFile", "system.credentials", "tls.serverName"]
      where self[name] != nil {
        throw settings.problem("broker.\(name)", "is for NATS; Kafka knows no such thing")
      }
      if let (user, password) = try password("") { kafka.login = .password(user: user, password: password) }
      if try settings.flag("broker.vouchedFor") { kafka.topics = .vouchedFor }
      if let (authority, certificate) = try tls() {
        kafka.tls = KafkaSettings.TLS(authorities: authority, certificate: certificate)
      }
      if let replicas = try replicas() { kafka.replicas = replicas }
      if let bytes = try bytesPerStream() { kafka.bytesPerTopic = bytes }
      return .kafka(kafka)
    }

    private func servers(_ example: String) throws(Problem) -> [String] {
      let servers = (self["servers"] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
      guard !servers.isEmpty else {
        throw settings.problem("broker.servers", "is missing; it names the servers of one cluster, as \(example)")
      }
      return servers
    }

    private func replicas() throws(Problem) -> Int? { try settings.number("broker.replicas", in: 1...5) }

    private func bytesPerStream() throws(Problem) -> Int64? {
      try settings.number("broker.gigabytesPerStream", in: 1...100_000).map { Int64($0) << 30 }
    }

    private func partitions() throws(Problem) -> Partitions {
      Partitions(try settings.number("broker.partitions", in: 1...256) ?? 16)
    }

    /// - Parameter account: `system.` for the login that asks how the servers write to disk.
    private func login(_ account: String) throws(Problem) -> NATSSettings.Login? {
      if let path = self["\(account)credentials"] { return .credentials(path: path) }
      guard let (user, password) = try password(account) else { return nil }
      return .password(user: user, password: password)
    }

    private func password(_ account: String) throws(Problem) -> (user: String, password: String)? {
      let password = try settings.secret("broker.\(account)passwordFile")
      switch (self["\(account)user"], password) {
      case (nil, nil): return nil
      case (let user?, let password?): return (user, password)
      case (_?, nil):
        throw settings.problem("broker.\(account)passwordFile", "is missing; it names the file with the password")
      case (nil, _?): throw settings.problem("broker.\(account)user", "is missing; there is a password for it")
      }
    }

    private func tls() throws(Problem) -> (authority: String, certificate: (chain: String, key: String)?)? {
      let own = (self["tls.certificate"], self["tls.key"])
      guard let authority = self["tls.authority"] else {
        guard own.0 == nil, own.1 == nil else {
          throw settings.problem("broker.tls.authority", "is missing; it vouches for the servers")
        }
        return nil
      }
      switch own {
      case (nil, nil): return (authority, nil)
      case (let chain?, let key?): return (authority, (chain, key))
      case (_?, nil), (nil, _?):
        throw settings.problem("broker.tls.key", "and broker.tls.certificate belong together, and one is missing")
      }
    }
  }
}

/// An open broker, and how events are split in it.
struct Post: Sendable {
  let broker: any Broker
  let partitions: Partitions
}
