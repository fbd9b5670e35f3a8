// What happens to claims, from first notice to payout, with the events of the neighbours.

import Contracts
import Courier
import Kernel
import Runtime
import Testing

@testable import Claims

struct JourneyTests {
  private static let policy: PolicyID = id(1)

  /// An office visit: allowed 110, copay 25, paid 85.
  private static func visit(_ account: String, on date: String = "2027-03-01") -> FiledClaim {
    var claim = Samples.claim([Samples.line(1, "99213", "150", on: date)])
    claim.patientControlNumber = account
    return claim
  }

  private func withClaims(_ body: (World) async throws -> Void) async throws {
    try await World.run { world in
      try await world.publishProducts()
      try await world.issue()
      try await body(world)
    }
  }

  @Test func `a visit is approved, paid out and told about`() async throws {
    try await withClaims { world in
      let claim = try await world.file(Self.visit("A"))
      #expect(claim.status == .approved && claim.paid.cents == 8_500 && claim.patientResponsibility.cents == 2_500)
      #expect(claim.policyID == Self.policy.description && claim.planID == "NY-SILVER" && claim.version == 2)
      try await world.payOut(70, on: "2027-03-12", (claim.claimID, "85"))
      var request = Premia_Claims_V1_GetClaimRequest()
      request.claimID = claim.claimID
      let paid = try await world.client.get(request)
      #expect(paid.status == .paid && paid.paidOn == "2027-03-12" && paid.version == 3)
      #expect(paid.filed == claim.filed && paid.lines == claim.lines)
      let published = try await world.engine.store.published(after: 0, limit: 10, about: Self.policy.description)
      let types = try published.map { try Premia_Common_V1_Envelope(record: $0.record, position: $0.position).type }
      #expect(types == ["Claim.Filed", "Claim.Approved", "Claim.Paid"])
    }
  }

  @Test func `nobody is known before Policy Issued`() async throws {
    try await World.run { world in
      try await world.publishProducts()
      let before = try await world.file(Self.visit("A"))
      #expect(before.status == .denied && before.denialReason == "31" && before.policyID.isEmpty)
      #expect(before.lines[0].adjustments.map { "\($0.group)-\($0.reason) \($0.amount.cents)" } == ["PR-31 15000"])
      try await world.issue()
      // A denied service may be sent again.
      #expect(try await world.file(Self.visit("B")).status == .approved)
    }
  }

  @Test func `a member whose birth date nobody said is known by name and number together`() async throws {
    try await World.run { world in
      try await world.publishProducts()
      var policy = World.policy()
      // Jane and John are born on the same day; now only John's is known.
      policy.members[0].birthDate = ""
      try await world.issue(policy)
      #expect(try await world.engine.store.deadLetters(source: nil).isEmpty)
      let jane = try await world.file(Self.visit("A"))
      #expect(jane.status == .approved && jane.memberID == policy.members[0].partyID)
      var stranger = Self.visit("B", on: "2027-03-02")
      stranger.patientBirthDate = day("1991-01-01")
      stranger.patientGivenName = "Janet"
      #expect(try await world.file(stranger).denialReason == "31")
    }
  }

  @Test func `lines inside a pause are denied, those before and after it are paid`() async throws {
    try await withClaims { world in
      try await world.pause(World.policy(version: 2), from: "2027-02-01", until: "2027-03-01")
      let claim = try await world.file(
        Samples.claim([
          Samples.line(1, "99213", "150", on: "2027-01-31"), Samples.line(2, "99213", "150", on: "2027-02-01"),
          Samples.line(3, "99213", "150", on: "2027-02-28"), Samples.line(4, "99213", "150", on: "2027-03-01"),
        ]))
      #expect(claim.lines.map { $0.adjustments.map(\.reason) } == [["45", "3"], ["200"], ["200"], ["45", "3"]])
      #expect(claim.paid.cents == 17_000)
    }
  }

  @Test func `nothing is paid of a rescinded policy, and what is reinstated is covered without a gap`() async throws {
    try await withClaims { world in
      var void = World.policy(end: "2027-01-01", version: 2)
      void.status = .voided
      try await world.rescind(void)
      let denied = try await world.file(Self.visit("A"))
      #expect(denied.status == .denied && denied.denialReason == "27")
      try await world.reinstate(World.policy(version: 3))
      #expect(try await world.file(Self.visit("B")).status == .approved)
    }
  }

  @Test func `a newborn is covered from its birth once it is on the policy`() async throws {
    try await withClaims { world in
      var visit = Self.visit("A")
      visit.patientBirthDate = day("2027-02-20")
      visit.patientGivenName = "Cy"
      #expect(try await world.file(visit).denialReason == "31")
      var grown = World.policy(version: 2)
      var baby = grown.members[3]
      baby.partyID = (id(99) as PartyID).description
      baby.birthDate = "2027-02-20"
      baby.givenName = "Cy"
      baby.from = "2027-02-20"
      grown.members.append(baby)
      try await world.endorse(grown)
      #expect(try await world.file(visit, key: "again").status == .approved)
    }
  }

  @Test func `lines behind a termination are denied, those before it are paid`() async throws {
    try await withClaims { world in
      try await world.terminate(World.policy(end: "2027-03-02", version: 2))
      let claim = try await world.file(
        Samples.claim([
          Samples.line(1, "99213", "150", on: "2026-12-31"), Samples.line(2, "99213", "150", on: "2027-03-01"),
          Samples.line(3, "99213", "150", on: "2027-03-02"),
        ]))
      #expect(claim.status == .approved && claim.paid.cents == 8_500)
      #expect(claim.lines.map { $0.adjustments.map(\.reason) } == [["26"], ["45", "3"], ["27"]])
      let later = try await world.file(Self.visit("B", on: "2027-03-03"))
      #expect(later.status == .denied && later.denialReason == "27" && later.policyID == Self.policy.description)
    }
  }

  @Test func `a claim is judged by the edition of its day`() async throws {
    try await withClaims { world in
      try await world.publishFees("standard@2", raisedBy: money("10"))
      try await world.publishPlan(2, from: "2027-03-05", fees: "standard@2")
      let old = try await world.file(Self.visit("A", on: "2027-03-04"))
      let new = try await world.file(Self.visit("B", on: "2027-03-05"))
      #expect([old, new].map(\.allowed.cents) == [11_000, 12_000])
      #expect(old.rules == ["plan:NY-SILVER@1", "fees:standard@1", "claims-codes@1"])
      #expect(new.rules == ["plan:NY-SILVER@2", "fees:standard@2", "claims-codes@1"])
    }
  }

  @Test func `without the plan or its fees nothing is judged`() async throws {
    try await World.run { world in
      try await world.issue()
      await #expect(throws: ClaimRefusal.planUnknown("NY-SILVER", on: day("2027-03-01")).problem) {
        try await world.file(Self.visit("A"))
      }
      try await world.publishPlan()
      await #expect(throws: ClaimRefusal.feeScheduleUnknown("standard@1").problem) {
        try await world.file(Self.visit("A"))
      }
      try await world.publishFees()
      #expect(try await world.file(Self.visit("A")).status == .approved)
    }
  }

  @Test func `dependants come under the subscriber's number and share the family's limits`() async throws {
    try await withClaims { world in
      func scan(_ account: String, born: String, _ name: String, _ procedure: String, _ charge: String) async throws
        -> Premia_Claims_V1_Claim
      {
        var claim = Samples.claim([Samples.line(1, procedure, charge)])
        claim.patientControlNumber = account
        claim.patientBirthDate = day(born)
        claim.patientGivenName = name
        return try await world.file(claim)
      }
      let john = try await scan("A", born: "1990-05-01", "John", "27447", "6000")
      let ann = try await scan("B", born: "2020-02-02", "ANN", "27447", "6000")
      // The family's deductible is met by the two.
      let ben = try await scan("C", born: "2020-02-02", "Ben", "70450", "600")
      #expect([john, ann, ben].map(\.memberID) == [11, 12, 13].map { (id($0) as PartyID).description })
      #expect([john, ann, ben].map { $0.lines[0].deductible.cents } == [100_000, 100_000, 0])
      #expect(ben.paid.cents == 32_000)
      let used = try await world.accumulators(Self.policy)
      #expect(used[""] == Used(deductible: money("2000"), outOfPocket: money("3680")))
      #expect(used[john.memberID] == Used(deductible: money("1000"), outOfPocket: money("1800")))
      let stranger = try await scan("D", born: "2001-01-01", "Jane", "99213", "150")
      #expect(stranger.denialReason == "31")
    }
  }

  @Test func `the same service is paid once`() async throws {
    try await withClaims { world in
      #expect(try await world.file(Self.visit("A")).status == .approved)
      let again = try await world.file(Self.visit("B"))
      #expect(again.status == .denied && again.denialReason == "18" && again.lines[0].adjustments[0].group == "OA")
      var twice = Samples.claim([Samples.line(1, "80053", "50"), Samples.line(2, "80053", "50")])
      twice.patientControlNumber = "C"
      #expect(try await world.file(twice).lines.map { $0.adjustments[0].reason } == ["45", "18"])
      twice.patientControlNumber = "D"
      twice.lines[0].modifiers = ["91"]
      #expect(try await world.file(twice).lines.map { $0.adjustments[0].reason } == ["45", "18"])
    }
  }

  @Test func `a key stands for one claim`() async throws {
    try await withClaims { world in
      let first = try await world.file(Self.visit("A"), key: "k")
      #expect(try await world.file(Self.visit("A"), key: "k") == first)
      await #expect {
        try await world.file(Self.visit("B"), key: "k")
      } throws: { error in
        (error as? Problem)?.code == "idempotency.key_reused"
      }
      #expect(try await world.client.getSummary(.init()).claims.map(\.claims) == [1])
    }
  }

  @Test func `a payout that does not fit is set aside and changes nothing`() async throws {
    try await withClaims { world in
      let claim = try await world.file(Self.visit("A"))
      try await world.payOut(70, on: "2027-03-12", (claim.claimID, "84"))
      #expect(try await world.deadLetters().map { $0.hasPrefix("claims.amount_differs") } == [true])
      try await world.payOut(71, on: "2027-03-12", (claim.claimID, "85"))
      try await world.payOut(72, on: "2027-03-13", (claim.claimID, "85"))
      #expect(try await world.deadLetters().map { $0.hasPrefix("claims.paid_before") } == [false, true])
    }
  }

  @Test func `a policy that never came into force covers nobody`() async throws {
    try await World.run { world in
      try await world.publishProducts()
      try await world.terminate(World.policy(end: "2027-01-01"))
      #expect(try await world.client.getTotals(.init()).totals[0].count == 0)
      #expect(try await world.file(Self.visit("A")).denialReason == "31")
    }
  }

  @Test func `members who leave a snapshot are found no more`() async throws {
    try await withClaims { world in
      var smaller = World.policy(version: 2)
      smaller.members.removeLast(2)
      try await world.issue(smaller)
      var claim = Self.visit("A")
      claim.memberNumber = "M-3"
      claim.patientBirthDate = day("2020-02-02")
      #expect(try await world.file(claim).denialReason == "31")
    }
  }

  @Test func `figures, totals and the journey to the payout`() async throws {
    try await withClaims { world in
      let days = ["2027-02-01", "2027-02-02", "2027-02-03"]
      var visits: [Premia_Claims_V1_Claim] = []
      for day in days { visits.append(try await world.file(Self.visit(day, on: day))) }
      _ = try await world.file(Self.visit("late", on: "2026-01-01"))
      _ = try await world.file(Self.visit("early", on: "2026-12-31"))
      try await world.payOut(70, on: "2027-03-11", (visits[0].claimID, "85"))
      try await world.payOut(71, on: "2027-03-17", (visits[1].claimID, "85"))

      let summary = try await world.client.getSummary(.init())
      #expect(
        summary.claims.map { "\($0.status) \($0.claims) \($0.charged.cents) \($0.paid.cents)" }
          == ["approved 1 15000 8500", "denied 2 30000 0", "paid 2 30000 17000"])
      #expect(summary.denials.map { "\($0.name) \($0.count)" } == ["26 1", "29 1"])
      #expect(summary.patientResponsibility.cents == 3 * 2_500 + 15_000)
      let journey = summary.journeys[0]
      #expect(journey.started == 5 && journey.completed == 2 && journey.straightThroughBasisPoints == 10_000)
      #expect(journey.medianDays == 1 && journey.ninetiethPercentileDays == 7)

      let totals = try await world.client.getTotals(.init()).totals
      #expect(
        totals.map { "\($0.name) \($0.count) \($0.amount.cents)" }
          == ["coverages 1 0", "approved 3 25500", "paid 2 17000", "payable 1 8500"])
    }
  }

  @Test func `claims are listed by policy, status and payout, page by page`() async throws {
    try await withClaims { world in
      var ids: [String] = []
      for day in ["2027-02-01", "2027-02-02", "2027-02-03"] {
        ids.append(try await world.file(Self.visit(day, on: day)).claimID)
      }
      try await world.payOut(70, on: "2027-03-11", (ids[0], "85"))
      var request = Premia_Claims_V1_ListClaimsRequest()
      request.policyID = Self.policy.description
      request.page.size = 2
      let first = try await world.client.list(request)
      request.page.token = first.nextToken
      let second = try await world.client.list(request)
      #expect((first.claims + second.claims).map(\.claimID) == ids.sorted())
      #expect(second.claims.count == 1 && second.nextToken.isEmpty)
      var paid = Premia_Claims_V1_ListClaimsRequest()
      paid.status = .paid
      #expect(try await world.client.list(paid).claims.map(\.claimID) == [ids[0]])
      paid.status = .unspecified
      paid.payoutID = (id(70) as PayoutID).description
      #expect(try await world.client.list(paid).claims.map(\.claimID) == [ids[0]])
      paid.status = .filed
      await #expect(throws: Problem.self) { try await ask { try await world.client.list(paid) } }
    }
  }
}
