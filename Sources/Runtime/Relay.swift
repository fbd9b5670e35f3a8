// From the outbox to the broker: reads the context's own published log by position and hands it over. Its place moves
// on when the broker has stored the page, so that nothing is left out; what is handed over twice has the same id.

/// Hands what a context publishes to the broker. Copies of the context share it: one relays, the others stand by.
public actor Relay {
  private let engine: Engine
  private let broker: any Broker
  private let partitions: Partitions
  private let lease: Lease
  private let poll: Duration
  /// When the lease was taken or renewed; nil while another copy has it.
  private var renewed: ContinuousClock.Instant?
  /// How far this copy has come, and from where; nil before its first page.
  private var reached: (start: Int64, end: Int64)?
  /// The newest position that this copy handed over, by partition.
  private var newest: [Int: Int64] = [:]

  /// - Parameters:
  ///   - lease: how long a copy that was killed is waited for.
  ///   - poll: how often a copy looks for what other copies of the context published; what this one publishes rings.
  public init(
    engine: Engine, broker: any Broker, partitions: Partitions, lease: Duration = .seconds(10),
    poll: Duration = .milliseconds(25)
  ) {
    self.engine = engine
    self.broker = broker
    self.partitions = partitions
    self.lease = Lease(holder: "relay-\(UInt64.random(in: .min ... .max))", duration: lease)
    self.poll = poll
  }

  /// Hands over the next page.
  ///
  /// - Returns: how many events were handed over; nil while another copy relays.
  /// - Throws: `StoreFailure` or `BrokerFailure`; the page is handed over again by the next call.
  public func pump() async throws -> Int? {
    guard try await isOurs() else { return nil }
    let place = try await engine.store.cursor(Self.cursor)
    // Another copy has relayed since: what it handed over is not known here.
    if reached?.end != place {
      reached = (place, place)
      newest = [:]
    }
    let page = try await engine.store.published(after: place, limit: Self.pageSize, about: nil)
    guard let last = page.last, let start = reached?.start else { return 0 }
    var newest = self.newest
    let parcels = page.map { position, record in
      let partition = partitions.partition(of: record.subject)
      defer { newest[partition] = position }
      return Parcel(
        id: record.id, partition: partition, position: position, previous: newest[partition, default: start],
        envelope: record.envelope)
    }
    try await broker.publish(parcels, of: engine.context)
    if try await engine.move(Self.cursor, CursorMove(from: place, to: last.position)) {
      reached = (start, last.position)
      self.newest = newest
    } else {
      // This copy was taken for dead: another relays, and has handed over the same parcels.
      renewed = nil
    }
    return page.count
  }

  /// Relays until the task is cancelled; lives through the failures of the store and the broker.
  ///
  /// - Parameter onTrouble: is told of each failure that it lives through.
  public func run(onTrouble: @Sendable (any Error) -> Void = { _ in }) async {
    var failures = 0
    while !Task.isCancelled {
      do {
        let rings = engine.bell.rings
        switch try await pump() {
        case nil: try await Task.sleep(for: lease.duration / 3)
        case 0?: await engine.bell.wait(since: rings, atMost: poll)
        case .some: break
        }
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
    // What cannot be given back runs out.
    try? await engine.store.release(lease.holder)
    renewed = nil
  }

  private func isOurs() async throws(StoreFailure) -> Bool {
    if let renewed, ContinuousClock.now - renewed < lease.duration / 3 { return true }
    let now = ContinuousClock.now
    let held = try await engine.store.hold([Self.cursor], lease: lease)
    renewed = held.isEmpty ? nil : now
    return !held.isEmpty
  }

  /// The name of its place, and of the work that copies share.
  private static let cursor = "relay"
  /// Events handed over at once.
  private static let pageSize = 512
}
