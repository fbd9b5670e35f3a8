// librdkafka's mock of a Kafka cluster, as a process that can be killed (Tests/KafkaMock). It keeps nothing on disk.

import Brokers
import Foundation
import Runtime
import ServerTesting

final class KafkaServer: Sendable {
  private let server: TestServer
  private static let partitions = Partitions(4)

  /// Starts a cluster of one server with the topics of the tests, because the mock cannot be asked to make them.
  init() async throws {
    server = try TestServer(try Self.program()) { port in
      ["\(port)", "\(Self.partitions.count)", "premia.billing", "premia.tallying"]
    }
    try await server.start()
  }

  /// As an installation on this one server would have them.
  var settings: KafkaSettings {
    var settings = KafkaSettings(servers: ["127.0.0.1:\(server.port)"], partitions: Self.partitions)
    settings.topics = .vouchedFor
    settings.replicas = 1
    settings.timeout = .seconds(10)
    return settings
  }

  func start() async throws { try await server.start() }

  func killAtOnce() { server.killAtOnce() }

  func end() { server.end() }

  /// It is built beside the tests.
  private static func program() throws -> String {
    let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "kafka-mock").path
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw NoServer(description: "There is no \(program). 'swift build --product kafka-mock' makes it.")
    }
    return program
  }
}
