// What holds for any claims: every line balances, no limit is passed, accumulators are the sum of what the claims used.

import Contracts
import Courier
import Kernel
import Runtime
import Testing

@testable import Claims

struct PropertyTests {
  private static let procedures = Samples.prices.prices.keys.sorted() + ["X9999"]

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `any stream of claims balances within the limits`(seed: UInt64) {
    var random = SplitMix64(seed: seed, label: "adjudication")
    let sharing = Self.costSharing(&random)
    var people: [Int: Used] = [:]
    for _ in 0..<400 {
      let person = Int.random(in: 0..<4, using: &random)
      var claim = Samples.claim(Self.lines(&random))
      claim.otherPayerPrimary = Int.random(in: 0..<20, using: &random) == 0
      let family = people.values.reduce(Used(), +)
      var facts = Samples.facts(
        for: claim, used: [2027: YearUse(person: people[person] ?? Used(), family: family)])
      for index in facts.lines.indices {
        facts.lines[index] = Self.facts(for: claim.lines[index], sharing, &random)
      }
      let judgement = Adjudication.judge(claim, facts)
      for line in judgement.lines { expectBalance(line) }
      #expect(judgement.paid + judgement.lines.flatMap(\.adjustments).map(\.amount).reduce(.zero, +) == claim.charge)
      people[person, default: Used()] += judgement.used[2027] ?? Used()
      let total = people.values.reduce(Used(), +)
      for used in people.values {
        #expect(used.deductible <= sharing.deductiblePerson && used.outOfPocket <= sharing.outOfPocketPerson)
      }
      #expect(total.deductible <= sharing.deductibleFamily && total.outOfPocket <= sharing.outOfPocketFamily)
    }
    // The stream is long enough to press against the limits.
    #expect(people.values.reduce(Used(), +).outOfPocket == sharing.outOfPocketFamily)
  }

  private static func costSharing(_ random: inout SplitMix64) -> CostSharing {
    var sharing = Samples.costSharing
    sharing.deductiblePerson = Money(cents: Int64.random(in: 0...200_000, using: &random))
    sharing.deductibleFamily = sharing.deductiblePerson + Money(cents: Int64.random(in: 0...200_000, using: &random))
    sharing.outOfPocketPerson = sharing.deductiblePerson + Money(cents: Int64.random(in: 0...300_000, using: &random))
    sharing.outOfPocketFamily = sharing.outOfPocketPerson + Money(cents: Int64.random(in: 0...300_000, using: &random))
    return sharing
  }

  private static func lines(_ random: inout SplitMix64) -> [ServiceLine] {
    (1...Int.random(in: 1...5, using: &random)).map { number in
      var line = Samples.line(
        number, procedures[Int.random(in: 0..<procedures.count, using: &random)], "0",
        on: "2027-03-0\(Int.random(in: 1...9, using: &random))", units: Int64.random(in: 1...3_000, using: &random))
      line.charge = Money(cents: Int64.random(in: 0...200_000, using: &random))
      return line
    }
  }

  private static func facts(
    for line: ServiceLine, _ sharing: CostSharing, _ random: inout SplitMix64
  ) -> LineFacts {
    let standing: Standing =
      switch Int.random(in: 0..<20, using: &random) {
      case 0: .beforeCoverage
      case 1: .afterCoverage
      default: .covered(Samples.terms(line.procedure, sharing))
      }
    return LineFacts(standing: standing, isDuplicate: Int.random(in: 0..<20, using: &random) == 0)
  }

  @Test(arguments: [7, 8] as [UInt64])
  func `accumulators are the sum of what the claims used`(seed: UInt64) async throws {
    try await World.run { world in
      try await world.publishProducts()
      try await world.issue()
      try await world.issue(World.policy(2))
      var random = SplitMix64(seed: seed, label: "accumulators")
      var expected: [String: [String: Used]] = [:]
      for number in 0..<120 {
        let claim = try await world.file(Self.claim(number, &random))
        guard !claim.policyID.isEmpty else { continue }
        for line in claim.lines {
          #expect(line.charge.cents == line.paid.cents + line.adjustments.reduce(0) { $0 + $1.amount.cents })
          let used = Used(
            deductible: Money(cents: line.deductible.cents),
            outOfPocket: Money(cents: line.deductible.cents + line.copay.cents + line.coinsurance.cents))
          guard !used.isNothing else { continue }
          expected[claim.policyID, default: [:]][claim.memberID, default: Used()] += used
          expected[claim.policyID, default: [:]]["", default: Used()] += used
        }
      }
      for policy in [id(1), id(2)] as [PolicyID] {
        #expect(try await world.accumulators(policy) == expected[policy.description])
      }
      let totals = try await world.client.getTotals(.init()).totals
      let claims = try await world.engine.store.rows(Query(ClaimsTables.claims))
      #expect(totals[1].amount.cents == claims.reduce(0) { $0 + $1.integer("paid_cents") })
    }
  }

  /// A claim of one of the eight people, or of a stranger.
  private static func claim(_ number: Int, _ random: inout SplitMix64) -> FiledClaim {
    var claim = Samples.claim(lines(&random))
    claim.patientControlNumber = "ACCT-\(number)"
    claim.memberNumber = ["M-1", "M-2-1", "M-9"][Int.random(in: 0..<3, using: &random)]
    let people = [("1990-05-01", "Jane"), ("1990-05-01", "John"), ("2020-02-02", "Ann"), ("2020-02-02", "Ben")]
    let (born, name) = people[Int.random(in: 0..<4, using: &random)]
    claim.patientBirthDate = day(born)
    claim.patientGivenName = name
    return claim
  }
}
