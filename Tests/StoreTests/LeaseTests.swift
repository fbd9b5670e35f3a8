import Kernel
import Runtime
import Testing

@Suite("A lease")
struct LeaseTests {
  /// Longer than any test.
  static let long = Duration.seconds(600)

  static func schedule(_ names: [String], in store: any Store) async throws {
    for (index, name) in names.enumerated() {
      try await store.commit(Commit(Sample.write(name, due: Sample.at(Int64(index)))))
    }
  }

  @Test("keeps what is due from others until it is given back", arguments: StoreKind.allCases)
  func exclusive(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await Self.schedule(["d", "c", "b", "a", "later"], in: store)
      try await store.commit(Commit(Sample.write("other", kind: "other", due: Sample.at(0))))
      func claim(_ holder: String, limit: Int = 10) async throws -> [String] {
        try await store.claim(
          "counter", through: Sample.at(3), limit: limit, lease: Lease(holder: holder, duration: Self.long)
        ).map(\.stream.rawValue)
      }
      #expect(try await claim("one", limit: 2) == ["d", "c"])
      #expect(try await claim("two", limit: 1) == ["b"])
      #expect(try await claim("one") == ["a"])
      #expect(try await claim("one") == [])
      #expect(try await claim("two") == [])

      try await store.commit(Commit(Sample.write("d", after: 1)))
      try await store.release("one")
      #expect(try await claim("three") == ["c", "a"])
      try await store.release("two")
      #expect(try await claim("one") == ["b"])
    }
  }

  @Test("stays on what could not be done while its holder goes on", arguments: StoreKind.allCases)
  func parked(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await Self.schedule(["a", "b", "c", "d", "e"], in: store)
      func claim(_ holder: String, limit: Int = 2) async throws -> [String] {
        try await store.claim(
          "counter", through: Sample.at(9), limit: limit, lease: Lease(holder: holder, duration: Self.long)
        ).map(\.stream.rawValue)
      }
      #expect(try await claim("one") == ["a", "b"])
      try await store.commit(Commit(Sample.write("a", after: 1)))
      #expect(try await claim("one") == ["c", "d"])
      #expect(try await claim("two") == ["e"])
      // Nothing was done about b, c and d.
      #expect(try await claim("one") == [])
      try await store.release("two")
      #expect(try await claim("one") == ["e"])
      #expect(try await claim("one") == [])
      try await store.release("one")
      #expect(try await claim("two", limit: 9) == ["b", "c", "d", "e"])
    }
  }

  @Test("on work that is no stream goes by its name", arguments: StoreKind.allCases)
  func byName(kind: StoreKind) async throws {
    try await kind.withStore { store in
      func hold(_ work: [String], _ holder: String, _ duration: Duration = Self.long) async throws -> Set<String> {
        try await store.hold(work, lease: Lease(holder: holder, duration: duration))
      }
      #expect(try await hold(["relay", "part/0"], "one") == ["relay", "part/0"])
      #expect(try await hold(["relay", "part/1"], "two") == ["part/1"])
      #expect(try await hold(["relay"], "one") == ["relay"])
      #expect(try await store.holders(of: "part/") == ["part/0": "one", "part/1": "two"])

      #expect(try await hold(["relay"], "one", .zero) == [])
      #expect(try await hold(["relay"], "two") == ["relay"])
      try await store.release("two")
      #expect(try await store.holders(of: "") == ["part/0": "one"])

      #expect(try await hold(["part/2"], "killed", .milliseconds(50)) == ["part/2"])
      try await Task.sleep(for: .milliseconds(80))
      #expect(try await hold(["part/2"], "next") == ["part/2"])
    }
  }

  @Test("runs out, so that what a killed copy left is taken over", arguments: StoreKind.allCases)
  func takenOver(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await Self.schedule(["a", "b"], in: store)
      func claim(_ holder: String, _ duration: Duration) async throws -> [String] {
        try await store.claim(
          "counter", through: Sample.at(9), limit: 9, lease: Lease(holder: holder, duration: duration)
        ).map(\.stream.rawValue)
      }
      #expect(try await claim("killed", .milliseconds(50)) == ["a", "b"])
      try await Task.sleep(for: .milliseconds(80))
      #expect(try await claim("next", Self.long) == ["a", "b"])
      // The killed one was only slow: it has nothing any more, and its version decides.
      try await store.commit(Commit(Sample.write("a", after: 1)))
      await #expect(throws: StoreFailure.conflict(StreamID("a"))) {
        try await store.commit(Commit(Sample.write("a", after: 1)))
      }
      #expect(try await claim("killed", Self.long) == [])
    }
  }

  @Test("of many claimers at once is for one of them each", arguments: StoreKind.allCases)
  func race(kind: StoreKind) async throws {
    try await kind.withStore { store in
      var all = Commit()
      all.writes = (0..<100).map { Sample.write("s\($0)", due: Sample.at(Int64($0 % 7))) }
      try await store.commit(all)
      let claimed = try await withThrowingTaskGroup(of: [StreamID].self) { group in
        for holder in 0..<6 {
          group.addTask {
            var mine: [StreamID] = []
            let lease = Lease(holder: "\(holder)", duration: Self.long)
            while true {
              let page = try await store.claim("counter", through: Sample.at(9), limit: 7, lease: lease)
              if page.isEmpty { return mine }
              mine += page.map(\.stream)
            }
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(claimed.count == 100)
      #expect(Set(claimed).count == 100)
    }
  }
}
