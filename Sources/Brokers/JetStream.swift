// JetStream's API: requests and answers in JSON over subjects of their own (docs.nats.io, "JetStream wire API"). The
// library's structures for it leave out what it was released before.

import Foundation
import Runtime

/// What an error of JetStream says.
struct JetStreamError: Decodable, Equatable {
  /// As in HTTP.
  let code: Int
  let errCode: Int?
  let description: String?

  /// A stream of this name exists with other settings.
  static let nameInUse = 10_058

  enum CodingKeys: String, CodingKey {
    case code, description
    case errCode = "err_code"
  }
}

struct StreamConfig: Codable, Equatable {
  var name: String
  var subjects: [String]
  var retention = "limits"
  var storage = "file"
  var discard = "old"
  var replicas: Int
  var maxAge: Int64
  var maxBytes: Int64
  var duplicateWindow: Int64
  /// An acknowledgement is not sent at all.
  var noAck: Bool? = false

  enum CodingKeys: String, CodingKey {
    case name, subjects, retention, storage, discard
    case replicas = "num_replicas"
    case maxAge = "max_age"
    case maxBytes = "max_bytes"
    case duplicateWindow = "duplicate_window"
    case noAck = "no_ack"
  }
}

struct ConsumerConfig: Encodable {
  var name: String
  var durable: String
  var filter: String
  var delivers = "all"
  var acknowledges = "explicit"
  var replays = "instant"
  var acknowledgeWithin: Int64
  /// Without end: what is poison is set aside by the consumer, in order.
  var mostDeliveries = -1
  /// What was acknowledged is known to as many servers as keep the stream, in their memory: on disk it would cost three
  /// fsyncs a message. After all of them have ended everything is delivered again, and passed by.
  var inMemory = true
  var inFlight: Int

  enum CodingKeys: String, CodingKey {
    case name
    case durable = "durable_name"
    case filter = "filter_subject"
    case delivers = "deliver_policy"
    case acknowledges = "ack_policy"
    case replays = "replay_policy"
    case acknowledgeWithin = "ack_wait"
    case mostDeliveries = "max_deliver"
    case inMemory = "mem_storage"
    case inFlight = "max_ack_pending"
  }
}

struct ConsumerRequest: Encodable {
  let stream: String
  let config: ConsumerConfig

  enum CodingKeys: String, CodingKey {
    case config
    case stream = "stream_name"
  }
}

/// Any answer of the API.
private struct Answer<Content: Decodable>: Decodable {
  let content: Result<Content, JetStreamFault>

  private enum CodingKeys: String, CodingKey { case error }

  init(from decoder: any Decoder) throws {
    if let error = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
      JetStreamError.self, forKey: .error)
    {
      content = .failure(JetStreamFault(error: error))
    } else {
      content = .success(try Content(from: decoder))
    }
  }
}

/// An error of JetStream as something to throw.
struct JetStreamFault: Error {
  let error: JetStreamError
}

/// An answer of which nothing is asked but that it is no error.
struct Done: Decodable {}

struct StreamInfo: Decodable {
  let config: StreamConfig
}

struct ConsumerPage: Decodable {
  struct Item: Decodable {
    let name: String
    let pending: Int64
    let unacknowledged: Int64

    enum CodingKeys: String, CodingKey {
      case name
      case pending = "num_pending"
      case unacknowledged = "num_ack_pending"
    }
  }

  let total: Int
  let consumers: [Item]?
}

extension NATSMessage {
  /// Reads an answer of JetStream.
  ///
  /// - Throws: `BrokerFailure` where there is nobody to answer, or what is answered cannot be read.
  func content<Content: Decodable>(_: Content.Type) throws(BrokerFailure) -> Result<Content, JetStreamFault> {
    if let status { throw .unavailable("status \(status): JetStream is off, has no leader now, or has no such stream") }
    do {
      return try JSONDecoder().decode(Answer<Content>.self, from: Data(body)).content
    } catch {
      throw .refused("an answer of JetStream cannot be read: \(error)")
    }
  }
}

extension BrokerFailure {
  /// What an error of JetStream means for who asked.
  init(_ fault: JetStreamFault, at place: String) {
    let error = fault.error
    let words = "\(place): \(error.description ?? "error") (\(error.code), \(error.errCode ?? 0))"
    self = error.code >= 500 ? .unavailable(words) : .refused(words)
  }
}

extension Encodable {
  /// In JSON.
  func json() throws(BrokerFailure) -> [UInt8] {
    do {
      return Array(try JSONEncoder().encode(self))
    } catch {
      throw .refused("\(Self.self) cannot be encoded: \(error)")
    }
  }
}
