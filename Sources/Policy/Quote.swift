// A quote: what plans on sale would cost a household from a date. It becomes at most one policy.

import Contracts
package import Kernel
package import Runtime

package enum QuoteTag: IDTag {
  package static let prefix = "quo"
}

package enum Quote: Aggregate {
  package static let kind = "quote"
  /// Days after issue on which a quote can still be applied for.
  package static let validDays = 30

  package struct Person: Hashable, Sendable, Codable {
    package let ref: String
    package let birthDate: CalendarDate?
    package let relationship: String
    package let tobacco: Bool
  }

  package struct Household: Hashable, Sendable, Codable {
    package let state: String
    package let county: String
    package let postalCode: String
    package let people: [Person]
  }

  package struct Offer: Hashable, Sendable, Codable {
    package let planID: String
    package let planName: String
    package let level: Int
    package let monthly: Money
    package let ratingArea: String
    package let rules: [String]
  }

  /// A dental or vision plan that can be chosen beside some of the plans.
  package struct AddOn: Hashable, Sendable, Codable {
    package let rate: Policy.AddOnRate
    /// The plans of the quote beside which it is sold.
    package let beside: [String]
  }

  package struct Terms: Hashable, Sendable, Codable {
    package let household: Household
    package let effectiveDate: CalendarDate
    package let aptc: Money
    package let offers: [Offer]
    package var addOns: [AddOn] = []
    package let issuedOn: CalendarDate
    package var validThrough: CalendarDate { issuedOn.adding(days: Quote.validDays) }
  }

  package enum State: Hashable, Sendable, Codable {
    case none
    case open(Terms)
    case taken(Terms, policy: String)
  }

  package enum Command: Sendable {
    case issue(Terms)
    case take(plan: String, policy: String, on: CalendarDate)
  }

  package enum Event: Hashable, Sendable, Codable {
    case issued(Terms)
    case taken(policy: String)
  }

  package enum Refusal: Kernel.Refusal, Hashable {
    case nothingOnSale
    case negativeSubsidy
    case alreadyIssued
    case unknown
    case taken(policy: String)
    case expired(on: CalendarDate)
    case planNotOffered(String, offered: [String])
    case addOnNotOffered(String, beside: String, offered: [String])
    case tooFarBack(CalendarDate, earliest: CalendarDate, rule: String)
    case tooFarAhead(CalendarDate, latest: CalendarDate, rule: String)
  }

  package static var initial: State { .none }

  package static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch (command, state) {
    case (.issue(let terms), .none):
      if terms.offers.isEmpty { throw .nothingOnSale }
      if terms.aptc.isNegative { throw .negativeSubsidy }
      try terms.checkEffectiveDate(on: terms.issuedOn)
      return [.issued(terms)]
    case (.issue, .open), (.issue, .taken):
      throw .alreadyIssued
    case (.take, .none):
      throw .unknown
    case (.take, .taken(_, let policy)):
      throw .taken(policy: policy)
    case (.take(let plan, let policy, let today), .open(let terms)):
      guard today <= terms.validThrough else { throw .expired(on: terms.validThrough) }
      let offered = terms.offers.map(\.planID)
      guard offered.contains(plan) else { throw .planNotOffered(plan, offered: offered) }
      try terms.checkEffectiveDate(on: today)
      return [.taken(policy: policy)]
    }
  }

  package static func evolve(_ state: State, with event: Event) -> State {
    switch (state, event) {
    case (.none, .issued(let terms)): .open(terms)
    case (.open(let terms), .taken(let policy)): .taken(terms, policy: policy)
    case (.none, .taken), (.open, .issued), (.taken, _):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }

  package static func name(of event: Event) -> String {
    switch event {
    case .issued: "issued"
    case .taken: "taken"
    }
  }

  package static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    guard case .issued(let terms) = recorded.event else { return [] }
    var message = Premia_Policy_V1_QuoteIssued()
    message.quoteID = recorded.stream.rawValue
    message.state = terms.household.state
    message.offers = Int32(terms.offers.count)
    return [Publication("Quote.Issued", about: "", message)]
  }
}

extension Quote.Terms {
  /// Whether coverage may still, and already, be bought from that day: each on the day of the quote and on the day of
  /// the application.
  ///
  /// - Throws: the rule that forbids it.
  fileprivate func checkEffectiveDate(on today: CalendarDate) throws(Quote.Refusal) {
    let rules = LifecycleRules.shipped
    let back = rules.figure(.retroactiveEnrollmentLimit, state: household.state, on: today)
    let earliest = today.adding(days: -back.value)
    guard effectiveDate >= earliest else {
      throw .tooFarBack(effectiveDate, earliest: earliest, rule: back.reference)
    }
    let ahead = rules.figure(.advanceLimit, state: household.state, on: today)
    let latest = today.adding(days: ahead.value)
    guard effectiveDate <= latest else { throw .tooFarAhead(effectiveDate, latest: latest, rule: ahead.reference) }
  }
}

extension Quote.Refusal {
  package var problem: Problem {
    switch self {
    case .nothingOnSale:
      Problem(
        kind: .precondition, code: "quote.nothing_on_sale",
        detail: "No plan is on sale for this household on that date.",
        remedy: "Choose another effective date, or check the state, county and postal code.")
    case .negativeSubsidy:
      Problem(
        kind: .invalid, code: "quote.negative_subsidy", detail: "The tax credit is negative.",
        remedy: "Send the monthly tax credit as an amount of zero or more.", fields: ["aptc": "is negative"])
    case .alreadyIssued:
      Problem(
        kind: .conflict, code: "quote.already_issued", detail: "This request has made its quote already.",
        remedy: "Send it with its idempotency key to see the quote, or with a new key for a new one.")
    case .unknown:
      Problem(
        kind: .notFound, code: "quote.unknown", detail: "There is no such quote.", remedy: "Ask for a new quote.")
    case .taken(let policy):
      Problem(
        kind: .conflict, code: "quote.taken", detail: "This quote became the policy \(policy) already.",
        remedy: "Look at that policy, or ask for a new quote.", fields: ["policy_id": policy])
    case .expired(let last):
      Problem(
        kind: .precondition, code: "quote.expired", detail: "The quote could be applied for until \(last).",
        remedy: "Ask for a new quote.")
    case .planNotOffered(let plan, let offered):
      Problem(
        kind: .invalid, code: "quote.plan_not_offered", detail: "The quote does not offer the plan \(plan).",
        remedy: "Choose one of \(offered.joined(separator: ", ")).", fields: ["plan_id": "is not offered"])
    case .addOnNotOffered(let addOn, let plan, let offered):
      Problem(
        kind: .invalid, code: "quote.add_on_not_offered",
        detail: "The quote does not offer the add-on \(addOn) beside the plan \(plan).",
        remedy: offered.isEmpty
          ? "Go without: no add-on is sold beside that plan." : "Choose of \(offered.joined(separator: ", ")).",
        fields: ["add_on_ids": "name \(addOn), which is not offered"])
    case .tooFarBack(let date, let earliest, let rule):
      Problem(
        kind: .precondition, code: "quote.too_far_back",
        detail: "Coverage cannot begin on \(date) any more: the earliest day is \(earliest) (\(rule)).",
        remedy: "Ask for a quote from that day on, or later.", fields: ["effective_date": "is before \(earliest)"])
    case .tooFarAhead(let date, let latest, let rule):
      Problem(
        kind: .precondition, code: "quote.too_far_ahead",
        detail: "Coverage cannot be bought from \(date) on yet: the latest day is \(latest) (\(rule)).",
        remedy: "Ask for a quote from an earlier day on, or wait.", fields: ["effective_date": "is after \(latest)"])
    }
  }
}
