// What the library has fetched of one partition, and how it says that there is something.

import CKafka
import Runtime

/// What came from a partition.
struct KafkaMessage: Sendable {
  let offset: Int64
  let body: [UInt8]
  private let headers: [String: String]

  /// The headers that anybody here asks for.
  private static let known = [Parcel.eventHeader, Parcel.positionHeader, Parcel.previousHeader]

  fileprivate init(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    offset = message.pointee.offset
    body = Array(UnsafeRawBufferPointer(start: message.pointee.payload, count: message.pointee.len))
    var found: OpaquePointer?
    var headers: [String: String] = [:]
    if rd_kafka_message_headers(message, &found) == RD_KAFKA_RESP_ERR_NO_ERROR, let found {
      for name in Self.known {
        var value: UnsafeRawPointer?
        var size = 0
        guard rd_kafka_header_get_last(found, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
        headers[name] = String(decoding: UnsafeRawBufferPointer(start: value, count: size), as: UTF8.self)
      }
    }
    self.headers = headers
  }

  subscript(header name: String) -> String? { headers[name] }
}

/// What was fetched of a partition and not taken. Unchecked, as the connection is.
final class KafkaQueue: @unchecked Sendable {
  let topic: String
  let partition: Int
  private let connection: KafkaConnection
  private let handle: OpaquePointer
  private let bell: Bell

  init(
    _ connection: KafkaConnection, _ handle: OpaquePointer, topic: String, partition: Int,
    _ ring: @escaping @Sendable () -> Void
  ) {
    self.connection = connection
    self.handle = handle
    self.topic = topic
    self.partition = partition
    bell = Bell(ring)
    bell.hang(at: handle)
  }

  deinit {
    Bell.takeDown(from: handle)
    rd_kafka_queue_destroy(handle)
  }

  /// What is there, without waiting.
  func take(atMost most: Int) throws(BrokerFailure) -> [KafkaMessage] {
    var taken = [UnsafeMutablePointer<rd_kafka_message_t>?](repeating: nil, count: most)
    let count = rd_kafka_consume_batch_queue(handle, 0, &taken, most)
    guard count >= 0 else { throw connection.failure(rd_kafka_last_error(), topic) }
    let messages = taken.prefix(count).compactMap(\.self)
    defer { for message in messages { rd_kafka_message_destroy(message) } }
    for message in messages where message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw connection.failure(message.pointee.err, topic)
    }
    return messages.map { KafkaMessage($0) }
  }

  func end() async { await connection.end(self) }
}

/// What the library rings when something comes to an empty queue; on a thread of the library, which must not wait.
final class Bell: Sendable {
  let ring: @Sendable () -> Void

  init(_ ring: @escaping @Sendable () -> Void) { self.ring = ring }

  /// Hangs it at a queue. It must be kept until it is taken down.
  func hang(at queue: OpaquePointer) {
    rd_kafka_queue_cb_event_enable(
      queue, { _, bell in if let bell { Unmanaged<Bell>.fromOpaque(bell).takeUnretainedValue().ring() } },
      Unmanaged.passUnretained(self).toOpaque())
  }

  /// Afterwards it rings no more: the library rings under the lock that this takes.
  static func takeDown(from queue: OpaquePointer) { rd_kafka_queue_cb_event_enable(queue, nil, nil) }
}
