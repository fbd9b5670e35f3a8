// What a Kafka cluster and its topics must be before anything is handed to them. How many servers, partitions and
// copies there are stands in the cluster's metadata; how a topic is kept, in its configuration (DescribeConfigs).

import Kernel
import Runtime

/// What a cluster says of a topic.
struct TopicReport: Sendable, Equatable {
  let name: String
  let partitions: Int
  /// Of the partition that has the fewest.
  let replicas: Int
  /// Nil where it was not asked.
  var configuration: [String: String]?

  static let inSync = "min.insync.replicas"
  static let unclean = "unclean.leader.election.enable"

  /// Why a topic cannot be trusted; nil where it can.
  func problem(_ settings: KafkaSettings) -> Problem? {
    if partitions < settings.partitions.count {
      return .unsafe(
        "partitions", "The Kafka topic \(name) has \(partitions) partitions, not \(settings.partitions.count).",
        "Add partitions to it, or set the number of partitions of this installation.")
    }
    if replicas < settings.replicas {
      return .unsafe(
        "replicas", "The Kafka topic \(name) has \(replicas) copies, not \(settings.replicas).",
        "Reassign its partitions to more servers, or ask for fewer copies where the broker is meant to be one server.")
    }
    switch settings.topics {
    case .vouchedFor: return nil
    case .ours:
      let needed = settings.copiesBeforeAcknowledged
      guard let inSync = configuration?[Self.inSync].flatMap(Int.init), inSync >= needed else {
        return .unsafe(
          "in_sync", "The Kafka topic \(name) may acknowledge a parcel that fewer than \(needed) servers have.",
          "Set its '\(Self.inSync)' to \(needed), or vouch for the topics in the configuration.")
      }
      guard configuration?[Self.unclean] == "false" else {
        return .unsafe(
          "unclean", "The Kafka topic \(name) may go on from a copy that lacks what was acknowledged.",
          "Set its '\(Self.unclean)' to false, or vouch for the topics in the configuration.")
      }
      return nil
    }
  }

  /// Why a cluster cannot be trusted; nil where it can.
  static func problem(of topics: [TopicReport], servers: Int, _ settings: KafkaSettings) -> Problem? {
    if servers < settings.replicas {
      return .unsafe(
        "servers", "\(settings.replicas) copies are asked for, and the Kafka cluster has \(servers) servers.",
        "Start the missing servers, or ask for fewer copies where the broker is meant to be one server.")
    }
    for topic in topics { if let problem = topic.problem(settings) { return problem } }
    return nil
  }
}

extension Problem {
  /// A Kafka cluster that cannot be opened.
  static func broker(_ failure: BrokerFailure, _ settings: KafkaSettings) -> Problem {
    let place = settings.servers.joined(separator: ", ")
    switch failure {
    case .unavailable(let why):
      return Problem(
        kind: .unavailable, code: "broker.unavailable",
        detail: "The Kafka servers at \(place) are out of reach: \(why).",
        remedy: "Start them, or correct their addresses and certificates in the configuration.")
    case .refused(let why):
      return Problem(
        kind: .precondition, code: "broker.refused", detail: "The Kafka servers at \(place) refuse Premia: \(why).",
        remedy: "Correct the login, the certificates or the rights in the configuration.")
    }
  }
}
