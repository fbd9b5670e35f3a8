// A cluster of three servers of which one is killed: what it acknowledged is on the others.

import Brokers
import Kernel
import Runtime
import Testing

@Suite("A NATS cluster")
struct ClusterTests {
  @Test("loses nothing and keeps the order when one of three servers is killed while events are published")
  func killed() async throws {
    let cluster = try await NATSCluster()
    defer { cluster.end() }
    let broker = try await Self.open(cluster.settings)
    let journey = Journey()
    // The log is not looked at but for gaps.
    let copy = journey.copy(broker) { $0.lookEvery = .seconds(600) }
    let relay = Relay(engine: journey.source, broker: broker, partitions: journey.partitions)
    let relaying = Task { await relay.run { trouble in journey.troubles.change { $0.append("\(trouble)") } } }
    // Once an event is through, stream and consumers have their leaders.
    try await journey.publish(0..<1, of: subjects)
    try await journey.waitFor(0..<1, within: 60)
    let publishing = Task { try await journey.publish(1..<300, of: subjects) }
    cluster.servers[0].killAtOnce()
    try await publishing.value
    try await journey.waitFor(0..<300, within: 60)
    // The receiver may have lived off the log while the relay waited for the broker.
    for _ in 0..<6_000 {
      if try await journey.source.store.cursor("relay") == 300 { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    await relaying.cancelled()
    await copy.stop()

    // All that was acknowledged is still with the broker, on two servers of three.
    for partition in 0..<journey.partitions.count {
      let published = (0..<300).filter { journey.partitions.partition(of: subjects[$0 % subjects.count]) == partition }
      let kept = try await Self.positions(broker, partition, upTo: published.count)
      #expect(kept == published.map { Int64($0 + 1) }, "partition \(partition)")
    }
    await broker.close()
  }

  /// The places of so many parcels of a partition, in the order of the log; fewer where no more come.
  private static func positions(_ broker: NATSBroker, _ partition: Int, upTo count: Int) async throws -> [Int64] {
    let line = try await asking {
      try await broker.line(to: "tallying", partition: partition, of: "auditing", inFlight: 512)
    }
    var found: Set<Int64> = []
    while found.count < count {
      let parcels = try await asking { try await line.receive(patience: .seconds(10)) }
      guard let last = parcels.last else { break }
      found.formUnion(parcels.map(\.position))
      try await asking { try await line.acknowledge(through: last.position) }
    }
    await line.close()
    return found.sorted()
  }

  /// Asks again while the servers choose who leads.
  private static func asking<Answer>(_ ask: () async throws -> Answer) async throws -> Answer {
    for _ in 0..<600 {
      do {
        return try await ask()
      } catch BrokerFailure.unavailable {
        try await Task.sleep(for: .milliseconds(100))
      }
    }
    return try await ask()
  }

  /// Opens a broker once the servers have found each other.
  private static func open(_ settings: NATSSettings) async throws -> NATSBroker {
    while true {
      do {
        return try await NATSBroker.open(settings)
      } catch let problem as Problem where problem.code == "broker.replicas" {
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }
}
