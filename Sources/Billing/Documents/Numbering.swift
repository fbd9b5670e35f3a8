// Which events become documents: an invoice that is issued, what corrects it or takes it back, what is given back of
// months that are closed, and a statement. What an invoice bills to other payers is billed to them on the way.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

enum Numbering {
  static let reader = LogReader("documents", of: Set(DocumentSource.types)) { envelopes, unit in
    var order: [Register.Series] = []
    var entries: [Register.Series: [Register.Entry]] = [:]
    var sources: [(position: Int64, source: DocumentSource)] = []
    for envelope in envelopes {
      let source = try DocumentSource(envelope)
      sources.append((envelope.position, source))
      let series = Register.Series(kind: source.kind, year: source.on.year)
      if entries[series] == nil { order.append(series) }
      entries[series, default: []].append(source.entry(at: envelope.position))
    }
    for series in order {
      try await unit.decide(Register.self, series.stream, .number(entries[series] ?? [], in: series))
    }
    try await unit.billPayers(sources)
  }
}

/// The published event that a document says in print.
enum DocumentSource {
  case issued(Premia_Billing_V1_Invoice, on: CalendarDate)
  /// - Parameter on: the business day of the event.
  case adjusted(Premia_Billing_V1_InvoiceAdjusted, on: CalendarDate)
  case voided(Premia_Billing_V1_InvoiceVoided, on: CalendarDate)
  case closedCorrected(Premia_Billing_V1_ClosedMonthsCorrected, on: CalendarDate)
  case stated(Premia_Billing_V1_Statement, on: CalendarDate)

  static let types = [
    "Invoice.Issued", "Invoice.Adjusted", "Invoice.Voided", "ClosedMonths.Corrected", "Statement.Issued",
  ]

  /// - Throws: where the envelope holds none of `types`.
  init(_ envelope: Premia_Common_V1_Envelope) throws {
    let on = Instant(microseconds: envelope.timeMicros).date
    switch envelope.type {
    case "Invoice.Issued":
      let invoice = try Premia_Billing_V1_InvoiceIssued(serializedBytes: envelope.data).invoice
      self = .issued(invoice, on: try CalendarDate(invoice.issuedOn, field: "invoice.issued_on"))
    case "Invoice.Adjusted":
      self = .adjusted(try Premia_Billing_V1_InvoiceAdjusted(serializedBytes: envelope.data), on: on)
    case "Invoice.Voided":
      self = .voided(try Premia_Billing_V1_InvoiceVoided(serializedBytes: envelope.data), on: on)
    case "ClosedMonths.Corrected":
      self = .closedCorrected(try Premia_Billing_V1_ClosedMonthsCorrected(serializedBytes: envelope.data), on: on)
    case "Statement.Issued":
      let statement = try Premia_Billing_V1_StatementIssued(serializedBytes: envelope.data).statement
      self = .stated(statement, on: try CalendarDate(statement.issuedOn, field: "statement.issued_on"))
    case let other:
      throw Problem(
        kind: .internalFault, code: "billing.no_document", detail: "\(other) at \(envelope.position) is no document.",
        remedy: "Report this with the position.")
    }
  }

  var kind: DocumentKind {
    switch self {
    case .issued: .invoice
    case .adjusted, .voided, .closedCorrected: .creditNote
    case .stated: .statement
    }
  }

  var on: CalendarDate {
    switch self {
    case .issued(_, let on), .adjusted(_, let on), .voided(_, let on), .closedCorrected(_, let on),
      .stated(_, let on):
      on
    }
  }

  func entry(at position: Int64) -> Register.Entry {
    switch self {
    case .issued(let invoice, _):
      entry(at: position, invoice.invoiceID, invoice.accountID, invoice.policyID, invoice.total.cents)
    case .adjusted(let event, _):
      entry(at: position, event.invoiceID, event.accountID, event.policyID, event.member.cents)
    case .voided(let event, _):
      entry(at: position, event.invoiceID, event.accountID, event.policyID, -event.total.cents)
    case .closedCorrected(let event, _):
      entry(at: position, "", event.accountID, event.policyID, event.member.cents)
    case .stated(let statement, _):
      Register.Entry(
        position: position, invoice: "", account: "", policy: "", payer: statement.payerID,
        statement: statement.statementID, on: on, cents: statement.total.cents)
    }
  }

  private func entry(
    at position: Int64, _ invoice: String, _ account: String, _ policy: String, _ cents: Int64
  ) -> Register.Entry {
    Register.Entry(position: position, invoice: invoice, account: account, policy: policy, on: on, cents: cents)
  }
}
