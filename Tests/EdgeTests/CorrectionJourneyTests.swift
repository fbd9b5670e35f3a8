import Foundation
import Hummingbird
import Testing

@Suite struct `Charges and corrections of long ago, over HTTP` {
  private static func cents(_ name: String, in answer: Answer) throws -> Int? {
    (try answer.json[name] as? [String: Any])?["cents"] as? Int
  }

  @Test func `a fee is charged, paid by autopay, and the books agree`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder(door)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2027-01-10")
      let account = try await door.get("/v1/policies/\(holder.policyID)/account").text("accountId")
      let path = "/v1/accounts/\(account)/charges"
      let body = #"{"amount": {"cents": 2500}, "reason": "Returned payment"}"#
      let charge = try await door.post(path, key: "fee", body)
      #expect(charge.status == 200, "\(charge.text)")
      #expect(try Self.cents("total", in: charge) == 2_500)
      // The same key again charges nothing more.
      #expect(try await door.post(path, key: "fee", body).text == charge.text)
      let nothing = try await door.post(path, key: "none", #"{"amount": {"cents": 0}, "reason": "Nothing"}"#)
      #expect(try nothing.text("code") == "billing.charge_out_of_range")
      let euro = #"{"amount": {"cents": 1, "currency": "EUR"}, "reason": "Abroad"}"#
      #expect(try await door.post(path, key: "euro", euro).status == 400)
      try await holder.live(until: "2027-01-11")
      try await holder.expectBooksAgree()
      try await holder.live(until: "2027-01-25")
      let paid = try await door.get("/v1/invoices/\(try charge.text("invoiceId"))")
      #expect(try paid.text("status") == "PAID")
      try await holder.expectBooksAgree()
    }
  }

  @Test func `a policy void after a year and a half gives back all of it, and the books agree`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder(door, aptcCents: 124_00)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2028-06-01")
      let account = try await door.get("/v1/policies/\(holder.policyID)/account")
      #expect(try Self.cents("receivable", in: account) == nil || Self.cents("receivable", in: account) == 0)
      try await holder.post("notice-rescission", #"{"reason": "fraud"}"#)
      try await holder.live(until: "2028-07-03")
      try await holder.post("rescind", #"{"reason": "never lived here"}"#)
      try await holder.live(until: "2028-07-04")
      #expect(try await holder.status() == "VOIDED")
      // January 2027 to July 2028, at $186.00 each.
      let after = try await door.get("/v1/policies/\(holder.policyID)/account")
      #expect(try Self.cents("credit", in: after) == 19 * 186_00, "\(after.text)")
      try await holder.expectBooksAgree()
    }
  }
}
