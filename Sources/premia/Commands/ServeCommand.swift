// serve: the doors.

import ArgumentParser
import Kernel

struct DoorOptions: ParsableArguments {
  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "The port of the HTTP door and the page.")
  var port = 8080

  @Option(help: "The port of the gRPC door.")
  var grpcPort = 9090

  func validate() throws {
    for (name, value) in [("--port", port), ("--grpc-port", grpcPort)] where !(1...65_535).contains(value) {
      throw ValidationError("\(name) is 1 to 65535.")
    }
    if port == grpcPort { throw ValidationError("--port and --grpc-port are two doors; give each its own.") }
  }

  var doors: Doors { Doors(host: host, port: port, grpcPort: grpcPort) }

  /// Serves a house and says where.
  ///
  /// - Parameter first: what is done with open doors before the house takes in events by itself.
  func serve(_ house: House, first: @escaping @Sendable () async throws -> Void = {}) async throws {
    try await house.serve(
      doors,
      ready: {
        Terminal.error(
          """
          Serving \(house.places.data), business day \(house.clock.today)\(house.clock.isSandbox ? " (sandbox)" : "")
            page      http://\(host):\(port)/
            API       http://\(host):\(port)/openapi.json
            gRPC      \(host):\(grpcPort)
          Press Ctrl-C to end.
          """)
      }, first: first)
  }
}

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the page, the HTTP API and gRPC.",
    discussion: "A new data directory runs on the machine's time unless --sandbox gives it a clock of its own.")

  @OptionGroup var options: HouseOptions
  @OptionGroup var doors: DoorOptions

  @Option(help: "For a new data directory: a clock that starts on this day and stands still until it is moved.")
  var sandbox: CalendarDate?

  func run() async throws {
    try await options.withHouse(mayBeNew: true, start: sandbox) { house in try await doors.serve(house) }
  }
}
