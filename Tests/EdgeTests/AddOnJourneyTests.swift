import Foundation
import Hummingbird
import Testing

@Suite struct `Dental beside a plan, over HTTP` {
  /// The plans of each invoice's premium lines, oldest first: "2027-01-01 silver dental".
  private static func premiumLines(_ door: Door) async throws -> [String] {
    let invoices = try await door.get("/v1/invoices?page.size=50").json["invoices"] as? [[String: Any]] ?? []
    return invoices.map { invoice in
      let lines = (invoice["lines"] as? [[String: Any]] ?? []).filter { $0["kind"] as? String == "premium" }
      let plans = lines.compactMap { $0["planId"] as? String }
      return ([invoice["from"] as? String ?? ""] + plans).joined(separator: " ")
    }.sorted()
  }

  @Test func `quoted, bound and paid, it is on the invoice beside the plan; dropped, it is on the next no more`()
    async throws
  {
    try await withLivingHouse(since: "2026-12-10") { door in
      let quote = try await door.post(
        "/v1/quotes", key: "quote",
        """
        {"household": {"state": "IL", "county": "Cook", "people": [
          {"ref": "a", "birthDate": "1990-04-01", "relationship": "subscriber"}]}, "effectiveDate": "2027-01-01",
         "aptc": {"cents": 40000, "currency": "USD"}}
        """)
      let addOn = try #require((quote.json["addOns"] as? [[String: Any]])?.first)
      #expect(addOn["planId"] as? String == "dental" && addOn["kind"] as? String == "PLAN_KIND_DENTAL")
      #expect((addOn["monthly"] as? [String: Any])?["cents"] as? Int == 38_50)
      let application = { (addOn: String) in
        """
        {"quoteId": "\(try quote.text("quoteId"))", "planId": "silver", "addOnIds": ["\(addOn)"],
         "applicants": [{"ref": "a", "partyId": "\(party("jane"))"}]}
        """
      }
      let refused = try await door.post("/v1/policies", key: "vision", try application("vision"))
      #expect(refused.status == 400)
      #expect(try refused.text("code") == "quote.add_on_not_offered")
      let id = try await door.post("/v1/policies", key: "apply", try application("dental")).text("policyId")
      #expect(try await door.post("/v1/policies/\(id)/bind", key: "bind").status == 200)
      let method = #"{"token": "tok_sandbox_ok", "autopay": true}"#
      #expect(try await door.post("/v1/policies/\(id)/payment-methods", key: "method", method).status == 200)
      #expect(
        try await door.post("/v1/clock/advance", key: "january", #"{"to": "2027-01-10"}"#).status == 200)
      #expect(try await door.get("/v1/policies/\(id)").text("status") == "ACTIVE")
      #expect(try await Self.premiumLines(door) == ["2027-01-01 silver dental"])
      // The exchange pays the plan in full, and nothing of the dental premium.
      let invoice = try #require((try await door.get("/v1/invoices").json["invoices"] as? [[String: Any]])?.first)
      #expect((invoice["total"] as? [String: Any])?["cents"] as? Int == 38_50)

      let remove = "/v1/policies/\(id)/add-ons/dental/remove"
      let rehearsal = #"{"reason": "request", "dryRun": true, "through": "2027-03-01"}"#
      let dry = try await door.post(remove, key: "dry", rehearsal)
      let sum = try #require(dry.json["sum"] as? [String: Any])
      #expect((sum["addOns"] as? [String: Any])?["cents"] as? Int == -38_50)
      #expect(try await door.post(remove, key: "remove", #"{"reason": "request"}"#).status == 200)
      #expect(
        try await door.post("/v1/clock/advance", key: "february", #"{"to": "2027-02-05"}"#).status == 200)
      #expect(try await Self.premiumLines(door) == ["2027-01-01 silver dental", "2027-02-01 silver"])

      let add = "/v1/policies/\(id)/add-ons"
      let late = try await door.post(add, key: "late", #"{"reason": "request", "planId": "dental"}"#)
      #expect(late.status == 400)
      #expect(try late.text("code") == "policy.add_on_reason")
      #expect(try late.text("detail").contains("add_on-add@1"))
      #expect(try await door.get("/v1/reconcile").json["defects"] == nil)
      #expect(try await door.get("/v1/verify").json["mismatchCount"] == nil)
    }
  }
}
