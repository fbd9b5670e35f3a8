// Quotes: prices from Products, kept with the household they were made for.

import Contracts
import Courier
import Kernel
import Runtime

extension Quote.Terms {
  /// Asks Products for the price of the plans that the request names, or of every plan on sale.
  init(
    _ request: Premia_Policy_V1_QuoteRequest, on today: CalendarDate,
    products: any Premia_Products_V1_ProductsService.ClientProtocol
  ) async throws {
    let question = Premia_Products_V1_RateRequest(request)
    try self.init(request, try await ask { try await products.rate(question, options: .bounded) }, on: today)
  }

  /// - Parameter answer: to the request's question.
  init(
    _ request: Premia_Policy_V1_QuoteRequest, _ answer: Premia_Products_V1_RateResponse, on today: CalendarDate
  ) throws(Problem) {
    var offers: [Quote.Offer] = []
    for offer in answer.offers {
      offers.append(
        Quote.Offer(
          planID: offer.planID, planName: offer.planName, level: offer.level.rawValue,
          monthly: try offer.monthly.money("offer.monthly"), ratingArea: offer.ratingArea, rules: offer.rules))
    }
    var addOns: [Quote.AddOn] = []
    for addOn in answer.addOns { addOns.append(Quote.AddOn(rate: try Policy.AddOnRate(addOn), beside: addOn.beside)) }
    var people: [Quote.Person] = []
    for person in request.household.people {
      people.append(
        Quote.Person(
          ref: person.ref, birthDate: try .optional(person.birthDate, field: "household.people.birth_date"),
          relationship: person.relationship, tobacco: person.tobacco))
    }
    self.init(
      household: Quote.Household(
        state: request.household.state, county: request.household.county, postalCode: request.household.postalCode,
        people: people),
      effectiveDate: try CalendarDate(request.effectiveDate, field: "effective_date"),
      aptc: try request.aptc.money("aptc"), offers: offers, addOns: addOns, issuedOn: today)
  }
}

extension Premia_Products_V1_RateRequest {
  init(_ request: Premia_Policy_V1_QuoteRequest) {
    self.init()
    state = request.household.state
    county = request.household.county
    postalCode = request.household.postalCode
    effectiveDate = request.effectiveDate
    people = request.household.people
    planIds = request.planIds
    withAddOns = true
  }
}

extension Policy.Terms {
  /// The terms that follow from a quote, a choice and who is who.
  ///
  /// - Throws: a `Problem` naming the applicant or the plan that does not fit the quote.
  init(_ request: Premia_Policy_V1_ApplyRequest, quote: Quote.Terms, number: String) throws(Problem) {
    var offer: Quote.Offer?
    for candidate in quote.offers where candidate.planID == request.planID { offer = candidate }
    guard let offer else {
      throw Quote.Refusal.planNotOffered(request.planID, offered: quote.offers.map(\.planID)).problem
    }
    var members: [Policy.Member] = []
    for person in quote.household.people {
      guard let index = request.applicants.firstIndex(where: { $0.ref == person.ref }) else {
        throw .field("applicants", "do not say who \(person.ref) of the quote is")
      }
      let applicant = request.applicants[index]
      let party = try ID<PartyTag>(applicant.partyID, field: "applicants[\(index)].party_id")
      guard let relationship = Policy.Relationship(rawValue: person.relationship) else {
        throw .field("household.people.relationship", "is '\(person.relationship)'; it is subscriber, spouse or child")
      }
      let covered = Policy.Person(
        partyID: party.description, relationship: relationship, birthDate: person.birthDate, tobacco: person.tobacco,
        number: applicant.memberNumber.isEmpty ? number : applicant.memberNumber, givenName: applicant.givenName)
      members.append(Policy.Member(person: covered, from: quote.effectiveDate, to: nil))
    }
    let start = quote.effectiveDate
    let addOns = try quote.chosen(request.addOnIds, beside: offer.planID)
    let rate = Policy.Rate(
      planID: offer.planID, planName: offer.planName, level: offer.level, ratingArea: offer.ratingArea,
      gross: offer.monthly, rules: offer.rules, addOns: addOns)
    let place = Policy.Place(county: quote.household.county, postalCode: quote.household.postalCode)
    self.init(
      number: number, state: quote.household.state, effectiveDate: start,
      originalEffectiveDate: try .optional(request.originalEffectiveDate, field: "original_effective_date"),
      channel: request.channel.isEmpty ? .direct : try .named(request.channel, field: "channel"),
      identifiers: request.identifiers.map { .init(system: $0.system, kind: $0.kind, value: $0.value) },
      quotedOn: quote.issuedOn, members: members, plans: Steps(offer.planID, from: start),
      places: Steps(place, from: start), taxCredits: Steps(quote.aptc, from: start),
      termStarts: [start], addOns: addOns.map { Policy.AddOn(planID: $0.price.planID, from: start) },
      rates: Timeline(rate, from: start),
      paymentSchedule: request.hasPaymentSchedule
        ? try Policy.PaymentSchedule(request.paymentSchedule, field: "payment_schedule") : nil)
  }
}

extension Quote.Terms {
  /// The add-ons of an application, in the order of their names.
  ///
  /// - Throws: `Problem` naming the one that is not offered beside the plan.
  fileprivate func chosen(_ names: [String], beside plan: String) throws(Problem) -> [Policy.AddOnRate] {
    let offered = addOns.filter { $0.beside.contains(plan) }.map(\.rate)
    var chosen: [Policy.AddOnRate] = []
    for name in Set(names).sorted() {
      guard let rate = offered.first(where: { $0.price.planID == name }) else {
        throw Quote.Refusal.addOnNotOffered(name, beside: plan, offered: offered.map(\.price.planID)).problem
      }
      chosen.append(rate)
    }
    return chosen
  }
}

extension Premia_Policy_V1_Quote {
  init(_ id: StreamID, _ terms: Quote.Terms) {
    self.init()
    quoteID = id.rawValue
    effectiveDate = terms.effectiveDate.description
    validThrough = terms.validThrough.description
    household.state = terms.household.state
    household.county = terms.household.county
    household.postalCode = terms.household.postalCode
    household.people = terms.household.people.map { person in
      var word = Premia_Products_V1_RatedPerson()
      word.ref = person.ref
      word.birthDate = person.birthDate?.description ?? ""
      word.relationship = person.relationship
      word.tobacco = person.tobacco
      return word
    }
    aptc = Premia_Common_V1_Money(terms.aptc)
    offers = terms.offers.map { offer in
      var word = Premia_Products_V1_Offer()
      word.planID = offer.planID
      word.planName = offer.planName
      word.level = Premia_Products_V1_Level(rawValue: offer.level) ?? .unspecified
      word.monthly = Premia_Common_V1_Money(offer.monthly)
      word.ratingArea = offer.ratingArea
      word.rules = offer.rules
      return word
    }
    addOns = terms.addOns.map { addOn in
      var word = Premia_Products_V1_Offer()
      word.planID = addOn.rate.price.planID
      word.planName = addOn.rate.price.planName
      word.kind = addOn.rate.price.kind.word
      word.monthly = Premia_Common_V1_Money(addOn.rate.price.monthly)
      word.rules = addOn.rate.rules
      word.beside = addOn.beside
      return word
    }
  }
}
