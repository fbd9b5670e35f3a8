// Copies of a context share a source: each partition is with one copy at a time, by leases in the store that they share
// anyway. A lease only keeps order and saves double work; that nothing takes effect twice is the inbox's part.

/// Takes one source into one context through a broker.
public struct Intake: Sendable {
  /// How patient it is and how much it takes at once.
  public struct Limits: Sendable {
    /// The most events of a partition that are delivered and not acknowledged.
    public var inFlight = 256
    /// How long a copy that was killed is waited for.
    public var lease = Duration.seconds(10)
    /// How long a partition waits for the broker at a time. What arrives is there at once; that nothing does is asked
    /// again this often, by each partition of each source.
    public var patience = Duration.seconds(5)
    /// How long it waits before it asks again for what could not be had.
    public var pause = Duration.milliseconds(500)
    /// How often the source's log is looked at when the broker brings nothing.
    public var lookEvery = Duration.seconds(30)

    public init() {}
  }

  private let engine: Engine
  private let log: any Feed
  private let broker: any Broker
  private let partitions: Partitions
  private let subscriptions: [Subscription]
  private let limits: Limits
  private let holder = "copy-\(UInt64.random(in: .min ... .max))"

  /// - Parameters:
  ///   - log: the source's log of record, to fill gaps from.
  ///   - subscriptions: to that source.
  public init(
    engine: Engine, log: any Feed, broker: any Broker, partitions: Partitions, subscriptions: [Subscription],
    limits: Limits = Limits()
  ) {
    self.engine = engine
    self.log = log
    self.broker = broker
    self.partitions = partitions
    self.subscriptions = subscriptions
    self.limits = limits
  }

  /// Takes in what arrives until the task is cancelled, with its fair share of the partitions.
  ///
  /// - Parameter onTrouble: is told of each failure that it lives through.
  public func run(onTrouble: @escaping @Sendable (any Error) -> Void = { _ in }) async {
    var working: [Int: Task<Void, Never>] = [:]
    while !Task.isCancelled {
      do {
        let share = try await shareOut()
        for partition in working.keys where !share.keeps.contains(partition) {
          await Self.end(working.removeValue(forKey: partition))
        }
        _ = try await engine.store.hold(share.givesBack.map(part), lease: Lease(holder: holder, duration: .zero))
        for partition in share.keeps where working[partition] == nil {
          working[partition] = Task { await takeIn(partition, onTrouble: onTrouble) }
        }
      } catch {
        // Without the store nobody knows who has what, and nothing can be written: what runs waits by itself.
        onTrouble(error)
      }
      // Cancelled, the loop ends.
      try? await Task.sleep(for: limits.lease / 3)
    }
    for partition in working.keys { await Self.end(working[partition]) }
    // What cannot be given back runs out.
    try? await engine.store.release(holder)
  }

  /// Redrives and replays what this takes in, and says how far it is.
  public var consumer: Consumer {
    Consumer(engine: engine, feed: log, part: .nothing(partitions), subscriptions: subscriptions)
  }

  /// Takes in from the log what the broker has not brought yet, for whoever cannot wait for it.
  public var shortcut: Consumer {
    Consumer(engine: engine, feed: log, part: .beside, subscriptions: subscriptions)
  }

  private var prefix: String { "intake/\(log.source)/" }

  private func part(_ partition: Int) -> String { "\(prefix)part/\(partition)" }

  /// Renews and takes leases up to this copy's share.
  private func shareOut() async throws(StoreFailure) -> (keeps: Set<Int>, givesBack: [Int]) {
    let lease = Lease(holder: holder, duration: limits.lease)
    _ = try await engine.store.hold(["\(prefix)copy/\(holder)"], lease: lease)
    let holders = try await engine.store.holders(of: prefix)
    let copies = holders.keys.count(where: { $0.hasPrefix("\(prefix)copy/") })
    let share = (partitions.count + copies - 1) / max(copies, 1)
    let all = Array(0..<partitions.count)
    let mine = all.filter { holders[part($0)] == holder }
    // In another order in each copy, so that they do not all ask for the same.
    let free = all.filter { holders[part($0)] == nil }.shuffled()
    let wanted = Array((mine + free).prefix(share))
    let held = try await engine.store.hold(wanted.map(part), lease: lease)
    return (Set(wanted.filter { held.contains(part($0)) }), Array(mine.dropFirst(share)))
  }

  private func takeIn(_ partition: Int, onTrouble: @escaping @Sendable (any Error) -> Void) async {
    let delivery = Delivery(
      log: log, broker: broker, group: engine.context, partition: partition, of: partitions, limits: limits,
      onTrouble: onTrouble)
    let consumer = Consumer(engine: engine, feed: log, part: .partition(delivery), subscriptions: subscriptions)
    var failures = 0
    while !Task.isCancelled {
      do {
        _ = try await consumer.pump()
        failures = 0
      } catch is CancellationError {
        break
      } catch {
        onTrouble(error)
        failures += 1
        // Cancelled, the loop ends.
        try? await Task.sleep(for: Backoff.outage.delay(attempt: failures))
      }
    }
    await delivery.close()
  }

  private static func end(_ task: Task<Void, Never>?) async {
    task?.cancel()
    await task?.value
  }
}
