// Who is covered, and who the patient of a claim is.

import Contracts
import Foundation
import Kernel
import SwiftProtobuf
import Testing

@testable import Claims

struct CoverageTests {
  private static let subscriber = Insurance.Member(
    id: id(2), relationship: "subscriber", birthDate: day("1990-05-01"), number: "M-1", givenName: "Jane")

  private static func insurance(end: String? = nil, version: Int64 = 1) -> Insurance {
    Insurance(
      policy: id(1), number: "P-1", effective: day("2027-01-01"), end: end.map(day),
      plans: Timeline("NY-SILVER", from: day("2027-01-01")), members: [subscriber], version: version)
  }

  @Test func `dental and vision beside the plan are no part of it: coverage is the medical plan's`() throws {
    let number: ID<PolicyTag> = id(1)
    var policy = Premia_Policy_V1_Policy()
    (policy.policyID, policy.policyNumber, policy.effectiveDate) = (number.description, "P-1", "2027-01-01")
    policy.planID = "NY-SILVER"
    policy.premium = [
      .with {
        ($0.from, $0.planID) = ("2027-01-01", "NY-SILVER")
        $0.addOns = [.with { ($0.planID, $0.kind) = ("NY-DENTAL", .dental) }]
      }
    ]
    #expect(try Insurance(policy).plans == Timeline("NY-SILVER", from: day("2027-01-01")))
  }

  @Test func `an older snapshot and the end of what never began change nothing`() throws {
    let known = Coverage.State.known(Self.insurance(version: 2))
    #expect(try Coverage.decide(.cover(Self.insurance(version: 2)), in: known) == [])
    #expect(try Coverage.decide(.end(Self.insurance(end: "2027-06-01")), in: known) == [])
    #expect(try Coverage.decide(.end(Self.insurance(end: "2027-06-01")), in: .none) == [])
  }

  @Test func `a snapshot without members or with its end before its start is refused`() {
    var empty = Self.insurance()
    empty.members = []
    #expect(throws: CoverageRefusal.noMembers(id(1))) { try Coverage.decide(.cover(empty), in: .none) }
    #expect(throws: CoverageRefusal.endsBeforeStart(id(1), start: day("2027-01-01"), end: day("2026-12-31"))) {
      try Coverage.decide(.cover(Self.insurance(end: "2026-12-31")), in: .none)
    }
  }

  @Test func `a member is covered within the policy`() {
    var child = Self.subscriber
    child.from = day("2027-02-10")
    child.to = day("2027-09-01")
    let span = Self.insurance(end: "2027-07-01").span(of: child)
    #expect(span == Span(start: day("2027-02-10"), end: day("2027-07-01")))
    let days = ["2027-02-09", "2027-02-10", "2027-06-30", "2027-07-01"]
    #expect(days.map { span.contains(day($0)) } == [false, true, true, false])
    #expect(days.map { span.isOver(on: day($0)) } == [false, false, false, true])
  }

  @Test func `a policy that ends on the day it begins covers nothing`() {
    let span = Self.insurance(end: "2027-01-01").span(of: Self.subscriber)
    #expect(!span.contains(day("2027-01-01")) && span.isOver(on: day("2027-01-01")))
  }

  @Test func `the edition of a day is the newest that has begun`() {
    func edition(_ number: Int, _ from: String) -> Plan.Edition {
      Plan.Edition(
        planID: "NY-SILVER", number: number, from: day(from), costSharing: Samples.costSharing, feeSchedule: "s@1")
    }
    let plan = Plan.replay([
      .published(edition(2, "2028-01-01")), .published(edition(1, "2027-01-01")), .published(edition(3, "2028-01-01")),
    ])
    let days = ["2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01"]
    #expect(days.map { plan.edition(on: day($0))?.number } == [nil, 1, 1, 3])
  }

  /// A family under the subscriber's number M-1: Jane, her husband born on the same day, and twins.
  private static let family = [
    candidate(2, "M-1", "1990-05-01", "Jane"), candidate(3, "M-2", "1990-05-01", "John"),
    candidate(4, "M-3", "2020-02-02", "Ann"), candidate(5, "M-4", "2020-02-02", "Ben"),
    candidate(6, "M-5", "2023-03-03", ""),
  ]

  private static func candidate(
    _ member: UInt64, _ number: String, _ born: String, _ name: String, policy: UInt64 = 1, from: String = "2027-01-01",
    to: String? = nil
  ) -> Candidate {
    Candidate(
      policy: id(policy), member: id(member), number: number, birthDate: day(born), givenName: name,
      span: Span(start: day(from), end: to.map(day)))
  }

  static let patients: [(born: String, name: String, number: String, member: UInt64?)] = [
    ("1990-05-01", "JANE", "M-1", 2),
    ("1990-05-01", "John", "M-1", 3),
    ("1990-05-01", "J.", "M-1", 2),
    ("2020-02-02", "ben", "M-1", 5),
    ("2020-02-02", "Cy", "M-1", nil),
    ("2020-02-02", "Cy", "M-3", 4),
    ("2023-03-03", "Dee", "M-1", 6),
    ("1999-09-09", "Jane", "M-1", nil),
  ]

  @Test(arguments: CoverageTests.patients)
  func `the patient is one person or nobody`(patient: (born: String, name: String, number: String, member: UInt64?)) {
    var claim = Samples.claim([Samples.line(1, "99213", "150")])
    claim.patientBirthDate = day(patient.born)
    claim.patientGivenName = patient.name
    claim.memberNumber = patient.number
    let chosen = Identification.choose(for: claim, among: Self.family)
    #expect(chosen?.member == patient.member.map { id($0) }, "\(patient)")
  }

  @Test func `of two policies of one person the one that covers more lines is meant, then the later`() {
    let old = Self.candidate(2, "M-1", "1990-05-01", "Jane", policy: 1, from: "2026-01-01", to: "2027-03-02")
    let new = Self.candidate(2, "M-1", "1990-05-01", "Jane", policy: 7, from: "2027-03-02")
    func policy(_ days: String...) -> PolicyID? {
      let lines = days.enumerated().map { Samples.line($0 + 1, "99213", "150", on: $1) }
      return Identification.choose(for: Samples.claim(lines), among: [old, new])?.policy
    }
    #expect(policy("2027-03-01") == old.policy)
    #expect(policy("2027-03-02") == new.policy)
    #expect(policy("2027-02-01", "2027-03-01", "2027-03-02") == old.policy)
    #expect(policy("2027-03-01", "2027-03-02") == new.policy)
    #expect(policy("2025-03-01") == new.policy)
  }

  @Test func `the codes are complete and refuse what is not`() {
    #expect(Codes.standard.edition == "claims-codes@1" && Codes.standard.timelyFilingDays == 365)
    let empty = #"{"edition":"x","timelyFiling":{"days":1},"adjustments":{},"denials":{},"requirements":{}}"#
    #expect(throws: Codes.Fault.missing("contractual")) { _ = try Codes(json: Data(empty.utf8)) }
  }
}
