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
    var account = Premia_Billing_V1_Account(state, on: engine.clock.now.date)
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
}

extension Premia_Billing_V1_Account {
  fileprivate init(_ state: Account.State, on today: CalendarDate) {
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
    closed = state.isClosed(on: today)
    if case .inGrace(let grace) = state.dunning.phase { self.grace = Premia_Billing_V1_Grace(grace) }
    guard let next = state.visibleNext(on: today) else { return }
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
      case .refer(let balance):
        switch balance.kind {
        case .debt: "by hand: collect or write off \(Money(cents: balance.cents, state.currency)) that is past due"
        case .credit: "by hand: refund the credit of \(Money(cents: balance.cents, state.currency))"
        }
      case .start: "by hand: issue the policy"
      case .close: "close the account: coverage ends"
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
    showAdjustment()
  }

  /// Says what was taken off by hand as a line of its own, so that the lines sum up to the total.
  mutating func showAdjustment() {
    lines.removeAll { $0.kind == Self.adjustment }
    let cents = lines.reduce(total.cents) { $0 - $1.amount.cents }
    guard cents != 0 else { return }
    var line = Premia_Billing_V1_Line()
    line.kind = Self.adjustment
    (line.from, line.to) = (from, to)
    line.amount = total
    line.amount.cents = cents
    lines.append(line)
  }

  private static let adjustment = "adjustment"
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
