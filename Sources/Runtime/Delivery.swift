// One partition of a source as a consumer takes it: parcels from the broker as long as they join on, and the log of the
// source where they do not. So order and completeness never depend on the broker.

import Contracts
import SwiftProtobuf

/// What a consumer takes next: the events that concern it, and how far the log is known with them.
struct Stretch {
  var events: [Premia_Common_V1_Envelope] = []
  /// Up to here there is nothing else for it.
  let through: Int64
}

/// Brings one consumer the events of one partition, in the order of the log and without a gap.
actor Delivery {
  nonisolated let partition: Int
  nonisolated let partitions: Partitions
  private let log: any Feed
  private let broker: any Broker
  private let group: String
  private let limits: Intake.Limits
  private let onTrouble: @Sendable (any Error) -> Void
  /// Nil before it is opened, and after it failed.
  private var line: (any BrokerLine)?
  /// Received and not taken yet, in the order of the log.
  private var waiting: [Parcel] = []
  /// When the log was last looked at; nil at the start, so that what was lost while nobody listened is found at once.
  private var looked: ContinuousClock.Instant?
  /// Whether the log is read now, page by page, up to its end.
  private var isCatchingUp = false

  /// - Parameters:
  ///   - group: the context that listens.
  ///   - onTrouble: is told of the failures of the broker, which it lives through.
  init(
    log: any Feed, broker: any Broker, group: String, partition: Int, of partitions: Partitions,
    limits: Intake.Limits, onTrouble: @escaping @Sendable (any Error) -> Void = { _ in }
  ) {
    self.log = log
    self.broker = broker
    self.group = group
    self.partition = partition
    self.partitions = partitions
    self.limits = limits
    self.onTrouble = onTrouble
  }

  /// The next events behind a place; none when the source is silent.
  ///
  /// - Parameter place: up to where everything was taken in or set aside.
  func next(after place: Int64, limit: Int) async throws -> Stretch {
    waiting.removeAll { $0.position <= place }
    if waiting.isEmpty && !isCatchingUp {
      do throws(BrokerFailure) {
        waiting = try await receive().filter { $0.position > place }.sorted { $0.position < $1.position }
      } catch {
        // A broker that is away is one that brings nothing: the log goes on.
        onTrouble(error)
        await close()
        try await Task.sleep(for: limits.pause)
        looked = nil
      }
    }
    guard let first = waiting.first else { return try await look(after: place, limit: limit) }
    let joined = joinedOn(to: place, limit: limit)
    if let last = joined.last { return Stretch(events: joined, through: last.position) }
    // What cannot be read is fetched from the log, as what is missing is.
    let end = first.previous > place ? first.previous : first.position
    let missed = try await missed(after: place, through: end, limit: limit)
    // Where the log does not show it yet, an older transaction is still open.
    if missed.through == place { try await Task.sleep(for: limits.pause) }
    return missed
  }

  /// Tells the broker that everything up to a place was taken in or set aside. Where it does not hear, it delivers
  /// again.
  func acknowledge(through place: Int64) async {
    do throws(BrokerFailure) {
      try await line?.acknowledge(through: place)
    } catch {
      onTrouble(error)
      await close()
    }
  }

  func close() async {
    let open = line
    line = nil
    await open?.close()
  }

  private func receive() async throws(BrokerFailure) -> [Parcel] {
    if let line { return try await line.receive(patience: limits.patience) }
    let opened = try await broker.line(to: log.source, partition: partition, of: group, inFlight: limits.inFlight)
    line = opened
    return try await opened.receive(patience: limits.patience)
  }

  /// Looks at the log now and then while the broker brings nothing.
  private func look(after place: Int64, limit: Int) async throws -> Stretch {
    if let looked, !isCatchingUp, ContinuousClock.now - looked < limits.lookEvery { return Stretch(through: place) }
    let end = try await log.last()
    let missed = try await missed(after: place, through: end, limit: limit)
    isCatchingUp = missed.through > place && missed.through < end
    looked = ContinuousClock.now
    return missed
  }

  /// What waits and can be read, without a gap from a place on.
  private func joinedOn(to place: Int64, limit: Int) -> [Premia_Common_V1_Envelope] {
    var end = place
    var joined: [Premia_Common_V1_Envelope] = []
    for parcel in waiting.prefix(limit) {
      guard parcel.previous <= end, var envelope = try? Premia_Common_V1_Envelope(serializedBytes: parcel.envelope),
        envelope.source == log.source, envelope.id == parcel.id
      else { break }
      // The same event twice: delivered again while it waited.
      guard parcel.position > end else { continue }
      envelope.position = parcel.position
      joined.append(envelope)
      end = parcel.position
    }
    return joined
  }

  /// What the next page of the log has of the partition.
  private func missed(after place: Int64, through end: Int64, limit: Int) async throws -> Stretch {
    guard end > place else { return Stretch(through: place) }
    let page = try await log.read(after: place, limit: limit)
    guard let last = page.last else { return Stretch(through: place) }
    let ours = page.filter { $0.position <= end && partitions.partition(of: $0.subject) == partition }
    return Stretch(events: ours, through: min(last.position, end))
  }
}
