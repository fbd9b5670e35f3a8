// The logs of several contexts at one door.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import Testing

@Suite("The logs of several contexts")
struct EventLogsTests {
  /// The log of a context that published so many events.
  private static func log(of context: String, events: Int) async throws -> EventLogService {
    let store = MemoryStore()
    if events > 0 {
      var commit = Commit()
      commit.outbox = (0..<events).map { OutboxRecord(id: "\(context)-\($0)", subject: "s", about: "", envelope: []) }
      try await store.commit(commit)
    }
    return EventLogService(engine: Engine(context: context, store: store, clock: SystemClock()), consumers: [])
  }

  @Test("are told apart by whom a line is to")
  func toldApart() async throws {
    let logs = EventLogs([
      "billing": try await Self.log(of: "billing", events: 2), "ledger": try await Self.log(of: "ledger", events: 1),
    ])
    try await connected([logs]) { line, _ in
      let last = try await RemoteFeed(source: "billing", client: line.client).last()
      #expect(last == 2)
    }
  }

  @Test("have to be told apart, unless there is only one")
  func unsaid() async throws {
    let billing = try await Self.log(of: "billing", events: 3)
    let both = EventLogs(["billing": billing, "ledger": try await Self.log(of: "ledger", events: 1)])
    try await calling(Line(services: [both])) { line in
      let refused = await refusal { _ = try await RemoteFeed(source: "billing", client: line.client).last() }
      #expect(refused?.kind == .invalid)
    }
    try await calling(Line(services: [EventLogs(["billing": billing])])) { line in
      let last = try await RemoteFeed(source: "billing", client: line.client).last()
      #expect(last == 3)
    }
  }
}
