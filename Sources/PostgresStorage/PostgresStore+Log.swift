// Reading the log of publications by position, and passing by nothing that commits late.

public import Runtime

extension PostgresStore {
  public func published(
    after: Int64, limit: Int, about: String?
  ) async throws(StoreFailure) -> [(position: Int64, record: OutboxRecord)] {
    let matching =
      switch about {
      case nil: ""
      case "": "AND about = $3"
      // The second condition lets the planner see that the partial index serves.
      case .some: "AND about = $3 AND about <> ''"
      }
    let sql = """
      SELECT \(Self.isSettled), position, id, subject, about, envelope FROM outbox WHERE position > $1 \(matching)
      ORDER BY position LIMIT $2
      """
    let deadline = ContinuousClock.now + settings.patience
    var newest: Int64?
    while true {
      let page = try await all(sql, Publication.init(row:)) {
        $0.add(after)
        $0.add(Int64(limit))
        if let about { $0.add(about) }
      }
      let awaited = newest ?? page.last?.position ?? 0
      newest = awaited
      // What was published since the first look is waited for by the next call.
      let isSettled = page.allSatisfy { $0.isSettled || $0.position > awaited }
      if isSettled { return page.settled }
      guard await waits(until: deadline) else { return page.settled }
    }
  }

  public func lastPublished() async throws(StoreFailure) -> Int64 {
    let sql = "SELECT (SELECT max(position) FROM outbox), (SELECT max(position) FROM outbox WHERE \(Self.isSettled))"
    let deadline = ContinuousClock.now + settings.patience
    var newest: Int64?
    while true {
      let last = try await all(sql) { (any: $0.integer(0), settled: $0.integer(1)) }.first ?? (0, 0)
      let awaited = newest ?? last.any
      newest = awaited
      if last.settled >= awaited { return last.settled }
      guard await waits(until: deadline) else { return last.settled }
    }
  }

  /// Whether every transaction that could still publish at a lower position has ended: positions rise as transaction
  /// numbers do (see `publish()`), and none below a row's own is open.
  private static let isSettled = "xid < pg_snapshot_xmin(pg_current_snapshot())"

  /// Older transactions are open for a moment, but for one that hangs. So who reads what was committed before finds it.
  private func waits(until deadline: ContinuousClock.Instant) async -> Bool {
    guard ContinuousClock.now < deadline else { return false }
    return (try? await Task.sleep(for: .milliseconds(2))) != nil
  }
}

private struct Publication: Sendable {
  let isSettled: Bool
  let position: Int64
  let record: OutboxRecord

  init(row: ResultRow) {
    isSettled = row.integer(0) == 1
    position = row.integer(1)
    record = OutboxRecord(id: row.text(2), subject: row.text(3), about: row.text(4), envelope: row.bytes(5))
  }
}

extension [Publication] {
  /// Up to the first one that an open transaction may still come before.
  fileprivate var settled: [(position: Int64, record: OutboxRecord)] {
    prefix(while: \.isSettled).map { ($0.position, $0.record) }
  }
}
