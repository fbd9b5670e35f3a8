// Serving: the gRPC door, the HTTP door with the page, and the work that goes on behind them.

import Courier
import Edge
import GRPCCore
import Hummingbird
import Kernel
import Logging
import Runtime
import Synchronization
import Web

/// Where the doors are; nil where there is none.
struct Doors: Sendable {
  var http: Address?
  var grpc: Address?
}

extension House {
  /// Serves until the process is told to end. Then whoever is being served is answered first.
  ///
  /// - Parameters:
  ///   - security: who may call from outside of this machine.
  ///   - ready: called once the doors are open.
  ///   - first: what is done with open doors before the house takes in events by itself.
  /// - Throws: `Problem` naming the door that cannot be opened.
  func serve(
    _ doors: Doors, security: Security = .plaintext, ready: @escaping @Sendable () async -> Void,
    first: @escaping @Sendable () async throws -> Void = {}
  ) async throws {
    let own = Line(services: [HouseService(house: self)])
    let server = try doors.grpc.map { try ContextServer(services: servedServices, at: $0, security: security) }
    let serveHTTP = try doors.http.map { try httpDoor(at: $0, house: own, ready: ready) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await own.run() }
      if let server, let address = doors.grpc {
        group.addTask { try await Self.serve(server, at: address) }
      }
      // It opens after the gRPC door, so that who finds it open finds both.
      group.addTask {
        if let server {
          // Why it did not open is told by who opens it.
          guard (try? await server.address) != nil else { return }
        }
        if let serveHTTP {
          try await serveHTTP()
        } else {
          await ready()
          await Ending.asked()
        }
        // Nobody calls a whole house but from outside: nobody has to be told first to go elsewhere.
        await server?.drain(notice: self.share.isWhole ? .zero : .seconds(2))
        if server == nil { throw CancellationError() }
      }
      group.addTask {
        try await first()
        try await self.listen()
      }
      if !clock.isSandbox { group.addTask { try await self.liveByTheClock() } }
      // However one of them ends, everything else is ended with it.
      defer {
        own.close()
        group.cancelAll()
      }
      // One at a time: `waitForAll` would hold a failure back until all the others had ended.
      do {
        for try await _ in group {}
      } catch is CancellationError {}
    }
  }

  /// What other processes may ask of this one.
  private var servedServices: [any RegistrableRPCService] {
    var services = rooms.flatMap(\.services)
    services.append(EventLogs(Dictionary(uniqueKeysWithValues: rooms.map { ($0.context.name, $0.log) })))
    services.append(UpkeepService(house: self))
    // The clock and the checks are with the files.
    if share.contexts.contains("exchange") { services.append(HouseService(house: self)) }
    return services
  }

  /// The HTTP door, to be opened. It ends on SIGINT and SIGTERM.
  private func httpDoor(
    at address: Address, house own: Line, ready: @escaping @Sendable () async -> Void
  ) throws -> @Sendable () async throws -> Void {
    var lines = lineByContext
    lines["house"] = share.contexts.contains("exchange") ? own : lines["exchange"]
    let router = Router()
    try Edge(lines: lines).routes(on: router)
    try Web(lines: lines) { [clock] in clock.today.description }.routes(on: router)
    var logger = Logger(label: "premia.http")
    logger.logLevel = .warning
    let application = Application(
      router: router, configuration: .init(address: .hostname(address.host, port: address.port), serverName: "premia"),
      onServerRunning: { _ in await ready() }, logger: logger)
    return {
      do {
        try await application.runService()
      } catch {
        throw Problem.door("HTTP", address, choose: "--port", error)
      }
    }
  }

  /// Serves other processes until the door is drained, which ends everything.
  private static func serve(_ server: ContextServer, at address: Address) async throws {
    do {
      try await withTaskCancellationHandler {
        try await server.run()
      } onCancel: {
        Task { await server.drain(notice: .zero, within: .seconds(1)) }
      }
    } catch {
      throw Problem.door("gRPC", address, choose: "--grpc-port", error)
    }
    throw CancellationError()
  }

  /// Takes in what is published, as it is published.
  private func listen() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for room in rooms {
        let engine = room.engine
        if let relay = room.relay {
          group.addTask { await relay.run { engine.tell($0, "relaying") } }
          for intake in room.intakes { group.addTask { await intake.run { engine.tell($0, "taking in") } } }
        } else {
          for consumer in room.consumers { group.addTask { try await self.listen(consumer, engine) } }
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

  /// Reads one log into one context.
  private func listen(_ consumer: Consumer, _ engine: Engine) async throws {
    guard let source = rooms.first(where: { $0.context.name == consumer.feed.source }) else {
      // Nothing rings for what another process publishes.
      return try await engine.keepOn(apart: true) {
        if try await consumer.pump() == 0 { try await Task.sleep(for: .milliseconds(200)) }
      }
    }
    let bell = source.engine.bell
    try await engine.keepOn {
      let rings = bell.rings
      if try await consumer.pump() == 0 { await bell.wait(since: rings) }
    }
  }

  /// On the machine's time: looks once a minute for what has become due.
  private func liveByTheClock() async throws {
    guard let engine = rooms.first?.engine else { return }
    try await engine.keepOn(apart: !share.isWhole) {
      if share.isWhole { try await liveThroughDay() } else { try await liveThroughOwnDay() }
      try await Task.sleep(for: .seconds(60))
    }
  }
}

extension Engine {
  /// Works until the task is cancelled; waits while a store that several share is away, as it is when another server
  /// takes over.
  ///
  /// - Parameter apart: whether other processes are asked too, and are waited for.
  fileprivate func keepOn(apart: Bool = false, _ work: () async throws -> Void) async throws {
    var failures = 0
    while !Task.isCancelled {
      do {
        try await work()
        failures = 0
      } catch let failure where (store.isShared || apart) && Problem(anything: failure).mayPass {
        failures += 1
        tell(failure, "waiting")
        try await Task.sleep(for: Backoff.outage.delay(attempt: failures))
      }
    }
  }

  /// Says in the log what is lived through; what lasts, once a minute.
  fileprivate func tell(_ failure: any Error, _ doing: String) {
    let words = "\(context), \(doing): \(Problem(anything: failure).detail)"
    if Said.lately.isNew(words) { Logger(label: "premia.house").warning("\(words)") }
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

/// What the log was told within a minute: a hundred lines to a broker that is away all have the same to say.
private final class Said: Sendable {
  static let lately = Said()

  private let times = Mutex<[String: ContinuousClock.Instant]>([:])

  func isNew(_ words: String) -> Bool {
    let now = ContinuousClock.now
    return times.withLock { times in
      if let last = times[words], now - last < .seconds(60) { return false }
      times = times.filter { now - $0.value < .seconds(60) }
      times[words] = now
      return true
    }
  }
}

extension Problem {
  /// Whether the same may succeed later.
  var mayPass: Bool { kind == .unavailable || kind == .exhausted }

  fileprivate static func door(
    _ door: String, _ address: Address, choose option: String, _ error: any Error
  ) -> Problem {
    Problem(
      kind: .unavailable, code: "serve.door", detail: "The \(door) door at \(address) cannot be opened: \(error).",
      remedy: "End what listens there, or choose another with \(option) (and --host).")
  }
}
