import Foundation
import Hummingbird
import Testing

/// A request that is refused: what is sent, and what comes back.
struct Refusal: Sendable, CustomTestStringConvertible {
  let words: String
  let method: HTTPRequest.Method
  let path: String
  var key: String? = "k"
  var body: String?
  var type = "application/json"
  let status: Int
  let code: String
  var field: String?

  var testDescription: String { words }

  static let unknown = "pol_01j9zzzzzzzzzzzzzzzzzzzzzz"

  static let all: [Refusal] = [
    .init(words: "an unknown path", method: .get, path: "/v1/nothing", status: 404, code: "request.unknown_path"),
    .init(words: "a method that is not there", method: .delete, path: "/v1/policies/x", status: 405, code: "request.method_not_allowed"),
    .init(words: "a write without a key", method: .post, path: "/v1/quotes", key: nil, body: "{}", status: 400, code: "request.no_idempotency_key", field: "Idempotency-Key"),
    .init(words: "a key with a blank", method: .post, path: "/v1/quotes", key: "a b", body: "{}", status: 400, code: "request.invalid", field: "Idempotency-Key"),
    .init(words: "text that is not JSON", method: .post, path: "/v1/quotes", body: "{\"state\": }", status: 400, code: "request.malformed"),
    .init(words: "a body of another type", method: .post, path: "/v1/quotes", body: "a=b", type: "text/plain", status: 415, code: "request.not_json"),
    .init(words: "an unknown field", method: .post, path: "/v1/quotes", body: #"{"household": {"stat": "TX"}}"#, status: 400, code: "request.invalid", field: "household.stat"),
    .init(words: "a number for a text", method: .post, path: "/v1/quotes", body: #"{"household": {"people": [{"ref": 1}]}}"#, status: 400, code: "request.invalid", field: "household.people[0].ref"),
    .init(words: "half a cent", method: .post, path: "/v1/quotes", body: #"{"aptc": {"cents": 1.5}}"#, status: 400, code: "request.invalid", field: "aptc.cents"),
    .init(words: "a list that is none", method: .post, path: "/v1/quotes", body: #"{"household": {"people": {}}}"#, status: 400, code: "request.invalid", field: "household.people"),
    .init(words: "a body that is a list", method: .post, path: "/v1/quotes", body: "[]", status: 400, code: "request.invalid", field: ""),
    .init(words: "a name that is no status", method: .get, path: "/v1/policies?status=SLEEPING", status: 400, code: "request.invalid", field: "status"),
    .init(words: "an unknown parameter", method: .get, path: "/v1/policies?colour=red", status: 400, code: "request.invalid", field: "colour"),
    .init(words: "a page of many", method: .get, path: "/v1/policies?page.size=999", status: 400, code: "request.invalid", field: "page.size"),
    .init(words: "a page of letters", method: .get, path: "/v1/policies?page.size=ten", status: 400, code: "request.invalid", field: "page.size"),
    .init(words: "a query of a write", method: .post, path: "/v1/policies/\(unknown)/bind?x=1", body: "", status: 400, code: "request.invalid", field: "x"),
    .init(words: "a body against its path", method: .post, path: "/v1/policies/\(unknown)/bind", body: #"{"policyId": "pol_other"}"#, status: 400, code: "request.invalid", field: "policyId"),
    .init(words: "what is not an identifier", method: .get, path: "/v1/policies/x", status: 400, code: "request.invalid", field: "policyId"),
    .init(words: "what does not exist", method: .get, path: "/v1/policies/\(unknown)", status: 404, code: "policy.not_found"),
    .init(words: "a context that is not run", method: .get, path: "/v1/billing/summary", status: 503, code: "context.unavailable"),
    .init(words: "the log of no context", method: .get, path: "/v1/events/weather", status: 503, code: "context.unavailable"),
    .init(words: "a service behind that is away", method: .post, path: "/v1/quotes", body: Door.household("XX"), status: 503, code: "rates.away"),
    .init(words: "a state in which nothing is sold", method: .post, path: "/v1/quotes", body: Door.household("ZZ"), status: 422, code: "quote.nothing_on_sale"),
    .init(words: "a date that is none", method: .post, path: "/v1/quotes", body: Door.household("TX").replacingOccurrences(of: "2027-01-01", with: "2027-02-30"), status: 400, code: "request.invalid", field: "effectiveDate"),
  ]
}

@Suite struct `What is refused` {
  @Test(arguments: Refusal.all) func `says what, where and why`(_ refusal: Refusal) async throws {
    try await withDoor { door in
      let answer =
        refusal.method == .post
        ? try await door.post(refusal.path, key: refusal.key, refusal.body ?? "", [.contentType: refusal.type])
        : try await door.send(refusal.method, refusal.path, [:], nil)
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

  @Test func `where the text stops being JSON`() async throws {
    try await withDoor { door in
      let answer = try await door.post("/v1/quotes", key: "k", "{\n  \"aptc\": }")
      #expect(try answer.text("detail").contains("line 2"))
    }
  }

  @Test func `a body above a mebibyte`() async throws {
    try await withDoor { door in
      let answer = try await door.post("/v1/quotes", key: "k", String(repeating: " ", count: 1 << 20 + 1))
      #expect(answer.status == 413)
      #expect(try answer.text("code") == "request.too_large")
    }
  }

  @Test func `what another method is used for is said`() async throws {
    try await withDoor { door in
      let answer = try await door.send(.put, "/v1/policies", [:], nil)
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
}
