// What a document says, before it is a page: taken from the published event that was numbered, so that it says the same
// however often it is made, whatever became of the invoice since.

import Contracts
import Courier
import Kernel

struct Paper: Hashable, Sendable {
  /// What identifiers are called on paper; one that is not here is called by itself.
  struct Names: Hashable, Sendable {
    var plans: [String: String] = [:]
    /// Of other payers than the subscriber.
    var payers: [String: String] = [:]
    /// Whose the policies of a statement are, with their numbers.
    var policies: [String: String] = [:]
  }

  /// One line of the table.
  struct Item: Hashable, Sendable {
    let words: String
    /// The days it is for; empty where it is for none.
    let days: String
    /// "17 of 31 days, actual/actual@1": the part of a month that it is for, and the rule; empty where it is for none.
    let share: String
    let amount: Money
  }

  let number: String
  let kind: DocumentKind
  /// Empty for a statement, and where it is of no invoice.
  let invoiceID: String
  let on: CalendarDate
  /// Until when it may be paid; nil for a credit note.
  let dueOn: CalendarDate?
  /// The days of an invoice; empty for another.
  let period: String
  /// Why something was given back; empty where nothing was.
  let reason: String
  /// They sum up to the total.
  let items: [Item]
  /// What is owed by it; negative where it gives back.
  let total: Money

  /// - Throws: where the event has a date or an amount that is none.
  init(number: String, _ source: DocumentSource, _ names: Names) throws(Problem) {
    self.number = number
    kind = source.kind
    on = source.on
    switch source {
    case .issued(let invoice, _):
      invoiceID = invoice.invoiceID
      dueOn = try CalendarDate(invoice.dueOn, field: "invoice.due_on")
      let from = try CalendarDate(invoice.from, field: "invoice.from")
      period = Self.days(from, try CalendarDate(invoice.to, field: "invoice.to"))
      reason = ""
      items = try Self.items(invoice.lines, names)
      total = try invoice.total.money("invoice.total")
    case .adjusted(let event, _):
      invoiceID = event.invoiceID
      dueOn = nil
      period = ""
      reason = "The invoice was corrected"
      items = try Self.items(event.lines, names)
      total = try event.member.money("member")
    case .voided(let event, _):
      let owed = try event.total.money("total")
      let subsidy = try event.subsidy.money("subsidy")
      let others = try Self.items(event.lines, names)
      invoiceID = event.invoiceID
      dueOn = nil
      period = ""
      reason = "The invoice was taken back: \(event.reason)"
      var premium = owed + subsidy
      for other in others { premium = premium - other.amount }
      var items: [Item] = []
      if !premium.isZero || others.isEmpty {
        items.append(Item(words: "Premium", days: "", share: "", amount: -premium))
      }
      items += others.map { Item(words: $0.words, days: $0.days, share: $0.share, amount: -$0.amount) }
      if !subsidy.isZero { items.append(Item(words: Self.subsidy, days: "", share: "", amount: subsidy)) }
      self.items = items
      total = -owed
    case .closedCorrected(let event, _):
      invoiceID = ""
      dueOn = nil
      period = ""
      let end = try CalendarDate(event.to, field: "to")
      reason = "What was billed before \(end.inPrint) was corrected: \(event.reason)"
      items = try Self.items(event.lines, names)
      total = try event.member.money("member")
    case .stated(let statement, _):
      invoiceID = ""
      dueOn = try CalendarDate(statement.dueOn, field: "statement.due_on")
      period = ""
      reason = ""
      let before = try statement.broughtForward.money("statement.brought_forward")
      let items = try Self.items(of: statement, names)
      self.items = before.isZero ? items : [Item(words: "Brought forward", days: "", share: "", amount: before)] + items
      total = try statement.total.money("statement.total")
    }
  }

  private static func items(of statement: Premia_Billing_V1_Statement, _ names: Names) throws(Problem) -> [Item] {
    var items: [Item] = []
    for line in statement.lines {
      let from = try CalendarDate(line.from, field: "statement.lines.from")
      let to = try CalendarDate(line.to, field: "statement.lines.to")
      let policy = names.policies[line.policyID] ?? line.policyID
      items.append(
        Item(
          words: line.kind == Payer.Item.Kind.correction.word ? "Correction, \(policy)" : policy,
          days: days(from, to), share: "", amount: try line.amount.money("statement.lines.amount")))
    }
    return items
  }

  private static let subsidy = "Advance premium tax credit, paid by the exchange"

  private static func items(
    _ lines: [Premia_Billing_V1_Line], _ names: Names
  ) throws(Problem) -> [Item] {
    var items: [Item] = []
    for line in lines {
      let from = try CalendarDate(line.from, field: "line.from")
      let to = try CalendarDate(line.to, field: "line.to")
      let words: String =
        switch line.kind {
        case "premium" where line.planID.isEmpty: "Premium"
        case "premium": "Premium, \(names.plans[line.planID] ?? line.planID)"
        case "subsidy": subsidy
        case "discount": "Discount, \(line.name)"
        case "contribution": "Paid by \(names.payers[line.name] ?? line.name)"
        case "tax", "fee", "charge": line.name
        case let other: other.prefix(1).uppercased() + other.dropFirst()
        }
      items.append(
        Item(
          words: words, days: days(from, to),
          share: line.rule.isEmpty ? "" : "\(line.days) of \(line.daysInPeriod) days, \(line.rule)",
          amount: try line.amount.money("line.amount")))
    }
    return items
  }

  /// `January 2027` for a whole month, otherwise the first and the last day; the day itself where it is for none.
  private static func days(_ from: CalendarDate, _ to: CalendarDate) -> String {
    if from == to { return from.inPrint }
    if from.day == 1, to == from.firstOfNextMonth { return "\(from.monthName) \(from.year)" }
    return "\(from.inPrint) to \(to.adding(days: -1).inPrint)"
  }
}

extension CalendarDate {
  /// `March 1, 2027`. Dates are those of the account: no instant and no zone comes between.
  var inPrint: String { "\(monthName) \(day), \(year)" }

  fileprivate var monthName: String { Self.monthNames[month - 1] }

  private static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
}
