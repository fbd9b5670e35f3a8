import Contracts
import Foundation
import Kernel
import Runtime
import SQLiteStorage
import StoreTesting
import SwiftProtobuf
import Synchronization
import Testing

/// A feed in memory.
struct ListFeed: Feed {
  let source = "counting"
  let messages: [Premia_Common_V1_Envelope]

  /// One message for each (subject, amount), at positions from 1.
  init(_ list: [(subject: String, amount: Int64)]) throws {
    var messages: [Premia_Common_V1_Envelope] = []
    for (index, entry) in list.enumerated() {
      var message = Premia_Common_V1_Envelope()
      message.id = "evt_\(index + 1)"
      message.source = source
      message.type = "Counter.Added"
      message.subject = entry.subject
      message.position = Int64(index + 1)
      message.correlation = "c"
      message.data = try Google_Protobuf_Int64Value(entry.amount).serializedData()
      messages.append(message)
    }
    self.messages = messages
  }

  func read(after position: Int64, limit: Int) async throws -> [Premia_Common_V1_Envelope] {
    Array(messages.filter { $0.position > position }.prefix(limit))
  }

  func last() async throws -> Int64 { messages.last?.position ?? 0 }
}

/// What the consumer under test has seen: the amounts by subject, in order.
final class Seen: Sendable {
  let bySubject = Mutex<[String: [Int64]]>([:])
  /// Amounts that are refused.
  let poison: Mutex<Set<Int64>>

  /// An amount over which the process ends.
  let death: Int64?

  init(poison: Set<Int64> = [], death: Int64? = nil) {
    self.poison = Mutex(poison)
    self.death = death
  }

  subscript(_ subject: String) -> [Int64] { bySubject.withLock { $0[subject, default: []] } }
}

private struct Poison: Refusal, Equatable {
  var problem: Problem { Problem(kind: .invalid, code: "poison", detail: "It cannot be taken.", remedy: "None.") }
}

@Suite("A consumer")
struct ConsumerTests {
  /// Adds what it reads to a counter of the same name.
  func consumer(_ engine: Engine, _ feed: ListFeed, _ seen: Seen) -> Consumer {
    let bySubject = Dictionary(
      feed.messages.map { ($0.id, $0.subject) }, uniquingKeysWith: { first, _ in first })
    return Consumer(
      engine: engine, feed: feed,
      subscriptions: [
        Subscription("counting", "Counter.Added", Google_Protobuf_Int64Value.self) { event, unit in
          if event.value == seen.death { kill(getpid(), SIGKILL) }
          if seen.poison.withLock({ $0.contains(event.value) }) { throw Poison() }
          let subject = bySubject[unit.act.causation, default: ""]
          try await unit.decide(Counter.self, StreamID(subject), .add(subject, event.value))
          seen.bySubject.withLock { $0[subject, default: []].append(event.value) }
        }
      ])
  }

  @Test("takes each message once and in order, however often it is delivered", arguments: StoreKind.allCases)
  func once(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let feed = try ListFeed((0..<120).map { ("s\($0 % 5)", Int64($0)) })
      let seen = Seen()
      for _ in 0..<3 {
        // A new consumer, and a cursor that has lost its place.
        var lost = Commit()
        lost.cursors = ["feed/counting": CursorMove(from: try await engine.store.cursor("feed/counting"), to: 0)]
        try await engine.store.commit(lost)
        let consumer = consumer(engine, feed, seen)
        #expect(try await consumer.pump() == 120)
        #expect(try await consumer.pump() == 0)
      }
      for subject in 0..<5 {
        let expected = stride(from: Int64(subject), to: 120, by: 5).map { $0 }
        // A message read again runs its body and is then found to be taken: the rows tell what took effect.
        #expect(Array(seen["s\(subject)"].prefix(24)) == expected)
        #expect(try await engine.count(of: "s\(subject)") == expected.reduce(0, +))
      }
      #expect(try await engine.store.deadLetters(source: nil) == [])
    }
  }

  @Test("moves its place in the same commit as a message that is alone", arguments: StoreKind.allCases)
  func alone(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let store = InterceptedStore(engine.store) { _ throws(StoreFailure) in }
      let feed = try ListFeed([("a", 5)])
      let counting = Engine(context: engine.context, store: store, clock: engine.clock)
      #expect(try await consumer(counting, feed, Seen()).pump() == 1)
      // The other one notes that a process has begun here.
      #expect(store.commits == 2)
      #expect(try await engine.store.cursor("feed/counting") == 1)
      #expect(try await engine.count(of: "a") == 5)
    }
  }

  @Test("takes a message once whose place another copy has moved meanwhile", arguments: StoreKind.allCases)
  func movedMeanwhile(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let store = InterceptedStore(engine.store) { number throws(StoreFailure) in
        guard number == 2 else { return }
        var other = Commit()
        other.cursors = ["feed/counting": CursorMove(from: 0, to: 7)]
        try await engine.store.commit(other)
      }
      let feed = try ListFeed([("a", 5)])
      let behind = Engine(context: engine.context, store: store, clock: engine.clock)
      #expect(try await consumer(behind, feed, Seen()).pump() == 1)
      #expect(store.commits == 3)
      #expect(try await engine.store.cursor("feed/counting") == 7)
      #expect(try await engine.count(of: "a") == 5)
      #expect(try await engine.store.taken([InboxMark(source: "counting", messageID: "evt_1")]).count == 1)
    }
  }

  @Test("sets poison aside with everything behind it, and redrives it in order", arguments: StoreKind.allCases)
  func poison(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let feed = try ListFeed([("a", 1), ("b", 10), ("a", 666), ("a", 2), ("b", 20), ("a", 3)])
      let seen = Seen(poison: [666])
      let consumer = consumer(engine, feed, seen)
      _ = try await consumer.pump()
      #expect(seen["a"] == [1])
      #expect(seen["b"] == [10, 20])
      let letters = try await engine.store.deadLetters(source: "counting")
      #expect(letters.map(\.messageID) == ["evt_3", "evt_4", "evt_6"])
      #expect(letters.map(\.position) == [3, 4, 6])
      #expect(letters[0].reason == "poison: It cannot be taken.")
      #expect(letters[0].attempts == 1)
      #expect(letters[1].reason == "waits behind an earlier dead letter of a")

      #expect(try await consumer.redrive(subject: nil, dryRun: true) == (0, 3))
      #expect(try await consumer.redrive(subject: nil, dryRun: false) == (0, 3))
      #expect(try await engine.store.deadLetters(source: "counting") == letters)

      seen.poison.withLock { $0 = [] }
      #expect(try await consumer.redrive(subject: "b", dryRun: false) == (0, 0))
      #expect(try await consumer.redrive(subject: "a", dryRun: false) == (3, 0))
      #expect(seen["a"] == [1, 666, 2, 3])
      #expect(try await engine.store.deadLetters(source: nil) == [])
      #expect(try await engine.count(of: "a") == 672)
    }
  }

  private static let deadly: [(subject: String, amount: Int64)] =
    [("a", 1), ("b", 10), ("a", 666), ("b", 20), ("a", 2), ("c", 666), ("b", 30)]

  @Test("sets aside messages over which one process after the other ends; the others take effect")
  func ending() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "premia-engine-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "counting.sqlite").path
    // Three that hurry, and two that are careful for each of the two messages.
    for _ in 0..<7 {
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
        let store = try SQLiteStore(path: path, tables: [Counter.table] + BulkTables.all)
        let engine = Engine(context: "counting", store: store, clock: SandboxClock(start))
        _ = try await ConsumerTests().consumer(engine, ListFeed(Self.deadly), Seen(death: 666)).pump()
      }
    }
    let store = try SQLiteStore(path: path, tables: [Counter.table] + BulkTables.all)
    let engine = Engine(context: "counting", store: store, clock: SandboxClock(start))
    let feed = try ListFeed(Self.deadly)
    let seen = Seen()
    #expect(try await consumer(engine, feed, seen).pump() == 7)
    let letters = try await engine.store.deadLetters(source: nil)
    #expect(letters.map(\.messageID) == ["evt_3", "evt_5", "evt_6"])
    let ended = "processes ended while it was taken in"
    #expect(letters.map(\.reason) == [ended, "waits behind an earlier dead letter of a", ended])
    #expect(try await engine.count(of: "a") == 1)
    #expect(try await engine.count(of: "b") == 60)
    #expect(try await engine.count(of: "c") == nil)
    #expect(try await consumer(engine, feed, seen).redrive(subject: nil, dryRun: false) == (3, 0))
    #expect(try await engine.count(of: "a") == 669)
    #expect(try await engine.count(of: "c") == 666)
    await store.close()
  }

  @Test("that reads again after a crash lets the dead rest and the done be", arguments: StoreKind.allCases)
  func rereading(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let feed = try ListFeed([("a", 1), ("a", 666), ("a", 2)])
      let seen = Seen(poison: [666])
      _ = try await consumer(engine, feed, seen).pump()
      let letters = try await engine.store.deadLetters(source: nil)
      #expect(letters.map(\.messageID) == ["evt_2", "evt_3"])
      var lost = Commit()
      lost.cursors = ["feed/counting": CursorMove(from: try await engine.store.cursor("feed/counting"), to: 0)]
      try await engine.store.commit(lost)
      _ = try await consumer(engine, feed, seen).pump()
      #expect(try await engine.store.deadLetters(source: nil) == letters)
    }
  }

  @Test("redrives what took effect meanwhile by forgetting it", arguments: StoreKind.allCases)
  func alreadyTaken(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let feed = try ListFeed([("a", 666)])
      let seen = Seen(poison: [666])
      let consumer = consumer(engine, feed, seen)
      _ = try await consumer.pump()
      var taken = Commit()
      taken.taken = InboxMark(source: "counting", messageID: "evt_1")
      try await engine.store.commit(taken)
      seen.poison.withLock { $0 = [] }
      #expect(try await consumer.redrive(subject: nil, dryRun: false) == (1, 0))
      #expect(try await engine.store.deadLetters(source: nil) == [])
      #expect(try await engine.count(of: "a") == nil)
    }
  }

  @Test("replays what is missing and says beforehand what it would do", arguments: StoreKind.allCases)
  func replay(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let feed = try ListFeed([("a", 1), ("b", 2), ("a", 3), ("a", 4)])
      let seen = Seen()
      let consumer = consumer(engine, feed, seen)
      var start = Commit()
      start.cursors = ["feed/counting": CursorMove(from: 0, to: 2)]
      try await engine.store.commit(start)
      _ = try await consumer.pump()
      #expect(try await engine.count(of: "a") == 7)

      #expect(try await consumer.replay(after: 0, subject: nil, dryRun: true) == (4, 2, 2))
      #expect(try await engine.count(of: "b") == nil)
      #expect(try await consumer.replay(after: 0, subject: "b", dryRun: false) == (1, 1, 0))
      #expect(try await consumer.replay(after: 0, subject: nil, dryRun: false) == (4, 1, 3))
      #expect(try await consumer.replay(after: 0, subject: nil, dryRun: false) == (4, 0, 4))
      #expect(try await engine.count(of: "a") == 8)
      #expect(try await engine.count(of: "b") == 2)
    }
  }
}
