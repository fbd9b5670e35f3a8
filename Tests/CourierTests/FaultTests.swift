// What a caller lives through: servers that hang, die, are overloaded, or are read slowly.

import Contracts
import Courier
import GRPCCore
import GRPCProtobuf
import Kernel
import Runtime
import SwiftProtobuf
import Synchronization
import Testing

@Suite("Across the network: what goes wrong", .serialized)
struct FaultTests {
  @Test("a context that hangs costs a deadline a call, then nothing while it rests, and is tried again")
  func hangs() async throws {
    let gate = Gate()
    var policy = CallPolicy.strict
    policy.failures = 3
    policy.shortestRest = .seconds(2)
    try await connected([Scripted { try await gate.pass() }], policy: policy) { line, _ in
      for _ in 1...3 {
        let problem = await refusal { _ = try await line.read(within: .milliseconds(300)) }
        #expect(problem?.code == "call.deadlineExceeded")
      }
      let asked = ContinuousClock.now
      let problem = await refusal { _ = try await line.read() }
      #expect(problem?.code == "call.resting" && problem?.kind == .unavailable)
      #expect(problem?.comeAgainAfter ?? .zero > .zero)
      #expect(ContinuousClock.now - asked < .seconds(1) && gate.count == 3)
      gate.open()
      try await Task.sleep(for: .milliseconds(2_100))
      #expect(try await line.read(9) == 9)
    }
  }

  @Test("nobody listens: the call is refused well before its deadline")
  func nobody() async throws {
    let authority = try Authority.ours.get()
    let line = try Line(
      to: "billing", at: [Address(host: "127.0.0.1", port: 1)],
      security: .mutual(authority.identity("policy")), policy: .strict)
    try await calling(line) { line in
      let asked = ContinuousClock.now
      let problem = await refusal { try await line.write(within: .seconds(20)) }
      #expect(problem?.kind == .unavailable && ContinuousClock.now - asked < .seconds(10))
    }
  }

  @Test("a copy that dies in the middle of a read: another copy answers")
  func dies() async throws {
    let authority = try Authority.ours.get()
    let security = Security.mutual(try authority.identity("billing"))
    let hung = Gate()
    let asked = Mutex<Int?>(nil)
    let copies = try (0...1).map { number in
      let service = Scripted {
        let isFirst = asked.withLock { asked in
          defer { asked = asked ?? number }
          return asked == nil
        }
        if isFirst { try await hung.pass() }
      }
      return try ContextServer(services: [service], at: Address(host: "127.0.0.1", port: 0), security: security)
    }
    let running = copies.map { copy in Task { try await copy.run() } }
    defer { for task in running { task.cancel() } }
    var addresses: [Address] = []
    for copy in copies { addresses.append(try await copy.address) }
    let line = try Line(
      to: "billing", at: addresses, security: .mutual(authority.identity("policy")), policy: CallPolicy())
    try await calling(line) { line in
      async let answer = line.read(5)
      try await hung.reached(1)
      running[try #require(asked.withLock { $0 })].cancel()
      #expect(try await answer == 5)
    }
  }

  @Test("a write is made again only under an idempotency key")
  func writes() async throws {
    let tries = Gate()
    let service = Scripted(onWrite: {
      tries.arrive()
      throw RPCError(code: .unavailable, message: "away")
    })
    var policy = CallPolicy()
    policy.failures = 1_000
    try await connected([service], policy: policy) { line, _ in
      _ = await refusal { try await line.write() }
      #expect(tries.count == 1)
      _ = await refusal {
        try await Carriage.with(Act(correlation: "test"), key: "key-1") { try await line.write() }
      }
      #expect(tries.count == 4)
    }
  }

  @Test("a context that is away for all is asked again for one call in ten")
  func budget() async throws {
    let tries = Gate()
    let service = Scripted {
      tries.arrive()
      throw RPCError(code: .unavailable, message: "away")
    }
    var policy = CallPolicy()
    policy.failures = 1_000
    policy.extraSaved = 3
    policy.backoff = .milliseconds(1)
    try await connected([service], policy: policy) { line, _ in
      for _ in 1...60 { _ = await refusal { _ = try await line.read() } }
      #expect((61...69).contains(tries.count), "\(tries.count)")
    }
  }

  @Test("an overloaded context says when to come again, and a read comes again by itself")
  func overloaded() async throws {
    let gate = Gate()
    var limits = ServerLimits()
    limits.running = 1
    limits.comeAgainAfter = .milliseconds(100)
    let service = Scripted(onWrite: { try await gate.pass() })
    try await connected([service], policy: CallPolicy(), limits: limits) { line, _ in
      async let first: Void = line.write()
      try await gate.reached(1)
      let problem = await refusal { try await line.write() }
      #expect(problem?.kind == .exhausted && problem?.code == "context.overloaded")
      let wait = try #require(problem?.comeAgainAfter)
      #expect(wait >= .milliseconds(100) && wait <= .milliseconds(200))
      async let second = line.read(3)
      try await Task.sleep(for: .milliseconds(50))
      gate.open()
      #expect(try await second == 3)
      try await first
    }
  }

  @Test("a slow context is called so many times at once, and so many callers wait, for so long")
  func crowded() async throws {
    let gate = Gate()
    var policy = CallPolicy.strict
    policy.places = 1
    policy.seats = 1
    policy.patience = .milliseconds(200)
    try await connected([Scripted(onWrite: { try await gate.pass() })], policy: policy) { line, _ in
      async let first: Void = line.write()
      try await gate.reached(1)
      async let second = refusal { try await line.write() }
      try await Task.sleep(for: .milliseconds(50))
      let asked = ContinuousClock.now
      #expect(await refusal { try await line.write() }?.code == "call.crowded")
      #expect(ContinuousClock.now - asked < .milliseconds(100))
      #expect(await second?.code == "call.crowded" && gate.count == 1)
      gate.open()
      try await first
    }
  }

  @Test("a read that takes unusually long is asked a second time, and the first answer counts")
  func hedged() async throws {
    let hung = Gate()
    let isArmed = Mutex(false)
    let service = Scripted {
      let hangs = isArmed.withLock { armed in
        defer { armed = false }
        return armed
      }
      if hangs { try await hung.pass() }
    }
    try await connected([service], policy: CallPolicy()) { line, _ in
      for _ in 1...64 { _ = try await line.read() }
      isArmed.withLock { $0 = true }
      let asked = ContinuousClock.now
      #expect(try await line.read(8) == 8)
      #expect(ContinuousClock.now - asked < .seconds(2) && hung.count == 1)
    }
  }

  @Test("a read that nobody answers, hedged or not, ends with its deadline")
  func hedgedInVain() async throws {
    let hung = Gate()
    let isHanging = Mutex(false)
    let service = Scripted { if isHanging.withLock({ $0 }) { try await hung.pass() } }
    try await connected([service], policy: CallPolicy()) { line, _ in
      for _ in 1...64 { _ = try await line.read() }
      isHanging.withLock { $0 = true }
      let asked = ContinuousClock.now
      let problem = await refusal { _ = try await line.read(within: .milliseconds(500)) }
      #expect(problem?.code == "call.deadlineExceeded" && hung.count == 2)
      #expect(ContinuousClock.now - asked < .seconds(2))
    }
  }

  @Test("who reads slowly holds up nobody else, and does not fill the memory of the context")
  func slowReader() async throws {
    let flood = Flood()
    try await connected([Scripted(), flood]) { line, _ in
      try await line.client.serverStreaming(
        request: ClientRequest(message: Google_Protobuf_Empty()), descriptor: Flood.method,
        serializer: ProtobufSerializer<Google_Protobuf_Empty>(),
        deserializer: ProtobufDeserializer<Google_Protobuf_BytesValue>(), options: .within(.seconds(20))
      ) { response in
        var pages = response.messages.makeAsyncIterator()
        _ = try await pages.next()
        try await Task.sleep(for: .milliseconds(500))
        // 64 MB would have been written; the window of a stream is 8 MB.
        #expect(flood.written.count < 500, "\(flood.written.count) pages were written")
        #expect(try await line.read(4) == 4)
        for _ in 1...50 { _ = try await pages.next() }
      }
    }
  }
}

/// A service that answers with 1,000 pages of 64 KB.
private struct Flood: RegistrableRPCService {
  static let method = MethodDescriptor(
    fullyQualifiedService: "tests.Flood", method: "Pages", type: .serverStreaming)

  let written = Gate()

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: Self.method, deserializer: ProtobufDeserializer<Google_Protobuf_Empty>(),
      serializer: ProtobufSerializer<Google_Protobuf_BytesValue>()
    ) { _, _ in
      StreamingServerResponse { writer in
        let page = Google_Protobuf_BytesValue.with { $0.value = .init(repeating: 7, count: 65_536) }
        for _ in 1...1_000 {
          try await writer.write(page)
          written.arrive()
        }
        return [:]
      }
    }
  }
}
