// The HTTP door: JSON over the same handlers as gRPC, from one table of routes.

public import Courier
import Contracts
import Crypto
import GRPCCore
public import Hummingbird
import Kernel

/// HTTP and JSON for every context that is run here.
///
/// A write needs an `Idempotency-Key`; a read has an `ETag`; a refusal is an RFC 9457 problem. What is there is
/// described at `/openapi.json`.
public struct Edge: Sendable {
  private let lines: [String: Line]
  private let shapes: Shapes
  private let document: [UInt8]

  /// - Parameter lines: by the names of the contexts; what is missing is answered with 503.
  /// - Throws: where the descriptors of the contracts cannot be read.
  public init(lines: [String: Line]) throws {
    self.lines = lines
    shapes = Shapes(try Descriptors.load())
    document = OpenAPI(routes: Routes.all, shapes: shapes).document.bytes
  }

  /// Adds every route, and problem details for what is not there.
  public func routes<Context: RequestContext>(on router: Router<Context>) {
    router.add(middleware: UnknownPaths())
    var methods: [String: [HTTPRequest.Method]] = [:]
    for route in Routes.all {
      let method: HTTPRequest.Method = route.kind.isRead ? .get : .post
      add(route.path, method, on: router, to: &methods) { request, context in
        let parameters = context.parameters.map { (name: $0.key, value: String($0.value)) }
        return await answer(request, parameters, route.chosen(by: parameters))
      }
    }
    add("/openapi.json", .get, on: router, to: &methods) { [document] request, _ in
      .read(document, .json, to: request, correlation: nil)
    }
    add("/healthz", .get, on: router, to: &methods) { request, _ in
      .read((["status": "ok"] as JSON).bytes, .json, to: request, correlation: nil)
    }
    add("/readyz", .get, on: router, to: &methods) { _, _ in await readiness() }
    refuseOtherMethods(methods, on: router)
  }

  private func add<Context: RequestContext>(
    _ path: String, _ method: HTTPRequest.Method, on router: Router<Context>,
    to methods: inout [String: [HTTPRequest.Method]],
    use handler: @escaping @Sendable (Request, Context) async -> Response
  ) {
    methods[path, default: []].append(method)
    router.on(RouterPath(path), method: method, use: handler)
    guard method == .get else { return }
    methods[path, default: []].append(.head)
    router.on(RouterPath(path), method: .head) { request, context in
      await handler(request, context).createHeadResponse()
    }
  }

  private static let methods: [HTTPRequest.Method] = [
    .get, .head, .post, .put, .patch, .delete, .options, .trace,
  ]

  private func refuseOtherMethods<Context: RequestContext>(
    _ methods: [String: [HTTPRequest.Method]], on router: Router<Context>
  ) {
    for (path, allowed) in methods {
      for method in Self.methods where !allowed.contains(method) {
        router.on(RouterPath(path), method: method) { request, _ in
          Refused.method(method, at: request.uri.path, allowed: allowed)
            .response(to: request.uri.path, correlation: Asked.correlation(of: request))
        }
      }
    }
  }

  private func answer(
    _ request: Request, _ parameters: [(name: Substring, value: String)], _ route: Route
  ) async -> Response {
    let correlation = Asked.correlation(of: request)
    let refused: Refused
    do {
      let asked = try await Asked(request, parameters, of: route, shapes: shapes, correlation: correlation)
      guard let line = lines[asked.context] else { throw Refused.unavailable(asked.context) }
      let answer = try await Call.$current.withValue(Call(trace: Asked.trace(of: request))) {
        try await ask {
          try await Carriage.with(asked.act, key: asked.key) { try await route.ask(line, asked.body, asked.parameters) }
        }
      }
      guard route.kind.isRead else { return .json(answer, correlation: correlation) }
      return .read(answer, route.mediaType, to: request, correlation: correlation)
    } catch let error as Refused {
      refused = error
    } catch let error as any Refusal {
      refused = Refused(error.problem, isOfContract: route.kind != .document)
    } catch {
      refused = Refused(
        Problem(
          kind: .internalFault, code: "request.failed", detail: "The request failed: \(error).",
          remedy: "Report this with the correlation."))
    }
    return refused.response(to: request.uri.path, correlation: correlation)
  }

  /// Ready where every context answers. The whole house is no context: it has no log to be asked for.
  private func readiness() async -> Response {
    let states = await withTaskGroup(of: (String, Bool).self) { group in
      for (context, line) in lines where context != "house" {
        group.addTask {
          var options = CallOptions.defaults
          options.timeout = .seconds(2)
          let log = Premia_Common_V1_EventLog.Client(wrapping: line.client)
          return (context, (try? await log.getLag(Premia_Common_V1_LagRequest(), options: options)) != nil)
        }
      }
      var states: [(String, Bool)] = []
      for await state in group { states.append(state) }
      return states.sorted { $0.0 < $1.0 }
    }
    let ready = states.allSatisfy(\.1)
    let contexts = states.map { JSON.Member(name: $0.0, value: .text($0.1 ? "ready" : "not ready")) }
    let document: JSON = ["status": ready ? "ready" : "not ready", "contexts": .object(contexts)]
    return .json(document.bytes, correlation: nil, status: ready ? .ok : .serviceUnavailable)
  }
}

extension Response {
  /// What is no read: it is not kept by anybody.
  fileprivate static func json(
    _ bytes: [UInt8], correlation: String?, status: HTTPResponse.Status = .ok
  ) -> Response {
    .whole(bytes, .json, correlation: correlation, status: status, headers: [:])
  }

  /// A read: with the hash of its body as its tag, and without a body where the caller has that already.
  fileprivate static func read(
    _ bytes: [UInt8], _ mediaType: Route.MediaType, to request: Request, correlation: String?
  ) -> Response {
    let tag = "\"" + SHA256.hash(data: bytes).prefix(16).map { $0.hex }.joined() + "\""
    let known = request.headers[.ifNoneMatch] ?? ""
    let matches = known == "*" || known.split(separator: ",").contains { $0.drop { $0 == " " } == tag }
    if matches {
      var headers: HTTPFields = [.eTag: tag]
      if let correlation { headers[.correlation] = correlation }
      return Response(status: .notModified, headers: headers)
    }
    var headers: HTTPFields = [.eTag: tag, .cacheControl: "private, no-cache"]
    if mediaType != .json {
      // A page brings its styles along; nothing else is loaded, and nothing runs.
      headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'"
      headers[.xContentTypeOptions] = "nosniff"
    }
    return .whole(bytes, mediaType, correlation: correlation, status: .ok, headers: headers)
  }

  private static func whole(
    _ bytes: [UInt8], _ mediaType: Route.MediaType, correlation: String?, status: HTTPResponse.Status,
    headers: HTTPFields
  ) -> Response {
    var headers = headers
    headers[.contentType] = mediaType.rawValue
    if let correlation { headers[.correlation] = correlation }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}

extension UInt8 {
  fileprivate var hex: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}

/// Problem details for paths that nobody knows. Who wants a page is left to those who make pages.
private struct UnknownPaths<Context: RequestContext>: RouterMiddleware {
  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      let path = request.uri.path
      let wantsPage = request.headers[.accept]?.contains("text/html") ?? false
      if wantsPage, !path.hasPrefix("/v1/") { throw error }
      return Refused.unknownPath(path).response(to: path, correlation: Asked.correlation(of: request))
    }
  }
}
