// The gRPC service of billing: messages to commands, rows and states to messages.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime

struct BillingService: Premia_Billing_V1_BillingService.SimpleServiceProtocol {
  let engine: Engine
  let press: Press?
  let levies: LevyRules
  let desk: Desk

  init(engine: Engine, press: Press? = nil, levies: LevyRules = .none) {
    self.engine = engine
    self.press = press
    self.levies = levies
    desk = Desk(engine)
  }

  func getAccount(
    request: Premia_Billing_V1_GetAccountRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Account {
    let id = try ID<AccountTag>(request.accountID, field: "account_id")
    guard let row = try await engine.store.row(BillingTables.accounts, key: [.text(id.description)]) else {
      throw Problem.notFound("account", request.accountID)
    }
    return try await account(row)
  }

  func findAccount(
    request: Premia_Billing_V1_FindAccountRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Account {
    let policy = try ID<PolicyTag>(request.policyID, field: "policy_id")
    let query = Query(BillingTables.accounts, where: [("policy_id", .text(policy.description))], limit: 1)
    guard let row = try await engine.store.rows(query).first else {
      throw Problem.notFound("account", "of \(request.policyID)")
    }
    return try await account(row)
  }

  func account(_ row: Row) async throws -> Premia_Billing_V1_Account {
    let stream = StreamID(row.text("account_id"))
    let act = Act.current ?? Act(correlation: "local")
    let state = try await engine.run(act) { unit in try await unit.state(of: Account.self, stream) }
    guard let state else { throw Problem.notFound("account", stream.rawValue) }
    var account = Premia_Billing_V1_Account(state)
    account.subscriberID = row.text("subscriber_id")
    account.state = row.text("state")
    account.version = try await engine.store.load(stream)?.version ?? 0
    return account
  }

  func getInvoice(
    request: Premia_Billing_V1_GetInvoiceRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Invoice {
    let id = try ID<InvoiceTag>(request.invoiceID, field: "invoice_id")
    guard let row = try await engine.store.row(BillingTables.invoices, key: [.text(id.description)]) else {
      throw Problem.notFound("invoice", request.invoiceID)
    }
    return Premia_Billing_V1_Invoice(row)
  }

  func listInvoices(
    request: Premia_Billing_V1_ListInvoicesRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ListInvoicesResponse {
    let limit = try request.page.limit()
    var matching: [(column: String, value: Value)] = []
    if !request.accountID.isEmpty {
      matching.append(("account_id", .text(try ID<AccountTag>(request.accountID, field: "account_id").description)))
    }
    if request.status != .unspecified {
      guard let status = request.status.word else { throw Problem.field("status", "is \(request.status.rawValue)") }
      matching.append(("status", .text(status)))
    }
    let after: [Value]? =
      request.page.token.isEmpty
      ? nil : [.text(try ID<InvoiceTag>(request.page.token, field: "page.token").description)]
    let rows = try await engine.store.rows(
      Query(BillingTables.invoices, where: matching, after: after, limit: limit + 1))
    var response = Premia_Billing_V1_ListInvoicesResponse()
    response.invoices = rows.prefix(limit).map(Premia_Billing_V1_Invoice.init)
    if rows.count > limit, let last = response.invoices.last { response.nextToken = last.invoiceID }
    return response
  }

  func voidInvoice(
    request: Premia_Billing_V1_VoidInvoiceRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Invoice {
    let id = try ID<InvoiceTag>(request.invoiceID, field: "invoice_id")
    guard !request.reason.isEmpty else {
      throw Problem.field("reason", "is missing; say why the invoice is taken back")
    }
    return try await desk.act("VoidInvoice", request) { unit in
      let query = Query(BillingTables.invoices, where: [("invoice_id", .text(id.description))], limit: 1)
      guard let row = try await unit.rows(query).first else { throw Problem.notFound("invoice", request.invoiceID) }
      let key = Account.InvoiceKey(
        month: try CalendarDate(row.text("month"), field: "month"), sequence: Int(row.integer("sequence")))
      try await unit.decide(
        Account.self, StreamID(row.text("account_id")), .void(key, reason: request.reason, on: unit.today))
      var invoice = Premia_Billing_V1_Invoice(row)
      invoice.status = .void
      invoice.paid = Premia_Common_V1_Money(.zero)
      return invoice
    }
  }

  func run(
    request: Premia_Billing_V1_RunRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_RunResponse {
    let day = try request.asOf.isEmpty ? engine.clock.now.date : CalendarDate(request.asOf, field: "as_of")
    let latest = engine.clock.now.date.adding(days: Self.mostDaysAhead)
    guard day <= latest else { throw Problem.field("as_of", "is \(day); a run looks ahead to \(latest) at most") }
    let report = try await BillingRun.make(
      engine: engine, asOf: day, dryRun: request.dryRun, draft: request.draft, levies: levies, act: Act.current)
    if !request.dryRun, !request.draft {
      _ = try await StatementRun.run(engine: engine, asOf: day, act: Act.current)
    }
    var response = Premia_Billing_V1_RunResponse()
    response.accounts = report.accounts
    response.invoices = report.invoices
    response.billed = Premia_Common_V1_Money(Money(cents: report.billedCents))
    response.pastDue = report.pastDue
    response.parked = report.parked.map { "\($0.key): \($0.value.detail)" }.sorted()
    response.report = Premia_Common_V1_RunReport(report, asOf: day, dryRun: request.dryRun)
    return response
  }

  func preview(
    request: Premia_Billing_V1_PreviewRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_PreviewResponse {
    var response = Premia_Billing_V1_PreviewResponse()
    response.document = try BillingPreview(document: Array(request.document.utf8)).json
    return response
  }

  func getSummary(
    request: Premia_Billing_V1_SummaryRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Summary {
    try await BillingFigures(store: engine.store).summary()
  }

  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals {
    try await BillingFigures(store: engine.store).totals()
  }

  /// So that a date mistyped by years does not bill years.
  private static let mostDaysAhead = 400
}

extension Premia_Billing_V1_Account {
  fileprivate init(_ state: Account.State) {
    self.init()
    func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents, state.currency)) }
    accountID = state.account.description
    policyID = state.policy.description
    let schedule = state.schedules.schedule(on: state.billedThrough)
    self.schedule = Premia_Common_V1_PaymentSchedule(schedule)
    billingDay = self.schedule.billingDay
    credit = money(state.creditCents)
    receivable = money(state.receivableCents)
    pastDue = money(state.open.filter { $0.status == .pastDue }.reduce(0) { $0 + $1.openCents })
    billedThrough = state.billedThrough.description
    closed = state.isClosed
    if case .inGrace(let grace) = state.dunning.phase { self.grace = Premia_Billing_V1_Grace(grace) }
    guard let next = state.next else { return }
    nextStepOn = next.on.description
    nextStep =
      switch next.step {
      case .issue(let period): "issue the invoice of \(period.start)"
      case .markPastDue(let key): "mark \(state.id(of: key)) past due"
      case .dun(.retry(let key)): "charge \(state.id(of: key)) again"
      case .dun(.notice(.graceStarted)): "tell that the grace period has started"
      case .dun(.notice(.claimsPended)): "tell that claims wait for the premium"
      case .dun(.notice(.graceEnding)): "tell that the grace period is about to end"
      case .dun(.lapse): "end the policy for want of payment"
      case .dun(.closeReinstatement): "close the account to reinstatement"
      }
  }
}

extension Premia_Billing_V1_Invoice {
  init(_ row: Row) {
    let lines = LineText.lines(of: row.text("lines"))
    self.init()
    invoiceID = row.text("invoice_id")
    accountID = row.text("account_id")
    policyID = row.text("policy_id")
    status = Premia_Billing_V1_InvoiceStatus(word: row.text("status"))
    binder = row.integer("binder") != 0
    issuedOn = row.text("issued_on")
    dueOn = row.text("due_on")
    from = lines.first?.from.description ?? ""
    to = lines.last?.to.description ?? ""
    self.lines = lines.map { Premia_Billing_V1_Line($0, .usd) }
    total = Premia_Common_V1_Money(Money(cents: row.integer("total_cents")))
    paid = Premia_Common_V1_Money(Money(cents: row.integer("paid_cents")))
    paidOn = row.text("paid_on")
    writtenOff = Premia_Common_V1_Money(Money(cents: row.integer("written_off_cents")))
  }
}

extension Premia_Billing_V1_InvoiceStatus {
  /// As it is stored; nil where it is none that an invoice can have.
  fileprivate var word: String? {
    switch self {
    case .draft: "draft"
    case .issued: "issued"
    case .paid: "paid"
    case .pastDue: "past_due"
    case .void: "void"
    case .writtenOff: "written_off"
    case .unspecified, .UNRECOGNIZED: nil
    }
  }

  fileprivate init(word: String) {
    self = Self.allCases.first { $0.word == word } ?? .unspecified
  }
}
