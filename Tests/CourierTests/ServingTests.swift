// What a served context tells of itself, and how it goes; and what travels with a call.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf
import Synchronization
import Testing

@Suite("Across the network: serving", .serialized)
struct ServingTests {
  @Test("draining: health says so first, running calls end, and then it is closed")
  func drains() async throws {
    let authority = try Authority.ours.get()
    let gate = Gate()
    let server = try ContextServer(
      services: [Scripted(onWrite: { try await gate.pass() })], at: Address(host: "127.0.0.1", port: 0),
      security: .mutual(authority.identity("billing")))
    let running = Task { try await server.run() }
    let line = try Line(
      to: "billing", at: [await server.address], security: .mutual(authority.identity("policy")), policy: .strict)
    try await calling(line) { line in
      let health = Grpc_Health_V1_Health.Client(wrapping: line.client)
      let whole = Grpc_Health_V1_HealthCheckRequest()
      #expect(try await health.check(whole).status == .serving)
      #expect(try await health.check(.with { $0.service = "premia.common.v1.EventLog" }).status == .serving)
      await #expect(throws: RPCError.self) { try await health.check(.with { $0.service = "premia.Nothing" }) }
      let told = Gate()
      async let seen = health.watch(whole) { response in
        var statuses: [Grpc_Health_V1_HealthCheckResponse.ServingStatus] = []
        for try await message in response.messages {
          statuses.append(message.status)
          told.arrive()
        }
        return statuses
      }
      async let call: Void = line.write()
      try await gate.reached(1)
      try await told.reached(1)
      async let drained: Void = server.drain(notice: .seconds(5), within: .seconds(600))
      try await told.reached(2)
      #expect(try await health.check(whole).status == .notServing)
      await drained
      try await Task.sleep(for: .milliseconds(100))
      gate.open()
      try await call
      #expect(try await seen == [.serving, .notServing])
    }
    try await running.value
  }

  @Test("a call that does not end within the bound of a drain is cut off")
  func cutOff() async throws {
    let gate = Gate()
    try await connected([Scripted(onWrite: { try await gate.pass() })]) { line, server in
      async let call = refusal { try await line.write(within: .seconds(600)) }
      try await gate.reached(1)
      await server.drain(notice: .zero, within: .milliseconds(200))
      let problem = await call
      #expect(problem?.kind == .unavailable && problem?.code != "call.deadlineExceeded")
    }
  }

  @Test("tools find the services and their contracts by reflection")
  func reflection() async throws {
    try await connected([Scripted()]) { line, _ in
      let answers = try await Grpc_Reflection_V1_ServerReflection.Client(wrapping: line.client).serverReflectionInfo {
        for question in [
          Grpc_Reflection_V1_ServerReflectionRequest.with { $0.listServices = "" },
          .with { $0.fileContainingSymbol = "premia.common.v1.EventLog.Read" },
          .with { $0.fileByFilename = "premia/common/v1/events.proto" },
          .with { $0.fileContainingSymbol = "premia.Nothing" },
        ] { try await $0.write(question) }
      } onResponse: { response in
        var answers: [Grpc_Reflection_V1_ServerReflectionResponse] = []
        for try await message in response.messages { answers.append(message) }
        return answers
      }
      #expect(answers.count == 4)
      #expect(answers[0].listServicesResponse.service.map(\.name) == ["premia.common.v1.EventLog"])
      #expect(answers[1].fileDescriptorResponse.fileDescriptorProto.count == 1)
      #expect(answers[1].fileDescriptorResponse == answers[2].fileDescriptorResponse)
      #expect(answers[3].errorResponse.errorCode == 5)
    }
  }
}

@Suite("What a call hands on", .serialized)
struct CarriageTests {
  @Test("a call that is made while answering one ends with it, and belongs to its trace")
  func inherited() async throws {
    let inner = Mutex<Call?>(nil)
    let far = Line(services: [Scripted { inner.withLock { $0 = Call.current } }])
    let outer = Mutex<Call?>(nil)
    let near = Line(services: [
      Scripted {
        outer.withLock { $0 = Call.current }
        _ = try await ask { try await far.log.read(Premia_Common_V1_ReadLogRequest(), options: .bounded) }
      }
    ])
    try await calling(far) { _ in
      try await calling(near) { near in
        _ = try await near.read(within: .seconds(15))
        let above = try #require(outer.withLock { $0 })
        let below = try #require(inner.withLock { $0 })
        #expect(below.trace.traceID == above.trace.traceID && below.trace.spanID != above.trace.spanID)
        // Without it, it would be the 30 seconds of any call.
        #expect(try #require(below.deadline) - #require(above.deadline) < .seconds(10))
        #expect(above.caller == nil)
      }
    }
  }

  @Test("a handler whose caller has gone is ended, and so is what it asked of others")
  func overdue() async throws {
    let ended = Gate()
    let never = Gate()
    let far = Line(services: [
      Scripted {
        defer { ended.arrive() }
        try await never.pass()
      }
    ])
    let near = Line(services: [
      Scripted {
        defer { ended.arrive() }
        _ = try await far.log.read(Premia_Common_V1_ReadLogRequest(), options: .bounded)
      }
    ])
    try await calling(far) { _ in
      try await calling(near) { near in
        let problem = await refusal { _ = try await near.read(within: .milliseconds(500)) }
        #expect(problem?.code == "call.deadlineExceeded")
        try await ended.reached(2)
      }
    }
  }

  @Test("a refusal crosses the network with all its parts")
  func refusals() async throws {
    let problem = Problem(
      kind: .precondition, code: "policy.lapsed", detail: "It lapsed.", remedy: "Reinstate it.", fields: ["a": "b"])
    try await connected([Scripted { throw problem }]) { line, _ in
      #expect(await refusal { _ = try await line.read() } == problem)
    }
  }
}
