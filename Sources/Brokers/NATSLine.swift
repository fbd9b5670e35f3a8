// One partition's parcels: pulled from the server as many as may be in flight, kept until they are acknowledged.

import Runtime
import Synchronization

final class NATSLine: BrokerLine {
  /// A parcel and where to acknowledge it.
  private struct Delivered {
    let parcel: Parcel
    let acknowledgeTo: String
  }

  private struct State {
    /// Arrived and not handed out.
    var arrived: [Delivered] = []
    /// Handed out and not acknowledged.
    var open: [Delivered] = []
    /// Until when the server answers the last pull, and how many it may still bring; nil where none is open.
    var pull: (until: ContinuousClock.Instant, left: Int)?
    /// Why nothing more comes, such as "409": the consumer is gone, or its leader.
    var fault: String?
    var waiter: CheckedContinuation<Void, Never>?
    var isClosed = false
  }

  private final class Box: Sendable {
    let state = Mutex(State())

    func change(_ body: @Sendable (inout State) -> Void) {
      let waiter = state.withLock { state in
        body(&state)
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume()
    }
  }

  private let connection: NATSConnection
  private let pullFrom: String
  private let inbox = NATSConnection.inbox()
  private let inFlight: Int
  private let box = Box()
  private let subscription: Mutex<NATSSubscription?>

  init(
    _ connection: NATSConnection, stream: String, consumer: String, partition: Int, inFlight: Int
  ) throws(BrokerFailure) {
    self.connection = connection
    self.inFlight = inFlight
    pullFrom = "$JS.API.CONSUMER.MSG.NEXT.\(stream).\(consumer)"
    // The connection keeps its subscriptions, so that they do not keep it.
    let opened = try connection.subscribe(to: inbox) { [box, weak connection] message in
      if let status = message.status {
        return box.change { state in
          state.pull = nil
          if !Self.ends.contains(status) { state.fault = status }
        }
      }
      let parcel = Parcel(message, partition: partition)
      // What is no parcel of ours would come for ever. What should have been there is missed and read from the log.
      if parcel == nil { try? connection?.publish(Array("+TERM".utf8), to: message.reply) }
      box.change { state in
        if let pull = state.pull { state.pull = pull.left > 1 ? (until: pull.until, left: pull.left - 1) : nil }
        if let parcel { state.arrived.append(Delivered(parcel: parcel, acknowledgeTo: message.reply)) }
      }
    }
    subscription = Mutex(opened)
  }

  func receive(patience: Duration) async throws(BrokerFailure) -> [Parcel] {
    let end = ContinuousClock.now + patience
    while true {
      let (found, fault) = take()
      if let fault { throw .unavailable("\(pullFrom): status \(fault)") }
      let left = end - ContinuousClock.now
      if !found.isEmpty || left < .milliseconds(1) || Task.isCancelled { return found }
      try pull(within: left)
      await arrival(within: left)
    }
  }

  func acknowledge(through position: Int64) async throws(BrokerFailure) {
    let done = box.state.withLock { state in
      let done = state.open.filter { $0.parcel.position <= position }
      state.open.removeAll { $0.parcel.position <= position }
      return done
    }
    for delivered in done { try connection.publish(Array("+ACK".utf8), to: delivered.acknowledgeTo) }
  }

  func close() async {
    // Nothing more arrives.
    subscription.withLock { $0 = nil }
    let left = box.state.withLock { state in
      defer { (state.arrived, state.open) = ([], []) }
      return state.open + state.arrived
    }
    box.change { $0.isClosed = true }
    // To be delivered to the next one at once; where that is not heard, after the time to acknowledge.
    for delivered in left { try? connection.publish(Array("-NAK".utf8), to: delivered.acknowledgeTo) }
  }

  private func take() -> (found: [Parcel], fault: String?) {
    box.state.withLock { state in
      defer { state.arrived = [] }
      state.open += state.arrived
      return (state.arrived.map(\.parcel), state.fault)
    }
  }

  /// Asks the server for parcels, unless it has been asked.
  private func pull(within patience: Duration) throws(BrokerFailure) {
    let now = ContinuousClock.now
    let isNeeded: Bool? = box.state.withLock { state in
      if let pull = state.pull { return pull.until > now ? false : nil }
      // And some more, for the server's word that it has ended.
      state.pull = (until: now + patience + .milliseconds(500), left: inFlight)
      return true
    }
    guard let isNeeded else { throw .unavailable("\(pullFrom): no answer") }
    guard isNeeded else { return }
    let request = #"{"batch":\#(inFlight),"expires":\#(patience.nanoseconds)}"#
    try connection.publish(Array(request.utf8), to: pullFrom, reply: inbox)
  }

  /// How a pull ends when all is well: no messages, its time is over.
  private static let ends: Set<String> = ["404", "408"]

  /// Returns when something has arrived, the pull has ended, or the time is over.
  private func arrival(within patience: Duration) async {
    let end = Task { [box] in
      // Cancelled when something has arrived.
      try? await Task.sleep(for: patience)
      box.change { _ in }
    }
    defer { end.cancel() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isThere = box.state.withLock { state in
          if !state.arrived.isEmpty || state.pull == nil || state.isClosed || Task.isCancelled { return true }
          state.waiter = continuation
          return false
        }
        if isThere { continuation.resume() }
      }
    } onCancel: {
      box.change { _ in }
    }
  }
}

extension Parcel {
  static let positionHeader = "Premia-Position"
  static let previousHeader = "Premia-Previous"
  /// By which the server recognises a message that comes twice.
  static let idHeader = "Nats-Msg-Id"

  /// Nil where the message is no parcel.
  fileprivate init?(_ message: NATSMessage, partition: Int) {
    guard let id = message[header: Self.idHeader],
      let position = message[header: Self.positionHeader].flatMap(Int64.init),
      let previous = message[header: Self.previousHeader].flatMap(Int64.init)
    else { return nil }
    self.init(id: id, partition: partition, position: position, previous: previous, envelope: message.body)
  }
}
