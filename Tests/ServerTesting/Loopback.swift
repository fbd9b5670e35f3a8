// Where servers of the tests listen.

import Foundation
import Synchronization

/// The ports of 127.0.0.1.
public enum Loopback {
  /// Below those that the kernel gives to whoever connects. A server that is killed finds its port free when it is
  /// started again, and who calls for it meanwhile does not happen to call from that port, and reach himself.
  private static let ports: Range<UInt16> = 20_000..<32_000
  private static let given = Mutex<Set<UInt16>>([])

  /// A port that nobody listens at, given to nobody else of this process.
  public static func freePort() throws -> UInt16 {
    for _ in 0..<1_000 {
      let port = UInt16.random(in: ports)
      let isNew = given.withLock { $0.insert(port).inserted }
      if isNew, withSocket(port, { bind($0, $1, $2) == 0 }) { return port }
    }
    throw NoServer(description: "no port of 127.0.0.1 is free")
  }

  /// Whether somebody listens at a port.
  public static func isOpen(_ port: UInt16) -> Bool { withSocket(port) { connect($0, $1, $2) == 0 } }

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
}
