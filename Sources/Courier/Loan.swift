// A stream of the network, opened on the side: to open one can take as long as a connection takes, and the library
// waits for it without looking at the clock where it retries or hedges.

import GRPCCore
import GRPCNIOTransportHTTP2

/// A stream that is open until it is given back.
struct Loan: Sendable {
  typealias Stream = RPCStream<HTTP2ClientTransport.Posix.Inbound, HTTP2ClientTransport.Posix.Outbound>

  let stream: Stream
  let context: ClientContext
  private let returned: AsyncStream<Void>.Continuation

  /// - Throws: of code `unavailable` where there is no connection in time, or `cancelled` with the task.
  init(
    _ transport: HTTP2ClientTransport.Posix, _ method: MethodDescriptor, _ options: CallOptions,
    within bound: Duration
  ) async throws(RPCError) {
    let (end, returned) = AsyncStream<Void>.makeStream()
    let (lent, lend) = AsyncThrowingStream<(Stream, ClientContext), any Error>.makeStream()
    let lender = Task {
      do {
        try await transport.withStream(descriptor: method, options: options) { stream, context in
          lend.yield((stream, context))
          for await _ in end {}
        }
        lend.finish()
      } catch {
        lend.finish(throwing: error)
      }
    }
    let alarm = Task {
      try await Task.sleep(for: bound)
      lend.finish(throwing: RPCError(code: .unavailable, message: "There was no connection within \(bound)."))
    }
    defer { alarm.cancel() }
    do {
      for try await (stream, context) in lent {
        self.stream = stream
        self.context = context
        self.returned = returned
        return
      }
      lender.cancel()
      throw RPCError(code: .cancelled, message: "The caller does not wait for a connection.")
    } catch let error as RPCError {
      lender.cancel()
      throw error
    } catch {
      lender.cancel()
      throw RPCError(code: .unavailable, message: "There is no connection.", cause: error)
    }
  }

  /// Ends the stream, if it has not ended.
  func giveBack() {
    returned.finish()
  }
}

extension Loan.Stream {
  /// The stream in bytes of the line's kind; what ends it is told to the passage.
  func heard(by passage: Passage) -> RPCStream<LineTransport.Inbound, LineTransport.Outbound> {
    RPCStream<LineTransport.Inbound, LineTransport.Outbound>(
      descriptor: descriptor,
      inbound: RPCAsyncSequence(wrapping: Hearing(base: inbound, passage: passage)),
      outbound: RPCWriter.Closable(wrapping: Saying(base: outbound, passage: passage)))
  }
}

private struct Hearing: AsyncSequence, Sendable {
  typealias Element = RPCResponsePart<[UInt8]>
  typealias Failure = any Error

  let base: HTTP2ClientTransport.Posix.Inbound
  let passage: Passage

  func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator(), passage: passage) }

  struct Iterator: AsyncIteratorProtocol {
    var base: HTTP2ClientTransport.Posix.Inbound.AsyncIterator
    let passage: Passage

    mutating func next() async throws -> Element? { try await next(isolation: nil) }

    mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> Element? {
      do {
        switch try await base.next(isolation: actor) {
        case .metadata(let metadata): return .metadata(metadata)
        case .message(let bytes): return .message(bytes.withUnsafeBytes { Array($0) })
        case .status(let status, let metadata):
          passage.ended(status.code)
          return .status(status, metadata)
        case nil: return nil
        }
      } catch {
        if !Task.isCancelled { passage.ended(.unavailable) }
        throw error
      }
    }
  }
}

private struct Saying: ClosableRPCWriterProtocol {
  let base: HTTP2ClientTransport.Posix.Outbound
  let passage: Passage

  func write(_ element: RPCRequestPart<[UInt8]>) async throws { try await base.write(part(element)) }

  func write(contentsOf elements: some Sequence<RPCRequestPart<[UInt8]>>) async throws {
    try await base.write(contentsOf: elements.map(part))
  }

  func finish() async { await base.finish() }
  func finish(throwing error: any Error) async { await base.finish(throwing: error) }

  private func part(_ element: RPCRequestPart<[UInt8]>) -> RPCRequestPart<GRPCNIOTransportBytes> {
    switch element {
    case .metadata(let metadata):
      passage.sent(metadata)
      return .metadata(metadata)
    case .message(let bytes): return .message(GRPCNIOTransportBytes(bytes))
    }
  }
}
