// A server that proves who it is.

import Foundation
public import PostgresStorage

/// A server on loopback with a certificate for "localhost", signed by "ours"; "others" signed nothing.
public struct CertifiedPostgres: Sendable {
  private let server: PostgresServer
  private let port: Int

  /// Makes the certificates and starts it.
  public init() async throws {
    port = try Self.freePort()
    server = try await PostgresServer(
      [
        "listen_addresses=127.0.0.1", "ssl=on", "ssl_cert_file=../localhost.pem", "ssl_key_file=../localhost.key",
      ], port: port
    ) { _, run in
      for authority in ["ours", "others"] { try run(Self.certificate(of: authority, by: nil)) }
      try run(Self.certificate(of: "localhost", by: "ours"))
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

  private static func certificate(of name: String, by authority: String?) -> [String] {
    let signed =
      authority.map { ["-CA", "\($0).pem", "-CAkey", "\($0).key", "-addext", "subjectAltName=DNS:\(name)"] } ?? []
    return [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).pem",
    ] + signed
  }

  /// A port that nobody listens at, now.
  private static func freePort() throws -> Int {
    let door = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(door) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(door, $0, length) == 0 && getsockname(door, $0, &length) == 0
      }
    }
    guard isBound else { throw NoServer(description: "no port is free: \(String(cString: strerror(errno)))") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
