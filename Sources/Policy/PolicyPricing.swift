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
  /// What was asked for together.
  private var known: [Premia_Products_V1_RateRequest: Premia_Products_V1_RateResponse] = [:]

  init(products: any Premia_Products_V1_ProductsService.ClientProtocol, successors: [String: String]? = nil) {
    self.products = products
    self.successors = successors
  }

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

  /// With the rates of many policies, asked for together. Those that Products refuses are asked for again, each by
  /// itself, where they are needed.
  func informed(about terms: [(terms: Policy.Terms, from: CalendarDate)]) async throws(Problem) -> Pricing {
    var questions: [Premia_Products_V1_RateRequest] = []
    for (terms, start) in terms { questions += Self.questions(of: terms, from: start) }
    var informed = self
    for start in stride(from: 0, to: questions.count, by: Self.mostQuestions) {
      let together = Array(questions[start..<min(start + Self.mostQuestions, questions.count)])
      let request = Premia_Products_V1_RateAllRequest.with { $0.questions = together }
      let response = try await ask { try await products.rateAll(request, options: .bounded) }
      for (question, answer) in zip(together, response.answers) where answer.prices(question) {
        informed.known[question] = answer.rates
      }
    }
    return informed
  }

  private static let mostQuestions = 500

  private static func questions(
    of terms: Policy.Terms, from start: CalendarDate
  ) -> [Premia_Products_V1_RateRequest] {
    terms.priceDates(from: start).flatMap { questions(of: terms, on: $0) }
  }

  /// For the plan of a day, and for its add-ons, each as of its own rate date; the plan's comes first.
  private static func questions(
    of terms: Policy.Terms, on date: CalendarDate
  ) -> [Premia_Products_V1_RateRequest] {
    let (plan, held, rateDate) = (terms.plans.value(on: date), terms.addOns(on: date), terms.rateDate(on: date))
    let dates = held.map { terms.rateDate(of: $0, on: date) }
    return ([rateDate] + Set(dates).subtracting([rateDate]).sorted()).map { day in
      let addOns = zip(held, dates).filter { $1 == day }.map(\.0.planID)
      return question(terms, on: date, rateDate: day, plans: [plan], addOns: addOns)
    }
  }

  /// The rate of the plan of a day and of its add-ons.
  private func rate(of terms: Policy.Terms, on date: CalendarDate) async throws -> Policy.Rate {
    let (plan, held) = (terms.plans.value(on: date), terms.addOns(on: date))
    var answers: [Premia_Products_V1_RateResponse] = []
    for question in Self.questions(of: terms, on: date) { answers.append(try await answer(question)) }
    guard let offer = answers[0].offers.first(where: { $0.planID == plan }) else {
      throw Problem.field("plan_id", "is \(plan), for which there is no price on \(date)")
    }
    let offers = answers.flatMap(\.addOns)
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
    guard let next = try repriced(wish, of: state, on: today) else { return .endorse(wish, rates: [], on: today) }
    return .endorse(wish, rates: try await rates(of: next.terms, from: next.from), on: today)
  }

  /// The terms that a wish would lead to, and from when they are to be rated; nil where nothing is.
  func repriced(
    _ wish: Policy.Wish, of state: Policy.State, on today: CalendarDate
  ) throws(Policy.Refusal) -> (terms: Policy.Terms, from: CalendarDate)? {
    guard let held = state.held, Policy.allows(.endorse, in: state.stage) else { return nil }
    let endorsement = try Policy.Endorsement(wish, of: held, on: today)
    guard wish.change.reprices, !held.terms.losesSubscriber(by: wish) else { return nil }
    var next = held.terms
    try next.check(endorsement)
    next.make(endorsement)
    return (next, endorsement.effective)
  }

  /// The terms of a renewal that goes on with all that is held, and from when they are to be rated; nil where none can
  /// be decided.
  func goingOn(
    _ state: Policy.State, reason: String, on today: CalendarDate
  ) throws(Policy.Refusal) -> (terms: Policy.Terms, from: CalendarDate)? {
    guard let held = state.held, Policy.allows(.renew, in: state.stage) else { return nil }
    var renewal = try Policy.renewal(of: held, plan: "", reason: reason, on: today)
    renewal.plan = held.terms.plans.value(on: renewal.from)
    var next = held.terms
    next.make(renewal)
    return (next, renewal.from)
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
    // What is known to have a price is sold, and goes on.
    if asked.isEmpty, let next = try goingOn(state, reason: reason, on: today),
      Self.questions(of: next.terms, from: next.from).allSatisfy({ known[$0] != nil })
    {
      let rates = try await rates(of: next.terms, from: next.from)
      return .renew(plan: next.terms.plans.value(on: next.from), rates: rates, reason: reason, on: today)
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
    let offers = try await answer(Self.question(next, on: term, rateDate: term)).offers
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
    let question = Self.question(next, on: term, rateDate: term, plans: [plan], withAddOns: true)
    let onSale = try await answer(question).addOns
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
  private static func question(
    _ terms: Policy.Terms, on date: CalendarDate, rateDate: CalendarDate, plans: [String] = [],
    addOns: [String] = [], withAddOns: Bool = false
  ) -> Premia_Products_V1_RateRequest {
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
    return question
  }

  private func answer(
    _ question: Premia_Products_V1_RateRequest
  ) async throws(Problem) -> Premia_Products_V1_RateResponse {
    if let answer = known[question] { return answer }
    return try await ask { try await products.rate(question, options: .bounded) }
  }
}

extension Premia_Products_V1_RateAnswer {
  /// Whether all that was asked for has a price.
  fileprivate func prices(_ question: Premia_Products_V1_RateRequest) -> Bool {
    hasRates && question.planIds.allSatisfy { plan in rates.offers.contains { $0.planID == plan } }
      && question.addOnIds.allSatisfy { addOn in rates.addOns.contains { $0.planID == addOn } }
  }
}

extension Policy.Rate {
  fileprivate init(_ offer: Premia_Products_V1_Offer) throws(Problem) {
    self.init(
      planID: offer.planID, planName: offer.planName, level: offer.level.rawValue, ratingArea: offer.ratingArea,
      gross: try offer.monthly.money("offer.monthly"), rules: offer.rules)
  }
}
