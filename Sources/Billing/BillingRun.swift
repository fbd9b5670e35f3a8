// The billing run: everything that is due on a day, for all accounts. It may be stopped anywhere and run again, since
// what was done is no longer due.

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
    public var pastDue: Int64 = 0
    /// Accounts that could not be billed, with the reason; they did not stop the run.
    public var parked: [StreamID: Problem] = [:]
  }

  /// Accounts a transaction.
  public static let chunk = 500

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

  /// Leaves what is due as drafts; the next `run` issues exactly those.
  static func draft(
    engine: Engine, asOf day: CalendarDate, levies: LevyRules = .none, act: Act
  ) async throws -> Report {
    try await walk(engine, day, levies, act, draft: true, writing: true)
  }

  /// Says what `run` or `draft` would do, and does nothing.
  static func preview(
    engine: Engine, asOf day: CalendarDate, draft: Bool, levies: LevyRules = .none, act: Act
  ) async throws -> Report {
    try await walk(engine, day, levies, act, draft: draft, writing: false)
  }

  /// Visits what is due once; it stays due where nothing is written, and where drafts wait to be issued.
  private static func walk(
    _ engine: Engine, _ day: CalendarDate, _ levies: LevyRules, _ act: Act, draft: Bool, writing: Bool
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
            report.count(events)
            if writing { try await unit.decide(Account.self, stored.stream, command) }
          case .failure(let refusal): report.parked[stored.stream] = refusal.problem
          }
        }
        return report
      }
      if let report { total.add(report) }
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
    pastDue += other.pastDue
    parked.merge(other.parked) { _, new in new }
  }

  fileprivate mutating func count(_ events: [Account.Event]) {
    accounts += 1
    for event in events {
      switch event {
      case .drafted(let issue), .issued(let issue):
        invoices += 1
        billedCents += issue.lines.memberCents
      case .pastDue: pastDue += 1
      case .opened, .started, .changed, .discounted, .levied, .adjusted, .voided, .takenOff, .writtenOff, .refunded,
        .paymentApplied,
        .creditApplied, .paid, .dunned:
        break
      }
    }
  }

  fileprivate mutating func count(_ row: RowChange) {
    switch row {
    case .put(let table, let values):
      guard table === BillingTables.invoices else { return }
      let row = Row(table: table, values: values)
      invoices += 1
      billedCents += row.integer("total_cents")
    case .set(let table, _, let columns):
      if table === BillingTables.invoices, columns.contains(where: { $0.value == "past_due" }) { pastDue += 1 }
    case .delete: break
    }
  }
}
