// The manager's pages, rendered on the server: no script, no build step.

import Contracts
public import Courier
public import Hummingbird
import Kernel

/// The manager's pages: `/` the book at a glance, `/policies` the list, `/policies/{id}` one policy and its timeline,
/// `/notices/{id}` a letter.
public struct Web: Sendable {
  private let house: House
  private let pages: Pages
  private let today: @Sendable () -> String

  /// - Parameters:
  ///   - lines: by the names of the contexts; a page says which of them are away.
  ///   - today: the business date as YYYY-MM-DD.
  /// - Throws: where a template cannot be read.
  public init(lines: [String: Line], today: @escaping @Sendable () -> String) throws {
    house = House(lines: lines)
    pages = try Pages()
    self.today = today
  }

  /// Adds the pages, and a page for what is not there.
  public func routes<Context: RequestContext>(on router: Router<Context>) {
    router.add(middleware: UnknownPages(web: self))
    add("/", on: router) { _, _ in
      pages.response("book", title: "The book at a glance", day: today(), await BookPage(house))
    }
    add("/policies", on: router) { request, _ in await policies(Form(request.uri.query)) }
    add("/policies/{id}", on: router) { request, context in
      await page {
        let correlation = Form(request.uri.query)["correlation"]
        let page = try await PolicyPage(context.parameters.require("id"), correlation: correlation, house)
        return pages.response("policy", title: "Policy \(page.number)", day: today(), page)
      }
    }
    add("/notices/{id}", on: router) { _, context in
      await page {
        let page = try await NoticePage(context.parameters.require("id"), house)
        return pages.response("notice", title: page.subject, day: today(), page)
      }
    }
    add("/assets/premia.css", on: router) { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/css; charset=utf-8", .cacheControl: "max-age=300"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: pages.stylesheet)))
    }
  }

  /// A page is to be read; anything else that is asked of it is refused.
  private func add<Context: RequestContext>(
    _ path: String, on router: Router<Context>, make: @escaping @Sendable (Request, Context) async -> Response
  ) {
    router.on(RouterPath(path), method: .get, use: make)
    router.on(RouterPath(path), method: .head) { request, context in await make(request, context).createHeadResponse() }
    for method: HTTPRequest.Method in [.post, .put, .patch, .delete, .options, .trace] {
      router.on(RouterPath(path), method: method) { request, _ in
        var response = pages.error(
          Problem(
            kind: .invalid, code: "page.method_not_allowed",
            detail: "\(request.uri.path) is a page; it does not answer \(method.rawValue).",
            remedy: "Open it with GET. To change something, use the API."),
          day: today(), status: .methodNotAllowed)
        response.headers[.allow] = "GET, HEAD"
        return response
      }
    }
  }

  private func policies(_ form: Form) async -> Response {
    let search = form["q"]
    let wish = PoliciesPage.Wish(
      search: search, state: form["state"], status: form["status"], token: form["token"])
    guard !search.isEmpty else {
      return pages.response("policies", title: "Policies", day: today(), await PoliciesPage(wish, house))
    }
    switch await house.find(search) {
    case .success(.one(let id)): return .redirect(to: "/policies/\(id.percentEncoded)")
    case .success(.members(let found)):
      if let only = found.first, found.count == 1 { return .redirect(to: "/policies/\(only.policyID.percentEncoded)") }
      let page = await PoliciesPage(wish, found: found, house)
      return pages.response("policies", title: "Policies", day: today(), page)
    case .failure(let problem) where problem.kind == .notFound:
      let page = await PoliciesPage(wish, missing: [problem.words], house)
      return pages.response("policies", title: "Policies", day: today(), page, status: .notFound)
    case .failure(let problem): return pages.error(problem, day: today())
    }
  }

  private func page(_ make: () async throws -> Response) async -> Response {
    do {
      return try await make()
    } catch let problem as Problem {
      return pages.error(problem, day: today())
    } catch {
      return pages.error(
        Problem(
          kind: .internalFault, code: "page.failed", detail: "The page could not be made: \(error).",
          remedy: "Report this with the address of the page."),
        day: today())
    }
  }

  fileprivate func unknown(_ path: String) -> Response {
    pages.error(
      Problem(
        kind: .notFound, code: "page.unknown", detail: "There is no page at \(path).",
        remedy: "Start from the book, or look for a policy."),
      day: today())
  }
}

/// A page for paths that nobody knows, for who wants a page.
private struct UnknownPages<Context: RequestContext>: RouterMiddleware {
  let web: Web

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      let path = request.uri.path
      guard request.headers[.accept]?.contains("text/html") ?? false, !path.hasPrefix("/v1/") else { throw error }
      return web.unknown(path)
    }
  }
}
