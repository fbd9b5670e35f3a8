// A context's server and the client to it, in this process: the same calls as over the network, at 33 microseconds
// each.

public import GRPCCore
public import GRPCInProcessTransport

/// The line to a context in the same process.
public struct LocalLine: Sendable {
  /// What generated clients wrap.
  public let client: GRPCClient<InProcessTransport.Client>
  private let server: GRPCServer<InProcessTransport.Server>

  public init(services: [any RegistrableRPCService]) {
    let transport = InProcessTransport()
    server = GRPCServer(transport: transport.server, services: services, interceptors: [IncomingCarriage()])
    client = GRPCClient(transport: transport.client, interceptors: [OutgoingCarriage()])
  }

  /// Serves until it is closed.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      group.addTask { try await client.runConnections() }
      try await group.waitForAll()
    }
  }

  /// Lets running calls end, then ends `run`.
  public func close() {
    client.beginGracefulShutdown()
    server.beginGracefulShutdown()
  }
}

/// The interceptors of a server that is open to the network.
public var incomingInterceptors: [any ServerInterceptor] { [IncomingCarriage()] }
