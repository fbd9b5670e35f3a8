// Servers prove who they are, or nothing is handed to them.

import Brokers
import Foundation
import Kernel
import Testing

@Suite("A NATS server with a certificate")
struct TLSTests {
  @Test("is refused where nobody vouches for it, or for its name")
  func refused() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "premia-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for authority in ["ours", "others"] { try Self.certify(authority, by: nil, in: folder) }
    try Self.certify("broker.test", by: "ours", in: folder)
    let certificate = "cert_file: \"\(folder.path)/broker.test.pem\"\n key_file: \"\(folder.path)/broker.test.key\""
    let server = try await NATSServer(more: "tls {\n \(certificate)\n}")
    defer { server.end() }

    func code(_ authority: String, name: String) async throws -> String? {
      var settings = server.settings
      settings.tls = NATSSettings.TLS(
        authorities: folder.appending(path: "\(authority).pem").path, serverName: name)
      do {
        await (try NATSBroker.open(settings)).close()
        return nil
      } catch let problem as Problem {
        return problem.code
      }
    }
    #expect(try await code("ours", name: "broker.test") == nil)
    #expect(try await code("others", name: "broker.test") == "broker.refused")
    #expect(try await code("ours", name: "elsewhere.test") == "broker.refused")
  }

  /// Makes a key and a certificate of that name.
  ///
  /// - Parameter authority: who signs; nil for an authority.
  private static func certify(_ name: String, by authority: String?, in folder: URL) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.currentDirectoryURL = folder
    let kind =
      authority.map { ["-CA", "\($0).pem", "-CAkey", "\($0).key", "-addext", "subjectAltName=DNS:\(name)"] } ?? []
    process.arguments =
      [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).pem",
      ] + kind
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw NoServer(description: "openssl makes no certificate of \(name)") }
  }
}
