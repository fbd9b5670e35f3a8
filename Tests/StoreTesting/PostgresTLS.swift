// A server that proves who it is.

public import PostgresStorage
import ServerTesting

/// A server on loopback with a certificate for "localhost", signed by "ours"; "others" signed nothing.
public struct CertifiedPostgres: Sendable {
  private let server: PostgresServer
  private let port: Int

  /// Makes the certificates and starts it.
  public init() async throws {
    port = try Int(Loopback.freePort())
    server = try await PostgresServer(
      [
        "listen_addresses=127.0.0.1", "ssl=on", "ssl_cert_file=../localhost.pem", "ssl_key_file=../localhost.key",
      ], port: port
    ) { _, run in
      for authority in ["ours", "others"] { try run(Certificate.making(authority, signedBy: nil)) }
      try run(Certificate.making("localhost", signedBy: "ours"))
    }
  }

  /// How to reach it over TCP.
  ///
  /// - Parameters:
  ///   - name: by which it is called.
  ///   - authority: who is believed.
  public func settings(calling name: String = "localhost", believing authority: String = "ours") -> PostgresSettings {
    var settings = PostgresSettings(
      connection: """
        host=\(name) hostaddr=127.0.0.1 port=\(port) user=premia dbname=postgres \
        sslrootcert=\(server.folder)/\(authority).pem
        """, schema: "certified")
    settings.sslmode = .verifyFull
    settings.partitions = 1
    return settings
  }
}
