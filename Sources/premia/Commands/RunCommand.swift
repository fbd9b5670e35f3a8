// run: bulk work by hand.

import ArgumentParser
import Billing
import Contracts
import Courier
import Kernel
import Runtime

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Do bulk work: invoices, renewals, rates, commissions.",
    discussion: """
      A run that was stopped goes on where it was when it is run again. What could not be done is parked with its \
      reason and does not stop the run; 'premia run parked' lists it by the name of the run, and the next run looks at \
      it again. A dry run says itself what it would park.
      """,
    subcommands: [BillingRun.self, Renewal.self, Rates.self, Commissions.self, Parked.self])

  struct BillingRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "billing", abstract: "Issue the invoices that are due.")

    @OptionGroup var options: HouseOptions

    @Option(
      help: """
        Up to and including this day; the business day where absent. Only a dry run looks ahead of that.
        """)
    var asOf: CalendarDate?

    @Flag(help: "Count and sum what would be issued; write nothing.")
    var dryRun = false

    @Flag(help: "Leave new invoices as drafts.")
    var draft = false

    struct Answer: Encodable {
      let run: String
      let accounts: Int64
      let invoices: Int64
      let billedCents: Int64
      let pastDue: Int64
      let totals: [Total]
      let parked: [RunAnswer.Parked]
      let dryRun: Bool
    }

    struct Total: Encodable {
      let state: String
      let level: String
      let invoices: Int64
      let billedCents: Int64
    }

    func run() async throws {
      try await options.withHouse { house in
        let day = asOf ?? house.clock.today
        let bar = RunBar("Billing")
        let report = try await house.runBilling(asOf: day, dryRun: dryRun, draft: draft) { report, total in
          bar.show(report.seen, parked: Int64(report.parked.count), of: total)
        }
        bar.finish("\(report.seen) with something due, \(report.parked.count) parked")
        if !dryRun, !draft { try await house.runStatements(asOf: day) }
        try await house.drain()
        let name = Billing.BillingRun.name(asOf: day).rawValue
        let totals = report.totals.map { total in
          Total(state: total.state, level: total.level, invoices: total.subjects, billedCents: total.afterCents)
        }
        let parked = report.parked.sorted { $0.key < $1.key }.map { RunAnswer.Parked($0.key, $0.value) }
        if options.json {
          Terminal.printJSON(
            Answer(
              run: name, accounts: report.accounts, invoices: report.invoices, billedCents: report.billedCents,
              pastDue: report.pastDue, totals: totals, parked: parked, dryRun: dryRun))
        } else {
          let done = "\(name): \(dryRun ? "would issue" : "issued") \(report.invoices) invoices"
          Terminal.print(
            "\(done) for \(Money(cents: report.billedCents)) "
              + "to \(report.accounts) accounts; \(report.pastDue) past due, \(parked.count) parked."
          )
          if !totals.isEmpty { Terminal.print("\n\(Self.table(of: totals))") }
          if !parked.isEmpty { RunAnswer.printTable(of: parked) }
        }
      }
    }

    private static func table(of totals: [Total]) -> String {
      var table = TextTable(["state", "level", "invoices", "billed"], numeric: [2, 3])
      for total in totals {
        table.add(total.state, total.level, "\(total.invoices)", "\(Money(cents: total.billedCents))")
      }
      return table.text
    }
  }

  struct Commissions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "commissions", abstract: "Assess commissions under a new schedule, and issue producers' statements.")

    @OptionGroup var options: HouseOptions

    @Option(help: "Up to and including this day; the business day where absent.")
    var asOf: CalendarDate?

    struct Answer: Encodable {
      let assessed: Int64
      let statements: Int64
      let toPayCents: Int64
    }

    func run() async throws {
      try await options.withHouse { house in
        let report = try await house.runCommissions(asOf: asOf ?? house.clock.today)
        try await house.drain()
        let toPay = try report.toPay.money("to_pay")
        if options.json {
          Terminal.printJSON(
            Answer(assessed: report.assessed, statements: report.statements, toPayCents: toPay.cents))
        } else {
          Terminal.print(
            "Issued \(report.statements) statements with \(toPay) to pay; assessed \(report.assessed) policies anew.")
        }
      }
    }
  }
}
