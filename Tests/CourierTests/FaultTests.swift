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
  @Test("a context that hangs costs a deadline a call, then nothing while it rests")
  func hangs() async throws {
    let gate = Gate()
    var policy = CallPolicy.strict
    policy.failures = 3
    policy.shortestRest = .seconds(600)
    policy.longestRest = .seconds(600)
    try await connected([Scripted { try await gate.pass() }], policy: policy) { line, _ in
      // Calls that fail before they come to the context may be among them, or say nothing about it.
      var (calls, problem) = (0, Problem?.none)
      repeat {
        problem = await refusal { _ = try await line.read(within: .milliseconds(300)) }
        calls += 1
      } while problem?.code != "call.resting" && calls < 100
      #expect(problem?.code == "call.resting" && problem?.kind == .unavailable)
      #expect(problem?.comeAgainAfter ?? .zero > .zero)
      #expect(calls > 3)
      let came = gate.count
      #expect(await refusal { _ = try await line.read() }?.code == "call.resting")
      #expect(gate.count == came)
    }
  }

  @Test("a context that has rested is tried again, and answers")
  func rested() async throws {
    let isAway = Mutex(true)
    let service = Scripted {
      if isAway.withLock({ $0 }) { throw RPCError(code: .unavailable, message: "away") }
    }
    var policy = CallPolicy.strict
    policy.failures = 3
    policy.shortestRest = .milliseconds(20)
    try await connected([service], policy: policy) { line, _ in
      for _ in 1...3 { _ = await refusal { _ = try await line.read() } }
      isAway.withLock { $0 = false }
      var answer: Int64?
      for _ in 0..<1_000 where answer == nil {
        try await Task.sleep(for: .milliseconds(20))
        answer = try? await line.read(9)
      }
      #expect(answer == 9)
    }
  }

  @Test("nobody listens: the call is refused well before its deadline")
  func nobody() async throws {
    let authority = try Authority.ours.get()
    let line = try Line(
      to: "billing", at: [Address(host: "127.0.0.1", port: 1)],
      security: .mutual(authority.identity("policy")), policy: .strict)
    try await calling(line) { line in
      let problem = await refusal { try await line.write(within: .seconds(600)) }
      #expect(problem?.kind == .unavailable && problem?.code != "call.deadlineExceeded")
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
    limits.comeAgainAfter = .milliseconds(300)
    let service = Scripted(onWrite: { try await gate.pass() })
    var policy = CallPolicy()
    policy.attempts = 5
    try await connected([service], policy: policy, limits: limits) { line, _ in
      async let first: Void = line.write()
      try await gate.reached(1)
      let problem = await refusal { try await line.write() }
      #expect(problem?.kind == .exhausted && problem?.code == "context.overloaded")
      let wait = try #require(problem?.comeAgainAfter)
      #expect(wait >= .milliseconds(300) && wait <= .milliseconds(600))
      async let second = line.read(3)
      try await Task.sleep(for: .milliseconds(50))
      gate.open()
      #expect(try await second == 3)
      try await first
    }
  }

  @Test("a slow context is called so many times at once, so many callers wait, and the rest are refused")
  func crowded() async throws {
    let gate = Gate()
    var policy = CallPolicy.strict
    policy.places = 1
    policy.seats = 1
    policy.patience = .seconds(600)
    try await connected([Scripted(onWrite: { try await gate.pass() })], policy: policy) { line, _ in
      async let first: Void = line.write(within: .seconds(600))
      try await gate.reached(1)
      await withTaskGroup(of: Problem?.self) { others in
        for _ in 1...2 {
          others.addTask { await refusal { try await line.write(within: .seconds(600)) } }
        }
        #expect(await others.next()??.code == "call.crowded")
        #expect(gate.count == 1)
        gate.open()
        #expect(await others.next() == .some(nil))
      }
      try await first
    }
  }

  @Test("who waits for a slow context waits no longer than the policy says")
  func impatient() async throws {
    let gate = Gate()
    var policy = CallPolicy.strict
    policy.places = 1
    policy.patience = .milliseconds(50)
    try await connected([Scripted(onWrite: { try await gate.pass() })], policy: policy) { line, _ in
      async let first: Void = line.write(within: .seconds(600))
      try await gate.reached(1)
      #expect(await refusal { try await line.write(within: .seconds(600)) }?.code == "call.crowded")
      #expect(gate.count == 1)
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
    try await connected([service], policy: .hedging) { line, _ in
      for _ in 1...64 { _ = try await line.read() }
      isArmed.withLock { $0 = true }
      #expect(try await line.read(8, within: .seconds(600)) == 8)
      #expect(hung.count == 1)
    }
  }

  @Test("a read that nobody answers, hedged or not, ends with its deadline")
  func hedgedInVain() async throws {
    let hung = Gate()
    let isHanging = Mutex(false)
    let service = Scripted { if isHanging.withLock({ $0 }) { try await hung.pass() } }
    try await connected([service], policy: .hedging) { line, _ in
      for _ in 1...64 { _ = try await line.read() }
      isHanging.withLock { $0 = true }
      let problem = await refusal { _ = try await line.read(within: .seconds(3)) }
      #expect(problem?.code == "call.deadlineExceeded" && hung.count == 2)
    }
  }

  @Test("who reads slowly holds up nobody else, and does not fill the memory of the context")
  func slowReader() async throws {
    let flood = Flood()
    try await connected([Scripted(), flood]) { line, _ in
      try await line.client.serverStreaming(
        request: ClientRequest(message: Google_Protobuf_Empty()), descriptor: Flood.method,
        serializer: ProtobufSerializer<Google_Protobuf_Empty>(),
        deserializer: ProtobufDeserializer<Google_Protobuf_BytesValue>(), options: .within(.seconds(600))
      ) { response in
        var pages = response.messages.makeAsyncIterator()
        _ = try await pages.next()
        // Until it writes no more: what is under way fills the windows and buffers between the two.
        var written = -1
        while flood.written.count > written {
          written = flood.written.count
          try await Task.sleep(for: .milliseconds(500))
        }
        #expect(written < Flood.pages)
        #expect(try await line.read(4) == 4)
        for _ in 1...50 { _ = try await pages.next() }
      }
    }
  }
}

/// A service that answers with pages of 64 KB, far more than the 8 MB of a stream's window.
private struct Flood: RegistrableRPCService {
  static let pages = 4_000
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
        for _ in 1...Self.pages {
          try await writer.write(page)
          written.arrive()
        }
        return [:]
      }
    }
  }
}

extension CallPolicy {
  /// Enough extra attempts, also where the machine is slow and every read is asked twice.
  fileprivate static var hedging: CallPolicy {
    var policy = CallPolicy()
    policy.extraPercent = 100
    return policy
  }
}
