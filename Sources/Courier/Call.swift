// The call that is being answered: who asked, by when, and as part of what.

import GRPCCore
import GRPCNIOTransportHTTP2
public import Logging
import Runtime
import X509

/// What is known of the call that the running task answers.
public struct Call: Sendable {
  /// Nil outside of a call. Calls that are made meanwhile belong to the same trace and end by the same time.
  @TaskLocal public static var current: Call?

  /// The name in the caller's certificate; nil where it came without one, as in this process.
  public var caller: String?
  /// The context that the caller means; nil where it did not say.
  public var addressee: String?
  /// When nobody waits for the answer any more; nil where the caller did not say.
  public var deadline: ContinuousClock.Instant?
  public var trace: Trace

  public init(
    caller: String? = nil, addressee: String? = nil, deadline: ContinuousClock.Instant? = nil, trace: Trace = Trace()
  ) {
    self.caller = caller
    self.addressee = addressee
    self.deadline = deadline
    self.trace = trace
  }

  /// What is left until the deadline, but not less than a millisecond; nil where there is none.
  static var timeLeft: Duration? {
    current?.deadline.map { max(.milliseconds(1), ContinuousClock.now.duration(to: $0)) }
  }

  /// For `LoggingSystem.bootstrap`: every line of a log says to which trace, correlation and caller it belongs.
  public static var logMetadata: Logger.MetadataProvider {
    Logger.MetadataProvider {
      var metadata: Logger.Metadata = [:]
      if let call = current {
        metadata["trace_id"] = "\(call.trace.traceID)"
        metadata["span_id"] = "\(call.trace.spanID)"
        if let caller = call.caller { metadata["caller"] = "\(caller)" }
      }
      if let act = Act.current { metadata["correlation"] = "\(act.correlation)" }
      return metadata
    }
  }
}

extension Call {
  /// What a call says of itself.
  init(_ metadata: Metadata, _ context: ServerContext) {
    func first(_ key: String) -> String? { metadata[stringValues: key].first { _ in true } }
    let parent = first(Carriage.traceparent).flatMap { header in
      Trace(traceparent: header, state: first(Carriage.tracestate) ?? "")
    }
    self.init(
      caller: (context.transportSpecific as? HTTP2ServerTransport.Posix.Context)?.peerCertificate?.name,
      addressee: first(Carriage.addressee),
      deadline: first(Carriage.timeout).flatMap(Duration.init(grpcTimeout:)).map { ContinuousClock.now + $0 },
      trace: parent?.next ?? Trace())
  }
}

extension Certificate {
  /// The first DNS name that the certificate is made out to; nil where there is none.
  fileprivate var name: String? {
    guard let names = try? extensions.subjectAlternativeNames else { return nil }
    for case .dnsName(let name) in names { return name }
    return nil
  }
}

extension Duration {
  /// As in the header `grpc-timeout`: up to eight digits and a unit; nil where it is none.
  init?(grpcTimeout header: String) {
    guard (2...9).contains(header.utf8.count), let unit = header.last, let amount = Int64(header.dropLast()),
      amount >= 0
    else { return nil }
    switch unit {
    case "H": self = .seconds(amount * 3_600)
    case "M": self = .seconds(amount * 60)
    case "S": self = .seconds(amount)
    case "m": self = .milliseconds(amount)
    case "u": self = .microseconds(amount)
    case "n": self = .nanoseconds(amount)
    default: return nil
    }
  }
}
