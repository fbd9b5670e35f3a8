// One partition's parcels: taken from what the library has fetched, kept until they are acknowledged, and handed out
// again where that takes too long. Kafka keeps one mark for all of them, behind the last that was acknowledged.

import Runtime
import Synchronization

final class KafkaLine: BrokerLine {
  private struct Delivered {
    let parcel: Parcel
    let offset: Int64
    /// When it is handed out again.
    var again: ContinuousClock.Instant
  }

  private struct State {
    /// Handed out and not acknowledged, in the order of the partition.
    var open: [Delivered] = []
    /// Whether there may be something to take.
    var isRung = true
    var isClosed = false
    var waiter: CheckedContinuation<Void, Never>?
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

  private let connection: KafkaConnection
  private let queue: KafkaQueue
  private let topic: String
  private let partition: Int
  private let inFlight: Int
  private let acknowledgeWithin: Duration
  /// How often the cluster had been away when this was opened.
  private let outages: Int
  private let box: Box

  /// Begins to read at an offset.
  static func open(
    _ connection: KafkaConnection, topic: String, partition: Int, from offset: Int64, inFlight: Int,
    acknowledgeWithin: Duration
  ) async throws(BrokerFailure) -> KafkaLine {
    let box = Box()
    let queue = try await connection.listen(to: topic, partition, from: offset) { box.change { $0.isRung = true } }
    return KafkaLine(
      connection, queue, topic: topic, partition: partition, inFlight: inFlight, acknowledgeWithin: acknowledgeWithin,
      box)
  }

  private init(
    _ connection: KafkaConnection, _ queue: KafkaQueue, topic: String, partition: Int, inFlight: Int,
    acknowledgeWithin: Duration, _ box: Box
  ) {
    self.connection = connection
    self.queue = queue
    self.topic = topic
    self.partition = partition
    self.inFlight = inFlight
    self.acknowledgeWithin = acknowledgeWithin
    self.box = box
    outages = connection.outages
  }

  func receive(patience: Duration) async throws(BrokerFailure) -> [Parcel] {
    let end = ContinuousClock.now + patience
    while true {
      // The library looks for the servers by itself; until it has them, who listens lives off the log.
      guard connection.outages == outages else { throw .unavailable("\(topic): no server of the cluster is there") }
      let now = ContinuousClock.now
      let found = try late(at: now) + arrived(at: now)
      if !found.isEmpty || end - now < .milliseconds(1) || Task.isCancelled || box.state.withLock({ $0.isClosed }) {
        return found
      }
      await arrival(until: end)
    }
  }

  func acknowledge(through position: Int64) async throws(BrokerFailure) {
    let last = box.state.withLock { state in
      let done = state.open.prefix { $0.parcel.position <= position }
      state.open.removeFirst(done.count)
      return done.last
    }
    guard let last else { return }
    try await connection.commit(last.offset + 1, of: topic, partition)
  }

  func close() async {
    box.change { state in
      state.isClosed = true
      state.open = []
    }
    await queue.end()
  }

  /// What was handed out too long ago.
  private func late(at now: ContinuousClock.Instant) -> [Parcel] {
    box.state.withLock { state in
      var late: [Parcel] = []
      for index in state.open.indices where state.open[index].again <= now {
        state.open[index].again = now + acknowledgeWithin
        late.append(state.open[index].parcel)
      }
      return late
    }
  }

  /// What the library has fetched, as far as there is room.
  private func arrived(at now: ContinuousClock.Instant) throws(BrokerFailure) -> [Parcel] {
    let room = box.state.withLock { state in
      let room = inFlight - state.open.count
      // Rung for while it is taken, it is looked for again.
      if room > 0 { state.isRung = false }
      return state.isClosed ? 0 : room
    }
    guard room > 0 else { return [] }
    let messages = try queue.take(atMost: room)
    // What is no parcel of ours is passed by. What should have been there is missed and read from the log.
    let delivered = messages.compactMap { message in
      Parcel(message, partition: partition).map {
        Delivered(parcel: $0, offset: message.offset, again: now + acknowledgeWithin)
      }
    }
    box.state.withLock { state in
      if !messages.isEmpty { state.isRung = true }
      state.open += delivered
    }
    return delivered.map(\.parcel)
  }

  /// Returns when there may be something to take and room for it, when something is to be handed out again, or when the
  /// time is over.
  private func arrival(until patience: ContinuousClock.Instant) async {
    let (again, hasRoom) = box.state.withLock { state in (state.open.map(\.again).min(), state.open.count < inFlight) }
    let time = min(again ?? patience, patience)
    let end = Task { [box] in
      // Cancelled when something has arrived.
      try? await Task.sleep(until: time, clock: .continuous)
      box.change { _ in }
    }
    defer { end.cancel() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isThere = box.state.withLock { state in
          if state.isClosed || Task.isCancelled || ContinuousClock.now >= time { return true }
          if hasRoom && state.isRung { return true }
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
  /// The event's id.
  static let eventHeader = "Premia-Event"

  /// Nil where the message is no parcel.
  fileprivate init?(_ message: KafkaMessage, partition: Int) {
    guard let id = message[header: Self.eventHeader],
      let position = message[header: Self.positionHeader].flatMap(Int64.init),
      let previous = message[header: Self.previousHeader].flatMap(Int64.init)
    else { return nil }
    self.init(id: id, partition: partition, position: position, previous: previous, envelope: message.body)
  }
}
