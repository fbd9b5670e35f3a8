import Contracts
import Exchange
import Kernel
import Party
import Policy
import Runtime
import SQLiteStorage
import StoreTesting
import Testing

@Suite("An import that broke off")
struct ResumeTests {
  /// The enrolment of 130 people, and what becomes of it where nothing breaks it off.
  private struct Whole {
    let profiles: PartnerProfiles
    let bytes: [UInt8]
    let policies: [Premia_Policy_V1_Policy]
    let acknowledgement: [UInt8]

    static let imported = Task {
      let profiles = try PartnerProfiles.load(directory: Surroundings.config("partners"))
      let book = SyntheticBook(
        recipe: try .load(path: Surroundings.config("books/demo.yaml")), members: 130, seed: 5,
        start: CalendarDate(dayNumber: 20_819))
      var bytes: [UInt8] = []
      try book.enrolment { bytes += $0 }
      var policies: [Premia_Policy_V1_Policy] = []
      var acknowledgement: [UInt8] = []
      try await World.run(profiles) { [bytes] world in
        acknowledgement = try await Scratch.file(bytes, name: "book.834") { path in
          try await world.door.take(path: path)
        }.acknowledgement
        policies = try await world.policies()
      }
      return Whole(profiles: profiles, bytes: bytes, policies: policies, acknowledgement: acknowledgement)
    }

    /// Nothing twice, nothing lost.
    func expect(_ report: FileReport, in world: World) async throws {
      #expect(policies.count > 60 && policies.reduce(0) { $0 + $1.members.count } == 130)
      #expect(report.accepted == policies.count && report.acknowledgement == acknowledgement)
      #expect(try await world.policies() == policies)
      let check = try await world.exchange.verify(
        ExchangeContext.context.aggregates, tables: ExchangeContext.context.tables)
      #expect(check.mismatches == [] && check.streams == 1)
    }
  }

  @Test("goes on and ends like one that did not", arguments: [2, 3, 4, 5])
  func resume(failingCommit: Int) async throws {
    let whole = try await Whole.imported.value
    let store = InterceptedStore(MemoryStore()) { number throws(StoreFailure) in
      if number == failingCommit { throw .full("memory") }
    }
    try await World.run(whole.profiles, stores: ["exchange": store]) { world in
      try await Scratch.file(whole.bytes, name: "book.834") { path in
        let problem = await #expect(throws: Problem.self) { try await world.door.take(path: path) }
        #expect(problem?.code == "store.full")
        try await whole.expect(try await world.door.take(path: path), in: world)
      }
    }
  }

  private static let contexts = [ExchangeContext.context, PartyContext.context, PolicyContext.context]

  @Test(
    "because a disk is full says which, and goes on where it was whenever there is room again",
    arguments: contexts.map(\.name))
  func fullDisk(of name: String) async throws {
    let context = try #require(Self.contexts.first { $0.name == name })
    let whole = try await Whole.imported.value
    try await Scratch.file(whole.bytes, name: "book.834") { path in
      let disk = path + ".sqlite"
      let store = try SQLiteStore(path: disk, tables: context.tables)
      try await World.run(whole.profiles, stores: [name: store]) { world in
        var roomBytes: Int64 = 100_000
        // Policies that there were at each stop.
        var stops: [Int] = []
        var report: FileReport?
        while report == nil, stops.count < 50 {
          try await store.setQuota(bytes: roomBytes)
          do {
            report = try await world.door.take(path: path)
          } catch let problem as Problem {
            #expect(problem.kind == .exhausted && problem.code == "store.full")
            #expect(problem.detail == "There is no space left in \(disk); nothing was changed.")
            stops.append(try await world.policies().count)
            roomBytes += roomBytes / 8
          }
        }
        #expect(stops == stops.sorted() && stops.contains { 0 < $0 && $0 < whole.policies.count }, "\(stops)")
        try await whole.expect(try #require(report), in: world)
      }
      await store.close()
    }
  }
}
