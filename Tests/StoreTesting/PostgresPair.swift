// A primary that dies, and the standby that takes its place.

public import PostgresStorage
import ServerTesting

/// Two servers, of which the second has every commit that the first has answered.
public struct PostgresPair: Sendable {
  private let primary: PostgresServer
  private let standby: PostgresServer

  /// Starts both.
  public init() async throws {
    primary = try await PostgresServer([
      "wal_level=replica", "synchronous_commit=on", "synchronous_standby_names=*",
    ])
    // Promoted, it has no standby to wait for.
    standby = try await PostgresServer(["synchronous_standby_names="], standbyOf: primary)
    let session = try PostgresSession(PostgresSettings(connection: primary.connection, schema: "pg_catalog"))
    for _ in 0..<1_200 {
      if try session.run("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == ["1"] { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw NoServer(description: "The standby in \(standby.folder) has not followed within a minute")
  }

  /// A schema in whichever of the two takes writes.
  public var settings: PostgresSettings {
    var settings = PostgresSettings(
      connection: "host=\(primary.folder),\(standby.folder) user=premia dbname=postgres sslmode=disable",
      schema: "failover")
    settings.partitions = 2
    return settings
  }

  /// Kills the primary; nobody takes writes then.
  public func killPrimary() throws { try primary.cutPower() }

  /// Makes the standby take writes.
  public func promote() throws {
    let session = try PostgresSession(PostgresSettings(connection: standby.connection, schema: "pg_catalog"))
    guard try session.run("SELECT pg_promote(wait_seconds => 30)") == ["t"] else {
      throw NoServer(description: "The standby in \(standby.folder) was not promoted")
    }
  }
}
