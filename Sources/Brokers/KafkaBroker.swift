// The broker port on Kafka: a topic per context, whose partitions are Premia's.

import Kernel
public import Runtime
import Synchronization

/// Delivers through a Kafka cluster.
public final class KafkaBroker: Broker {
  private struct Connections {
    var producer: KafkaConnection?
    /// By receiver.
    var consumers: [String: KafkaConnection] = [:]
    /// The topics that are known to be there, and safe.
    var topics: Set<String> = []
    var isClosed = false
  }

  private let settings: KafkaSettings
  private let connections = Mutex(Connections())

  /// Connects and looks whether the cluster can be trusted with what is handed to it.
  ///
  /// - Throws: `Problem` with what is unsafe or out of reach, and what to do.
  public static func open(_ settings: KafkaSettings) async throws -> KafkaBroker {
    let broker = KafkaBroker(settings)
    do {
      let found = try await broker.reports { $0.hasPrefix("premia.") }
      guard let problem = TopicReport.problem(of: found.topics, servers: found.servers, settings) else { return broker }
      await broker.close()
      throw problem
    } catch let failure as BrokerFailure {
      await broker.close()
      throw Problem.broker(failure, settings)
    }
  }

  private init(_ settings: KafkaSettings) { self.settings = settings }

  public func publish(_ parcels: [Parcel], of source: String) async throws(BrokerFailure) {
    guard !parcels.isEmpty else { return }
    let topic = Self.topic(of: source)
    try await makeTopic(topic)
    let records = parcels.map { parcel in
      KafkaRecord(
        partition: parcel.partition, body: parcel.envelope,
        headers: [
          (Parcel.eventHeader, parcel.id), (Parcel.positionHeader, "\(parcel.position)"),
          (Parcel.previousHeader, "\(parcel.previous)"),
        ])
    }
    do throws(BrokerFailure) {
      try await producer().send(records, to: topic)
    } catch {
      // It may be gone, as after a disk was lost: then it is made again.
      connections.withLock { _ = $0.topics.remove(topic) }
      throw error
    }
  }

  public func line(
    to source: String, partition: Int, of group: String, inFlight: Int
  ) async throws(BrokerFailure) -> any BrokerLine {
    let topic = Self.topic(of: source)
    try await makeTopic(topic)
    let connection = try consumer(of: group)
    let mark = try await connection.marks(in: topic, of: settings.partitions)[partition]
    // From now on its lag can be told. What was kept for too long before is passed over.
    if mark == nil { try await connection.commit(0, of: topic, partition) }
    return try await KafkaLine.open(
      connection, topic: topic, partition: partition, from: mark ?? 0, inFlight: inFlight,
      acknowledgeWithin: settings.acknowledgeWithin)
  }

  public func lag(of group: String, behind source: String) async throws(BrokerFailure) -> [Int: Int64] {
    let topic = Self.topic(of: source)
    let marks = try await consumer(of: group).marks(in: topic, of: settings.partitions)
    // The producer fetches nothing that its questions would have to wait behind.
    let ends = try await producer().ends(of: topic, marks.keys.sorted())
    var lag: [Int: Int64] = [:]
    for (partition, mark) in marks {
      guard let end = ends[partition] else { continue }
      // Where the topic was lost and made again, the mark is of no use, and the line begins at the beginning.
      let next = mark > end.upperBound ? end.lowerBound : max(mark, end.lowerBound)
      lag[partition] = end.upperBound - next
    }
    return lag
  }

  public func close() async {
    connections.withLock { $0 = Connections(isClosed: true) }
  }

  private static func topic(of source: String) -> String { "premia.\(source)" }

  private static func group(of receiver: String) -> String { "premia.\(receiver)" }

  private func producer() throws(BrokerFailure) -> KafkaConnection {
    try connections.withLock { (connections: inout Connections) throws(BrokerFailure) -> KafkaConnection in
      guard !connections.isClosed else { throw .refused("the broker is closed") }
      if let open = connections.producer, !open.isBroken { return open }
      let opened = try KafkaConnection.producer(settings)
      connections.producer = opened
      return opened
    }
  }

  /// One for all partitions that a group reads here.
  private func consumer(of receiver: String) throws(BrokerFailure) -> KafkaConnection {
    try connections.withLock { (connections: inout Connections) throws(BrokerFailure) -> KafkaConnection in
      guard !connections.isClosed else { throw .refused("the broker is closed") }
      if let open = connections.consumers[receiver] { return open }
      let opened = try KafkaConnection.consumer(of: Self.group(of: receiver), settings)
      connections.consumers[receiver] = opened
      return opened
    }
  }

  /// Makes the topic of a source where there is none yet. One that somebody made otherwise is used if it is as safe.
  private func makeTopic(_ topic: String) async throws(BrokerFailure) {
    if connections.withLock({ $0.topics.contains(topic) }) { return }
    var found = try await reports { $0 == topic }.topics
    if found.isEmpty {
      switch settings.topics {
      case .vouchedFor: throw .refused("there is no topic \(topic), and the operator makes them")
      case .ours: try await producer().make(topic, settings)
      }
      found = try await reports { $0 == topic }.topics
    }
    for report in found { if let problem = report.problem(settings) { throw .refused(problem.detail) } }
    if !found.isEmpty { connections.withLock { _ = $0.topics.insert(topic) } }
  }

  /// What the cluster says of some of its topics.
  private func reports(
    of isWanted: (String) -> Bool
  ) async throws(BrokerFailure) -> (servers: Int, topics: [TopicReport]) {
    let connection = try producer()
    let (servers, all) = try await connection.metadata()
    let wanted = all.filter { isWanted($0.name) }
    switch settings.topics {
    case .vouchedFor: return (servers, wanted)
    case .ours where wanted.isEmpty: return (servers, [])
    case .ours:
      let configurations = try await connection.configurations(of: wanted.map(\.name))
      return (
        servers,
        wanted.map { report in
          var report = report
          report.configuration = configurations[report.name]
          return report
        }
      )
    }
  }
}
