// What is asked of a member by hand, and what is no longer: charges, credits, adjustments, write-offs, voids, refunds.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

extension BillingService {
  /// Does it, or says what would be and does nothing.
  func perform<Request: Message, Response: Message>(
    _ method: String, _ request: Request, dryRun: Bool,
    _ body: @escaping @Sendable (inout Unit) async throws -> Response
  ) async throws -> Response {
    dryRun ? try await desk.rehearse(body) : try await desk.act(method, request, body)
  }

  func voidInvoice(
    request: Premia_Billing_V1_VoidInvoiceRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Invoice {
    let id = try ID<InvoiceTag>(request.invoiceID, field: "invoice_id")
    guard !request.reason.isEmpty else {
      throw Problem.field("reason", "is missing; say why the invoice is taken back")
    }
    return try await perform("VoidInvoice", request, dryRun: request.dryRun) { unit in
      let row = try await unit.invoice(id)
      _ = try await unit.decide(
        .void(try row.key, reason: request.reason, on: unit.today), on: StreamID(row.text("account_id")), naming: id)
      var invoice = Premia_Billing_V1_Invoice(row)
      invoice.status = .void
      invoice.paid = Premia_Common_V1_Money(.zero)
      return invoice
    }
  }

  func creditInvoice(
    request: Premia_Billing_V1_CreditInvoiceRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Invoice {
    let id = try ID<InvoiceTag>(request.invoiceID, field: "invoice_id")
    let amount = try request.amount.money("amount")
    try Self.require(reason: request.reason)
    return try await perform("CreditInvoice", request, dryRun: request.dryRun) { unit in
      try await unit.lower(id, by: amount) { .credit($0, cents: amount.cents, reason: request.reason, on: $1) }
    }
  }

  func adjustInvoice(
    request: Premia_Billing_V1_AdjustInvoiceRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Invoice {
    let id = try ID<InvoiceTag>(request.invoiceID, field: "invoice_id")
    let amount = try request.amount.money("amount")
    try Self.require(reason: request.reason)
    return try await perform("AdjustInvoice", request, dryRun: request.dryRun) { unit in
      try await unit.lower(id, by: amount) { .adjust($0, cents: amount.cents, reason: request.reason, on: $1) }
    }
  }

  func writeOffInvoice(
    request: Premia_Billing_V1_WriteOffInvoiceRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Invoice {
    let id = try ID<InvoiceTag>(request.invoiceID, field: "invoice_id")
    try Self.require(reason: request.reason)
    return try await perform("WriteOffInvoice", request, dryRun: request.dryRun) { unit in
      try await unit.lower(id, by: nil) { .writeOff($0, reason: request.reason, on: $1) }
    }
  }

  func chargeAccount(
    request: Premia_Billing_V1_ChargeRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Invoice {
    let account = try ID<AccountTag>(request.accountID, field: "account_id")
    let amount = try request.amount.money("amount")
    try Self.require(name: request.reason)
    return try await perform("ChargeAccount", request, dryRun: request.dryRun) { unit in
      let query = Query(BillingTables.accounts, where: [("account_id", .text(account.description))], limit: 1)
      guard try await !unit.rows(query).isEmpty else { throw Problem.notFound("account", request.accountID) }
      let state = try await unit.state(of: Account.self, StreamID(account))
      guard amount.currency == state.currency else {
        throw Problem.field("amount", "is in \(amount.currency), the account in \(state.currency)")
      }
      let after = try await unit.decide(
        Account.self, StreamID(account), .charge(cents: amount.cents, reason: request.reason, on: unit.today))
      guard let charge = after.charges.last else { preconditionFailure("a charge was issued and is not kept") }
      return Premia_Billing_V1_Invoice(charge, of: after)
    }
  }

  func requestRefund(
    request: Premia_Billing_V1_RefundRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Refund {
    let account = try ID<AccountTag>(request.accountID, field: "account_id")
    let amount = try request.amount.money("amount")
    let invoice = request.invoiceID.isEmpty ? nil : try ID<InvoiceTag>(request.invoiceID, field: "invoice_id")
    guard invoice != nil || !request.adjust else {
      throw Problem.field("adjust", "is said without an invoice; account credit is of none")
    }
    try Self.require(reason: request.reason)
    let payee = try Account.Payee(request)
    return try await perform("RequestRefund", request, dryRun: request.dryRun) { unit in
      let query = Query(BillingTables.accounts, where: [("account_id", .text(account.description))], limit: 1)
      guard let row = try await unit.rows(query).first else { throw Problem.notFound("account", request.accountID) }
      let key = try await unit.key(of: invoice, on: account)
      let state = try await unit.state(of: Account.self, StreamID(account))
      guard amount.currency == state.currency else {
        throw Problem.field("amount", "is in \(amount.currency), the account in \(state.currency)")
      }
      let order = Account.RefundOrder(
        id: unit.newID(RefundTag.self, for: "refund"), payee: payee ?? .party(row.text("subscriber_id")),
        cents: amount.cents,
        invoice: key, adjusting: request.adjust, reason: request.reason)
      let after = try await unit.decide(.refund(order, on: unit.today), on: StreamID(account), naming: invoice)
      return Premia_Billing_V1_Refund(Account.Refund(order, on: unit.today), of: after)
    }
  }

  private static func require(reason: String) throws(Problem) {
    guard !reason.isEmpty else { throw .field("reason", "is missing; say why less is asked of the member") }
  }

  /// A reason that is the name of a line too.
  private static func require(name: String) throws(Problem) {
    guard let first = name.first, !first.isWhitespace else {
      throw .field("reason", "is missing, or begins with a space; say what is charged for")
    }
    guard name.count <= 100, !name.contains(where: { $0 == "|" || $0.isNewline }) else {
      throw .field("reason", "is a line of at most 100 letters, without bars: the invoice says it")
    }
  }
}

extension Unit {
  /// The key of an invoice of an account; nil for none.
  fileprivate func key(
    of invoice: ID<InvoiceTag>?, on account: ID<AccountTag>
  ) async throws -> Account.InvoiceKey? {
    guard let invoice else { return nil }
    let matching: [(column: String, value: Value)] = [
      ("invoice_id", .text(invoice.description)), ("account_id", .text(account.description)),
    ]
    guard let row = try await rows(Query(BillingTables.invoices, where: matching, limit: 1)).first else {
      throw Problem.notFound("invoice", "\(invoice) of \(account)")
    }
    return try row.key
  }

  /// - Throws: `Problem` where there is none.
  fileprivate func invoice(_ id: ID<InvoiceTag>) async throws -> Row {
    let query = Query(BillingTables.invoices, where: [("invoice_id", .text(id.description))], limit: 1)
    guard let row = try await rows(query).first else { throw Problem.notFound("invoice", id.description) }
    return row
  }

  /// Decides on the account of an invoice.
  ///
  /// - Parameters:
  ///   - amount: in the account's currency; nil where the command has none.
  ///   - command: for the invoice, on today's date.
  /// - Returns: the invoice as it then is.
  fileprivate mutating func lower(
    _ id: ID<InvoiceTag>, by amount: Money?, _ command: (Account.InvoiceKey, CalendarDate) -> Account.Command
  ) async throws -> Premia_Billing_V1_Invoice {
    let row = try await invoice(id)
    let stream = StreamID(row.text("account_id"))
    let currency = try await state(of: Account.self, stream).currency
    if let amount, amount.currency != currency {
      throw Problem.field("amount", "is in \(amount.currency), the account in \(currency)")
    }
    let key = try row.key
    let after = try await decide(command(key, today), on: stream, naming: id)
    var invoice = Premia_Billing_V1_Invoice(row)
    invoice.show(after, key)
    return invoice
  }

  /// Decides, and where it is refused calls the invoice by the number on its paper; one that has none yet by itself.
  fileprivate mutating func decide(
    _ command: Account.Command, on account: StreamID, naming invoice: ID<InvoiceTag>?
  ) async throws -> Account.State {
    do {
      return try await decide(Account.self, account, command)
    } catch let refusal as Account.Refusal {
      guard let invoice else { throw refusal }
      let query = Query(
        BillingTables.documents,
        where: [("invoice_id", .text(invoice.description)), ("kind", .text(DocumentKind.invoice.rawValue))], limit: 1)
      let number = try await rows(query).first?.text("number") ?? invoice.description
      throw refusal.problem { _ in "invoice \(number)" }
    }
  }
}

extension Row {
  /// Of an invoice.
  fileprivate var key: Account.InvoiceKey {
    get throws {
      Account.InvoiceKey(month: try CalendarDate(text("month"), field: "month"), sequence: Int(integer("sequence")))
    }
  }
}

extension Account.Payee {
  /// Nil where nobody is named: the subscriber gets it.
  fileprivate init?(_ request: Premia_Billing_V1_RefundRequest) throws(Problem) {
    switch (request.payeeID.isEmpty, request.payeeName.isEmpty) {
    case (true, true): return nil
    case (false, true): self = .party(try ID<PartyTag>(request.payeeID, field: "payee_id").description)
    case (true, false):
      let name = request.payeeName
      guard name.count <= 100, name.first?.isWhitespace == false, !name.contains(where: \.isNewline) else {
        throw .field("payee_name", "is a line of at most 100 letters, and does not begin with a space")
      }
      self = .named(name)
    case (false, false): throw .field("payee_name", "is said beside payee_id; one of them says who gets it")
    }
  }
}

extension Premia_Billing_V1_Invoice {
  /// A charge that was just issued.
  fileprivate init(_ charge: Account.OutsideCharge, of state: Account.State) {
    self.init()
    invoiceID = state.id(of: charge.key).description
    accountID = state.account.description
    policyID = state.policy.description
    issuedOn = charge.key.month.description
    dueOn = charge.key.month.adding(days: Account.issueLeadDays).description
    (from, to) = (issuedOn, issuedOn)
    lines = [Premia_Billing_V1_Line(charge.line, state.currency)]
    show(state, charge.key)
  }

  /// Takes over what the account says of it.
  fileprivate mutating func show(_ state: Account.State, _ key: Account.InvoiceKey) {
    func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents, state.currency)) }
    let amounts = state.amounts(of: key)
    let lostCents = state.relief(of: key).writtenOffCents
    total = money(amounts.totalCents)
    showAdjustment()
    paid = money(amounts.settledCents)
    writtenOff = money(lostCents)
    switch state.index(of: key).map({ state.open[$0].status }) {
    case .draft: status = .draft
    case .issued: status = .issued
    case .pastDue: status = .pastDue
    case nil: status = lostCents > 0 ? .writtenOff : .paid
    }
  }
}
