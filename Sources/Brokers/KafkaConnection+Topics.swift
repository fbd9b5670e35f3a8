// What is asked about topics and groups, and what the library answers.

import CKafka
import Runtime
import Synchronization

extension KafkaConnection {
  /// The cluster's servers, and its topics without their configuration.
  func metadata() async throws(BrokerFailure) -> (servers: Int, topics: [TopicReport]) {
    try await clusterQuestion.answer(on: waiting) { () throws(BrokerFailure) -> (servers: Int, topics: [TopicReport]) in
      var found: UnsafePointer<rd_kafka_metadata_t>?
      let status = rd_kafka_metadata(self.handle, 1, nil, &found, Int32(self.timeout.milliseconds))
      guard status == RD_KAFKA_RESP_ERR_NO_ERROR, let found else { throw self.failure(status, "cluster") }
      defer { rd_kafka_metadata_destroy(found) }
      let topics = UnsafeBufferPointer(start: found.pointee.topics, count: Int(found.pointee.topic_cnt))
      let reports = topics.map { topic in
        let partitions = UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt))
        return TopicReport(
          name: String(cString: topic.topic), partitions: partitions.count,
          replicas: partitions.map { Int($0.replica_cnt) }.min() ?? 0)
      }
      return (Int(found.pointee.broker_cnt), reports)
    }
  }

  /// How topics are kept, by name.
  func configurations(of topics: [String]) async throws(BrokerFailure) -> [String: [String: String]] {
    let answer = try await ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) { options in
      var resources = topics.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
      rd_kafka_DescribeConfigs(handle, &resources, resources.count, options, events)
      rd_kafka_ConfigResource_destroy_array(&resources, resources.count)
    }
    guard case .configurations(let found) = answer else { return [:] }
    return found
  }

  /// Makes a topic; one that is there already stays as it is.
  func make(_ topic: String, _ settings: KafkaSettings) async throws(BrokerFailure) {
    _ = try await ask(RD_KAFKA_ADMIN_OP_CREATETOPICS) { options in
      var words = [CChar](repeating: 0, count: 512)
      var made = [
        rd_kafka_NewTopic_new(
          topic, Int32(settings.partitions.count), Int32(settings.replicas), &words, words.count)
      ]
      // The name is ours, and so are the numbers: there is nothing to be wrong with them.
      for (name, value) in settings.topicConfiguration { rd_kafka_NewTopic_set_config(made[0], name, value) }
      rd_kafka_CreateTopics(handle, &made, 1, options, events)
      rd_kafka_NewTopic_destroy_array(&made, 1)
    }
  }

  /// Where the connection's group goes on, by partition; without those that it never marked.
  func marks(in topic: String, of partitions: Partitions) async throws(BrokerFailure) -> [Int: Int64] {
    let question = marksQuestions.withLock { questions in
      let question = questions[topic] ?? SharedQuestion()
      questions[topic] = question
      return question
    }
    return try await question.answer(on: waiting) { () throws(BrokerFailure) -> [Int: Int64] in
      // Not the administrator's question for the same: where it fails because the connection broke, the process ends
      // (librdkafka's issue 4605).
      var status = RD_KAFKA_RESP_ERR_NO_ERROR
      let found = Self.withList(topic, Array(0..<partitions.count), at: Int64(RD_KAFKA_OFFSET_INVALID)) { list in
        status = rd_kafka_committed(self.handle, list, Int32(self.timeout.milliseconds))
        return list.map { Array(UnsafeBufferPointer(start: $0.pointee.elems, count: Int($0.pointee.cnt))) } ?? []
      }
      guard status == RD_KAFKA_RESP_ERR_NO_ERROR else { throw self.failure(status, topic) }
      var marks: [Int: Int64] = [:]
      for partition in found {
        guard partition.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw self.failure(partition.err, topic) }
        if partition.offset >= 0 { marks[Int(partition.partition)] = partition.offset }
      }
      return marks
    }
  }

  /// Where each partition begins and ends. A connection that reads answers late: the server takes what comes over one
  /// connection in its order, and a fetch waits for parcels.
  func ends(of topic: String, _ partitions: [Int]) async throws(BrokerFailure) -> [Int: Range<Int64>] {
    try await offPool { () throws(BrokerFailure) -> [Int: Range<Int64>] in
      var ends: [Int: Range<Int64>] = [:]
      for partition in partitions {
        var (low, high) = (Int64(0), Int64(0))
        let status = rd_kafka_query_watermark_offsets(
          self.handle, topic, Int32(partition), &low, &high, Int32(self.timeout.milliseconds))
        guard status == RD_KAFKA_RESP_ERR_NO_ERROR else { throw self.failure(status, topic) }
        ends[partition] = low..<max(low, high)
      }
      return ends
    }
  }

  private func ask(
    _ operation: rd_kafka_admin_op_t, _ send: (OpaquePointer?) -> Void
  ) async throws(BrokerFailure) -> KafkaAnswer {
    let number = rounds.begin()
    var words = [CChar](repeating: 0, count: 512)
    let options = rd_kafka_AdminOptions_new(handle, operation)
    rd_kafka_AdminOptions_set_request_timeout(options, Int32(timeout.milliseconds), &words, words.count)
    rd_kafka_AdminOptions_set_opaque(options, UnsafeMutableRawPointer(bitPattern: number))
    send(options)
    rd_kafka_AdminOptions_destroy(options)
    // The library gives up before that. Whoever is cancelled waits for its answer too: a handle is not to end before.
    return try await Task { await rounds.outcome(of: number, within: timeout * 2) }.value.get()
  }

  /// The answer that an event brings.
  func outcome(of event: OpaquePointer) -> KafkaRounds.Outcome {
    let status = rd_kafka_event_error(event)
    guard status == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(failure(status, "cluster")) }
    do throws(BrokerFailure) {
      switch rd_kafka_event_type(event) {
      case RD_KAFKA_EVENT_CREATETOPICS_RESULT:
        try checkMade(event)
        return .success(.done)
      case RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT: return .success(.configurations(try configurations(in: event)))
      default: return .success(.done)
      }
    } catch {
      return .failure(error)
    }
  }

  private func checkMade(_ event: OpaquePointer) throws(BrokerFailure) {
    var count = 0
    let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
    for result in UnsafeBufferPointer(start: results, count: count) {
      let status = rd_kafka_topic_result_error(result)
      // Another copy of the context was quicker.
      if status == RD_KAFKA_RESP_ERR_NO_ERROR || status == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { continue }
      throw failure(status, String(cString: rd_kafka_topic_result_name(result)))
    }
  }

  private func configurations(in event: OpaquePointer) throws(BrokerFailure) -> [String: [String: String]] {
    var found: [String: [String: String]] = [:]
    var count = 0
    let resources = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
    for resource in UnsafeBufferPointer(start: resources, count: count) {
      let name = String(cString: rd_kafka_ConfigResource_name(resource))
      let status = rd_kafka_ConfigResource_error(resource)
      guard status == RD_KAFKA_RESP_ERR_NO_ERROR else { throw failure(status, name) }
      var entryCount = 0
      let entries = rd_kafka_ConfigResource_configs(resource, &entryCount)
      var configuration: [String: String] = [:]
      for entry in UnsafeBufferPointer(start: entries, count: entryCount) {
        guard let value = rd_kafka_ConfigEntry_value(entry) else { continue }
        configuration[String(cString: rd_kafka_ConfigEntry_name(entry))] = String(cString: value)
      }
      found[name] = configuration
    }
    return found
  }
}
