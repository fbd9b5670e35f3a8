// Where a process listens, where the contexts are that it does not run, who it is, and what carries events.

import Courier
import Kernel

/// The network as the settings have it.
struct Network: Sendable {
  /// The door of gRPC and of HTTP; nil where the settings name none.
  let listen: Address?
  let http: Address?
  /// Where contexts are that other processes run.
  let addresses: [String: [Address]]
  /// How calls are kept safe; between processes only what the settings say.
  let security: Security
  let broker: BrokerChoice
  /// To name what is missing.
  private let settings: Settings
  private let isSecuritySaid: Bool

  /// All keys that are read here.
  static let keys = Set(
    ["listen", "http", "plaintext"] + tlsKeys + House.contextNames.map(addressKey) + BrokerChoice.keys)

  private static let tlsKeys = ["tls.certificate", "tls.key", "tls.authority"]

  private static func addressKey(_ context: String) -> String { "contexts.\(context).address" }

  /// - Throws: `Problem` naming the setting that is wrong.
  init(_ settings: Settings) throws(Problem) {
    self.settings = settings
    listen = try settings.address("listen")
    http = try settings.address("http")
    var addresses: [String: [Address]] = [:]
    for context in House.contextNames { addresses[context] = try settings.addresses(Self.addressKey(context)) }
    self.addresses = addresses
    let tls = Self.tlsKeys.compactMap { settings[$0] }
    let isPlaintext = try settings.flag("plaintext")
    if tls.count == Self.tlsKeys.count {
      if isPlaintext { throw settings.problem("plaintext", "is true beside certificates; it is one or the other") }
      security = .mutual(Identity(certificate: tls[0], key: tls[1], authority: tls[2]))
    } else {
      if !tls.isEmpty, let missing = Self.tlsKeys.first(where: { settings[$0] == nil }) {
        throw settings.problem(missing, "is missing; a process has a certificate, its key and an authority")
      }
      security = .plaintext
    }
    isSecuritySaid = !tls.isEmpty || isPlaintext
    broker = try BrokerChoice(settings)
  }

  /// The lines to all contexts that are not run here.
  ///
  /// - Throws: `Problem` naming the setting that is missing, or the address or file that will not do.
  func lines(besides share: Share) throws(Problem) -> [String: Line] {
    var lines: [String: Line] = [:]
    for context in House.contextNames where !share.contexts.contains(context) {
      guard let addresses = addresses[context] else {
        throw settings.problem(
          Self.addressKey(context), "is missing; \(context) is not run here, so say where it is, as \(context):9090")
      }
      guard isSecuritySaid else {
        throw settings.problem(
          "tls.certificate", "is missing; other processes are called with certificates, or on loopback with plaintext")
      }
      lines[context] = try Line(to: context, at: addresses, security: security)
    }
    return lines
  }
}

/// What one process runs of the house.
struct Share: Sendable, Equatable {
  /// The HTTP door with the pages, as `--only` names it.
  static let edge = "edge"
  static let all = Share(contexts: Set(House.contextNames), hasEdge: true)

  let contexts: Set<String>
  let hasEdge: Bool

  var isWhole: Bool { contexts.count == House.contextNames.count }
}

extension Share {
  /// - Parameter only: contexts and `edge`, with commas between them; nil for everything.
  /// - Throws: `Problem` where something else is named.
  init(only: String?) throws(Problem) {
    guard let only else {
      self = .all
      return
    }
    let names = only.split { $0 == "," || $0 == " " }.map(String.init)
    let known = House.contextNames + [Self.edge]
    for name in names where !known.contains(name) {
      throw .field("only", "names '\(name)'; it names some of \(known.joined(separator: ", "))")
    }
    guard !names.isEmpty else { throw .field("only", "names nothing; leave it out to run everything") }
    self.init(contexts: Set(names).subtracting([Self.edge]), hasEdge: names.contains(Self.edge))
  }
}

extension Settings {
  /// A door; nil where the key is nowhere set.
  fileprivate func address(_ key: String) throws(Problem) -> Address? {
    guard let found = try addresses(key) else { return nil }
    guard found.count == 1 else { throw problem(key, "names \(found.count) addresses; a process has one such door") }
    return found[0]
  }

  /// One name, or several IPv4 addresses, each with its port; nil where the key is nowhere set.
  fileprivate func addresses(_ key: String) throws(Problem) -> [Address]? {
    guard let text = self[key] else { return nil }
    var addresses: [Address] = []
    for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
      guard let address = try? Address(String(part)) else {
        throw problem(key, "is '\(text)'; it is a host and a port, as billing:9090, or several IPv4 addresses")
      }
      addresses.append(address)
    }
    return addresses
  }
}
