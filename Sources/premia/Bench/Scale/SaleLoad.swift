// Sales that begin at fixed times, whether those before them have ended or not, as customers do. So a house that does
// not keep up shows by what it leaves behind, and not by customers who wait politely.

import Contracts
import Courier
import Kernel
import SwiftProtobuf
import Synchronization

/// Sells at a rate, and watches Billing's log for the invoices.
final class SaleLoad: Sendable {
  static let invoiced = "Invoice.Issued"

  /// What came of sales at one rate.
  struct Outcome: Sendable {
    /// Milliseconds from when a policy was to be bound until its invoice was there; of all sales.
    let spread: Spread
    /// Whether nobody was turned away, all that was sold was invoiced a second after the last sale began, and a second
    /// later no context had anything left to take in.
    let isKept: Bool
  }

  private struct Seen {
    /// When a policy was to be bound, of those whose invoice is awaited.
    var bound: [String: ContinuousClock.Instant] = [:]
    /// Invoices that were there before the answer of the policy's binding was.
    var early: [String: ContinuousClock.Instant] = [:]
    var milliseconds: [Double] = []
    /// Sales that the house was too busy for.
    var turnedAway = 0
  }

  private let lines: Lines
  private let backlog: Backlog
  private let seen = Mutex(Seen())

  init(_ lines: Lines, _ backlog: Backlog) {
    self.lines = lines
    self.backlog = backlog
  }

  /// Watches Billing's log while the body runs.
  func watching<Answer: Sendable>(_ body: @escaping @Sendable (SaleLoad) async throws -> Answer) async throws -> Answer
  {
    let request = Premia_Common_V1_ReadLogRequest.with { $0.limit = 1 }
    let start = try await ask { try await lines.billingLog.read(request, options: .bounded) }.lastPosition
    return try await withThrowingTaskGroup(of: Answer?.self) { group in
      group.addTask {
        try await self.watch(from: start)
        return nil
      }
      group.addTask { try await body(self) }
      defer { group.cancelAll() }
      for try await answer in group { if let answer { return answer } }
      throw CancellationError()
    }
  }

  /// Sells for a while at a rate, once nothing is left of what was sold before, then waits until all is invoiced.
  func sell(perSecond rate: Double, seconds: Int) async throws -> Outcome {
    try await backlog.settled()
    let seller = Seller(lines: lines, name: "load-\(rate)-\(UInt32.random(in: .min ... .max))")
    let sales = max(1, Int(rate * Double(seconds)))
    seen.withLock { ($0.milliseconds, $0.turnedAway) = ([], 0) }
    let start = ContinuousClock.now
    return try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<sales {
        try await Task.sleep(until: start + .seconds(Double(number) / rate))
        group.addTask { try await self.sell(seller, number) }
      }
      try await Task.sleep(for: .seconds(1))
      let isInvoiced = invoicedCount == sales
      try await Task.sleep(for: .seconds(1))
      let left = try await backlog.count()
      try await group.waitForAll()
      let end = ContinuousClock.now + .seconds(60)
      let sold = sales - seen.withLock { $0.turnedAway }
      while invoicedCount < sold {
        guard ContinuousClock.now < end else {
          throw Problem(
            kind: .unavailable, code: "bench.no_invoice",
            detail: "\(sold - invoicedCount) of \(sales) policies have no invoice a minute after they were bound.",
            remedy: "Look into the log of Billing for what it could not take in.")
        }
        try await Task.sleep(for: .milliseconds(20))
      }
      return Outcome(spread: Spread(seen.withLock { $0.milliseconds }), isKept: isInvoiced && left == 0)
    }
  }

  private var invoicedCount: Int { seen.withLock { $0.milliseconds.count } }

  private func sell(_ seller: Seller, _ number: Int) async throws {
    let policy: String
    let start: ContinuousClock.Instant
    do {
      policy = try await seller.apply(number)
      start = .now
      try await seller.bind(policy, number)
    } catch let problem as Problem where problem.mayPass {
      return seen.withLock { $0.turnedAway += 1 }
    }
    seen.withLock { seen in
      if let end = seen.early.removeValue(forKey: policy) {
        seen.milliseconds.append((end - start) / .milliseconds(1))
      } else {
        seen.bound[policy] = start
      }
    }
  }

  private func watch(from start: Int64) async throws {
    var place = start
    while true {
      let request = Premia_Common_V1_ReadLogRequest.with {
        $0.afterPosition = place
        $0.limit = 1_000
      }
      let page = try await ask { try await lines.billingLog.read(request, options: .bounded) }
      let now = ContinuousClock.now
      seen.withLock { seen in
        for event in page.events where event.type == Self.invoiced {
          if let start = seen.bound.removeValue(forKey: event.about) {
            seen.milliseconds.append((now - start) / .milliseconds(1))
          } else {
            seen.early[event.about] = now
          }
        }
      }
      place = page.events.last?.position ?? place
      // More often would be a load of its own; what is measured is longer by half of it.
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

/// The highest load that is kept up with, and how long an invoice takes at half of it.
struct LoadedHouse: Sendable {
  let mostPerSecond: Double
  let atHalf: Spread

  /// - Parameter seconds: of the measurement; a step of the search has half of them.
  /// - Throws: `Problem` where not even the least load is kept up with.
  static func measure(_ lines: Lines, _ backlog: Backlog, seconds: Int) async throws -> LoadedHouse {
    try await SaleLoad(lines, backlog).watching { load in
      var search = LoadSearch(from: 4)
      while let rate = search.next {
        let outcome = try await load.sell(perSecond: rate, seconds: max(4, seconds / 2))
        search.tell(rate, isKept: outcome.isKept)
        Terminal.error("bench: \(rate) sales/s are \(outcome.isKept ? "kept up with" : "too many")")
      }
      guard let most = search.kept else {
        throw Problem(
          kind: .exhausted, code: "bench.too_slow", detail: "The house does not keep up with one sale a second.",
          remedy: "Measure a release build, on a machine that does nothing else.")
      }
      return LoadedHouse(
        mostPerSecond: most, atHalf: try await load.sell(perSecond: most / 2, seconds: seconds * 2).spread)
    }
  }
}
