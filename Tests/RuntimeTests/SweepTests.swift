import Kernel
@testable import Runtime
import StoreTesting
import Synchronization
import Testing

@Suite("A sweep")
struct SweepTests {
  func schedule(_ engine: Engine, _ streams: Range<Int>, stuck: Set<Int> = []) async throws {
    for number in streams {
      let name = "c\(number)"
      try await engine.run(act) { unit in
        try await unit.decide(Counter.self, StreamID(name), .add(name, 0))
        try await unit.decide(
          Counter.self, StreamID(name), .set(ticksAt: hours(Int64(number % 3)), isStuck: stuck.contains(number)))
      }
    }
  }

  @Test("moves on all that is due, each as often as it is due, and nothing twice", arguments: StoreKind.allCases)
  func all(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await schedule(engine, 0..<30)
      let chunks = Mutex<[Int64]>([])
      let report = try await engine.sweep(
        Counter.self, through: hours(1), act: act, chunk: 7,
        onChunk: { report, _ in chunks.withLock { $0.append(report.streams) } }, step: { _ in .tick })
      #expect(report == SweepReport(streams: 20, events: 30))
      #expect(chunks.withLock { $0 } == [7, 14, 20])
      #expect(try await engine.count(of: "c0") == 2)
      #expect(try await engine.count(of: "c1") == 1)
      #expect(try await engine.count(of: "c2") == 0)
      #expect(try await engine.sweep(Counter.self, through: hours(1), act: act) { _ in .tick } == SweepReport())
      #expect(try await engine.store.nextDue() == hours(2))
    }
  }

  @Test("by three copies at once is shared: each stream is moved on by one of them", arguments: StoreKind.allCases)
  func shared(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await schedule(engine, 0..<60)
      let reports = try await withThrowingTaskGroup(of: SweepReport.self) { group in
        for _ in 0..<3 {
          let copy = Engine(context: engine.context, store: engine.store, clock: engine.clock)
          group.addTask { try await copy.sweep(Counter.self, through: hours(2), act: act, chunk: 4) { _ in .tick } }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(reports.map(\.streams).reduce(0, +) == 60)
      #expect(reports.map(\.events).reduce(0, +) == 120)
      for number in 0..<60 { #expect(try await engine.count(of: "c\(number)") == Int64(3 - number % 3)) }
    }
  }

  @Test("that is stopped half-way goes on where it was", arguments: StoreKind.allCases)
  func resumed(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await schedule(engine, 0..<9)
      // The first chunk is all that a sweep did before it was stopped.
      for stored in try await engine.store.due("counter", through: hours(2), after: nil, limit: 4) {
        try await engine.run(act) { unit in
          var state = try await unit.state(of: Counter.self, stored.stream)
          while let due = Counter.nextStep(for: state), due <= hours(2) {
            state = try await unit.decide(Counter.self, stored.stream, .tick)
          }
        }
      }
      let report = try await engine.sweep(Counter.self, through: hours(2), act: act, chunk: 2) { _ in .tick }
      #expect(report.streams == 5)
      for number in 0..<9 { #expect(try await engine.count(of: "c\(number)") == Int64(3 - number % 3)) }
    }
  }

  @Test("parks what refuses, with the reason, and does the rest", arguments: StoreKind.allCases)
  func parked(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await schedule(engine, 0..<6, stuck: [1, 4])
      let report = try await engine.sweep(Counter.self, through: hours(2), act: act, chunk: 3) { _ in .tick }
      #expect(report.streams == 4)
      #expect(Set(report.parked.keys) == [StreamID("c1"), StreamID("c4")])
      #expect(report.parked[StreamID("c1")]?.code == "counter.stuck")
      #expect(try await engine.count(of: "c1") == 0)
      let due = try await engine.store.due("counter", through: hours(2), after: nil, limit: 9)
      #expect(due.map(\.stream.rawValue) == ["c1", "c4"])
    }
  }

  @Test("does one by one what somebody else was first with, and parks what then refuses", arguments: StoreKind.allCases)
  func conflict(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await schedule(engine, 0..<4)
      let interfering = InterceptedStore(engine.store) { number in
        guard number == 1 else { return }
        // Between the decision and the commit: one is changed, one is done, one is stuck.
        await #expect(throws: Never.self) {
          try await engine.add(100, to: "c0")
          _ = try await engine.run(act) { unit in
            try await unit.decide(Counter.self, StreamID("c1"), .set(ticksAt: hours(9)))
          }
          _ = try await engine.run(act) { unit in
            try await unit.decide(Counter.self, StreamID("c2"), .set(ticksAt: hours(0), isStuck: true))
          }
        }
      }
      let sweeper = Engine(context: engine.context, store: interfering, clock: engine.clock)
      let told = Mutex(0)
      let report = try await sweeper.sweep(
        Counter.self, through: hours(2), act: act,
        onChunk: { _, commit in told.withLock { $0 += commit.rows.count } },
        step: { _ in .tick })
      #expect(Set(report.parked.keys) == [StreamID("c2")])
      // c1 was done by somebody else.
      #expect(report.streams == 2)
      // Three ticks each of c0 and c3.
      #expect(told.withLock { $0 } == 6)
      #expect(try await engine.count(of: "c0") == 103)
      #expect(try await engine.count(of: "c1") == 0)
      #expect(try await engine.count(of: "c2") == 0)
      #expect(try await engine.count(of: "c3") == 3)
      #expect(try await engine.verify([AnyAggregate(Counter.self)], tables: [Counter.table]).mismatches == [])
    }
  }
}
