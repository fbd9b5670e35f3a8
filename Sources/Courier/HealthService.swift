// The standard health service: load balancers ask it whether to send calls here.

import Contracts
import GRPCCore
import Synchronization

/// Serving until it is told to drain.
final class HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
  private struct State {
    var isServing = true
    var watchers: [UInt64: AsyncStream<Void>.Continuation] = [:]
    var last: UInt64 = 0
  }

  private let services: Set<String>
  private let state = Mutex(State())

  /// - Parameter services: by their full names.
  init(services: Set<String>) { self.services = services }

  /// From now on nothing is served, and those who watch are told.
  func drain() {
    let watchers = state.withLock { state in
      state.isServing = false
      return state.watchers.values.map(\.self)
    }
    for watcher in watchers { watcher.yield() }
  }

  func check(
    request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
  ) async throws -> Grpc_Health_V1_HealthCheckResponse {
    let response = answer(about: request.service)
    if response.status == .serviceUnknown {
      throw RPCError(code: .notFound, message: "There is no service '\(request.service)' here.")
    }
    return response
  }

  func watch(
    request: Grpc_Health_V1_HealthCheckRequest, response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
    context: ServerContext
  ) async throws {
    let (changes, change) = AsyncStream<Void>.makeStream()
    let id = state.withLock { state in
      state.last += 1
      state.watchers[state.last] = change
      return state.last
    }
    defer { state.withLock { state in state.watchers[id] = nil } }
    try await response.write(answer(about: request.service))
    try await withRPCCancellationHandler {
      for await _ in changes { try await response.write(answer(about: request.service)) }
    } onCancelRPC: {
      change.finish()
    }
  }

  private func answer(about service: String) -> Grpc_Health_V1_HealthCheckResponse {
    var response = Grpc_Health_V1_HealthCheckResponse()
    if !service.isEmpty, !services.contains(service) {
      response.status = .serviceUnknown
    } else {
      response.status = state.withLock { $0.isServing } ? .serving : .notServing
    }
    return response
  }
}
