// What the contexts still have to take in: sales that are invoiced may have left it behind in the others.

import Brokers
import Contracts
import Courier
import Kernel
import Runtime

/// The messages that are published and not taken in, as the broker counts them.
struct Backlog: Sendable {
  private let broker: NATSBroker
  private let listeners: [(context: String, source: String)]

  /// - Parameter lines: to all contexts, which say to whom they listen.
  static func open(_ settings: NATSSettings, _ lines: Lines) async throws -> Backlog {
    var listeners: [(context: String, source: String)] = []
    for (context, log) in lines.logs {
      let lags = try await ask { try await log.getLag(.init(), options: .bounded) }.lags
      listeners += lags.map { (context, $0.source) }
    }
    return Backlog(broker: try await NATSBroker.open(settings), listeners: listeners)
  }

  func close() async { await broker.close() }

  func count() async throws(BrokerFailure) -> Int64 {
    var count: Int64 = 0
    for (context, source) in listeners {
      count += try await broker.lag(of: context, behind: source).values.reduce(0, +)
    }
    return count
  }

  /// Returns when nothing is left, nor follows from it.
  func settled() async throws {
    let end = ContinuousClock.now + .seconds(120)
    var looks = 0
    while looks < 4 {
      looks = try await count() == 0 ? looks + 1 : 0
      guard ContinuousClock.now < end else {
        throw Problem(
          kind: .unavailable, code: "bench.backlog", detail: "After two minutes there are messages not taken in.",
          remedy: "Look into the logs of the contexts for what they could not take in.")
      }
      try await Task.sleep(for: .milliseconds(250))
    }
  }
}
