// A context that is run in this process.

import Courier
import GRPCCore
import Runtime

/// A context that is open: its store, its engine, what it listens to and the line to it.
struct Room: Sendable {
  let context: Context
  let engine: Engine
  /// What it listens to. Where a broker brings that, these only say how far it is, and redrive and replay.
  let consumers: [Consumer]
  /// The same, reading the logs themselves.
  private let shortcuts: [Consumer]
  /// What takes events in from the broker, and what hands its own over; none without one.
  let intakes: [Intake]
  let relay: Relay?
  let log: EventLogService
  let line: Line
  let services: [any RegistrableRPCService]

  /// - Parameters:
  ///   - feeds: of all contexts, to listen to.
  ///   - post: nil where no broker is used.
  init(
    _ context: Context, _ engine: Engine, feeds: [String: any Feed], post: Post?,
    services: [any RegistrableRPCService]
  ) {
    self.context = context
    self.engine = engine
    let heard = context.sources.map { source in
      guard let feed = feeds[source] else {
        preconditionFailure("\(context.name) listens to \(source): no such context")
      }
      return (feed: feed, subscriptions: context.subscriptions.filter { $0.source == source })
    }
    if let post {
      intakes = heard.map { feed, subscriptions in
        Intake(
          engine: engine, log: feed, broker: post.broker, partitions: post.partitions, subscriptions: subscriptions)
      }
      consumers = intakes.map(\.consumer)
      shortcuts = intakes.map(\.shortcut)
      // A shared store is looked at for others anyway, and rings (House+Serve.swift).
      relay = Relay(engine: engine, broker: post.broker, partitions: post.partitions, poll: .seconds(1))
    } else {
      intakes = []
      consumers = heard.map { feed, subscriptions in
        Consumer(engine: engine, feed: feed, subscriptions: subscriptions)
      }
      shortcuts = consumers
      relay = nil
    }
    log = EventLogService(engine: engine, consumers: consumers)
    self.services = services
    line = Line(services: services + [log])
  }
}

/// How far a context is with what others published.
struct CaughtUp: Sendable {
  /// Events that were read just now.
  var read: Int64 = 0
  /// The end of the context's own log.
  var lastPublished: Int64 = 0
}

extension Room {
  /// Takes in the next page of each log, also of what a broker has not brought yet, and reads the context's own log.
  func catchUp() async throws -> CaughtUp {
    let read = try await withThrowingTaskGroup(of: Int.self) { group in
      for consumer in shortcuts { group.addTask { try await consumer.pump() } }
      for reader in context.readers { group.addTask { try await engine.pump(reader) } }
      return try await group.reduce(0, +)
    }
    return CaughtUp(read: Int64(read), lastPublished: try await engine.store.lastPublished())
  }
}
