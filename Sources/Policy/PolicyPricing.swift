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
      let plan = terms.plans.value(on: date)
      guard let rate = try await offers(terms, on: date, plans: [plan]).first(where: { $0.planID == plan }) else {
        throw Problem.field("plan_id", "is \(plan), for which there is no price on \(date)")
      }
      spans.append(Policy.RatedSpan(from: date, to: index + 1 < dates.count ? dates[index + 1] : nil, rate: rate))
    }
    return spans
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
    var next = held.terms
    next.make(try Policy.renewal(of: held, plan: plan, reason: reason, on: today))
    return .renew(plan: plan, rates: try await rates(of: next, from: window.from), reason: reason, on: today)
  }

  /// The plan of the next term: the one asked for; else the one held, where it is still sold; else the one that
  /// continues it; else the cheapest of its level (45 CFR 155.335(j) as remembered: the plan, or the one most like it
  /// at the same level).
  private func plan(after terms: Policy.Terms, from term: CalendarDate, asked: String) async throws -> String {
    if !asked.isEmpty { return asked }
    let held = terms.plans.value(on: term)
    var next = terms
    next.termStarts.append(term)
    let offers = try await offers(next, on: term, plans: [])
    if offers.contains(where: { $0.planID == held }) { return held }
    let continued = if let successors { successors } else { try await plansByPredecessor(on: term) }
    if let successor = continued[held], offers.contains(where: { $0.planID == successor }) { return successor }
    let level = terms.rate(on: term)?.level
    guard let nearest = offers.filter({ $0.level == level }).min(by: { $0.gross < $1.gross }) else {
      throw Problem(
        kind: .precondition, code: "policy.no_plan_to_renew",
        detail: "\(held) is not sold from \(term) on, and neither is another plan of its level.",
        remedy: "Name a plan for the next term.", fields: ["plan_id": "is needed"])
    }
    return nearest.planID
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
  private func offers(
    _ terms: Policy.Terms, on date: CalendarDate, plans: [String]
  ) async throws -> [Policy.Rate] {
    let (term, place) = (terms.termStart(on: date), terms.places.value(on: date))
    let rateDate = terms.rateDate(on: date)
    var question = Premia_Products_V1_RateRequest()
    question.planIds = plans
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
    let answer = try await ask { [question] in try await products.rate(question, options: .bounded) }
    var rates: [Policy.Rate] = []
    for offer in answer.offers {
      rates.append(
        Policy.Rate(
          planID: offer.planID, planName: offer.planName, level: offer.level.rawValue, ratingArea: offer.ratingArea,
          gross: try offer.monthly.money("offer.monthly"), rules: offer.rules))
    }
    return rates
  }
}
