// How a refusal crosses the wire: a gRPC status with google.rpc.ErrorInfo, and google.rpc.RetryInfo where it says when
// to come again.

import GRPCCore
import GRPCProtobuf
public import Kernel

extension Problem {
  /// How long the caller should wait before it asks again; nil where that would not help.
  public var comeAgainAfter: Duration? { fields[Self.waitKey].flatMap(Int64.init).map { .milliseconds($0) } }

  /// A refusal for want of room.
  ///
  /// - Parameter wait: after which there may be room; whole milliseconds count.
  static func busy(
    _ kind: Kind = .exhausted, code: String, _ detail: String, comeAgainAfter wait: Duration
  ) -> Problem {
    let milliseconds = max(1, Int64(wait / .milliseconds(1)))
    return Problem(
      kind: kind, code: code, detail: detail, remedy: "Nothing was done. Send the same again in \(milliseconds) ms.",
      fields: [waitKey: "\(milliseconds)"])
  }

  private static let domain = "premia"
  private static let remedyKey = "remedy"
  private static let kindKey = "kind"
  private static let waitKey = "comeAgainAfterMilliseconds"

  /// The problem that a status carries; nil where it carries none of ours.
  init?(_ error: RPCError) {
    guard let status = try? error.unpackGoogleRPCStatus() else { return nil }
    for detail in status.details {
      guard let info = detail.errorInfo, info.domain == Self.domain,
        let kind = info.metadata[Self.kindKey].flatMap(Kind.init(rawValue:))
      else { continue }
      var fields = info.metadata
      fields[Self.kindKey] = nil
      let remedy = fields.removeValue(forKey: Self.remedyKey) ?? ""
      self.init(kind: kind, code: info.reason, detail: status.message, remedy: remedy, fields: fields)
      return
    }
    return nil
  }

  fileprivate var status: GoogleRPCStatus {
    var metadata = fields
    metadata[Self.remedyKey] = remedy
    metadata[Self.kindKey] = kind.rawValue
    var details: [ErrorDetails] = [.errorInfo(reason: code, domain: Self.domain, metadata: metadata)]
    if let wait = comeAgainAfter { details.append(.retryInfo(delay: wait)) }
    return GoogleRPCStatus(
      code: RPCError.Code(Status.Code(rawValue: kind.grpcCode) ?? .unknown) ?? .unknown, message: detail,
      details: details)
  }
}

extension RPCError {
  /// The error that carries a problem, with all its parts.
  ///
  /// - Parameter mayRetry: whether the library that made the call may make it again, where its policy says so. Where
  ///   the problem says when to come again, that is when.
  init(_ problem: Problem, mayRetry: Bool = true) {
    self.init(problem.status)
    if !mayRetry {
      metadata.replaceOrAddString("-1", forKey: Self.pushback)
    } else if let wait = problem.comeAgainAfter {
      metadata.replaceOrAddString("\(Int64(wait / .milliseconds(1)))", forKey: Self.pushback)
    }
  }

  /// Milliseconds, or -1 for never: https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback
  private static let pushback = "grpc-retry-pushback-ms"
}
