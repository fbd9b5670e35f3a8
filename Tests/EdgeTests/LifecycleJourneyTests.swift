import Foundation
import Hummingbird
import Kernel
import Testing

enum PartyTag: IDTag { static let prefix = "pty" }

func party(_ name: String) -> String {
  ID<PartyTag>(at: Instant(microseconds: 1_800_000_000_000_000), derivedFrom: name).description
}

/// One policy, through the door.
struct Holder {
  let door: Door
  let policyID: String

  /// Quotes, applies, binds and sets up autopay.
  ///
  /// - Parameter schedule: how it is to be billed, as JSON.
  init(_ door: Door, aptcCents: Int64 = 0, schedule: String? = nil) async throws {
    self.door = door
    let quote = try await door.post(
      "/v1/quotes", key: "quote",
      """
      {"household": {"state": "IL", "county": "Cook", "people": [
        {"ref": "a", "birthDate": "1990-04-01", "relationship": "subscriber"}]}, "effectiveDate": "2027-01-01",
       "aptc": {"cents": \(aptcCents), "currency": "USD"}}
      """)
    let billed = schedule.map { ", \"paymentSchedule\": \($0)" } ?? ""
    let applied = try await door.post(
      "/v1/policies", key: "apply",
      """
      {"quoteId": "\(try quote.text("quoteId"))", "planId": "silver",
       "applicants": [{"ref": "a", "partyId": "\(party("jane"))"}]\(billed)}
      """)
    policyID = try applied.text("policyId")
    #expect(try await door.post("/v1/policies/\(policyID)/bind", key: "bind").status == 200)
  }

  @discardableResult
  func post(_ what: String, _ body: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Answer {
    let answer = try await door.post("/v1/policies/\(policyID)/\(what)", key: "\(what)/\(body.hashValue)", body)
    #expect(answer.status == 200, "\(answer.text)", sourceLocation: sourceLocation)
    return answer
  }

  func live(until date: String) async throws {
    let answer = try await door.post("/v1/clock/advance", key: "to-\(date)", #"{"to": "\#(date)"}"#)
    #expect(answer.status == 200, "\(answer.text)")
  }

  func status() async throws -> String { try await door.get("/v1/policies/\(policyID)").text("status") }

  /// From, to and cents a month of each stretch of the premium.
  func premium() async throws -> [String] {
    let segments = try await door.get("/v1/policies/\(policyID)").json["premium"] as? [[String: Any]] ?? []
    return segments.map { segment in
      let cents = (segment["gross"] as? [String: Any])?["cents"] as? Int ?? 0
      return "\(segment["from"] ?? "") \(segment["to"] ?? "") \(cents)"
    }
  }

  func expectBooksAgree(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let books = try await door.get("/v1/reconcile").json
    #expect(books["rules"] as? Int ?? 0 > 10, sourceLocation: sourceLocation)
    #expect(books["defects"] == nil, "\(books)", sourceLocation: sourceLocation)
    #expect(try await door.get("/v1/verify").json["mismatchCount"] == nil, sourceLocation: sourceLocation)
  }
}

@Suite struct `The life of a policy through the doors` {
  @Test func `issue, add a newborn, change the plan, pause, resume, terminate and reinstate`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder(door)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2027-02-20")
      #expect(try await holder.status() == "ACTIVE")

      let newborn = { (dryRun: Bool) in
        """
        {"reason": "birth", "eventDate": "2027-02-15", "dryRun": \(dryRun), "through": "2027-03-01",
         "member": {"partyId": "\(party("baby"))", "relationship": "child", "birthDate": "2027-02-15"}}
        """
      }
      let dry = try await holder.post("members", newborn(true))
      // Half of February at $310.00 more a month.
      let sum = try #require(try dry.json["sum"] as? [String: Any])
      #expect((sum["net"] as? [String: Any])?["cents"] as? Int == 155_00)
      #expect(try await holder.premium() == ["2027-01-01  31000"])
      try await holder.post("members", newborn(false))
      try await holder.post("plan", #"{"reason": "birth", "eventDate": "2027-02-15", "planId": "gold"}"#)
      #expect(try await holder.premium() == ["2027-01-01 2027-02-15 31000", "2027-02-15  93000"])
      try await holder.live(until: "2027-03-20")
      try await holder.expectBooksAgree()

      try await holder.post(
        "pause", #"{"reason": "request", "effectiveDate": "2027-04-01", "until": "2027-05-01"}"#)
      try await holder.live(until: "2027-04-10")
      #expect(try await holder.status() == "PAUSED")
      try await holder.post("resume", #"{"reason": "back early", "effectiveDate": "2027-04-16"}"#)
      try await holder.live(until: "2027-05-05")
      #expect(try await holder.status() == "ACTIVE")
      try await holder.expectBooksAgree()

      try await holder.post("terminate", #"{"reason": "voluntary", "endDate": "2027-05-16"}"#)
      try await holder.live(until: "2027-05-20")
      #expect(try await holder.status() == "TERMINATED")
      try await holder.expectBooksAgree()
      try await holder.post("reinstate", #"{"reason": "stayed after all"}"#)
      try await holder.live(until: "2027-07-05")
      #expect(try await holder.status() == "ACTIVE")
      #expect(
        try await holder.premium() == [
          "2027-01-01 2027-02-15 31000", "2027-02-15 2027-04-01 93000", "2027-04-16  93000",
        ])
      try await holder.expectBooksAgree()
      // January and half of February at $310.00; half of February, March, half of April, and May to July at $930.00.
      let totals = try await door.get("/v1/totals/billing").json["totals"] as? [[String: Any]]
      let billed = totals?.first { $0["name"] as? String == "premium_billed" }?["amount"] as? [String: Any]
      #expect(billed?["cents"] as? Int == 310_00 + 155_00 + 465_00 + 930_00 + 465_00 + 3 * 930_00)
      let notices = try await door.get("/v1/notices?policyId=\(holder.policyID)&page.size=50").json["notices"]
      let templates = (notices as? [[String: Any]] ?? []).compactMap { $0["template"] as? String }
      #expect(
        templates.reversed().filter { $0 != "past_due" } == [
          "welcome", "policy_changed", "policy_changed", "pause", "resumption", "termination", "reinstatement",
        ])
    }
  }

  @Test func `a change outside its window is refused with the rule, and the books stay as they are`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder(door)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2027-05-05")
      let before = try await holder.premium()
      let late = try await door.post(
        "/v1/policies/\(holder.policyID)/plan", key: "late",
        #"{"reason": "marriage", "eventDate": "2027-03-01", "planId": "gold"}"#)
      #expect(late.status == 422)
      #expect(try late.text("code") == "policy.outside_window")
      #expect(try late.text("detail").contains("special_enrollment_window@1"))
      let back = try await door.post(
        "/v1/policies/\(holder.policyID)/terminate", key: "back", #"{"reason": "voluntary", "endDate": "2027-01-02"}"#)
      #expect(back.status == 422)
      #expect(try back.text("code") == "policy.too_far_back")
      #expect(try back.text("detail").contains("2027-05-05 (retroactive_end_limit@1)"))
      let preview = try await door.post(
        "/v1/policies/\(holder.policyID)/terminate/preview", key: nil,
        #"{"reason": "voluntary", "endDate": "2027-05-16", "through": "2027-06-01"}"#)
      #expect(preview.status == 200)
      let sum = try #require(try preview.json["sum"] as? [String: Any])
      #expect((sum["net"] as? [String: Any])?["cents"] as? Int == -160_00)
      #expect(try await holder.premium() == before)
      try await holder.expectBooksAgree()
    }
  }

  @Test func `a policy given back in the free look is void, and all that was paid is credit`() async throws {
    try await withLivingHouse(since: "2026-12-20") { door in
      let holder = try await Holder(door)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2026-12-28")
      let given = try await holder.post("give-back", #"{"reason": "too dear"}"#)
      #expect((try given.json["policy"] as? [String: Any])?["status"] as? String == "VOIDED")
      try await holder.live(until: "2027-01-02")
      let account = try await door.get("/v1/policies/\(holder.policyID)/account").json
      #expect((account["credit"] as? [String: Any])?["cents"] as? Int == 310_00)
      try await holder.expectBooksAgree()
    }
  }

  @Test func `a death with refund to the estate`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder(door)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2027-03-05")
      try await holder.post("terminate", #"{"reason": "death", "endDate": "2027-02-11"}"#)
      try await holder.live(until: "2027-03-06")

      // 18 of February's 28 days, and March.
      let credit = 310_00 - 110_71 + 310_00
      var account = try await door.get("/v1/policies/\(holder.policyID)/account").json
      let id = try #require(account["accountId"] as? String)
      #expect((account["credit"] as? [String: Any])?["cents"] as? Int == credit)
      #expect(account["closed"] == nil)
      #expect(account["nextStep"] as? String == "by hand: refund the credit of $509.29")
      #expect(account["nextStepOn"] as? String == "2027-03-13")

      func refund(_ key: String, dryRun: Bool) async throws -> Answer {
        try await door.post(
          "/v1/accounts/\(id)/refunds", key: key,
          """
          {"amount": {"cents": \(credit), "currency": "USD"}, "reason": "death", "dryRun": \(dryRun),
           "payeeName": "Estate of Jane Roe"}
          """)
      }
      #expect(try await refund("dry", dryRun: true).text("payeeName") == "Estate of Jane Roe")
      account = try await door.get("/v1/accounts/\(id)").json
      #expect((account["credit"] as? [String: Any])?["cents"] as? Int == credit)

      let refunded = try await refund("real", dryRun: false)
      #expect(refunded.status == 200, "\(refunded.text)")
      #expect(try refunded.json["payeeId"] == nil)
      try await holder.live(until: "2027-03-20")
      account = try await door.get("/v1/accounts/\(id)").json
      #expect(account["closed"] as? Bool == true && account["nextStep"] == nil, "\(account)")
      let events = try await door.get("/v1/events/payments?limit=500").json["events"] as? [[String: Any]]
      #expect(events?.contains { $0["type"] as? String == "Refund.Posted" } == true)
      try await holder.expectBooksAgree()
    }
  }

  @Test func `what a billing run came to is read where all runs are`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder(door)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2026-12-22")
      let run = try await door.get("/v1/runs/billing-2026-12-22")
      #expect(try run.text("runId") == "billing-2026-12-22")
      let report = try run.json
      #expect(report["done"] as? Bool == true && report["parkedCount"] == nil)
      #expect(try await door.get("/v1/runs/billing-2026-12-22/parked").status == 200)
      #expect(try await door.get("/v1/runs/billing-2026-12-23").status == 404)
      #expect(try await door.get("/v1/runs/renewal-2028-01-01").status == 404)
      let ahead = try await door.post("/v1/billing/run", key: "ahead", #"{"asOf": "2026-12-23"}"#)
      #expect(ahead.status == 400)
      #expect(try ahead.text("detail").contains("only a dry run looks ahead"))
      let dry = try await door.post("/v1/billing/run", key: "dry", #"{"asOf": "2027-01-23", "dryRun": true}"#)
      #expect(dry.status == 200)
    }
  }
}
