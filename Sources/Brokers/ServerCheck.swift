// What the servers must be before anything is handed to them. A server tells its version and whether JetStream is on to
// every client ($SYS.REQ.USER.INFO); how it writes to disk it tells the system account only ($SYS.REQ.SERVER.PING.JSZ).

import Foundation
import Kernel
import Runtime

/// What one server says of itself.
struct ServerReport: Decodable, Equatable {
  struct Server: Decodable, Equatable {
    let name: String
    let ver: String
    let jetstream: Bool?
  }

  struct Content: Decodable, Equatable {
    let config: Config?
  }

  struct Config: Decodable, Equatable {
    let syncAlways: Bool?

    enum CodingKeys: String, CodingKey { case syncAlways = "sync_always" }
  }

  let server: Server
  let data: Content?

  /// Asks the server that one is connected to.
  static let ofConnected = "$SYS.REQ.USER.INFO"
  /// Asks all servers of the cluster.
  static let ofAll = "$SYS.REQ.SERVER.PING.JSZ"

  /// The first release that keeps what it acknowledged through the faults that Premia is tested with.
  static let oldest = [2, 10, 23]

  init?(_ message: NATSMessage) {
    guard message.status == nil,
      let report = try? JSONDecoder().decode(ServerReport.self, from: Data(message.body))
    else { return nil }
    self = report
  }

  init(server: Server, data: Content?) {
    self.server = server
    self.data = data
  }

  /// Major, minor, patch; what follows a hyphen is a pre-release and makes it older than its number.
  private var isNewEnough: Bool {
    let parts = server.ver.split(separator: "-", maxSplits: 1)
    let numbers = (parts.first ?? "").split(separator: ".").map { Int($0) ?? -1 }
    guard numbers.count == 3, !numbers.contains(-1) else { return false }
    if numbers == Self.oldest { return parts.count == 1 }
    return Self.oldest.lexicographicallyPrecedes(numbers)
  }

  /// Why servers cannot be trusted; nil where they can.
  static func problem(of servers: [ServerReport], _ settings: NATSSettings) -> Problem? {
    let place = settings.servers.joined(separator: ", ")
    let storing = servers.filter { $0.server.jetstream == true }
    guard !servers.isEmpty else {
      return .unsafe(
        "server", "The NATS server at \(place) does not say what it is.",
        "Use NATS 2.10.23 or later; for the check of how it writes to disk, a login of the system account.")
    }
    for report in servers where !report.isNewEnough {
      return .unsafe(
        "version", "The NATS server \(report.server.name) is version \(report.server.ver); older than 2.10.23.",
        "Install 2.10.23 or later on every server of the cluster.")
    }
    guard !storing.isEmpty else {
      return .unsafe(
        "jetstream", "JetStream is off on the NATS servers at \(place).",
        "Add 'jetstream { store_dir: …, sync_interval: always }' to their configuration.")
    }
    switch settings.syncProof {
    case .vouchedFor: return nil
    case nil:
      return .unsafe(
        "sync_unknown", "It is not known whether the NATS servers at \(place) write to disk before they acknowledge.",
        "Give a login of their system account, or vouch for 'sync_interval: always' in the configuration.")
    case .systemAccount:
      for report in storing where report.data?.config?.syncAlways != true {
        return .unsafe(
          "sync", "The NATS server \(report.server.name) acknowledges before it has written to disk.",
          "Set 'sync_interval: always' in its 'jetstream' block.")
      }
      guard storing.count >= settings.replicas else {
        return .unsafe(
          "replicas", "\(settings.replicas) copies are asked for, and \(storing.count) servers keep streams.",
          "Start the missing servers, or ask for fewer copies where the broker is meant to be one server.")
      }
      return nil
    }
  }
}

extension StreamConfig {
  /// Why a stream that somebody else made is less safe than the one that is wanted.
  func unsafety(beside wanted: StreamConfig) -> String? {
    if storage != "file" { return "\(name) is kept in \(storage), not in files" }
    if replicas < wanted.replicas { return "\(name) has \(replicas) copies, not \(wanted.replicas)" }
    if noAck == true { return "\(name) sends no acknowledgements" }
    if subjects != wanted.subjects { return "\(name) takes \(subjects), not \(wanted.subjects)" }
    if duplicateWindow < wanted.duplicateWindow { return "\(name) forgets too early what it has: duplicate_window" }
    return nil
  }
}

extension Problem {
  static func unsafe(_ code: String, _ detail: String, _ remedy: String) -> Problem {
    Problem(kind: .precondition, code: "broker.\(code)", detail: detail, remedy: remedy)
  }

  /// A broker that cannot be opened.
  static func broker(_ failure: BrokerFailure, _ settings: NATSSettings) -> Problem {
    let place = settings.servers.joined(separator: ", ")
    switch failure {
    case .unavailable(let why):
      return Problem(
        kind: .unavailable, code: "broker.unavailable",
        detail: "The NATS servers at \(place) are out of reach: \(why).",
        remedy: "Start them, or correct their addresses in the configuration.")
    case .refused(let why):
      return Problem(
        kind: .precondition, code: "broker.refused", detail: "The NATS servers at \(place) refuse Premia: \(why).",
        remedy: "Correct the login, the certificates or the rights in the configuration.")
    }
  }
}
