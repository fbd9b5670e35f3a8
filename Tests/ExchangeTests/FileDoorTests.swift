import Contracts
import Exchange
import Kernel
import Runtime
import Testing
import X12

@Suite("The door for files")
struct FileDoorTests {
  private static func profiles() throws -> PartnerProfiles { PartnerProfiles([try ProfileTests.profile()]) }

  /// Level, code, segment and element of what was found.
  private static func summary(_ report: FileReport) -> [String] {
    report.findings.map { "\($0.code) \($0.segmentID)" + ($0.element.map { "-\($0)" } ?? "") }
  }

  @Test("A family becomes one policy with all its members, bound")
  func family() async throws {
    try await World.run(try Self.profiles()) { world in
      let family =
        Enrolment.member("S1") + Enrolment.member("S1", ins: "N*01*021*20*A", name: "DOE*JOHN", born: "19790101")
        + Enrolment.member("S1", ins: "N*19*021*20*A", name: "DOE*JIM", born: "20150101")
      let report = try await world.take(Enrolment(segments: family + Enrolment.member("S2")).text)
      #expect(report.kind == .enrolment && report.accepted == 2 && report.refused == 0)
      let policies = try await world.policies()
      #expect(policies.map(\.members.count).sorted() == [1, 3])
      #expect(
        policies.allSatisfy { $0.status == .pendingPayment && $0.planID == "il-silver-3000" && $0.channel == "group" })
      let members = policies.first { $0.members.count == 3 }?.members ?? []
      #expect(members.map(\.relationship) == ["subscriber", "spouse", "child"])
      #expect(Set(members.map(\.memberNumber)) == ["S1"])
      #expect(String(decoding: report.acknowledgement, as: UTF8.self).contains("AK9*A*1*1*1~"))
      try await #expect(Surroundings.complaints(about: report.acknowledgement) == "")
    }
  }

  @Test("Coverage that began before the takeover is continued from that day")
  func takeover() async throws {
    try await World.run(try Self.profiles()) { world in
      let coverage = ["HD*021**DEN", "DTP*348*D8*20020701"]
      _ = try await world.take(Enrolment(segments: Enrolment.member("S1", born: nil, coverage: coverage)).text)
      let policy = try #require(try await world.policies().first)
      #expect(policy.effectiveDate == "2027-01-01" && policy.originalEffectiveDate == "2002-07-01")
      #expect(policy.planID == "il-dental-1000" && policy.premium.map(\.gross.cents) == [38_50])
    }
  }

  struct BadRecord: CustomTestStringConvertible, Sendable {
    let what: String
    let segments: [String]
    let finding: String
    var testDescription: String { what }
  }

  static let badRecords: [BadRecord] = [
    .init(
      what: "unknown plan", segments: Enrolment.member("S1", coverage: ["HD*021**HLT*GOLD", "DTP*348*D8*20270201"]),
      finding: "I12 HD-4"),
    .init(
      what: "no plan in the state",
      segments: Enrolment.member("S1").map { $0 == "N4*CHICAGO*IL*60616**CY*COOK" ? "N4*TROY*NY*12180" : $0 },
      finding: "I12 HD-3"),
    .init(what: "unknown subscriber", segments: Enrolment.end("S9", on: "20270601"), finding: "I12 REF-2"),
    .init(
      what: "a change",
      segments: Enrolment.member(
        "S1", ins: "Y*18*001*20*A***FT", coverage: ["HD*001**HLT*SILVER", "DTP*348*D8*20270101"]),
      finding: "I12 INS-3"),
    .init(what: "an audit", segments: Enrolment.member("S1", ins: "Y*18*030*20*A***FT"), finding: "I12 INS-3"),
    .init(
      what: "a dependant without subscriber", segments: Enrolment.member("S1", ins: "N*19*021*20*A"),
      finding: "I12 INS-1"),
    .init(
      what: "an unknown relationship",
      segments: Enrolment.member("S1") + Enrolment.member("S1", ins: "N*60*021*20*A", name: "DOE*JO"),
      finding: "I12 INS-2"),
    .init(what: "no birth date", segments: Enrolment.member("S1", born: nil), finding: "I6 NM1"),
    .init(
      what: "no first day", segments: Enrolment.member("S1", coverage: ["HD*021**HLT*SILVER", "DTP*303*D8*20270201"]),
      finding: "I6 HD"),
    .init(
      what: "a later dependant",
      segments: Enrolment.member("S1")
        + Enrolment.member(
          "S1", ins: "N*19*021*20*A", name: "DOE*JIM", coverage: ["HD*021**HLT*SILVER", "DTP*348*D8*20270301"]),
      finding: "I12 DTP-3"),
  ]

  @Test("A record that is refused is shown in the 999; the others are taken", arguments: badRecords)
  func badRecord(_ bad: BadRecord) async throws {
    try await World.run(try Self.profiles()) { world in
      let report = try await world.take(Enrolment(segments: bad.segments + Enrolment.member("GOOD")).text)
      #expect(Self.summary(report) == [bad.finding], "\(report.findings)")
      #expect(report.accepted == 1 && report.refused == 1)
      #expect(try await world.policies().count == 1)
      let text = String(decoding: report.acknowledgement, as: UTF8.self)
      #expect(text.contains("IK5*E*5~") && text.contains("AK9*E*1*1*1~"))
      #expect(try await Surroundings.complaints(about: report.acknowledgement) == "")
    }
  }

  @Test("An end before the start is refused; one behind it is done; a second policy of the same name is refused")
  func ends() async throws {
    try await World.run(try Self.profiles()) { world in
      _ = try await world.take(Enrolment(number: 1, segments: Enrolment.member("S1")).text)
      let early = try await world.take(Enrolment(number: 2, segments: Enrolment.end("S1", on: "20270130")).text)
      #expect(Self.summary(early) == ["I12 DTP-3"])
      let again = try await world.take(
        Enrolment(number: 3, segments: Enrolment.member("S1", name: "DOE*JANET")).text)
      #expect(Self.summary(again) == ["I12 REF-2"])
      var issue = Premia_Policy_V1_IssueRequest()
      issue.policyID = try #require(try await world.policies().first?.policyID)
      issue.reason = "paid at the counter"
      _ = try await world.policy.issue(issue)
      let end = try await world.take(Enrolment(number: 4, segments: Enrolment.end("S1", on: "20270630")).text)
      #expect(end.accepted == 1 && end.findings.isEmpty)
      #expect(try await world.policies().first?.endDate == "2027-07-01")
    }
  }

  @Test("Refused as a whole: the same file again, a used control number, a stranger")
  func wholeFiles() async throws {
    try await World.run(try Self.profiles()) { world in
      func code(_ file: Enrolment) async throws -> String {
        guard case .refused(let problem) = try await world.take(file.text).kind else { return "taken" }
        return problem.code
      }
      let first = Enrolment(number: 7, segments: Enrolment.member("S1"))
      let codes = [
        try await code(first), try await code(first),
        try await code(Enrolment(number: 7, segments: Enrolment.member("S2"))),
        try await code(Enrolment(number: 8, sender: "NOBODY", segments: Enrolment.member("S3"))),
      ]
      #expect(
        codes == [
          "taken", "exchange.duplicate_file", "exchange.control_number_used", "exchange.unknown_sender",
        ])
      #expect(try await world.policies().count == 1)
    }
  }

  @Test("What is not for this door is passed over with a reason")
  func notForThisDoor() async throws {
    try await World.run(try Self.profiles()) { world in
      for text in ["file\ttransaction\n", "", "{}"] {
        guard case .notForThisDoor = try await world.take(text).kind else {
          Issue.record("\(text) was taken")
          continue
        }
      }
    }
  }
}
