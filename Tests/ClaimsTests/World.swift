// Claims over the in-memory store, with the feeds of its neighbours written by hand and a line to its service.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf
import Synchronization
import Testing

@testable import Claims

/// A neighbour's log, as the test writes it.
final class Script: Feed {
  let source: String
  private let events = Mutex<[Premia_Common_V1_Envelope]>([])

  init(source: String) { self.source = source }

  func append(_ type: String, about subject: String, _ message: some Message) throws {
    var envelope = Premia_Common_V1_Envelope()
    envelope.source = source
    envelope.type = type
    envelope.subject = subject
    envelope.data = try message.serializedData()
    events.withLock { events in
      envelope.position = Int64(events.count + 1)
      envelope.id = "\(source)/\(envelope.position)"
      events.append(envelope)
    }
  }

  func read(after position: Int64, limit: Int) -> [Premia_Common_V1_Envelope] {
    events.withLock { Array($0.dropFirst(Int(position)).prefix(limit)) }
  }

  func last() -> Int64 { events.withLock { Int64($0.count) } }
}

struct World {
  let engine: Engine
  let client: any Premia_Claims_V1_ClaimsService.ClientProtocol
  private let consumers: [Consumer]
  private let scripts: [String: Script]

  private init(engine: Engine, client: any Premia_Claims_V1_ClaimsService.ClientProtocol) {
    self.engine = engine
    self.client = client
    let context = ClaimsContext.context
    var scripts: [String: Script] = [:]
    var consumers: [Consumer] = []
    for source in context.sources {
      let script = Script(source: source)
      scripts[source] = script
      consumers.append(
        Consumer(
          engine: engine, feed: script, subscriptions: context.subscriptions.filter { $0.source == source }))
    }
    self.scripts = scripts
    self.consumers = consumers
  }

  /// Runs a test with the service at hand, and checks in the end that everything stored is what its events say.
  static func run(_ body: (World) async throws -> Void) async throws {
    let clock = SandboxClock(Instant(date: day("2027-03-10")))
    let engine = Engine(context: "claims", store: MemoryStore(), clock: clock)
    let line = Line(services: ClaimsContext.services(engine: engine))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await line.run() }
      let world = World(engine: engine, client: Premia_Claims_V1_ClaimsService.Client(wrapping: line.client))
      try await body(world)
      let report = try await engine.verify(ClaimsContext.context.aggregates, tables: ClaimsContext.context.tables)
      #expect(report.mismatches.isEmpty)
      line.close()
      try await group.waitForAll()
    }
  }

  /// Publishes an event of a neighbour and lets Claims take it in.
  func publish(_ source: String, _ type: String, about subject: String, _ message: some Message) async throws {
    let script = try #require(scripts[source])
    try script.append(type, about: subject, message)
    for consumer in consumers { while try await consumer.pump() > 0 {} }
  }

  func deadLetters() async throws -> [String] { try await engine.store.deadLetters(source: nil).map(\.reason) }

  /// Files under a key of its own, as the doors do.
  func file(_ claim: FiledClaim, key: String? = nil) async throws -> Premia_Claims_V1_Claim {
    var request = Premia_Claims_V1_FileClaimRequest()
    request.claim = claim.message
    let filed = request
    let key = key ?? "\(claim.provider)/\(claim.patientControlNumber)"
    return try await ask {
      try await Carriage.with(Act(correlation: "test", causation: "test"), key: key) { try await client.file(filed) }
    }
  }

  func accumulators(_ policy: PolicyID, _ year: Int32 = 2027) async throws -> [String: Used] {
    var request = Premia_Claims_V1_GetAccumulatorsRequest()
    request.policyID = policy.description
    request.benefitYear = year
    let answer = try await client.getAccumulators(request)
    var used: [String: Used] = [:]
    for accumulator in answer.accumulators {
      used[accumulator.memberID] = Used(
        deductible: Money(cents: accumulator.deductible.cents), outOfPocket: Money(cents: accumulator.outOfPocket.cents)
      )
    }
    return used
  }
}

// MARK: - What the neighbours say

extension World {
  func publishProducts() async throws {
    try await publishFees()
    try await publishPlan()
  }

  func publishFees(_ name: String = "standard@1", raisedBy raise: Money = .zero) async throws {
    var schedule = Premia_Products_V1_FeeSchedule()
    schedule.name = name
    schedule.defaultAllowedBasisPoints = 6_000
    for (procedure, price) in Samples.prices.prices.sorted(by: { $0.key < $1.key }) {
      var line = Premia_Products_V1_FeeScheduleLine()
      line.procedure = procedure
      line.category = price.category
      line.allowed = Premia_Common_V1_Money(price.each + raise)
      schedule.lines.append(line)
    }
    var event = Premia_Products_V1_ProductPublished()
    event.feeSchedule = schedule
    try await publish("products", "Product.Published", about: name, event)
  }

  func publishPlan(_ edition: Int32 = 1, from: String = "2027-01-01", fees: String = "standard@1") async throws {
    let sharing = Samples.costSharing
    var plan = Premia_Products_V1_Plan()
    plan.planID = "NY-SILVER"
    plan.edition = edition
    plan.effectiveFrom = from
    plan.feeSchedule = fees
    plan.costSharing.deductiblePerson = Premia_Common_V1_Money(sharing.deductiblePerson)
    plan.costSharing.deductibleFamily = Premia_Common_V1_Money(sharing.deductibleFamily)
    plan.costSharing.outOfPocketPerson = Premia_Common_V1_Money(sharing.outOfPocketPerson)
    plan.costSharing.outOfPocketFamily = Premia_Common_V1_Money(sharing.outOfPocketFamily)
    for (category, benefit) in sharing.benefits.sorted(by: { $0.key < $1.key }) {
      var message = Premia_Products_V1_Benefit()
      message.category = category
      message.covered = benefit.covered
      message.deductibleApplies = benefit.deductibleApplies
      message.copay = Premia_Common_V1_Money(benefit.copay)
      message.coinsuranceBasisPoints = Int32(benefit.coinsurance.numerator * 10_000 / benefit.coinsurance.denominator)
      plan.costSharing.benefits.append(message)
    }
    var event = Premia_Products_V1_ProductPublished()
    event.plan = plan
    try await publish("products", "Product.Published", about: plan.planID, event)
  }

  /// Jane (M-1), her husband John (M-2) and their twins Ann and Ben (M-3, M-4), under one policy from 2027 on.
  static func policy(_ number: UInt64 = 1, end: String = "", version: Int64 = 1) -> Premia_Policy_V1_Policy {
    var policy = Premia_Policy_V1_Policy()
    policy.policyID = (id(number) as PolicyID).description
    policy.policyNumber = "P-\(number)"
    policy.planID = "NY-SILVER"
    policy.effectiveDate = "2027-01-01"
    policy.endDate = end
    policy.version = version
    let people = [
      ("subscriber", "1990-05-01", "Jane"), ("spouse", "1990-05-01", "John"), ("child", "2020-02-02", "Ann"),
      ("child", "2020-02-02", "Ben"),
    ]
    for (index, (relationship, born, name)) in people.enumerated() {
      var member = Premia_Policy_V1_Member()
      member.partyID = (id(number * 10 + UInt64(index)) as PartyID).description
      member.relationship = relationship
      member.birthDate = born
      member.givenName = name
      member.from = policy.effectiveDate
      member.memberNumber = number == 1 ? "M-\(index + 1)" : "M-\(number)-\(index + 1)"
      policy.members.append(member)
    }
    return policy
  }

  func issue(_ policy: Premia_Policy_V1_Policy = policy()) async throws {
    var event = Premia_Policy_V1_PolicyIssued()
    event.policy = policy
    try await publish("policy", "Policy.Issued", about: policy.policyID, event)
  }

  func terminate(_ policy: Premia_Policy_V1_Policy) async throws {
    var event = Premia_Policy_V1_PolicyTerminated()
    event.policy = policy
    try await publish("policy", "Policy.Terminated", about: policy.policyID, event)
  }

  func pause(_ policy: Premia_Policy_V1_Policy, from: String, until: String) async throws {
    var event = Premia_Policy_V1_PolicyPaused()
    event.policy = policy
    event.pause.from = from
    event.pause.until = until
    event.policy.pauses = [event.pause]
    try await publish("policy", "Policy.Paused", about: policy.policyID, event)
  }

  func rescind(_ policy: Premia_Policy_V1_Policy) async throws {
    var event = Premia_Policy_V1_PolicyRescinded()
    event.policy = policy
    try await publish("policy", "Policy.Rescinded", about: policy.policyID, event)
  }

  func reinstate(_ policy: Premia_Policy_V1_Policy) async throws {
    var event = Premia_Policy_V1_PolicyReinstated()
    event.policy = policy
    try await publish("policy", "Policy.Reinstated", about: policy.policyID, event)
  }

  func endorse(_ policy: Premia_Policy_V1_Policy) async throws {
    var event = Premia_Policy_V1_PolicyEndorsed()
    event.policy = policy
    try await publish("policy", "Policy.Endorsed", about: policy.policyID, event)
  }

  func payOut(_ number: UInt64, on date: String, _ claims: (id: String, amount: String)...) async throws {
    var event = Premia_Payments_V1_PayoutPosted()
    event.payout.payoutID = (id(number) as PayoutID).description
    event.payout.paidOn = date
    event.payout.posted = true
    event.payout.claims = claims.map { claim in
      var paid = Premia_Payments_V1_PayoutClaim()
      paid.claimID = claim.id
      paid.amount = Premia_Common_V1_Money(money(claim.amount))
      return paid
    }
    try await publish("payments", "Payout.Posted", about: event.payout.payoutID, event)
  }
}
