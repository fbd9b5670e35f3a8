// What others are told of payers, and how shares and statements are shown.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

extension Payer {
  /// None is about one policy: a statement is about all that the payer pays for.
  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    guard let payer = state.payer else { preconditionFailure("\(recorded.stream) has no payer") }
    switch recorded.event {
    case .billed: return []
    case .paid(let receipt, let cents, let portions, _, _):
      var event = Premia_Billing_V1_ContributionApplied()
      event.payerID = payer.description
      event.receiptID = receipt
      event.amount = money(cents)
      event.portions = portions.map { portion in
        .with {
          $0.policyID = portion.policy
          $0.invoiceID = portion.invoice
          $0.amount = money(portion.cents)
        }
      }
      return [Publication("Contribution.Applied", about: "", event)]
    case .stated(let statement):
      var event = Premia_Billing_V1_StatementIssued()
      event.statement = Premia_Billing_V1_Statement(statement, to: payer)
      return [Publication("Statement.Issued", about: "", event)]
    case .fellPastDue:
      guard let standing = state.standing else { preconditionFailure("\(payer) is past due without a statement") }
      var event = Premia_Billing_V1_StatementPastDue()
      event.statementID = standing.id.description
      event.payerID = payer.description
      event.open = money(standing.leftCents)
      event.dueOn = standing.dueOn.description
      return [Publication("Statement.PastDue", about: "", event)]
    }
  }
}

/// Contributions are billed in one currency.
private func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents)) }

extension Voice {
  func shared(_ order: SharesOrder) -> Publication {
    var event = Premia_Billing_V1_SharesSet()
    event.accountID = account
    event.policyID = policy
    event.period = Premia_Billing_V1_SharePeriod(order.shares, from: order.from, to: order.to, state.currency)
    event.reason = order.reason
    return Publication("Shares.Set", about: policy, event)
  }
}

extension Premia_Billing_V1_SharePeriod {
  init(_ shares: [Share], from: CalendarDate, to: CalendarDate?, _ currency: Currency) {
    self.init()
    self.from = from.description
    self.to = to?.description ?? ""
    self.shares = shares.map { share in
      .with {
        $0.payerID = share.payer.description
        $0.kind = share.kind.rawValue
        switch share.size {
        case .share(let ratio): $0.percent = ratio.percentText
        case .fixed(let cents): $0.amount = Premia_Common_V1_Money(Money(cents: cents, currency))
        }
      }
    }
  }
}

extension Premia_Billing_V1_Statement {
  /// As it was issued.
  init(_ statement: Payer.Statement, to payer: ID<PartyTag>) {
    self.init()
    statementID = statement.id.description
    payerID = payer.description
    month = statement.month.description
    status = statement.totalCents > 0 ? .statementIssued : .statementPaid
    issuedOn = statement.issuedOn.description
    dueOn = statement.dueOn.description
    broughtForward = money(statement.broughtForwardCents)
    lines = statement.items.map { item in
      .with {
        $0.kind = item.kind.word
        $0.policyID = item.policy
        $0.invoiceID = item.invoice
        $0.from = item.period.start.description
        $0.to = item.period.end.description
        $0.amount = money(item.cents)
      }
    }
    total = money(statement.totalCents)
    open = money(max(0, statement.totalCents))
  }

  /// As it now stands, without its lines.
  init(_ row: Row) {
    self.init()
    statementID = row.text("statement_id")
    payerID = row.text("payer_id")
    month = row.text("month")
    switch Payer.Statement.Status(rawValue: row.text("status")) {
    case .issued: status = .statementIssued
    case .pastDue: status = .statementPastDue
    case .paid: status = .statementPaid
    case .carried: status = .statementCarried
    case nil: preconditionFailure("a stored statement is '\(row.text("status"))'")
    }
    issuedOn = row.text("issued_on")
    dueOn = row.text("due_on")
    broughtForward = money(row.integer("brought_forward_cents"))
    total = money(row.integer("total_cents"))
    open = money(row.integer("open_cents"))
  }
}

extension Premia_Billing_V1_StatementLine {
  init(_ row: Row) {
    self.init()
    kind = row.text("kind")
    policyID = row.text("policy_id")
    invoiceID = row.text("invoice_id")
    from = row.text("from_day")
    to = row.text("to_day")
    amount = money(row.integer("cents"))
  }
}

extension Premia_Billing_V1_Payer {
  /// - Precondition: it was billed something, or paid.
  init(_ state: Payer.State) {
    guard let payer = state.payer else { preconditionFailure("a payer is shown of whom nothing is known") }
    self.init()
    payerID = payer.description
    owed = money(state.owedCents)
    if let standing = state.standing, standing.status == .pastDue { pastDue = money(standing.leftCents) }
    unstated = money(state.unstatedCents)
    nextStatementOn = state.nextStatementOn?.description ?? ""
  }
}
