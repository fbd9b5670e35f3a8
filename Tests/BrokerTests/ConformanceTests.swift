// What every broker must do, as far as the port says it.

import Kernel
import Runtime
import Testing

@Suite("A broker")
struct ConformanceTests {
  static func parcels(_ positions: ClosedRange<Int64>) -> [Parcel] {
    positions.map { Parcel(id: "evt_\($0)", partition: 0, position: $0, previous: $0 - 1, envelope: [UInt8($0)]) }
  }

  /// Nothing comes a second time in these tests, unless they ask for it.
  static let late = Duration.seconds(60)

  /// Receives until there are as many, or nothing comes for a while.
  static func receive(_ count: Int, from line: any BrokerLine) async throws -> [Parcel] {
    var received: [Parcel] = []
    while received.count < count {
      let more = try await line.receive(patience: .seconds(20))
      if more.isEmpty { break }
      received += more
    }
    return received
  }

  @Test("delivers what is published, whole and in order", arguments: BrokerKind.allCases)
  func order(kind: BrokerKind) async throws {
    try await kind.withBroker(acknowledgeWithin: Self.late) { broker in
      try await broker.port.publish(Self.parcels(1...100), of: "billing")
      let line = try await broker.port.line(to: "billing", partition: 0, of: "ledger", inFlight: 256)
      #expect(try await Self.receive(100, from: line) == Self.parcels(1...100))
      try await line.acknowledge(through: 100)
      #expect(try await line.receive(patience: .milliseconds(100)) == [])
    }
  }

  @Test("keeps one of two parcels with the same id, or both as they came", arguments: BrokerKind.allCases)
  func duplicates(kind: BrokerKind) async throws {
    try await kind.withBroker(acknowledgeWithin: Self.late) { broker in
      try await broker.port.publish(Self.parcels(1...3), of: "billing")
      try await broker.port.publish(Self.parcels(2...4), of: "billing")
      let line = try await broker.port.line(to: "billing", partition: 0, of: "ledger", inFlight: 256)
      let kept = Self.parcels(1...3) + Self.parcels(broker.recognisesParcels ? 4...4 : 2...4)
      #expect(try await Self.receive(kept.count, from: line) == kept)
      try await line.acknowledge(through: 4)
      #expect(try await line.receive(patience: .milliseconds(100)) == [])
    }
  }

  @Test("delivers again what nobody acknowledged, and only that", arguments: BrokerKind.allCases)
  func redelivery(kind: BrokerKind) async throws {
    try await kind.withBroker(acknowledgeWithin: .seconds(3)) { broker in
      try await broker.port.publish(Self.parcels(1...5), of: "billing")
      let line = try await broker.port.line(to: "billing", partition: 0, of: "ledger", inFlight: 256)
      #expect(try await Self.receive(5, from: line).count == 5)
      try await line.acknowledge(through: 3)
      #expect(try await Self.receive(2, from: line) == Self.parcels(4...5))
      // The next who has the partition gets at once what the last one left.
      await line.close()
      let next = try await broker.port.line(to: "billing", partition: 0, of: "ledger", inFlight: 256)
      #expect(try await Set(Self.receive(2, from: next).map(\.position)) == [4, 5])
    }
  }

  @Test("has no more in flight than was asked for", arguments: BrokerKind.allCases)
  func bounded(kind: BrokerKind) async throws {
    try await kind.withBroker(acknowledgeWithin: Self.late) { broker in
      try await broker.port.publish(Self.parcels(1...10), of: "billing")
      let line = try await broker.port.line(to: "billing", partition: 0, of: "ledger", inFlight: 3)
      #expect(try await Self.receive(3, from: line) == Self.parcels(1...3))
      #expect(try await line.receive(patience: .milliseconds(100)) == [])
      try await line.acknowledge(through: 2)
      #expect(try await Self.receive(2, from: line) == Self.parcels(4...5))
      #expect(try await broker.port.lag(of: "ledger", behind: "billing") == [0: 8])
    }
  }

  @Test("gives each group everything", arguments: BrokerKind.allCases)
  func groups(kind: BrokerKind) async throws {
    try await kind.withBroker(acknowledgeWithin: Self.late) { broker in
      try await broker.port.publish(Self.parcels(1...3), of: "billing")
      for group in ["ledger", "notices"] {
        let line = try await broker.port.line(to: "billing", partition: 0, of: group, inFlight: 256)
        #expect(try await Self.receive(3, from: line) == Self.parcels(1...3))
      }
    }
  }

  @Test("refuses while it is down, and goes on with what is on its disk", arguments: BrokerKind.allCases)
  func down(kind: BrokerKind) async throws {
    try await kind.withBroker(acknowledgeWithin: Self.late) { broker in
      try await broker.port.publish(Self.parcels(1...3), of: "billing")
      broker.kill()
      await #expect(throws: BrokerFailure.self) { try await broker.port.publish(Self.parcels(4...5), of: "billing") }
      try await broker.start()
      var isUp = false
      while !isUp {
        do throws(BrokerFailure) {
          try await broker.port.publish(Self.parcels(4...5), of: "billing")
          isUp = true
        } catch {
          try await Task.sleep(for: .milliseconds(100))
        }
      }
      let line = try await broker.port.line(to: "billing", partition: 0, of: "ledger", inFlight: 256)
      let kept = Self.parcels(broker.hasDisk ? 1...5 : 4...5)
      #expect(try await Self.receive(kept.count, from: line) == kept)
    }
  }
}
