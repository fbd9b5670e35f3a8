// Who works on which stream, where several copies of a context share the work.

public import Kernel
public import Runtime

extension PostgresStore {
  public func claim(
    _ kind: String, through: Instant, limit: Int, lease: Lease
  ) async throws(StoreFailure) -> [StoredStream] {
    // At the end of the list once more, waiting for streams that somebody is changing at this moment.
    for lock in ["FOR UPDATE OF streams SKIP LOCKED", "FOR UPDATE OF streams"] {
      while true {
        let page = try await page(of: kind, through: through, limit: limit, lease: lease, lock)
        if page.isEmpty { break }
        let claimed = page.filter(\.isClaimed).map(\.stored)
        if !claimed.isEmpty { return claimed }
      }
    }
    return []
  }

  public func hold(_ work: [String], lease: Lease) async throws(StoreFailure) -> Set<String> {
    guard !work.isEmpty else { return [] }
    let sql = """
      INSERT INTO leases AS held (stream, holder, until)
      SELECT name, $2, clock_timestamp() + $3::bigint * interval '1 millisecond' FROM unnest($1::text[]) AS name
      ON CONFLICT (stream) DO UPDATE SET holder = excluded.holder, until = excluded.until
      WHERE held.until <= clock_timestamp() OR held.holder = excluded.holder RETURNING held.stream
      """
    // In one order everywhere, so that two who ask for the same do not wait for each other.
    let names = work.sorted().map { Self.workPrefix + $0 }
    let held = try await all(sql, { $0.text(0) }) { parameters in
      parameters.add(texts: names)
      parameters.add(lease.holder)
      parameters.add(lease.duration.milliseconds)
    }
    return lease.duration > .zero ? Set(held.map { String($0.dropFirst(Self.workPrefix.count)) }) : []
  }

  public func holders(of prefix: String) async throws(StoreFailure) -> [String: String] {
    let sql = "SELECT stream, holder FROM leases WHERE starts_with(stream, $1) AND until > clock_timestamp()"
    let found = try await all(sql, { (name: $0.text(0), holder: $0.text(1)) }) { $0.add(Self.workPrefix + prefix) }
    return Dictionary(
      found.map { (String($0.name.dropFirst(Self.workPrefix.count)), $0.holder) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Before the names of work that is no stream; no stream's name begins like this.
  private static let workPrefix = "work/"

  public func release(_ holder: String) async throws(StoreFailure) {
    // And with them what killed copies left behind, long after it ran out.
    let sql = "DELETE FROM leases WHERE holder = $1 OR until < now() - interval '1 day'"
    _ = try await all(sql, { _ in true }) { $0.add(holder) }
  }

  private struct Found: Sendable {
    let stored: StoredStream
    let isClaimed: Bool
  }

  /// Claimers that meet pass by what the other one has locked. Where one of them had read a stream before the other
  /// committed, the row of the lease decides, and the stream is in the page without being claimed.
  private func page(
    of kind: String, through: Instant, limit: Int, lease: Lease, _ lock: String
  ) async throws(StoreFailure) -> [Found] {
    let sql = """
      WITH page AS MATERIALIZED (
        SELECT \(Self.streamColumns) FROM streams
        WHERE kind = $1 AND due <= $2
          AND NOT EXISTS (SELECT FROM leases WHERE leases.stream = streams.stream AND until > clock_timestamp())
        ORDER BY due, stream LIMIT $3 \(lock)
      ), claimed AS (
        INSERT INTO leases AS held (stream, holder, until)
        SELECT stream, $4, clock_timestamp() + $5::bigint * interval '1 millisecond' FROM page
        ON CONFLICT (stream) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE held.until <= clock_timestamp() RETURNING held.stream, true AS is_claimed
      )
      SELECT \(Self.streamColumns), coalesce(is_claimed, false) FROM page LEFT JOIN claimed USING (stream)
      ORDER BY due, stream
      """
    var statement = Statement(sql: sql)
    statement.parameters.add(kind)
    statement.parameters.add(through.microseconds)
    statement.parameters.add(Int64(limit))
    statement.parameters.add(lease.holder)
    statement.parameters.add(lease.duration.milliseconds)
    // Not asked again after a broken line: what was claimed then would be nobody's until the lease runs out.
    return try await pool.run(isRepeatable: false) { [statement] connection throws(PostgresFailure) in
      try connection.all(statement) { Found(stored: StoredStream(row: $0), isClaimed: $0.integer(5) == 1) }
    }
  }
}
