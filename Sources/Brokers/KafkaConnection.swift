// The calls of librdkafka, with KafkaQueue.swift and KafkaConnection+Topics.swift, and the unchecked code. The library
// has threads of its own: one for each connection and one for each server that it talks to. What they bring is rung for
// here and fetched on a dispatch queue, so that no thread of the Swift pool waits, and none is needed per partition.

import CKafka
import Dispatch
import Runtime
import Synchronization

/// What is handed over.
struct KafkaRecord: Sendable {
  let partition: Int
  let body: [UInt8]
  let headers: [(name: String, value: String)]
}

/// A connection to a cluster, which the library opens again by itself when it breaks. Unchecked: the library's handles
/// may be used by any thread.
final class KafkaConnection: @unchecked Sendable {
  private struct Health {
    /// The newest failure that belongs to no question, such as a refused connection.
    var trouble: (status: rd_kafka_resp_err_t, words: String)?
    /// How often no server of the cluster was left.
    var outages = 0
    var isBroken = false
  }

  private struct Place: Hashable {
    let topic: String
    let partition: Int
  }

  let handle: OpaquePointer
  /// Answers and troubles arrive here.
  let events: OpaquePointer
  let rounds = KafkaRounds()
  let timeout: Duration
  private let fetching = DispatchQueue(label: "premia.kafka.events")
  /// For the few calls of the library that wait, one at a time.
  let waiting = DispatchQueue(label: "premia.kafka")
  let clusterQuestion = SharedQuestion<(servers: Int, topics: [TopicReport])>()
  /// By topic.
  let marksQuestions = Mutex<[String: SharedQuestion<[Int: Int64]>]>([:])
  private let health = Mutex(Health())
  /// Who listens to a partition now.
  private let listeners = Mutex<[Place: ObjectIdentifier]>([:])
  private let bell = Mutex<Bell?>(nil)

  static func producer(_ settings: KafkaSettings) throws(BrokerFailure) -> KafkaConnection {
    try KafkaConnection(RD_KAFKA_PRODUCER, settings.producer, settings)
  }

  static func consumer(of group: String, _ settings: KafkaSettings) throws(BrokerFailure) -> KafkaConnection {
    try KafkaConnection(RD_KAFKA_CONSUMER, settings.consumer(of: group), settings)
  }

  /// The library connects by itself, in its own time.
  private init(
    _ type: rd_kafka_type_t, _ options: [(name: String, value: String)], _ settings: KafkaSettings
  ) throws(BrokerFailure) {
    timeout = settings.timeout
    let configuration = rd_kafka_conf_new()
    var words = [CChar](repeating: 0, count: 512)
    for (name, value) in options
    where rd_kafka_conf_set(configuration, name, value, &words, words.count) != RD_KAFKA_CONF_OK {
      rd_kafka_conf_destroy(configuration)
      throw .refused(Self.text(words))
    }
    rd_kafka_conf_set_events(
      configuration, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_OFFSET_COMMIT)
    guard let opened = rd_kafka_new(type, configuration, &words, words.count) else {
      rd_kafka_conf_destroy(configuration)
      throw .refused(Self.text(words))
    }
    handle = opened
    events = rd_kafka_queue_get_main(opened)
    // Held by nobody on the library's thread, where it could not end: the library rings under a lock.
    let bell = Bell { [fetching, weak self] in fetching.async { [weak self] in self?.fetch() } }
    self.bell.withLock { $0 = bell }
    bell.hang(at: events)
  }

  deinit {
    Bell.takeDown(from: events)
    rd_kafka_queue_destroy(events)
    nonisolated(unsafe) let handle = handle
    // It waits for the library's threads.
    DispatchQueue(label: "premia.kafka.end").async {
      rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }
  }

  /// Whether it can never be used again, because the servers forgot what a producer must rely on.
  var isBroken: Bool { health.withLock { $0.isBroken } }
  /// How often no server of the cluster was left.
  var outages: Int { health.withLock { $0.outages } }

  /// Hands over records in their order, and waits until all of them are kept.
  func send(_ records: [KafkaRecord], to topic: String) async throws(BrokerFailure) {
    let number = rounds.begin(parts: records.count)
    for (index, record) in records.enumerated() {
      guard let failure = produce(record, topic, number) else { continue }
      // What is behind it does not overtake it.
      rounds.settle(number, .failure(failure), parts: records.count - index)
      break
    }
    // The library gives up before that.
    _ = try await rounds.outcome(of: number, within: timeout * 2).get()
  }

  /// Marks where the group goes on.
  func commit(_ offset: Int64, of topic: String, _ partition: Int) async throws(BrokerFailure) {
    let number = rounds.begin()
    let status = Self.withList(topic, [partition], at: offset) {
      rd_kafka_commit_queue(handle, $0, events, nil, UnsafeMutableRawPointer(bitPattern: number))
    }
    if status != RD_KAFKA_RESP_ERR_NO_ERROR { rounds.settle(number, .failure(failure(status, topic))) }
    _ = try await rounds.outcome(of: number, within: timeout).get()
  }

  /// Begins to read a partition. Whoever read it over this connection before gets nothing more.
  ///
  /// - Parameter ring: is called on a thread of the library when there may be something to take, and must not wait.
  func listen(
    to topic: String, _ partition: Int, from offset: Int64, _ ring: @escaping @Sendable () -> Void
  ) async throws(BrokerFailure) -> KafkaQueue {
    try await offPool { () throws(BrokerFailure) -> KafkaQueue in
      let place = Place(topic: topic, partition: partition)
      if self.listeners.withLock({ $0.removeValue(forKey: place) }) != nil { self.unassign(place) }
      guard let opened = rd_kafka_queue_get_partition(self.handle, topic, Int32(partition)) else {
        throw .unavailable("\(topic): partition \(partition) cannot be read")
      }
      // By itself, not into the one queue of the connection.
      rd_kafka_queue_forward(opened, nil)
      let queue = KafkaQueue(self, opened, topic: topic, partition: partition, ring)
      let error = Self.withList(topic, [partition], at: offset) { rd_kafka_incremental_assign(self.handle, $0) }
      if let error {
        defer { rd_kafka_error_destroy(error) }
        throw self.failure(rd_kafka_error_code(error), topic)
      }
      self.listeners.withLock { $0[place] = ObjectIdentifier(queue) }
      return queue
    }
  }

  /// Ends reading, unless somebody else has begun to.
  func end(_ queue: KafkaQueue) async {
    let place = Place(topic: queue.topic, partition: queue.partition)
    // It fails for nothing but that it is not read.
    try? await offPool { () throws(BrokerFailure) -> Void in
      let isCurrent = self.listeners.withLock { listeners in
        guard listeners[place] == ObjectIdentifier(queue) else { return false }
        listeners[place] = nil
        return true
      }
      if isCurrent { self.unassign(place) }
    }
  }

  private func unassign(_ place: Place) {
    let error = Self.withList(place.topic, [place.partition], at: Int64(RD_KAFKA_OFFSET_INVALID)) {
      rd_kafka_incremental_unassign(handle, $0)
    }
    if let error { rd_kafka_error_destroy(error) }
  }

  /// Makes a call that waits, off Swift's threads.
  func offPool<Found: Sendable>(
    _ call: @escaping @Sendable () throws(BrokerFailure) -> Found
  ) async throws(BrokerFailure) -> Found {
    let result: Result<Found, BrokerFailure> = await withCheckedContinuation { continuation in
      waiting.async { continuation.resume(returning: Result { () throws(BrokerFailure) in try call() }) }
    }
    return try result.get()
  }

  // MARK: - What the library brings

  /// Takes all events that are there.
  private func fetch() {
    while let event = rd_kafka_queue_poll(events, 0) {
      defer { rd_kafka_event_destroy(event) }
      switch rd_kafka_event_type(event) {
      case RD_KAFKA_EVENT_DR:
        while let message = rd_kafka_event_message_next(event) {
          let status = message.pointee.err
          let isKept = status == RD_KAFKA_RESP_ERR_NO_ERROR
          rounds.settle(
            Int(bitPattern: message.pointee._private), isKept ? .success(.done) : .failure(failure(status, "record")))
        }
      case RD_KAFKA_EVENT_ERROR: take(trouble: event)
      default: rounds.settle(Int(bitPattern: rd_kafka_event_opaque(event)), outcome(of: event))
      }
    }
  }

  private func take(trouble event: OpaquePointer) {
    let status = rd_kafka_event_error(event)
    let words = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
    health.withLock { health in
      switch status {
      case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: health.outages += 1
      case RD_KAFKA_RESP_ERR__FATAL: health.isBroken = true
      default: health.trouble = (status, words)
      }
    }
  }

  private func produce(_ record: KafkaRecord, _ topic: String, _ number: Int) -> BrokerFailure? {
    let headers = rd_kafka_headers_new(record.headers.count)
    for (name, value) in record.headers { rd_kafka_header_add(headers, name, -1, value, -1) }
    func field(_ kind: rd_kafka_vtype_t, _ set: (inout rd_kafka_vu_t) -> Void) -> rd_kafka_vu_t {
      var field = rd_kafka_vu_t()
      field.vtype = kind
      set(&field)
      return field
    }
    let error = topic.withCString { topic in
      record.body.withUnsafeBytes { body in
        let fields = [
          field(RD_KAFKA_VTYPE_TOPIC) { $0.u.cstr = topic },
          field(RD_KAFKA_VTYPE_PARTITION) { $0.u.i32 = Int32(record.partition) },
          field(RD_KAFKA_VTYPE_MSGFLAGS) { $0.u.i = RD_KAFKA_MSG_F_COPY },
          field(RD_KAFKA_VTYPE_VALUE) {
            $0.u.mem = .init(ptr: UnsafeMutableRawPointer(mutating: body.baseAddress), size: body.count)
          },
          field(RD_KAFKA_VTYPE_HEADERS) { $0.u.headers = headers },
          field(RD_KAFKA_VTYPE_OPAQUE) { $0.u.ptr = UnsafeMutableRawPointer(bitPattern: number) },
        ]
        return rd_kafka_produceva(handle, fields, fields.count)
      }
    }
    guard let error else { return nil }
    defer { rd_kafka_error_destroy(error) }
    // The library keeps them only with the record.
    rd_kafka_headers_destroy(headers)
    return failure(rd_kafka_error_code(error), topic)
  }

  /// Calls with a list of partitions that is gone afterwards.
  static func withList<Found>(
    _ topic: String, _ partitions: [Int], at offset: Int64,
    _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> Found
  ) -> Found {
    let list = rd_kafka_topic_partition_list_new(Int32(partitions.count))
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for partition in partitions {
      rd_kafka_topic_partition_list_add(list, topic, Int32(partition))?.pointee.offset = offset
    }
    return body(list)
  }

  static func text(_ words: [CChar]) -> String {
    String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What a status of the library means for who asked.
  func failure(_ status: rd_kafka_resp_err_t, _ place: String) -> BrokerFailure {
    let words = "\(place): \(String(cString: rd_kafka_err2str(status)))"
    switch status {
    case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TRANSPORT,
      RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      // No answer has a reason, which the library told by itself.
      guard let trouble = health.withLock({ $0.trouble }) else { return .unavailable(words) }
      return Self.isRefusal(trouble.status) ? .refused(trouble.words) : .unavailable("\(words) (\(trouble.words))")
    case _ where Self.isRefusal(status): return .refused(words)
    default: return .unavailable(words)
    }
  }

  /// Whether it will never be otherwise as it stands.
  private static func isRefusal(_ status: rd_kafka_resp_err_t) -> Bool {
    switch status {
    case RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
      RD_KAFKA_RESP_ERR_INVALID_CONFIG, RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      true
    default: false
    }
  }
}
