// run: bulk work by hand.

import ArgumentParser
import Contracts
import Courier
import Kernel

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Do bulk work: invoices, renewals, rates, commissions.",
    discussion: """
      A run that was stopped goes on where it was when it is run again. What could not be done is parked with its reason
      and does not stop the run; 'premia run parked' lists it, and the next run looks at it again.
      """,
    subcommands: [BillingRun.self, Renewal.self, Rates.self, Commissions.self, Parked.self])

  struct BillingRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "billing", abstract: "Issue the invoices that are due.")

    @OptionGroup var options: HouseOptions

    @Option(help: "Up to and including this day; the business day where absent.")
    var asOf: CalendarDate?

    @Flag(help: "Count and sum what would be issued; write nothing.")
    var dryRun = false

    @Flag(help: "Leave new invoices as drafts.")
    var draft = false

    struct Answer: Encodable {
      let accounts: Int64
      let invoices: Int64
      let billedCents: Int64
      let pastDue: Int64
      let parked: [String]
      let dryRun: Bool
    }

    func run() async throws {
      try await options.withHouse { house in
        let day = asOf ?? house.clock.today
        let report = try await house.runBilling(asOf: day, dryRun: dryRun, draft: draft)
        try await house.drain()
        let billed = try report.billed.money("billed")
        if options.json {
          Terminal.printJSON(
            Answer(
              accounts: report.accounts, invoices: report.invoices, billedCents: billed.cents, pastDue: report.pastDue,
              parked: report.parked, dryRun: dryRun))
        } else {
          Terminal.print(
            "\(dryRun ? "Would issue" : "Issued") \(report.invoices) invoices for \(billed) "
              + "to \(report.accounts) accounts; "
              + "\(report.pastDue) past due, \(report.parked.count) parked.")
          RunAnswer(report.report).printParked()
        }
      }
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
