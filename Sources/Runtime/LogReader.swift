// A context that reads its own published log, behind what it decides: in order, a page a transaction. So work that
// would make every commit wait for one row, such as a number without gaps, is done for hundreds at a time afterwards.

public import Contracts

/// What a context makes of its own published log.
public struct LogReader: Sendable {
  /// Also the name of its place in the log. Stable.
  public let name: String
  let types: Set<String>
  let take: @Sendable ([Premia_Common_V1_Envelope], inout Unit) async throws -> Void

  /// - Parameters:
  ///   - types: of the events that it wants.
  ///   - take: gets some of them, in the order of the log; it may run more than once and has no effects beyond the
  ///     unit. The place in the log moves on in the same transaction.
  public init(
    _ name: String, of types: Set<String>,
    take: @escaping @Sendable ([Premia_Common_V1_Envelope], inout Unit) async throws -> Void
  ) {
    self.name = name
    self.types = types
    self.take = take
  }
}

extension Engine {
  /// Lets a reader take the next page of what this context published.
  ///
  /// - Returns: how many events were read; 0 at the end of the log.
  /// - Throws: what the reader throws, or `StoreFailure`; the page is read again by the next call.
  public func pump(_ reader: LogReader) async throws -> Int {
    let cursor = "log/\(reader.name)"
    let read = try await run(Act(correlation: cursor, causation: cursor)) { [store] unit in
      // In the unit: run again after a lost race, it starts where the other has come to.
      let place = try await store.cursor(cursor)
      let page = try await store.published(after: place, limit: pageSize, about: nil)
      guard let last = page.last else { return 0 }
      let wanted = try page.map { try Premia_Common_V1_Envelope(record: $0.record, position: $0.position) }
        .filter { reader.types.contains($0.type) }
      if !wanted.isEmpty { try await reader.take(wanted, &unit) }
      unit.moveCursor(cursor, from: place, to: last.position)
      return page.count
    }
    return read ?? 0
  }
}

/// Events a transaction.
private let pageSize = 512
