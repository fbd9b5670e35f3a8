// audit: a partner's full enrolment file against the book.

import ArgumentParser
import Exchange
import Foundation
import Kernel

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Compare a partner's full 834 (BGN08 4) with the book.",
    discussion: """
      Says what is missing here, what is missing there, and which fields differ. Nothing is changed. The 999, and an \
      834 of what the book has where the partner has it otherwise, are in out/ of the data directory. An audit that \
      was cut off goes on where it was. Exit code 3 where something was found.
      """)

  @OptionGroup var options: HouseOptions

  @Argument(help: "The file.")
  var file: String

  struct Answer: Encodable {
    struct Finding: Encodable {
      let kind: String
      let subject: String
      let policy: String
      let field: String
      let here: String
      let there: String
    }

    struct Total: Encodable {
      let state: String
      let level: String
      let policies: Int
      let missingHere: Int
      let missingThere: Int
      let differing: Int
    }

    let audit: String
    let partner: String
    let coverages: Int
    let policies: Int
    let totals: [Total]
    let findingCount: Int
    let findings: [Finding]

    init(_ report: AuditReport) {
      audit = report.auditID
      partner = report.partner
      coverages = report.coverages
      policies = report.policies
      totals = report.totals.map { total in
        Total(
          state: total.state, level: total.level, policies: total.policies, missingHere: total.missingHere,
          missingThere: total.missingThere, differing: total.differing)
      }
      findingCount = report.findingCount
      findings = report.findings.map { finding in
        Finding(
          kind: finding.kind, subject: finding.subject, policy: finding.policyID, field: finding.field,
          here: finding.here, there: finding.there)
      }
    }
  }

  func run() async throws {
    try await options.withHouse { house in
      let report = try await house.audit(file) { progress in
        if Terminal.isInteractive {
          Terminal.write("\r\u{1B}[K\(progress.name) \(progress.records) coverages", to: .standardError)
        }
      }
      if Terminal.isInteractive { Terminal.write("\r\u{1B}[K", to: .standardError) }
      let answer = Answer(report)
      if options.json { Terminal.printJSON(answer) } else { Self.show(answer) }
      if report.findingCount > 0 { throw ExitCode.found }
    }
  }

  private static func show(_ answer: Answer) {
    Terminal.print(
      "\(answer.partner): \(answer.coverages) coverages in the file, \(answer.policies) policies in the book, "
        + "\(answer.findingCount) findings.")
    if !answer.totals.isEmpty {
      var totals = TextTable(
        ["state", "level", "policies", "missing here", "missing there", "differing"], numeric: [2, 3, 4, 5])
      for total in answer.totals {
        totals.add(
          total.state, total.level, "\(total.policies)", "\(total.missingHere)", "\(total.missingThere)",
          "\(total.differing)")
      }
      Terminal.print("\n\(totals.text)")
    }
    guard !answer.findings.isEmpty else { return }
    var table = TextTable(["finding", "coverage", "policy", "field", "here", "there"])
    for finding in answer.findings {
      table.add(finding.kind, finding.subject, finding.policy, finding.field, finding.here, finding.there)
    }
    Terminal.print("\n\(table.text)")
    if answer.findingCount > answer.findings.count {
      Terminal.print("… and \(answer.findingCount - answer.findings.count) more")
    }
  }
}
