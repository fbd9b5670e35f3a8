// Certificates that tests make for themselves.

import Courier
import Foundation
import Synchronization

/// A certificate authority, in a folder of its own.
final class Authority: Sendable {
  /// One for all tests, and one that it does not vouch for: each certificate is made once.
  static let ours = Result { try Authority() }
  static let others = Result { try Authority() }

  private let folder: URL
  private let made = Mutex<[String: Identity]>([:])

  private init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "premia-authority-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try openssl(["req", "-x509"] + Self.newKey("authority") + ["-out", "authority.pem", "-days", "2"], "authority")
  }

  /// - Parameter days: for which the certificate is good; -1 for one that has expired.
  func identity(_ name: String, days: Int = 1) throws -> Identity {
    try made.withLock { made in
      let identity = try made["\(name) \(days)"] ?? make(name, days: days)
      made["\(name) \(days)"] = identity
      return identity
    }
  }

  private func make(_ subject: String, days: Int) throws -> Identity {
    let name = "\(subject)\(days)"
    try Data("subjectAltName=DNS:\(subject)\n".utf8).write(to: folder.appending(path: "\(name).ext"))
    try openssl(["req"] + Self.newKey(name) + ["-out", "\(name).csr"], name)
    try openssl([
      "x509", "-req", "-in", "\(name).csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
      "-out", "\(name).pem", "-days", "\(days)", "-extfile", "\(name).ext",
    ])
    return Identity(certificate: path("\(name).pem"), key: path("\(name).key"), authority: path("authority.pem"))
  }

  /// The same one, who trusts another authority.
  func identity(_ name: String, trusting other: Authority) throws -> Identity {
    let own = try identity(name)
    return Identity(certificate: own.certificate, key: own.key, authority: other.path("authority.pem"))
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private static func newKey(_ name: String) -> [String] {
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key"]
  }

  private func openssl(_ arguments: [String], _ subject: String? = nil) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments + (subject.map { ["-subj", "/CN=\($0)"] } ?? [])
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}
