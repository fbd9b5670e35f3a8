// Relay, broker and intake together: every event takes effect once and in order, whatever the broker does.

import Kernel
import Runtime
import Synchronization
import Testing

@Suite("Events through a broker")
struct DeliveryTests {
  @Test("take effect once, in the order of their aggregates", arguments: BrokerKind.allCases)
  func order(kind: BrokerKind) async throws {
    try await kind.withBroker { broker in
      let journey = Journey()
      try await journey.publish(0..<200, of: subjects)
      try await journey.relay(through: broker.port)
      // The log is not looked at but for gaps, and there are none.
      let copy = journey.copy(broker.port) { $0.lookEvery = .seconds(600) }
      try await journey.waitFor(0..<200)
      try await journey.publish(200..<300, of: subjects)
      try await journey.relay(through: broker.port)
      try await journey.waitFor(0..<300)
      try await journey.waitFor(lag: 0, on: broker.port)
      await copy.stop()
    }
  }

  @Test("that the broker lost are read from the log, the last ones too", arguments: BrokerKind.allCases)
  func gaps(kind: BrokerKind) async throws {
    try await kind.withBroker { broker in
      let journey = Journey()
      try await journey.publish(0..<200, of: subjects)
      try await journey.relay(through: LossyBroker(broker: broker.port) { $0.position % 7 < 2 || $0.position > 190 })
      let copy = journey.copy(broker.port)
      try await journey.waitFor(0..<200)
      await copy.stop()
    }
  }

  @Test("need not be waited for by whoever reads the log beside the broker")
  func shortcut() async throws {
    let journey = Journey()
    let broker = MemoryBroker(acknowledgeWithin: .seconds(1))
    let copy = journey.copy(broker) { $0.lookEvery = .seconds(600) }
    try await journey.publish(0..<100, of: subjects)
    while try await copy.shortcut.pump() > 0 {}
    #expect(try await copy.consumer.cursor() == journey.log.last())
    try await journey.waitFor(0..<100)
    // What the broker brings now has taken effect; what is behind it has not.
    try await journey.publish(100..<200, of: subjects)
    try await journey.relay(through: broker)
    try await journey.waitFor(0..<200)
    await copy.stop()
  }

  @Test("wait while the receiver is stopped", arguments: BrokerKind.allCases)
  func resumed(kind: BrokerKind) async throws {
    try await kind.withBroker { broker in
      let journey = Journey()
      let first = journey.copy(broker.port)
      try await journey.publish(0..<100, of: subjects)
      try await journey.relay(through: broker.port)
      try await journey.waitFor(0..<100)
      try await journey.waitFor(lag: 0, on: broker.port)
      await first.stop()
      try await journey.publish(100..<200, of: subjects)
      try await journey.relay(through: broker.port)
      try await journey.waitFor(lag: 100, on: broker.port)
      let second = journey.copy(broker.port) { $0.lookEvery = .seconds(600) }
      try await journey.waitFor(0..<200)
      await second.stop()
      #expect(Set(second.takes.value) == Set(100..<200))
    }
  }

  @Test("are shared by the copies of the receiver, and taken over from one that ends", arguments: BrokerKind.allCases)
  func shared(kind: BrokerKind) async throws {
    try await kind.withBroker { broker in
      let journey = Journey()
      let copies = [journey.copy(broker.port), journey.copy(broker.port)]
      // Who comes second gets its share in its own time.
      var count: Int64 = 0
      repeat {
        try await journey.publish(count..<(count + 40), of: subjects)
        try await journey.relay(through: broker.port)
        count += 40
        try await journey.waitFor(0..<count)
      } while copies.contains { $0.takes.value.isEmpty } && count < 4_000
      for copy in copies { #expect(!copy.takes.value.isEmpty) }
      await copies[0].stop()
      try await journey.publish(count..<(count + 100), of: subjects)
      try await journey.relay(through: broker.port)
      try await journey.waitFor(0..<(count + 100))
      await copies[1].stop()
    }
  }

  @Test("that cannot be taken are set aside with what is behind them", arguments: BrokerKind.allCases)
  func poison(kind: BrokerKind) async throws {
    try await kind.withBroker { broker in
      let journey = Journey()
      journey.poison.change { $0 = [13] }
      let copy = journey.copy(broker.port)
      try await journey.publish(0..<40, of: subjects)
      try await journey.relay(through: broker.port)
      for _ in 0..<500 {
        let dead = try await journey.receiver.store.deadLetters(source: nil).count
        let others = try await journey.taken().values.reduce(0) { $0 + $1.count }
        if dead == 3 && others == 37 { break }
        try await Task.sleep(for: .milliseconds(20))
      }
      let letters = try await journey.receiver.store.deadLetters(source: nil)
      #expect(letters.map(\.position) == [14, 24, 34])
      #expect(letters.map(\.subject) == ["t3", "t3", "t3"])
      #expect(letters.first?.reason == "tally.poison: 13 cannot be taken.")
      let taken = try await journey.taken()
      #expect(taken["s3"] == [3])
      #expect(taken["s4"] == [4, 14, 24, 34])

      journey.poison.change { $0 = [] }
      #expect(try await copy.consumer.redrive(subject: nil, dryRun: false) == (3, 0))
      try await journey.publish(40..<50, of: subjects)
      try await journey.relay(through: broker.port)
      try await journey.waitFor(0..<50)
      #expect(try await copy.consumer.replay(after: 0, subject: nil, dryRun: true).applied == 0)
      await copy.stop()
    }
  }

  @Test("outlive a broker that is killed, with and without its disk", arguments: BrokerKind.allCases, [false, true])
  func killed(kind: BrokerKind, losingAll: Bool) async throws {
    try await kind.withBroker { broker in
      let journey = Journey()
      let copy = journey.copy(broker.port)
      let relay = Relay(engine: journey.source, broker: broker.port, partitions: journey.partitions)
      let relaying = Task { await relay.run() }
      try await journey.publish(0..<100, of: subjects)
      try await journey.waitFor(0..<100)
      broker.kill()
      // The receiver lives off the log meanwhile.
      try await journey.publish(100..<200, of: subjects)
      try await journey.waitFor(0..<200)
      try await broker.start(losingAll: losingAll)
      try await journey.publish(200..<300, of: subjects)
      try await journey.waitFor(0..<300)
      await relaying.cancelled()
      await copy.stop()
    }
  }

  @Test("are relayed by one copy of the source at a time, and by the other when that ends")
  func relays() async throws {
    let journey = Journey()
    let broker = MemoryBroker(acknowledgeWithin: .seconds(1))
    func relay() -> Relay {
      Relay(engine: journey.source, broker: broker, partitions: journey.partitions, lease: .milliseconds(300))
    }
    let (first, second) = (relay(), relay())
    try await journey.publish(0..<20, of: subjects)
    #expect(try await first.pump() == 20)
    #expect(try await second.pump() == nil)
    try await journey.publish(20..<30, of: subjects)
    try await Task.sleep(for: .milliseconds(350))
    #expect(try await second.pump() == 10)
    #expect(try await first.pump() == nil)
    let stored = broker.contents.withLock { Array($0.stored.values) }
    #expect(stored.map(\.count).reduce(0, +) == 30)
    for parcels in stored {
      for (previous, parcel) in zip(parcels, parcels.dropFirst()) { #expect(parcel.previous >= previous.position) }
    }
  }
}
