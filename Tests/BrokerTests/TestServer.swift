// A server of a test's own: on loopback, in a temporary folder, gone with the process.

import Foundation
import Synchronization

/// Why there is no server to test with.
struct NoServer: Error, CustomStringConvertible {
  let description: String
}

final class TestServer: Sendable {
  let port: UInt16
  /// Where it runs.
  let folder: URL
  private let program: String
  private let arguments: @Sendable (UInt16) -> [String]
  private let keeper = Mutex<Keeper?>(nil)

  /// Ends the server when its pipe closes, however this process ends.
  private struct Keeper: @unchecked Sendable {
    let process: Process
    let lifeline: Pipe
  }

  /// Makes a server that is not started.
  ///
  /// - Parameter arguments: by its port.
  init(_ program: String, arguments: @escaping @Sendable (UInt16) -> [String]) throws {
    self.program = program
    self.arguments = arguments
    port = try Self.freePort()
    let name = URL(filePath: program).lastPathComponent
    folder = FileManager.default.temporaryDirectory.appending(path: "premia-\(name)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func start() async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments =
      [
        "-c",
        """
        trap '' INT
        "$@" >>log 2>&1 </dev/null &
        echo $! >pid
        cat >/dev/null
        kill -KILL $!
        wait
        """, "sh", program,
      ] + arguments(port)
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let lifeline = Pipe()
    process.standardInput = lifeline
    try process.runHearingSignals()
    keeper.withLock { $0 = Keeper(process: process, lifeline: lifeline) }
    for _ in 0..<2_400 {
      if Self.isOpen(port) { return }
      try await Task.sleep(for: .milliseconds(25))
    }
    let log = (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "no log"
    throw NoServer(description: "The tests' \(program) did not start within a minute. It says:\n\(log)")
  }

  /// Ends it as a crash would, and returns when it is gone.
  func killAtOnce() {
    let words = try? String(contentsOf: folder.appending(path: "pid"), encoding: .utf8)
    if let process = words.flatMap({ pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }) {
      kill(process, SIGKILL)
    }
    while Self.isOpen(port) { usleep(5_000) }
    keeper.withLock { keeper in
      try? keeper?.lifeline.fileHandleForWriting.close()
      keeper = nil
    }
  }

  func end() {
    killAtOnce()
    try? FileManager.default.removeItem(at: folder)
  }

  static func freePort() throws -> UInt16 {
    let port: UInt16? = withSocket(0) { socket, address, length in
      var length = length
      guard bind(socket, address, length) == 0, getsockname(socket, address, &length) == 0 else { return nil }
      return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
    }
    guard let port else { throw NoServer(description: "no free port on 127.0.0.1") }
    return port
  }

  private static func withSocket<Found>(
    _ port: UInt16, _ body: (Int32, UnsafeMutablePointer<sockaddr>, socklen_t) -> Found
  ) -> Found {
    let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(opened) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(opened, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func isOpen(_ port: UInt16) -> Bool {
    withSocket(port) { socket, address, length in connect(socket, address, length) == 0 }
  }
}

extension Process {
  /// Runs it with no signal held back. Threads here hold back all of them, which a program inherits, and a shell that
  /// never hears of its child's end waits for ever.
  func runHearingSignals() throws {
    var none = sigset_t()
    var former = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    try run()
  }
}
