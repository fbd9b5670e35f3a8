// Bulk runs over the policies in force: renewals, and the rates of a new edition of a plan. What is asked of one policy
// is what a person could ask of it; a refusal that says there is nothing to do leaves it, any other parks it.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import SwiftProtobuf

/// Renews policies into the term of the next January 1.
struct RenewalRun: BulkWork {
  typealias Subject = Policy

  let term: CalendarDate
  private var pricing: Pricing
  private static let reason = "renewal_run"

  /// Asks once which plans continue others.
  init(on today: CalendarDate, products: any Premia_Products_V1_ProductsService.ClientProtocol) async throws {
    term = today.adding(months: 13 - today.month).firstOfMonth
    let asking = Pricing(products: products)
    pricing = Pricing(products: products, successors: try await asking.plansByPredecessor(on: term))
  }

  var run: StreamID { StreamID("renewal-\(term)") }

  /// The end is set: the holder wants no other term, or something else ends it. The term is decided: by hand, by open
  /// enrolment, by an earlier pass. The days to decide it are not yet, or no more.
  private static let answers: Set<String> = [
    "policy.already_ending", "policy.already_renewed", "policy.not_in_force", "policy.outside_renewal",
  ]

  func page(after: String, limit: Int, in store: any Store) async throws(StoreFailure) -> [StreamID] {
    try await PolicyBook.page(after: after, limit: limit, in: store)
  }

  func count(in store: any Store) async throws(StoreFailure) -> Int64 { try await PolicyBook.count(in: store) }

  /// Nearly all go on with what they hold: one question about all of them answers for most.
  func informed(about states: [Policy.State], on today: CalendarDate) async throws -> Self {
    var work = self
    let next = states.compactMap { state in try? pricing.goingOn(state, reason: Self.reason, on: today) }
    work.pricing = try await pricing.informed(about: next)
    return work
  }

  func step(for state: Policy.State, on today: CalendarDate) async throws -> BulkStep<Policy.Command> {
    try await Policy.step(in: state, leaving: Self.answers) {
      try await pricing.renewal(of: state, asked: "", reason: Self.reason, on: today)
    }
  }

  /// The last day of this term against the first of the next.
  func total(from before: Policy.State, to after: Policy.State) -> BulkRun.Total {
    BulkRun.Total(before, on: term.adding(days: -1), after, on: term)
  }
}

/// Takes the rates of a new edition of a plan, or add-on, to the policies that hold it: at once, from the next month,
/// or only to those whose next term was priced before the edition was published. All others have the new rates when
/// they are renewed, and are counted so.
struct RatesRun: BulkWork {
  typealias Subject = Policy

  let plan: String
  let state: String
  /// The edition's first day.
  let from: CalendarDate
  let change: RateChange
  private var pricing: Pricing

  /// - Parameter asked: from when the rates hold, in the words of who asks; empty leaves it to the plan's file.
  /// - Throws: `Problem` where no edition of the plan begins on the day; where nobody says from when the rates hold;
  ///   where the plan's file says otherwise.
  init(
    plan: String, from: CalendarDate, asked: Premia_Products_V1_RateChange,
    products: any Premia_Products_V1_ProductsService.ClientProtocol
  ) async throws {
    let question = Premia_Products_V1_GetPlanRequest.with {
      $0.planID = plan
      $0.on = from.description
    }
    let edition = try await ask { try await products.getPlan(question, options: .bounded) }
    guard edition.effectiveFrom == from.description else {
      throw Problem.field(
        "from", "is \(from), but the edition of \(plan) that is in force then begins on \(edition.effectiveFrom)")
    }
    self.plan = plan
    state = edition.state
    self.from = from
    change = try RateChange(asked: asked, filed: edition.rateChange, plan: plan)
    pricing = Pricing(products: products)
  }

  var run: StreamID { StreamID("rates-\(plan)-\(from)") }

  /// Other rates come to nothing here: the policy ends before, costs the same, or keeps its rates for the term.
  private static let answers: Set<String> = [
    "policy.after_end", "policy.not_in_force", "policy.nothing_changes", "policy.other_plan", "policy.rates_fixed",
  ]
  /// The next renewal takes the rates of its own first day.
  static let nextTerm = "policy.rates_at_next_term"

  func page(after: String, limit: Int, in store: any Store) async throws(StoreFailure) -> [StreamID] {
    try await PolicyBook.page(of: state, after: after, limit: limit, in: store)
  }

  func count(in store: any Store) async throws(StoreFailure) -> Int64 {
    try await PolicyBook.count(of: state, in: store)
  }

  func informed(about states: [Policy.State], on today: CalendarDate) async throws -> Self {
    var work = self
    let next = states.compactMap { state in
      wish(for: state).flatMap { try? pricing.repriced($0, of: state, on: today) }
    }
    work.pricing = try await pricing.informed(about: next)
    return work
  }

  func step(for state: Policy.State, on today: CalendarDate) async throws -> BulkStep<Policy.Command> {
    guard let terms = state.terms else { return .leave("policy.not_in_force") }
    guard let wish = wish(for: state) else {
      let isNextTerms = effective(for: terms) == nil && terms.holds(plan, on: from)
      return .leave(isNextTerms ? Self.nextTerm : "policy.other_plan")
    }
    return try await Policy.step(in: state, leaving: Self.answers) {
      try await pricing.endorsement(wish, of: state, on: today)
    }
  }

  /// Nil where the policy does not hold the plan on the day from which it would have the rates: most policies of a
  /// state are on other plans.
  private func wish(for state: Policy.State) -> Policy.Wish? {
    guard let terms = state.terms, let effective = effective(for: terms), terms.holds(plan, on: effective) else {
      return nil
    }
    return Policy.Wish(change: .adoptRates(plan: plan), reason: .rateChange, event: nil, effective: effective)
  }

  func total(from before: Policy.State, to after: Policy.State) -> BulkRun.Total {
    let day = before.terms.flatMap(effective(for:)) ?? from
    return BulkRun.Total(before, on: day, after, on: day)
  }

  /// The day from which a policy has the rates; nil where its next term is still to be priced.
  private func effective(for terms: Policy.Terms) -> CalendarDate? {
    switch change {
    case .immediate: max(from, terms.effectiveDate)
    case .nextPeriod: max(from.day == 1 ? from : from.firstOfNextMonth, terms.effectiveDate)
    case .nextTerm: terms.termStarts.first { $0 >= from }
    }
  }
}

/// From when the rates of a new edition hold for policies whose term has begun.
enum RateChange: String {
  case immediate
  /// From the first month that begins on the edition's first day or behind it.
  case nextPeriod = "next_period"
  /// At renewal.
  case nextTerm = "next_term"

  /// - Parameter filed: what the plan's file says.
  /// - Throws: `Problem` where neither says, or one other than the other.
  init(
    asked: Premia_Products_V1_RateChange, filed: Premia_Products_V1_RateChange, plan: String
  ) throws(Problem) {
    let words = [Self.immediate, .nextPeriod, .nextTerm].map(\.rawValue).joined(separator: ", ")
    switch (Self(asked), Self(filed)) {
    case (let asked?, let filed?) where asked != filed:
      throw .field("rate_change", "is \(asked.rawValue); the file of \(plan) says \(filed.rawValue)")
    case (let said?, _), (nil, let said?): self = said
    case (nil, nil):
      throw .field("rate_change", "is missing, and the file of \(plan) does not say either; it is one of \(words)")
    }
  }

  private init?(_ word: Premia_Products_V1_RateChange) {
    switch word {
    case .immediate: self = .immediate
    case .nextPeriod: self = .nextPeriod
    case .nextTerm: self = .nextTerm
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}

extension Policy {
  /// The command that a run gives to a policy, tried on the policy as it is.
  ///
  /// - Parameter answers: codes of refusals that say there is nothing to do.
  fileprivate static func step(
    in state: State, leaving answers: Set<String>, _ command: () async throws -> Command
  ) async throws -> BulkStep<Command> {
    do {
      let command = try await command()
      _ = try decide(command, in: state)
      return .give(command)
    } catch let refusal as Refusal where answers.contains(refusal.problem.code) {
      return .leave(refusal.problem.code)
    }
  }
}

/// The policies that a run asks: those in force, in the order of their identifiers.
private enum PolicyBook {
  static let statuses: Set<String> = ["active", "paused"]

  /// - Parameter state: nil is every state.
  static func page(
    of state: String? = nil, after: String, limit: Int, in store: any Store
  ) async throws(StoreFailure) -> [StreamID] {
    var query = Query(
      PolicyTables.policies, where: matching(state), after: after.isEmpty ? nil : [.text(after)], limit: limit)
    while true {
      let rows = try await store.rows(query)
      let inForce = rows.filter { statuses.contains($0.text("status")) }.map { StreamID($0.text("policy_id")) }
      // An empty page ends the run: pages of policies that have ended are passed over.
      guard inForce.isEmpty, rows.count == limit, let last = rows.last else { return inForce }
      query.after = last.key
    }
  }

  static func count(of state: String? = nil, in store: any Store) async throws(StoreFailure) -> Int64 {
    let tallies = try await store.tally(PolicyTables.policies, by: ["status"], sums: [], where: matching(state))
    var count: Int64 = 0
    for tally in tallies {
      if case .text(let status) = tally.group[0], statuses.contains(status) { count += tally.count }
    }
    return count
  }

  private static func matching(_ state: String?) -> [(column: String, value: Value)] {
    state.map { [("state", .text($0))] } ?? []
  }
}

extension BulkRun.Total {
  /// What a month costs with its add-ons, before the tax credit, by state and the level that the policy has then.
  fileprivate init(
    _ before: Policy.State, on day: CalendarDate, _ after: Policy.State, on later: CalendarDate
  ) {
    guard let old = before.terms, let new = after.terms else {
      preconditionFailure("a run changes policies that are there")
    }
    let rate = new.rate(on: later)
    self.init(
      state: new.state, level: rate.flatMap { Premia_Products_V1_Level(rawValue: $0.level)?.word } ?? "",
      beforeCents: old.rate(on: day)?.monthlyCents ?? 0,
      afterCents: rate?.monthlyCents ?? 0)
  }
}

extension Policy.Rate {
  fileprivate var monthlyCents: Int64 { addOns.reduce(gross.cents) { $0 + $1.price.monthly.cents } }
}
