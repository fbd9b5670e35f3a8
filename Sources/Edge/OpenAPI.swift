// The OpenAPI 3.1 document, made from the table of routes and the comments of the contracts.

import GRPCCore
import Kernel

struct OpenAPI {
  let routes: [Route]
  let shapes: Shapes

  var document: JSON {
    [
      "openapi": "3.1.0",
      "info": [
        "title": "Premia",
        "version": "1.0.0",
        "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
        "description": .text(Self.introduction),
      ],
      "tags": .list(tags),
      "paths": .object(paths),
      "components": [
        "schemas": .object(schemas),
        "parameters": [
          "IdempotencyKey": Self.idempotencyKey, "Actor": Self.actor, "IfNoneMatch": Self.ifNoneMatch,
        ],
        "headers": ["Correlation": Self.correlation, "ETag": Self.tag],
        "responses": ["Problem": Self.problem],
      ],
    ]
  }

  private static let introduction = """
    The core of a health insurer over HTTP. A write needs an Idempotency-Key: the same key with the same request \
    gets the first answer again, with another request it is refused. A read has an ETag and honours If-None-Match. \
    Dates are YYYY-MM-DD; amounts are integer cents; a field that is absent has its default: empty, 0 or false. \
    Refusals are RFC 9457 problems whose code is stable.
    """

  private var tags: [JSON] {
    var seen: [String] = []
    for route in routes where !seen.contains(route.tag) { seen.append(route.tag) }
    return seen.map {
      ["name": .text($0), "description": .text(shapes.contexts[$0 == "events" ? "common" : $0] ?? "")]
    }
  }

  private var paths: [JSON.Member] {
    var order: [String] = []
    var operations: [String: [JSON.Member]] = [:]
    for route in routes {
      if operations[route.path] == nil { order.append(route.path) }
      operations[route.path, default: []].append(JSON.Member(name: route.verb, value: operation(route)))
    }
    return order.map { JSON.Member(name: $0, value: .object(operations[$0] ?? [])) }
  }

  private func operation(_ route: Route) -> JSON {
    let comment = shapes.methods[route.method.fullyQualifiedMethod] ?? ""
    let description = comment.isEmpty ? shapes.messages[route.input]?.comment ?? "" : comment
    let parameters = parameters(of: route)
    return .object([
      ("operationId", .text(route.operation)),
      ("tags", [.text(route.tag)]),
      ("summary", .text(Self.words(route.method.method))),
      ("description", description.isEmpty ? nil : .text(description)),
      ("parameters", parameters.isEmpty ? nil : .list(parameters)),
      ("requestBody", body(of: route)),
      ("responses", responses(of: route)),
    ])
  }

  private func parameters(of route: Route) -> [JSON] {
    let fields = shapes.messages[route.input]?.fields ?? []
    var parameters: [JSON] = route.parameterNames.map { name in
      let field = fields.first { $0.name == name }
      return [
        "name": .text(name), "in": "path", "required": true,
        "description": .text(field?.comment ?? "The context, such as policy."),
        "schema": field.map { schema(of: $0, described: false) } ?? ["type": "string"],
      ]
    }
    switch route.kind {
    case .read:
      parameters += query(route.input, prefix: "", except: Set(route.parameterNames))
      parameters.append(.reference("parameters/IfNoneMatch"))
    case .file: parameters.append(.reference("parameters/IfNoneMatch"))
    case .question, .document: break
    case .write: parameters.append(.reference("parameters/IdempotencyKey"))
    }
    parameters.append(.reference("parameters/Actor"))
    return parameters
  }

  /// Fields as query parameters; those of messages inside as dotted paths.
  private func query(_ message: String, prefix: String, except: Set<String>) -> [JSON] {
    var parameters: [JSON] = []
    for field in shapes.messages[message]?.fields ?? [] where !except.contains(field.name) {
      if case .message(let inner) = field.kind {
        parameters += query(inner, prefix: "\(prefix)\(field.name).", except: [])
      } else {
        parameters.append(
          .object([
            ("name", .text(prefix + field.name)), ("in", "query"),
            ("description", field.comment.isEmpty ? nil : .text(field.comment)),
            ("schema", schema(of: field, described: false)),
          ]))
      }
    }
    return parameters
  }

  private func body(of route: Route) -> JSON? {
    if route.kind.isRead { return nil }
    let inPath = Set(route.parameterNames)
    guard let message = shapes.messages[route.input] else { return nil }
    if route.kind == .document {
      return ["required": true, "content": ["application/json": ["schema": document(route.input)]]]
    }
    let fields = message.fields.filter { !inPath.contains($0.name) }
    if fields.isEmpty { return nil }
    let whole = fields.count == message.fields.count
    return [
      "required": .bool(route.context != nil),
      "content": ["application/json": ["schema": whole ? .reference(schema: route.input) : object(fields)]],
    ]
  }

  /// A text that the contracts carry and do not describe.
  private func document(_ message: String) -> JSON {
    ["type": "object", "description": .text(shapes.messages[message]?.comment ?? "")]
  }

  private func responses(of route: Route) -> JSON {
    let isRead = route.kind.isRead
    let answer: JSON =
      switch route.kind {
      case .read, .question, .write: ["schema": .reference(schema: route.output)]
      case .document: ["schema": document(route.output)]
      case .file: .object([JSON.Member]())
      }
    var headers: [JSON.Member] = [.init(name: "Premia-Correlation", value: .reference("headers/Correlation"))]
    if isRead { headers.append(.init(name: "ETag", value: .reference("headers/ETag"))) }
    let found: JSON = [
      "description": "Done.", "headers": .object(headers),
      "content": .object([JSON.Member(name: route.mediaType.rawValue, value: answer)]),
    ]
    return .object([
      ("200", found),
      ("304", isRead ? ["description": "The caller has it already."] : nil),
      ("default", .reference("responses/Problem")),
    ])
  }

  /// "GetTrialBalance" as "Get trial balance".
  private static func words(_ method: String) -> String {
    var words = ""
    for character in method {
      words += character.isUppercase && !words.isEmpty ? " " + character.lowercased() : String(character)
    }
    return words
  }
}

extension Route {
  fileprivate var tag: String { context ?? "events" }

  fileprivate var verb: String { kind.isRead ? "get" : "post" }

  /// A method that answers with files has one operation for each.
  fileprivate var operation: String {
    let name = "\(tag)\(method.method)"
    guard kind == .file, let file = path.split(separator: "/").last else { return name }
    return name + file.prefix(1).uppercased() + file.dropFirst()
  }
}

// MARK: - Schemas

extension OpenAPI {
  /// Every message that is reached from a route, and the problem.
  private var schemas: [JSON.Member] {
    var names: Set<String> = []
    for route in routes where route.kind != .document {
      reach(route.output, into: &names)
      reach(route.input, into: &names)
    }
    var members = names.sorted().compactMap { name -> JSON.Member? in
      if let message = shapes.messages[name] {
        return JSON.Member(name: Self.short(name), value: object(message.fields, message.comment))
      }
      guard let enumeration = shapes.enumerations[name] else { return nil }
      return JSON.Member(
        name: Self.short(name),
        value: .object([
          ("type", "string"), ("enum", .list(enumeration.values.map { .text($0.name) })),
          ("description", enumeration.comment.isEmpty ? nil : .text(enumeration.comment)),
        ]))
    }
    members.append(JSON.Member(name: "Problem", value: Self.problemSchema))
    return members
  }

  private func reach(_ name: String, into names: inout Set<String>) {
    guard names.insert(name).inserted else { return }
    for field in shapes.messages[name]?.fields ?? [] {
      switch field.kind {
      case .message(let inner), .enumeration(let inner): reach(inner, into: &names)
      case .text, .boolean, .integer, .bytes: break
      }
    }
  }

  private func object(_ fields: [Shapes.Field], _ comment: String = "") -> JSON {
    .object([
      ("type", "object"),
      ("description", comment.isEmpty ? nil : .text(comment)),
      ("properties", .object(fields.map { JSON.Member(name: $0.name, value: schema(of: $0, described: true)) })),
      ("additionalProperties", false),
    ])
  }

  private func schema(of field: Shapes.Field, described: Bool) -> JSON {
    let one: [(String, JSON?)] =
      switch field.kind {
      case .text: [("type", "string")]
      case .boolean: [("type", "boolean")]
      case .integer(let bits): [("type", "integer"), ("format", .text("int\(bits)"))]
      case .bytes: [("type", "string"), ("contentEncoding", "base64")]
      case .enumeration(let name), .message(let name): [("$ref", .text(JSON.path(ofSchema: name)))]
      }
    let shape: [(String, JSON?)] = field.repeated ? [("type", "array"), ("items", .object(one))] : one
    return .object(shape + [("description", described && !field.comment.isEmpty ? .text(field.comment) : nil)])
  }

  /// `premia.policy.v1.Quote` as `policy.Quote`.
  fileprivate static func short(_ name: String) -> String {
    "\(Shapes.context(of: name)).\(name.split(separator: ".").last ?? "")"
  }

  private static let problemSchema: JSON = [
    "type": "object",
    "description": "RFC 9457 problem details: what was refused, where and why, and what to do about it.",
    "required": ["type", "title", "status", "detail", "code", "remedy", "errors", "instance", "correlation"],
    "properties": [
      "type": ["type": "string", "format": "uri-reference", "description": "Stable: /problems/ and the code."],
      "title": ["type": "string"],
      "status": ["type": "integer"],
      "detail": ["type": "string", "description": "What was refused, where and why."],
      "code": ["type": "string", "description": "Stable, for programs, such as policy.not_applied."],
      "remedy": ["type": "string", "description": "What to do about it."],
      "errors": [
        "type": "array", "description": "The fields at fault.",
        "items": [
          "type": "object", "required": ["field", "why"],
          "properties": ["field": ["type": "string"], "why": ["type": "string"]],
        ],
      ],
      "instance": ["type": "string", "format": "uri-reference"],
      "correlation": ["type": "string"],
    ],
  ]

  private static let problem: JSON = [
    "description": "Refused, with the reason and the remedy.",
    "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
  ]

  private static let idempotencyKey: JSON = [
    "name": "Idempotency-Key", "in": "header", "required": true,
    "description": "Unique to what is to be done. The same key with the same request gets the first answer again.",
    "schema": ["type": "string", "minLength": 1, "maxLength": .integer(Int64(Asked.longestKey))],
  ]

  private static let actor: JSON = [
    "name": "Premia-Actor", "in": "header", "description": "Who does it.",
    "schema": ["type": "string", "default": "anonymous"],
  ]

  private static let ifNoneMatch: JSON = [
    "name": "If-None-Match", "in": "header", "description": "The ETag of an earlier answer.",
    "schema": ["type": "string"],
  ]

  private static let correlation: JSON = [
    "description": "Shared by all that the request sets off; the trace id of traceparent where that is sent.",
    "schema": ["type": "string"],
  ]

  private static let tag: JSON = ["description": "Changes when the answer changes.", "schema": ["type": "string"]]
}

extension JSON {
  fileprivate static func reference(_ place: String) -> JSON { ["$ref": .text("#/components/\(place)")] }

  fileprivate static func reference(schema name: String) -> JSON { ["$ref": .text(path(ofSchema: name))] }

  fileprivate static func path(ofSchema name: String) -> String { "#/components/schemas/\(OpenAPI.short(name))" }
}
