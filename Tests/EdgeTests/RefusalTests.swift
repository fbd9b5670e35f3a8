import Foundation
import Hummingbird
import Testing

/// A request that is refused: what is sent, and what comes back.
struct Refused: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let method: HTTPRequest.Method
  let path: String
  let body: String
  var key: String? = "k"
  var type = "application/json"
  let status: Int
  let code: String
  let field: String?

  private static func get(_ words: String, _ path: String, _ status: Int, _ code: String, at field: String? = nil)
    -> Self
  {
    Refused(testDescription: words, method: .get, path: path, body: "", status: status, code: code, field: field)
  }

  private static func post(
    _ words: String, _ body: String, to path: String = "/v1/quotes", _ status: Int = 400,
    _ code: String = "request.invalid", at field: String? = nil
  ) -> Self {
    Refused(testDescription: words, method: .post, path: path, body: body, status: status, code: code, field: field)
  }

  private func with(key: String?) -> Self {
    var refused = self
    refused.key = key
    return refused
  }

  private func with(type: String) -> Self {
    var refused = self
    refused.type = type
    return refused
  }

  private static let unknown = "/v1/policies/pol_01j9zzzzzzzzzzzzzzzzzzzzzz"
  private static let preview = "/v1/billing/preview"
  private static let wrongDate = Door.household("TX").replacing("2027-01-01", with: "2027-02-30")

  static let all: [Refused] = [
    get("an unknown path", "/v1/nothing", 404, "request.unknown_path"),
    post("a write without a key", "{}", 400, "request.no_idempotency_key", at: "Idempotency-Key").with(key: nil),
    post("a key with a blank", "{}", at: "Idempotency-Key").with(key: "a b"),
    post("text that is not JSON", #"{"state": }"#, 400, "request.malformed"),
    post("a body of another type", "a=b", 415, "request.not_json").with(type: "text/plain"),
    post("an unknown field", #"{"household": {"stat": "TX"}}"#, at: "household.stat"),
    post("a number for a text", #"{"household": {"people": [{"ref": 1}]}}"#, at: "household.people[0].ref"),
    post("half a cent", #"{"aptc": {"cents": 1.5}}"#, at: "aptc.cents"),
    post("a list that is none", #"{"household": {"people": {}}}"#, at: "household.people"),
    post("a body that is a list", "[]", at: ""),
    post("a date that is none", wrongDate, at: "effectiveDate"),
    post("a query of a write", "", to: "\(unknown)/bind?x=1", at: "x"),
    post("a body against its path", #"{"policyId": "pol_other"}"#, to: "\(unknown)/bind", at: "policyId"),
    get("a name that is no status", "/v1/policies?status=SLEEPING", 400, "request.invalid", at: "status"),
    get("an unknown parameter", "/v1/policies?colour=red", 400, "request.invalid", at: "colour"),
    get("a page of many", "/v1/policies?page.size=999", 400, "request.invalid", at: "page.size"),
    get("a page of letters", "/v1/policies?page.size=ten", 400, "request.invalid", at: "page.size"),
    get("what is not an identifier", "/v1/policies/x", 400, "request.invalid", at: "policyId"),
    get("what does not exist", unknown, 404, "policy.not_found"),
    post("the clock without a key", "{}", to: "/v1/clock/advance", 400, "request.no_idempotency_key").with(key: nil),
    get("a context that is not run", "/v1/claims/summary", 503, "context.unavailable"),
    get("the log of no context", "/v1/events/weather", 503, "context.unavailable"),
    post("a preview that is no JSON", "{\n}}", to: preview, 400, "billing.preview_malformed", at: "line 2, column 2"),
    post("a preview of nothing", "", to: preview, 400, "billing.preview_malformed", at: "line 1, column 1"),
    post("a preview in another type", "{}", to: preview, 415, "request.not_json").with(type: "text/plain"),
    post("a preview with a query", "{}", to: "\(preview)?x=1", at: "x"),
    post(
      "an unknown field of a preview, named as it was written", #"{"as_of": "2027-01-01"}"#, to: preview, 400,
      "billing.preview_unknown_field", at: "as_of"),
    post("a service behind that is away", Door.household("XX"), 503, "rates.away"),
    post("a state in which nothing is sold", Door.household("ZZ"), 422, "quote.nothing_on_sale"),
  ]
}

@Suite struct `What is refused` {
  @Test(arguments: Refused.all) func `says what, where and why`(_ refusal: Refused) async throws {
    try await withDoor { door in
      let answer =
        refusal.method == .post
        ? try await door.post(refusal.path, key: refusal.key, refusal.body, [.contentType: refusal.type])
        : try await door.get(refusal.path)
      #expect(answer.status == refusal.status)
      #expect(answer.headers[.contentType] == "application/problem+json")
      #expect(answer.headers[.correlation]?.count == 32)
      #expect(try answer.text("code") == refusal.code)
      #expect(try answer.text("type") == "/problems/\(refusal.code)")
      #expect(try answer.json["status"] as? Int == refusal.status)
      #expect(try !answer.text("detail").isEmpty && !answer.text("title").isEmpty && !answer.text("remedy").isEmpty)
      let fields = (try answer.json["errors"] as? [[String: String]])?.compactMap { $0["field"] } ?? []
      if let field = refusal.field { #expect(fields.contains(field)) }
    }
  }

  @Test func `every fault of a body at once`() async throws {
    try await withDoor { door in
      let answer = try await door.post("/v1/quotes", key: "k", #"{"household": {"stat": 1}, "aptc": 3}"#)
      let fields = (try answer.json["errors"] as? [[String: String]])?.compactMap { $0["field"] }
      #expect(fields == ["aptc", "household.stat"])
    }
  }

  @Test func `what is no JSON is refused as such`() async throws {
    try await withDoor { door in
      let answer = try await door.post("/v1/quotes", key: "k", "{\n  \"aptc\": }")
      #expect(try answer.text("code") == "request.malformed")
      #expect(try answer.text("detail").contains("around"))
    }
  }

  @Test func `a body above a mebibyte`() async throws {
    try await withDoor { door in
      let answer = try await door.post("/v1/quotes", key: "k", String(repeating: " ", count: 1 << 20 + 1))
      #expect(answer.status == 413)
      #expect(try answer.text("code") == "request.too_large")
    }
  }

  @Test(arguments: [HTTPRequest.Method.put, .options, .trace])
  func `what another method is used for is said`(_ method: HTTPRequest.Method) async throws {
    try await withDoor { door in
      let answer = try await door.send(method, "/v1/policies", [:], nil)
      #expect(answer.status == 405)
      #expect(try answer.text("code") == "request.method_not_allowed")
      #expect(answer.headers[.allow] == "POST, GET, HEAD")
    }
  }

  @Test func `a state that does not allow it, and a quote taken twice`() async throws {
    try await withDoor { door in
      let quote = try await door.quote(key: "q").text("quoteId")
      let policy = try await door.post("/v1/policies", key: "a", Door.application(of: quote)).text("policyId")
      let twice = try await door.post("/v1/policies", key: "a2", Door.application(of: quote))
      #expect(twice.status == 409)
      #expect(try twice.text("code") == "quote.taken")
      let early = try await door.post("/v1/policies/\(policy)/issue", key: "i", #"{"reason": "x"}"#)
      #expect(early.status == 422)
      #expect(try early.text("code") == "policy.not_pending_payment")
    }
  }

  @Test func `fields are named as the caller names them`() async throws {
    try await withDoor { door in
      let answer = try await door.get("/v1/policies/x")
      #expect(try answer.text("detail") == "policyId is 'x', not an identifier pol_….")
    }
  }
}
