// The rates of a policy's facts, asked of Products: one question for each day on which the price may differ.

import Contracts
import Courier
import GRPCCore
import Kernel
import SwiftProtobuf

struct Pricing: Sendable {
  let products: any Premia_Products_V1_ProductsService.ClientProtocol
  /// By plan: the one that its policies renew into where it is sold no more. Bulk work asks once; nil asks each time.
  var successors: [String: String]?

  /// The rates from a day on, for each price date.
  func rates(of terms: Policy.Terms, from start: CalendarDate) async throws -> [Policy.RatedSpan] {
    let dates = terms.priceDates(from: start)
    var spans: [Policy.RatedSpan] = []
    for (index, date) in dates.enumerated() {
      let rate = try await rate(of: terms, on: date)
      spans.append(Policy.RatedSpan(from: date, to: index + 1 < dates.count ? dates[index + 1] : nil, rate: rate))
    }
    return spans
  }

  /// The rate of the plan of a day and of its add-ons, each as of its own rate date.
  private func rate(of terms: Policy.Terms, on date: CalendarDate) async throws -> Policy.Rate {
    let (plan, held, rateDate) = (terms.plans.value(on: date), terms.addOns(on: date), terms.rateDate(on: date))
    let dates = held.map { terms.rateDate(of: $0, on: date) }
    func addOns(of day: CalendarDate) -> [String] { zip(held, dates).filter { $1 == day }.map(\.0.planID) }
    let answer = try await answer(terms, on: date, rateDate: rateDate, plans: [plan], addOns: addOns(of: rateDate))
    guard let offer = answer.offers.first(where: { $0.planID == plan }) else {
      throw Problem.field("plan_id", "is \(plan), for which there is no price on \(date)")
    }
    var offers = answer.addOns
    for other in Set(dates).subtracting([rateDate]).sorted() {
      offers += try await self.answer(terms, on: date, rateDate: other, plans: [plan], addOns: addOns(of: other)).addOns
    }
    var rate = try Policy.Rate(offer)
    for addOn in held {
      guard let offer = offers.first(where: { $0.planID == addOn.planID }) else {
        throw Problem.field("plan_id", "is \(addOn.planID), for which there is no price on \(date)")
      }
      rate.addOns.append(try Policy.AddOnRate(offer))
    }
    return rate
  }

  /// The command that a wish becomes. The rules decide first; rates are asked for only where they would agree.
  func endorsement(
    _ wish: Policy.Wish, of state: Policy.State, on today: CalendarDate
  ) async throws -> Policy.Command {
    guard let held = state.held, Policy.allows(.endorse, in: state.stage) else {
      return .endorse(wish, rates: [], on: today)
    }
    let endorsement = try Policy.Endorsement(wish, of: held, on: today)
    guard wish.change.reprices, !held.terms.losesSubscriber(by: wish) else {
      return .endorse(wish, rates: [], on: today)
    }
    var next = held.terms
    try next.check(endorsement)
    next.make(endorsement)
    return .endorse(wish, rates: try await rates(of: next, from: endorsement.effective), on: today)
  }

  /// The command that renews a policy.
  ///
  /// - Parameter asked: the plan of the next term; empty leaves it to the rule.
  func renewal(
    of state: Policy.State, asked: String, reason: String, on today: CalendarDate
  ) async throws -> Policy.Command {
    guard let held = state.held, Policy.allows(.renew, in: state.stage) else {
      return .renew(plan: asked, rates: [], reason: reason, on: today)
    }
    let window = try Policy.renewal(of: held, plan: asked, reason: reason, on: today)
    let plan = try await plan(after: held.terms, from: window.from, asked: asked)
    let addOns = try await addOns(after: held.terms, from: window.from, beside: plan)
    var next = held.terms
    next.make(try Policy.renewal(of: held, plan: plan, addOns, reason: reason, on: today))
    return .renew(
      plan: plan, addOns: addOns, rates: try await rates(of: next, from: window.from), reason: reason, on: today)
  }

  /// The plan of the next term: the one asked for; else the one held, where it is still sold; else the one that
  /// continues it; else the cheapest of its level (45 CFR 155.335(j) as remembered: the plan, or the one most like it
  /// at the same level).
  private func plan(after terms: Policy.Terms, from term: CalendarDate, asked: String) async throws -> String {
    if !asked.isEmpty { return asked }
    let held = terms.plans.value(on: term)
    var next = terms
    next.termStarts.append(term)
    let offers = try await answer(next, on: term, rateDate: term).offers
    if offers.contains(where: { $0.planID == held }) { return held }
    if let successor = try await plan(continuing: held, on: term), offers.contains(where: { $0.planID == successor }) {
      return successor
    }
    let level = terms.rate(on: term)?.level
    let alike = offers.filter { $0.level.rawValue == level }
    guard let nearest = alike.min(by: { $0.monthly.cents < $1.monthly.cents }) else {
      throw Problem(
        kind: .precondition, code: "policy.no_plan_to_renew",
        detail: "\(held) is not sold from \(term) on, and neither is another plan of its level.",
        remedy: "Name a plan for the next term.", fields: ["plan_id": "is needed"])
    }
    return nearest.planID
  }

  /// The add-ons of the next term that are not those of this one: each goes on where it is sold beside the plan; else
  /// the one that continues it takes its place; else it is dropped, and the holder is told why.
  private func addOns(
    after terms: Policy.Terms, from term: CalendarDate, beside plan: String
  ) async throws -> [Policy.AddOnRenewal] {
    let held = terms.addOns(on: term)
    guard !held.isEmpty else { return [] }
    var next = terms
    next.termStarts.append(term)
    let onSale = try await answer(next, on: term, rateDate: term, plans: [plan], withAddOns: true).addOns
    let sold = onSale.filter { $0.beside.contains(plan) }
    var renewals: [Policy.AddOnRenewal] = []
    for addOn in held where !sold.contains(where: { $0.planID == addOn.planID }) {
      let successor = try await self.plan(continuing: addOn.planID, on: term)
      let offer = sold.first { offer in offer.planID == successor && !held.contains { $0.planID == offer.planID } }
      let rates = terms.rates[term]?.addOns ?? []
      let name = rates.first { $0.price.planID == addOn.planID }?.price.planName
      renewals.append(
        Policy.AddOnRenewal(
          planID: addOn.planID, planName: name ?? addOn.planID, next: offer?.planID, nextName: offer?.planName,
          reason: try await isSold(addOn.planID, in: terms.state, on: term) ? .notSoldBeside : .notSold))
    }
    return renewals
  }

  private func isSold(_ plan: String, in state: String, on date: CalendarDate) async throws -> Bool {
    let request = Premia_Products_V1_ListPlansRequest.with {
      $0.state = state
      $0.on = date.description
    }
    return try await ask { try await products.listPlans(request, options: .bounded) }.plans.contains {
      $0.planID == plan
    }
  }

  private func plan(continuing plan: String, on date: CalendarDate) async throws -> String? {
    let successors = if let successors { successors } else { try await plansByPredecessor(on: date) }
    return successors[plan]
  }

  /// The plans on sale on a day by those that they continue.
  func plansByPredecessor(on date: CalendarDate) async throws -> [String: String] {
    let request = Premia_Products_V1_ListPlansRequest.with { $0.on = date.description }
    let answer = try await ask { try await products.listPlans(request, options: .bounded) }
    var successors: [String: String] = [:]
    for plan in answer.plans {
      for held in plan.continues { successors[held] = plan.planID }
    }
    return successors
  }

  /// Ages are those of the term's first day, and so are rates unless later ones were adopted; whoever was added later
  /// has the age of that day.
  ///
  /// - Parameter plans: none means all on sale.
  private func answer(
    _ terms: Policy.Terms, on date: CalendarDate, rateDate: CalendarDate, plans: [String] = [],
    addOns: [String] = [], withAddOns: Bool = false
  ) async throws -> Premia_Products_V1_RateResponse {
    let (term, place) = (terms.termStart(on: date), terms.places.value(on: date))
    var question = Premia_Products_V1_RateRequest()
    question.planIds = plans
    question.addOnIds = addOns
    question.withAddOns = withAddOns
    question.state = terms.state
    question.county = place.county
    question.postalCode = place.postalCode
    question.effectiveDate = rateDate.description
    question.people = terms.covered(on: date).map { member in
      var person = Premia_Products_V1_RatedPerson()
      person.ref = member.person.partyID
      person.birthDate = member.person.birthDate?.description ?? ""
      person.relationship = member.person.relationship.rawValue
      person.tobacco = member.person.tobacco
      let ageDate = max(member.from, term)
      person.ageOn = ageDate == rateDate ? "" : ageDate.description
      return person
    }
    return try await ask { [question] in try await products.rate(question, options: .bounded) }
  }
}

extension Policy.Rate {
  fileprivate init(_ offer: Premia_Products_V1_Offer) throws(Problem) {
    self.init(
      planID: offer.planID, planName: offer.planName, level: offer.level.rawValue, ratingArea: offer.ratingArea,
      gross: try offer.monthly.money("offer.monthly"), rules: offer.rules)
  }
}
