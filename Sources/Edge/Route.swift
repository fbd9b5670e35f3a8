// One row of the table of routes: an HTTP method and path, and the gRPC method that answers it.

import Contracts
import Courier
import GRPCCore
import GRPCProtobuf
import Kernel
import SwiftProtobuf

/// A unary method of the contracts, as generated.
protocol UnaryMethod: SendableMetatype {
  associatedtype Input: SwiftProtobuf.Message
  associatedtype Output: SwiftProtobuf.Message
  static var descriptor: MethodDescriptor { get }
}

/// A message that carries a text in JSON which the contracts do not describe.
protocol DocumentMessage: SwiftProtobuf.Message {
  var document: String { get }
}

extension Premia_Billing_V1_PreviewRequest: DocumentMessage {}
extension Premia_Billing_V1_PreviewResponse: DocumentMessage {}

struct Route: Sendable {
  enum Kind: Sendable {
    /// GET: changes nothing; parameters are in the query.
    case read
    /// POST that changes nothing: a question too long for a query.
    case question
    /// POST that changes nothing: the body, and the answer, are documents of a form of their own and pass through as
    /// they were written.
    case document
    /// GET of a file that is no JSON, such as a page.
    case file
    /// POST: needs an idempotency key.
    case write

    /// Whether it is a GET.
    var isRead: Bool {
      switch self {
      case .read, .file: true
      case .question, .document, .write: false
      }
    }
  }

  /// What an answer is, as its Content-Type says.
  enum MediaType: String, Sendable {
    case json = "application/json"
    case html = "text/html; charset=utf-8"
    case pdf = "application/pdf"
  }

  let kind: Kind
  let mediaType: MediaType
  /// With parameters in braces, named as in the request message.
  let path: String
  /// Nil where the path names it, as `{context}`.
  let context: String?
  let method: MethodDescriptor
  /// Full names of the messages.
  let input: String
  let output: String
  /// Who answers instead where a parameter begins with a word: a run is asked of the context that its name begins with.
  private var others: [(prefix: String, route: Route)] = []
  /// Asks a context. The request is made of proto JSON: the body, and the parameters, which come on top.
  let ask: @Sendable (Line, _ body: [UInt8], _ parameters: [UInt8]) async throws -> [UInt8]

  private init<M: UnaryMethod>(
    _ kind: Kind, _ path: String, _: M.Type, _ context: String?, _ deadline: Duration, _ mediaType: MediaType = .json,
    asking: @escaping @Sendable (inout M.Input) -> Void = { _ in },
    bytes: @escaping @Sendable (M.Output) throws -> [UInt8] = { try $0.jsonUTF8Bytes(options: .wholeNumbers) }
  ) {
    self.kind = kind
    self.mediaType = mediaType
    self.path = path
    self.context = context
    method = M.descriptor
    input = M.Input.protoMessageName
    output = M.Output.protoMessageName
    ask = { line, body, parameters in
      var input = try M.Input(json: body, from: "The body")
      let more: [UInt8] = try M.Input(json: parameters, from: "What the address says").serializedBytes()
      try input.merge(serializedBytes: more)
      asking(&input)
      var options = CallOptions.defaults
      options.timeout = deadline
      let output = try await line.client.unary(
        request: ClientRequest(message: input), descriptor: M.descriptor, serializer: ProtobufSerializer<M.Input>(),
        deserializer: ProtobufDeserializer<M.Output>(), options: options
      ) { response in
        try response.message
      }
      return try bytes(output)
    }
  }

  /// The same, and another route of its path where the first parameter begins with a prefix.
  func or(_ prefix: String, _ other: Route) -> Route {
    var both = self
    both.others.append((prefix, other))
    return both
  }

  /// The route that answers for these parameters.
  func chosen(by parameters: [(name: Substring, value: String)]) -> Route {
    others.first { other in parameters.first?.value.hasPrefix(other.prefix) ?? false }?.route ?? self
  }

  /// How long most calls may take.
  static let deadline: Duration = .seconds(30)

  /// A read; `context` is nil where the path names it.
  static func get<M: UnaryMethod>(
    _ path: String, to method: M.Type, in context: String?, within deadline: Duration = deadline
  ) -> Route {
    Route(.read, path, method, context, deadline)
  }

  static func question<M: UnaryMethod>(_ path: String, to method: M.Type, in context: String?) -> Route {
    Route(.question, path, method, context, deadline)
  }

  static func document<M: UnaryMethod>(_ path: String, to method: M.Type, in context: String) -> Route
  where M.Input: DocumentMessage, M.Output: DocumentMessage {
    Route(.document, path, method, context, deadline, bytes: { Array($0.document.utf8) })
  }

  /// - Parameters:
  ///   - asking: what the path means for the request, besides its parameters.
  ///   - bytes: the file in the answer.
  static func file<M: UnaryMethod>(
    _ path: String, _ mediaType: MediaType, to method: M.Type, in context: String,
    asking: @escaping @Sendable (inout M.Input) -> Void = { _ in }, bytes: @escaping @Sendable (M.Output) -> [UInt8]
  ) -> Route {
    Route(.file, path, method, context, deadline, mediaType, asking: asking, bytes: bytes)
  }

  static func post<M: UnaryMethod>(
    _ path: String, to method: M.Type, in context: String?, within deadline: Duration = deadline
  ) -> Route {
    Route(.write, path, method, context, deadline)
  }

  var parameterNames: [String] {
    path.split(separator: "/").filter { $0.first == "{" && $0.last == "}" }.map { String($0.dropFirst().dropLast()) }
  }
}

extension JSONEncodingOptions {
  /// 64-bit integers as numbers: amounts are cents, far below 2^53.
  fileprivate static var wholeNumbers: JSONEncodingOptions {
    var options = JSONEncodingOptions()
    options.alwaysPrintInt64sAsNumbers = true
    return options
  }
}
