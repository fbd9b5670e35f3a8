// Documents, by their numbers.

import Contracts
import Courier
import Foundation
import GRPCCore
import Kernel
import Runtime

extension BillingService {
  func getDocument(
    request: Premia_Billing_V1_GetDocumentRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Document {
    guard let row = try await engine.store.row(BillingTables.documents, key: [.text(request.number)]) else {
      throw Problem.notFound("document", request.number)
    }
    guard let press else {
      throw Problem(
        kind: .unavailable, code: "billing.no_press", detail: "Documents are not made here.",
        remedy: "Ask a server that was started with a press.")
    }
    let source = try await source(of: row)
    let (addressee, names) = try await press.address(source)
    let paper = try Paper(number: request.number, source, names)
    let original = paper.kind == .creditNote ? try await numberOfInvoice(paper.invoiceID) : ""
    var document = Premia_Billing_V1_Document(row)
    document.html = press.page(of: paper, original: original, to: addressee)
    if request.pdf { document.pdf = Data(try await press.pdf(of: document.html)) }
    return document
  }

  func listDocuments(
    request: Premia_Billing_V1_ListDocumentsRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ListDocumentsResponse {
    let limit = try request.page.limit()
    var query = Query(BillingTables.documents, limit: limit + 1)
    if !request.accountID.isEmpty {
      query.matching = [("account_id", .text(try ID<AccountTag>(request.accountID, field: "account_id").description))]
    }
    if !request.page.token.isEmpty { query.after = [.text(request.page.token)] }
    let rows = try await engine.store.rows(query)
    var response = Premia_Billing_V1_ListDocumentsResponse()
    response.documents = rows.prefix(limit).map(Premia_Billing_V1_Document.init)
    if rows.count > limit, let last = response.documents.last { response.nextToken = last.number }
    return response
  }

  /// The published event that got the number.
  private func source(of row: Row) async throws -> DocumentSource {
    let position = row.integer("position")
    guard let found = try await engine.store.published(after: position - 1, limit: 1, about: nil).first,
      found.position == position
    else {
      throw StoreFailure.corrupt("\(row.text("number")) is of the event at \(position), which is gone")
    }
    return try DocumentSource(Premia_Common_V1_Envelope(record: found.record, position: position))
  }

  /// It was issued before anything was taken back of it, so it has one.
  private func numberOfInvoice(_ invoice: String) async throws -> String {
    let query = Query(
      BillingTables.documents,
      where: [("invoice_id", .text(invoice)), ("kind", .text(DocumentKind.invoice.rawValue))], limit: 1)
    return try await engine.store.rows(query).first?.text("number") ?? ""
  }
}

extension Premia_Billing_V1_Document {
  /// Without its page.
  fileprivate init(_ row: Row) {
    self.init()
    number = row.text("number")
    switch DocumentKind(rawValue: row.text("kind")) {
    case .invoice: kind = .invoice
    case .creditNote: kind = .creditNote
    case .statement: kind = .statement
    case nil: preconditionFailure("a stored document is a '\(row.text("kind"))'")
    }
    invoiceID = row.text("invoice_id")
    accountID = row.text("account_id")
    policyID = row.text("policy_id")
    payerID = row.text("payer_id")
    statementID = row.text("statement_id")
    on = row.text("dated")
    amount = Premia_Common_V1_Money(Money(cents: row.integer("amount_cents")))
  }
}
