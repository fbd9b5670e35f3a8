// The service side of a context: one unit of work per call, once per idempotency key.

import GRPCCore
import Kernel
public import Runtime
public import SwiftProtobuf

/// Where calls become units of work.
public struct Desk: Sendable {
  public let engine: Engine

  public init(_ engine: Engine) { self.engine = engine }

  /// Runs one unit of work for a request. With an idempotency key the same request gets the first answer again.
  ///
  /// - Parameters:
  ///   - method: the name of the method; it is part of what a key stands for.
  ///   - body: may run more than once; it decides, and answers what the caller will see.
  public func act<Request: Message, Response: Message>(
    _ method: String, _ request: Request, _ body: @escaping @Sendable (inout Unit) async throws -> Response
  ) async throws -> Response {
    let act = Act.current ?? Act(correlation: "local", causation: "local")
    guard let key = Carriage.key else {
      guard let response = try await engine.run(act, body) else {
        preconditionFailure("a unit that takes no message always answers")
      }
      return response
    }
    let input: [UInt8] = Array(method.utf8) + [0] + (try request.serializedBytes() as [UInt8])
    let answer = try await engine.runOnce(act, key: key, input: input) { unit in
      try await body(&unit).serializedBytes()
    }
    return try Response(serializedBytes: answer)
  }

  /// Runs one unit of work and forgets it: what would be, were it done. An idempotency key is left unused.
  public func rehearse<Response: Message>(
    _ body: @escaping @Sendable (inout Unit) async throws -> Response
  ) async throws -> Response {
    let act = Act.current ?? Act(correlation: "local", causation: "local")
    let response = try await engine.run(act) { unit in
      var trial = unit
      return try await body(&trial)
    }
    guard let response else { preconditionFailure("a unit that takes no message always answers") }
    return response
  }
}
