// The rates of a policy's facts, asked of Products: one question for each day on which the price may differ.

import Contracts
import Courier
import GRPCCore
import Kernel

struct Pricing: Sendable {
  let products: any Premia_Products_V1_ProductsService.ClientProtocol

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

  /// The plan of the next term: the one asked for; else the one held, where it is still sold; else the cheapest of
  /// its level (45 CFR 155.335(j) as remembered: the plan, or the one most like it at the same level).
  func plan(after terms: Policy.Terms, from term: CalendarDate, asked: String) async throws -> String {
    if !asked.isEmpty { return asked }
    let held = terms.plans.value(on: term)
    var next = terms
    next.termStarts.append(term)
    let offers = try await offers(next, on: term, plans: [])
    if offers.contains(where: { $0.planID == held }) { return held }
    let level = terms.rate(on: term)?.level
    guard let nearest = offers.filter({ $0.level == level }).min(by: { $0.gross < $1.gross }) else {
      throw Problem(
        kind: .precondition, code: "policy.no_plan_to_renew",
        detail: "\(held) is not sold from \(term) on, and neither is another plan of its level.",
        remedy: "Name a plan for the next term.", fields: ["plan_id": "is needed"])
    }
    return nearest.planID
  }

  /// Rates and ages are those of the term's first day; whoever was added later has the age of that day.
  private func offers(
    _ terms: Policy.Terms, on date: CalendarDate, plans: [String]
  ) async throws -> [Policy.Rate] {
    let (term, place) = (terms.termStart(on: date), terms.places.value(on: date))
    var question = Premia_Products_V1_RateRequest()
    question.planIds = plans
    question.state = terms.state
    question.county = place.county
    question.postalCode = place.postalCode
    question.effectiveDate = term.description
    question.people = terms.covered(on: date).map { member in
      var person = Premia_Products_V1_RatedPerson()
      person.ref = member.person.partyID
      person.birthDate = member.person.birthDate?.description ?? ""
      person.relationship = member.person.relationship.rawValue
      person.tobacco = member.person.tobacco
      person.ageOn = member.from > term ? member.from.description : ""
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
