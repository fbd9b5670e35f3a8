// What a request asks for, in the words of the contracts.

import Courier
import Foundation
import Hummingbird
import Kernel
import Runtime

/// One request, read and checked.
struct Asked {
  /// The most a body may hold, in bytes.
  static let largestBody = 1 << 20
  static let longestKey = 200

  let act: Act
  let key: String?
  let context: String
  let body: [UInt8]
  let parameters: [UInt8]

  /// - Throws: `Problem` or `Refused`.
  init(
    _ request: Request, _ values: [(name: Substring, value: String)], of route: Route, shapes: Shapes,
    correlation: String
  ) async throws {
    key = try Self.key(of: request, for: route)
    act = Act(
      correlation: correlation, causation: key.map { "key/\($0)" } ?? "req/\(correlation)",
      actor: request.headers[.actor] ?? "anonymous")
    context = route.context ?? values.first { $0.name == "context" }?.value ?? ""
    let path = route.context == nil ? values.filter { $0.name != "context" } : values
    let query = try request.uri.query.map(Self.pairs) ?? []
    switch route.kind {
    case .read, .file:
      if let twice = query.first(where: { pair in path.contains { $0.name == pair.name } }) {
        throw Problem.wrong(String(twice.name), "is in the path already")
      }
      let message = shapes.message(route.input, from: path + query)
      try shapes.check(message, as: route.input)
      body = JSON.object([JSON.Member]()).bytes
      parameters = message.bytes
    case .document:
      try Self.refuse(query)
      let buffer = try await Self.content(of: request)
      guard let document = String(validating: buffer.readableBytesView, as: UTF8.self) else {
        throw Problem(
          kind: .invalid, code: "request.malformed", detail: "The body is not UTF-8.", remedy: "Send JSON in UTF-8.")
      }
      body = (["document": .text(document)] as JSON).bytes
      parameters = shapes.message(route.input, from: path).bytes
    case .question, .write:
      try Self.refuse(query)
      let json = try await Self.json(of: request)
      try shapes.check(json, as: route.input)
      for (name, value) in path {
        if let other = json[String(name)], other != .text(value) {
          throw Problem.wrong(String(name), "differs from the path, which says \(value)")
        }
      }
      body = json.bytes
      parameters = shapes.message(route.input, from: path).bytes
    }
  }

  /// The trace of the caller (W3C Trace Context), or a new one.
  static func correlation(of request: Request) -> String {
    let parts = (request.headers[.traceParent] ?? "").split(separator: "-")
    if parts.count >= 4, parts[1].count == 32, parts[1].allSatisfy(\.isHexDigit),
      !parts[1].allSatisfy({ $0 == "0" })
    {
      return String(parts[1])
    }
    return hex(UInt64.random(in: 1 ... .max)) + hex(UInt64.random(in: 0 ... .max))
  }

  /// Where the request stands in its trace: behind whoever sent it, or at the beginning of a new one.
  static func trace(of request: Request) -> Trace {
    let sender = request.headers[.traceParent].flatMap { header in
      Trace(traceparent: header, state: request.headers[.traceState] ?? "")
    }
    return sender?.next ?? Trace()
  }

  private static func hex(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  private static func key(of request: Request, for route: Route) throws -> String? {
    guard case .write = route.kind else { return nil }
    guard let key = request.headers[.idempotencyKey], !key.isEmpty else {
      throw Problem(
        kind: .invalid, code: "request.no_idempotency_key", detail: "A write needs the header Idempotency-Key.",
        remedy: "Choose a key unique to what you want done; sent again with it, the request is done once.",
        fields: ["Idempotency-Key": "is missing"])
    }
    guard key.count <= longestKey, key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Problem.wrong("Idempotency-Key", "is not 1 to \(longestKey) visible ASCII characters")
    }
    return key
  }

  /// The pairs of a query; keys may be dotted paths.
  private static func pairs(_ query: String) throws(Problem) -> [(name: Substring, value: String)] {
    var pairs: [(name: Substring, value: String)] = []
    for part in query.split(separator: "&") {
      let name = part.prefix { $0 != "=" }
      let value = part.dropFirst(name.count + 1).replacing("+", with: " ")
      guard let text = value.removingPercentEncoding else { throw .wrong(String(name), "is not percent-encoded UTF-8") }
      pairs.append((name, text))
    }
    return pairs
  }

  private static func refuse(_ query: [(name: Substring, value: String)]) throws(Problem) {
    guard let stray = query.first else { return }
    throw .wrong(String(stray.name), "is in the query; it belongs in the body")
  }

  /// The body as it was sent.
  private static func content(of request: Request) async throws -> ByteBuffer {
    let buffer: ByteBuffer
    do {
      buffer = try await request.body.collect(upTo: largestBody)
    } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
      throw Refused.tooLarge(limit: largestBody)
    }
    if buffer.readableBytes > 0, let type = request.headers[.contentType],
      !type.lowercased().hasPrefix("application/json")
    {
      throw Refused.notJSON(type)
    }
    return buffer
  }

  private static func json(of request: Request) async throws -> JSON {
    let buffer = try await content(of: request)
    guard buffer.readableBytes > 0 else { return .object([JSON.Member]()) }
    do {
      return try JSON(parsing: Array(buffer.readableBytesView))
    } catch {
      throw Problem(
        kind: .invalid, code: "request.malformed", detail: "The body is not JSON: \(Self.words(error, buffer)).",
        remedy: "Correct the text; strings and names stand in double quotes.")
    }
  }

  /// Where the text stops being JSON; the decoder does not say.
  private static func words(_ error: any Error, _ body: ByteBuffer) -> String {
    var why = "\(error)"
    do {
      _ = try JSONSerialization.jsonObject(with: Data(body.readableBytesView), options: .fragmentsAllowed)
    } catch {
      why = (error as NSError).userInfo["NSDebugDescription"] as? String ?? why
    }
    return why.last == "." ? String(why.dropLast()) : why
  }
}

extension Problem {
  fileprivate static func wrong(_ field: String, _ why: String) -> Problem {
    Problem(
      kind: .invalid, code: "request.invalid", detail: "\(field) \(why).", remedy: "Correct it and send again.",
      fields: [field: why])
  }
}
