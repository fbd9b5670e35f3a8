// A context whose answers a test decides, and a server of it with a line to it.

import Contracts
import Courier
import GRPCCore
import Kernel
import SwiftProtobuf
import Synchronization
import Testing

typealias Log = Premia_Common_V1_EventLog.Client<LineTransport>

/// Reads are of `Read`, which only reads; writes of `Redrive`, which does not.
struct Scripted: Premia_Common_V1_EventLog.SimpleServiceProtocol {
  var onRead: @Sendable () async throws -> Void = {}
  var onWrite: @Sendable () async throws -> Void = {}

  func read(
    request: Premia_Common_V1_ReadLogRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ReadLogResponse {
    try await onRead()
    return .with { $0.lastPosition = request.afterPosition }
  }

  func redrive(
    request: Premia_Common_V1_RedriveRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_RedriveResponse {
    try await onWrite()
    return Premia_Common_V1_RedriveResponse()
  }

  func listDeadLetters(
    request: Premia_Common_V1_ListDeadLettersRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ListDeadLettersResponse { .init() }

  func replay(
    request: Premia_Common_V1_ReplayRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ReplayResponse { .init() }

  func getLag(
    request: Premia_Common_V1_LagRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_LagResponse { .init() }
}

extension Line {
  var log: Log { Log(wrapping: client) }

  func read(_ position: Int64 = 1, within timeout: Duration = .seconds(10)) async throws -> Int64 {
    var request = Premia_Common_V1_ReadLogRequest()
    request.afterPosition = position
    return try await ask { [request] in try await log.read(request, options: .within(timeout)).lastPosition }
  }

  func write(within timeout: Duration = .seconds(10)) async throws {
    try await ask { _ = try await log.redrive(Premia_Common_V1_RedriveRequest(), options: .within(timeout)) }
  }
}

extension CallOptions {
  static func within(_ timeout: Duration) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = timeout
    return options
  }
}

/// Nothing is asked again or rested, unless a test says so.
extension CallPolicy {
  static var strict: CallPolicy {
    var policy = CallPolicy()
    policy.extraPercent = 0
    policy.extraSaved = 0
    policy.failures = 1_000_000
    return policy
  }
}

/// Serves for as long as the body runs, and then ends as a service does: a server that is merely cancelled may hold a
/// connection that it has not looked at yet, and traps.
func serving(
  _ services: [any RegistrableRPCService], security: Security, limits: ServerLimits = ServerLimits(),
  _ body: (ContextServer, Address) async throws -> Void
) async throws {
  let server = try ContextServer(
    services: services, at: Address(host: "127.0.0.1", port: 0), security: security, limits: limits)
  let running = Task { try await server.run() }
  let outcome: Result<Void, any Error>
  do {
    outcome = .success(try await body(server, server.address))
  } catch {
    outcome = .failure(error)
  }
  await server.drain(notice: .zero, within: .seconds(1))
  _ = await running.result
  try outcome.get()
}

/// Carries calls for as long as the body runs; afterwards it has no connection, and asks for none.
func calling(_ line: Line, _ body: (Line) async throws -> Void) async throws {
  let running = Task { try await line.run() }
  let outcome: Result<Void, any Error>
  do {
    outcome = .success(try await body(line))
  } catch {
    outcome = .failure(error)
  }
  line.close()
  running.cancel()
  _ = await running.result
  try outcome.get()
}

/// Serves as `billing`, and calls it as `policy`.
func connected(
  _ services: [any RegistrableRPCService], policy: CallPolicy = .strict, limits: ServerLimits = ServerLimits(),
  _ body: (Line, ContextServer) async throws -> Void
) async throws {
  let authority = try Authority.ours.get()
  try await serving(services, security: .mutual(authority.identity("billing")), limits: limits) { server, address in
    let line = try Line(
      to: "billing", at: [address], security: .mutual(authority.identity("policy")), policy: policy)
    try await calling(line) { try await body($0, server) }
  }
}

/// Says how the call was refused.
func refusal(_ call: () async throws -> Void) async -> Problem? {
  do {
    try await call()
    return nil
  } catch let problem as Problem {
    return problem
  } catch {
    Issue.record("threw \(error)")
    return nil
  }
}

/// Counts, and opens when it is told to.
final class Gate: Sendable {
  private let state = Mutex<(passed: Int, isOpen: Bool)>((0, false))

  /// How many came to it.
  var count: Int { state.withLock { $0.passed } }

  func open() { state.withLock { $0.isOpen = true } }
  func arrive() { state.withLock { $0.passed += 1 } }

  /// Waits until it is open, or the call is cancelled.
  func pass() async throws {
    arrive()
    while !state.withLock({ $0.isOpen }) { try await Task.sleep(for: .milliseconds(2)) }
  }

  /// Waits until so many came.
  func reached(_ count: Int) async throws {
    for _ in 0..<30_000 {
      if self.count >= count { return }
      try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record("\(self.count) came instead of \(count)")
  }
}
