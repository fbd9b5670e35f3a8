import Kernel
import Runtime
import Testing

@Suite("Many callers at once")
struct GroupCommitTests {
  @Test("64 of them, some refused: each gets its own answer, no refusal a trace", arguments: StoreKind.allCases)
  func mixed(kind: StoreKind) async throws {
    try await kind.withStore { store in
      try await store.commit(Commit(Sample.write("busy")))
      let outcomes = await withTaskGroup(of: (Int, StoreFailure?).self) { group in
        for caller in 0..<64 {
          group.addTask {
            var commit = Commit.everything("\(caller)")
            switch caller % 8 {
            case 1: commit.rows.append(Sample.invoice("bad \(caller)", cents: -1))
            case 3: commit.writes.append(Sample.write("busy", after: 5))
            default: break
            }
            do throws(StoreFailure) {
              try await store.commit(commit)
              return (caller, nil)
            } catch {
              return (caller, error)
            }
          }
        }
        var outcomes: [Int: StoreFailure?] = [:]
        for await (caller, failure) in group { outcomes[caller] = .some(failure) }
        return outcomes
      }
      for caller in 0..<64 {
        let failure = outcomes[caller] ?? nil
        let kept = try await contents(of: store, named: "\(caller)").count
        switch caller % 8 {
        case 1:
          #expect(failure == .constraint("invoices: total_cents is not negative"))
          #expect(kept == 0)
        case 3:
          #expect(failure == .conflict(StreamID("busy")))
          #expect(kept == 0)
        default:
          #expect(failure == nil)
          #expect(kept == 9)
        }
      }
      #expect(try await store.published(after: 0, limit: 100, about: nil).count == 48)
      #expect(try await store.load(StreamID("busy"))?.version == 1)
    }
  }

  @Test("on one stream: one wins each version", arguments: StoreKind.allCases)
  func race(kind: StoreKind) async throws {
    try await kind.withStore { (store) async throws in
      for version: Int64 in 0..<8 {
        let won = await withTaskGroup(of: Int.self) { group in
          for _ in 0..<16 {
            group.addTask {
              let done: Void? = try? await store.commit(Commit(Sample.write("one", after: version)))
              return done == nil ? 0 : 1
            }
          }
          return await group.reduce(0, +)
        }
        #expect(won == 1)
      }
      #expect(try await store.history(of: StreamID("one")) == Sample.events(1...8))
    }
  }
}
