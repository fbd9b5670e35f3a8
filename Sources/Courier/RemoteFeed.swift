// The published log of a context in another process.

public import Contracts
public import GRPCCore
public import Runtime

/// A log that is read over gRPC, from the context that keeps it.
public struct RemoteFeed<Transport: ClientTransport>: Feed {
  public let source: String
  private let log: Premia_Common_V1_EventLog.Client<Transport>

  public init(source: String, client: GRPCClient<Transport>) {
    self.init(source: source, log: Premia_Common_V1_EventLog.Client(wrapping: client))
  }

  public init(source: String, log: Premia_Common_V1_EventLog.Client<Transport>) {
    self.source = source
    self.log = log
  }

  /// - Throws: `Problem`.
  public func read(after position: Int64, limit: Int) async throws -> [Premia_Common_V1_Envelope] {
    try await page(after: position, limit: limit).events
  }

  /// - Throws: `Problem`.
  public func last() async throws -> Int64 {
    // Behind everything there is nothing but the answer's last position.
    try await page(after: .max, limit: 1).lastPosition
  }

  private func page(after position: Int64, limit: Int) async throws -> Premia_Common_V1_ReadLogResponse {
    var request = Premia_Common_V1_ReadLogRequest()
    request.afterPosition = position
    request.limit = Int32(min(limit, 1_000))
    return try await ask { [request] in try await log.read(request, options: .bounded) }
  }
}
