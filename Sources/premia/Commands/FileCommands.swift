// import and export: files in and out.

import ArgumentParser
import Exchange
import Foundation
import Kernel
import X12

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take in 834, 837P and 820 files.",
    discussion: """
      Each file is validated whole before anything is applied; what is refused is in its 999, in out/ of the data \
      directory. An import that was cut off goes on where it was when the same file is imported again. Exit code 1 \
      where a file was refused, rejected, or named and none of these.
      """)

  @OptionGroup var options: HouseOptions

  @Argument(help: "Files, or folders of files.")
  var files: [String]

  struct Answer: Encodable {
    let file: String
    let outcome: String
    let partner: String?
    let accepted: Int
    let refused: Int
    let findings: [String]

    init(_ report: FileReport) {
      file = report.name
      partner = report.partner
      accepted = report.accepted
      refused = report.refused
      switch report.kind {
      case .enrolment: outcome = "enrolments taken"
      case .claims: outcome = "claims taken"
      case .payments: outcome = "payments taken"
      case .notForThisDoor(let reason): outcome = "not for this door: \(reason)"
      case .rejected: outcome = "rejected: nothing was changed"
      case .refused(let problem): outcome = "refused: \(problem.detail)"
      }
      findings = report.findings.map(\.description)
    }
  }

  func run() async throws {
    try await options.withHouse(mayBeNew: true) { house in
      var answers: [Answer] = []
      var isRefused = false
      let found = try files.flatMap { path throws(Problem) in try InputFiles.all(at: path) }
      for file in found {
        let report = try await house.take(file) { progress in
          if Terminal.isInteractive {
            Terminal.write("\r\u{1B}[K\(progress.name) \(progress.records) records", to: .standardError)
          }
        }
        if Terminal.isInteractive { Terminal.write("\r\u{1B}[K", to: .standardError) }
        switch report.kind {
        case .rejected, .refused: isRefused = true
        // A folder may hold other files; one that was named was meant.
        case .notForThisDoor: isRefused = isRefused || files.contains(file)
        case .enrolment, .claims, .payments: break
        }
        answers.append(Answer(report))
      }
      try await house.drain()
      if options.json { Terminal.printJSON(answers) } else { answers.forEach(Self.show) }
      if isRefused { throw ExitCode.failure }
    }
  }

  private static func show(_ answer: Answer) {
    Terminal.print("\(answer.file): \(answer.outcome)")
    if answer.accepted + answer.refused > 0 {
      Terminal.print(
        "  \(answer.accepted) accepted, \(answer.refused) refused (partner \(answer.partner ?? "unknown"))")
    }
    for finding in answer.findings.prefix(20) { Terminal.print("  \(finding)") }
    if answer.findings.count > 20 { Terminal.print("  … and \(answer.findings.count - 20) more, in the 999") }
  }
}

struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write files for partners and members.",
    subcommands: [Remittance.self, Acknowledgement.self, Invoice.self])

  struct Remittance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "835", abstract: "Write the remittance advice of what was paid and denied in a period.")

    @OptionGroup var options: HouseOptions

    @Option(help: "The first day; the first of the business month where absent.")
    var from: CalendarDate?

    @Option(help: "The last day; the business day where absent.")
    var through: CalendarDate?

    @Option(name: .shortAndLong, help: "The file to write.")
    var output = "remittance.835"

    struct Answer: Encodable {
      let file: String
      let remittances: Int
      let claims: Int
      let paidCents: Int64
    }

    func run() async throws {
      try await options.withHouse { house in
        let last = through ?? house.clock.today
        guard let period = Period(start: from ?? last.firstOfMonth, end: last.adding(days: 1)) else {
          throw Problem(
            kind: .invalid, code: "export.period", detail: "The last day, \(last), is before the first.",
            remedy: "Give --from a day that is not after --through.")
        }
        let summary = try await house.writeRemittance(period, to: output)
        if options.json {
          Terminal.printJSON(
            Answer(
              file: output, remittances: summary.remittances, claims: summary.claims, paidCents: summary.paid.cents))
        } else {
          Terminal.print(
            "\(output): \(summary.remittances) remittances for \(summary.claims) claims, \(summary.paid) paid.")
        }
      }
    }
  }

  struct Acknowledgement: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "999", abstract: "Write the acknowledgement of a file that was imported.")

    @OptionGroup var options: HouseOptions

    @Argument(help: "The file's identifier, fil_…")
    var file: String

    @Option(name: .shortAndLong, help: "The file to write.")
    var output = "acknowledgement.999"

    struct Answer: Encodable {
      let file: String
      let bytes: Int
    }

    func run() async throws {
      try await options.withHouse { house in
        let bytes = try await house.files.acknowledgement(of: file)
        guard !bytes.isEmpty else {
          throw Problem(
            kind: .notFound, code: "export.no_acknowledgement", detail: "There is no acknowledgement of \(file).",
            remedy: "Give the identifier that the import answered.")
        }
        try OutputFile.write(output) { try $0(bytes) }
        if options.json {
          Terminal.printJSON(Answer(file: output, bytes: bytes.count))
        } else {
          Terminal.print("\(output): \(bytes.count) bytes.")
        }
      }
    }
  }
}
