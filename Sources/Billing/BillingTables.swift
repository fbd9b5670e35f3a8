// What billing shows of itself. Balances that change with each invoice are sums over the invoices or part of the
// account's state; a run writes one row an invoice.

import Kernel
import Runtime

enum BillingTables {
  static let accounts = Table(
    "accounts",
    columns: [
      .text("account_id"), .text("policy_id"), .text("subscriber_id"), .text("state"), .text("covered_from"),
      .integer("credit_cents"),
    ],
    key: ["account_id"], indexes: [.unique("policy_id"), .on("subscriber_id")], checks: [.nonNegative("credit_cents")])

  /// One standing invoice an account and period, by its first month: `retired` is 0 while it stands, its sequence once
  /// it is void. A charge is of no period: it has the day of it as its month, and is retired by its number from the
  /// first. `state` and `level` are those of the policy in its first covered days.
  static let invoices = Table(
    "invoices",
    columns: [
      .text("invoice_id"), .text("account_id"), .text("policy_id"), .text("state"), .text("level"), .text("month"),
      .integer("sequence"), .integer("retired"), .text("status"), .integer("binder"), .text("issued_on"),
      .text("due_on"), .text("lines"), .integer("premium_cents"), .integer("subsidy_cents"), .integer("total_cents"),
      .integer("open_cents"), .integer("paid_cents"), .integer("was_past_due"), .text("paid_on", nullable: true),
      .integer("days_to_pay", nullable: true), .integer("written_off_cents"),
    ],
    key: ["invoice_id"], indexes: [.unique("account_id", "month", "retired", batchedBy: "month")],
    checks: [
      .nonNegative("total_cents"), .nonNegative("open_cents"), .nonNegative("paid_cents"),
      .nonNegative("written_off_cents"),
      .oneOf("status", ["draft", "issued", "past_due", "paid", "written_off", "void"]),
    ])

  /// One row a payment, by which it is known if it comes again.
  static let payments = Table(
    "applied_payments",
    columns: [
      .text("payment_id"), .text("account_id"), .integer("amount_cents"), .integer("to_invoices_cents"),
      .integer("to_credit_cents"), .text("applied_on"),
    ],
    key: ["payment_id"], checks: [.nonNegative("to_invoices_cents"), .nonNegative("to_credit_cents")])

  /// One row a refund that was asked for; who gets it is a party or a name.
  static let refunds = Table(
    "refunds",
    columns: [
      .text("refund_id"), .text("account_id"), .text("payee"), .integer("amount_cents"), .text("requested_on"),
      .text("reason"),
    ],
    key: ["refund_id"], indexes: [.on("account_id")], checks: [.nonNegative("amount_cents")])

  /// What an invoice that is issued and stands bills besides premium and subsidy: a row a discount, tax, fee, charge or
  /// payer.
  static let namedAmounts = Table(
    "named_amounts",
    columns: [.text("invoice_id"), .text("kind"), .text("name"), .integer("cents")],
    key: ["invoice_id", "kind", "name"], indexes: [.on("kind", "name")],
    checks: [.oneOf("kind", Line.Kind.allCases.filter(\.isNamed).map(\.word))])

  /// One row a correction of closed months, with what it changes; what was written off and is not lost any more lowers
  /// that.
  static let closedCorrections = Table(
    "closed_corrections",
    columns: [
      .text("correction_id"), .text("account_id"), .integer("premium_cents"), .integer("exchange_cents"),
      .integer("discount_cents"), .integer("levy_cents"), .integer("written_off_cents"),
    ],
    key: ["correction_id"], indexes: [.on("account_id")])

  /// `terms` is the discount as states are stored; `left_cents` is NULL where there is no budget.
  static let campaigns = Table(
    "campaigns",
    columns: [
      .text("code"), .text("terms"), .text("currency", nullable: true), .integer("committed_cents"),
      .integer("left_cents", nullable: true), .integer("accounts"), .integer("closed"),
    ],
    key: ["code"], checks: [.nonNegative("committed_cents"), .nonNegative("left_cents")])

  /// One row a number. `position` is where in the published log the document says what it says: no event has two.
  /// A statement has a payer, and no invoice, account or policy.
  static let documents = Table(
    "documents",
    columns: [
      .text("number"), .text("kind"), .integer("year"), .integer("ordinal"), .integer("position"), .text("invoice_id"),
      .text("account_id"), .text("policy_id"), .text("payer_id"), .text("statement_id"), .text("dated"),
      .integer("amount_cents"),
    ],
    key: ["number"],
    indexes: [.unique("kind", "year", "ordinal"), .unique("position"), .on("account_id"), .on("invoice_id")],
    checks: [.oneOf("kind", DocumentKind.allCases.map(\.rawValue))])
}

extension Account {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    let account = recorded.stream.rawValue
    switch recorded.event {
    case .opened(let opening):
      return [
        .put(
          BillingTables.accounts,
          [
            .text(account), .text("\(opening.policy)"), .text(opening.subscriber), .text(opening.state),
            .text(opening.timeline.start?.description ?? ""), 0,
          ])
      ]
    case .started, .changed, .discounted, .levied, .shared, .rescheduled, .dunned: return []
    case .drafted(let issue): return [row(issue, status: "draft", open: 0, account, state)]
    case .issued(let issue):
      var rows = [row(issue, status: "issued", open: issue.lines.memberCents, account, state)]
      rows += namedAmounts(of: issue.key, in: issue.lines, state)
      return rows
    case .adjusted(let adjustment):
      let lines = (column: "lines", value: Value.text(LineText.text(of: adjustment.lines)))
      let change = change(adjustment.key, in: state, [lines] + amounts(of: adjustment.key, in: state))
      let others = namedAmounts(of: adjustment.key, in: adjustment.lines, were: adjustment.corrections, state)
      return (adjustment.creditedCents > 0 ? [change, credit(account, state)] : [change]) + others
    case .takenOff(let amount):
      let change = change(amount.key, in: state, amounts(of: amount.key, in: state))
      let left = amount.key.isCharge ? state.namedLines(of: amount.key) : []
      let others = namedAmounts(of: amount.key, in: left, state)
      return (amount.creditedCents > 0 ? [change, credit(account, state)] : [change]) + others
    case .refunded(let refund): return rows(refund, account, state)
    case .writtenOff(let loss):
      let status = (column: "status", value: Value.text("written_off"))
      return [change(loss.key, in: state, [status] + amounts(of: loss.key, in: state))]
    case .closedCorrected(let correction):
      let row = RowChange.put(
        BillingTables.closedCorrections,
        [
          .text("\(account)/\(recorded.version)"), .text(account), .integer(correction.premiumCents),
          .integer(correction.exchangeCents), .integer(correction.discountCents), .integer(correction.levyCents),
          .integer(-correction.writtenOffCents),
        ])
      return correction.creditedCents > 0 ? [row, credit(account, state)] : [row]
    case .voided(let void):
      let change = change(
        void.key, in: state,
        [("status", "void"), ("retired", .integer(Int64(void.key.sequence))), ("open_cents", 0), ("paid_cents", 0)])
      let others = void.draft ? [] : namedAmounts(of: void.key, in: [], were: void.named, state)
      return (void.creditedCents > 0 ? [change, credit(account, state)] : [change]) + others
    case .pastDue(let key): return [change(key, in: state, [("status", "past_due"), ("was_past_due", 1)])]
    case .paymentApplied(let application):
      let toInvoices = application.cents - application.creditCents
      var rows = application.portions.map { balance($0.key, in: state) }
      rows.append(
        .put(
          BillingTables.payments,
          [
            .text("\(application.payment)"), .text(account), .integer(application.cents), .integer(toInvoices),
            .integer(application.creditCents), .text("\(application.on)"),
          ]))
      if application.creditCents > 0 { rows.append(credit(account, state)) }
      return rows
    case .creditApplied(let portion): return [balance(portion.key, in: state), credit(account, state)]
    case .paid(let settlement):
      return [
        change(
          settlement.key, in: state,
          [
            ("status", "paid"), ("open_cents", 0), ("paid_cents", .integer(settlement.totalCents)),
            ("paid_on", .text("\(settlement.on)")), ("days_to_pay", .integer(Int64(settlement.days))),
          ])
      ]
    }
  }

  private static func row(
    _ issue: Issue, status: String, open: Int64, _ account: String, _ state: State
  ) -> RowChange {
    .put(
      BillingTables.invoices,
      [
        .text(state.id(of: issue.key).description), .text(account), .text(state.policy.description),
        .text(state.jurisdiction), .text(state.timeline.level(onOrAfter: issue.key.month)),
        .text(issue.key.month.description), .integer(Int64(issue.key.sequence)),
        .integer(issue.key.isCharge ? Int64(issue.key.sequence) : 0), .text(status),
        issue.binder ? 1 : 0, .text(issue.issuedOn.description), .text(issue.dueOn.description),
        .text(LineText.text(of: issue.lines)), .integer(issue.lines.premiumCents),
        .integer(issue.lines.subsidyCents), .integer(issue.lines.memberCents), .integer(open), 0, 0, .null, .null,
        0,
      ])
  }

  private static func rows(_ refund: Refund, _ account: String, _ state: State) -> [RowChange] {
    let row = RowChange.put(
      BillingTables.refunds,
      [
        .text("\(refund.id)"), .text(account), .text(refund.payee.text), .integer(refund.cents), .text("\(refund.on)"),
        .text(refund.reason),
      ])
    guard let key = refund.reopening?.key, let index = state.index(of: key) else {
      return [row, credit(account, state)]
    }
    let invoice = state.open[index]
    let columns: [(column: String, value: Value)] = [
      ("status", invoice.status == .pastDue ? "past_due" : "issued"), ("due_on", .text("\(invoice.dueOn)")),
      ("paid_on", .null), ("days_to_pay", .null),
    ]
    return [row, change(key, in: state, columns + amounts(of: key, in: state))]
  }

  /// What an invoice bills after it was lowered. The premium is what is earned by it: less what was adjusted.
  private static func amounts(of key: InvoiceKey, in state: State) -> [(column: String, value: Value)] {
    let lines = state.lines(of: key)
    let (relief, amounts) = (state.relief(of: key), state.amounts(of: key))
    return [
      ("premium_cents", .integer(key.isCharge ? 0 : lines.premiumCents - relief.adjustedCents)),
      ("subsidy_cents", .integer(lines.subsidyCents)), ("total_cents", .integer(amounts.totalCents)),
      ("open_cents", .integer(amounts.balanceCents - relief.writtenOffCents)),
      ("paid_cents", .integer(amounts.settledCents)), ("written_off_cents", .integer(relief.writtenOffCents)),
    ]
  }

  private struct Other: Hashable {
    let kind: Line.Kind
    let name: String

    init(_ line: Line) { (kind, name) = (line.kind, line.name) }
  }

  /// - Parameter earlier: lines of the invoice that may no longer hold.
  private static func namedAmounts(
    of key: InvoiceKey, in lines: [Line], were earlier: [Line] = [], _ state: State
  ) -> [RowChange] {
    var sums: [(other: Other, cents: Int64)] = []
    func add(_ line: Line, _ cents: Int64) {
      guard line.kind.isNamed else { return }
      let other = Other(line)
      if let index = sums.firstIndex(where: { $0.other == other }) {
        sums[index].cents += cents
      } else {
        sums.append((other, cents))
      }
    }
    for line in earlier { add(line, 0) }
    for line in lines { add(line, line.cents) }
    return sums.map { other, cents in
      let values: [Value] = [.text(state.id(of: key).description), .text(other.kind.word), .text(other.name)]
      return cents == 0
        ? .delete(BillingTables.namedAmounts, key: values)
        : .put(BillingTables.namedAmounts, values + [.integer(cents)])
    }
  }

  private static func balance(_ key: InvoiceKey, in state: State) -> RowChange {
    guard let index = state.index(of: key) else { preconditionFailure("money for invoice \(key), which is not open") }
    let invoice = state.open[index]
    return change(
      key, in: state, [("open_cents", .integer(invoice.openCents)), ("paid_cents", .integer(invoice.paidCents))])
  }

  private static func change(
    _ key: InvoiceKey, in state: State, _ columns: [(column: String, value: Value)]
  ) -> RowChange {
    .set(BillingTables.invoices, key: [.text(state.id(of: key).description)], columns)
  }

  private static func credit(_ account: String, _ state: State) -> RowChange {
    .set(BillingTables.accounts, key: [.text(account)], [("credit_cents", .integer(state.creditCents))])
  }
}

/// Lines in a column: one a row of text, `premium 2027-01-15/2027-02-01 42000 the plan`. The name of a discount, tax or
/// fee, or of who pays a contribution, stands before the plan: `fee 2027-01-01/2027-02-01 200 Exchange fee|the plan`. A
/// charge has a name and no plan.
enum LineText {
  static func text(of lines: [Line]) -> String {
    var text = ""
    for line in lines {
      if !text.isEmpty { text += "\n" }
      text += line.kind.word
      text += " "
      text += line.from.description
      text += "/"
      text += line.to.description
      text += " "
      text += String(line.cents)
      text += " "
      if line.kind.isNamed { text += line.name + "|" }
      text += line.plan
    }
    return text
  }

  static func lines(of text: String) -> [Line] {
    text.split(separator: "\n").map { row in
      let parts = row.split(separator: " ", maxSplits: 3)
      let days = parts.count == 4 ? parts[1].split(separator: "/").compactMap { CalendarDate(iso: String($0)) } : []
      guard days.count == 2, let cents = Int64(parts[2]),
        let kind = Line.Kind.allCases.first(where: { $0.word == parts[0] })
      else { preconditionFailure("a stored invoice line reads '\(row)'") }
      let names = parts[3].split(separator: "|", omittingEmptySubsequences: false)
      guard let plan = names.last, names.count == (kind.isNamed ? 2 : 1) else {
        preconditionFailure("a stored invoice line reads '\(row)'")
      }
      return Line(
        kind: kind, name: kind.isNamed ? String(names[0]) : "", plan: String(plan), from: days[0], to: days[1],
        cents: cents)
    }
  }
}
