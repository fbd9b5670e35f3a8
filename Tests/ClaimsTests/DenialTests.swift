// What is not paid, and in which codes: a row for every reason, and which reason comes first.

import Kernel
import Testing

@testable import Claims

struct DenialTests {
  struct Row: Sendable {
    let name: String
    let codes: String
    let alter: @Sendable (inout FiledClaim, inout Facts) -> Void

    init(_ name: String, _ codes: String, _ alter: @escaping @Sendable (inout FiledClaim, inout Facts) -> Void) {
      self.name = name
      self.codes = codes
      self.alter = alter
    }
  }

  static let table = [
    Row("nobody has the number      ", "PR-31") { $1 = Facts() },
    Row("the same service again     ", "OA-18") { $1.lines[0].isDuplicate = true },
    Row("a service yet to come      ", "CO-110") { claim, _ in claim.receivedOn = day("2027-02-28") },
    Row("366 days after the service ", "CO-29") { claim, _ in claim.receivedOn = day("2028-03-01") },
    Row("before coverage            ", "PR-26") { $1.lines[0].standing = .beforeCoverage },
    Row("after coverage             ", "PR-27") { $1.lines[0].standing = .afterCoverage },
    Row("while coverage is paused   ", "PR-200") { $1.lines[0].standing = .paused },
    Row("a benefit of another payer ", "OA-109 N216") { $1.lines[0].standing = .covered(Samples.terms("V2020")) },
    Row("a benefit left out         ", "PR-204") { $1.lines[0].standing = .covered(Samples.terms("D1110")) },
    Row("another payer comes first  ", "CO-22 MA04") { claim, _ in claim.otherPayerPrimary = true },
    Row("no member number           ", "CO-16 N382") { claim, _ in claim.memberNumber = "" },
    Row("no birth date              ", "CO-16 N329") { claim, _ in claim.patientBirthDate = nil },
    Row("no place of service        ", "CO-16 M77") { claim, _ in claim.placeOfService = "" },
    Row("no diagnosis               ", "CO-16 M76") { claim, _ in claim.diagnoses = [] },
    Row("no procedure               ", "CO-16 M51") { claim, _ in claim.lines[0].procedure = "" },
    Row("no units                   ", "CO-16 M53") { claim, _ in claim.lines[0].unitsThousandths = 0 },
    Row("a total of something else  ", "CO-16 M54") { claim, _ in claim.charge += money("1") },
    Row("two things missing         ", "CO-16 N329 M76") { claim, _ in
      claim.patientBirthDate = nil
      claim.diagnoses = []
    },
    Row("missing before nobody      ", "CO-16 M76") { claim, facts in
      claim.diagnoses = []
      facts = Facts()
    },
    Row("nobody before too late     ", "PR-31") { claim, facts in
      claim.receivedOn = day("2030-01-01")
      facts = Facts()
    },
    Row("duplicate before too late  ", "OA-18") { claim, facts in
      claim.receivedOn = day("2030-01-01")
      facts.lines[0].isDuplicate = true
    },
    Row("too late before coverage   ", "CO-29") { claim, facts in
      claim.receivedOn = day("2030-01-01")
      facts.lines[0].standing = .afterCoverage
    },
    Row("benefit before other payers", "PR-204") { claim, facts in
      claim.otherPayerPrimary = true
      facts.lines[0].standing = .covered(Samples.terms("D1110"))
    },
  ]

  @Test(arguments: DenialTests.table)
  func `the codes of a denial`(row: Row) {
    var claim = Samples.claim([Samples.line(1, "99213", "150")])
    var facts = Samples.facts(for: claim)
    row.alter(&claim, &facts)
    let judgement = Adjudication.judge(claim, facts)
    let line = judgement.lines[0]
    let adjustment = line.adjustments[0]
    let codes = (["\(adjustment.group.rawValue)-\(adjustment.reason)"] + line.remarks).joined(separator: " ")
    #expect(codes == row.codes, "\(row.name)")
    #expect(judgement.isDenied && judgement.denialReason == adjustment.reason)
    #expect(judgement.paid.isZero && judgement.allowed.isZero && judgement.used.isEmpty)
    expectBalance(line)
  }

  @Test func `every reason has a row`() {
    let shown = Set(Self.table.map { $0.codes.split(separator: " ")[0] })
    for denial in Denial.allCases {
      let code = Codes.standard[denial]
      #expect(shown.contains("\(code.group.rawValue)-\(code.reason)"), "\(denial)")
    }
  }

  @Test func `the last day to file is the 365th after the service`() {
    let claim = Samples.claim([Samples.line(1, "99213", "150")], received: "2028-02-29")
    #expect(!Adjudication.judge(claim, Samples.facts(for: claim)).isDenied)
  }

  @Test func `lines are judged by their own day`() {
    let claim = Samples.claim(
      [Samples.line(1, "99213", "150", on: "2027-03-01"), Samples.line(2, "99213", "150", on: "2027-03-02")])
    var facts = Samples.facts(for: claim)
    facts.lines[1].standing = .afterCoverage
    let judgement = Adjudication.judge(claim, facts)
    #expect(judgement.lines.map(\.denied) == [nil, "27"])
    #expect(!judgement.isDenied && judgement.denialReason == nil)
    #expect(judgement.paid == money("85") && judgement.patient == money("175"))
  }

  @Test func `a denied line leaves deductible and copay to the next`() {
    let claim = Samples.claim([Samples.line(1, "99243", "250"), Samples.line(2, "99243", "250")])
    var facts = Samples.facts(for: claim)
    facts.lines[0].isDuplicate = true
    #expect(Adjudication.judge(claim, facts).lines[1].deductible == money("180"))
  }

  @Test func `a denied charge of zero has nothing to adjust`() {
    let claim = Samples.claim([Samples.line(1, "99213", "0")])
    let judgement = Adjudication.judge(claim, Facts())
    #expect(judgement.lines[0].adjustments.isEmpty && judgement.denialReason == "31")
  }
}
