// A server of a test's own: on loopback, in a temporary folder, gone with the process.

import Foundation
import ServerTesting
import Synchronization

final class TestServer: Sendable {
  let port: UInt16
  /// Where it runs.
  let folder: URL
  private let program: String
  private let arguments: @Sendable (UInt16) -> [String]
  private let keeper = Mutex<ServerKeeper?>(nil)

  /// Makes a server that is not started.
  ///
  /// - Parameter arguments: by its port.
  init(_ program: String, arguments: @escaping @Sendable (UInt16) -> [String]) throws {
    self.program = program
    self.arguments = arguments
    port = try Loopback.freePort()
    let name = URL(filePath: program).lastPathComponent
    folder = FileManager.default.temporaryDirectory.appending(path: "premia-\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func start() async throws {
    let started = try ServerKeeper(
      [program] + arguments(port), in: folder.path, endingWith: "KILL", removingFolder: false)
    keeper.withLock { $0 = started }
    for _ in 0..<2_400 {
      if Loopback.isOpen(port) { return }
      try await Task.sleep(for: .milliseconds(25))
    }
    let log = (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "no log"
    throw NoServer(description: "The tests' \(program) did not start within a minute. It says:\n\(log)")
  }

  /// Ends it as a crash would, and returns when it is gone.
  func killAtOnce() {
    keeper.withLock { keeper in
      keeper?.letGo()
      keeper = nil
    }
    for _ in 0..<12_000 {
      guard Loopback.isOpen(port) else { return }
      usleep(5_000)
    }
  }

  func end() {
    killAtOnce()
    try? FileManager.default.removeItem(at: folder)
  }
}
