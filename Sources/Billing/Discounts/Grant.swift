// A discount as an account has it.

import Kernel
import Runtime

/// A discount that was granted to an account.
struct Grant: Hashable, Sendable {
  /// A discount that is counted, by months or by a budget, ends by itself so many years after it began.
  static let mostYears = 10
  /// Of one account, those of closed months apart.
  static let most = 20

  /// Named by its code. The budget is the account's own, or what the campaign holds ready for the account.
  private(set) var discount: Discount
  let isOfCampaign: Bool
  /// Months that are closed and were lowered, and by how much.
  private(set) var closedMonths = 0
  private(set) var closedCents: Int64 = 0

  init(_ discount: Discount, isOfCampaign: Bool = false) {
    self.discount = discount
    self.isOfCampaign = isOfCampaign
    if discount.isCounted, discount.scope.to == nil {
      self.discount.scope.to = from.adding(months: 12 * Self.mostYears)
    }
  }

  var code: String { discount.name }

  var from: CalendarDate { discount.scope.from ?? .earliest }

  /// Whether it lowers no day: it ended when it began.
  var isVoid: Bool { discount.scope.to == from }

  /// What a campaign holds ready for the account; nil for a campaign without a budget, and for none.
  var heldCents: Int64? { isOfCampaign ? discount.budgetCents : nil }

  mutating func end(on day: CalendarDate) { discount.scope.to = max(from, min(discount.scope.to ?? day, day)) }

  mutating func hold(_ cents: Int64) { discount.budgetCents = cents }

  /// Adds up what it took in months that are no longer corrected.
  mutating func close(_ lines: [Line]) {
    let own = lines.filter { $0.kind == .discount && $0.name == code }
    closedMonths += Set(own.map(\.from.firstOfMonth)).count
    for line in own { closedCents -= line.cents }
  }
}

extension Discount {
  /// Whether it depends on what it took before.
  var isCounted: Bool { periods != nil || budgetCents != nil }
}

extension Grant: CellCoded {
  func write(to cells: inout CellWriter) {
    discount.write(to: &cells)
    cells.add(isOfCampaign ? 1 : 0)
    cells.add(closedMonths)
    cells.add(closedCents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    discount = try Discount(from: &cells)
    isOfCampaign = try cells.number(Int.self) == 1
    closedMonths = try cells.number()
    closedCents = try cells.number()
  }
}

/// Where a document asked for it is not stored.
extension Discount: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(name)
    size.write(to: &cells)
    scope.write(to: &cells)
    cells.add(optional: periods)
    cells.add(optional: budgetCents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    name = try cells.text()
    size = try Size(from: &cells)
    scope = try Scope(from: &cells)
    periods = try cells.optionalNumber()
    budgetCents = try cells.optionalNumber()
  }
}

extension Levy: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(kind.rawValue)
    cells.add(name)
    size.write(to: &cells)
    scope.write(to: &cells)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    kind = try cells.word()
    name = try cells.text()
    size = try Size(from: &cells)
    scope = try Scope(from: &cells)
  }
}

extension Size: CellCoded {
  private enum Word: String { case share, fixed }

  func write(to cells: inout CellWriter) {
    switch self {
    case .share(let ratio):
      cells.add(Word.share.rawValue)
      cells.add(ratio.numerator)
      cells.add(ratio.denominator)
    case .fixed(let cents):
      cells.add(Word.fixed.rawValue)
      cells.add(cents)
    }
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    switch try cells.word(Word.self) {
    case .share:
      let (numerator, denominator) = (try cells.number(Int64.self), try cells.number(Int64.self))
      guard denominator != 0 else { throw CellReader.Fault(what: "a share has the denominator 0") }
      self = .share(Ratio(numerator, denominator))
    case .fixed: self = .fixed(try cells.number())
    }
  }
}

/// An account has one subscription, so none is stored.
extension Scope: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(optional: plans?.count)
    for plan in plans?.sorted() ?? [] { cells.add(plan) }
    cells.add(optional: from)
    cells.add(optional: to)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    if let count = try cells.optionalNumber(Int.self) {
      var plans: Set<String> = []
      for _ in 0..<max(0, count) { plans.insert(try cells.text()) }
      self.plans = plans
    }
    from = try cells.optionalDay()
    to = try cells.optionalDay()
  }
}
