// What holds of every preview, tried on seeded timelines: money is conserved, lines follow from the days, and nothing
// is billed twice.

import Kernel
import Testing

@testable import Billing

@Suite struct PreviewPropertyTests {
  static let seeds = Array(UInt64(1)...60)

  @Test("the same document gives the same answer", arguments: seeds)
  func isDeterministic(_ seed: UInt64) throws {
    let document = RandomAccount(seed).document
    #expect(try BillingPreview(document).json == BillingPreview(document).json)
  }

  @Test("every invoice is the sum of its lines, and every cent that was paid is somewhere", arguments: seeds)
  func moneyIsConserved(_ seed: UInt64) throws {
    let account = RandomAccount(seed)
    let outcome = try account.outcome()
    let statement = outcome.statement
    for invoice in statement.invoices {
      #expect(invoice.lines.cents == invoice.totalCents)
      #expect(invoice.balanceCents >= 0)
      #expect(invoice.balanceCents == 0 || statement.creditCents == 0)
    }
    var settled: Int64 = 0
    for invoice in statement.invoices { settled += invoice.settledCents }
    #expect(statement.creditCents + settled == account.paidCents)
    #expect(statement.paidCents == account.paidCents)
    #expect(0...statement.paidCents ~= statement.creditCents)
  }

  @Test("the lines that stand are those that should, and none is billed twice", arguments: seeds)
  func nothingIsBilledTwice(_ seed: UInt64) throws {
    let outcome = try RandomAccount(seed).outcome()
    var standing: [ChargeLine: Int] = [:]
    for line in outcome.statement.invoices.filter({ !$0.isVoid }).flatMap(\.lines) where line.period != nil {
      if let count = standing[line.reversed], count > 0 {
        standing[line.reversed] = count == 1 ? nil : count - 1
      } else {
        standing[line, default: 0] += 1
      }
    }
    var expected: [ChargeLine: Int] = [:]
    for line in outcome.expected where line.cents != 0 { expected[line, default: 0] += 1 }
    #expect(standing.filter { $0.key.cents != 0 } == expected)
    var days: Set<CalendarDate> = []
    for period in outcome.expected.compactMap(\.period) {
      for offset in 0..<period.days { #expect(days.insert(period.start.adding(days: offset)).inserted) }
    }
    let dates = outcome.statement.invoices.filter { !$0.isVoid }.map(\.on)
    #expect(dates == Set(dates).sorted())
  }

  /// Slow and simple: each day is asked what plan it has, and a month costs each price for its days, rounded once.
  @Test("a month costs what a count of its days says", arguments: seeds)
  func countsOfDaysAgree(_ seed: UInt64) throws {
    let account = RandomAccount(seed)
    let outcome = try account.outcome()
    var month = account.first.withDay(1)
    while month < account.asOf.firstOfMonth {
      let full = Period.month(containing: month)
      var days: [Int64: Int64] = [:]
      for offset in 0..<full.days {
        if let price = account.price(on: month.adding(days: offset)) { days[price, default: 0] += 1 }
      }
      var whole: Int64 = 0
      // Half up, for amounts above zero.
      for (price, count) in days { whole += (2 * price * count + Int64(full.days)) / (2 * Int64(full.days)) }
      let lines = outcome.expected.filter { $0.period.map(full.contains) ?? false }
      #expect(lines.cents == whole, "\(month) of seed \(seed)")
      month = full.end
    }
  }

  @Test("the parts of a period sum back to its price, in every day count", arguments: DayCount.allCases)
  func partsSumToTheWhole(_ dayCount: DayCount) {
    var random = SplitMix64(seed: 11, label: dayCount.rawValue)
    for _ in 0..<300 {
      let start = CalendarDate(dayNumber: Int32.random(in: 20_000...25_000, using: &random))
      let period = [BillingPeriod.week, .month, .quarter, .halfYear, .year].randomElement(using: &random) ?? .month
      let full = BillingCycle(calendar: period, day: Int.random(in: 1...31, using: &random)).period(containing: start)
      let price = PeriodPrice(
        cents: Int64.random(in: 1...999_999, using: &random), subsidyCents: Int64.random(in: 0...50_000, using: &random)
      )
      for rounding in [Rounding.halfUp, .halfEven] {
        func proration() -> Proration {
          Proration(full: full, months: period.months, dayCount: dayCount, rounding: rounding)
        }
        var (split, whole) = (proration(), proration())
        var sums: [ChargeLine.Kind: Int64] = [:]
        var from = full.start
        while from < full.end {
          let to = min(full.end, from.adding(days: Int.random(in: 1...20, using: &random)))
          for line in split.lines(of: price, plan: "p", for: Period(from: from, to: to)) {
            sums[line.kind, default: 0] += line.cents
          }
          from = to
        }
        for line in whole.lines(of: price, plan: "p", for: full) { #expect(sums[line.kind] == line.cents) }
      }
    }
  }

  @Test("entries of one day keep their order: the last plan named is the one that holds", arguments: seeds)
  func orderOfADayIsKept(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed, label: "order")
    let plans = ["silver", "gold", "bronze"].shuffled(using: &random)
    let timeline = ["2027-01-01 start plan=silver"] + plans.map { "2027-02-01 changePlan plan=\($0)" }
    let preview = try BillingPreview(PreviewDocument.text([], timeline, asOf: "2027-02-01"))
    #expect(preview.invoices.last?.lines.map(\.plan) == [plans[2]])
  }
}

/// A year or so of one subscription with changes that are made known up to two months late, payments and voids.
private struct RandomAccount {
  private static let cents: [String: Int64] = ["silver": 31_000, "gold": 62_000, "bronze": 15_500, "iron": 9_999]

  let first: CalendarDate
  let asOf: CalendarDate
  private(set) var paidCents: Int64 = 0
  private var timeline: [String] = []
  /// What was said of the subscription, in the order in which it was.
  private var changes: [(effective: CalendarDate, plan: String?)] = []

  init(_ seed: UInt64) {
    var random = SplitMix64(seed: seed, label: "preview")
    first = CalendarDate(dayNumber: 20_800 + Int32.random(in: 0...365, using: &random))
    asOf = first.adding(days: 400)
    timeline.append("\(first) start plan=silver")
    changes.append((first, "silver"))
    var known = first
    for _ in 0..<14 {
      known = known.adding(days: Int.random(in: 0...40, using: &random))
      if known > asOf { break }
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        let amount = Int64.random(in: 1...500, using: &random)
        paidCents += amount * 100
        timeline.append("\(known) payment amount=\(amount)")
      default:
        let effective = max(first, known.adding(days: -Int.random(in: 0...60, using: &random)))
        let plan = ["silver", "gold", "bronze", "iron"].randomElement(using: &random) ?? "iron"
        timeline.append("\(effective) changePlan plan=\(plan) knownOn=\(known)")
        changes.append((effective, plan))
      }
    }
    if Bool.random(using: &random) {
      let end = max(known, first.adding(days: 300))
      timeline.append("\(end) cancel knownOn=\(end)")
      changes.append((end, nil))
    }
  }

  var document: String {
    let plans = Self.cents.sorted { $0.key < $1.key }.map { name, cents in
      let digits = String(cents % 100 + 100).dropFirst()
      return #""\#(name)": {"period": "P1M", "phases": [{"price": "\#(cents / 100).\#(digits)"}]}"#
    }
    return PreviewDocument.text(["\"plans\": {\(plans.joined(separator: ", "))}"], timeline, asOf: "\(asOf)")
  }

  func outcome() throws -> BillingOutcome { try BillingRecord(document: Array(document.utf8)).outcome() }

  /// Of what was last said to hold from the latest day on or before a date.
  func price(on date: CalendarDate) -> Int64? {
    var latest: (effective: CalendarDate, plan: String?)?
    for change in changes where change.effective <= date {
      if latest.map({ $0.effective <= change.effective }) ?? true { latest = change }
    }
    return latest?.plan.flatMap { Self.cents[$0] }
  }
}
