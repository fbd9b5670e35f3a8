import Foundation
import Hummingbird
import Testing

@Suite struct `A policy through HTTP` {
  @Test func `quote, apply, bind and look at it`() async throws {
    try await withDoor { door in
      let quote = try await door.quote(key: "q1")
      #expect(quote.status == 200)
      let id = try quote.text("quoteId")
      let applied = try await door.post("/v1/policies", key: "a1", Door.application(of: id))
      #expect(try applied.text("status") == "APPLIED")
      let policy = try applied.text("policyId")
      let bound = try await door.post("/v1/policies/\(policy)/bind", key: "b1", "")
      #expect(try bound.text("status") == "PENDING_PAYMENT")

      let found = try await door.get("/v1/policies/\(policy)")
      #expect(found.status == 200)
      let segment = try #require((try found.json["premium"] as? [[String: Any]])?.first)
      #expect((segment["gross"] as? [String: Any])?["cents"] as? Int == 41_200)

      let tag = try #require(found.headers[.eTag])
      let again = try await door.get("/v1/policies/\(policy)", [.ifNoneMatch: "\"other\", \(tag)"])
      #expect(again.status == 304)
      #expect(again.text.isEmpty)
      let issued = try await door.post("/v1/policies/\(policy)/issue", key: "i1", #"{"reason": "paid by cheque"}"#)
      #expect(try issued.text("status") == "ACTIVE")
      #expect(try await door.get("/v1/policies/\(policy)", [.ifNoneMatch: tag]).status == 200)

      let listed = try await door.get("/v1/policies?state=TX&status=ACTIVE&page.size=10")
      #expect((try listed.json["policies"] as? [Any])?.count == 1)
      let log = try await door.get("/v1/events/policy?about=\(policy)")
      #expect(
        (try log.json["events"] as? [[String: Any]])?.compactMap { $0["type"] as? String } == [
          "Policy.Bound", "Policy.Issued",
        ])
    }
  }

  @Test func `the same key gives the first answer again, and is refused for another request`() async throws {
    try await withDoor { door in
      let first = try await door.quote(key: "same")
      let second = try await door.quote(key: "same")
      #expect(first.text == second.text)
      let other = try await door.quote(key: "same", state: "NY")
      #expect(other.status == 409)
      #expect(try other.text("code") == "idempotency.key_reused")
      #expect(try other.text("type") == "/problems/idempotency.key_reused")
    }
  }

  @Test func `the trace and the name of the caller go with what he sets off`() async throws {
    try await withDoor { door in
      let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
      let quote = try await door.post(
        "/v1/quotes", key: "t1", Door.household("TX"),
        [.traceParent: "00-\(trace)-00f067aa0ba902b7-01", .actor: "agent 7"])
      #expect(quote.headers[.correlation] == trace)
      let events = try await door.get("/v1/events/policy").json["events"] as? [[String: Any]]
      #expect(events?.first?["correlation"] as? String == trace)
      #expect(events?.first?["causation"] as? String == "key/t1")
      #expect(events?.first?["actor"] as? String == "agent 7")
    }
  }

  @Test func `a question needs no key`() async throws {
    try await withDoor { door in
      let answer = try await door.post("/v1/rates", key: nil, #"{"state": "TX", "effectiveDate": "2027-01-01"}"#)
      #expect(answer.status == 200)
      #expect((try answer.json["offers"] as? [Any])?.count == 1)
    }
  }

  @Test func `a preview goes through as it was written, exact to the cent`() async throws {
    let document = #"""
      {"currency": "USD", "timeZone": "America/New_York",
       "plans": {"my_\"plan\"": {"period": "P1M", "phases": [{"price": 987654321.01}]}},
       "timeline": [{"on": "2027-01-01", "do": "start", "plan": "my_\"plan\""}], "asOf": "2027-01-31"}
      """#
    try await withDoor { door in
      let answer = try await door.post("/v1/billing/preview", key: nil, document)
      #expect(answer.status == 200)
      #expect(answer.headers[.contentType] == "application/json")
      #expect(
        answer.text == #"""
          {"invoices":[{"on":"2027-01-01","lines":[{"kind":"recurring","plan":"my_\"plan\"","start":"2027-01-01",\#
          "end":"2027-02-01","fraction":"1","amount":"987654321.01"}],"total":"987654321.01",\#
          "balance":"987654321.01"}],"credit":"0.00","refundsDue":"0.00"}
          """#)
    }
  }

  @Test func `HEAD answers without a body, and the house says that it is well`() async throws {
    try await withDoor { door in
      let head = try await door.send(.head, "/openapi.json", [:], nil)
      #expect(head.status == 200)
      #expect(head.text.isEmpty)
      #expect(try await door.get("/healthz").text("status") == "ok")
      // The stand-in for Products has no log, so the house is not wholly ready.
      let ready = try await door.get("/readyz")
      #expect(ready.status == 503)
      #expect(
        try ready.json["contexts"] as? [String: String] == [
          "billing": "ready", "party": "ready", "policy": "ready", "products": "not ready",
        ])
    }
  }

  @Test func `the clock and the checks of the whole house`() async throws {
    try await withDoor { door in
      #expect(try await door.get("/v1/clock").text("today") == "2026-11-20")
      let moved = try await door.post("/v1/clock/advance", key: "c1", #"{"to": "2026-12-01"}"#)
      #expect(try moved.text("today") == "2026-12-01")
      #expect(try await door.get("/v1/verify").json["events"] as? Int == 7)
      #expect(try await door.get("/v1/reconcile").json["rules"] as? Int == 3)
    }
  }
}
