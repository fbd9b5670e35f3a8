// Events through the broker, beside the broker's own library doing the same with the same messages on the same servers.

import Brokers
import Kernel
import Runtime
import SwiftProtobuf
import Synchronization

/// Measures a broker of NATS servers.
struct BrokerRate: Sendable {
  let settings: NATSSettings
  let partitions: Partitions
  let seconds: Int

  func measure() async throws -> [Figure] {
    let broker = try await patiently { try await NATSBroker.open(settings) }
    do {
      let figures = try await measure(broker)
      await broker.close()
      return figures
    } catch {
      await broker.close()
      throw error
    }
  }

  /// Servers that were just started choose their leader first.
  private func patiently<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
    let end = ContinuousClock.now + .seconds(20)
    while true {
      do {
        return try await body()
      } catch {
        guard ContinuousClock.now < end else { throw error }
        try await Task.sleep(for: .milliseconds(250))
      }
    }
  }

  private func measure(_ broker: NATSBroker) async throws -> [Figure] {
    let source = try await beats(Self.pageSize)
    let few = try await parcels(of: source)
    // The streams are made by who uses them first, alike for all.
    for stream in ["warm", "ours", "bare", "bareheard"] {
      try await patiently { try await broker.publish(few.renamed("first"), of: "scale-\(stream)") }
    }
    let warm = try await NATSFloor.publish(few.renamed("warm"), of: "scale-warm", window: Self.pageSize, settings)
    let count = max(Self.pageSize, Int(Double(seconds * few.count) / (warm / .seconds(1))))
    let book = try await beats(count)
    let all = try await parcels(of: book)
    let bare = try await NATSFloor.publish(all, of: "scale-bare", window: Self.pageSize, settings)
    let published = try await publish(all, through: broker)
    let bareHeard = try await NATSFloor.deliver(
      all, of: "scale-bareheard", partitions: partitions.count, window: Self.pageSize, settings)
    let heard = try await deliver(book, count, through: broker)
    func rate(_ duration: Duration) -> Double { Double(count) / (duration / .seconds(1)) }
    let size = all.first?.envelope.count ?? 0
    return [
      Figure(
        "events of \(size) bytes, published and acknowledged", rate(published), "events/s", floor: rate(bare)),
      Figure(
        "events of \(size) bytes, from the log to the receiver's acknowledgement", rate(heard), "events/s",
        floor: rate(bareHeard)),
    ]
  }

  /// A context that published some events.
  private func beats(_ count: Int) async throws -> Engine {
    let engine = Engine(context: "scale-heard", store: MemoryStore(), clock: SystemClock())
    for number in 0..<count { try await engine.beat(number % Self.subjects) }
    return engine
  }

  /// The same as a relay makes of them.
  private func parcels(of engine: Engine) async throws -> [Parcel] {
    var newest: [Int: Int64] = [:]
    return try await engine.store.published(after: 0, limit: .max, about: nil).map { position, record in
      let partition = partitions.partition(of: record.subject)
      defer { newest[partition] = position }
      return Parcel(
        id: record.id, partition: partition, position: position, previous: newest[partition, default: 0],
        envelope: record.envelope)
    }
  }

  /// Page by page, as a relay does.
  private func publish(_ parcels: [Parcel], through broker: NATSBroker) async throws -> Duration {
    let start = ContinuousClock.now
    var rest = parcels[...]
    while !rest.isEmpty {
      try Task.checkCancellation()
      try await broker.publish(Array(rest.prefix(Self.pageSize)), of: "scale-ours")
      rest = rest.dropFirst(Self.pageSize)
    }
    return ContinuousClock.now - start
  }

  /// A relay hands over the log, and an intake takes it in.
  private func deliver(_ engine: Engine, _ count: Int, through broker: NATSBroker) async throws -> Duration {
    let taken = Counter()
    let listener = Engine(context: "scale-listener", store: MemoryStore(), clock: SystemClock())
    let subscription = Subscription(engine.context, "Beat.Counted", Google_Protobuf_BytesValue.self) { _, _ in
      taken.add()
    }
    let intake = Intake(
      engine: listener, log: StoreFeed(source: engine.context, store: engine.store), broker: broker,
      partitions: partitions, subscriptions: [subscription])
    let relay = Relay(engine: engine, broker: broker, partitions: partitions)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      let start = ContinuousClock.now
      group.addTask { await intake.run() }
      group.addTask { await relay.run() }
      defer { group.cancelAll() }
      while taken.value < count { try await Task.sleep(for: .milliseconds(5)) }
      while try await broker.lag(of: listener.context, behind: engine.context).values.reduce(0, +) > 0 {
        try await Task.sleep(for: .milliseconds(5))
      }
      return ContinuousClock.now - start
    }
  }

  private static let pageSize = 512
  private static let subjects = 64

  private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() { count.withLock { $0 += 1 } }
  }
}

extension [Parcel] {
  /// With other ids: what a stream has had lately it does not store again.
  fileprivate func renamed(_ name: String) -> [Parcel] {
    map {
      Parcel(
        id: "\(name)-\($0.id)", partition: $0.partition, position: $0.position, previous: $0.previous,
        envelope: $0.envelope)
    }
  }
}
