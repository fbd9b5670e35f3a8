// billing: what a timeline would be billed, from a JSON file. Nothing is opened, read or written.

import ArgumentParser
import Billing
import Kernel

struct BillingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "billing", abstract: "Bill on paper.", subcommands: [Preview.self])

  struct Preview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "preview", abstract: "The invoices that a timeline comes to.",
      discussion: """
        FILE is a timeline in JSON, '-' for standard input:

          {"currency": "USD", "timeZone": "America/New_York",
           "plans": {"silver": {"period": "P1M", "phases": [{"price": "310.00"}]}},
           "timeline": [{"on": "2027-01-15", "do": "start", "plan": "silver"}],
           "asOf": "2027-03-01"}

        docs/billing-preview.md describes every member.
        """)

    @OptionGroup var answer: AnswerOptions

    @Argument(help: "The timeline, as JSON.")
    var file: String

    func run() async throws {
      try await answer.answering {
        let preview = try BillingPreview(document: try InputFiles.bytes(of: file))
        Terminal.print(answer.json ? preview.json : Self.text(of: preview))
      }
    }

    private static func text(of preview: BillingPreview) -> String {
      var table = TextTable(["invoice", "line", "from", "to", "fraction", "amount", "open"], numeric: [4, 5, 6])
      for invoice in preview.invoices {
        for line in invoice.lines {
          let words = [line.kind, line.name, line.subscription, line.plan].filter { !$0.isEmpty }
          table.add(
            "\(invoice.on)", words.joined(separator: " "), line.period.map { "\($0.start)" } ?? "",
            line.period.map { "\($0.end)" } ?? "", line.fraction, line.amount, "")
        }
        table.add("\(invoice.on)", "total", "", "", "", invoice.total, invoice.balance)
      }
      return "\(table.text)\n\nCredit \(preview.credit), refunds due \(preview.refundsDue)."
    }
  }
}
