// Where the broker is, who may use it, and how its streams are kept.

/// What a `NATSBroker` needs to know.
public struct NATSSettings: Sendable {
  /// How a client proves who it is.
  public enum Login: Sendable {
    case nobody
    case password(user: String, password: String)
    /// A file with a JWT and its seed, as `nsc` writes it.
    case credentials(path: String)
  }

  /// Paths of PEM files.
  public struct TLS: Sendable {
    /// Whose word about servers is taken.
    public var authorities: String
    /// The client's own certificate with its chain, and its key, where the server asks for them.
    public var certificate: (chain: String, key: String)?
    /// The name that must be in the servers' certificates, one for all of a cluster. The library checks no name without
    /// it, and would talk to anybody whom the authorities vouch for.
    public var serverName: String

    public init(authorities: String, serverName: String, certificate: (chain: String, key: String)? = nil) {
      self.authorities = authorities
      self.serverName = serverName
      self.certificate = certificate
    }
  }

  /// How it is known that a message which was acknowledged is on disk, and not only in a server's memory.
  public enum SyncProof: Sendable {
    /// A login to the servers' system account, which tells how each of them is set.
    case systemAccount(Login)
    /// The operator vouches for `sync_interval: always` on every server.
    case vouchedFor
  }

  /// Such as `nats://broker-1:4222`, the servers of one cluster.
  public var servers: [String]
  public var login = Login.nobody
  /// Nil is for loopback only.
  public var tls: TLS?
  /// Nil is refused: an acknowledgement would prove nothing.
  public var syncProof: SyncProof?
  /// Copies of each stream: 3 in production, 1 where the broker is one server.
  public var replicas = 3
  /// How long parcels are kept. Who was away for longer gets what is missing from the log.
  public var keep = Duration.seconds(7 * 86_400)
  /// Disk that one context's stream may take; the oldest parcels make room, and whoever still wants them reads the log.
  /// The servers set as much aside as all streams may take, and refuse a stream for which there is no room.
  public var bytesPerStream: Int64 = 1 << 30
  /// For how long a parcel that comes twice is recognised.
  public var duplicatesWindow = Duration.seconds(120)
  /// A parcel that was delivered and not acknowledged for longer is delivered again.
  public var acknowledgeWithin = Duration.seconds(30)
  /// An answer that takes longer is given up.
  public var timeout = Duration.seconds(5)

  public init(servers: [String]) { self.servers = servers }
}
