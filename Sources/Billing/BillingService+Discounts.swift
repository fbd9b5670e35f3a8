// Discounts of accounts, and campaigns of discounts for many of them.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

extension BillingService {
  func grantDiscount(
    request: Premia_Billing_V1_GrantDiscountRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_DiscountResponse {
    let code = try Self.code(request.code)
    try Self.require(reason: request.reason)
    if request.ofCampaign {
      guard request.terms == .with({ $0.from = request.terms.from }) else {
        throw Problem.field("terms", "has more than its first day; a campaign has terms of its own")
      }
      let from = try CalendarDate.optional(request.terms.from, field: "terms.from")
      return try await change(code, of: request.accountID, "GrantDiscount", request, dryRun: request.dryRun) {
        try await $0.join($1, code, from: from ?? $0.today, reason: request.reason)
      }
    }
    let (discount, currency) = try request.terms.discount(code)
    let grant = Discounting.Command.grant(Grant(discount), currency: currency, reason: request.reason)
    return try await change(code, of: request.accountID, "GrantDiscount", request, dryRun: request.dryRun) {
      try await $0.decide(Account.self, $1, .discount(grant, on: $0.today))
    }
  }

  func endDiscount(
    request: Premia_Billing_V1_EndDiscountRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_DiscountResponse {
    let code = try Self.code(request.code)
    try Self.require(reason: request.reason)
    let day = try CalendarDate.optional(request.on, field: "on")
    return try await change(code, of: request.accountID, "EndDiscount", request, dryRun: request.dryRun) {
      let end = Discounting.Command.end(code: code, on: day ?? $0.today, reason: request.reason)
      try await $0.decide(Account.self, $1, .discount(end, on: $0.today))
    }
  }

  func listDiscounts(
    request: Premia_Billing_V1_ListDiscountsRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ListDiscountsResponse {
    let account = try ID<AccountTag>(request.accountID, field: "account_id")
    let state = try await engine.state(of: Account.self, StreamID(account))
    guard state.phase != .unopened else { throw Problem.notFound("account", request.accountID) }
    return .with { $0.discounts = state.pricing.grants.map { Premia_Billing_V1_Discount($0, of: state) } }
  }

  func openCampaign(
    request: Premia_Billing_V1_OpenCampaignRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Campaign {
    let code = try Self.code(request.code)
    try Self.require(reason: request.reason)
    let (discount, currency) = try request.terms.discount(code)
    let terms = Campaign.Terms(discount: discount, currency: currency)
    return try await desk.act("OpenCampaign", request) { unit in
      Premia_Billing_V1_Campaign(
        try await unit.decide(Campaign.self, Campaign.stream(code), .open(terms, reason: request.reason)))
    }
  }

  func closeCampaign(
    request: Premia_Billing_V1_CloseCampaignRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Campaign {
    let code = try Self.code(request.code)
    try Self.require(reason: request.reason)
    return try await desk.act("CloseCampaign", request) { unit in
      Premia_Billing_V1_Campaign(
        try await unit.decide(Campaign.self, Campaign.stream(code), .close(code: code, reason: request.reason)))
    }
  }

  func getCampaign(
    request: Premia_Billing_V1_GetCampaignRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_Campaign {
    let code = try Self.code(request.code)
    let state = try await engine.state(of: Campaign.self, Campaign.stream(code))
    guard state.terms != nil else { throw Campaign.Refusal.unknown(code) }
    return Premia_Billing_V1_Campaign(state)
  }

  func listCampaigns(
    request: Premia_Billing_V1_ListCampaignsRequest, context: ServerContext
  ) async throws -> Premia_Billing_V1_ListCampaignsResponse {
    let limit = try request.page.limit()
    let after: [Value]? = request.page.token.isEmpty ? nil : [.text(request.page.token)]
    let rows = try await engine.store.rows(Query(BillingTables.campaigns, after: after, limit: limit + 1))
    var response = Premia_Billing_V1_ListCampaignsResponse()
    response.campaigns = rows.prefix(limit).map { Premia_Billing_V1_Campaign(Campaign.State($0)) }
    if rows.count > limit, let last = response.campaigns.last { response.nextToken = last.code }
    return response
  }

  /// Changes the discounts of an account, or says what that would do.
  private func change(
    _ code: String, of accountID: String, _ method: String, _ request: some Message, dryRun: Bool,
    _ body: @escaping @Sendable (inout Unit, StreamID) async throws -> Void
  ) async throws -> Premia_Billing_V1_DiscountResponse {
    let account = StreamID(try ID<AccountTag>(accountID, field: "account_id"))
    let deed: @Sendable (inout Unit) async throws -> Premia_Billing_V1_DiscountResponse = { unit in
      let before = try await unit.state(of: Account.self, account)
      guard before.phase != .unopened else { throw Problem.notFound("account", accountID) }
      try await body(&unit, account)
      try await unit.squareCampaigns(of: account)
      let after = try await unit.state(of: Account.self, account)
      let cents =
        after.billed.lines(before: before.billedThrough).memberCents
        - before.billed.lines(before: before.billedThrough).memberCents
      return .with {
        if let grant = after.pricing.grant(code) { $0.discount = Premia_Billing_V1_Discount(grant, of: after) }
        $0.change = Premia_Common_V1_Money(Money(cents: cents, after.currency))
        $0.dryRun = dryRun
      }
    }
    return try await perform(method, request, dryRun: dryRun, deed)
  }

  /// - Throws: where it is no code.
  private static func code(_ text: String) throws(Problem) -> String {
    let isCode = text.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    guard isCode, (1...32).contains(text.utf8.count) else {
      throw .field("code", "is '\(text)'; it is up to 32 capital letters, digits and hyphens")
    }
    return text
  }

  private static func require(reason: String) throws(Problem) {
    guard !reason.isEmpty else { throw .field("reason", "is missing; say why") }
  }
}

extension Campaign.State {
  fileprivate init(_ row: Row) {
    var cells = CellReader(row.text("terms"))
    guard let discount = try? Discount(from: &cells) else {
      preconditionFailure("the stored terms of \(row.text("code")) are '\(row.text("terms"))'")
    }
    self.init(
      terms: Campaign.Terms(discount: discount, currency: Currency(row.text("currency"))),
      isClosed: row.integer("closed") != 0, accounts: row.integer("accounts"),
      committedCents: row.integer("committed_cents"))
  }
}
