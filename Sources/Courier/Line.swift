// The line to a context: the same client whether it is in this process or across the network.

public import GRPCCore
import GRPCInProcessTransport
import GRPCNIOTransportHTTP2
public import Kernel

/// A line to a context. It takes calls at once, and carries them while it runs.
public struct Line: Sendable {
  /// What generated clients wrap.
  public let client: GRPCClient<LineTransport>
  /// The context itself, where it is in this process.
  private let server: GRPCServer<InProcessTransport.Server>?
  private let closing = Closing()

  /// The line to a context in this process.
  public init(services: [any RegistrableRPCService]) {
    let transport = InProcessTransport()
    server = GRPCServer(
      transport: transport.server, services: services, interceptors: [IncomingCarriage(closing: closing)])
    client = GRPCClient(
      transport: LineTransport(wire: .local(transport.client)), interceptors: [OutgoingCarriage()])
  }

  /// The line to a context in other processes. Nothing is connected to before it runs.
  ///
  /// - Parameters:
  ///   - context: the context's name, to which the certificate of whoever answers must be made out.
  ///   - addresses: one name, or the IPv4 addresses of as many copies as there are, which take turns.
  ///   - security: who this process is, and whom it trusts.
  /// - Throws: `Problem` naming the address or the file that will not do.
  public init(
    to context: String, at addresses: [Address], security: Security, policy: CallPolicy = CallPolicy()
  ) throws(Problem) {
    let secured = try security.client(reaching: addresses)
    let reads = try Methods.reads()
    let transport: HTTP2ClientTransport.Posix
    do {
      transport = try HTTP2ClientTransport.Posix(
        target: try Address.target(addresses), transportSecurity: secured,
        config: .defaults { config in
          config.http2.authority = context
          config.connection.keepalive = .init(time: .seconds(20), timeout: .seconds(5), allowWithoutCalls: false)
          config.backoff = .init(initial: .milliseconds(100), max: .seconds(5), multiplier: 1.6, jitter: 0.2)
        }, resolverRegistry: .addresses, serviceConfig: ServiceConfig(loadBalancingConfig: [.roundRobin]))
    } catch let problem as Problem {
      throw problem
    } catch {
      throw .security("\(error)")
    }
    server = nil
    client = GRPCClient(
      transport: LineTransport(
        wire: .remote(transport, Restraint(context: context, policy: policy, reads: reads))),
      interceptors: [OutgoingCarriage(addressee: context)])
  }

  /// Carries calls until it is closed.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      if let server { group.addTask { try await server.serve() } }
      group.addTask { try await client.runConnections() }
      try await group.waitForAll()
    }
  }

  /// Lets running calls end, then ends `run`.
  public func close() {
    closing.begin()
    client.beginGracefulShutdown()
    server?.beginGracefulShutdown()
  }
}
