import Foundation
import Testing

@Suite struct `How a policy is billed, through the doors` {
  private func invoices(_ holder: Holder) async throws -> [String] {
    let account = try await holder.door.get("/v1/policies/\(holder.policyID)/account").text("accountId")
    let answer = try await holder.door.get("/v1/invoices?accountId=\(account)").json
    return (answer["invoices"] as? [[String: Any]] ?? []).map { invoice in
      let cents = (invoice["total"] as? [String: Any])?["cents"] as? Int ?? 0
      return ["from", "to", "dueOn", "status"].map { "\(invoice[$0] ?? "")" }.joined(separator: " ") + " \(cents)"
    }
  }

  @Test func `applied for quarterly, changed to monthly midway, and due on another day since`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder(door, aptcCents: 100_00, schedule: #"{"timeline": "quarterly"}"#)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2027-02-10")
      #expect(try await invoices(holder) == ["2027-01-01 2027-04-01 2027-01-01 PAID 63000"])

      let dry = try await holder.post(
        "payment-timeline", #"{"timeline": "monthly", "reason": "asked by telephone", "dryRun": true}"#)
      #expect(try dry.text("from") == "2027-04-01")
      let next = try #require(try dry.json["nextInvoice"] as? [String: Any])
      #expect(next["from"] as? String == "2027-04-01" && next["to"] as? String == "2027-05-01")
      #expect((next["total"] as? [String: Any])?["cents"] as? Int == 210_00)
      let early = try await door.post(
        "/v1/policies/\(holder.policyID)/payment-timeline", key: "early",
        #"{"timeline": "monthly", "reason": "asked by telephone", "effectiveDate": "2027-03-01"}"#)
      #expect(early.status == 422)
      #expect(try early.text("code") == "billing.already_billed")
      let none = try await door.post(
        "/v1/policies/\(holder.policyID)/billing-day", key: "none", #"{"billingDay": 32, "reason": "payday"}"#)
      #expect(none.status == 400 || none.status == 422)
      #expect(try none.text("code") == "billing.no_billing_day")

      try await holder.post("payment-timeline", #"{"timeline": "monthly", "reason": "asked by telephone"}"#)
      try await holder.post("billing-day", #"{"billingDay": 31, "reason": "payday"}"#)
      try await holder.live(until: "2027-06-02")
      #expect(
        try await invoices(holder) == [
          "2027-01-01 2027-04-01 2027-01-01 PAID 63000", "2027-04-01 2027-05-01 2027-04-30 PAID 21000",
          "2027-05-01 2027-06-01 2027-05-31 PAID 21000",
        ])
      let account = try await door.get("/v1/policies/\(holder.policyID)/account").json
      #expect((account["schedule"] as? [String: Any])?["timeline"] as? String == "monthly")
      #expect(account["billingDay"] as? Int == 31)
      try await holder.expectBooksAgree()

      try await holder.post("terminate", #"{"reason": "voluntary", "endDate": "2027-06-16"}"#)
      try await holder.live(until: "2027-07-05")
      try await holder.expectBooksAgree()
    }
  }
}
