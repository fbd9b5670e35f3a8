// The broker port: delivery only. The log of record stays in the store of the context that publishes, so a broker that
// loses messages loses nothing: what it did not bring is read from the log (Delivery.swift). One conformance suite runs
// every implementation (Tests/BrokerTests).

import Kernel

/// Why a broker did not do what was asked.
public enum BrokerFailure: Error, Sendable, Equatable {
  /// It may work later: unreachable, without a leader, or its answer did not come in time. What was asked may have been
  /// done.
  case unavailable(String)
  /// The broker will never do it as it stands: a parcel that is too large, a right that is missing.
  case refused(String)
}

/// A published event on its way to other contexts.
public struct Parcel: Sendable, Equatable {
  /// The event's id. A broker may keep one of two parcels with the same id, or both: who receives passes the second by.
  public let id: String
  public let partition: Int
  /// The event's place in the log of its source.
  public let position: Int64
  /// A place before it: between the two the log has nothing else of the partition. A receiver that has not come so far
  /// has missed something.
  public let previous: Int64
  /// In protobuf.
  public let envelope: [UInt8]

  public init(id: String, partition: Int, position: Int64, previous: Int64, envelope: [UInt8]) {
    self.id = id
    self.partition = partition
    self.position = position
    self.previous = previous
    self.envelope = envelope
  }
}

/// How the events of a context are split, so that several can work on them and each aggregate's stay in order.
public struct Partitions: Sendable, Equatable {
  /// The same in every process of an installation. Another number makes other partitions with places of their own:
  /// every consumer then reads the logs again, and passes by what took effect before.
  public let count: Int

  /// - Parameter count: 1 to 256.
  public init(_ count: Int = 16) {
    precondition((1...256).contains(count), "\(count) partitions; there are 1 to 256")
    self.count = count
  }

  /// The partition of an aggregate: the same on every machine and in every release.
  public func partition(of subject: String) -> Int {
    var hash = SplitMix64(seed: 0, label: subject)
    return Int(hash.next() % UInt64(count))
  }
}

/// Carries published events to other processes, each at least once.
public protocol Broker: Sendable {
  /// Stores parcels of a source in the order of the list.
  ///
  /// Answers once all of them are on disk, where the broker promises that. One that it has already counts as stored,
  /// and is stored once more by a broker that does not recognise it.
  func publish(_ parcels: [Parcel], of source: String) async throws(BrokerFailure)

  /// Opens the line on which a group gets one partition of a source. What nobody acknowledged is delivered again, also
  /// on the next line. Order is kept as long as one receives at a time, which `Intake` sees to.
  ///
  /// - Parameter inFlight: the most parcels that are delivered and not acknowledged.
  func line(
    to source: String, partition: Int, of group: String, inFlight: Int
  ) async throws(BrokerFailure) -> any BrokerLine

  /// How many parcels of each partition of a source a group has not acknowledged; of partitions that it has a line to.
  func lag(of group: String, behind source: String) async throws(BrokerFailure) -> [Int: Int64]

  func close() async
}

/// Where parcels of one partition arrive.
public protocol BrokerLine: Sendable {
  /// What has arrived and was not handed out before; waits for the first one. What is not acknowledged in time arrives
  /// again.
  ///
  /// - Parameter patience: how long to wait; then there is nothing.
  func receive(patience: Duration) async throws(BrokerFailure) -> [Parcel]
  /// Says that everything up to a place in the log of the source is taken in or set aside.
  func acknowledge(through position: Int64) async throws(BrokerFailure)
  func close() async
}
