// Where a context is on the network.

import GRPCCore
import GRPCNIOTransportHTTP2
public import Kernel

/// A host and a port.
public struct Address: Hashable, Sendable, CustomStringConvertible {
  /// A name or an IPv4 address.
  public let host: String
  /// 0 for any that is free, which only a server can use.
  public let port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// - Parameter text: as `billing.premia:9090` or `127.0.0.1:9090`.
  /// - Throws: `Problem` where it is neither.
  public init(_ text: String) throws(Problem) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let port = Int(parts[1]), (0...65_535).contains(port) else {
      throw .field("address", "is '\(text)'; it is a host and a port, as billing:9090")
    }
    self.init(host: String(parts[0]), port: port)
  }

  public var description: String { "\(host):\(port)" }

  /// Whether it cannot be reached from another machine.
  public var isLoopback: Bool { host == "localhost" || (isIPv4 && host.hasPrefix("127.")) }

  var isIPv4: Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }

  static func target(_ addresses: [Address]) throws(Problem) -> any ResolvableTarget {
    if addresses.count == 1, let only = addresses.first, !only.isIPv4 {
      return .dns(host: only.host, port: only.port)
    }
    guard !addresses.isEmpty, addresses.allSatisfy(\.isIPv4) else {
      throw .field("addresses", "are \(addresses.map(\.description)); they are one name, or IPv4 addresses only")
    }
    return .ipv4(pairs: addresses.map { ($0.host, $0.port) })
  }
}

extension NameResolverRegistry {
  /// What addresses are made of, and nothing else.
  static var addresses: NameResolverRegistry {
    var registry = NameResolverRegistry()
    registry.registerFactory(Copies())
    registry.registerFactory(NameResolvers.IPv4())
    return registry
  }
}

/// Every address of a name is a copy of the context, so that they take turns. The library's own resolver takes them for
/// addresses of one copy, and stays with the first that answers.
private struct Copies: NameResolverFactory {
  typealias Target = ResolvableTargets.DNS

  func resolver(for target: Target) -> NameResolver {
    var resolver = NameResolvers.DNS().resolver(for: target)
    resolver.names = RPCAsyncSequence(
      wrapping: resolver.names.map { found in
        var found = found
        found.endpoints = found.endpoints.flatMap { $0.addresses.map { Endpoint(addresses: [$0]) } }
        return found
      })
    return resolver
  }
}
