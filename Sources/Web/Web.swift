// The manager's pages, rendered on the server: no script, no build step.

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
  public init(lines: [String: LocalLine], today: @escaping @Sendable () -> String) throws {
    house = House(lines: lines)
    pages = try Pages()
    self.today = today
  }

  /// Adds the pages, and a page for what is not there.
  public func routes<Context: RequestContext>(on router: Router<Context>) {
    router.add(middleware: UnknownPages(web: self))
    router.get("/") { _, _ in
      pages.response("book", title: "The book at a glance", day: today(), await BookPage(house))
    }
    router.get("/policies") { request, _ in await policies(Form(request.uri.query)) }
    router.get("/policies/{id}") { request, context in
      await page {
        let correlation = Form(request.uri.query)["correlation"]
        let page = try await PolicyPage(context.parameters.require("id"), correlation: correlation, house)
        return pages.response("policy", title: "Policy \(page.number)", day: today(), page)
      }
    }
    router.get("/notices/{id}") { _, context in
      await page {
        let page = try await NoticePage(context.parameters.require("id"), house)
        return pages.response("notice", title: page.subject, day: today(), page)
      }
    }
    router.get("/assets/premia.css") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/css; charset=utf-8", .cacheControl: "max-age=300"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: pages.stylesheet)))
    }
  }

  private func policies(_ form: Form) async -> Response {
    let search = form["q"]
    if !search.isEmpty {
      switch await house.find(search) {
      case .success(let id): return .redirect(to: "/policies/\(id.percentEncoded)")
      case .failure(let problem): return pages.error(problem, day: today())
      }
    }
    let wish = PoliciesPage.Wish(state: form["state"], status: form["status"], token: form["token"])
    return pages.response("policies", title: "Policies", day: today(), await PoliciesPage(wish, house))
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
