// run renewal, run rates: bulk runs over the policies in force; run parked: what any run has parked.

import ArgumentParser
import Billing
import Contracts
import Courier
import Kernel
import Runtime
import Synchronization

extension RunCommand {
  struct Renewal: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "renewal", abstract: "Renew the policies in force into the next term.",
      discussion: """
        From 90 to 60 days before January 1 each policy keeps its plan where that is still sold; else it takes the \
        plan that continues it, else the cheapest of its level. Who declined, or chose for the next term, is left \
        alone.
        """)

    @OptionGroup var options: HouseOptions

    @Flag(help: "Say what would be renewed, for how much; write nothing.")
    var dryRun = false

    func run() async throws {
      try await options.withHouse { house in
        let bar = RunBar("Renewing")
        let report = try await house.runRenewals(dryRun: dryRun, onPage: bar.show)
        bar.finish()
        RunAnswer(Premia_Common_V1_RunReport(report)).show(json: options.json, done: "renewed")
      }
    }
  }

  struct Rates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rates", abstract: "Take the rates of a new edition of a plan to its policies.",
      discussion: """
        From when they hold must be said, here or in the plan's file: 'immediate' is from the edition's first day on, \
        'next_period' from the first month behind it, 'next_term' at each policy's renewal. Policies that keep their \
        rates until then are counted, never left out.
        """)

    @OptionGroup var options: HouseOptions

    @Option(help: "The plan, or add-on.")
    var plan: String

    @Option(help: "The first day of the edition.")
    var from: CalendarDate

    @Option(help: "From when the rates hold; needed where the plan's file does not say.")
    var change: Change?

    @Flag(help: "Say which premiums would change, and by how much; write nothing.")
    var dryRun = false

    enum Change: String, ExpressibleByArgument, CaseIterable {
      case immediate
      case nextPeriod = "next_period"
      case nextTerm = "next_term"

      var word: Premia_Products_V1_RateChange {
        switch self {
        case .immediate: .immediate
        case .nextPeriod: .nextPeriod
        case .nextTerm: .nextTerm
        }
      }
    }

    func run() async throws {
      try await options.withHouse { house in
        let bar = RunBar("Rating")
        let report = try await house.runRates(
          plan: plan, from: from, change: change?.word ?? .unspecified, dryRun: dryRun, onPage: bar.show)
        bar.finish()
        RunAnswer(Premia_Common_V1_RunReport(report)).show(json: options.json, done: "rated anew")
      }
    }
  }

  struct Parked: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "parked", abstract: "List what the newest pass of a run has parked, with the reasons.",
      discussion: "Of a dry run nothing is kept: it lists by itself what it would park.")

    @OptionGroup var options: HouseOptions

    @Argument(help: "The run, such as renewal-2028-01-01 or billing-2027-05-01.")
    var name: String

    func run() async throws {
      try await options.withHouse { house in
        var request = Premia_Common_V1_ListParkedRequest()
        request.runID = name
        request.page.size = 500
        var parked: [RunAnswer.Parked] = []
        repeat {
          let page = try await ask { [request] in
            name.hasPrefix(Billing.BillingRun.namePrefix)
              ? try await house.lines.billing.listParked(request, options: .bounded)
              : try await house.lines.policy.listParked(request, options: .bounded)
          }
          parked += page.parked.map(RunAnswer.Parked.init)
          request.page.token = page.nextToken
        } while !request.page.token.isEmpty
        if options.json {
          Terminal.printJSON(parked)
        } else if parked.isEmpty {
          Terminal.print("\(name) has parked nothing.")
        } else {
          RunAnswer.printTable(of: parked)
        }
      }
    }
  }
}

/// A run's progress, by the policies or accounts it has looked at.
final class RunBar: Sendable {
  private let title: String
  private let bar: Mutex<ProgressBar?> = Mutex(nil)

  init(_ title: String) { self.title = title }

  @Sendable func show(_ report: BulkReport, of total: Int64) {
    show(report.progress.seen, parked: report.progress.parked, of: total)
  }

  func show(_ seen: Int64, parked: Int64, of total: Int64) {
    let bar = self.bar.withLock { bar in
      let shown = bar ?? ProgressBar(title, total: Int(total))
      bar = shown
      return shown
    }
    bar.show(Int(seen), "\(seen) of \(total), \(parked) parked")
  }

  /// - Parameter words: where less than the total was looked at, since of the rest nothing is due.
  func finish(_ words: String? = nil) { bar.withLock { $0?.finish(words) } }
}

/// A run's report for people and programs.
struct RunAnswer: Encodable {
  struct Total: Encodable {
    let state: String
    let level: String
    let policies: Int64
    let beforeCents: Int64
    let afterCents: Int64
  }

  struct Left: Encodable {
    let code: String
    let policies: Int64
  }

  struct Parked: Encodable {
    let subject: String
    let code: String
    let detail: String
    let remedy: String

    init(_ subject: StreamID, _ problem: Problem) {
      self.subject = subject.rawValue
      code = problem.code
      detail = problem.detail
      remedy = problem.remedy
    }

    init(_ words: Premia_Common_V1_Parked) {
      subject = words.subject
      code = words.code
      detail = words.detail
      remedy = words.remedy
    }
  }

  let run: String
  let pass: Int32
  let dryRun: Bool
  let seen: Int64
  let changed: Int64
  let totals: [Total]
  let left: [Left]
  let parkedCount: Int64
  let parked: [Parked]

  init(_ report: Premia_Common_V1_RunReport) {
    run = report.runID
    pass = report.pass
    dryRun = report.dryRun
    seen = report.seen
    changed = report.changed
    totals = report.totals.map { total in
      Total(
        state: total.state, level: total.level, policies: total.policies, beforeCents: total.before.cents,
        afterCents: total.after.cents)
    }
    left = report.left.map { Left(code: $0.code, policies: $0.policies) }
    parkedCount = report.parkedCount
    parked = report.parked.map(Parked.init)
  }

  /// - Parameter done: what became of the policies that changed, in words.
  func show(json: Bool, done: String) {
    if json { return Terminal.printJSON(self) }
    Terminal.print(
      "\(run)\(dryRun ? ", dry run" : ", pass \(pass)"): \(seen) policies, \(changed) \(dryRun ? "would be " : "")"
        + "\(done), \(parkedCount) parked.")
    if !totals.isEmpty { Terminal.print("\n\(table)") }
    for reason in left { Terminal.print("  \(reason.policies) left: \(reason.code)") }
    printParked()
  }

  func printParked() {
    guard !parked.isEmpty else { return }
    Self.printTable(of: parked)
    if parkedCount > parked.count {
      Terminal.print("… and \(parkedCount - Int64(parked.count)) more; 'premia run parked \(run)' lists them.")
    }
  }

  static func printTable(of parked: [Parked]) {
    var table = TextTable(["parked", "code", "why", "what to do"])
    for one in parked { table.add(one.subject, one.code, one.detail, one.remedy) }
    Terminal.print("\n\(table.text)")
  }

  private var table: String {
    var table = TextTable(
      ["state", "level", "policies", "a month", "then", "difference"], numeric: [2, 3, 4, 5])
    func add(_ state: String, _ level: String, _ policies: Int64, _ before: Int64, _ after: Int64) {
      table.add(
        state, level, "\(policies)", "\(Money(cents: before))", "\(Money(cents: after))",
        "\(Money(cents: after - before))")
    }
    for total in totals { add(total.state, total.level, total.policies, total.beforeCents, total.afterCents) }
    add(
      "all", "", changed, totals.reduce(0) { $0 + $1.beforeCents }, totals.reduce(0) { $0 + $1.afterCents })
    return table.text
  }
}
