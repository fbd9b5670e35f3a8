// What Payments shows of itself. Amounts are cents of USD, the one currency that is billed and paid here.

import Kernel
import Runtime

enum PaymentsTables {
  static let wallets = Table(
    "wallets", columns: [.text("wallet_id"), .text("policy_id")], key: ["wallet_id"], indexes: [.unique("policy_id")])

  static let methods = Table(
    "methods",
    columns: [.text("method_id"), .text("policy_id"), .text("token"), .text("added_on")],
    key: ["method_id"], indexes: [.on("policy_id")])

  /// Every invoice a wallet was told of, also those that are closed: so that a payment of one is refused in its own
  /// words.
  static let invoices = Table(
    "invoices",
    columns: [
      .text("invoice_id"), .text("policy_id"), .text("due_on"), .integer("open_cents"), .text("standing"),
    ],
    key: ["invoice_id"], indexes: [.on("policy_id")],
    checks: [.oneOf("standing", Wallet.Standing.allCases.map(\.rawValue))])

  static let payments = Table(
    "payments",
    columns: [
      .text("payment_id"), .text("policy_id"), .text("account_id"), .text("invoice_id"), .integer("amount_cents"),
      .text("status"), .integer("attempt"), .integer("autopay"), .text("requested_on"),
      .text("settled_on", nullable: true), .integer("days", nullable: true), .text("decline_code", nullable: true),
      .text("decline_class", nullable: true),
    ],
    key: ["payment_id"], indexes: [.on("policy_id"), .on("status"), .on("invoice_id")],
    checks: [.nonNegative("amount_cents"), .oneOf("status", Payment.Status.allCases.map(\.rawValue))])

  static let payouts = Table(
    "payouts",
    columns: [
      .text("payout_id"), .text("payee_id"), .text("payee_npi"), .text("day"), .integer("amount_cents"), .text("stage"),
      .integer("declines"), .text("paid_on", nullable: true), .integer("days", nullable: true),
      .text("trace_number", nullable: true),
    ],
    key: ["payout_id"], indexes: [.unique("payee_id", "day"), .on("stage")],
    checks: [.nonNegative("amount_cents"), .oneOf("stage", Payout.Stage.allCases.map(\.rawValue))])

  /// The key is the claim: no claim is in two payouts.
  static let payoutClaims = Table(
    "payout_claims",
    columns: [.text("claim_id"), .text("payout_id"), .text("policy_id"), .integer("amount_cents")],
    key: ["claim_id"], indexes: [.on("payout_id")], checks: [.nonNegative("amount_cents")])

  static let refunds = Table(
    "refunds",
    columns: [
      .text("refund_id"), .text("account_id"), .text("policy_id"), .text("payee_id"), .integer("amount_cents"),
      .text("ordered_on"), .text("stage"), .text("posted_on", nullable: true), .text("trace_number", nullable: true),
    ],
    key: ["refund_id"], indexes: [.on("policy_id"), .on("stage")],
    checks: [.nonNegative("amount_cents"), .oneOf("stage", Refund.Stage.allCases.map(\.rawValue))])

  /// Every line of a remittance. `held` is 1 while some of it is in suspense.
  static let receipts = Table(
    "receipts",
    columns: [
      .text("receipt_id"), .text("source"), .text("funds"), .text("payer"), .text("reference"), .text("remark"),
      .integer("amount_cents"), .integer("applied_cents"), .integer("returned_cents"), .integer("suspense_cents"),
      .integer("held"), .text("reason", nullable: true), .text("received_on"), .text("policy_id", nullable: true),
      .text("payer_id", nullable: true),
    ],
    key: ["receipt_id"], indexes: [.unique("source"), .on("held"), .on("policy_id")],
    checks: [.oneOf("funds", Receipt.Funds.allCases.map(\.rawValue))])

  static let exchangeAccounts = Table(
    "exchange_accounts", columns: [.text("policy_id"), .integer("billed_cents"), .integer("received_cents")],
    key: ["policy_id"])

  static let payerAccounts = Table(
    "payer_accounts", columns: [.text("payer_id"), .integer("billed_cents"), .integer("received_cents")],
    key: ["payer_id"])

  static let all = [
    wallets, methods, invoices, payments, payouts, payoutClaims, refunds, receipts, exchangeAccounts, payerAccounts,
  ]
}

extension Wallet {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let policyID = state.policyID else { return [] }
    let policy = Value.text(policyID.description)
    switch recorded.event {
    case .opened:
      return [.put(PaymentsTables.wallets, [.text(recorded.stream.rawValue), policy])]
    case .methodAdded(let method):
      return [
        .put(
          PaymentsTables.methods,
          [.text(method.id.description), policy, .text(method.token.description), .text(recorded.on.description)])
      ]
    case .invoiceTaken(let invoice):
      return [
        .put(
          PaymentsTables.invoices,
          [
            .text(invoice.id.description), policy, .text(invoice.dueOn.description), .integer(invoice.open.cents),
            .text(Standing.open.rawValue),
          ])
      ]
    case .invoiceClosed(let id, let end):
      return [.set(PaymentsTables.invoices, key: [.text(id.description)], [("standing", .text(end.rawValue))])]
    case .invoiceChanged(let id, _), .chargePosted(let id, _), .cashTaken(let id, _):
      guard let invoice = state.invoice(id) else { return [] }
      return [
        .set(PaymentsTables.invoices, key: [.text(id.description)], [("open_cents", .integer(invoice.open.cents))])
      ]
    case .autopayChosen, .chargeOrdered, .chargeDeclined, .chargeAskedAgain, .chargeWithdrawn, .tokenBarred:
      return []
    }
  }
}

extension Payment {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let order = state.order else { return [] }
    let key = [Value.text(order.paymentID.description)]
    let status = (column: "status", value: Value.text(state.status.rawValue))
    func settled(_ on: CalendarDate) -> [(column: String, value: Value)] {
      [
        status, ("settled_on", .text(on.description)),
        ("days", .integer(Int64(order.requestedOn.days(until: on)))),
      ]
    }
    switch recorded.event {
    case .requested:
      return [
        .put(
          PaymentsTables.payments,
          key + [
            .text(order.policyID.description), .text(order.accountID.description), .text(order.invoiceID.description),
            .integer(order.amount.cents), status.value, .integer(Int64(order.attempt)),
            .integer(order.autopay ? 1 : 0), .text(order.requestedOn.description), .null, .null, .null, .null,
          ])
      ]
    case .submitted:
      return [.set(PaymentsTables.payments, key: key, [status])]
    case .unanswered:
      return []
    case .posted(let on), .withdrawn(let on):
      return [.set(PaymentsTables.payments, key: key, settled(on))]
    case .declined(let decline, let on):
      let reason: [(column: String, value: Value)] = [
        ("decline_code", .text(decline.code)), ("decline_class", .text(decline.declineClass.rawValue)),
      ]
      return [.set(PaymentsTables.payments, key: key, settled(on) + reason)]
    }
  }
}

extension Payout {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let payee = state.payee else { return [] }
    let id = Value.text(payee.payoutID.description)
    let stage = (column: "stage", value: Value.text(state.stage.rawValue))
    switch recorded.event {
    case .opened:
      return [
        .put(
          PaymentsTables.payouts,
          [
            id, .text(payee.payeeID.description), .text(payee.npi), .text(payee.day.description), .integer(0),
            stage.value, .integer(0), .null, .null, .null,
          ])
      ]
    case .added(let payable):
      return [
        .put(
          PaymentsTables.payoutClaims,
          [
            .text(payable.claimID.description), id, .text(payable.policyID.description), .integer(payable.amount.cents),
          ]),
        .set(PaymentsTables.payouts, key: [id], [("amount_cents", .integer(state.total.cents))]),
      ]
    case .submitted:
      return [.set(PaymentsTables.payouts, key: [id], [stage])]
    case .unanswered:
      return []
    case .posted(let trace, let on):
      return [
        .set(
          PaymentsTables.payouts, key: [id],
          [
            stage, ("paid_on", .text(on.description)), ("days", .integer(Int64(payee.day.days(until: on)))),
            ("trace_number", .text(trace)),
          ])
      ]
    case .declined:
      return [
        .set(PaymentsTables.payouts, key: [id], [stage, ("declines", .integer(Int64(state.declines)))])
      ]
    }
  }
}
