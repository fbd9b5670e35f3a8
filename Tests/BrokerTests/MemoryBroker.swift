// The broker port's reference: in memory, with the faults that tests ask for.

import Runtime
import Synchronization

final class MemoryBroker: Broker {
  struct Place: Hashable {
    let source: String
    let partition: Int
    var group = ""
  }

  struct Contents {
    var stored: [Place: [Parcel]] = [:]
    /// By source.
    var ids: [String: Set<String>] = [:]
    /// Numbers of parcels in `stored` that a group has not acknowledged and nobody has on delivery.
    var waiting: [Place: [Int]] = [:]
    /// Delivered and not acknowledged, with when they are delivered again.
    var open: [Place: [Int: ContinuousClock.Instant]] = [:]
    /// How many parcels a group was shown.
    var shown: [Place: Int] = [:]
    var isDown = false
  }

  let contents = Mutex(Contents())
  /// How long an acknowledgement is awaited.
  let acknowledgeWithin: Duration

  init(acknowledgeWithin: Duration) { self.acknowledgeWithin = acknowledgeWithin }

  func publish(_ parcels: [Parcel], of source: String) async throws(BrokerFailure) {
    let isDown = contents.withLock { contents in
      if contents.isDown { return true }
      for parcel in parcels where contents.ids[source, default: []].insert(parcel.id).inserted {
        contents.stored[Place(source: source, partition: parcel.partition), default: []].append(parcel)
      }
      return false
    }
    if isDown { throw .unavailable("memory is down") }
  }

  func line(
    to source: String, partition: Int, of group: String, inFlight: Int
  ) async throws(BrokerFailure) -> any BrokerLine {
    let place = Place(source: source, partition: partition, group: group)
    let isDown = contents.withLock { contents in
      contents.shown[place, default: 0] += 0
      return contents.isDown
    }
    if isDown { throw .unavailable("memory is down") }
    return MemoryLine(broker: self, place: place, inFlight: inFlight)
  }

  func lag(of group: String, behind source: String) async throws(BrokerFailure) -> [Int: Int64] {
    contents.withLock { contents in
      var lag: [Int: Int64] = [:]
      for (place, shown) in contents.shown where place.source == source && place.group == group {
        let all = contents.stored[Place(source: source, partition: place.partition), default: []].count
        let open = contents.open[place, default: [:]].count + contents.waiting[place, default: []].count
        lag[place.partition] = Int64(all - shown + open)
      }
      return lag
    }
  }

  func close() async {}
}

struct MemoryLine: BrokerLine {
  let broker: MemoryBroker
  let place: MemoryBroker.Place
  let inFlight: Int

  func receive(patience: Duration) async throws(BrokerFailure) -> [Parcel] {
    let end = ContinuousClock.now + patience
    while true {
      let (isDown, found) = broker.contents.withLock { ($0.isDown, take(from: &$0)) }
      if isDown { throw .unavailable("memory is down") }
      if !found.isEmpty || ContinuousClock.now >= end || Task.isCancelled { return found }
      // Cancelled, it looks once more.
      try? await Task.sleep(for: .milliseconds(2))
    }
  }

  func acknowledge(through position: Int64) async throws(BrokerFailure) {
    broker.contents.withLock { contents in
      let stored = self.stored(in: contents)
      contents.open[place] = contents.open[place, default: [:]].filter { stored[$0.key].position > position }
    }
  }

  func close() async {
    broker.contents.withLock { contents in
      contents.waiting[place, default: []] += contents.open[place, default: [:]].keys.sorted()
      contents.open[place] = nil
    }
  }

  private func stored(in contents: MemoryBroker.Contents) -> [Parcel] {
    contents.stored[MemoryBroker.Place(source: place.source, partition: place.partition), default: []]
  }

  private func take(from contents: inout MemoryBroker.Contents) -> [Parcel] {
    if contents.isDown { return [] }
    let now = ContinuousClock.now
    let late = contents.open[place, default: [:]].filter { $0.value <= now }.keys.sorted()
    for number in late { contents.open[place]?[number] = nil }
    contents.waiting[place, default: []] += late
    let stored = self.stored(in: contents)
    let shown = contents.shown[place, default: 0]
    contents.waiting[place, default: []] += shown..<max(shown, stored.count)
    contents.shown[place] = stored.count
    let room = max(0, inFlight - contents.open[place, default: [:]].count)
    let taken = contents.waiting[place, default: []].prefix(room)
    contents.waiting[place]?.removeFirst(taken.count)
    for number in taken { contents.open[place, default: [:]][number] = now + broker.acknowledgeWithin }
    return taken.map { stored[$0] }
  }
}

/// A broker that loses what it is told to, and says that it stored it.
struct LossyBroker: Broker {
  let broker: any Broker
  let loses: @Sendable (Parcel) -> Bool

  func publish(_ parcels: [Parcel], of source: String) async throws(BrokerFailure) {
    try await broker.publish(parcels.filter { !loses($0) }, of: source)
  }

  func line(
    to source: String, partition: Int, of group: String, inFlight: Int
  ) async throws(BrokerFailure) -> any BrokerLine {
    try await broker.line(to: source, partition: partition, of: group, inFlight: inFlight)
  }

  func lag(of group: String, behind source: String) async throws(BrokerFailure) -> [Int: Int64] {
    try await broker.lag(of: group, behind: source)
  }

  func close() async { await broker.close() }
}
