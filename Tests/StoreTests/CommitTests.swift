import Kernel
import Runtime
import Testing

@Suite("A commit")
struct CommitTests {
  @Test("is written whole", arguments: StoreKind.allCases)
  func whole(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(.everything("a"))
      #expect(try await contents(of: store, named: "a").count == 9)
      let stored = try #require(try await store.load(StreamID("stream a")))
      #expect(
        stored
          == StoredStream(
            stream: StreamID("stream a"), kind: "counter", version: 2, state: Array("state 2".utf8), due: Sample.at(5)))
      #expect(try await store.history(of: StreamID("stream a")) == Sample.events(1...2))
    }
  }

  @Test("that fails at its last row leaves nothing", arguments: StoreKind.allCases)
  func atomicity(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(Commit(rows: [Sample.invoice("invoice z", account: "kept", cents: 1)]))
      var commit = Commit.everything("a")
      commit.rows += [
        Sample.invoice("invoice z", account: "changed"),
        .set(Sample.invoices, key: ["invoice z"], [("state", "paid")]),
        .delete(Sample.invoices, key: ["invoice z"]),
        Sample.invoice("invoice b", cents: -1),
      ]
      await #expect(throws: StoreFailure.constraint("invoices: total_cents is not negative")) {
        try await store.commit(commit)
      }
      #expect(try await contents(of: store, named: "a") == [])
      let kept = try #require(try await store.row(Sample.invoices, key: ["invoice z"]))
      #expect(kept.values == ["invoice z", "kept", .null, "issued", 1])
      #expect(try await store.lastPublished() == 0)
      #expect(try await store.nextDue() == nil)

      commit.rows.removeLast()
      try await store.commit(commit)
      #expect(try await contents(of: store, named: "a").count == 9)
    }
  }

  @Test("on a stream that somebody else changed is refused", arguments: StoreKind.allCases)
  func conflict(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(Commit(Sample.write("a")))
      let conflict = StoreFailure.conflict(StreamID("a"))
      for version: Int64 in [0, 2] {
        await #expect(throws: conflict, "at \(version)") {
          try await store.commit(Commit(Sample.write("b"), Sample.write("a", after: version)))
        }
      }
      #expect(try await store.load(StreamID("b")) == nil)
      try await store.commit(Commit(Sample.write("a", after: 1, events: 3)))
      #expect(try await store.load(StreamID("a"))?.version == 4)
      #expect(try await store.history(of: StreamID("a")) == Sample.events(1...4))
      await #expect(throws: StoreFailure.conflict(StreamID("never"))) {
        try await store.commit(Commit(Sample.write("never", after: 1)))
      }
    }
  }

  @Test("under a key used before is refused with the first answer", arguments: StoreKind.allCases)
  func answered(kind: StoreKind) async throws {
    try await kind.withStore { store in
      var first = Commit(Sample.write("a"))
      first.answer = StoredAnswer(key: "k", inputHash: [1, 2], answer: [])
      try await store.commit(first)
      var second = Commit(Sample.write("b"))
      second.answer = StoredAnswer(key: "k", inputHash: [3], answer: [4])
      await #expect(throws: StoreFailure.answered(StoredAnswer(key: "k", inputHash: [1, 2], answer: []))) {
        try await store.commit(second)
      }
      #expect(try await store.load(StreamID("b")) == nil)
      #expect(try await store.answer(to: "k") == first.answer)
      #expect(try await store.answer(to: "other") == nil)
    }
  }

  @Test("for a message that took effect before is refused", arguments: StoreKind.allCases)
  func taken(kind: StoreKind) async throws {
    try await kind.withStore { store in
      let mark = InboxMark(source: "policy", messageID: "evt_1")
      var commit = Commit(Sample.write("a"))
      commit.taken = mark
      try await store.commit(commit)
      // Said before the conflict that it would also be.
      await #expect(throws: StoreFailure.taken(mark)) { try await store.commit(commit) }
      let others = [InboxMark(source: "policy", messageID: "evt_2"), InboxMark(source: "claims", messageID: "evt_1")]
      #expect(try await store.taken([mark] + others) == [mark])
      #expect(try await store.taken([]) == [])
    }
  }

  @Test("moves cursors, sets messages aside and revives them", arguments: StoreKind.allCases)
  func places(kind: StoreKind) async throws {
    try await kind.withStore { store in
      #expect(try await store.cursor("feed/policy") == 0)
      var commit = Commit()
      commit.cursors = ["feed/policy": CursorMove(from: 0, to: 12), "file/1": CursorMove(from: 0, to: 3)]
      commit.deadLetters = [
        Sample.letter("b", at: 9, reason: "second"), Sample.letter("a", at: 8, reason: "first"),
        Sample.letter("a", at: 1, source: "claims", reason: "other"),
      ]
      try await store.commit(commit)
      commit = Commit()
      commit.cursors = ["feed/policy": CursorMove(from: 12, to: 11)]
      commit.deadLetters = [Sample.letter("a", at: 8, reason: "again")]
      try await store.commit(commit)
      #expect(try await store.cursor("feed/policy") == 11)
      #expect(try await store.cursor("file/1") == 3)
      #expect(
        try await store.deadLetters(source: "policy")
          == [Sample.letter("a", at: 8, reason: "again"), Sample.letter("b", at: 9, reason: "second")])
      #expect(try await store.deadLetters(source: nil).map(\.source) == ["claims", "policy", "policy"])

      commit = Commit()
      commit.revived = [InboxMark(source: "policy", messageID: "a"), InboxMark(source: "policy", messageID: "none")]
      try await store.commit(commit)
      #expect(try await store.deadLetters(source: nil).map(\.reason) == ["other", "second"])
    }
  }

  @Test("that expects a cursor where it is not any more is refused whole", arguments: StoreKind.allCases)
  func moved(kind: StoreKind) async throws {
    try await kind.withStore { store in
      func move(_ from: Int64, _ to: Int64) -> Commit {
        var commit = Commit(Sample.write("stream \(from) \(to)"))
        commit.cursors = ["feed/policy": CursorMove(from: from, to: to)]
        return commit
      }
      await #expect(throws: StoreFailure.moved("feed/policy")) { try await store.commit(move(5, 6)) }
      try await store.commit(move(0, 12))
      for from: Int64 in [0, 5, 13] {
        await #expect(throws: StoreFailure.moved("feed/policy")) { try await store.commit(move(from, 20)) }
      }
      #expect(try await store.cursor("feed/policy") == 12)
      #expect(try await store.streams(after: nil, limit: 9).map(\.stream.rawValue) == ["stream 0 12"])
      try await store.commit(move(12, 20))
      #expect(try await store.cursors() == ["feed/policy": 20])
    }
  }

  @Test("moves a cursor for one of many who have done the same work", arguments: StoreKind.allCases)
  func movedByOne(kind: StoreKind) async throws {
    try await kind.withStore { store in
      for place: Int64 in 0..<5 {
        let winners = try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<6 {
            group.addTask {
              var commit = Commit()
              commit.cursors = ["feed/policy": CursorMove(from: place, to: place + 1)]
              do {
                try await store.commit(commit)
                return 1
              } catch StoreFailure.moved {
                return 0
              }
            }
          }
          return try await group.reduce(0, +)
        }
        #expect(winners == 1)
      }
      #expect(try await store.cursor("feed/policy") == 5)
    }
  }

  @Test("keeps texts and bytes as they are", arguments: StoreKind.allCases)
  func fidelity(kind: StoreKind) async throws {
    try await kind.withStore { store in
      let odd = "Zoë \u{0} \u{1F980} 'quoted' \"twice\" \n"
      let bytes = (0...255).map(UInt8.init)
      var commit = Commit(
        StreamWrite(
          stream: StreamID(odd), kind: odd, expectedVersion: 0,
          events: [EventRecord(version: 1, name: odd, data: [], at: Sample.at(-1), act: Act(correlation: odd))],
          state: bytes, due: nil))
      commit.rows = [.put(Sample.invoices, [.text(odd), "", .text(odd), "paid", .integer(.max)])]
      commit.outbox = [OutboxRecord(id: odd, subject: "", about: odd, envelope: [])]
      try await store.commit(commit)
      #expect(try await store.load(StreamID(odd))?.state == bytes)
      #expect(try await store.history(of: StreamID(odd)) == commit.writes[0].events)
      #expect(
        try await store.row(Sample.invoices, key: [.text(odd)])?.values
          == [.text(odd), "", .text(odd), "paid", .integer(.max)])
      #expect(try await store.published(after: 0, limit: 9, about: odd).map(\.record) == commit.outbox)
    }
  }
}
