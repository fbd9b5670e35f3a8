// The logs of all contexts that a process runs, at one door: each line says which context it means.

public import Contracts
public import GRPCCore
import Kernel

/// Every context has the same service for its log, so that who serves several asks for which one a call is.
public struct EventLogs: Premia_Common_V1_EventLog.SimpleServiceProtocol {
  private let logs: [String: EventLogService]

  /// - Parameter logs: by the names of their contexts.
  public init(_ logs: [String: EventLogService]) { self.logs = logs }

  /// The log that the running call means.
  private var meant: EventLogService {
    get throws(Problem) {
      let name = Call.current?.addressee
      if name == nil, logs.count == 1, let only = logs.values.first { return only }
      guard let name, let log = logs[name] else {
        throw .field(
          Carriage.addressee,
          "is '\(name ?? "")' in the metadata; it names one of \(logs.keys.sorted().joined(separator: ", "))")
      }
      return log
    }
  }

  public func read(
    request: Premia_Common_V1_ReadLogRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ReadLogResponse {
    try await meant.read(request: request, context: context)
  }

  public func listDeadLetters(
    request: Premia_Common_V1_ListDeadLettersRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ListDeadLettersResponse {
    try await meant.listDeadLetters(request: request, context: context)
  }

  public func redrive(
    request: Premia_Common_V1_RedriveRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_RedriveResponse {
    try await meant.redrive(request: request, context: context)
  }

  public func replay(
    request: Premia_Common_V1_ReplayRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ReplayResponse {
    try await meant.replay(request: request, context: context)
  }

  public func getLag(
    request: Premia_Common_V1_LagRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_LagResponse {
    try await meant.getLag(request: request, context: context)
  }
}
