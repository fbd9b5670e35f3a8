// The one file that calls cnats and the one with unchecked code. The library has threads of its own: it calls back on
// them, and what it brings is copied into Swift values before it is passed on. Nothing here blocks but opening.

import CNats
import Dispatch
import Runtime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What came from the server.
struct NATSMessage: Sendable {
  let subject: String
  let reply: String
  let body: [UInt8]
  private let headers: [String: String]

  /// The headers that anybody here asks for.
  fileprivate static let known = ["Status", "Nats-Msg-Id", "Premia-Position", "Premia-Previous"]

  fileprivate init(_ message: OpaquePointer) {
    subject = natsMsg_GetSubject(message).map { String(cString: $0) } ?? ""
    reply = natsMsg_GetReply(message).map { String(cString: $0) } ?? ""
    let bytes = UnsafeRawBufferPointer(
      start: natsMsg_GetData(message), count: Int(natsMsg_GetDataLength(message)))
    body = Array(bytes)
    var headers: [String: String] = [:]
    for name in Self.known {
      var value: UnsafePointer<CChar>?
      guard natsMsgHeader_Get(message, name, &value) == NATS_OK, let value else { continue }
      headers[name] = String(cString: value)
    }
    self.headers = headers
  }

  /// A message that the server sends about a request, such as "503" where nobody answers it.
  var status: String? { headers["Status"] }

  subscript(header name: String) -> String? { headers[name] }
}

/// A connection to a cluster, which the library opens again by itself when it breaks. Unchecked: the library's
/// connections may be used by any thread.
final class NATSConnection: @unchecked Sendable {
  let handle: OpaquePointer

  /// Connects; off Swift's threads, because that takes a while.
  static func open(
    _ settings: NATSSettings, as login: NATSSettings.Login
  ) async throws(BrokerFailure) -> NATSConnection {
    let opened: Result<NATSConnection, BrokerFailure> = await withCheckedContinuation { continuation in
      DispatchQueue(label: "premia.nats").async {
        continuation.resume(
          returning: Result { () throws(BrokerFailure) in try NATSConnection(settings, as: login) })
      }
    }
    return try opened.get()
  }

  private init(_ settings: NATSSettings, as login: NATSSettings.Login) throws(BrokerFailure) {
    let place = settings.servers.joined(separator: ", ")
    var options: OpaquePointer?
    defer { natsOptions_Destroy(options) }
    try Self.check(natsOptions_Create(&options), place)
    let words = settings.servers.map { strdup($0) }
    defer { for word in words { free(word) } }
    var servers = words.map { UnsafePointer($0) }
    try Self.check(natsOptions_SetServers(options, &servers, Int32(servers.count)), place)
    try Self.check(natsOptions_SetName(options, "premia"), place)
    try Self.check(natsOptions_SetTimeout(options, settings.timeout.milliseconds), place)
    // It is looked for until it is there again; what is asked meanwhile fails by its own time-out.
    try Self.check(natsOptions_SetMaxReconnect(options, -1), place)
    try Self.check(natsOptions_SetReconnectWait(options, 250), place)
    try Self.check(natsOptions_SetPingInterval(options, 5_000), place)
    try Self.check(natsOptions_UseGlobalMessageDelivery(options, true), place)
    switch login {
    case .nobody: break
    case .password(let user, let password): try Self.check(natsOptions_SetUserInfo(options, user, password), place)
    case .credentials(let path):
      try Self.check(natsOptions_SetUserCredentialsFromFiles(options, path, nil), path)
    }
    if let tls = settings.tls {
      try Self.check(natsOptions_SetSecure(options, true), place)
      try Self.check(natsOptions_LoadCATrustedCertificates(options, tls.authorities), tls.authorities)
      try Self.check(natsOptions_SetExpectedHostname(options, tls.serverName), place)
      if let (chain, key) = tls.certificate {
        try Self.check(natsOptions_LoadCertificatesChain(options, chain, key), chain)
      }
    }
    var opened: OpaquePointer?
    try Self.check(natsConnection_Connect(&opened, options), place)
    guard let opened else { throw .unavailable("\(place): no connection") }
    handle = opened
  }

  deinit { natsConnection_Destroy(handle) }

  /// Ends the connection; whoever uses it afterwards is refused.
  func close() { natsConnection_Close(handle) }

  /// Sends a message; it leaves within about a millisecond.
  func publish(
    _ body: [UInt8], to subject: String, reply: String? = nil, headers: [(name: String, value: String)] = []
  ) throws(BrokerFailure) {
    var message: OpaquePointer?
    defer { natsMsg_Destroy(message) }
    try Self.check(
      body.withUnsafeBytes { bytes in
        natsMsg_Create(
          &message, subject, reply, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
      }, subject)
    for (name, value) in headers { try Self.check(natsMsgHeader_Set(message, name, value), subject) }
    try Self.check(natsConnection_PublishMsg(handle, message), subject)
  }

  /// Listens to a subject.
  ///
  /// - Parameter take: is called on a thread of the library, for one message at a time, and must not wait.
  func subscribe(
    to subject: String, _ take: @escaping @Sendable (NATSMessage) -> Void
  ) throws(BrokerFailure) -> NATSSubscription {
    let listener = Unmanaged.passRetained(Listener(take))
    var opened: OpaquePointer?
    let status = natsConnection_Subscribe(
      &opened, handle, subject,
      { _, _, message, listener in
        guard let message, let listener else { return }
        defer { natsMsg_Destroy(message) }
        Unmanaged<Listener>.fromOpaque(listener).takeUnretainedValue().take(NATSMessage(message))
      }, listener.toOpaque())
    guard status == NATS_OK, let opened else {
      listener.release()
      throw Self.failure(status, subject)
    }
    // When the last message was passed on, and never before.
    natsSubscription_SetOnCompleteCB(
      opened, { listener in if let listener { Unmanaged<Listener>.fromOpaque(listener).release() } },
      listener.toOpaque())
    // How much is on its way is bounded by what was asked for.
    natsSubscription_SetPendingLimits(opened, -1, -1)
    return NATSSubscription(handle: opened)
  }

  /// A subject that nobody else listens to.
  static func inbox() -> String { "_INBOX.premia.\(UInt64.random(in: .min ... .max))" }

  private static func check(_ status: natsStatus, _ place: String) throws(BrokerFailure) {
    if status != NATS_OK { throw failure(status, place) }
  }

  static func failure(_ status: natsStatus, _ place: String) -> BrokerFailure {
    let words = natsStatus_GetText(status).map { String(cString: $0) } ?? "status \(status.rawValue)"
    switch status {
    case NATS_MAX_PAYLOAD, NATS_NOT_PERMITTED, NATS_CONNECTION_AUTH_FAILED, NATS_SECURE_CONNECTION_REQUIRED,
      NATS_SECURE_CONNECTION_WANTED, NATS_SSL_ERROR, NATS_INVALID_ARG, NATS_ADDRESS_MISSING:
      return .refused("\(place): \(words)")
    default: return .unavailable("\(place): \(words)")
    }
  }
}

/// What a message is passed on to.
private final class Listener: Sendable {
  let take: @Sendable (NATSMessage) -> Void

  init(_ take: @escaping @Sendable (NATSMessage) -> Void) { self.take = take }
}

/// A subject that is listened to. Unchecked, as the connection is.
final class NATSSubscription: @unchecked Sendable {
  private let handle: OpaquePointer

  fileprivate init(handle: OpaquePointer) { self.handle = handle }

  deinit { natsSubscription_Destroy(handle) }
}

extension Duration {
  /// Whole milliseconds.
  var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }

  var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
