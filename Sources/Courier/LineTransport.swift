// One transport for both: what is called may be in this process or across the network, and no call site knows.

public import GRPCCore
import GRPCInProcessTransport
import GRPCNIOTransportHTTP2
import Kernel

/// The transport of every line.
///
/// In this process it adds nothing to the library's own. Across the network every attempt passes the line's restraint,
/// and whatever stops it is an answer: a status with a problem in it, which the library weighs like that of a context.
public struct LineTransport: ClientTransport {
  public typealias Bytes = [UInt8]

  enum Wire: Sendable {
    case local(InProcessTransport.Client)
    case remote(HTTP2ClientTransport.Posix, Restraint)
  }

  let wire: Wire

  /// The line keeps its own budget: the library asks its throttle when it retries, but not when it hedges.
  public var retryThrottle: RetryThrottle? { nil }

  public func connect() async throws {
    switch wire {
    case .local(let transport): try await transport.connect()
    case .remote(let transport, _): try await transport.connect()
    }
  }

  public func beginGracefulShutdown() {
    switch wire {
    case .local(let transport): transport.beginGracefulShutdown()
    case .remote(let transport, _): transport.beginGracefulShutdown()
    }
  }

  /// Asked once for every call, in the task that makes it.
  public func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? {
    switch wire {
    case .local:
      Call.timeLeft.map { MethodConfig(names: [], timeout: $0) }
    case .remote(_, let restraint):
      MethodConfig(
        names: [], timeout: min(restraint.policy.timeout, Call.timeLeft ?? restraint.policy.timeout),
        executionPolicy: restraint.announce(descriptor, hasKey: Carriage.key != nil))
    }
  }

  public func withStream<Result: Sendable>(
    descriptor: MethodDescriptor, options: CallOptions,
    _ closure: (RPCStream<Inbound, Outbound>, ClientContext) async throws -> Result
  ) async throws -> Result {
    switch wire {
    case .local(let transport):
      return try await transport.withStream(descriptor: descriptor, options: options, closure)
    case .remote(let transport, let restraint):
      let passage: Passage
      do throws(Problem) {
        passage = try await restraint.enter(descriptor)
      } catch {
        return try await refused(RPCError(error, mayRetry: false), descriptor, by: restraint.context, closure)
      }
      defer { restraint.leave(passage) }
      let loan: Loan
      do throws(RPCError) {
        loan = try await Loan(transport, descriptor, options, within: restraint.policy.connectWithin)
      } catch {
        passage.ended(Status.Code(error.code))
        return try await refused(error, descriptor, by: restraint.context, closure)
      }
      defer { loan.giveBack() }
      return try await closure(loan.stream.heard(by: passage), loan.context)
    }
  }

  /// Answers in the place of a context that was not reached.
  private func refused<Result>(
    _ error: RPCError, _ descriptor: MethodDescriptor, by context: String,
    _ closure: (RPCStream<Inbound, Outbound>, ClientContext) async throws -> Result
  ) async throws -> Result {
    let answer = RPCResponsePart<Bytes>.status(
      Status(code: Status.Code(error.code), message: error.message), error.metadata)
    let stream = RPCStream(
      descriptor: descriptor,
      inbound: RPCAsyncSequence<_, any Error>(
        wrapping: AsyncThrowingStream<RPCResponsePart<Bytes>, any Error> { parts in
          parts.yield(answer)
          parts.finish()
        }),
      outbound: RPCWriter.Closable(wrapping: Unheard()))
    return try await closure(
      stream, ClientContext(descriptor: descriptor, remotePeer: context, localPeer: "not sent"))
  }
}

/// Takes what nobody will read.
private struct Unheard: ClosableRPCWriterProtocol {
  func write(_ element: RPCRequestPart<[UInt8]>) {}
  func write(contentsOf elements: some Sequence<RPCRequestPart<[UInt8]>>) {}
  func finish() {}
  func finish(throwing error: any Error) {}
}
