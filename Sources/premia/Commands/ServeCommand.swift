// serve: the doors.

import ArgumentParser
import Courier
import Kernel
import Logging
import Runtime

struct DoorOptions: ParsableArguments {
  @Option(help: "The address to listen on; that of the settings, or 127.0.0.1, if absent.")
  var host: String?

  @Option(help: "The port of the HTTP door and the page; that of the settings, or 8080, if absent.")
  var port: Int?

  @Option(help: "The port of the gRPC door; that of the settings, or 9090, if absent.")
  var grpcPort: Int?

  func validate() throws {
    for (name, value) in [("--port", port), ("--grpc-port", grpcPort)] {
      if let value, !(1...65_535).contains(value) { throw ValidationError("\(name) is 1 to 65535.") }
    }
    if let port, port == grpcPort {
      throw ValidationError("--port and --grpc-port are two doors; give each its own.")
    }
  }

  /// The doors of what is run here: HTTP for the edge, gRPC for contexts.
  func doors(_ network: Network, _ share: Share) -> Doors {
    let http = Address(
      host: host ?? network.http?.host ?? "127.0.0.1", port: port ?? network.http?.port ?? 8080)
    let grpc = Address(
      host: host ?? network.listen?.host ?? "127.0.0.1", port: grpcPort ?? network.listen?.port ?? 9090)
    return Doors(http: share.hasEdge ? http : nil, grpc: share.contexts.isEmpty ? nil : grpc)
  }

  /// Serves a house and says where.
  ///
  /// - Parameter first: what is done with open doors before the house takes in events by itself.
  func serve(
    _ house: House, _ network: Network, first: @escaping @Sendable () async throws -> Void = {}
  ) async throws {
    let doors = doors(network, house.share)
    try await house.serve(
      doors, security: network.security,
      ready: {
        let clock = house.clock
        var words = ["Serving \(house.places.data), business day \(clock.today)\(clock.isSandbox ? " (sandbox)" : "")"]
        if !house.share.isWhole {
          words.append("  contexts  \(house.rooms.map(\.context.name).joined(separator: ", "))")
        }
        if let http = doors.http {
          words.append("  page      http://\(http)/")
          words.append("  API       http://\(http)/openapi.json")
        }
        if let grpc = doors.grpc { words.append("  gRPC      \(grpc)") }
        words.append("Press Ctrl-C to end.")
        Terminal.error(words.joined(separator: "\n"))
      }, first: first)
  }
}

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the page, the HTTP API and gRPC.",
    discussion: """
      A new data directory runs on the machine's time unless --sandbox gives it a clock of its own.

      With --only this process runs a part of the house; docs/operations.md says how the parts find each other.
      """)

  @OptionGroup var options: HouseOptions
  @OptionGroup var doors: DoorOptions

  @Option(help: "For a new data directory: a clock that starts on this day and stands still until it is moved.")
  var sandbox: CalendarDate?

  func run() async throws {
    LoggingSystem.bootstrap(
      { StreamLogHandler.standardError(label: $0, metadataProvider: $1) }, metadataProvider: Call.logMetadata)
    try await options.answering {
      let network = try options.network()
      // The edge alone takes in no events.
      let post = try await options.share().contexts.isEmpty ? nil : network.broker.open()
      do {
        try await options.withHouse(mayBeNew: true, start: sandbox, post: post) { house in
          try await doors.serve(house, network)
        }
      } catch {
        await post?.broker.close()
        throw error
      }
      await post?.broker.close()
    }
  }
}
