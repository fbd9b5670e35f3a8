import Foundation
import Kernel
import Runtime
import SQLiteStorage
import Testing

@Suite("A store's file")
struct FileTests {
  static func open(_ path: String, mode: SQLiteStore.Mode = .writing) throws -> SQLiteStore {
    try SQLiteStore(path: path, tables: Sample.tables, mode: mode)
  }

  @Test("holds everything after it is closed and opened again")
  func reopened() async throws {
    try await withFile { path in
      let first = try Self.open(path)
      try await first.commit(.everything("a"))
      let before = try await contents(of: first, named: "a")
      await first.close()
      await first.close()
      let second = try Self.open(path)
      #expect(try await contents(of: second, named: "a") == before)
      try await second.commit(.everything("b"))
      #expect(try await second.lastPublished() == 2)
      await second.close()
    }
  }

  @Test("is of no use to a closed store")
  func closed() async throws {
    try await withFile { path in
      let store = try Self.open(path)
      await store.close()
      await #expect(throws: StoreFailure.unavailable("the store is closed")) {
        try await store.commit(.everything("a"))
      }
      await #expect(throws: StoreFailure.self) { try await store.lastPublished() }
    }
  }

  @Test("is written by one at a time and read by many")
  func inUse() async throws {
    try await withFile { path in
      let writer = try Self.open(path)
      #expect(throws: StoreFailure.unavailable("\(path) is in use by another process")) { try Self.open(path) }
      try await writer.commit(.everything("a"))
      let reader = try Self.open(path, mode: .reading)
      #expect(try await contents(of: reader, named: "a").count == 9)
      try await writer.commit(.everything("b"))
      #expect(try await reader.lastPublished() == 2)
      await #expect(throws: StoreFailure.unavailable("\(path) is open for reading only")) {
        try await reader.commit(.everything("c"))
      }
      await reader.close()
      await writer.close()
      await (try Self.open(path)).close()
    }
  }

  @Test("made for other read tables is refused, with what to do")
  func otherTables() async throws {
    try await withFile { path in
      await (try Self.open(path)).close()
      let changed = Table("lines", columns: [.text("invoice_id"), .integer("number")], key: ["invoice_id", "number"])
      let new = Table("refunds", columns: [.text("id")], key: ["id"])
      let words = """
        \(path) was made for another shape of: table lines, table refunds. Open it with the release that made it, or \
        move it away and load its data again into a new file.
        """
      #expect(throws: StoreFailure.corrupt(words)) {
        try SQLiteStore(path: path, tables: [Sample.invoices, changed, new])
      }
      await (try Self.open(path)).close()
    }
  }

  @Test("that is something else is refused and left alone")
  func somethingElse() async throws {
    try await withFile { path in
      let text = Data("Not a database, but long enough to be taken for one. ".utf8) + Data(repeating: 32, count: 500)
      try text.write(to: URL(filePath: path))
      #expect(throws: StoreFailure.corrupt("file is not a database")) { try Self.open(path) }
      #expect(try Data(contentsOf: URL(filePath: path)) == text)
    }
  }

  @Test("that is full refuses with .full, changes nothing, and works again when there is space")
  func full() async throws {
    try await withFile { path in
      let store = try Self.open(path)
      try await store.commit(.everything("a"))
      try await store.setQuota(bytes: 400_000)
      var large = Commit.everything("large")
      large.outbox = (0..<1_000).map {
        OutboxRecord(id: "\($0)", subject: "s", about: "", envelope: Array(repeating: 7, count: 1_000))
      }
      await #expect(throws: StoreFailure.full(path)) { try await store.commit(large) }
      #expect(try await contents(of: store, named: "large") == [])
      #expect(try await store.lastPublished() == 1)
      try await store.commit(.everything("small"))
      try await store.setQuota(bytes: 40_000_000)
      try await store.commit(large)
      #expect(try await store.lastPublished() == 1_002)
      await store.close()
    }
  }

  @Test("finds what was said of a policy wherever it stands in a long log")
  func longLog() async throws {
    try await withFile { path in
      let store = try Self.open(path)
      // More than one slice of the index, and some of another.
      for first in stride(from: 1, through: 280_000, by: 70_000) {
        var commit = Commit()
        commit.outbox = (first..<first + 70_000).map { number in
          let about = number.isMultiple(of: 100_000) ? "pol" : "p\(number % 7)"
          return OutboxRecord(id: "\(number)", subject: "s", about: about, envelope: [1])
        }
        try await store.commit(commit)
      }
      try await store.commit(.everything("pol"))
      func ids(after: Int64, limit: Int = 9) async throws -> [String] {
        try await store.published(after: after, limit: limit, about: "pol").map(\.record.id)
      }
      #expect(try await ids(after: 0) == ["100000", "200000", "evt pol"])
      #expect(try await ids(after: 0, limit: 2) == ["100000", "200000"])
      #expect(try await ids(after: 200_000) == ["evt pol"])
      #expect(try await ids(after: 280_001) == [])
      await store.close()
    }
  }

  @Test("copied while it is written opens with whole commits only")
  func copied() async throws {
    try await withFile { path in
      let store = try Self.open(path)
      let writing = Task {
        for number in 0..<150 { try await store.commit(.everything("\(number)")) }
      }
      for copy in 0..<5 {
        // So few commits stay in the log: a copy made during a checkpoint would be of two moments.
        try await Task.sleep(for: .milliseconds(10))
        let copied = "\(path).\(copy)"
        try FileManager.default.copyItem(atPath: path + "-wal", toPath: copied + "-wal")
        try FileManager.default.copyItem(atPath: path, toPath: copied)
        let opened = try Self.open(copied)
        try await Crash.expectWholeCommits(in: opened, atLeast: 0)
        await opened.close()
      }
      try await writing.value
      await store.close()
    }
  }
}

/// A process that is killed while it writes.
@Suite("A killed process")
struct Crash {
  @Test("leaves every commit that was answered, and no half of any other")
  func killed() async throws {
    try await withFile { path in
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
        let store = try FileTests.open(path)
        await withTaskGroup(of: Void.self) { group in
          for caller in 0..<16 {
            group.addTask {
              for number in stride(from: caller, to: 100_000, by: 16) {
                guard (try? await store.commit(.everything("\(number)"))) != nil else { return }
                // One byte for each commit that was answered, written past every buffer.
                let log = open(path + ".answered", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
                _ = write(log, "x", 1)
                close(log)
                if number > 600 { kill(getpid(), SIGKILL) }
              }
            }
          }
        }
      }
      let answered = try Data(contentsOf: URL(filePath: path + ".answered")).count
      #expect(answered > 300)
      let store = try FileTests.open(path)
      try await Self.expectWholeCommits(in: store, atLeast: answered)
      try await store.commit(.everything("after"))
      await store.close()
    }
  }

  /// Each commit of the store's has all of its nine parts.
  static func expectWholeCommits(in store: any Store, atLeast least: Int) async throws {
    let streams = try await store.streams(after: nil, limit: 100_000)
    #expect(streams.count >= least)
    #expect(try await store.published(after: 0, limit: 100_000, about: nil).count == streams.count)
    #expect(try await store.deadLetters(source: nil).count == streams.count)
    let rows = try await store.tally(Sample.invoices, by: [], sums: [], where: []).first?.count ?? 0
    #expect(Int(rows) == streams.count)
    for stored in streams.suffix(50) {
      let name = String(stored.stream.rawValue.dropFirst("stream ".count))
      #expect(try await contents(of: store, named: name).count == 9)
    }
  }
}
