// The calculator and the real run bill the same agreement alike: the same days, the same amounts.

import Kernel
import Testing

@testable import Billing

@Suite struct ScheduleComparisonTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let timeline: PaymentTimeline
    let mode: Convention.Mode
    let alignment: Convention.Alignment
    let start: CalendarDate

    var testDescription: String { "\(timeline) in \(mode) by the \(alignment) from \(start)" }
  }

  /// Whole periods: a part of one the calculator prorates over the period, the real run month by month.
  static let rows: [Row] = PaymentTimeline.allCases.flatMap { timeline in
    Convention.Mode.allCases.flatMap { mode in
      [
        Row(timeline: timeline, mode: mode, alignment: .calendar, start: day("2027-01-01")),
        Row(timeline: timeline, mode: mode, alignment: .anniversary, start: day("2027-05-01")),
        Row(timeline: timeline, mode: mode, alignment: .account, start: day("2027-11-01")),
      ]
    }
  }

  private static let asOf = day("2030-06-30")

  @Test("the preview of an agreement and its real run agree in dates and totals", arguments: rows)
  func agree(_ row: Row) throws {
    #expect(try billed(row) == preview(row))
  }

  /// In days and totals.
  private func billed(_ row: Row) throws -> [String] {
    var schedule = PaymentSchedule(timeline: row.timeline, mode: row.mode)
    schedule.align(row.alignment, coveredFrom: row.start, billedFrom: row.start)
    let timeline = BillingTimeline(silver, from: row.start)
    var story = try Story.active(timeline, schedule, on: row.start)
    while let next = story.state.next, next.on <= Self.asOf {
      try story.when(.bill(asOf: next.on, draft: false))
      try story.pay(story.state.receivableCents, on: next.on)
    }
    var invoices: [String] = []
    for case .issued(let issue) in story.events where issue.dueOn <= Self.asOf {
      invoices.append("\(issue.dueOn) \(issue.lines.memberCents / 100)")
    }
    return invoices
  }

  private func preview(_ row: Row) throws -> [String] {
    let period: BillingPeriod =
      switch row.timeline {
      case .monthly: .month
      case .quarterly: .quarter
      case .semiAnnual: .halfYear
      case .annual: .year
      }
    let price = Int(silver.grossCents / 100) * row.timeline.months
    let document = PreviewDocument.text(
      [
        #""convention": {"mode": "\#(row.mode.rawValue)", "alignment": "\#(row.alignment.rawValue)"}"#,
        #""plans": {"silver": {"period": "\#(period.rawValue)", "phases": [{"price": "\#(price).00"}]}}"#,
      ], ["\(row.start) start plan=silver"], asOf: Self.asOf.description)
    return try BillingPreview(document: Array(document.utf8)).invoices.map { "\($0.on) \($0.total.dropLast(3))" }
  }
}
