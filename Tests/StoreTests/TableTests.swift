import Kernel
import Runtime
import Testing

@Suite("A read table")
struct TableTests {
  /// What breaks a constraint, and what is said. Every store says the same.
  static let refusals: [(words: String, rows: [RowChange])] = [
    ("invoices: total_cents is not negative", [Sample.invoice("a", cents: -1)]),
    ("invoices: state is one of issued, paid", [Sample.invoice("a", state: "void")]),
    ("invoices: state is not null", [Sample.invoice("a", state: .null)]),
    ("invoices: total_cents is an integer", [Sample.invoice("a", cents: "12")]),
    ("invoices: state is text", [Sample.invoice("a", state: 1)]),
    (
      "invoices: unique (account_id, from)",
      [Sample.invoice("a", account: "x", from: "2027"), Sample.invoice("b", account: "x", from: "2027")]
    ),
    ("invoices: total_cents is not negative", [Sample.invoice("a"), set("a", "total_cents", -1)]),
    ("invoices: state is one of issued, paid", [Sample.invoice("a"), set("a", "state", "gone")]),
    ("invoices: total_cents is not null", [Sample.invoice("a"), set("a", "total_cents", .null)]),
    ("invoices: total_cents is an integer", [Sample.invoice("a"), set("a", "total_cents", "1")]),
    ("invoices: no row with the key [Runtime.Value.text(\"a\")]", [set("a", "state", "paid")]),
    (
      "invoices: unique (account_id, from)",
      [
        Sample.invoice("a", account: "x", from: "1"), Sample.invoice("b", account: "x", from: "2"),
        set("b", "from", "1"),
      ]
    ),
  ]

  static func set(_ id: String, _ column: String, _ value: Value) -> RowChange {
    .set(Sample.invoices, key: [.text(id)], [(column, value)])
  }

  @Test("refuses what breaks a constraint, in the same words everywhere", arguments: StoreKind.allCases)
  func constraints(kind: StoreKind) async throws {
    for (words, rows) in Self.refusals {
      try await kind.withStore { (store) async throws in
        await #expect(throws: StoreFailure.constraint(words)) { try await store.commit(Commit(rows: rows)) }
        #expect(try await store.rows(Query(Sample.invoices)) == [])
      }
    }
  }

  @Test("lets go of what was unique when its row goes or changes", arguments: StoreKind.allCases)
  func uniqueness(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(
        Commit(rows: [
          Sample.invoice("a", account: "x", from: "1"), Sample.invoice("null 1", account: "x"),
          Sample.invoice("null 2", account: "x"), Sample.invoice("a", account: "x", from: "1", cents: 2),
        ]))
      try await store.commit(
        Commit(rows: [Self.set("a", "from", "2"), Sample.invoice("b", account: "x", from: "1")]))
      try await store.commit(
        Commit(rows: [
          .delete(Sample.invoices, key: ["a"]), .delete(Sample.invoices, key: ["not there"]),
          Sample.invoice("c", account: "x", from: "2"),
        ]))
      #expect(try await store.rows(Query(Sample.invoices)).map { $0.text("id") } == ["b", "c", "null 1", "null 2"])
    }
  }

  @Test("gives rows in the order of the key, page by page, both ways", arguments: StoreKind.allCases)
  func paging(kind: StoreKind) async throws {
    try await kind.withStore { store in
      let keys: [(String, Int64)] = [("b", 2), ("a", 10), ("b", 1), ("a", 9), ("é", 1), ("c", 1)]
      try await store.commit(
        Commit(rows: keys.map { .put(Sample.lines, [.text($0), .integer($1), $1 == 1 ? .null : .integer($1)]) }))
      func page(_ change: (inout Query) -> Void) async throws -> [String] {
        var query = Query(Sample.lines)
        change(&query)
        return try await store.rows(query).map { "\($0.text("invoice_id"))\($0.integer("number"))" }
      }
      #expect(try await page { _ in } == ["a9", "a10", "b1", "b2", "c1", "é1"])
      #expect(try await page { $0.limit = 2 } == ["a9", "a10"])
      #expect(try await page { $0.after = ["a", 10] } == ["b1", "b2", "c1", "é1"])
      #expect(try await page { $0.after = ["b", 0] } == ["b1", "b2", "c1", "é1"])
      #expect(try await page { $0.descending = true } == ["é1", "c1", "b2", "b1", "a10", "a9"])
      #expect(
        try await page {
          $0.descending = true
          $0.after = ["b", 2]
          $0.limit = 2
        } == ["b1", "a10"])
      #expect(try await page { $0.matching = [("invoice_id", "b")] } == ["b1", "b2"])
      #expect(try await page { $0.matching = [("cents", .null), ("invoice_id", "c")] } == ["c1"])
      #expect(
        try await page {
          $0.matching = [("cents", .null)]
          $0.after = ["b", 1]
        } == ["c1", "é1"])
      #expect(try await page { $0.matching = [("cents", 3)] } == [])
    }
  }

  @Test("counts and sums by group", arguments: StoreKind.allCases)
  func tally(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(
        Commit(rows: [
          Sample.invoice("1", account: "x", from: "1", cents: 5), Sample.invoice("2", account: "y", cents: 7),
          Sample.invoice("3", account: "x", state: "paid", cents: 11),
          Sample.invoice("4", account: "x", from: "2", cents: 13),
        ]))
      func tally(
        _ groups: [String], _ sums: [String], _ matching: [(column: String, value: Value)] = []
      ) async throws -> [Tally] {
        try await store.tally(Sample.invoices, by: groups, sums: sums, where: matching)
      }
      #expect(try await tally([], ["total_cents"]) == [Tally(group: [], count: 4, sums: [36])])
      #expect(
        try await tally(["account_id", "state"], ["total_cents", "total_cents"])
          == [
            Tally(group: ["x", "issued"], count: 2, sums: [18, 18]),
            Tally(group: ["x", "paid"], count: 1, sums: [11, 11]),
            Tally(group: ["y", "issued"], count: 1, sums: [7, 7]),
          ])
      #expect(
        try await tally(["from"], [], [("account_id", "x")])
          == [
            Tally(group: [.null], count: 1, sums: []), Tally(group: ["1"], count: 1, sums: []),
            Tally(group: ["2"], count: 1, sums: []),
          ])
      #expect(try await tally(["state"], [], [("from", .null), ("state", "paid")]).map(\.count) == [1])
    }
  }

  @Test("takes a row whose every column is of the key twice", arguments: StoreKind.allCases)
  func keyOnly(kind: StoreKind) async throws {
    let pairs = Table("pairs", columns: [.text("a"), .text("b")], key: ["b", "a"])
    try await kind.withStore(tables: [pairs]) { store in
      try await store.commit(Commit(rows: [.put(pairs, ["x", "y"]), .put(pairs, ["x", "y"])]))
      #expect(try await store.rows(Query(pairs)).map(\.values) == [["x", "y"]])
      #expect(try await store.row(pairs, key: ["y", "x"]) != nil)
    }
  }

  static let bills = Table(
    "bills", columns: [.text("id"), .text("account_id"), .text("month"), .text("state")], key: ["id"],
    indexes: [.unique("account_id", "month", batchedBy: "month")])

  static func bill(_ id: String, _ account: String, _ month: String, _ state: String = "issued") -> RowChange {
    .put(bills, [.text(id), .text(account), .text(month), .text(state)])
  }

  @Test("that is written by the month is read by the account", arguments: StoreKind.allCases)
  func batches(kind: StoreKind) async throws {
    try await kind.withStore(tables: [Self.bills]) { store in
      func ids(
        _ matching: [(column: String, value: Value)], after: String? = nil, descending: Bool = false, limit: Int = 9
      ) async throws -> [String] {
        let query = Query(
          Self.bills, where: matching, after: after.map { [.text($0)] }, descending: descending, limit: limit)
        return try await store.rows(query).map { $0.text("id") }
      }
      #expect(try await ids([("account_id", "x")]) == [])
      try await store.commit(
        Commit(rows: [
          Self.bill("e", "x", "2027-01"), Self.bill("b", "y", "2027-01"), Self.bill("d", "x", "2027-03", "paid"),
          Self.bill("a", "x", "2027-05"), Self.bill("c", "y", "2027-04"), Self.bill("f", "x", "2036-12"),
        ]))
      #expect(try await ids([("account_id", "x")]) == ["a", "d", "e", "f"])
      #expect(try await ids([("account_id", "x")], after: "a", limit: 2) == ["d", "e"])
      #expect(try await ids([("account_id", "x")], after: "e", descending: true) == ["d", "a"])
      #expect(try await ids([("account_id", "x"), ("state", "issued")]) == ["a", "e", "f"])
      #expect(try await ids([("account_id", "x"), ("month", "2027-03")]) == ["d"])
      #expect(try await ids([("month", "2027-01")]) == ["b", "e"])
      #expect(try await ids([("id", "c"), ("account_id", "x")]) == [])
      #expect(try await ids([("account_id", "z")]) == [])
      #expect(try await ids([]) == ["a", "b", "c", "d", "e", "f"])
      await #expect(throws: StoreFailure.constraint("bills: unique (account_id, month)")) {
        try await store.commit(Commit(rows: [Self.bill("g", "y", "2027-04")]))
      }
    }
  }
}
