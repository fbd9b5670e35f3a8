// Turns calls away while too many run: a quick refusal that says when to come again, instead of a slow answer for all.

import GRPCCore
import Kernel
import Synchronization

struct Shedding: ServerInterceptor {
  let load: Load

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next: @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    guard load.begin() else {
      // Not all at the same moment.
      let wait = load.limits.comeAgainAfter * Double.random(in: 1...2)
      throw RPCError(
        .busy(
          code: "context.overloaded", "\(load.limits.running) calls are being answered already.",
          comeAgainAfter: wait))
    }
    defer { load.end() }
    return try await next(request, context)
  }
}

/// How much a server takes on.
public struct ServerLimits: Hashable, Sendable {
  /// Calls that are answered at once.
  public var running = 256
  /// What a caller beyond that is told to wait, at least; at most twice as long.
  public var comeAgainAfter: Duration = .milliseconds(200)

  public init() {}
}

/// The calls that a server is answering.
final class Load: Sendable {
  let limits: ServerLimits
  private let running = Mutex(0)

  init(limits: ServerLimits) { self.limits = limits }

  func begin() -> Bool {
    running.withLock { running in
      guard running < limits.running else { return false }
      running += 1
      return true
    }
  }

  func end() { running.withLock { $0 -= 1 } }
}
