import Kernel
import PostgresStorage
import Runtime
import ServerTesting
import StoreTesting
import Testing

@Suite("PostgreSQL's log of publications")
struct PostgresLogTests {
  static func publish(_ id: String) -> String {
    "SELECT publish(ARRAY['\(id)'], ARRAY['s'], ARRAY[''], ARRAY['x'::bytea])"
  }

  @Test("passes by no transaction that commits late, where the naive query does")
  func late() async throws {
    let settings = try await PostgresServer.shared.settings()
    let store = try await PostgresStore(settings, tables: Sample.tables)
    var hasty = settings
    hasty.patience = .milliseconds(20)
    let reader = try await PostgresStore(hasty, tables: Sample.tables)
    let (first, second, naive) = (
      try PostgresSession(settings), try PostgresSession(settings), try PostgresSession(settings)
    )
    try first.run("BEGIN")
    try first.run(Self.publish("early and late"))
    try second.run("BEGIN")
    try second.run(Self.publish("in time"))
    try second.run("COMMIT")

    // A reader that goes by positions alone comes to 2 and starts behind it the next time.
    #expect(try naive.run("SELECT id FROM outbox WHERE position > 0 ORDER BY position") == ["in time"])
    let reached = try naive.run("SELECT max(position) FROM outbox")
    #expect(try await reader.published(after: 0, limit: 10, about: nil).isEmpty)
    #expect(try await reader.lastPublished() == 0)

    try first.run("COMMIT")
    #expect(try naive.run("SELECT id FROM outbox WHERE position > \(reached[0]) ORDER BY position") == [])
    let all = try await store.published(after: 0, limit: 10, about: nil)
    #expect(all.map(\.record.id) == ["early and late", "in time"])
    #expect(all.map(\.position) == [1, 2])
    #expect(try await store.lastPublished() == 2)
    await store.close()
    await reader.close()
  }

  @Test("keeps positions in the order of transactions: whoever has written before cannot publish any more")
  func order() async throws {
    let settings = try await PostgresServer.shared.settings()
    let store = try await PostgresStore(settings, tables: Sample.tables)
    let session = try PostgresSession(settings)
    try session.run("BEGIN; INSERT INTO cursors VALUES ('c', 1)")
    #expect(throws: NoServer.self) { try session.run(Self.publish("a")) }
    try session.run("ROLLBACK")
    await store.close()
  }

  @Test("read while 32 callers write shows every publication once and in order, to each of three readers")
  func readers() async throws {
    try await PostgresServer.withStore(tables: Sample.tables) { store in
      let commits = 320
      try await withThrowingTaskGroup(of: [Int64].self) { group in
        for caller in 0..<32 {
          group.addTask {
            for number in 0..<(commits / 32) {
              var commit = Commit(Sample.write("s\(caller)", after: Int64(number)))
              commit.outbox = [
                OutboxRecord(id: "\(caller)/\(number)", subject: "s\(caller)", about: "", envelope: [UInt8(number)])
              ]
              try await store.commit(commit)
            }
            return []
          }
        }
        for _ in 0..<3 {
          group.addTask {
            var place: Int64 = 0
            var seen: [String: UInt8] = [:]
            while seen.values.reduce(0, { $0 + Int($1) + 1 }) < commits {
              for (position, record) in try await store.published(after: place, limit: 17, about: nil) {
                #expect(position > place)
                place = position
                // Of one subject: the next one, none left out.
                #expect(record.envelope[0] == seen[record.subject].map { $0 + 1 } ?? 0)
                seen[record.subject] = record.envelope[0]
              }
            }
            return []
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("is read to its end after it was restored from a dump of another cluster")
  func restored() async throws {
    let settings = try await PostgresServer.shared.settings()
    let store = try await PostgresStore(settings, tables: Sample.tables)
    try await store.commit(.everything("a"))
    await store.close()
    // A transaction number of a busier cluster.
    try PostgresSession(settings).run("UPDATE outbox SET xid = '9000000000'")
    let reopened = try await PostgresStore(settings, tables: Sample.tables)
    #expect(try await reopened.lastPublished() == 1)
    try await reopened.commit(.everything("b"))
    #expect(try await reopened.published(after: 0, limit: 9, about: nil).map(\.record.id) == ["evt a", "evt b"])
    await reopened.close()
  }
}
