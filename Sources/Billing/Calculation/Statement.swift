// What was invoiced, paid and credited on one account. An invoice is never changed but by a line that says so; its
// lines always sum to its total.

import Kernel

/// An account on paper: every invoice, and the credit that is left.
struct Statement: Sendable {
  struct Invoice: Sendable {
    let on: CalendarDate
    fileprivate(set) var lines: [ChargeLine]
    fileprivate var amounts: InvoiceAmounts
    /// It corrects no other invoice, and nothing corrected it.
    fileprivate(set) var isPlain = true
    fileprivate(set) var isVoid = false

    var totalCents: Int64 { amounts.totalCents }
    var settledCents: Int64 { amounts.settledCents }
    /// What is still to pay.
    var balanceCents: Int64 { amounts.balanceCents }
  }

  /// Oldest first.
  private(set) var invoices: [Invoice] = []
  /// Paid or granted, and not used. While there is some, no invoice has a balance.
  private(set) var creditCents: Int64 = 0
  /// What came from outside, less what went back.
  private(set) var paidCents: Int64 = 0

  /// The invoice that answers for each of the lines that hold.
  private var homes: [Int] = []
}

// MARK: - Invoicing

extension Statement {
  /// Invoices the difference between the lines that exist and those that should.
  ///
  /// What is taken back from an invoice is never more than it still bills: what was adjusted before is not credited
  /// again. A difference below zero lowers what is still to pay on the invoices that it corrects; the rest is credit.
  ///
  /// - Parameters:
  ///   - expected: from the first line on that may not exist as it should.
  ///   - existing: all lines that exist from that one on.
  mutating func bill(
    _ expected: ArraySlice<ChargeLine>, insteadOf existing: [ChargeLine], charges: [ChargeLine], on day: CalendarDate
  ) {
    let new = invoices.count
    guard !existing.isEmpty else {
      homes += repeatElement(new, count: expected.count)
      issue(charges.isEmpty ? Array(expected) : expected + charges, correcting: [], on: day)
      return
    }
    let difference = Difference(from: existing[...], to: expected)
    let oldHomes = Array(homes.suffix(existing.count))
    var newHomes = difference.kept.map { $0.map { oldHomes[$0] } ?? new }
    var changes: [Int: Int64] = [:]
    for place in difference.obsolete { changes[oldHomes[place], default: 0] -= existing[place].cents }
    for place in difference.missing {
      let line = expected[place]
      guard let replaced = difference.obsolete.first(where: { existing[$0].overlaps(line) }) else { continue }
      newHomes[place - expected.startIndex] = oldHomes[replaced]
      changes[oldHomes[replaced], default: 0] += line.cents
    }
    var billed = difference.lines(from: existing[...], to: expected)
    var reduced: [(home: Int, cents: Int64)] = []
    for (home, change) in changes.sorted(by: { $0.key > $1.key }) {
      let excess = invoices[home].amounts.correct(by: change)
      if excess > 0 { billed.append(ChargeLine(kind: .adjustment, name: "adjusted before", cents: excess)) }
      invoices[home].isPlain = false
      reduced.append((home, -(change + excess)))
    }
    homes.removeLast(existing.count)
    homes += newHomes
    issue(billed + charges, correcting: reduced, on: day)
  }

  /// Bills anew what was taken back.
  ///
  /// - Parameter expected: all lines that should exist.
  mutating func billAgain(_ expected: [ChargeLine], on day: CalendarDate) {
    let places = homes.indices.filter { invoices[homes[$0]].isVoid }
    for place in places { homes[place] = invoices.count }
    issue(places.map { expected[$0] }, correcting: [], on: day)
  }

  private mutating func issue(
    _ billed: [ChargeLine], correcting reduced: [(home: Int, cents: Int64)], on day: CalendarDate
  ) {
    guard !billed.isEmpty else { return }
    let total = billed.cents
    let standing = total + reduced.reduce(0) { $0 + $1.cents }
    var invoice = Invoice(
      on: day, lines: billed, amounts: InvoiceAmounts(totalCents: total, standingCents: standing))
    invoice.isPlain = reduced.isEmpty
    if total < 0 {
      var left = -total
      for (home, cents) in reduced where cents > 0 {
        let part = min(left, cents, max(0, invoices[home].balanceCents))
        invoices[home].amounts.settledCents += part
        left -= part
      }
      creditCents += left
      invoice.amounts.settledCents = total
    }
    invoices.append(invoice)
    useCredit()
  }

  /// Credit never waits while something is owed: the oldest open invoice first.
  private mutating func useCredit() {
    guard creditCents > 0 else { return }
    for index in invoices.indices where creditCents > 0 && invoices[index].balanceCents > 0 {
      let part = min(creditCents, invoices[index].balanceCents)
      invoices[index].amounts.settledCents += part
      creditCents -= part
    }
  }
}

// MARK: - Money

extension Statement {
  /// - Throws: where more is asked for than there is, or for what is not there.
  mutating func book(_ entry: MoneyEntry, _ convention: Convention) throws(PreviewRefusal) {
    func limit(_ cents: Int64, _ most: Int64, _ of: String) throws(PreviewRefusal) {
      guard cents > most else { return }
      throw .aboveLimit(
        "\(entry.place).amount", asked: convention.text(cents), most: convention.text(max(0, most)), of: of)
    }
    switch entry.action {
    case .charge: return
    case .payment(let cents, let date):
      let index = try date.map { date throws(PreviewRefusal) in try invoice(of: date, entry) }
      paidCents += cents
      creditCents += cents
      if let index { use(cents, for: index) }
    case .credit(let cents, nil): creditCents += cents
    case .credit(let cents, let date?):
      let index = try invoice(of: date, entry)
      try limit(
        cents, invoices[index].amounts.mostCreditCents, "what was paid for the invoice less what was adjusted")
      addLine(.adjustment, -cents, to: index)
      creditCents += invoices[index].amounts.credit(cents)
    case .adjust(let cents, let date):
      let index = try invoice(of: date, entry)
      try limit(cents, invoices[index].amounts.mostAdjustmentCents, "what the invoice still bills")
      addLine(.adjustment, -cents, to: index)
      creditCents += invoices[index].amounts.adjust(cents)
    case .refund(let cents, nil, _):
      try limit(cents, min(creditCents, paidCents), "the credit that was paid in")
      creditCents -= cents
      paidCents -= cents
    case .refund(let cents, let date?, let adjusting):
      let index = try invoice(of: date, entry)
      try limit(
        cents, min(invoices[index].amounts.mostRefundCents(adjusting: adjusting), paidCents),
        "what was paid for the invoice less what was refunded and adjusted")
      invoices[index].amounts.settledCents -= cents
      paidCents -= cents
      if adjusting { takeOff(cents, from: index, .adjustment) }
    case .void(let date): try void(try invoice(of: date, entry), entry)
    case .writeOff(let date):
      let index = try invoice(of: date, entry)
      guard invoices[index].balanceCents > 0 else { throw .nothingOpen(entry.place, date) }
      takeOff(invoices[index].balanceCents, from: index, .writeOff)
    }
    useCredit()
  }

  /// The invoice of a date that is not void; the last where there are several.
  private func invoice(of date: CalendarDate, _ entry: MoneyEntry) throws(PreviewRefusal) -> Int {
    if let index = invoices.lastIndex(where: { $0.on == date && !$0.isVoid }) { return index }
    throw .unknownInvoice("\(entry.place).invoice", date, known: invoices.filter { !$0.isVoid }.map(\.on))
  }

  private mutating func use(_ cents: Int64, for index: Int) {
    let part = min(cents, max(0, invoices[index].balanceCents))
    invoices[index].amounts.settledCents += part
    creditCents -= part
  }

  private mutating func takeOff(_ cents: Int64, from index: Int, _ kind: ChargeLine.Kind) {
    addLine(kind, -cents, to: index)
    invoices[index].amounts.takeOff(cents)
  }

  /// No invoice is changed but by a line that says so.
  private mutating func addLine(_ kind: ChargeLine.Kind, _ cents: Int64, to index: Int) {
    invoices[index].lines.append(ChargeLine(kind: kind, cents: cents))
    invoices[index].isPlain = false
  }

  /// Takes an invoice back, so that its periods are billed anew.
  private mutating func void(_ index: Int, _ entry: MoneyEntry) throws(PreviewRefusal) {
    let invoice = invoices[index]
    guard invoice.isPlain, invoice.balanceCents > 0 || invoice.totalCents == 0 else {
      throw .cannotVoid(entry.place, invoice.on, isPaid: invoice.isPlain)
    }
    invoices[index].lines.append(ChargeLine(kind: .void, cents: -invoice.totalCents))
    invoices[index].amounts.totalCents = 0
    invoices[index].amounts.standingCents = 0
    invoices[index].amounts.settledCents = 0
    invoices[index].isVoid = true
    creditCents += invoice.settledCents
  }
}

extension ChargeLine {
  /// Whether both are for a day of the same subscription.
  fileprivate func overlaps(_ other: ChargeLine) -> Bool {
    guard subscription == other.subscription, let period, let others = other.period else { return false }
    return period.overlaps(others)
  }
}

extension Sequence<ChargeLine> {
  var cents: Int64 {
    var sum: Int64 = 0
    for line in self { sum += line.cents }
    return sum
  }
}
