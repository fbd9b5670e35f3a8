// What travels with a call, beside its message.

import GRPCCore
import GRPCProtobuf
public import Kernel
public import Runtime
import Synchronization

/// The metadata of a call.
public enum Carriage {
  static let correlation = "premia-correlation"
  static let causation = "premia-causation"
  static let actor = "premia-actor"
  static let lineage = "premia-lineage"
  static let addressee = "premia-context"
  static let idempotencyKey = "idempotency-key"
  static let timeout = "grpc-timeout"
  static let traceparent = "traceparent"
  static let tracestate = "tracestate"

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

/// Puts the running act, its key and its trace into the metadata of outgoing calls.
struct OutgoingCarriage: ClientInterceptor {
  /// The context that is called, for a process that runs several; nil where the line ends at one.
  var addressee: String?

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingClientRequest<Input>, context: ClientContext,
    next: (StreamingClientRequest<Input>, ClientContext) async throws -> StreamingClientResponse<Output>
  ) async throws -> StreamingClientResponse<Output> {
    var request = request
    if let addressee { request.metadata.replaceOrAddString(addressee, forKey: Carriage.addressee) }
    if let act = Act.current {
      request.metadata.replaceOrAddString(act.correlation, forKey: Carriage.correlation)
      request.metadata.replaceOrAddString(act.causation, forKey: Carriage.causation)
      request.metadata.replaceOrAddString(act.actor, forKey: Carriage.actor)
      if !act.lineage.isEmpty { request.metadata.replaceOrAddString(act.lineage, forKey: Carriage.lineage) }
    }
    if let key = Carriage.key { request.metadata.replaceOrAddString(key, forKey: Carriage.idempotencyKey) }
    if let trace = Call.current?.trace {
      request.metadata.replaceOrAddString(trace.traceparent, forKey: Carriage.traceparent)
      if !trace.state.isEmpty { request.metadata.replaceOrAddString(trace.state, forKey: Carriage.tracestate) }
    }
    return try await next(request, context)
  }
}

/// Takes the act, its key and its trace out of the metadata of incoming calls, ends what nobody waits for any more, and
/// turns refusals into statuses.
struct IncomingCarriage: ServerInterceptor {
  let closing: Closing

  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next: @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    func first(_ key: String) -> String? { request.metadata[stringValues: key].first { _ in true } }
    let call = Call(request.metadata, context)
    let key = first(Carriage.idempotencyKey)
    let nonce = key ?? "\(UInt64.random(in: 0 ... .max))"
    let act = Act(
      correlation: first(Carriage.correlation) ?? "req/\(nonce)",
      causation: key.map { "key/\($0)" } ?? first(Carriage.causation) ?? "req/\(nonce)",
      actor: first(Carriage.actor) ?? call.caller ?? "anonymous", lineage: first(Carriage.lineage) ?? "")
    do {
      return try await Call.$current.withValue(call) {
        try await Carriage.with(act, key: key) {
          try await whileWaitedFor(call, context) { try await next(request, context) }
        }
      }
    } catch let refusal as any Refusal {
      throw RPCError(refusal.problem)
    } catch let failure as StoreFailure {
      throw RPCError(Problem(storing: failure))
    } catch let cut as CancellationError {
      throw RPCError(code: .unavailable, message: "The context closes, and did not wait for this call.", cause: cut)
    }
  }

  /// The library signals the end of a call, and leaves its handler running: what that asks of others would go on too.
  private func whileWaitedFor<Answer: Sendable>(
    _ call: Call, _ context: ServerContext, _ handle: @Sendable () async throws -> Answer
  ) async throws -> Answer {
    let (signals, signal) = AsyncStream<Void>.makeStream()
    async let answer = Self.finishing(signal, handle)
    @Sendable func end() {
      // A server that closes signals the same, and lets running calls end.
      if call.isOverdue || !closing.isClosing { signal.yield() }
    }
    let isWaitedFor = await withRPCCancellationHandler {
      // What was signalled before is not signalled again.
      if context.cancellation.isCancelled { end() }
      for await _ in signals { return false }
      return true
    } onCancelRPC: {
      end()
    }
    // Whoever leaves here without the answer cancels the handler, and waits until it has ended.
    guard isWaitedFor else {
      throw call.isOverdue
        ? RPCError(code: .deadlineExceeded, message: "The deadline passed before there was an answer.")
        : RPCError(code: .cancelled, message: "Nobody waits for the answer any more.")
    }
    return try await answer
  }

  private static func finishing<Answer: Sendable>(
    _ signal: AsyncStream<Void>.Continuation, _ handle: @Sendable () async throws -> Answer
  ) async throws -> Answer {
    defer { signal.finish() }
    return try await handle()
  }
}

/// Whether a server has begun to close.
final class Closing: Sendable {
  private let flag = Atomic(false)

  var isClosing: Bool { flag.load(ordering: .acquiring) }
  func begin() { flag.store(true, ordering: .releasing) }
}

extension Call {
  /// The library set its clock a little before the deadline was worked out.
  fileprivate var isOverdue: Bool { deadline.map { ContinuousClock.now > $0 - .milliseconds(20) } ?? false }
}

extension Problem {
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
}
