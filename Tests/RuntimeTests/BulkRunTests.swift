import Kernel
@testable import Runtime
import StoreTesting
import Synchronization
import Testing

/// Adds five to every counter that has less.
private struct AddFive: BulkWork {
  typealias Subject = Counter

  /// Another context is away when this counter is asked.
  var outage: String?

  var run: StreamID { StreamID("add-five") }

  func page(after: String, limit: Int, in store: any Store) async throws(StoreFailure) -> [StreamID] {
    let after: [Value]? = after.isEmpty ? nil : [.text(after)]
    return try await store.rows(Query(Counter.table, after: after, limit: limit)).map { StreamID($0.text("id")) }
  }

  func count(in store: any Store) async throws(StoreFailure) -> Int64 {
    try await store.tally(Counter.table, by: [], sums: [], where: []).reduce(0) { $0 + $1.count }
  }

  func step(for state: Counter.State, on today: CalendarDate) async throws -> BulkStep<Counter.Command> {
    if state.id == outage {
      throw Problem(kind: .unavailable, code: "call.unavailable", detail: "Away.", remedy: "Wait.")
    }
    if state.isStuck { throw Counter.Refusal.stuck }
    return state.count >= 5 ? .leave("counter.full") : .give(.add(state.id, 5))
  }

  func total(from before: Counter.State, to after: Counter.State) -> BulkRun.Total {
    BulkRun.Total(
      state: after.id.hasSuffix("1") ? "NY" : "IL", level: "silver", beforeCents: before.count, afterCents: after.count)
  }
}

@Suite("A bulk run")
struct BulkRunTests {
  /// c10 to c29: those that end in 3 are stuck, those that end in 7 are full.
  private func fill(_ engine: Engine) async throws {
    for number in 10..<30 {
      let name = "c\(number)"
      try await engine.add(number % 10 == 7 ? 9 : 1, to: name)
      guard number % 10 == 3 else { continue }
      try await engine.run(act) { unit in
        try await unit.decide(Counter.self, StreamID(name), .set(ticksAt: hours(9), isStuck: true))
      }
    }
  }

  private func expectDone(_ report: BulkReport, in engine: Engine) async throws {
    #expect(report.isDone && report.progress.seen == 20 && report.progress.changed == 16)
    #expect(report.progress.totals.map(\.state) == ["IL", "NY"])
    #expect(report.progress.totals.map(\.subjects) == [14, 2])
    #expect(report.progress.totals.map(\.beforeCents) == [14, 2])
    #expect(report.progress.totals.map(\.afterCents) == [84, 12])
    #expect(report.progress.left == [BulkRun.Left(code: "counter.full", subjects: 2)])
    #expect(report.progress.parked == 2 && report.parked.map(\.subject) == ["c13", "c23"])
    #expect(report.parked.first?.code == "counter.stuck")
    for (name, count) in [("c10", 6), ("c13", 1), ("c17", 9), ("c29", 6)] {
      #expect(try await engine.count(of: name) == Int64(count), "\(name)")
    }
    let context = [AnyAggregate(Counter.self), AnyAggregate(BulkRun.self)]
    #expect(try await engine.verify(context, tables: [Counter.table] + BulkTables.all).mismatches == [])
  }

  @Test(
    "changes whom it can, leaves whom it need not, parks who refuses, and counts all three",
    arguments: StoreKind.allCases)
  func all(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await fill(engine)
      let pages = Mutex<[Int64]>([])
      let report = try await engine.perform(AddFive(), act: act, pageSize: 8) { report in
        pages.withLock { $0.append(report.progress.seen) }
      }
      #expect(pages.withLock { $0 } == [8, 16, 20])
      try await expectDone(report, in: engine)
      #expect(try await engine.report(of: StreamID("add-five")) == report)
      #expect(try await engine.report(of: StreamID("c10")) == nil)
    }
  }

  @Test("that is stopped at any commit goes on, and ends as one that was not", arguments: 1...5)
  func resumed(commit: Int) async throws {
    try await StoreKind.sqlite.withEngine { engine, _ in
      try await fill(engine)
      let dying = InterceptedStore(engine.store) { number throws(StoreFailure) in
        if number >= commit { throw .unavailable("stopped") }
      }
      let first = Engine(context: engine.context, store: dying, clock: engine.clock)
      await #expect(throws: StoreFailure.unavailable("stopped")) {
        try await first.perform(AddFive(), act: act, pageSize: 8)
      }
      let second = Engine(context: engine.context, store: engine.store, clock: engine.clock)
      try await expectDone(try await second.perform(AddFive(), act: act, pageSize: 8), in: second)
    }
  }

  @Test("in a dry run says what it would do and writes nothing", arguments: StoreKind.allCases)
  func dryRun(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await fill(engine)
      let dry = try await engine.perform(AddFive(), act: act, dryRun: true, pageSize: 8)
      #expect(dry.isDryRun && dry.progress.changed == 16)
      #expect(try await engine.count(of: "c10") == 1)
      #expect(try await engine.report(of: StreamID("add-five")) == nil)
      let report = try await engine.perform(AddFive(), act: act, pageSize: 8)
      #expect(report.progress == dry.progress && report.parked == dry.parked)
    }
  }

  @Test("made again looks again at what was parked", arguments: StoreKind.allCases)
  func secondPass(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await fill(engine)
      _ = try await engine.perform(AddFive(), act: act)
      try await engine.run(act) { unit in
        try await unit.decide(Counter.self, StreamID("c13"), .set(ticksAt: hours(9)))
      }
      let again = try await engine.perform(AddFive(), act: act)
      #expect(again.progress.pass == 2 && again.progress.changed == 1)
      #expect(again.progress.left == [BulkRun.Left(code: "counter.full", subjects: 18)])
      #expect(again.parked.map(\.subject) == ["c23"])
      #expect(try await engine.parked(by: again.run, pass: 1, after: "c13", limit: 9).map(\.subject) == ["c23"])
    }
  }

  @Test("stops where another context is away, and parks nobody for it", arguments: StoreKind.allCases)
  func outage(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await fill(engine)
      await #expect(throws: Problem.self) {
        try await engine.perform(AddFive(outage: "c20"), act: act, pageSize: 8)
      }
      #expect(try await engine.report(of: StreamID("add-five"))?.progress.seen == 8)
      try await expectDone(try await engine.perform(AddFive(), act: act, pageSize: 8), in: engine)
    }
  }

  @Test("asks a page again when somebody else changed one of it first", arguments: zip(2...4, ["c12", "c20", "c28"]))
  func changedMeanwhile(commit: Int, name: String) async throws {
    try await StoreKind.memory.withEngine { engine, _ in
      try await fill(engine)
      let interfering = InterceptedStore(engine.store) { number in
        guard number == commit else { return }
        await #expect(throws: Never.self) { _ = try await engine.add(2, to: name) }
      }
      let slow = Engine(context: engine.context, store: interfering, clock: engine.clock)
      let report = try await slow.perform(AddFive(), act: act, pageSize: 8)
      #expect(report.progress.seen == 20 && report.progress.changed == 16 && report.progress.parked == 2)
      #expect(report.progress.totals.reduce(0) { $0 + $1.beforeCents } == 18)
      #expect(try await engine.count(of: name) == 8)
      #expect(try await engine.count(of: "c10") == 6)
    }
  }

  @Test("that somebody else makes too is told so")
  func overtaken() async throws {
    try await StoreKind.memory.withEngine { engine, _ in
      try await fill(engine)
      let interfering = InterceptedStore(engine.store) { number in
        guard number == 2 else { return }
        await #expect(throws: Never.self) { _ = try await engine.perform(AddFive(), act: act, pageSize: 8) }
      }
      let slow = Engine(context: engine.context, store: interfering, clock: engine.clock)
      await #expect(throws: BulkRun.Refusal.notRunning) { try await slow.perform(AddFive(), act: act, pageSize: 8) }
      #expect(try await engine.count(of: "c10") == 6)
    }
  }
}
