// Templates and the answers made of them.

import Foundation
import Hummingbird
import Kernel
import Mustache

struct Pages: Sendable {
  /// What every page has.
  struct Frame {
    let title: String
    let day: String
    let places: [Place]
    let page: Any
  }

  /// Where the head of every page leads.
  struct Place {
    let label: String
    let href: String
    let isHere: Bool

    /// - Parameter template: of the page that is shown.
    static func all(from template: String) -> [Place] {
      [
        Place(label: "Book", href: "/", isHere: template == "book"),
        Place(label: "Policies", href: "/policies", isHere: template == "policies"),
        Place(label: "API", href: "/openapi.json", isHere: false),
      ]
    }
  }

  /// A page that says why there is none.
  struct ErrorPage {
    let heading: String
    let detail: String
    let remedy: String
    let code: String
  }

  private static let templates = ["layout", "book", "policies", "policy", "notice", "error", "part", "sheet", "facts"]

  private let library: MustacheLibrary
  let stylesheet: String

  /// - Throws: where a template is missing or cannot be read.
  init() throws {
    var library = MustacheLibrary()
    for name in Self.templates {
      try library.register(Self.text("Templates/\(name)", "mustache"), named: name)
    }
    self.library = library
    stylesheet = try Self.text("Assets/premia", "css")
  }

  func response(
    _ template: String, title: String, day: String, _ page: Any, status: HTTPResponse.Status = .ok
  ) -> Response {
    let frame = Frame(title: title, day: Words.day(day), places: Place.all(from: template), page: page)
    guard let html = library.render(frame, withTemplate: template) else {
      preconditionFailure("there is no template \(template)")
    }
    let headers: HTTPFields = [
      .contentType: "text/html; charset=utf-8", .cacheControl: "private, no-cache",
      .contentSecurityPolicy: Self.policy, .xContentTypeOptions: "nosniff",
    ]
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
  }

  func error(_ problem: Problem, day: String, status: HTTPResponse.Status? = nil) -> Response {
    let heading = problem.kind == .notFound ? "There is nothing here" : "This page cannot be shown"
    return response(
      "error", title: heading, day: day,
      ErrorPage(heading: heading, detail: problem.detail, remedy: problem.remedy, code: problem.code),
      status: status ?? .init(code: problem.kind.httpStatus))
  }

  /// Nothing runs, nothing is loaded from elsewhere. A letter's frame inherits this; letters carry their own styles.
  private static let policy =
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    + "frame-ancestors 'none'"

  private static func text(_ name: String, _ type: String) throws -> String {
    guard let url = Bundle.module.url(forResource: name, withExtension: type) else {
      throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: "\(name).\(type)"])
    }
    return try String(contentsOf: url, encoding: .utf8)
  }
}

extension String {
  /// As one value of a query.
  var percentEncoded: String {
    addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? ""
  }
}

/// The values of a query.
struct Form {
  private var values: [String: String] = [:]

  init(_ query: String?) {
    for part in (query ?? "").split(separator: "&") {
      let name = part.prefix { $0 != "=" }
      let value = part.dropFirst(name.count + 1).replacing("+", with: " ").removingPercentEncoding
      values[String(name)] = value.map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  subscript(name: String) -> String { values[name] ?? "" }
}
