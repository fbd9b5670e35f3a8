import Foundation
import Hummingbird
import Kernel
import Testing

@Suite struct `What a producer earns, through the doors` {
  private func cents(_ object: [String: Any], _ name: String) -> Int {
    (object[name] as? [String: Any])?["cents"] as? Int ?? 0
  }

  private func appoint(_ producer: String, _ door: Door, state: String = "IL") async throws -> Answer {
    try await door.post(
      "/v1/producers/\(party(producer))/appointments", key: "appoint/\(producer)/\(state)",
      #"{"appointment": {"state": "\#(state)", "from": "2020-01-01"}}"#)
  }

  private func assign(_ producer: String, from: String, to holder: Holder) async throws -> Answer {
    try await holder.door.post(
      "/v1/policies/\(holder.policyID)/producer", key: "assign/\(producer)/\(from)",
      #"{"producerId": "\#(party(producer))", "from": "\#(from)", "reason": "sold"}"#)
  }

  private func balance(of producer: String, _ door: Door) async throws -> Int {
    cents(try await door.get("/v1/producers/\(party(producer))").json, "balance")
  }

  @Test func `two months are earned and stated, another producer takes one, and a free end takes the rest back`()
    async throws
  {
    try await withLivingHouse(since: "2026-12-10") { door in
      let holder = try await Holder(door)
      try await holder.post("payment-methods", #"{"token": "tok_sandbox_ok", "autopay": true}"#)
      try await holder.live(until: "2026-12-11")
      #expect(try await assign("ann", from: "2027-01-01", to: holder).status == 422)
      for producer in ["ann", "bob"] { #expect(try await appoint(producer, door).status == 200) }
      let assigned = try await assign("ann", from: "2027-01-01", to: holder)
      #expect(assigned.status == 200, "\(assigned.text)")
      #expect(try await assign("ann", from: "2026-09-01", to: holder).text.contains("commissions.too_far_back"))

      try await holder.live(until: "2027-02-05")
      #expect(try await holder.status() == "ACTIVE")
      let statements = try #require(
        try await door.get("/v1/commissions/statements?producerId=\(party("ann"))").json["statements"]
          as? [[String: Any]])
      // January's premium was paid in December, when it was bound; February's on its first day.
      #expect(statements.map { $0["month"] as? String } == ["2026-12-01"])
      #expect(statements.map { cents($0, "toPay") } == [20_00])
      #expect(try await balance(of: "ann", door) == 20_00)
      try await holder.expectBooksAgree()

      #expect(try await assign("bob", from: "2027-02-01", to: holder).status == 200)
      #expect(try await balance(of: "ann", door) == 0)
      #expect(try await balance(of: "bob", door) == 20_00)

      // It ends with January after all: what was paid for February becomes credit, and bob earned nothing.
      try await holder.post("terminate", #"{"endDate": "2027-02-01", "reason": "moved"}"#)
      try await holder.live(until: "2027-03-06")
      #expect(try await balance(of: "bob", door) == 0)
      let commission = try await door.get("/v1/policies/\(holder.policyID)/commission").json
      #expect((commission["due"] as? [[String: Any]])?.map { $0["month"] as? String } == ["2027-01-01"])
      let lines = try await door.get("/v1/commissions/lines?policyId=\(holder.policyID)").json["lines"]
      #expect((lines as? [[String: Any]])?.map { cents($0, "amount") } == [20_00, 20_00, -20_00, 20_00, -20_00])
      let summary = try await door.get("/v1/commissions/summary").json
      #expect(cents(summary, "earned") == 60_00 && cents(summary, "clawedBack") == -40_00)
      #expect(cents(summary, "due") == 20_00 && cents(summary, "payable") == 0)
      #expect(try await door.post("/v1/commissions/run", key: "run").json["statements"] == nil)
      try await holder.expectBooksAgree()
    }
  }
}
