// What travels with a call, beside its message.

import GRPCCore
import GRPCProtobuf
public import Kernel
public import Runtime

/// The metadata of a call.
public enum Carriage {
  static let correlation = "premia-correlation"
  static let causation = "premia-causation"
  static let actor = "premia-actor"
  static let lineage = "premia-lineage"
  static let idempotencyKey = "idempotency-key"

  /// The key under which the running call may be asked again.
  @TaskLocal public static var key: String?

  /// Runs calls in the name of an act, under a key.
  ///
  /// - Parameter key: unique to what is to be done; the same key with the same message is done once.
  public static func with<Answer>(
    _ act: Act, key: String? = nil, _ body: () async throws -> Answer
  ) async throws -> Answer {
    try await Act.$current.withValue(act) {
      try await Carriage.$key.withValue(key) { try await body() }
    }
  }
}

/// Puts the running act into the metadata of outgoing calls and gives them a deadline.
struct OutgoingCarriage: ClientInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingClientRequest<Input>, context: ClientContext,
    next: (StreamingClientRequest<Input>, ClientContext) async throws -> StreamingClientResponse<Output>
  ) async throws -> StreamingClientResponse<Output> {
    var request = request
    if let act = Act.current {
      request.metadata.replaceOrAddString(act.correlation, forKey: Carriage.correlation)
      request.metadata.replaceOrAddString(act.causation, forKey: Carriage.causation)
      request.metadata.replaceOrAddString(act.actor, forKey: Carriage.actor)
      if !act.lineage.isEmpty { request.metadata.replaceOrAddString(act.lineage, forKey: Carriage.lineage) }
    }
    if let key = Carriage.key { request.metadata.replaceOrAddString(key, forKey: Carriage.idempotencyKey) }
    return try await next(request, context)
  }
}

/// Takes the act out of the metadata of incoming calls, and turns refusals into statuses.
struct IncomingCarriage: ServerInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next: @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    func first(_ key: String) -> String? { request.metadata[stringValues: key].first { _ in true } }
    let key = first(Carriage.idempotencyKey)
    let nonce = key ?? "\(UInt64.random(in: 0 ... .max))"
    let act = Act(
      correlation: first(Carriage.correlation) ?? "req/\(nonce)",
      causation: key.map { "key/\($0)" } ?? first(Carriage.causation) ?? "req/\(nonce)",
      actor: first(Carriage.actor) ?? "anonymous", lineage: first(Carriage.lineage) ?? "")
    do {
      return try await Carriage.with(act, key: key) { try await next(request, context) }
    } catch let refusal as any Refusal {
      throw refusal.problem.status
    } catch let failure as StoreFailure {
      throw Problem(storing: failure).status
    }
  }
}

extension Problem {
  private static let domain = "premia"
  private static let remedyKey = "remedy"
  private static let kindKey = "kind"

  /// What a caller is told when the store could not.
  public init(storing failure: StoreFailure) {
    switch failure {
    case .conflict(let stream):
      self.init(
        kind: .conflict, code: "store.conflict", detail: "\(stream) is being changed by many at once.",
        remedy: "Try again.")
    case .moved(let cursor):
      self.init(
        kind: .conflict, code: "store.conflict", detail: "The place \(cursor) is being moved by many at once.",
        remedy: "Try again.")
    case .constraint(let constraint):
      self.init(
        kind: .conflict, code: "store.constraint",
        detail: "The change would break a rule of the records: \(constraint).",
        remedy: "Look up what is there already and correct the request.")
    case .full(let place):
      self.init(
        kind: .exhausted, code: "store.full", detail: "There is no space left in \(place); nothing was changed.",
        remedy: "Make space, then send the same request again.")
    case .unavailable(let why):
      self.init(
        kind: .unavailable, code: "store.unavailable", detail: "The store cannot be used now: \(why).",
        remedy: "Try again later.")
    case .corrupt(let why):
      self.init(
        kind: .internalFault, code: "store.corrupt", detail: "What is stored cannot be read. \(why)",
        remedy: "Nothing was changed. Where this release made the file, run 'premia verify' and report what it says.")
    case .answered, .taken:
      self.init(
        kind: .internalFault, code: "store.fault", detail: "\(failure)", remedy: "Run 'premia verify' and report this.")
    }
  }

  /// The gRPC status that carries the problem, with all its parts.
  var status: GoogleRPCStatus {
    var metadata = fields
    metadata[Self.remedyKey] = remedy
    metadata[Self.kindKey] = kind.rawValue
    return GoogleRPCStatus(
      code: RPCError.Code(Status.Code(rawValue: kind.grpcCode) ?? .unknown) ?? .unknown, message: detail,
      details: .errorInfo(reason: code, domain: Self.domain, metadata: metadata))
  }

  /// The problem that a status carries; nil where it carries none of ours.
  init?(_ error: RPCError) {
    guard let status = try? error.unpackGoogleRPCStatus() else { return nil }
    for detail in status.details {
      guard let info = detail.errorInfo, info.domain == Self.domain,
        let kind = info.metadata[Self.kindKey].flatMap(Kind.init(rawValue:))
      else { continue }
      var fields = info.metadata
      fields[Self.kindKey] = nil
      let remedy = fields.removeValue(forKey: Self.remedyKey) ?? ""
      self.init(kind: kind, code: info.reason, detail: status.message, remedy: remedy, fields: fields)
      return
    }
    return nil
  }
}
