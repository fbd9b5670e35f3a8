import Foundation
import Kernel
import PostgresStorage
import Runtime
import StoreTesting
import Testing

/// Not a test but a measurement: `MEASURE=1 swift test --filter PostgresRate`.
@Suite("PostgreSQL's rate", .serialized, .enabled(if: ProcessInfo.processInfo.environment["MEASURE"] != nil))
struct PostgresRateTests {
  @Test("of commits", arguments: [1, 8, 64])
  func commits(callers: Int) async throws {
    try await PostgresServer.withStore(tables: Sample.tables) { store in
      let (each, start) = (4_000 / callers, ContinuousClock.now)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for caller in 0..<callers {
          group.addTask {
            for number in 0..<each { try await store.commit(.command("\(caller)/\(number)")) }
          }
        }
        try await group.waitForAll()
      }
      let rate = Double(each * callers) / ((ContinuousClock.now - start) / .seconds(1))
      print("\(callers) callers: \(Int(rate)) commits/s")
    }
  }

  @Test("of streams in commits of 500")
  func bulk() async throws {
    try await PostgresServer.withStore(tables: Sample.tables) { store in
      let start = ContinuousClock.now
      for chunk in 0..<20 {
        var commit = Commit()
        for number in 0..<500 {
          let one = Commit.command("\(chunk)/\(number)")
          commit.writes += one.writes
          commit.rows += one.rows
          commit.outbox += one.outbox
        }
        try await store.commit(commit)
      }
      print("bulk: \(Int(10_000 / ((ContinuousClock.now - start) / .seconds(1)))) streams/s")
    }
  }
}

extension Commit {
  /// What a command writes: an event, its stream, a row, a publication and an answer.
  fileprivate static func command(_ name: String) -> Commit {
    var commit = Commit(Sample.write("stream \(name)", due: Sample.at(5)))
    commit.rows = [Sample.invoice("invoice \(name)", account: name)]
    commit.outbox = [
      OutboxRecord(id: "evt \(name)", subject: name, about: name, envelope: [UInt8](repeating: 7, count: 300))
    ]
    commit.answer = StoredAnswer(key: "key \(name)", inputHash: [1], answer: [2])
    return commit
  }
}
