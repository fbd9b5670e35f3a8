import Brokers
import Courier
import Foundation
import Kernel
import Runtime
import Testing

@testable import premia

@Suite("The settings of a house apart")
struct NetworkTests {
  private static func network(_ text: String, environment: [String: String] = [:]) throws -> Network {
    try withFile(text) { try Network(Settings(path: $0, environment: environment)) }
  }

  private static func withFile<Answer>(_ text: String, _ body: (String) throws -> Answer) throws -> Answer {
    let file = FileManager.default.temporaryDirectory.appending(path: "premia-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
  }

  private static func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "not refused"
    } catch let problem as Problem {
      return problem.detail
    } catch {
      return "\(error)"
    }
  }

  /// Every context but one, at a port of this machine.
  private static func contexts(but missing: String = "") -> String {
    let lines = House.contextNames.filter { $0 != missing }.map { "  \($0): {address: \"127.0.0.1:9\"}" }
    return "contexts:\n" + lines.joined(separator: "\n") + "\n"
  }

  @Test("that say nothing mean one process, on loopback, without a broker")
  func standard() throws {
    let network = try Self.network("storage: {kind: sqlite}")
    #expect(network.listen == nil)
    #expect(network.http == nil)
    #expect(network.addresses.isEmpty)
    #expect(network.security == .plaintext)
    #expect(try network.lines(besides: .all).isEmpty)
    guard case .none = network.broker else {
      Issue.record("there is a broker: \(network.broker)")
      return
    }
  }

  @Test("name doors, copies and certificates, and the environment goes before the file")
  func addresses() throws {
    let network = try Self.network(
      """
      listen: 0.0.0.0:9090
      http: 127.0.0.1:8080
      contexts: {billing: {address: "10.0.0.7:9090, 10.0.0.8:9090"}, ledger: {address: "ledger:9090"}}
      tls: {certificate: c.pem, key: k.pem, authority: a.pem}
      """,
      environment: ["PREMIA_LISTEN": "0.0.0.0:9104", "PREMIA_TLS_KEY": "other.pem"])
    #expect(network.listen == Address(host: "0.0.0.0", port: 9_104))
    #expect(network.http == Address(host: "127.0.0.1", port: 8_080))
    #expect(network.addresses["billing"]?.map(\.host) == ["10.0.0.7", "10.0.0.8"])
    #expect(network.addresses["ledger"] == [Address(host: "ledger", port: 9_090)])
    #expect(network.security == .mutual(Identity(certificate: "c.pem", key: "other.pem", authority: "a.pem")))
  }

  @Test(
    "that make no sense are refused with the key and the reason",
    arguments: [
      ("listen: 9090", "listen is '9090'; it is a host and a port"),
      ("listen: '10.0.0.1:9, 10.0.0.2:9'", "listen names 2 addresses"),
      ("contexts: {ledger: {address: ledger}}", "contexts.ledger.address is 'ledger'"),
      ("tls: {certificate: c.pem}", "tls.key is missing"),
      ("plaintext: maybe", "plaintext is 'maybe'; it is true or false"),
      ("plaintext: true\ntls: {certificate: c, key: k, authority: a}", "plaintext is true beside certificates"),
      ("broker: {kind: rabbit}", "broker.kind is 'rabbit'; it is none, nats or kafka"),
      ("broker: {kind: nats}", "broker.servers is missing"),
      ("broker: {kind: nats, servers: 'nats://b:1', replicas: none}", "broker.replicas is 'none'"),
      ("broker: {kind: nats, servers: 'nats://b:1', gigabytesPerStream: 0}", "broker.gigabytesPerStream is '0'"),
      ("broker: {kind: nats, servers: 'nats://b:1', user: premia}", "broker.passwordFile is missing"),
      ("broker: {kind: nats, servers: 'nats://b:1', user: p, passwordFile: /nowhere}", "no file with a secret"),
      ("broker: {kind: nats, servers: 'nats://b:1', tls: {authority: a}}", "broker.tls.serverName is missing"),
      ("broker: {kind: kafka, servers: 'b:1', credentials: c}", "broker.credentials is for NATS"),
    ])
  func refused(text: String, words: String) {
    let refusal = Self.refusal { _ = try Self.network(text) }
    #expect(refusal.contains(words), "\(refusal)")
  }

  @Test("choose Kafka with its servers, partitions, copies and certificates")
  func kafka() throws {
    let network = try Self.network(
      """
      broker:
        kind: kafka
        servers: broker-1:9092, broker-2:9092
        partitions: 8
        replicas: 2
        vouchedFor: true
        tls: {authority: a.pem, certificate: c.pem, key: k.pem}
      """)
    guard case .kafka(let settings) = network.broker else {
      Issue.record("the broker is not Kafka: \(network.broker)")
      return
    }
    #expect(settings.servers == ["broker-1:9092", "broker-2:9092"])
    #expect(settings.partitions == Partitions(8))
    #expect(settings.replicas == 2)
    #expect(settings.topics == .vouchedFor)
    #expect(settings.tls?.authorities == "a.pem")
    #expect(settings.tls?.certificate?.key == "k.pem")
  }

  @Test("with a mistyped key are refused")
  func mistyped() throws {
    let refusal = Self.refusal {
      try Self.withFile("contexts: {ledger: {adress: 'ledger:9090'}}") {
        _ = try Storage(Settings(path: $0, environment: [:]), data: "data")
      }
    }
    #expect(refusal.contains("contexts.ledger.adress is no setting"), "\(refusal)")
  }

  @Test("must say where a context is that is not run here, and how it is called")
  func elsewhere() throws {
    let share = try Share(only: "policy, edge")
    #expect(share == Share(contexts: ["policy"], hasEdge: true))
    let missing = try Self.network(Self.contexts(but: "claims") + "plaintext: true")
    #expect(Self.refusal { _ = try missing.lines(besides: share) }.contains("contexts.claims.address is missing"))
    let unsaid = try Self.network(Self.contexts())
    #expect(Self.refusal { _ = try unsaid.lines(besides: share) }.contains("tls.certificate is missing"))
    let whole = try Self.network(Self.contexts(but: "policy") + "plaintext: true")
    #expect(try Set(whole.lines(besides: share).keys) == Set(House.contextNames).subtracting(["policy"]))
  }

  @Test("are read for what is run: a name that nobody knows is refused")
  func unknownShare() {
    #expect(Self.refusal { _ = try Share(only: "policy,blling") }.contains("names 'blling'"))
    #expect(Self.refusal { _ = try Share(only: ",") }.contains("names nothing"))
  }

  @Test("give NATS its logins from files")
  func nats() throws {
    let network = try Self.withFile("secret\n") { file in
      try Self.network(
        """
        broker:
          kind: nats
          servers: nats://b-1:4222,nats://b-2:4222
          replicas: 2
          gigabytesPerStream: 3
          partitions: 4
          user: premia
          passwordFile: \(file)
          system: {user: system, passwordFile: \(file)}
          tls: {authority: a.pem, serverName: nats}
        """)
    }
    guard case .nats(let nats, let partitions) = network.broker,
      case .password("premia", "secret") = nats.login,
      case .systemAccount(.password("system", "secret")) = nats.syncProof
    else {
      Issue.record("the broker is \(network.broker)")
      return
    }
    #expect(nats.servers == ["nats://b-1:4222", "nats://b-2:4222"])
    #expect(nats.replicas == 2)
    #expect(nats.bytesPerStream == 3_221_225_472)
    #expect(nats.tls?.serverName == "nats")
    #expect(partitions == Partitions(4))
  }

  @Test("of a cluster on one machine are those that its processes read")
  func cluster() throws {
    for storage in ClusterPlan.Storage.allCases {
      let plan = ClusterPlan(
        data: "/tmp/cluster", configuration: "config", port: 18_000, storage: storage, broker: .none)
      let network = try Self.network(plan.settingsText)
      #expect(network.http == Address(host: "127.0.0.1", port: 18_000))
      #expect(network.addresses["party"] == [Address(host: "127.0.0.1", port: 18_001)])
      #expect(Set(network.addresses.keys) == Set(House.contextNames))
      try Self.withFile(plan.settingsText) {
        _ = try Storage(Settings(path: $0, environment: [:]), data: plan.data)
      }
    }
  }
}
