import Foundation
import Hummingbird
import Kernel
import Testing

@Suite struct `Invoices and what becomes of them, over HTTP` {
  private enum PartyTag: IDTag { static let prefix = "pty" }

  private static let party = ID<PartyTag>(at: Instant(microseconds: 1_800_000_000_000_000), derivedFrom: "jane")

  /// A policy that was bound, and so billed its first month; its one invoice.
  private static func invoice(_ door: Door) async throws -> [String: Any] {
    let quote = try await door.post(
      "/v1/quotes", key: "quote",
      """
      {"household": {"state": "IL", "county": "Cook", "people": [
        {"ref": "a", "birthDate": "1990-04-01", "relationship": "subscriber"}]}, "effectiveDate": "2027-01-01"}
      """)
    let applied = try await door.post(
      "/v1/policies", key: "apply",
      """
      {"quoteId": "\(try quote.text("quoteId"))", "planId": "silver",
       "applicants": [{"ref": "a", "partyId": "\(party)"}]}
      """)
    let policy = try applied.text("policyId")
    #expect(try await door.post("/v1/policies/\(policy)/bind", key: "bind").status == 200)
    #expect(try await door.post("/v1/clock/advance", key: "day", #"{"to": "2026-12-03"}"#).status == 200)
    let invoices = try await door.get("/v1/invoices").json["invoices"] as? [[String: Any]]
    return try #require(invoices?.first)
  }

  private static func expectBooksAgree(_ door: Door) async throws {
    #expect(try await door.get("/v1/reconcile").json["defects"] == nil)
    #expect(try await door.get("/v1/verify").json["mismatchCount"] == nil)
  }

  @Test func `an invoice is JSON, a page and a PDF, each at its own address`() async throws {
    try await withLivingHouse(since: "2026-12-01") { door in
      _ = try await Self.invoice(door)
      let list = try await door.get("/v1/documents").json["documents"] as? [[String: Any]]
      let number = try #require(list?.first?["number"] as? String)
      #expect(number == "INV-2026-000001")
      #expect(try await door.get("/v1/documents/\(number)").text("kind") == "INVOICE")
      let page = try await door.get("/v1/documents/\(number)/html")
      #expect(page.headers[.contentType] == "text/html; charset=utf-8")
      #expect(page.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'") == true)
      #expect(page.text.contains("Jane Doe") && page.text.contains("$310.00"))
      let tag = try #require(page.headers[.eTag])
      #expect(try await door.get("/v1/documents/\(number)/html", [.ifNoneMatch: tag]).status == 304)
      let unknown = try await door.get("/v1/documents/INV-2026-000002/html")
      #expect(unknown.status == 404)
      #expect(unknown.headers[.contentType] == "application/problem+json")
      let pdf = try await door.get("/v1/documents/\(number)/pdf")
      if pdf.status == 200 {
        #expect(pdf.headers[.contentType] == "application/pdf")
        #expect(pdf.text.hasPrefix("%PDF-"))
      } else {
        #expect(try pdf.text("code") == "billing.no_print_engine")
      }
    }
  }

  @Test func `what was paid is refunded with and without adjustment, and the books agree`() async throws {
    try await withLivingHouse(since: "2026-12-01") { door in
      let invoice = try await Self.invoice(door)
      let (id, account) = (
        try #require(invoice["invoiceId"] as? String), try #require(invoice["accountId"] as? String)
      )
      let policy = try #require(invoice["policyId"] as? String)
      let paid = try await door.post(
        "/v1/payments", key: "pay",
        #"{"policyId": "\#(policy)", "invoiceId": "\#(id)", "token": "tok_sandbox_ok"}"#)
      #expect(paid.status == 200, "\(paid.text)")
      #expect(try await door.post("/v1/clock/advance", key: "d4", #"{"to": "2026-12-04"}"#).status == 200)
      let lowered = try await door.post(
        "/v1/accounts/\(account)/refunds", key: "r1",
        #"{"amount": {"cents": 1000}, "invoiceId": "\#(id)", "adjust": true, "reason": "outage"}"#)
      #expect(lowered.status == 200, "\(lowered.text)")
      let reopened = try await door.post(
        "/v1/accounts/\(account)/refunds", key: "r2",
        #"{"amount": {"cents": 5000}, "invoiceId": "\#(id)", "reason": "paid by mistake"}"#)
      #expect(try reopened.text("reopenedInvoiceId") == id)
      #expect(try await door.post("/v1/clock/advance", key: "d7", #"{"to": "2026-12-07"}"#).status == 200)
      let totals = try await door.get("/v1/totals/payments").json["totals"] as? [[String: Any]]
      let refunded = totals?.first { $0["name"] as? String == "refunded" }?["amount"] as? [String: Any]
      #expect(refunded?["cents"] as? Int == 6_000)
      let open = try await door.get("/v1/policies/\(policy)/account").json["receivable"] as? [String: Any]
      #expect(open?["cents"] as? Int == 5_000)
      try await Self.expectBooksAgree(door)
    }
  }

  @Test func `an invoice is adjusted, then written off, and the books agree`() async throws {
    try await withLivingHouse(since: "2026-12-01") { door in
      let invoice = try #require(try await Self.invoice(door)["invoiceId"] as? String)
      let path = "/v1/invoices/\(invoice)"
      let body = #"{"amount": {"cents": 1000}, "reason": "goodwill"}"#
      #expect(try await door.post("\(path)/credit", key: "c", body).text("code") == "billing.more_than_paid")
      let adjusted = try await door.post("\(path)/adjust", key: "a", body)
      #expect(adjusted.status == 200, "\(adjusted.text)")
      // The same key again changes nothing; another amount under it is refused.
      #expect(try await door.post("\(path)/adjust", key: "a", body).text == adjusted.text)
      let other = #"{"amount": {"cents": 2000}, "reason": "goodwill"}"#
      #expect(try await door.post("\(path)/adjust", key: "a", other).text("code") == "idempotency.key_reused")
      let lost = try await door.post("\(path)/write-off", key: "w", #"{"reason": "uncollectible"}"#)
      #expect(try lost.text("status") == "WRITTEN_OFF")
      #expect((try lost.json["writtenOff"] as? [String: Any])?["cents"] as? Int == 30_000)
      #expect(try await door.post("/v1/clock/advance", key: "next", #"{"to": "2026-12-04"}"#).status == 200)
      let numbers = try await door.get("/v1/documents").json["documents"] as? [[String: Any]]
      #expect(numbers?.compactMap { $0["number"] as? String } == ["CRN-2026-000001", "INV-2026-000001"])
      try await Self.expectBooksAgree(door)
    }
  }

  @Test func `a discount is tried, granted, ended, and had by many at once, and the books agree`() async throws {
    try await withLivingHouse(since: "2026-12-01") { door in
      let invoice = try await Self.invoice(door)
      let account = try #require(invoice["accountId"] as? String)
      func change(_ answer: Answer) throws -> Int? { (try answer.json["change"] as? [String: Any])?["cents"] as? Int }
      let path = "/v1/accounts/\(account)/discounts"
      let terms = #""code": "LOYAL", "terms": {"percent": "10", "from": "2027-01-01"}, "reason": "ten years""#
      let dry = try await door.post(path, key: "g", #"{\#(terms), "dryRun": true}"#)
      #expect(try change(dry) == -3_100, "\(dry.text)")
      #expect(try change(try await door.post(path, key: "g", "{\(terms)}")) == -3_100)
      let much = #"{"code": "BIG", "terms": {"amount": {"cents": 31000}, "from": "2027-01-01"}, "reason": "error"}"#
      #expect(try await door.post(path, key: "b", much).text("code") == "billing.negative_amount")
      let opened = try await door.post(
        "/v1/campaigns", key: "o",
        """
        {"code": "SPRING", "reason": "spring",
         "terms": {"amount": {"cents": 1000}, "from": "2027-01-01", "months": 2, "budget": {"cents": 5000}}}
        """)
      #expect(opened.status == 200, "\(opened.text)")
      let joined = try await door.post(path, key: "j", #"{"code": "SPRING", "ofCampaign": true, "reason": "asked"}"#)
      #expect(try change(joined) == -1_000, "\(joined.text)")
      let campaign = try await door.get("/v1/campaigns/SPRING").json["committed"] as? [String: Any]
      #expect(campaign?["cents"] as? Int == 2_000)
      #expect(try await door.post("/v1/clock/advance", key: "d4", #"{"to": "2026-12-04"}"#).status == 200)
      try await Self.expectBooksAgree(door)
      let ended = try await door.post(
        "\(path)/LOYAL/end", key: "e", #"{"on": "2027-01-01", "reason": "by mistake"}"#)
      #expect(try change(ended) == 3_100, "\(ended.text)")
      let list = try await door.get(path).json["discounts"] as? [[String: Any]]
      #expect(list?.compactMap { $0["code"] as? String } == ["LOYAL", "SPRING"])
      #expect(try await door.post("/v1/clock/advance", key: "d5", #"{"to": "2026-12-05"}"#).status == 200)
      try await Self.expectBooksAgree(door)
    }
  }

  @Test func `an employer's share is tried, set, stated and paid by a remittance, and the books agree`() async throws {
    try await withLivingHouse(since: "2026-12-01") { door in
      let account = try #require(try await Self.invoice(door)["accountId"] as? String)
      let employer = ID<PartyTag>(at: Instant(microseconds: 1_800_000_000_000_000), derivedFrom: "acme").description
      func cents(_ answer: Answer, _ member: String) throws -> Int? {
        (try answer.json[member] as? [String: Any])?["cents"] as? Int
      }
      let half = #"{"payerId": "\#(employer)", "kind": "employer", "percent": "50"}"#
      let order = #""period": {"from": "2027-01-01", "shares": [\#(half)]}, "reason": "benefit""#
      let path = "/v1/accounts/\(account)/shares"
      let tried = try await door.post(path, key: "s", #"{\#(order), "dryRun": true}"#)
      #expect(try cents(tried, "change") == -15_500, "\(tried.text)")
      #expect(try await door.get(path).json["periods"] == nil)
      #expect(try cents(try await door.post(path, key: "s", "{\(order)}"), "change") == -15_500)
      let twice = #"{"period": {"from": "2027-01-01", "shares": [\#(half), \#(half)]}, "reason": "error"}"#
      #expect(try await door.post(path, key: "t", twice).text("code") == "billing.same_payer")
      #expect(try await door.post("/v1/clock/advance", key: "d25", #"{"to": "2026-12-25"}"#).status == 200)
      #expect(try cents(try await door.get("/v1/payers/\(employer)"), "owed") == 15_500)
      let list = try await door.get("/v1/payers/\(employer)/statements").json["statements"] as? [[String: Any]]
      let statement = try #require(list?.first?["statementId"] as? String)
      let stated = try await door.get("/v1/statements/\(statement)")
      #expect(try cents(stated, "total") == 15_500)
      #expect((try stated.json["lines"] as? [Any])?.count == 1)
      let page = try await door.get("/v1/documents/STM-2026-000001/html")
      #expect(page.text.contains("Acme") && page.text.contains("$155.00"), "\(page.text)")
      let paid = try await door.post(
        "/v1/receipts", key: "p",
        """
        {"funds": "CONTRIBUTION", "payer": "Acme", "reference": "TRACE1", "source": "wire/1",
         "payerId": "\(employer)", "amount": {"cents": 15500}}
        """)
      #expect(try cents(paid, "applied") == 15_500, "\(paid.text)")
      #expect(try await door.post("/v1/clock/advance", key: "d26", #"{"to": "2026-12-26"}"#).status == 200)
      #expect(try await door.get("/v1/statements/\(statement)").text("status") == "STATEMENT_PAID")
      try await Self.expectBooksAgree(door)
    }
  }
}
