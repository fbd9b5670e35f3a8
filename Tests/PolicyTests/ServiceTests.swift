// Policy as its callers see it, over a line, with a stand-in for Products.

import Contracts
import Courier
import GRPCCore
import Kernel
import Policy
import ProductsTesting
import Runtime
import SwiftProtobuf
import Testing

/// Products that sell two plans, at $38.50 a head.
struct TwoPlans: ProductsStandIn {
  func rate(
    request: Premia_Products_V1_RateRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateResponse {
    var response = Premia_Products_V1_RateResponse()
    for plan in ["dental", "silver"] where request.planIds.isEmpty || request.planIds.contains(plan) {
      var offer = Premia_Products_V1_Offer()
      offer.planID = plan
      offer.monthly = Premia_Common_V1_Money(Money(cents: 38_50 * Int64(request.people.count)))
      response.offers.append(offer)
    }
    return response
  }
}

@Suite("Policy: what callers are answered")
struct PolicyServiceTests {
  private struct Caller {
    let policy: any Premia_Policy_V1_PolicyService.ClientProtocol

    func quote(_ plans: [String] = []) async throws -> Premia_Policy_V1_Quote {
      var request = Premia_Policy_V1_QuoteRequest()
      request.household.state = "IL"
      var person = Premia_Products_V1_RatedPerson()
      person.ref = "a"
      person.relationship = "subscriber"
      request.household.people = [person]
      request.effectiveDate = "2027-01-01"
      request.planIds = plans
      return try await policy.createQuote(request)
    }

    /// An application for the silver plan by a partner who knows the policy as 7/SILVER.
    func application() async throws -> Premia_Policy_V1_ApplyRequest {
      var request = Premia_Policy_V1_ApplyRequest()
      request.quoteID = try await quote().quoteID
      request.planID = "silver"
      var applicant = Premia_Policy_V1_Applicant()
      applicant.ref = "a"
      applicant.partyID = party("1")
      request.applicants = [applicant]
      var identifier = Premia_Common_V1_OutsideIdentifier()
      identifier.system = "acme"
      identifier.kind = "enrolment"
      identifier.value = "7/SILVER"
      request.identifiers = [identifier]
      return request
    }

    func apply(_ request: Premia_Policy_V1_ApplyRequest, key: String) async throws -> Premia_Policy_V1_Policy {
      try await ask {
        try await Carriage.with(Act(correlation: "test"), key: key) {
          try await policy.apply(request)
        }
      }
    }
  }

  private func withCaller(_ body: (Caller) async throws -> Void) async throws {
    let clock = SandboxClock(Instant(date: try CalendarDate("2026-12-01", field: "day")))
    let products = Line(services: [TwoPlans()])
    let policy = Line(
      services: PolicyContext.services(
        engine: Engine(context: "policy", store: MemoryStore(), clock: clock),
        products: Premia_Products_V1_ProductsService.Client(wrapping: products.client)))
    let running = [products, policy].map { line in Task { try await line.run() } }
    try await body(Caller(policy: Premia_Policy_V1_PolicyService.Client(wrapping: policy.client)))
    for line in [policy, products] { line.close() }
    for task in running { _ = await task.result }
  }

  @Test(
    "a quote has the plans that were asked for, or all on sale",
    arguments: [([], ["dental", "silver"]), (["dental"], ["dental"])])
  func plans(asked: [String], offered: [String]) async throws {
    try await withCaller { caller in
      let quote = try await caller.quote(asked)
      #expect(quote.offers.map(\.planID) == offered)
    }
  }

  @Test("an application sent again under its key is the first one; its key is not for another")
  func again() async throws {
    try await withCaller { caller in
      let application = try await caller.application()
      let first = try await caller.apply(application, key: "first")
      #expect(first.status == .applied && first.planID == "silver")
      let second = try await caller.apply(application, key: "first")
      #expect(second == first)
      var changed = application
      changed.planID = "dental"
      let other = changed
      let reused = await #expect(throws: Problem.self) { try await caller.apply(other, key: "first") }
      #expect(reused?.code == "idempotency.key_reused" && reused?.kind == .conflict)
    }
  }

  @Test("an application says how the policy is to be billed, and the snapshot says it to others")
  func schedule() async throws {
    try await withCaller { caller in
      var application = try await caller.application()
      application.paymentSchedule.timeline = "quarterly"
      application.paymentSchedule.billingDay = 31
      let policy = try await caller.apply(application, key: "quarterly")
      #expect(
        policy.paymentSchedule
          == .with {
            $0.timeline = "quarterly"
            $0.mode = "advance"
            $0.billingDay = 31
            $0.alignment = "calendar"
          })
    }
  }

  @Test(
    "a way of being billed that is none, or not with this channel, is refused and the quote is not used up",
    arguments: [
      ("weekly", 1, "", "request.invalid", "monthly, quarterly, semi_annual, annual"),
      ("monthly", 32, "", "request.invalid", "it is 1 to 31"), ("monthly", -1, "", "request.invalid", "it is 1 to 31"),
      ("monthly", 1, "sideways", "request.invalid", "advance, arrears"),
      ("monthly", 1, "arrears", "policy.binder_needed", "155.400(e)"),
    ] as [(String, Int32, String, String, String)])
  func noSchedule(timeline: String, day: Int32, mode: String, code: String, words: String) async throws {
    try await withCaller { caller in
      var application = try await caller.application()
      application.channel = "exchange"
      application.paymentSchedule.timeline = timeline
      application.paymentSchedule.billingDay = day
      application.paymentSchedule.mode = mode
      let refused = application
      let problem = await #expect(throws: Problem.self) { try await caller.apply(refused, key: "refused") }
      #expect(problem?.code == code && problem?.detail.contains(words) == true)
      application.clearPaymentSchedule()
      #expect(try await caller.apply(application, key: "again").status == .applied)
    }
  }

  @Test(
    "who is none of Party's, or a channel that is none, is refused with its place, and the quote is not used up",
    arguments: ["", "jane", String(repeating: "x", count: 400), "pol_01h455vb4pex5vsknk084sn02q"])
  func malformed(party: String) async throws {
    try await withCaller { caller in
      let application = try await caller.application()
      var (stranger, channel) = (application, application)
      stranger.applicants[0].partyID = party
      channel.channel = "zzz"
      for (refused, field) in [(stranger, "applicants[0].party_id"), (channel, "channel")] {
        let problem = await #expect(throws: Problem.self) { try await caller.apply(refused, key: field) }
        #expect(problem?.kind == .invalid && problem?.fields[field] != nil, "\(String(describing: problem))")
      }
      #expect(try await caller.apply(application, key: "good").status == .applied)
    }
  }

  @Test("policies are listed by a member's party, or by the number on the card in capitals or not")
  func ofMember() async throws {
    try await withCaller { caller in
      var ids: [String] = []
      for (party, number) in [(party("1"), "m7"), (party("1"), "M8"), (party("2"), "M7")] {
        var application = try await caller.application()
        application.identifiers = []
        (application.applicants[0].partyID, application.applicants[0].memberNumber) = (party, number)
        ids.append(try await caller.apply(application, key: "\(party)/\(number)").policyID)
      }
      func found(_ party: String = "", number: String = "", after: String = "", size: Int32 = 0, in state: String = "")
        async throws -> [String]
      {
        var request = Premia_Policy_V1_ListPoliciesRequest()
        (request.partyID, request.memberNumber, request.state) = (party, number, state)
        (request.page.token, request.page.size) = (after, size)
        return try await ask { [request] in try await caller.policy.list(request) }.policies.map(\.policyID)
      }
      #expect(try await found(party("1")) == [ids[0], ids[1]].sorted())
      #expect(try await found(number: "M7") == [ids[0], ids[2]].sorted())
      #expect(try await found(number: "m8") == [ids[1]])
      #expect(try await found(party("3")).isEmpty)
      let first = try await found(party("1"), size: 1)
      #expect(first.count == 1)
      #expect(try await found(party("1"), after: first[0], size: 1) == [ids[0], ids[1]].sorted().suffix(1))
      await #expect(throws: Problem.self) { try await found(party("1"), number: "M7") }
      await #expect(throws: Problem.self) { try await found(party("1"), in: "IL") }
    }
  }

  @Test("policies are found by many names at once, in their order, and nothing by a name that nobody has")
  func findAll() async throws {
    try await withCaller { caller in
      let policy = try await caller.apply(try await caller.application(), key: "first")
      let known = policy.identifiers[0]
      let unknown = Premia_Common_V1_OutsideIdentifier.with {
        $0.system = "acme"
        $0.kind = "enrolment"
        $0.value = "8/SILVER"
      }
      let names = [unknown, known, unknown, known]
      let found = try await caller.policy.findAll(.with { $0.identifiers = names }).found
      #expect(found.map { $0.hasPolicy ? $0.policy.policyID : nil } == [nil, policy.policyID, nil, policy.policyID])
      #expect(found[1].policy == policy)
      let problem = await #expect(throws: Problem.self) {
        let tooMany = Array(repeating: known, count: 501)
        return try await ask { try await caller.policy.findAll(.with { $0.identifiers = tooMany }) }
      }
      #expect(problem?.fields["identifiers"] != nil)
    }
  }

  @Test("an identifier that means a policy already is refused under another key, with that policy")
  func taken() async throws {
    try await withCaller { caller in
      let first = try await caller.apply(try await caller.application(), key: "first")
      let second = try await caller.application()
      let problem = await #expect(throws: Problem.self) { try await caller.apply(second, key: "second") }
      #expect(problem?.code == "policy.identifier_taken" && problem?.fields["policy_id"] == first.policyID)
      // The quote was not used up by it.
      var free = second
      free.identifiers = []
      let third = try await caller.apply(free, key: "third")
      #expect(third.policyID != first.policyID)
    }
  }
}
