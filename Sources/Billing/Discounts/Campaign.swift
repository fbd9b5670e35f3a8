// A discount for many accounts, with a budget that they share.
//
// An account takes part of the budget when it joins: what the discount takes off its bills in all, on what it is billed
// as things stand. When those change, the account asks for more or gives back (`Unit.squareCampaigns`); what it gives
// back is there for others. So what is taken is never above what is held ready, and that never above the budget,
// however many join at once: the campaign is a stream like any other, and two that take the same cents cannot both win.

import Kernel
import Runtime

enum Campaign: Aggregate {
  struct Terms: Hashable, Sendable, Codable {
    /// Its budget is that of all accounts together.
    let discount: Discount
    /// Of its amounts; nil where it has none.
    let currency: Currency?
  }

  struct State: Hashable, Sendable, Codable {
    /// Nil before it is opened.
    var terms: Terms?
    var isClosed = false
    var accounts: Int64 = 0
    /// Held ready for the accounts.
    var committedCents: Int64 = 0

    /// Of the budget; nil where there is none.
    var leftCents: Int64? { terms?.discount.budgetCents.map { $0 - committedCents } }
  }

  enum Command: Hashable, Sendable {
    case open(Terms, reason: String)
    case join(ID<AccountTag>)
    /// Holds more ready for an account, or less where it is negative; no more than is left.
    case commit(Int64, for: ID<AccountTag>)
    case close(code: String, reason: String)
  }

  enum Event: Hashable, Sendable, Codable {
    case opened(Terms, reason: String)
    case joined(ID<AccountTag>)
    case committed(Int64, for: ID<AccountTag>)
    case closed(reason: String)
  }

  enum Refusal: Error, Hashable, Sendable {
    case known(String)
    case unknown(String)
    case endless(String)
    case closed(String)
    case spent(String)
  }

  static let kind = "campaign"
  static let initial = State()

  static func stream(_ code: String) -> StreamID { StreamID("campaign/\(code)") }

  static func name(of event: Event) -> String {
    switch event {
    case .opened: "campaignOpened"
    case .joined: "campaignJoined"
    case .committed: "budgetCommitted"
    case .closed: "campaignClosed"
    }
  }

  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .open(let terms, let reason):
      let discount = terms.discount
      guard state.terms == nil else { throw .known(discount.name) }
      // Otherwise nobody could say what an account takes in all.
      guard discount.budgetCents == nil || discount.periods != nil || discount.scope.to != nil else {
        throw .endless(discount.name)
      }
      return [.opened(terms, reason: reason)]
    case .join(let account):
      guard let terms = state.terms else { preconditionFailure("\(account) joins a campaign that is not there") }
      guard !state.isClosed else { throw .closed(terms.discount.name) }
      guard state.leftCents != 0 else { throw .spent(terms.discount.name) }
      return [.joined(account)]
    case .commit(let cents, let account):
      let given = max(-state.committedCents, min(cents, state.leftCents ?? cents))
      return given == 0 ? [] : [.committed(given, for: account)]
    case .close(let code, let reason):
      guard state.terms != nil else { throw .unknown(code) }
      guard !state.isClosed else { throw .closed(code) }
      return [.closed(reason: reason)]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .opened(let terms, _): state.terms = terms
    case .joined: state.accounts += 1
    case .committed(let cents, _): state.committedCents += cents
    case .closed: state.isClosed = true
    }
    return state
  }

  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let terms = state.terms else { return [] }
    var cells = CellWriter()
    terms.discount.write(to: &cells)
    return [
      .put(
        BillingTables.campaigns,
        [
          .text(terms.discount.name), .text(cells.text), Value(terms.currency?.code), .integer(state.committedCents),
          Value(state.leftCents), .integer(state.accounts), state.isClosed ? 1 : 0,
        ])
    ]
  }
}

extension Unit {
  /// Takes an account into a campaign: its discount is granted, with nothing of the budget yet.
  ///
  /// - Parameter day: on which it begins to hold, where the campaign has begun.
  mutating func join(_ account: StreamID, _ code: String, from day: CalendarDate, reason: String) async throws {
    guard let terms = try await state(of: Campaign.self, Campaign.stream(code)).terms else {
      throw Campaign.Refusal.unknown(code)
    }
    let id = try await state(of: Account.self, account).account
    try await decide(Campaign.self, Campaign.stream(code), .join(id))
    var discount = terms.discount
    let from = max(day, discount.scope.from ?? day)
    if let to = discount.scope.to, to <= from { throw Campaign.Refusal.closed(code) }
    discount.scope.from = from
    if discount.budgetCents != nil { discount.budgetCents = 0 }
    let grant = Grant(discount, isOfCampaign: true)
    try await decide(
      Account.self, account, .discount(.grant(grant, currency: terms.currency, reason: reason), on: today))
  }

  /// Bills what a policy now costs. What its campaigns hold ready covers it before and fits it afterwards.
  mutating func bill(_ account: StreamID, _ timeline: BillingTimeline, _ command: Account.Command) async throws {
    try await squareCampaigns(of: account, before: timeline)
    try await decide(Account.self, account, command)
    try await squareCampaigns(of: account)
  }

  /// Asks campaigns for what the account's discounts take above what is held ready for it, and gives back what they do
  /// not take.
  ///
  /// - Parameter next: what the policy is about to cost; until it does, nothing is given back that it will take.
  mutating func squareCampaigns(of account: StreamID, before next: BillingTimeline? = nil) async throws {
    var state = try await state(of: Account.self, account)
    for code in state.pricing.grants.filter({ $0.heldCents != nil }).map(\.code) {
      guard let grant = state.pricing.grant(code), let held = grant.heldCents else { continue }
      var claim = state.pricing.claimCents(of: grant, in: state.timeline.bare)
      if let next {
        let rest = next.starting(on: state.closed.through)
        claim = max(claim, state.pricing.claimCents(of: grant, in: rest))
      }
      guard claim != held else { continue }
      let stream = Campaign.stream(code)
      let before = try await self.state(of: Campaign.self, stream).committedCents
      let after = try await decide(Campaign.self, stream, .commit(claim - held, for: state.account)).committedCents
      guard after != before else { continue }
      let command = Discounting.Command.hold(code: code, cents: held + after - before)
      state = try await decide(Account.self, account, .discount(command, on: today))
    }
  }
}

extension Campaign.Refusal: Refusal {
  var problem: Problem {
    switch self {
    case .known(let code):
      Problem(
        kind: .conflict, code: "billing.campaign_known", detail: "There is a campaign \(code).",
        remedy: "Choose another code; the terms of a campaign do not change.")
    case .unknown(let code):
      Problem(
        kind: .notFound, code: "billing.campaign_unknown", detail: "There is no campaign \(code).",
        remedy: "List the campaigns to find the right one.")
    case .endless(let code):
      Problem(
        kind: .invalid, code: "billing.campaign_endless",
        detail: "The campaign \(code) has a budget, and neither an end nor a number of months.",
        remedy: "Give it one of the two, so that it is known what an account takes in all.")
    case .closed(let code):
      Problem(
        kind: .precondition, code: "billing.campaign_closed", detail: "The campaign \(code) is closed.",
        remedy: "Choose a campaign that is open.")
    case .spent(let code):
      Problem(
        kind: .precondition, code: "billing.campaign_spent",
        detail: "Nothing is left of the budget of the campaign \(code).",
        remedy: "Choose another campaign, or wait until an account gives some back.")
    }
  }
}
