// The broker port on NATS JetStream: a stream per context, a subject and a consumer per partition.

import Kernel
public import Runtime
import Synchronization

/// Delivers through a NATS cluster.
public final class NATSBroker: Broker {
  private let settings: NATSSettings
  private let connection: NATSConnection
  private let correspondence: Correspondence
  /// The sources whose streams are known to be there.
  private let streams = Mutex<Set<String>>([])

  /// Connects and looks whether the servers can be trusted with what is handed to them.
  ///
  /// - Throws: `Problem` with what is unsafe or out of reach, and what to do.
  public static func open(_ settings: NATSSettings) async throws -> NATSBroker {
    do {
      let broker = try await NATSBroker(settings)
      try await broker.checkServers()
      return broker
    } catch let failure as BrokerFailure {
      throw Problem.broker(failure, settings)
    }
  }

  private init(_ settings: NATSSettings) async throws(BrokerFailure) {
    self.settings = settings
    connection = try await NATSConnection.open(settings, as: settings.login)
    correspondence = try Correspondence(connection)
  }

  public func publish(_ parcels: [Parcel], of source: String) async throws(BrokerFailure) {
    guard !parcels.isEmpty else { return }
    try await makeStream(of: source)
    var requests: [NATSRequest] = []
    for parcel in parcels {
      requests.append(
        NATSRequest(
          subject: "premia.\(source).\(parcel.partition)", body: parcel.envelope,
          headers: [
            (Parcel.idHeader, parcel.id), (Parcel.positionHeader, "\(parcel.position)"),
            (Parcel.previousHeader, "\(parcel.previous)"),
          ]))
    }
    // Each is written to disk by itself.
    let patience = settings.timeout + Duration.milliseconds(20) * parcels.count
    let answers = try await correspondence.ask(requests, patience: patience)
    for (parcel, answer) in zip(parcels, answers) {
      do throws(BrokerFailure) {
        guard let answer else { throw .unavailable("\(source): no acknowledgement within \(patience)") }
        if case .failure(let fault) = try answer.content(Done.self) {
          throw BrokerFailure(fault, at: "\(source), event \(parcel.id)")
        }
      } catch {
        // It may be gone, as after a disk was lost: then it is made again.
        streams.withLock { _ = $0.remove(source) }
        throw error
      }
    }
  }

  public func line(
    to source: String, partition: Int, of group: String, inFlight: Int
  ) async throws(BrokerFailure) -> any BrokerLine {
    try await makeStream(of: source)
    let stream = Self.stream(of: source)
    let consumer = "\(group)-\(partition)"
    let config = ConsumerConfig(
      name: consumer, durable: consumer, filter: "premia.\(source).\(partition)",
      acknowledgeWithin: settings.acknowledgeWithin.nanoseconds, inFlight: inFlight)
    do throws(BrokerFailure) {
      let request = try ConsumerRequest(stream: stream, config: config).json()
      if case .failure(let fault) = try await api("CONSUMER.DURABLE.CREATE.\(stream).\(consumer)", request, Done.self) {
        throw BrokerFailure(fault, at: "\(stream)/\(consumer)")
      }
    } catch {
      streams.withLock { _ = $0.remove(source) }
      throw error
    }
    return try NATSLine(connection, stream: stream, consumer: consumer, partition: partition, inFlight: inFlight)
  }

  public func lag(of group: String, behind source: String) async throws(BrokerFailure) -> [Int: Int64] {
    let stream = Self.stream(of: source)
    var lag: [Int: Int64] = [:]
    var offset = 0
    while true {
      let answer = try await api(
        "CONSUMER.LIST.\(stream)", Array(#"{"offset":\#(offset)}"#.utf8), ConsumerPage.self)
      switch answer {
      case .failure(let fault): throw BrokerFailure(fault, at: stream)
      case .success(let page):
        let consumers = page.consumers ?? []
        for consumer in consumers where consumer.name.hasPrefix("\(group)-") {
          guard let partition = Int(consumer.name.dropFirst(group.count + 1)) else { continue }
          lag[partition] = consumer.pending + consumer.unacknowledged
        }
        offset += consumers.count
        if consumers.isEmpty || offset >= page.total { return lag }
      }
    }
  }

  public func close() async { connection.close() }

  private static func stream(of source: String) -> String { "premia-\(source)" }

  /// Makes the stream of a source where there is none yet. One that somebody made otherwise is used if it is as safe.
  private func makeStream(of source: String) async throws(BrokerFailure) {
    if streams.withLock({ $0.contains(source) }) { return }
    let name = Self.stream(of: source)
    let wanted = StreamConfig(
      name: name, subjects: ["premia.\(source).*"], replicas: settings.replicas, maxAge: settings.keep.nanoseconds,
      maxBytes: settings.bytesPerStream, duplicateWindow: settings.duplicatesWindow.nanoseconds)
    switch try await api("STREAM.CREATE.\(name)", try wanted.json(), Done.self) {
    case .success: break
    case .failure(let fault) where fault.error.errCode == JetStreamError.nameInUse:
      switch try await api("STREAM.INFO.\(name)", [], StreamInfo.self) {
      case .failure(let fault): throw BrokerFailure(fault, at: name)
      case .success(let info): if let reason = info.config.unsafety(beside: wanted) { throw .refused(reason) }
      }
    case .failure(let fault): throw BrokerFailure(fault, at: name)
    }
    streams.withLock { _ = $0.insert(source) }
  }

  private func api<Content: Decodable>(
    _ name: String, _ body: [UInt8], _ content: Content.Type
  ) async throws(BrokerFailure) -> Result<Content, JetStreamFault> {
    let subject = "$JS.API.\(name)"
    let request = NATSRequest(subject: subject, body: body)
    guard let answer = try await correspondence.ask([request], patience: settings.timeout)[0] else {
      throw .unavailable("\(subject): no answer within \(settings.timeout)")
    }
    return try answer.content(content)
  }
}

// MARK: - At the start

extension NATSBroker {
  /// Looks at what the servers say of themselves.
  private func checkServers() async throws {
    var connections: [NATSConnection] = []
    defer { for connection in connections { connection.close() } }
    let servers: [ServerReport]
    switch settings.syncProof {
    case .systemAccount(let login):
      let system = try await NATSConnection.open(settings, as: login)
      connections.append(system)
      let answers = try await Correspondence(system).askAll(ServerReport.ofAll, within: .milliseconds(500))
      servers = answers.compactMap(ServerReport.init)
    case .vouchedFor, nil:
      let request = NATSRequest(subject: ServerReport.ofConnected)
      servers = try await correspondence.ask([request], patience: settings.timeout)
        .compactMap { $0.flatMap(ServerReport.init) }
    }
    if let problem = ServerReport.problem(of: servers, settings) {
      await close()
      throw problem
    }
  }
}
