// One partition of a source as a consumer takes it: parcels from the broker as long as they join on, and the log of the
// source where they do not. So order and completeness never depend on the broker.

import Contracts
import SwiftProtobuf

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
  /// A stretch of the log in which there is nothing of the partition: behind `after`, up to `through`.
  private var bare: (after: Int64, through: Int64) = (0, 0)
  /// When the log was last looked at; nil at the start, so that what was lost while nobody listened is found at once.
  private var looked: ContinuousClock.Instant?

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
  func next(after place: Int64, limit: Int) async throws -> [Premia_Common_V1_Envelope] {
    waiting.removeAll { $0.position <= place }
    var isCutOff = false
    if waiting.isEmpty {
      do throws(BrokerFailure) {
        waiting = try await receive().filter { $0.position > place }.sorted { $0.position < $1.position }
      } catch {
        // A broker that is away is one that brings nothing: the log goes on.
        isCutOff = true
        onTrouble(error)
        await close()
        try await Task.sleep(for: limits.patience)
      }
    }
    while let first = waiting.first {
      let joined = joinedOn(to: known(from: place), limit: limit)
      if !joined.isEmpty { return joined }
      // What cannot be read is fetched from the log, as what is missing is.
      let end = first.previous > known(from: place) ? first.previous : first.position
      let missed = try await missed(after: place, through: end, limit: limit)
      if !missed.isEmpty { return missed }
      guard known(from: place) >= end else {
        // The log does not show it yet, as where an older transaction is still open.
        try await Task.sleep(for: limits.patience)
        return []
      }
      waiting.removeAll { $0.position <= known(from: place) }
    }
    if let looked, !isCutOff, ContinuousClock.now - looked < limits.lookEvery { return [] }
    looked = ContinuousClock.now
    return try await missed(after: place, through: try await log.last(), limit: limit)
  }

  /// Tells the broker that everything up to a place was taken in or set aside. Where it does not hear, it delivers again.
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

  /// How far there is nothing more of the partition behind a place.
  private func known(from place: Int64) -> Int64 { place >= bare.after ? max(place, bare.through) : place }

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

  /// The next events of the partition that the log has.
  private func missed(after place: Int64, through end: Int64, limit: Int) async throws -> [Premia_Common_V1_Envelope] {
    var reached = known(from: place)
    while reached < end {
      let page = try await log.read(after: reached, limit: limit)
      let ours = page.filter { $0.position <= end && partitions.partition(of: $0.subject) == partition }
      if !ours.isEmpty { return ours }
      guard let last = page.last else { break }
      reached = min(last.position, end)
      bare = (place, reached)
    }
    return []
  }
}
