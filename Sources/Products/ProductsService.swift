// The door of the catalogue: files come in, plans and prices go out.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import Synchronization

struct ProductsService: Premia_Products_V1_ProductsService.SimpleServiceProtocol {
  let desk: Desk
  let display: Display

  init(_ engine: Engine) {
    desk = Desk(engine)
    display = Display(engine)
  }

  func publish(
    request: Premia_Products_V1_PublishRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_PublishResponse {
    guard !request.file.isEmpty else { throw Problem.field("file", "is missing; it names the file in refusals") }
    return try await desk.act("Publish", request) { unit in
      let catalogue = try await Catalogue(in: &unit)
      let file = try CatalogueFile(Array(request.content), name: request.file, in: catalogue)
      let (names, unchanged) = try await file.publish(in: &unit)
      var response = Premia_Products_V1_PublishResponse()
      response.published = names
      response.unchanged = unchanged
      return response
    }
  }

  func listPlans(
    request: Premia_Products_V1_ListPlansRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_ListPlansResponse {
    let date = try CalendarDate.optional(request.on, field: "on") ?? desk.engine.clock.now.date
    let catalogue = try await display.current().catalogue
    var response = Premia_Products_V1_ListPlansResponse()
    for (_, plan) in catalogue.plans.sorted(by: { $0.key < $1.key }) {
      guard let message = plan.message(on: date) else { continue }
      if request.state.isEmpty || request.state == message.state { response.plans.append(message) }
    }
    return response
  }

  func getPlan(
    request: Premia_Products_V1_GetPlanRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_Plan {
    let date = try CalendarDate.optional(request.on, field: "on") ?? desk.engine.clock.now.date
    let catalogue = try await display.current().catalogue
    guard let plan = catalogue.plans[request.planID], let state = plan.all.first?.item.state else {
      throw Problem.unknownPlan(request.planID, near: request.planID.nearest(in: catalogue.plans.keys))
    }
    guard let message = plan.message(on: date) else {
      throw RatingRefusal.notOnSale(plan: request.planID, state: state, on: date)
    }
    return message
  }

  func rate(
    request: Premia_Products_V1_RateRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateResponse {
    try await display.current().rates.answer(request)
  }

  func rateAll(
    request: Premia_Products_V1_RateAllRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateAllResponse {
    guard request.questions.count <= Self.mostQuestions else {
      throw Problem.field("questions", "are \(request.questions.count); ask \(Self.mostQuestions) at a time")
    }
    let rates = try await display.current().rates
    var response = Premia_Products_V1_RateAllResponse()
    for question in request.questions {
      var answer = Premia_Products_V1_RateAnswer()
      do {
        answer.rates = try rates.answer(question)
      } catch is any Refusal {
        // Unset: who asks it by itself is told why.
      }
      response.answers.append(answer)
    }
    return response
  }

  private static let mostQuestions = 1_000
}

extension RateBook {
  fileprivate func answer(_ request: Premia_Products_V1_RateRequest) throws -> Premia_Products_V1_RateResponse {
    let household = try Household(request)
    let offers = try rate(household, plans: request.planIds)
    let addOns =
      try request.withAddOns
      ? self.addOns(household, beside: offers) : self.addOns(request.addOnIds, household, beside: offers)
    let refs = request.people.map(\.ref)
    var response = Premia_Products_V1_RateResponse()
    response.offers = offers.map { Premia_Products_V1_Offer($0, refs: refs) }
    response.addOns = addOns.map { addOn in
      var message = Premia_Products_V1_Offer(addOn, refs: refs)
      message.beside = offers.filter(addOn.table.isSold(beside:)).map(\.table.planID)
      return message
    }
    return response
  }
}

/// The catalogue and its compiled rates, renewed whenever something has been published.
final class Display: Sendable {
  struct Contents: Sendable {
    /// The log of publications up to here is in it.
    let position: Int64
    let catalogue: Catalogue
    let rates: RateBook
  }

  private let engine: Engine
  private let contents = Mutex<Contents?>(nil)

  init(_ engine: Engine) { self.engine = engine }

  func current() async throws -> Contents {
    let position = try await engine.store.lastPublished()
    if let known = contents.withLock({ $0 }), known.position >= position { return known }
    let read = try await engine.run(Act(correlation: "products/display")) { unit in try await Catalogue(in: &unit) }
    guard let catalogue = read else { preconditionFailure("a unit that takes no message always answers") }
    let fresh = Contents(position: position, catalogue: catalogue, rates: RateBook(catalogue))
    return contents.withLock { known in
      if let known, known.position > position { return known }
      known = fresh
      return fresh
    }
  }
}

extension Editions<Plan> {
  /// The plan as it is sold on a day.
  fileprivate func message(on date: CalendarDate) -> Premia_Products_V1_Plan? {
    guard let edition = edition(on: date) else { return nil }
    let days = inForce.segments.first { $0.start <= date && ($0.end.map { date < $0 } ?? true) }
    return Premia_Products_V1_Plan(edition, to: days?.end)
  }
}

extension Household {
  fileprivate init(_ request: Premia_Products_V1_RateRequest) throws(Problem) {
    var people: [Person] = []
    for (index, person) in request.people.enumerated() {
      let path = "people[\(index)]"
      guard let relationship = Relationship(rawValue: person.relationship) else {
        throw .field(
          "\(path).relationship",
          "is '\(person.relationship)'; it is \(Relationship.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      people.append(
        Person(
          relationship, born: try CalendarDate.optional(person.birthDate, field: "\(path).birth_date"),
          usesTobacco: person.tobacco, ageOn: try CalendarDate.optional(person.ageOn, field: "\(path).age_on")))
    }
    self.init(
      state: request.state, county: request.county, postalCode: request.postalCode,
      effective: try CalendarDate(request.effectiveDate, field: "effective_date"), people: people)
  }
}

extension Premia_Products_V1_Offer {
  fileprivate init(_ offer: Offer, refs: [String]) {
    self.init()
    planID = offer.table.planID
    planName = offer.table.planName
    level = Premia_Products_V1_Level(offer.table.level)
    kind = Premia_Products_V1_PlanKind(offer.table.level.kind)
    monthly = Premia_Common_V1_Money(offer.monthly)
    ratingArea = offer.table.area
    rules = offer.table.rules
    people = offer.people.enumerated().map { index, share in
      var message = Premia_Products_V1_PersonPremium()
      message.ref = refs[index]
      message.monthly = Premia_Common_V1_Money(share)
      message.reason = offer.reason(index)
      return message
    }
  }
}
