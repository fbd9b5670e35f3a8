import Kernel
import Runtime
import StoreTesting
import Testing

@Suite("A copy of a store")
struct CopyTests {
  /// Something of everything, in more than one part where parts are small.
  static func fill(_ store: any Store) async throws {
    for name in ["a", "b", "odd \u{0} \u{10FFFF} ü"] { try await store.commit(.everything(name)) }
    // Refused after it drew a position, where positions are drawn.
    var refused = Commit(Sample.write("stream a"))
    refused.outbox = [Sample.publication("never")]
    await #expect(throws: StoreFailure.conflict(StreamID("stream a"))) { try await store.commit(refused) }
    var many = Commit()
    many.writes = (0..<600).map { Sample.write("s\($0)", events: Int64($0 % 3 + 1), due: Sample.at(Int64($0))) }
    many.outbox = (0..<700).map { Sample.publication("evt \($0)", about: $0 % 2 == 0 ? "pol" : "") }
    many.rows = (0..<50).map { .put(Sample.lines, ["a", .integer($0), $0 % 2 == 0 ? .null : .integer(-$0)]) }
    many.cursors = ["feed/policy": CursorMove(from: 0, to: 12), "never moved": CursorMove(from: 0, to: 0)]
    try await store.commit(many)
    _ = try await store.hold(["work"], lease: Lease(holder: "one", duration: .seconds(60)))
  }

  static func copy(_ source: any Store, _ target: any Store) async throws {
    let copy = StoreCopy(of: "counting", from: source, to: target, tables: Sample.tables)
    let inventory = try await copy.check()
    try await copy.begin(inventory)
    try await copy.run(inventory)
    #expect(try await copy.isCompleted())
  }

  static func positions(of store: any Store) async throws -> [String] {
    try await store.published(after: 0, limit: 10_000, about: nil).map { "\($0.position) \($0.record.id)" }
  }

  static func compare(_ one: any Store, _ other: any Store) async throws {
    let (first, second) = (
      try await StoreCopy.inventory(of: one, tables: Sample.tables),
      try await StoreCopy.inventory(of: other, tables: Sample.tables)
    )
    #expect(first == second)
    #expect(second.differences(from: first) == [])
    #expect(try await positions(of: one) == positions(of: other))
    for name in ["a", "b", "odd \u{0} \u{10FFFF} ü"] {
      let expected = try await contents(of: one, named: name)
      #expect(expected.count == 9)
      #expect(try await contents(of: other, named: name) == expected)
    }
  }

  @Test("goes from every store to every other and is the same", arguments: StoreKind.allCases, StoreKind.allCases)
  func same(from: StoreKind, to: StoreKind) async throws {
    try await from.withStore { source in
      try await Self.fill(source)
      try await to.withStore { target in
        try await Self.copy(source, target)
        try await Self.compare(source, target)
        #expect(try await target.load(StreamID("s7")) == source.load(StreamID("s7")))
        #expect(try await target.nextDue() == source.nextDue())
        #expect(try await target.cursor("feed/policy") == 12)
        #expect(try await target.holders(of: "") == [:])
      }
    }
  }

  @Test("goes round through all of them and is worked with afterwards")
  func round() async throws {
    try await StoreKind.sqlite.withStore { first in
      try await Self.fill(first)
      try await StoreKind.memory.withStore { second in
        try await Self.copy(first, second)
        try await StoreKind.postgres.withStore { third in
          try await Self.copy(second, third)
          try await StoreKind.sqlite.withStore { fourth in
            try await Self.copy(third, fourth)
            try await Self.compare(first, fourth)
            for store in [first, second, third, fourth] {
              try await store.commit(.everything("next"))
              #expect(try await Self.positions(of: store).last == "704 evt next")
              await #expect(throws: StoreFailure.taken(InboxMark(source: "policy", messageID: "a"))) {
                try await store.commit(.everything("a"))
              }
            }
          }
        }
      }
    }
  }

  @Test("that is stopped anywhere goes on where it was", arguments: StoreKind.allCases)
  func resumed(kind: StoreKind) async throws {
    let source = MemoryStore()
    try await Self.fill(source)
    let undisturbed = InterceptedStore(MemoryStore()) { _ throws(StoreFailure) in }
    try await Self.copy(source, undisturbed)
    #expect(undisturbed.commits == 12)
    for last in [1, 2, 5, 9, 11] {
      try await kind.withStore { target in
        let failing = InterceptedStore(target) { number throws(StoreFailure) in
          if number > last { throw .unavailable("killed") }
        }
        await #expect(throws: StoreFailure.unavailable("killed")) { try await Self.copy(source, failing) }
        await #expect(throws: StoreCopy.Refusal.incomplete("counting")) {
          try await StoreCopy.requireCompleted(target, of: "counting")
        }
        let rest = InterceptedStore(target) { _ throws(StoreFailure) in }
        try await Self.copy(source, rest)
        #expect(rest.commits == undisturbed.commits - last)
        try await Self.compare(source, target)
        try await StoreCopy.requireCompleted(target, of: "counting")
        // Once more: there is nothing to do.
        try await Self.copy(source, rest)
        #expect(rest.commits == undisturbed.commits - last)
      }
    }
  }

  @Test("into a store that has other data is refused", arguments: StoreKind.allCases)
  func refused(kind: StoreKind) async throws {
    let source = MemoryStore()
    try await Self.fill(source)
    try await kind.withStore { target in
      var commit = Commit()
      commit.cursors = ["feed/policy": CursorMove(from: 0, to: 1)]
      try await target.commit(commit)
      await #expect(throws: StoreCopy.Refusal.targetInUse("counting")) { try await Self.copy(source, target) }
    }
    try await kind.withStore { target in
      let failing = InterceptedStore(target) { number throws(StoreFailure) in
        if number > 4 { throw .unavailable("killed") }
      }
      await #expect(throws: StoreFailure.unavailable("killed")) { try await Self.copy(source, failing) }
      try await source.commit(.everything("since"))
      await #expect(throws: StoreCopy.Refusal.otherOrigin("counting")) { try await Self.copy(source, target) }
    }
  }
}
