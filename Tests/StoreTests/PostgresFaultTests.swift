import Foundation
import Kernel
import PostgresStorage
import Runtime
import StoreTesting
import Testing

@Suite("On PostgreSQL")
struct PostgresFaultTests {
  /// Runs with a store in a schema of its own and a session beside it.
  private static func withStore(
    _ change: (inout PostgresSettings) -> Void = { _ in },
    _ body: (PostgresStore, PostgresSession, PostgresSettings) async throws -> Void
  ) async throws {
    var settings = try await PostgresServer.shared.settings()
    change(&settings)
    let store = try await PostgresStore(settings, tables: Sample.tables)
    try await body(store, PostgresSession(settings), settings)
    await store.close()
  }

  /// Makes the next writes of streams fail as the server would.
  private static func failStreams(_ code: String, times: Int, _ session: PostgresSession) throws {
    try session.run(
      """
      CREATE SEQUENCE failures;
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('failures') <= \(times) THEN RAISE EXCEPTION 'as it happens' USING ERRCODE = '\(code)'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON streams FOR EACH ROW EXECUTE FUNCTION fail()
      """)
  }

  @Test("a transaction that lost a race is run again", arguments: ["40001", "40P01"])
  func retried(code: String) async throws {
    try await Self.withStore { store, session, _ in
      try Self.failStreams(code, times: 3, session)
      try await store.commit(.everything("a"))
      #expect(try await contents(of: store, named: "a").count == 9)
      #expect(try session.run("SELECT last_value FROM failures") == ["4"])
    }
  }

  @Test("a real deadlock ends with both transactions written")
  func deadlock() async throws {
    try await Self.withStore { store, session, settings in
      try await store.commit(Commit(rows: ["x", "y"].map { Sample.invoice($0, account: $0) }))
      try session.run("SET deadlock_timeout = '60s'; BEGIN; UPDATE invoices SET total_cents = 1 WHERE id = 'y'")
      let writing = Task {
        try await store.commit(
          Commit(rows: ["x", "y"].map { .set(Sample.invoices, key: [.text($0)], [("state", "paid")]) }))
      }
      try await PostgresSession(settings).waitUntil(1, waitIn: settings.schema)
      // The store's transaction has x and waits for y: now each waits for the other, and the server ends the store's.
      try await onThread { try session.run("UPDATE invoices SET total_cents = 2 WHERE id = 'x'; COMMIT") }
      try await writing.value
      let rows = try await store.rows(Query(Sample.invoices))
      #expect(rows.map { $0.text("state") } == ["paid", "paid"])
      #expect(rows.map { $0.integer("total_cents") } == [2, 1])
    }
  }

  @Test("a full disk refuses with .full and changes nothing")
  func full() async throws {
    try await Self.withStore { store, session, settings in
      try Self.failStreams("53100", times: 1, session)
      let server = settings.connection.split(separator: " ")[0].dropFirst("host=".count)
      await #expect(throws: StoreFailure.full("\(settings.schema) in postgres at \(server)")) {
        try await store.commit(.everything("a"))
      }
      #expect(try await contents(of: store, named: "a") == [])
      try await store.commit(.everything("a"))
    }
  }

  @Test("who waits too long for a row that somebody holds is told so")
  func lockTimeout() async throws {
    try await Self.withStore {
      $0.lockTimeout = .milliseconds(100)
    } _: { store, session, _ in
      try await store.commit(Commit(Sample.write("a")))
      try session.run("BEGIN; UPDATE streams SET due = 1")
      let words = try await unavailability { try await store.commit(Commit(Sample.write("a", after: 1))) }
      #expect(words.contains("55P03") && words.contains("Somebody else is changing the same rows"))
      try session.run("ROLLBACK")
      try await store.commit(Commit(Sample.write("a", after: 1)))
    }
  }

  @Test("a commit whose backend is ended says unavailable, leaves nothing, and the store goes on")
  func terminated() async throws {
    try await Self.withStore { store, session, settings in
      try await store.commit(Commit(Sample.write("a"), Sample.write("stream z")))
      try session.run("BEGIN; UPDATE streams SET due = 1 WHERE stream = 'a'")
      let writing = Task {
        var commit = Commit.everything("b")
        commit.writes.append(Sample.write("a", after: 1))
        try await store.commit(commit)
      }
      let operatorsSession = try PostgresSession(settings)
      try await operatorsSession.waitUntil(1, waitIn: settings.schema)
      try operatorsSession.endSessions(of: settings.schema)
      let words = try await unavailability { try await writing.value }
      #expect(words.contains("57P01"))
      try session.run("ROLLBACK")
      #expect(try await contents(of: store, named: "b") == [])
      try await store.commit(.everything("b"))
      // At rest, the end of a session is noticed before it is used.
      try operatorsSession.endSessions(of: settings.schema)
      try await store.commit(.everything("c"))
      #expect(try await contents(of: store, named: "c").count == 9)
    }
  }

  @Test("whose backends are ended again and again, every commit is whole or absent, and every answered one is there")
  func storm() async throws {
    try await Self.withStore { store, session, settings in
      let least = await withTaskGroup(of: Int.self) { group in
        for caller in 0..<8 {
          group.addTask {
            var answered = 0
            for number in 0..<40 {
              do throws(StoreFailure) {
                try await store.commit(.everything("\(caller) \(number)"))
                answered += 1
              } catch {
                if case .unavailable = error { continue }
                Issue.record("\(error)")
              }
            }
            return answered
          }
        }
        group.addTask {
          for _ in 0..<15 {
            try? await Task.sleep(for: .milliseconds(20))
            try? session.endSessions(of: settings.schema)
          }
          return 0
        }
        return await group.reduce(0, +)
      }
      #expect(least > 0)
      try await Crash.expectWholeCommits(in: store, atLeast: least)
    }
  }

  @Test("two stores compete for one stream and each version has one winner")
  func twoStores() async throws {
    try await Self.withStore { one, _, settings in
      let two = try await PostgresStore(settings, tables: Sample.tables)
      for version: Int64 in 0..<10 {
        let outcomes = await withTaskGroup(of: StoreFailure?.self) { group in
          for caller in 0..<12 {
            group.addTask { () -> StoreFailure? in
              do throws(StoreFailure) {
                try await (caller % 2 == 0 ? one : two).commit(Commit(Sample.write("s", after: version)))
                return nil
              } catch {
                return error
              }
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == nil }.count == 1)
        #expect(outcomes.compactMap { $0 }.allSatisfy { $0 == .conflict(StreamID("s")) })
      }
      #expect(try await two.history(of: StreamID("s")) == Sample.events(1...10))
      await two.close()
    }
  }
}

extension PostgresSession {
  /// Ends every session of a schema's stores, and waits until they have ended.
  fileprivate func endSessions(of schema: String) throws {
    try run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'premia \(schema)'")
  }
}

/// The words in which a body says that the store is unavailable; empty where it does not.
func unavailability(_ body: () async throws -> Void) async throws -> String {
  do {
    try await body()
    return ""
  } catch StoreFailure.unavailable(let words) {
    return words
  }
}

/// Runs what blocks on a thread of its own.
private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
  try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
