// Reading a store from one end to the other, part by part: to count it, and to copy it into another.

import Kernel

/// A part of what a store holds.
public struct Excerpt: Sendable {
  /// Streams with their whole history, rows, dead letters and cursors, as if they were new.
  public var commit = Commit()
  /// Published events with the positions that others know them by; in their order.
  public var publications: [(position: Int64, record: OutboxRecord)] = []
  /// Messages that have taken effect.
  public var marks: [InboxMark] = []
  /// First answers to keyed commands.
  public var answers: [StoredAnswer] = []

  public init() {}
}

extension Store {
  /// Reads everything, in the same parts each time as long as nobody writes.
  ///
  /// - Parameters:
  ///   - tables: those that the store was opened with.
  ///   - done: how many things of a section to pass by.
  ///   - take: gets each excerpt with its section, the number of things before it and behind it.
  func excerpts(
    of tables: [Table], passing done: (String) async throws -> Int64 = { _ in 0 },
    _ take: (String, ClosedRange<Int64>, Excerpt) async throws -> Void
  ) async throws {
    func section<Thing>(
      _ name: String, page: (Thing?) async throws -> [Thing], put: ([Thing], inout Excerpt) async throws -> Void
    ) async throws {
      let done = try await done(name)
      var (count, last) = (Int64(0), Thing?.none)
      while true {
        let things = try await page(last)
        guard let end = things.last else { return }
        let range = count...count + Int64(things.count)
        (count, last) = (range.upperBound, end)
        if range.upperBound <= done { continue }
        var excerpt = Excerpt()
        try await put(things, &excerpt)
        try await take(name, range, excerpt)
      }
    }
    try await section("streams") {
      try await streams(after: $0?.stream, limit: 250)
    } put: { streams, excerpt in
      for stored in streams { excerpt.commit.writes.append(try await write(of: stored)) }
    }
    try await section("publications") {
      try await published(after: $0?.position ?? 0, limit: 500, about: nil)
    } put: { publications, excerpt in
      excerpt.publications = publications
    }
    try await section("marks") {
      try await marks(after: $0, limit: 2_000)
    } put: { marks, excerpt in
      excerpt.marks = marks
    }
    try await section("answers") {
      try await answers(after: $0?.key, limit: 500)
    } put: { answers, excerpt in
      excerpt.answers = answers
    }
    for table in tables {
      try await section("rows of \(table.name)") {
        try await rows(Query(table, after: $0?.key, limit: 500))
      } put: { rows, excerpt in
        excerpt.commit.rows = rows.map { .put(table, $0.values) }
      }
    }
    var rest = Excerpt()
    rest.commit.deadLetters = try await deadLetters(source: nil)
    for (name, place) in try await cursors() where !name.hasPrefix(StoreCopy.places) {
      rest.commit.cursors[name] = CursorMove(from: 0, to: place)
    }
    if try await done("rest") == 0 { try await take("rest", 0...1, rest) }
  }

  private func write(of stored: StoredStream) async throws(StoreFailure) -> StreamWrite {
    let history = try await history(of: stored.stream)
    guard Int64(history.count) == stored.version else {
      throw .corrupt("\(stored.stream) is at version \(stored.version) with \(history.count) events")
    }
    return StreamWrite(
      stream: stored.stream, kind: stored.kind, expectedVersion: 0, events: history, state: stored.state,
      due: stored.due)
  }
}
