import Contracts
import Foundation
import Kernel
import Runtime
import Testing

@Suite("Two copies of a context")
struct CopiesTests {
  /// Another engine on the same store, as another process has it.
  static func copy(of engine: Engine) -> Engine {
    Engine(context: engine.context, store: engine.store, clock: engine.clock)
  }

  @Test("take each message of a feed once between them, in order for its subject", arguments: StoreKind.allCases)
  func consumers(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      let feed = try ListFeed((0..<1_200).map { ("s\($0 % 7)", Int64($0 % 900)) })
      let copies = [engine, Self.copy(of: engine)].map { ConsumerTests().consumer($0, feed, Seen()) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for consumer in copies { group.addTask { while try await consumer.pump() > 0 {} } }
        try await group.waitForAll()
      }
      for consumer in copies { #expect(try await consumer.cursor() == 1_200) }
      for subject in 0..<7 {
        let history = try await engine.store.history(of: StreamID("s\(subject)"))
        let events = try history.map { try JSONDecoder().decode(Counter.Event.self, from: Data($0.data)) }
        let expected = (0..<1_200).filter { $0 % 7 == subject }
          .map { Counter.Event.added("s\(subject)", Int64($0 % 900)) }
        #expect(events == expected)
      }
      #expect(try await engine.store.deadLetters(source: nil).isEmpty)
    }
  }

  @Test("count each page of their log once between them", arguments: StoreKind.allCases)
  func readers(kind: StoreKind) async throws {
    try await kind.withEngine { engine, _ in
      for unit in 0..<30 {
        try await engine.run(act) { [unit] work in
          for number in 0..<50 {
            try await work.decide(Counter.self, StreamID("s\(unit)/\(number)"), .add("s", 1))
          }
        }
      }
      let reader = LogReader("numbers", of: ["Counter.Added"]) { events, unit in
        // What it decides is published as well.
        let others = events.filter { $0.subject != "all" }
        if !others.isEmpty {
          try await unit.decide(Counter.self, StreamID("all"), .add("all", Int64(others.count)))
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for copy in [engine, Self.copy(of: engine), Self.copy(of: engine)] {
          group.addTask { while try await copy.pump(reader) > 0 {} }
        }
        try await group.waitForAll()
      }
      #expect(try await Self.copy(of: engine).state(of: Counter.self, StreamID("all")).count == 1_500)
    }
  }
}
