// What is shown of payers and their statements.

import Kernel
import Runtime

extension BillingTables {
  static let payers = Table(
    "payers",
    columns: [
      .text("payer_id"), .integer("billed_cents"), .integer("paid_cents"), .integer("unstated_cents"),
    ],
    key: ["payer_id"])

  /// One a payer and month. `open_cents` is what is left to pay of the last, and 0 of those before it.
  static let statements = Table(
    "statements",
    columns: [
      .text("statement_id"), .text("payer_id"), .text("month"), .text("issued_on"), .text("due_on"), .text("status"),
      .integer("brought_forward_cents"), .integer("total_cents"), .integer("open_cents"),
    ],
    key: ["statement_id"], indexes: [.unique("payer_id", "month")],
    checks: [.nonNegative("open_cents"), .oneOf("status", Payer.Statement.Status.allCases.map(\.rawValue))])

  static let statementLines = Table(
    "statement_lines",
    columns: [
      .text("statement_id"), .integer("ordinal"), .text("kind"), .text("policy_id"), .text("invoice_id"),
      .text("from_day"), .text("to_day"), .integer("cents"),
    ],
    key: ["statement_id", "ordinal"],
    checks: [.oneOf("kind", Payer.Item.Kind.allCases.map(\.word))])
}

extension Payer {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let payer = state.payer else { preconditionFailure("\(recorded.stream) has no payer") }
    let balance = RowChange.put(
      BillingTables.payers,
      [
        .text("\(payer)"), .integer(state.billedCents), .integer(state.paidCents), .integer(state.unstatedCents),
      ])
    switch recorded.event {
    case .billed, .paid: return [balance] + last(state)
    case .fellPastDue: return last(state)
    case .stated(let statement): return [balance] + rows(statement, to: payer, state)
    }
  }

  /// Where the last statement stands.
  private static func last(_ state: State) -> [RowChange] {
    guard let standing = state.standing else { return [] }
    return [
      .set(
        BillingTables.statements, key: [.text("\(standing.id)")],
        [("status", .text(standing.status.rawValue)), ("open_cents", .integer(max(0, standing.leftCents)))])
    ]
  }

  private static func rows(_ statement: Statement, to payer: ID<PartyTag>, _ state: State) -> [RowChange] {
    var rows: [RowChange] = []
    if let carried = statement.carried {
      rows.append(
        .set(
          BillingTables.statements, key: [.text("\(carried)")],
          [("status", .text(Statement.Status.carried.rawValue)), ("open_cents", 0)]))
    }
    let total = statement.totalCents
    let status: Statement.Status = total > 0 ? .issued : .paid
    rows.append(
      .put(
        BillingTables.statements,
        [
          .text("\(statement.id)"), .text("\(payer)"), .text("\(statement.month)"), .text("\(statement.issuedOn)"),
          .text("\(statement.dueOn)"), .text(status.rawValue), .integer(statement.broughtForwardCents),
          .integer(total), .integer(max(0, total)),
        ]))
    for (ordinal, item) in statement.items.enumerated() {
      rows.append(
        .put(
          BillingTables.statementLines,
          [
            .text("\(statement.id)"), .integer(Int64(ordinal)), .text(item.kind.word), .text(item.policy),
            .text(item.invoice), .text("\(item.period.start)"), .text("\(item.period.end)"), .integer(item.cents),
          ]))
    }
    return rows
  }
}

extension Payer.Item.Kind {
  /// As it is published and shown.
  var word: String {
    switch self {
    case .contribution: "contribution"
    case .correction: "correction"
    }
  }
}
