// The calculator and the real run price the same agreement alike, to the cent.

import Kernel
import Testing

@testable import Billing

/// An agreement said twice: as a document, and as the real run has it.
private struct Said {
  var discounts: [String] = []
  var taxes: [String] = []
  var timeline: [String] = []
  var pricing = Pricing()
  var bare = BillingTimeline()

  private static let plans = [("silver", Int64(31_000)), ("gold", Int64(62_000)), ("bronze", Int64(15_500))]

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let start = day("2027-01-01").adding(days: .random(in: 0..<40, using: &random))
    let end = start.adding(days: .random(in: 200..<500, using: &random))
    cover(from: start, to: end, &random)
    for number in 1...Int.random(in: 1...3, using: &random) { discount("D\(number)", near: start, &random) }
    for number in 0..<Int.random(in: 0...2, using: &random) { levy("L\(number)", near: start, &random) }
  }

  private mutating func cover(from start: CalendarDate, to end: CalendarDate, _ random: inout SplitMix64) {
    let aptc = Int64.random(in: 0...3, using: &random) * 5_000
    var from = start
    var place = 0
    timeline.append("\(start) start plan=silver")
    if aptc > 0 { timeline.append("\(start) subsidy amount=\(aptc / 100).00") }
    while true {
      let next = from.adding(days: .random(in: 20..<120, using: &random))
      let (plan, gross) = Self.plans[place % 3]
      bare.set(Charge(plan: plan, grossCents: gross, aptcCents: aptc), from: from, to: min(next, end))
      guard next < end else { break }
      place += 1
      timeline.append("\(next) changePlan plan=\(Self.plans[place % 3].0)")
      from = next
    }
    timeline.append("\(end) cancel")
  }

  private mutating func discount(_ code: String, near start: CalendarDate, _ random: inout SplitMix64) {
    let from = start.adding(days: .random(in: -20..<90, using: &random))
    let to = Bool.random(using: &random) ? from.adding(days: .random(in: 10..<200, using: &random)) : nil
    let months = Bool.random(using: &random) ? Int.random(in: 1...4, using: &random) : nil
    let budget = Bool.random(using: &random) ? Int64.random(in: 1_000...12_000, using: &random) : nil
    let plans: [String]? = Int.random(in: 0..<3, using: &random) == 0 ? ["gold", "bronze"] : nil
    let size: Size =
      Bool.random(using: &random)
      ? .fixed(.random(in: 100...4_000, using: &random)) : .share(Ratio(.random(in: 1...250, using: &random), 1_000))
    var members = [#""name": "\#(code)""#, Self.member(size), #""from": "\#(from)""#]
    if let to { members.append(#""to": "\#(to)""#) }
    if let months { members.append(#""periods": \#(months)"#) }
    if let budget { members.append(#""budget": "\#(Self.amount(budget))""#) }
    if plans != nil { members.append(#""plans": ["gold", "bronze"]"#) }
    discounts.append("{\(members.joined(separator: ", "))}")
    let scope = Scope(plans: plans.map { Set($0) }, from: from, to: to)
    let grant = Grant(Discount(name: code, size: size, scope: scope, periods: months, budgetCents: budget))
    pricing.evolve(.granted(grant, reason: ""))
  }

  private mutating func levy(_ name: String, near start: CalendarDate, _ random: inout SplitMix64) {
    let from = start.adding(days: .random(in: -20..<60, using: &random))
    let kind: Levy.Kind = Bool.random(using: &random) ? .tax : .fee
    let size: Size = kind == .tax ? .share(Ratio(.random(in: 1...90, using: &random), 1_000)) : .fixed(350)
    taxes.append(#"{"kind": "\#(kind.rawValue)", "name": "\#(name)", \#(Self.member(size)), "from": "\#(from)"}"#)
    pricing.levies.append(Levy(kind: kind, name: name, size: size, scope: Scope(from: from)))
  }

  private static func member(_ size: Size) -> String {
    switch size {
    case .share(let ratio): #""percent": "\#(ratio.percentText)""#
    case .fixed(let cents): #""amount": "\#(amount(cents))""#
    }
  }

  private static func amount(_ cents: Int64) -> String {
    "\(cents / 100).\(String(cents % 100 + 100).dropFirst())"
  }

  /// What the calculator comes to, without what it took back again: `2027-01-01/2027-02-01 discount D1` to cents.
  func previewed() throws -> [String: Int64] {
    let terms = [
      #""discounts": [\#(discounts.joined(separator: ", "))]"#, #""taxes": [\#(taxes.joined(separator: ", "))]"#,
    ]
    let preview = try BillingPreview(PreviewDocument.text(terms, timeline, asOf: "2029-01-01"))
    var sums: [String: Int64] = [:]
    for line in preview.invoices.flatMap(\.lines) {
      let period = try #require(line.period)
      let cents = try #require(Int64(line.amount.filter { $0 != "." }))
      let kind = line.kind == "recurring" ? "premium" : line.kind
      sums["\(period) \(kind) \(line.name) \(line.plan)", default: 0] += cents
    }
    return sums.filter { $0.value != 0 }
  }

  /// What the real run comes to.
  func billed() -> [String: Int64] {
    var sums: [String: Int64] = [:]
    for line in pricing.price(bare).lines(before: .latest) {
      let key = "\(Period(from: line.from, to: line.to)) \(line.kind.word) \(line.name) \(line.plan)"
      sums[key, default: 0] += line.cents
    }
    return sums.filter { $0.value != 0 }
  }
}

@Suite struct `The calculator and the real run` {
  @Test(arguments: 1...150)
  func `come to the same lines for the same discounts, taxes, fees and subsidies`(_ seed: UInt64) throws {
    let said = Said(seed: seed)
    // A piece that the real run does not need to cut is one line there: the sums by month and name are compared.
    let (previewed, billed) = (byMonth(try said.previewed()), byMonth(said.billed()))
    #expect(previewed == billed)
  }

  private func byMonth(_ sums: [String: Int64]) -> [String: Int64] {
    var months: [String: Int64] = [:]
    for (key, cents) in sums { months["\(key.prefix(7))\(key.dropFirst(21))", default: 0] += cents }
    return months.filter { $0.value != 0 }
  }

  @Test func `say the same lines of one month, in the same order`() throws {
    let preview = try BillingPreview(
      PreviewDocument.text(
        [
          #""discounts": [{"name": "LOYAL", "amount": "10.00"}, {"name": "WELCOME", "percent": "10", "budget": "25"}]"#,
          #""taxes": [{"name": "Premium tax", "percent": "2.35"}, {"kind": "fee", "name": "Fund", "amount": "3.50"}]"#,
        ], ["2027-01-01 start plan=silver", "2027-01-01 subsidy amount=250.00"], asOf: "2027-01-01"))
    let lines = try #require(preview.invoices.first).lines.map { "\($0.kind) \($0.name) \($0.amount)" }
    var pricing = Pricing()
    let from = day("2027-01-01")
    pricing.evolve(.granted(discount("LOYAL", .fixed(1_000)), reason: ""))
    pricing.evolve(.granted(discount("WELCOME", budget: 2_500), reason: ""))
    pricing.levies = [
      Levy(kind: .tax, name: "Premium tax", size: .share(Ratio(235, 10_000))),
      Levy(kind: .fee, name: "Fund", size: .fixed(350)),
    ]
    let bare = BillingTimeline(Charge(plan: "silver", grossCents: 31_000, aptcCents: 25_000), from: from)
    #expect(
      lines == [
        "recurring  310.00", "discount LOYAL -10.00", "discount WELCOME -25.00", "tax Premium tax 6.46",
        "fee Fund 3.50",
        "subsidy  -250.00",
      ])
    #expect(
      pricing.price(bare).lines(in: from).map { "\($0.kind.word) \($0.name) \($0.cents)" } == [
        "premium  31000", "discount LOYAL -1000", "discount WELCOME -2500", "tax Premium tax 646", "fee Fund 350",
        "subsidy  -25000",
      ])
  }
}
