// Refusals as HTTP answers: RFC 9457 problem details.

import Hummingbird
import Kernel

/// A problem with what only HTTP knows: a status of its own and headers.
struct Refused: Error {
  let status: Int
  let problem: Problem
  var headers: HTTPFields = [:]
  /// Whether its fields are named by the contracts; those of a document are the caller's own already.
  let isOfContract: Bool

  init(_ problem: Problem, status: Int? = nil, headers: HTTPFields = [:], isOfContract: Bool = true) {
    self.problem = problem
    self.status = status ?? problem.kind.httpStatus
    self.headers = headers
    self.isOfContract = isOfContract
  }

  static func unknownPath(_ path: String) -> Refused {
    Refused(
      Problem(
        kind: .notFound, code: "request.unknown_path", detail: "There is nothing at \(path).",
        remedy: "See /openapi.json for what there is."))
  }

  static func method(_ method: HTTPRequest.Method, at path: String, allowed: [HTTPRequest.Method]) -> Refused {
    let allow = allowed.map(\.rawValue).joined(separator: ", ")
    return Refused(
      Problem(
        kind: .invalid, code: "request.method_not_allowed", detail: "\(path) does not answer \(method.rawValue).",
        remedy: "Use \(allow)."),
      status: 405, headers: [.allow: allow])
  }

  static func tooLarge(limit: Int) -> Refused {
    Refused(
      Problem(
        kind: .invalid, code: "request.too_large", detail: "The body is larger than \(limit) bytes.",
        remedy: "Send less at once; files go through 'premia import'."),
      status: 413)
  }

  static func notJSON(_ type: String) -> Refused {
    Refused(
      Problem(
        kind: .invalid, code: "request.not_json", detail: "The body is '\(type)'; only application/json is read here.",
        remedy: "Send JSON, with Content-Type: application/json."),
      status: 415)
  }

  static func unavailable(_ context: String) -> Refused {
    Refused(
      Problem(
        kind: .unavailable, code: "context.unavailable", detail: "\(context) is not run here.",
        remedy: "Ask a server that runs it, or start it with 'premia serve --only'."))
  }

  /// The detail, with its fields named as the caller named them.
  private var detail: String {
    problem.fields.keys.reduce(problem.detail) { $0.replacing($1, with: name($1)) }
  }

  private func name(_ field: String) -> String { isOfContract ? field.camelCased : field }

  /// The answer; fields are named as the caller named them, in camelCase.
  func response(to path: String, correlation: String) -> Response {
    let errors = problem.fields.sorted { $0.key < $1.key }.map { field, why in
      ["field": .text(name(field)), "why": .text(why)] as JSON
    }
    let document: JSON = [
      "type": .text("/problems/\(problem.code)"),
      "title": .text(problem.kind.title),
      "status": .integer(Int64(status)),
      "detail": .text(detail),
      "code": .text(problem.code),
      "remedy": .text(problem.remedy),
      "errors": .list(errors),
      "instance": .text(path),
      "correlation": .text(correlation),
    ]
    var headers = headers
    headers[.contentType] = "application/problem+json"
    headers[.correlation] = correlation
    return Response(
      status: .init(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes)))
  }
}

extension Problem.Kind {
  /// The same for every problem of the kind.
  var title: String {
    switch self {
    case .invalid: "The request cannot be accepted as it stands"
    case .notFound: "There is no such thing"
    case .conflict: "The request collides with what is there"
    case .precondition: "The present state does not allow it"
    case .unauthorized: "Say who you are first"
    case .forbidden: "You may not do this"
    case .exhausted: "A limit is used up"
    case .unavailable: "Something needed is away"
    case .internalFault: "A defect on our side"
    }
  }
}

extension String {
  /// `household.birth_date` as `household.birthDate`.
  fileprivate var camelCased: String {
    var result = ""
    var raise = false
    for character in self {
      if character == "_" {
        raise = !result.isEmpty
      } else {
        result += raise ? character.uppercased() : String(character)
        raise = false
      }
    }
    return result
  }
}

/// The name of a header field.
typealias HeaderName = HTTPFields.Element.Name

extension HeaderName {
  static let correlation = named("Premia-Correlation")
  static let actor = named("Premia-Actor")
  static let idempotencyKey = named("Idempotency-Key")
  static let traceParent = named("traceparent")
  static let traceState = named("tracestate")

  private static func named(_ text: String) -> HeaderName {
    guard let name = HeaderName(text) else { preconditionFailure("\(text) is no name of a header field") }
    return name
  }
}
