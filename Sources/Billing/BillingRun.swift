// The billing run: everything that is due on a day, for all accounts. It may be stopped anywhere and run again, since
// what was done is no longer due.

import Courier
public import Kernel
public import Runtime
import Synchronization

public enum BillingRun {
  /// What a run did, or would do.
  public struct Report: Sendable, Equatable {
    public var accounts: Int64 = 0
    public var invoices: Int64 = 0
    /// What members owe for the invoices.
    public var billedCents: Int64 = 0
    /// The invoices by state and level, in their order: how many, and what members owe for them.
    public var totals: [BulkRun.Total] = []
    public var pastDue: Int64 = 0
    /// Accounts that could not be billed, with the reason; they did not stop the run.
    public var parked: [StreamID: Problem] = [:]

    /// Accounts that were looked at.
    public var seen: Int64 { accounts + Int64(parked.count) }
  }

  /// Accounts a transaction.
  public static let chunk = 500

  /// So that a date mistyped by years does not walk through years.
  static let mostDaysAhead = 400

  /// With what the names of all billing runs begin.
  public static let namePrefix = "billing-"

  /// The run of a day: "billing-2027-05-01".
  public static func name(asOf day: CalendarDate) -> StreamID { StreamID("\(namePrefix)\(day)") }

  /// Issues all that is due up to and including a day.
  ///
  /// - Parameters:
  ///   - levies: the taxes and fees as they now are; where they changed, what was billed is corrected.
  ///   - onChunk: called with the report so far after each chunk, and with the commit that was written.
  /// - Throws: `StoreFailure`.
  public static func run(
    engine: Engine, asOf day: CalendarDate, levies: LevyRules = .none, act: Act? = nil,
    onChunk: @Sendable (Report, Commit) async -> Void = { _, _ in }
  ) async throws -> Report {
    let counted = Mutex(Report())
    let sweep = try await engine.sweep(
      Account.self, through: Instant(date: day), act: act ?? self.act(on: day), chunk: chunk,
      onChunk: { sweep, commit in
        let report = counted.withLock { report in
          report.accounts = sweep.streams
          for row in commit.rows { report.count(row) }
          return report
        }
        await onChunk(report, commit)
      },
      step: { .bill(asOf: day, draft: false, levied: levies.levied(in: $0.jurisdiction)) })
    var report = counted.withLock { $0 }
    report.accounts = sweep.streams
    report.parked = sweep.parked
    return report
  }

  /// Issues what is due, leaves it as drafts for the next run to issue exactly those, or says what that would be. What
  /// was done and parked is kept under the run's name.
  ///
  /// - Parameter onPage: called with the report so far, and the number of accounts that there are, after each page.
  /// - Throws: `StoreFailure`; `Problem` where the day is ahead of the business day, for a dry run too far ahead.
  public static func make(
    engine: Engine, asOf day: CalendarDate, dryRun: Bool = false, draft: Bool = false, levies: LevyRules = .none,
    act: Act? = nil, onPage: @escaping @Sendable (Report, Int64) async -> Void = { _, _ in }
  ) async throws -> Report {
    try check(day, today: engine.clock.now.date, dryRun: dryRun)
    let accounts = try await engine.store.tally(BillingTables.accounts, by: [], sums: [], where: []).first?.count ?? 0
    let act = act ?? self.act(on: day)
    let report: Report
    if dryRun || draft {
      report = try await walk(engine, day, levies, act, draft: draft, writing: !dryRun) { report in
        await onPage(report, accounts)
      }
    } else {
      report = try await run(engine: engine, asOf: day, levies: levies, act: act) { report, _ in
        await onPage(report, accounts)
      }
    }
    if !dryRun {
      try await engine.record(
        name(asOf: day), seen: report.seen, totals: report.totals, parked: report.parked, act: act)
    }
    return report
  }

  /// What is not due yet is not billed: an invoice would be issued, and due, on a day that is still to come.
  private static func check(_ day: CalendarDate, today: CalendarDate, dryRun: Bool) throws(Problem) {
    guard dryRun else {
      guard day <= today else {
        throw Problem.field("as_of", "is \(day), after the business day \(today); only a dry run looks ahead")
      }
      return
    }
    let latest = today.adding(days: mostDaysAhead)
    guard day <= latest else { throw Problem.field("as_of", "is \(day); a dry run looks ahead to \(latest) at most") }
  }

  /// Visits what is due once; it stays due where nothing is written, and where drafts wait to be issued.
  private static func walk(
    _ engine: Engine, _ day: CalendarDate, _ levies: LevyRules, _ act: Act, draft: Bool, writing: Bool,
    onPage: @Sendable (Report) async -> Void
  ) async throws -> Report {
    var total = Report()
    var place: DuePlace?
    while true {
      let page = try await engine.store.due(Account.kind, through: Instant(date: day), after: place, limit: chunk)
      guard let last = page.last, let due = last.due else { return total }
      place = DuePlace(due: due, stream: last.stream)
      let report = try await engine.run(act) { unit in
        var report = Report()
        for stored in page {
          let state = try await unit.state(of: Account.self, stored.stream)
          let command = Account.Command.bill(
            asOf: day, draft: draft, levied: levies.levied(in: state.jurisdiction))
          switch Result(catching: { () throws(Account.Refusal) in try Account.decide(command, in: state) }) {
          case .success(let events):
            report.count(events, of: state)
            if writing { try await unit.decide(Account.self, stored.stream, command) }
          case .failure(let refusal): report.parked[stored.stream] = refusal.problem
          }
        }
        return report
      }
      if let report { total.add(report) }
      await onPage(total)
    }
  }

  static func act(on day: CalendarDate) -> Act {
    Act(correlation: "run/billing/\(day)", causation: "run/billing/\(day)")
  }
}

extension BillingRun.Report {
  fileprivate mutating func add(_ other: Self) {
    accounts += other.accounts
    invoices += other.invoices
    billedCents += other.billedCents
    for total in other.totals { totals.add(total) }
    pastDue += other.pastDue
    parked.merge(other.parked) { _, new in new }
  }

  /// - Parameter state: before them.
  fileprivate mutating func count(_ events: [Account.Event], of state: Account.State) {
    accounts += 1
    for event in events {
      switch event {
      case .drafted(let issue), .issued(let issue):
        let level = state.timeline.level(onOrAfter: issue.key.month)
        bill(issue.lines.memberCents, state.jurisdiction, level)
      case .pastDue: pastDue += 1
      case .opened, .started, .changed, .discounted, .levied, .shared, .rescheduled, .adjusted, .closedCorrected,
        .voided, .takenOff, .writtenOff, .refunded, .paymentApplied, .creditApplied, .paid, .dunned:
        break
      }
    }
  }

  fileprivate mutating func count(_ row: RowChange) {
    switch row {
    case .put(let table, let values):
      guard table === BillingTables.invoices else { return }
      let row = Row(table: table, values: values)
      bill(row.integer("total_cents"), row.text("state"), row.text("level"))
    case .set(let table, _, let columns):
      if table === BillingTables.invoices, columns.contains(where: { $0.value == "past_due" }) { pastDue += 1 }
    case .delete: break
    }
  }

  private mutating func bill(_ cents: Int64, _ state: String, _ level: String) {
    invoices += 1
    billedCents += cents
    totals.add(BulkRun.Total(state: state, level: level, beforeCents: 0, afterCents: cents))
  }
}
