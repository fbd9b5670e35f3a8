// clock: the business day of a sandbox.

import ArgumentParser
import Kernel

struct ClockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Show or move the business day of a sandbox.",
    subcommands: [Show.self, Advance.self], defaultSubcommand: Show.self)

  struct Answer: Encodable {
    let today: CalendarDate
    let sandbox: Bool
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the business day.")

    @OptionGroup var options: HouseOptions

    func run() async throws {
      try await options.answering {
        try await options.checkHouse(options.storage())
        let clock = try HouseClock(Places(data: options.data, configuration: options.config), start: nil)
        if options.json {
          Terminal.printJSON(Answer(today: clock.today, sandbox: clock.isSandbox))
        } else {
          Terminal.print("\(clock.today)\(clock.isSandbox ? " (sandbox)" : "")")
        }
      }
    }
  }

  struct Advance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Move a sandbox to a later day, living through each day on the way.")

    @OptionGroup var options: HouseOptions

    @Option(help: "The day to go to, as YYYY-MM-DD.")
    var to: CalendarDate?

    @Option(help: "How many days to go on.")
    var days: Int?

    func validate() throws {
      if (to == nil) == (days == nil) { throw ValidationError("Give either --to or --days.") }
      if let days, !(1...House.mostDays).contains(days) {
        throw ValidationError("--days is 1 to \(House.mostDays).")
      }
    }

    func run() async throws {
      try await options.withHouse { house in
        let start = house.clock.today
        let target = to ?? start.adding(days: days ?? 0)
        let bar = ProgressBar("Days", total: max(1, Int(start.days(until: target))))
        var sum = DayReport()
        try await house.advance(to: target) { day, report in
          sum.add(report)
          bar.show(Int(start.days(until: day)), "\(day)")
        }
        bar.finish()
        if options.json {
          Terminal.printJSON(Answer(today: house.clock.today, sandbox: true))
        } else {
          Terminal.print("It is \(house.clock.today). \(sum)")
        }
      }
    }
  }
}

extension DayReport: CustomStringConvertible {
  mutating func add(_ other: DayReport) {
    invoices += other.invoices
    posted += other.posted
    failed += other.failed
    payouts += other.payouts
    parked += other.parked
  }

  var description: String {
    "\(invoices) invoices issued, \(posted) payments posted, \(failed) failed, \(payouts) payouts"
      + (parked.isEmpty ? "" : "; set aside:\n  " + parked.joined(separator: "\n  "))
  }
}
