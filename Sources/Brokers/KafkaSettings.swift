// Where the Kafka cluster is, who may use it, and how its topics are kept.

public import Runtime

/// What a `KafkaBroker` needs to know.
public struct KafkaSettings: Sendable {
  /// How a client proves who it is.
  public enum Login: Sendable {
    /// Or by its certificate.
    case nobody
    /// By SCRAM-SHA-512.
    case password(user: String, password: String)
  }

  /// Paths of PEM files. The name in a server's certificate must be the one that it is called by.
  public struct TLS: Sendable {
    /// Whose word about servers is taken.
    public var authorities: String
    /// The client's own certificate with its chain, and its key, where the servers ask for them.
    public var certificate: (chain: String, key: String)?

    public init(authorities: String, certificate: (chain: String, key: String)? = nil) {
      self.authorities = authorities
      self.certificate = certificate
    }
  }

  /// Who makes the topics, and how it is known that they are kept safely.
  public enum Topics: Sendable {
    /// Premia makes those that are missing, and asks the cluster how each is kept.
    case ours
    /// The operator makes them, and vouches for what only a topic's configuration says. Their partitions and copies
    /// are still looked at.
    case vouchedFor
  }

  /// Such as `broker-1:9092`; some servers of the cluster, which tell of the others.
  public var servers: [String]
  /// Kafka's partitions are Premia's.
  public var partitions: Partitions
  public var login = Login.nobody
  /// Nil is for loopback only.
  public var tls: TLS?
  public var topics = Topics.ours
  /// Copies of each topic: 3 in production, 1 where the broker is one server.
  public var replicas = 3
  /// How long parcels are kept. Who was away for longer gets what is missing from the log.
  public var keep = Duration.seconds(7 * 86_400)
  /// Disk that one context's topic may take; the oldest parcels make room.
  public var bytesPerTopic: Int64 = 64 << 30
  /// A parcel that was delivered and not acknowledged for longer is delivered again.
  public var acknowledgeWithin = Duration.seconds(30)
  /// An answer that takes longer is given up.
  public var timeout = Duration.seconds(5)

  public init(servers: [String], partitions: Partitions) {
    self.servers = servers
    self.partitions = partitions
  }

  /// On how many servers a parcel is before it counts as stored.
  var copiesBeforeAcknowledged: Int { min(2, replicas) }
}

extension KafkaSettings {
  /// What librdkafka is told, whatever the connection is for.
  var common: [(name: String, value: String)] {
    var options: [(name: String, value: String)] = [
      ("bootstrap.servers", servers.joined(separator: ",")), ("client.id", "premia"),
      ("socket.timeout.ms", "\(timeout.milliseconds)"), ("reconnect.backoff.ms", "100"),
      ("reconnect.backoff.max.ms", "1000"),
      // What goes wrong is told in failures; the library would write it to the standard error too.
      ("log_level", "2"),
    ]
    switch (login, tls) {
    case (.nobody, nil): break
    case (.nobody, .some): options.append(("security.protocol", "ssl"))
    case (.password, nil): options.append(("security.protocol", "sasl_plaintext"))
    case (.password, .some): options.append(("security.protocol", "sasl_ssl"))
    }
    if case .password(let user, let password) = login {
      options += [("sasl.mechanisms", "SCRAM-SHA-512"), ("sasl.username", user), ("sasl.password", password)]
    }
    if let tls {
      options += [("ssl.ca.location", tls.authorities), ("ssl.endpoint.identification.algorithm", "https")]
      if let (chain, key) = tls.certificate {
        options += [("ssl.certificate.location", chain), ("ssl.key.location", key)]
      }
    }
    return options
  }

  /// For what hands parcels over: kept by so many servers before they acknowledge, once and in order through retries.
  var producer: [(name: String, value: String)] {
    common + [
      ("acks", "all"), ("enable.idempotence", "true"), ("linger.ms", "1"),
      ("message.timeout.ms", "\(timeout.milliseconds)"),
    ]
  }

  /// For what receives on behalf of a group. It joins none: who reads which partition is settled by leases, and the
  /// group is only the name under which the places are kept.
  func consumer(of group: String) -> [(name: String, value: String)] {
    common + [
      ("group.id", group), ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
      // Also where the place is beyond the end: the topic was lost and made again.
      ("auto.offset.reset", "earliest"), ("allow.auto.create.topics", "false"),
      // What is fetched ahead of the one who receives, for each partition.
      ("queued.min.messages", "512"), ("queued.max.messages.kbytes", "1024"),
    ]
  }

  /// How Premia keeps the topics that it makes.
  var topicConfiguration: [(name: String, value: String)] {
    [
      ("cleanup.policy", "delete"), ("retention.ms", "\(keep.milliseconds)"),
      ("retention.bytes", "\(bytesPerTopic / Int64(partitions.count))"),
      (TopicReport.inSync, "\(copiesBeforeAcknowledged)"), (TopicReport.unclean, "false"),
    ]
  }
}
