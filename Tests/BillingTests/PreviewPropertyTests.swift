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

  @Test("a change calculates again all that it reaches", arguments: seeds.prefix(25))
  func resumedIsAsFresh(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed, label: "resumed")
    let agreement = RandomChange.agreement(&random)
    var history = History(agreement)
    var resumed = Calculator(agreement)
    var known = RandomChange.first
    for order in 0..<25 {
      known = known.adding(days: Int.random(in: 0...50, using: &random))
      let change = RandomChange.next(order, known, &random)
      // What has no meaning, such as a pause of what is paused, is refused and changes nothing.
      guard (try? history.make(change)) != nil else { continue }
      resumed.take(history, from: change.effective)
      try resumed.advance(through: known)
      var fresh = Calculator(agreement)
      fresh.take(history, from: .earliest)
      try fresh.advance(through: known)
      #expect(resumed.lines == fresh.lines, "change \(order) of seed \(seed)")
      #expect(resumed.nextDue == fresh.nextDue)
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

/// Any change of one of two subscriptions, up to ten months late, under any convention.
private enum RandomChange {
  static let first = CalendarDate(dayNumber: 20_800)

  static func agreement(_ random: inout SplitMix64) -> Agreement {
    let convention = Convention(
      mode: Convention.Mode.allCases.randomElement(using: &random) ?? .advance,
      dayCount: DayCount.allCases.randomElement(using: &random) ?? .actualActual,
      billingDay: Int.random(in: 1...31, using: &random),
      alignment: Convention.Alignment.allCases.randomElement(using: &random) ?? .calendar)
    func terms(
      _ period: BillingPeriod, trialDays: Int = 0, _ phases: Phase..., prorating: Terms.Prorating = .prorated
    ) -> Terms {
      Terms(period: period, phases: phases, trialDays: trialDays, prorating: prorating)
    }
    let plans = [
      "month": terms(.month, Phase(cents: 31_001, length: nil)),
      "quarter": terms(
        .quarter, trialDays: 14, Phase(cents: 50_003, length: Length(months: 5)), Phase(cents: 90_007, length: nil)),
      "whole": terms(.month, Phase(cents: 20_011, length: nil), prorating: .none),
      "week": terms(.week, Phase(cents: 7_013, length: Length(days: 200))),
    ]
    let discounts = [
      Discount(
        name: "three", size: .share(Ratio(1, 10)), scope: Scope(plans: ["month", "week"]), periods: 3, budgetCents: nil,
        place: ""),
      Discount(name: "budget", size: .fixed(1_500), scope: Scope(), periods: nil, budgetCents: 20_000, place: ""),
    ]
    let levy = Levy(kind: .tax, name: "tax", size: .share(Ratio(71, 800)), scope: Scope(from: first.adding(days: 100)))
    return Agreement(convention: convention, plans: plans, discounts: discounts, levies: [levy])
  }

  static func next(_ order: Int, _ known: CalendarDate, _ random: inout SplitMix64) -> Change {
    let plan = ["month", "quarter", "whole", "week"].randomElement(using: &random) ?? "month"
    let actions: [Change.Action] = [
      .start(plan: plan), .changePlan(plan), .changePlan(plan), .pause, .resume, .cancel,
      .setBillingDay(Int.random(in: 1...31, using: &random)),
      .changePrice(plan: plan, phase: 0, cents: Int64.random(in: 5_000...60_000, using: &random), .immediate),
      .changePrice(plan: plan, phase: 0, cents: Int64.random(in: 5_000...60_000, using: &random), .nextPeriod),
    ]
    let late = Bool.random(using: &random) ? 0 : Int.random(in: 0...300, using: &random)
    return Change(
      action: order == 0 ? .start(plan: plan) : actions.randomElement(using: &random) ?? .pause,
      subscription: order > 0 && Bool.random(using: &random) ? "b" : "a", effective: known.adding(days: -late),
      order: order, place: "")
  }
}
