import Kernel
import PostgresStorage
import Runtime
import StoreTesting
import Synchronization
import Testing

@Suite("A PostgreSQL whose primary is killed")
struct PostgresFailoverTests {
  private final class Progress: Sendable {
    let answered = Mutex<[String]>([])
    let isPromoted = Mutex(false)
  }

  @Test("goes on with the promoted standby and has every commit that was answered")
  func failover() async throws {
    let pair = try await PostgresPair()
    let store = try await PostgresStore(pair.settings, tables: Sample.tables)
    let progress = Progress()
    let after = try await withThrowingTaskGroup(of: Int.self) { group in
      for caller in 0..<4 {
        group.addTask {
          var after = 0
          for number in 0... {
            let name = "\(caller) \(number)"
            let counts = progress.isPromoted.withLock { $0 }
            do throws(StoreFailure) {
              try await store.commit(.everything(name))
              progress.answered.withLock { $0.append(name) }
              if counts { after += 1 }
            } catch {
              // Whole or absent; whoever asked looks for it, or asks again.
              guard case .unavailable = error else { throw error }
              try await Task.sleep(for: .milliseconds(20))
            }
            if after == 10 { break }
          }
          return after
        }
      }
      while progress.answered.withLock({ $0.count }) < 40 { try await Task.sleep(for: .milliseconds(5)) }
      try pair.killPrimary()
      try await Task.sleep(for: .milliseconds(300))
      try pair.promote()
      progress.isPromoted.withLock { $0 = true }
      return try await group.reduce(0, +)
    }
    #expect(after == 40)
    let names = progress.answered.withLock { $0 }
    for name in names { #expect(try await contents(of: store, named: name).count == 9, "\(name) is not whole") }
    try await Crash.expectWholeCommits(in: store, atLeast: names.count)
    await store.close()
  }
}

@Suite("A PostgreSQL with a certificate")
struct PostgresCertificateTests {
  @Test("is refused where nobody vouches for it, or for its name")
  func refused() async throws {
    let server = try await CertifiedPostgres()

    func words(_ settings: PostgresSettings) async throws -> String {
      try await unavailability {
        let store = try await PostgresStore(settings, tables: [])
        try await store.commit(Commit(Sample.write("a")))
        await store.close()
      }
    }
    #expect(try await words(server.settings()) == "")
    #expect(try await words(server.settings(believing: "others")).contains("certificate verify failed"))
    let elsewhere = try await words(server.settings(calling: "elsewhere.test"))
    #expect(elsewhere.contains("does not match host name"), "\(elsewhere)")
  }
}
