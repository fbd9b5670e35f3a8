// Who pays shares of policies, and their statements.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

extension BillingService {
  func setShares(
    request: Premia_Billing_V1_SetSharesRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_SharesResponse {
    let account = try ID<AccountTag>(request.accountID, field: "account_id")
    guard !request.reason.isEmpty else { throw Problem.field("reason", "is missing; say why") }
    let (order, currency) = try request.period.order(reason: request.reason)
    let dryRun = request.dryRun
    let deed: @Sendable (inout Unit) async throws -> Premia_Billing_V1_SharesResponse = { unit in
      let key = Value.text(account.description)
      let known = Query(BillingTables.accounts, where: [("account_id", key)], limit: 1)
      guard let row = try await unit.rows(known).first else {
        throw Problem.notFound("account", account.description)
      }
      guard !order.shares.contains(where: { $0.payer.description == row.text("subscriber_id") }) else {
        throw Problem.field("period.shares.payer_id", "is the subscriber's, who pays the rest anyway")
      }
      let stream = StreamID(account)
      let before = try await unit.state(of: Account.self, stream)
      let after = try await unit.decide(Account.self, stream, .share(order, currency: currency, on: unit.today))
      return .with {
        $0.periods = after.sharePeriods
        $0.change = Premia_Common_V1_Money(
          Money(
            cents: after.memberCents(before: before.billedThrough) - before.memberCents(before: before.billedThrough),
            after.currency))
        $0.dryRun = dryRun
      }
    }
    return try await perform("SetShares", request, dryRun: dryRun, deed)
  }

  func listShares(
    request: Premia_Billing_V1_ListSharesRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_SharesResponse {
    let account = try ID<AccountTag>(request.accountID, field: "account_id")
    let state = try await engine.state(of: Account.self, StreamID(account))
    guard state.phase != .unopened else { throw Problem.notFound("account", request.accountID) }
    return .with { $0.periods = state.sharePeriods }
  }

  func getSubscriberStatement(
    request: Premia_Billing_V1_GetSubscriberStatementRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_SubscriberStatement {
    let subscriber = try ID<PartyTag>(request.subscriberID, field: "subscriber_id")
    let accounts = try await engine.store.rows(
      Query(BillingTables.accounts, where: [("subscriber_id", .text(subscriber.description))]))
    guard !accounts.isEmpty else { throw Problem.notFound("subscriber", request.subscriberID) }
    var statement = Premia_Billing_V1_SubscriberStatement()
    statement.subscriberID = request.subscriberID
    for row in accounts {
      statement.accounts.append(try await account(row))
      for status in ["issued", "past_due"] {
        let open = Query(
          BillingTables.invoices, where: [("account_id", row["account_id"]), ("status", .text(status))])
        statement.invoices += try await engine.store.rows(open).map { Premia_Billing_V1_Invoice($0) }
      }
    }
    statement.invoices.sort { ($0.dueOn, $0.invoiceID) < ($1.dueOn, $1.invoiceID) }
    statement.owed.cents = statement.accounts.reduce(0) { $0 + $1.receivable.cents }
    statement.pastDue.cents = statement.accounts.reduce(0) { $0 + $1.pastDue.cents }
    return statement
  }

  func getPayer(
    request: Premia_Billing_V1_GetPayerRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Payer {
    let payer = try ID<PartyTag>(request.payerID, field: "payer_id")
    let state = try await engine.state(of: Payer.self, payer.payerStream)
    guard state.payer != nil else { throw Problem.notFound("payer", request.payerID) }
    return Premia_Billing_V1_Payer(state)
  }

  func getStatement(
    request: Premia_Billing_V1_GetStatementRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Statement {
    let id = try ID<StatementTag>(request.statementID, field: "statement_id")
    let key = Value.text(id.description)
    guard let row = try await engine.store.row(BillingTables.statements, key: [key]) else {
      throw Problem.notFound("statement", request.statementID)
    }
    var statement = Premia_Billing_V1_Statement(row)
    var after: [Value]?
    while true {
      let page = try await engine.store.rows(
        Query(BillingTables.statementLines, where: [("statement_id", key)], after: after))
      guard let last = page.last else { return statement }
      statement.lines += page.map { Premia_Billing_V1_StatementLine($0) }
      after = last.key
    }
  }

  func listStatements(
    request: Premia_Billing_V1_ListStatementsRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ListStatementsResponse {
    let limit = try request.page.limit()
    var query = Query(BillingTables.statements, limit: limit + 1)
    if !request.payerID.isEmpty {
      query.matching = [("payer_id", .text(try ID<PartyTag>(request.payerID, field: "payer_id").description))]
    }
    if !request.page.token.isEmpty {
      query.after = [.text(try ID<StatementTag>(request.page.token, field: "page.token").description)]
    }
    let rows = try await engine.store.rows(query)
    var response = Premia_Billing_V1_ListStatementsResponse()
    response.statements = rows.prefix(limit).map { Premia_Billing_V1_Statement($0) }
    if rows.count > limit, let last = response.statements.last { response.nextToken = last.statementID }
    return response
  }
}

extension Account.State {
  fileprivate var sharePeriods: [Premia_Billing_V1_SharePeriod] {
    pricing.shares.segments.map { .init($0.value, from: $0.start, to: $0.end, currency) }
  }

  /// What the member is billed for the months before a date.
  fileprivate func memberCents(before date: CalendarDate) -> Int64 { billed.lines(before: date).memberCents }
}

extension Premia_Billing_V1_SharePeriod {
  /// What is asked for, and the currency of its amounts; nil where it has none.
  ///
  /// - Throws: where the shares are none that can be.
  fileprivate func order(reason: String) throws(Problem) -> (order: SharesOrder, currency: Currency?) {
    let from = try CalendarDate(self.from, field: "period.from")
    let to = try CalendarDate.optional(self.to, field: "period.to")
    if let to, to <= from { throw .field("period.to", "is \(to); it is behind \(from), the first day") }
    var currency: Currency?
    var read: [Share] = []
    for share in shares {
      let payer = try ID<PartyTag>(share.payerID, field: "period.shares.payer_id")
      let kind: Share.Kind = try .named(share.kind, field: "period.shares.kind")
      let amount = share.hasAmount ? try share.amount.money("period.shares.amount") : nil
      if let amount, let other = currency, other != amount.currency {
        throw .field("period.shares.amount", "is in \(amount.currency), another in \(other)")
      }
      currency = amount?.currency ?? currency
      read.append(Share(payer: payer, kind: kind, size: try share.size(amount)))
    }
    return (SharesOrder(from: from, to: to, shares: read, reason: reason), currency)
  }
}

extension Premia_Billing_V1_Share {
  fileprivate func size(_ amount: Money?) throws(Problem) -> Size {
    switch (amount, percent.isEmpty) {
    case (let amount?, true):
      guard (1...Self.mostCents).contains(amount.cents) else {
        throw .field("period.shares.amount", "is of \(amount.cents) cents; it is above 0 and at most \(Self.mostCents)")
      }
      return .fixed(amount.cents)
    case (nil, false):
      guard let ratio = Ratio(percent: percent) else {
        throw .field(
          "period.shares.percent", "is '\(percent)'; it is above 0 and at most 100, with six digits behind the point")
      }
      return .share(ratio)
    case (nil, true):
      throw .field("period.shares.percent", "is missing; give a percentage, or an amount for every full month")
    case (.some, false): throw .field("period.shares.amount", "stands beside a percentage; give one of the two")
    }
  }

  /// A hundred thousand a month.
  private static let mostCents: Int64 = 10_000_000
}
