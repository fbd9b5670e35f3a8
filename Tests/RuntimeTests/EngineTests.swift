import Kernel
@testable import Runtime
import Testing

@Suite("The engine")
struct EngineTests {
  @Test("gives the first answer to a key that comes again with the same input", arguments: StoreKind.allCases)
  func firstAnswer(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      for _ in 0..<3 {
        let answer = try await engine.runOnce(act, key: "k", input: [1]) { unit in
          let state = try await unit.decide(Counter.self, StreamID("a"), .add("a", 5))
          return [UInt8(state.count)]
        }
        #expect(answer == [5])
      }
      #expect(try await engine.count(of: "a") == 5)
    }
  }

  @Test("gives the first answer even where the rules would refuse by now", arguments: StoreKind.allCases)
  func firstAnswerAfterRefusal(kind: StoreKind) async throws {
    try await kind.withEngine { (engine, _) async throws in
      func once() async throws -> [UInt8] {
        try await engine.runOnce(act, key: "k", input: [1]) { unit in
          let state = try await unit.state(of: Counter.self, StreamID("a"))
          try await unit.decide(Counter.self, StreamID("a"), .add("a", state.count == 0 ? 1 : 2_000))
          return [7]
        }
      }
      #expect(try await once() == [7])
      #expect(try await once() == [7])
    }
  }

  @Test(
    "does nothing for a message that comes again, even where the rules would refuse by now",
    arguments: StoreKind.allCases)
  func deliveredAgain(kind: StoreKind) async throws {
    try await kind.withEngine { (engine, _) async throws in
      let mark = InboxMark(source: "elsewhere", messageID: "m1")
      func take() async throws -> Int64? {
        try await engine.run(act, taking: mark) { unit in
          let state = try await unit.state(of: Counter.self, StreamID("a"))
          return try await unit.decide(Counter.self, StreamID("a"), .add("a", state.count == 0 ? 1 : 2_000)).count
        }
      }
      #expect(try await take() == 1)
      #expect(try await take() == nil)
      #expect(try await engine.count(of: "a") == 1)
    }
  }

  @Test("refuses a key that comes again with another input", arguments: StoreKind.allCases)
  func keyReused(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      func once(_ input: [UInt8]) async throws -> [UInt8] {
        try await engine.runOnce(act, key: "k", input: input) { unit in
          try await unit.decide(Counter.self, StreamID("a"), .add("a", 1))
          return []
        }
      }
      _ = try await once([1])
      await #expect(throws: KeyReused(key: "k")) { try await once([2]) }
      #expect(try await engine.count(of: "a") == 1)
    }
  }

  @Test("gives one effect and one answer to a key that comes many times at once", arguments: StoreKind.allCases)
  func manyAtOnce(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
        for caller in 0..<16 {
          group.addTask {
            try await engine.runOnce(act, key: "k", input: [1]) { unit in
              try await unit.decide(Counter.self, StreamID("a"), .add("a", 1))
              return [UInt8(caller)]
            }
          }
        }
        return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
      }
      #expect(answers.count == 1)
      #expect(try await engine.count(of: "a") == 1)
    }
  }

  @Test("runs a lost race again on the new state, so that no addition is lost", arguments: StoreKind.allCases)
  func races(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<24 {
          group.addTask { try await engine.add(1, to: "busy") }
        }
        try await group.waitForAll()
      }
      #expect(try await engine.count(of: "busy") == 24)
      #expect(try await engine.store.history(of: StreamID("busy")).map(\.version) == Array(1...24))
    }
  }

  @Test("writes several streams of one unit together or not at all", arguments: StoreKind.allCases)
  func units(kind: StoreKind) async throws {
    try await kind.withEngine { (engine, _) async throws in
      await #expect(throws: Counter.Refusal.tooMuch(2_000)) {
        try await engine.run(act) { unit in
          try await unit.decide(Counter.self, StreamID("a"), .add("a", 1))
          try await unit.decide(Counter.self, StreamID("b"), .add("b", 2_000))
        }
      }
      #expect(try await engine.count(of: "a") == nil)
      // Refused by the table: the second stream's count would be negative.
      await #expect(throws: StoreFailure.constraint("counters: count is not negative")) {
        try await engine.run(act) { unit in
          try await unit.decide(Counter.self, StreamID("a"), .add("a", 1))
          try await unit.decide(Counter.self, StreamID("b"), .add("b", -1))
        }
      }
      #expect(try await engine.store.streams(after: nil, limit: 9) == [])
      #expect(try await engine.add(3, to: "a") == 3)
    }
  }

  @Test("looks at the newest state of a stream that it does not change", arguments: StoreKind.allCases)
  func looking(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      try await engine.add(1, to: "a")
      let other = Engine(context: engine.context, store: engine.store, clock: engine.clock)
      func look() async throws -> Int64? {
        try await other.run(act) { unit in
          let seen = try await unit.state(of: Counter.self, StreamID("a")).count
          try await unit.decide(Counter.self, StreamID("b"), .add("b", seen))
          return seen
        }
      }
      #expect(try await look() == 1)
      try await engine.add(1, to: "a")
      #expect(try await look() == 2)
    }
  }
}

@Suite("A backoff")
struct BackoffTests {
  @Test("concludes nothing from a state that another copy has changed since", arguments: StoreKind.allCases)
  func otherCopy(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let other = Engine(context: engine.context, store: engine.store, clock: engine.clock)
      try await engine.run(act) { unit in
        try await unit.decide(Counter.self, StreamID("a"), .set(ticksAt: hours(1), isStuck: true))
      }
      await #expect(throws: Counter.Refusal.stuck) {
        try await engine.run(act) { unit in try await unit.decide(Counter.self, StreamID("a"), .tick) }
      }
      try await other.run(act) { unit in
        try await unit.decide(Counter.self, StreamID("a"), .set(ticksAt: hours(2), isStuck: false))
      }
      // The first engine still has the stuck one at hand.
      try await engine.run(act) { unit in try await unit.decide(Counter.self, StreamID("a"), .tick) }
      try await other.add(5, to: "a")
      #expect(try await engine.state(of: Counter.self, StreamID("a")).count == 6)
      let seen = try await engine.run(act) { unit in try await unit.state(of: Counter.self, StreamID("a")).count }
      #expect(seen == 6)
    }
  }

  @Test("waits at most twice as long each time and never longer than its bound")
  func bounds() {
    let backoff = Backoff(first: .milliseconds(10), longest: .milliseconds(100))
    let ceilings: [Int: Duration] = [
      1: .milliseconds(10), 2: .milliseconds(20), 4: .milliseconds(80), 5: .milliseconds(100), 90: .milliseconds(100),
    ]
    for (attempt, ceiling) in ceilings {
      let delays = (0..<200).map { _ in backoff.delay(attempt: attempt) }
      #expect(delays.allSatisfy { $0 >= .zero && $0 <= ceiling }, "attempt \(attempt)")
      #expect(Set(delays).count > 100, "full jitter")
    }
  }
}
