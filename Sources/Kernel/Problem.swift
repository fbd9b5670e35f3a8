/// The words of a refusal, said once for every door: gRPC status, HTTP problem details (RFC 9457) and people.
public struct Problem: Error, Hashable, Sendable, Codable {
  /// What sort of refusal it is, which is all a door needs to choose its status.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The input can never be accepted as it stands.
    case invalid
    /// What the input names does not exist.
    case notFound
    /// The input collides with what is there: a duplicate, a stale version, a key used again with another body.
    case conflict
    /// The input is well formed, but the present state does not allow it.
    case precondition
    /// The caller has not proved who they are.
    case unauthorized
    /// The caller is known and may not do this.
    case forbidden
    /// A limit is used up; try later or ask for less.
    case exhausted
    /// Something needed is away; the same call may succeed later.
    case unavailable
    /// A defect of ours.
    case internalFault
  }

  public let kind: Kind
  /// A stable name for programs, context first: `billing.invoice_paid`.
  public let code: String
  /// What was refused, where and why, in a sentence for people.
  public let detail: String
  /// What the reader can do about it.
  public let remedy: String
  /// The fields at fault: path to reason.
  public let fields: [String: String]

  public init(kind: Kind, code: String, detail: String, remedy: String, fields: [String: String] = [:]) {
    self.kind = kind
    self.code = code
    self.detail = detail
    self.remedy = remedy
    self.fields = fields
  }
}

extension Problem.Kind {
  /// The HTTP status code (RFC 9110).
  public var httpStatus: Int {
    switch self {
    case .invalid: 400
    case .unauthorized: 401
    case .forbidden: 403
    case .notFound: 404
    case .conflict: 409
    case .precondition: 422
    case .exhausted: 429
    case .internalFault: 500
    case .unavailable: 503
    }
  }

  /// The gRPC status code (google.rpc.Code).
  public var grpcCode: Int {
    switch self {
    case .invalid: 3  // INVALID_ARGUMENT
    case .notFound: 5  // NOT_FOUND
    case .forbidden: 7  // PERMISSION_DENIED
    case .exhausted: 8  // RESOURCE_EXHAUSTED
    case .precondition: 9  // FAILED_PRECONDITION
    case .conflict: 10  // ABORTED
    case .internalFault: 13  // INTERNAL
    case .unavailable: 14  // UNAVAILABLE
    case .unauthorized: 16  // UNAUTHENTICATED
    }
  }
}

extension Problem: CustomStringConvertible {
  public var description: String { "\(code): \(detail) \(remedy)" }
}

/// A business refusal that can say itself in words.
///
/// Each decider's refusals are an enum with payload; `problem` is the one place that turns them into words.
public protocol Refusal: Error, Sendable {
  var problem: Problem { get }
}

extension Problem: Refusal {
  public var problem: Problem { self }
}
