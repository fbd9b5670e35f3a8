import Foundation
import Hummingbird
import Kernel
import Testing

extension Holder {
  /// In force with a tax credit of $124.00 of $310.00, with January paid and a card that declines from then on.
  fileprivate static func whoStopsPaying(_ door: Door) async throws -> Holder {
    let holder = try await Holder(door, aptcCents: 124_00)
    try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
    try await holder.live(until: "2027-01-05")
    try await holder.post("payment-methods", #"{"token": "tok_sandbox_decline_51", "autopay": true}"#)
    return holder
  }

  fileprivate func next() async throws -> String {
    let account = try await door.get("/v1/policies/\(policyID)/account").json
    return "\(account["nextStepOn"] ?? "") \(account["nextStep"] ?? "")"
  }

  fileprivate func billed(_ name: String) async throws -> Int? {
    let totals = try await door.get("/v1/totals/billing").json["totals"] as? [[String: Any]]
    let total = totals?.first { $0["name"] as? String == name }?["amount"] as? [String: Any]
    return total?["cents"] as? Int
  }

  fileprivate func letters() async throws -> [String] {
    let notices = try await door.get("/v1/notices?policyId=\(policyID)&page.size=50").json["notices"]
    return (notices as? [[String: Any]] ?? []).compactMap { $0["template"] as? String }.reversed()
  }
}

@Suite struct `A premium that is not paid, through the doors` {
  @Test func `a baby born in grace is covered and billed, and paying all that is due keeps the policy`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder.whoStopsPaying(door)
      try await holder.live(until: "2027-02-05")
      #expect(try await holder.next().contains("charge inv_"))
      try await holder.post(
        "members",
        """
        {"reason": "birth", "eventDate": "2027-02-04",
         "member": {"partyId": "\(party("baby"))", "relationship": "child", "birthDate": "2027-02-04"}}
        """)
      try await holder.live(until: "2027-03-20")
      #expect(try await holder.status() == "ACTIVE")
      // The grace began with February and is that of February still.
      let account = try await door.get("/v1/policies/\(holder.policyID)/account").json
      let grace = try #require(account["grace"] as? [String: Any])
      #expect(grace["from"] as? String == "2027-02-01" && grace["to"] as? String == "2027-05-01")
      #expect(grace["terminateOn"] as? String == "2027-03-01" && grace["claimsPendFrom"] as? String == "2027-03-01")
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok_2", "autopay": true}"#)
      try await holder.live(until: "2027-03-21")
      #expect(try await door.get("/v1/policies/\(holder.policyID)/account").json["grace"] == nil)
      try await holder.live(until: "2027-06-05")
      #expect(try await holder.status() == "ACTIVE")
      // January; 3 of 28 days of February at $310.00, and what they leave of $620.00; March to June at $620.00.
      let billed = try await holder.billed("premium_billed")
      #expect(billed == 310_00 + 33_21 + (620_00 - 66_43) + 4 * 620_00)
      try await holder.expectBooksAgree()
    }
  }

  @Test func `who never pays loses the policy after month 1, and later tax credits go back`() async throws {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder.whoStopsPaying(door)
      try await holder.live(until: "2027-04-30")
      #expect(try await holder.status() == "ACTIVE")
      #expect(try await holder.next() == "2027-05-01 end the policy for want of payment")
      try await holder.live(until: "2027-05-02")
      #expect(try await holder.status() == "TERMINATED")
      let policy = try await door.get("/v1/policies/\(holder.policyID)").json
      #expect(policy["endDate"] as? String == "2027-03-01" && policy["statusReason"] as? String == "non_payment")
      #expect(try await holder.billed("exchange_receivable") == 2 * 124_00)
      #expect(try await holder.billed("premium_billed") == 2 * 310_00)
      let letters = try await holder.letters().filter { $0 != "past_due" && $0 != "payment_failed" }
      #expect(letters == ["welcome", "grace_started", "claims_pended", "grace_ending", "termination"])
      try await holder.expectBooksAgree()
    }
  }
}
