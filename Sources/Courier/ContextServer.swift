// A context's door to the network.

import Contracts
public import GRPCCore
import GRPCNIOTransportHTTP2
public import Kernel

/// Serves a context to other processes, beside the standard health and reflection services.
public struct ContextServer: Sendable {
  private let server: GRPCServer<HTTP2ServerTransport.Posix>
  private let health: HealthService
  private let closing = Closing()
  private let cut: AsyncStream<Void>.Continuation
  private let cuts: AsyncStream<Void>

  /// - Throws: `Problem` naming the address or the file that will not do.
  public init(
    services: [any RegistrableRPCService], at address: Address, security: Security,
    limits: ServerLimits = ServerLimits()
  ) throws(Problem) {
    guard address.isIPv4 else {
      throw .field("address", "is \(address); a server listens on an IPv4 address, as 0.0.0.0:\(address.port)")
    }
    let transport = HTTP2ServerTransport.Posix(
      address: .ipv4(host: address.host, port: address.port),
      transportSecurity: try security.server(at: address),
      config: .defaults { config in
        config.connection.keepalive = .init(
          time: .seconds(60), timeout: .seconds(20),
          clientBehavior: .init(minPingIntervalWithoutCalls: .seconds(10), allowWithoutCalls: true))
      })
    var router = RPCRouter<HTTP2ServerTransport.Posix>()
    for service in services { service.registerMethods(with: &router) }
    let own = Set(router.methods.map(\.service))
    let names = Set(own.map(\.fullyQualifiedService))
    health = HealthService(services: names)
    let reflection: ReflectionService
    do {
      reflection = try ReflectionService(services: names, contracts: Descriptors.load())
    } catch {
      throw .contracts(error)
    }
    health.registerMethods(with: &router)
    reflection.registerMethods(with: &router)
    // Whoever is overloaded still says how it is.
    router.registerInterceptors(pipeline: [
      .apply(Shedding(load: Load(limits: limits)), to: .services(own)),
      .apply(IncomingCarriage(closing: closing), to: .services(own)),
    ])
    server = GRPCServer(transport: transport, router: router)
    (cuts, cut) = AsyncStream.makeStream()
  }

  /// Where it listens; waits until it does.
  public var address: Address {
    get async throws {
      guard let address = try await server.listeningAddress?.ipv4 else {
        throw Problem.field("address", "is none that IPv4 knows")
      }
      return Address(host: address.host, port: address.port)
    }
  }

  /// Serves until it is drained.
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.serve() }
      group.addTask { for await _ in cuts {} }
      // Whichever ends first: nothing is left to serve, or nobody waits for the rest.
      _ = try await group.next()
      group.cancelAll()
    }
  }

  /// Ends `run`, without cutting off who is being served.
  ///
  /// - Parameters:
  ///   - notice: how long it goes on as before once health says that it is not serving, so that callers go elsewhere.
  ///   - bound: how long running calls may take from then on; what is not done by then is cut off.
  public func drain(notice: Duration = .seconds(2), within bound: Duration = .seconds(20)) async {
    health.drain()
    // Whoever cannot wait any longer cuts the wait short.
    try? await Task.sleep(for: notice)
    closing.begin()
    server.beginGracefulShutdown()
    let cut = cut
    Task {
      try await Task.sleep(for: bound)
      cut.finish()
    }
  }
}
