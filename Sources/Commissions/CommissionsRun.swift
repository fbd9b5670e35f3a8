// The work of a day: policies are assessed anew where the schedule is another, and months that are over are stated. Run
// again it finds nothing to do.

import Kernel
import Runtime

enum CommissionsRun {
  struct Report: Sendable, Equatable {
    /// Policies assessed under another edition of the schedule than before.
    var assessed: Int64 = 0
    var statements: Int64 = 0
    var toPayCents: Int64 = 0
  }

  /// Policies a transaction.
  private static let page = 250
  /// The store's note of the last month that was stated.
  private static let cursor = "statements"

  /// - Throws: `StoreFailure`.
  static func run(
    engine: Engine, schedule: CommissionSchedule, asOf day: CalendarDate, act: Act
  ) async throws -> Report {
    var report = Report()
    report.assessed = try await assess(engine, schedule, act)
    // A month is stated some days after its end: by then nothing is posted in it any more.
    var last = day.firstOfMonth.adding(months: -1)
    if day.day < schedule.statementDay { last = last.adding(months: -1) }
    guard var month = try await firstUnstated(engine) else { return report }
    while month <= last {
      try await state(month, engine, act, &report)
      month = month.adding(months: 1)
    }
    return report
  }

  /// Every policy that was assessed under another edition, a page at a time: what was done is no longer found.
  private static func assess(_ engine: Engine, _ schedule: CommissionSchedule, _ act: Act) async throws -> Int64 {
    let editions = try await engine.store.tally(CommissionsTables.policies, by: ["edition"], sums: [], where: [])
    var assessed: Int64 = 0
    for tally in editions where tally.group[0] != .integer(Int64(schedule.edition)) {
      let query = Query(CommissionsTables.policies, where: [("edition", tally.group[0])], limit: page)
      while true {
        let rows = try await engine.store.rows(query)
        guard !rows.isEmpty else { break }
        try await engine.run(act) { unit in
          for row in rows {
            try await unit.decide(Commission.self, StreamID(row.text("policy_id")), .assess(under: schedule))
          }
        }
        assessed += Int64(rows.count)
      }
    }
    return assessed
  }

  /// The first month that may have something to state; nil where nothing was ever posted.
  private static func firstUnstated(_ engine: Engine) async throws -> CalendarDate? {
    let stated = try await engine.store.cursor(cursor)
    if stated > 0, let day = Int32(exactly: stated) { return CalendarDate(dayNumber: day).firstOfNextMonth }
    let months = try await engine.store.tally(CommissionsTables.lines, by: ["posted_in"], sums: [], where: [])
    guard case .text(let first)? = months.first?.group[0] else { return nil }
    return CalendarDate(iso: first)
  }

  /// One statement for each producer for whom something was posted in the month.
  private static func state(
    _ month: CalendarDate, _ engine: Engine, _ act: Act, _ report: inout Report
  ) async throws {
    let sums = try await engine.store.tally(
      CommissionsTables.lines, by: ["producer_id"], sums: ["earned_cents", "taken_back_cents"],
      where: [("posted_in", .text(month.description))])
    for sum in sums {
      guard case .text(let text) = sum.group[0], let producer = ProducerID(text) else {
        preconditionFailure("a line was posted for \(sum.group[0]), which is no producer")
      }
      let posted = Producer.MonthSum(month: month, earnedCents: sum.sums[0], clawedBackCents: -sum.sums[1])
      let paid = try await engine.run(act) { unit in
        let stream = StreamID(producer)
        let before = try await unit.state(of: Producer.self, stream)
        let after = try await unit.decide(Producer.self, stream, .state(posted, of: producer, on: unit.today))
        return before == after ? nil : max(0, posted.earnedCents + posted.clawedBackCents + before.carriedForwardCents)
      }
      guard let paid, let toPay = paid else { continue }
      report.statements += 1
      report.toPayCents += toPay
    }
    try await engine.run(act) { unit in
      // Another copy that states the same months may be ahead.
      let stated = try await engine.store.cursor(cursor)
      let reached = Int64(month.dayNumber)
      if stated < reached { unit.moveCursor(cursor, from: stated, to: reached) }
    }
  }
}
