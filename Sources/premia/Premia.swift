// The command line.

import ArgumentParser

@main
struct Premia: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "premia",
    abstract: "The core of a health insurer: policies, billing, payments, claims and the books.",
    discussion: """
      Try it: 'premia demo' walks from an enrolment file to paid claims in one process and then serves a page.

      Exit codes: 0 done, 1 refused, 3 a check found something, 64 wrong usage, 70 a fault of Premia's.
      """,
    version: "0.1.0",
    subcommands: [
      ServeCommand.self, DemoCommand.self, ImportCommand.self, AuditCommand.self, ExportCommand.self, QuoteCommand.self,
      BillingCommand.self, SuspenseCommand.self, ClockCommand.self, RunCommand.self, EventsCommand.self,
      VerifyCommand.self, ReconcileCommand.self, MigrateCommand.self, ClusterCommand.self, BenchCommand.self,
    ])
}
