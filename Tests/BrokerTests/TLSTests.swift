// Servers prove who they are, or nothing is handed to them.

import Brokers
import Foundation
import Kernel
import ServerTesting
import Testing

@Suite("A NATS server with a certificate")
struct TLSTests {
  @Test("is refused where nobody vouches for it, or for its name")
  func refused() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "premia-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for authority in ["ours", "others"] {
      try Process.finish(Certificate.making(authority, signedBy: nil), in: folder.path)
    }
    try Process.finish(Certificate.making("broker.test", signedBy: "ours"), in: folder.path)
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
}
