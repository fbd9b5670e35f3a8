// What a Kafka cluster and its topics must be, and what is said to one that is not.

@testable import Brokers
import Kernel
import Runtime
import Testing

@Suite("A Kafka cluster")
struct TopicCheckTests {
  private static func problem(
    servers: Int = 3, partitions: Int = 16, copies: Int = 3, inSync: String? = "2", unclean: String? = "false",
    topics: KafkaSettings.Topics = .ours, replicas: Int = 3
  ) -> String? {
    var settings = KafkaSettings(servers: ["a:9092"], partitions: Partitions(16))
    settings.topics = topics
    settings.replicas = replicas
    let report = TopicReport(
      name: "premia.billing", partitions: partitions, replicas: copies,
      configuration: [TopicReport.inSync: inSync, TopicReport.unclean: unclean].compactMapValues(\.self))
    return TopicReport.problem(of: [report], servers: servers, settings)?.code
  }

  @Test("is refused with the reason where it is unsafe")
  func refused() {
    #expect(Self.problem() == nil)
    #expect(Self.problem(partitions: 32, copies: 5, inSync: "3") == nil)
    #expect(Self.problem(servers: 2) == "broker.servers")
    #expect(Self.problem(partitions: 15) == "broker.partitions")
    #expect(Self.problem(copies: 2) == "broker.replicas")
    #expect(Self.problem(inSync: "1") == "broker.in_sync")
    #expect(Self.problem(inSync: nil) == "broker.in_sync")
    #expect(Self.problem(unclean: "true") == "broker.unclean")
    #expect(Self.problem(unclean: nil) == "broker.unclean")
  }

  @Test("may be less safe where the settings say so")
  func relaxed() {
    #expect(Self.problem(servers: 1, copies: 1, inSync: "1", replicas: 1) == nil)
    #expect(Self.problem(servers: 1, copies: 1, inSync: "1", unclean: "true", replicas: 1) == "broker.unclean")
    #expect(Self.problem(inSync: nil, unclean: nil, topics: .vouchedFor) == nil)
    #expect(Self.problem(partitions: 15, topics: .vouchedFor) == "broker.partitions")
    #expect(Self.problem(copies: 2, topics: .vouchedFor) == "broker.replicas")
  }

  @Test("is looked at before anything is handed to it")
  func asked() async throws {
    let server = try await KafkaServer()
    defer { server.end() }
    func code(_ change: (inout KafkaSettings) -> Void) async throws -> String? {
      var settings = server.settings
      change(&settings)
      do {
        await (try KafkaBroker.open(settings)).close()
        return nil
      } catch let problem as Problem {
        return problem.code
      }
    }
    #expect(try await code { _ in } == nil)
    #expect(try await code { $0.partitions = Partitions(5) } == "broker.partitions")
    #expect(try await code { $0.replicas = 3 } == "broker.servers")
    let nobody = try await code {
      $0.servers = ["127.0.0.1:1"]
      $0.timeout = .seconds(1)
    }
    #expect(nobody == "broker.unavailable")
  }
}
