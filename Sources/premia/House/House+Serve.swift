// Serving: the gRPC door, the HTTP door with the page, and the work that goes on behind them.

import Courier
import Edge
import GRPCCore
import GRPCNIOTransportHTTP2
import Hummingbird
import Kernel
import Logging
import Runtime
import Web

/// Where the doors are.
struct Doors: Sendable {
  var host = "127.0.0.1"
  var port = 8080
  var grpcPort = 9090
}

extension House {
  /// Serves until the process is told to end.
  ///
  /// - Parameters:
  ///   - ready: called once the doors are open.
  ///   - first: what is done with open doors before the house takes in events by itself.
  /// - Throws: `Problem` naming the door that cannot be opened.
  func serve(
    _ doors: Doors, ready: @escaping @Sendable () async -> Void,
    first: @escaping @Sendable () async throws -> Void = {}
  ) async throws {
    let own = Line(services: [HouseService(house: self)])
    var byContext = ["house": own]
    for room in rooms { byContext[room.context.name] = room.line }
    let edge = try Edge(lines: byContext)
    let web = try Web(lines: byContext) { [clock] in clock.today.description }
    let router = Router()
    edge.routes(on: router)
    web.routes(on: router)
    var logger = Logger(label: "premia.http")
    logger.logLevel = .warning
    let application = Application(
      router: router, configuration: .init(address: .hostname(doors.host, port: doors.port), serverName: "premia"),
      onServerRunning: { _ in await ready() }, logger: logger)
    let server = GRPCServer(
      transport: .http2NIOPosix(
        address: .ipv4(host: doors.host, port: doors.grpcPort), transportSecurity: .plaintext),
      services: rooms.flatMap(\.services) + [HouseService(house: self)], interceptors: incomingInterceptors)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await own.run() }
      group.addTask {
        do {
          try await server.serve()
        } catch {
          throw Problem.door("gRPC", doors.host, doors.grpcPort, choose: "--grpc-port", error)
        }
      }
      // Ends on SIGINT and SIGTERM. It opens after the gRPC door, so that who finds it open finds both.
      group.addTask {
        _ = try await server.listeningAddress
        do {
          try await application.runService()
        } catch {
          throw Problem.door("HTTP", doors.host, doors.port, choose: "--port", error)
        }
        throw CancellationError()
      }
      group.addTask {
        try await first()
        try await self.listen()
      }
      if !clock.isSandbox { group.addTask { try await self.liveByTheClock() } }
      // However one of them ends, everything else is ended with it.
      defer {
        server.beginGracefulShutdown()
        own.close()
        group.cancelAll()
      }
      // One at a time: `waitForAll` would hold a failure back until all the others had ended.
      do {
        for try await _ in group {}
      } catch is CancellationError {}
    }
  }

  /// Takes in what is published, as it is published.
  private func listen() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for room in rooms {
        let engine = room.engine
        for consumer in room.consumers {
          let bell = try self.room(consumer.feed.source).engine.bell
          group.addTask {
            try await engine.keepOn {
              let rings = bell.rings
              if try await consumer.pump() == 0 { await bell.wait(since: rings) }
            }
          }
        }
        for reader in room.context.readers {
          group.addTask {
            try await engine.keepOn {
              let rings = engine.bell.rings
              if try await engine.pump(reader) == 0 { await engine.bell.wait(since: rings) }
            }
          }
        }
        if engine.store.isShared { group.addTask { try await engine.ringForOthers() } }
      }
      for try await _ in group {}
    }
  }

  /// On the machine's time: looks once a minute for what has become due.
  private func liveByTheClock() async throws {
    try await room("policy").engine.keepOn {
      try await liveThroughDay()
      try await Task.sleep(for: .seconds(60))
    }
  }
}

extension Engine {
  /// Works until the task is cancelled; waits while a store that several share is away, as it is when another server
  /// takes over.
  fileprivate func keepOn(_ work: () async throws -> Void) async throws {
    var failures = 0
    while !Task.isCancelled {
      do {
        try await work()
        failures = 0
      } catch let failure where store.isShared && Problem(anything: failure).kind == .unavailable {
        failures += 1
        Logger(label: "premia.house").warning("\(context) waits: \(Problem(anything: failure).detail)")
        try await Task.sleep(for: Backoff.outage.delay(attempt: failures))
      }
    }
  }

  /// What another copy publishes rings no bell in this process.
  fileprivate func ringForOthers() async throws {
    var known: Int64 = 0
    try await keepOn {
      let last = try await store.lastPublished()
      if last != known { bell.ring() }
      known = last
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}

extension Problem {
  fileprivate static func door(
    _ door: String, _ host: String, _ port: Int, choose option: String, _ error: any Error
  ) -> Problem {
    Problem(
      kind: .unavailable, code: "serve.door", detail: "The \(door) door at \(host):\(port) cannot be opened: \(error).",
      remedy: "End what listens there, or choose another with \(option) (and --host).")
  }
}
