// What cnats does by itself, for measurements to be held against: the same messages to streams of the same settings,
// published with a bound on what is not acknowledged, fetched and acknowledged by the library's own calls. What the
// port adds on top is what there is to save.

import CNats
import Dispatch
import Foundation
public import Runtime
import Synchronization

/// Bare speeds of the library and the servers, measured when asked for.
public enum NATSFloor {
  /// Publishes parcels and waits for every acknowledgement.
  ///
  /// - Parameters:
  ///   - source: one to which something was published through the port, which makes the stream.
  ///   - window: the most messages that are not acknowledged.
  /// - Returns: how long it took, without connecting.
  public static func publish(
    _ parcels: [Parcel], of source: String, window: Int, _ settings: NATSSettings
  ) async throws(BrokerFailure) -> Duration {
    try await measured(settings, window) { bare throws(BrokerFailure) in
      let messages = try bare.messages(of: parcels, source)
      return try time { () throws(BrokerFailure) in try bare.publish(messages) }
    }
  }

  /// The same, while a consumer for each partition fetches and acknowledges them.
  public static func deliver(
    _ parcels: [Parcel], of source: String, partitions: Int, window: Int, _ settings: NATSSettings
  ) async throws(BrokerFailure) -> Duration {
    try await measured(settings, window) { bare throws(BrokerFailure) in
      let messages = try bare.messages(of: parcels, source)
      var consumers: [Bare.Consumer] = []
      defer { for consumer in consumers { consumer.end() } }
      for partition in 0..<partitions {
        let expected = parcels.count(where: { $0.partition == partition })
        consumers.append(try bare.consumer(of: source, partition: partition, expecting: expected))
      }
      return try time { () throws(BrokerFailure) in
        let failure = Mutex<BrokerFailure?>(nil)
        let ended = DispatchGroup()
        for consumer in consumers {
          ended.enter()
          Thread.detachNewThread {
            do throws(BrokerFailure) { try consumer.acknowledgeAll() } catch { failure.withLock { $0 = error } }
            ended.leave()
          }
        }
        let published = Result { () throws(BrokerFailure) in try bare.publish(messages) }
        ended.wait()
        try published.get()
        if let failure = failure.withLock({ $0 }) { throw failure }
      }
    }
  }

  /// Off the threads that tasks run on.
  private static func measured(
    _ settings: NATSSettings, _ window: Int, _ body: @escaping @Sendable (Bare) throws(BrokerFailure) -> Duration
  ) async throws(BrokerFailure) -> Duration {
    let connection = try await NATSConnection.open(settings, as: settings.login)
    defer { connection.close() }
    let measured: Result<Duration, BrokerFailure> = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(returning: Result { () throws(BrokerFailure) in try body(Bare(connection, window)) })
      }
    }
    return try measured.get()
  }

  private static func time(_ body: () throws(BrokerFailure) -> Void) throws(BrokerFailure) -> Duration {
    let start = ContinuousClock.now
    try body()
    return ContinuousClock.now - start
  }
}

/// The library's own way. Unchecked, as the connection is: the library's objects may be used by any thread.
private final class Bare: @unchecked Sendable {
  /// One partition, fetched from.
  struct Consumer: @unchecked Sendable {
    fileprivate let handle: OpaquePointer
    fileprivate let expected: Int

    func acknowledgeAll() throws(BrokerFailure) {
      var left = expected
      while left > 0 {
        var list = natsMsgList()
        defer { natsMsgList_Destroy(&list) }
        try Bare.check(natsSubscription_Fetch(&list, handle, Int32(min(left, 256)), 10_000, nil), "fetching")
        for index in 0..<Int(list.Count) { try Bare.check(natsMsg_Ack(list.Msgs[index], nil), "acknowledging") }
        left -= Int(list.Count)
      }
    }

    func end() { natsSubscription_Destroy(handle) }
  }

  private let connection: NATSConnection
  private let context: OpaquePointer
  /// How many messages the servers did not take.
  private let refused = UnsafeMutablePointer<Int>.allocate(capacity: 1)

  init(_ connection: NATSConnection, _ window: Int) throws(BrokerFailure) {
    self.connection = connection
    refused.initialize(to: 0)
    var options = jsOptions()
    var context: OpaquePointer?
    try Self.check(jsOptions_Init(&options), "JetStream")
    options.PublishAsync.StallWait = 60_000
    options.PublishAsync.MaxPending = Int64(window)
    options.PublishAsync.ErrHandlerClosure = UnsafeMutableRawPointer(refused)
    options.PublishAsync.ErrHandler = { _, _, refused in
      refused?.assumingMemoryBound(to: Int.self).pointee += 1
    }
    try Self.check(natsConnection_JetStream(&context, connection.handle, &options), "JetStream")
    guard let context else { throw .unavailable("JetStream: no context") }
    self.context = context
  }

  deinit {
    jsCtx_Destroy(context)
    refused.deallocate()
  }

  /// Laid out before the clock starts.
  func messages(of parcels: [Parcel], _ source: String) throws(BrokerFailure) -> [OpaquePointer?] {
    var messages: [OpaquePointer?] = []
    for parcel in parcels {
      var message: OpaquePointer?
      let subject = "premia.\(source).\(parcel.partition)"
      try Self.check(
        parcel.envelope.withUnsafeBytes { bytes in
          natsMsg_Create(
            &message, subject, nil, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        }, subject)
      let headers = [
        (Parcel.idHeader, parcel.id), (Parcel.positionHeader, "\(parcel.position)"),
        (Parcel.previousHeader, "\(parcel.previous)"),
      ]
      for (name, value) in headers { try Self.check(natsMsgHeader_Set(message, name, value), subject) }
      messages.append(message)
    }
    return messages
  }

  func publish(_ messages: [OpaquePointer?]) throws(BrokerFailure) {
    for var message in messages { try Self.check(js_PublishMsgAsync(context, &message, nil), "publishing") }
    try Self.check(js_PublishAsyncComplete(context, nil), "publishing")
    guard refused.pointee == 0 else { throw .refused("\(refused.pointee) messages") }
  }

  func consumer(of source: String, partition: Int, expecting expected: Int) throws(BrokerFailure) -> Consumer {
    var handle: OpaquePointer?
    let subject = "premia.\(source).\(partition)"
    // Only what is published from now on.
    var options = jsSubOptions()
    try Self.check(jsSubOptions_Init(&options), subject)
    options.Config.DeliverPolicy = js_DeliverNew
    options.Config.AckPolicy = js_AckExplicit
    try Self.check(
      js_PullSubscribe(&handle, context, subject, "floor-\(partition)", nil, &options, nil), subject)
    guard let handle else { throw .unavailable("\(subject): no consumer") }
    return Consumer(handle: handle, expected: expected)
  }

  fileprivate static func check(_ status: natsStatus, _ place: String) throws(BrokerFailure) {
    if status != NATS_OK { throw NATSConnection.failure(status, place) }
  }
}
