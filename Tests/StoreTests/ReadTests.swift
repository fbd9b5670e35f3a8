import Kernel
import Runtime
import Testing

@Suite("A store answers")
struct ReadTests {
  @Test("nothing where there is nothing", arguments: StoreKind.allCases)
  func empty(kind: StoreKind) async throws {
    try await kind.withStore { (store) async throws in
      #expect(try await store.load(StreamID("a")) == nil)
      #expect(try await store.history(of: StreamID("a")) == [])
      #expect(try await store.streams(after: nil, limit: 5) == [])
      #expect(try await store.due("counter", through: Sample.at(0), after: nil, limit: 5) == [])
      #expect(try await store.nextDue() == nil)
      #expect(try await store.published(after: 0, limit: 5, about: nil).isEmpty)
      #expect(try await store.lastPublished() == 0)
      #expect(try await store.rows(Query(Sample.invoices)) == [])
      #expect(try await store.tally(Sample.invoices, by: [], sums: ["total_cents"], where: []) == [])
      #expect(try await store.tally(Sample.invoices, by: ["state"], sums: [], where: []) == [])
    }
  }

  @Test("rows by their keys in the order asked, and nothing for a key that is not there", arguments: StoreKind.allCases)
  func rowsByKey(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(Commit(rows: ["a", "b", "c"].map { Sample.invoice($0, from: .text("2027 \($0)")) }))
      let keys: [[Value]] = [["c"], ["x"], ["a"], ["c"]]
      let found = try await store.rows(Sample.invoices, keys: keys)
      #expect(found.map { $0?["id"] } == ["c", nil, "a", "c"])
      #expect(try await store.rows(Sample.invoices, keys: []).isEmpty)
    }
  }

  @Test(
    "streams by their names in the order asked, and nothing for a name that is not there", arguments: StoreKind.allCases
  )
  func streamsByName(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(Commit(Sample.write("a"), Sample.write("b", events: 2)))
      let found = try await store.load(["b", "x", "a", "b"].map { StreamID($0) })
      #expect(found.map { $0?.version } == [2, nil, 1, 2])
      #expect(try await store.load([]).isEmpty)
    }
  }

  @Test("streams in the order of their names, page by page", arguments: StoreKind.allCases)
  func streams(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(Commit(Sample.write("c"), Sample.write("a", events: 2), Sample.write("b", kind: "other")))
      let first = try await store.streams(after: nil, limit: 2)
      #expect(first.map(\.stream.rawValue) == ["a", "b"])
      #expect(first.map(\.version) == [2, 1])
      #expect(try await store.streams(after: first.last?.stream, limit: 2).map(\.stream.rawValue) == ["c"])
      #expect(try await store.streams(after: StreamID("c"), limit: 2) == [])
    }
  }

  @Test("what is due by time, then by name, page by page", arguments: StoreKind.allCases)
  func due(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(
        Commit(
          Sample.write("late", due: Sample.at(30)), Sample.write("c", due: Sample.at(10)),
          Sample.write("a", due: Sample.at(20)), Sample.write("b", due: Sample.at(10)), Sample.write("never"),
          Sample.write("other", kind: "other", due: Sample.at(5))))
      func page(_ through: Int64, after: DuePlace? = nil, limit: Int = 10) async throws -> [String] {
        try await store.due("counter", through: Sample.at(through), after: after, limit: limit)
          .map(\.stream.rawValue)
      }
      #expect(try await page(9) == [])
      #expect(try await page(10) == ["b", "c"])
      #expect(try await page(30, limit: 3) == ["b", "c", "a"])
      #expect(try await page(30, after: DuePlace(due: Sample.at(10), stream: StreamID("b"))) == ["c", "a", "late"])
      #expect(try await page(20, after: DuePlace(due: Sample.at(10), stream: StreamID("c"))) == ["a"])
      #expect(try await store.nextDue() == Sample.at(5))

      try await store.commit(
        Commit(
          Sample.write("other", kind: "other", after: 1), Sample.write("b", after: 1, due: Sample.at(40))))
      #expect(try await store.nextDue() == Sample.at(10))
      #expect(try await page(40) == ["c", "a", "late", "b"])
    }
  }

  @Test("published events behind a position and about a policy", arguments: StoreKind.allCases)
  func published(kind: StoreKind) async throws {
    try await kind.withStore { store in
      for batch in [["1", "2"], ["3"], ["4", "5"]] {
        var commit = Commit()
        commit.outbox = batch.map { Sample.publication($0, about: ["2", "5"].contains($0) ? "pol" : "") }
        commit.cursors = ["c": CursorMove(from: try await store.cursor("c"), to: 1)]
        try await store.commit(commit)
      }
      func ids(after: Int64, limit: Int = 10, about: String? = nil) async throws -> [String] {
        try await store.published(after: after, limit: limit, about: about).map(\.record.id)
      }
      #expect(try await ids(after: 0) == ["1", "2", "3", "4", "5"])
      #expect(try await ids(after: 0, limit: 2) == ["1", "2"])
      #expect(try await ids(after: 0, about: "pol") == ["2", "5"])
      #expect(try await ids(after: 0, about: "") == ["1", "3", "4"])
      #expect(try await ids(after: 0, about: "nobody") == [])
      let all = try await store.published(after: 0, limit: 10, about: nil)
      #expect(all.map(\.position) == [1, 2, 3, 4, 5])
      #expect(all[1].record == Sample.publication("2", about: "pol"))
      #expect(try await ids(after: all[2].position) == ["4", "5"])
      #expect(try await ids(after: all[2].position, about: "pol") == ["5"])
      #expect(try await store.lastPublished() == 5)
      #expect(try await ids(after: 5) == [])
    }
  }
}
