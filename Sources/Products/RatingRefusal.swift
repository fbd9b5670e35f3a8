// Why a household cannot be priced, and what to do about it.

import Courier
package import Kernel

package enum RatingRefusal: Refusal, Equatable {
  case crowd(Int)
  case subscribers(Int)
  case spouses(Int)
  /// Born after the day on which the age is taken.
  case unborn(person: Int, CalendarDate, on: CalendarDate)
  /// No birth date, and a plan whose price needs one.
  case ageless(person: Int, plan: String)
  case unknownState(String, known: [String])
  /// Neither county nor ZIP code, and a plan whose price needs one of them.
  case noPlace(state: String)
  case unknownPlace(state: String, county: String, postalCode: String)
  case nothingOnSale(state: String, on: CalendarDate)
  case unknownPlan(String, near: [String])
  case notOnSale(plan: String, state: String, on: CalendarDate)
  case tooOld(plan: String, limit: Int, age: Int)
  case notSoldBeside(addOn: String, plan: String)

  package var problem: Problem {
    switch self {
    case .crowd(let count):
      .field("people", "are \(count); a household has 1 to \(Household.mostPeople)")
    case .subscribers(let count):
      .field("people", "have \(count) subscribers; a policy has exactly one")
    case .spouses(let count):
      .field("people", "have \(count) spouses; a policy has at most one")
    case .unborn(let person, let birthDate, let day):
      .field("people[\(person)].birth_date", "is \(birthDate), after the day on which the age is taken, \(day)")
    case .ageless(let person, let plan):
      .field("people[\(person)].birth_date", "is missing; \(plan) is rated by who is covered")
    case .unknownState(let state, let known):
      .field("state", "is '\(state)'; plans are sold in \(known.joined(separator: ", "))")
    case .noPlace(let state):
      .field("county", "and postal_code are empty; prices in \(state) depend on one of them")
    case .unknownPlace(let state, let county, let postalCode):
      .field(
        postalCode.isEmpty ? "county" : "postal_code",
        "is in no rating area of \(state): county '\(county)', ZIP code '\(postalCode)'")
    case .nothingOnSale(let state, let date):
      Problem(
        kind: .precondition, code: "products.nothing_on_sale",
        detail: "No plan is on sale in \(state) for coverage that starts on \(date).",
        remedy: "Choose another first day, or publish plans for it.")
    case .unknownPlan(let plan, let near):
      .unknownPlan(plan, near: near)
    case .notOnSale(let plan, let state, let date):
      Problem(
        kind: .precondition, code: "products.not_on_sale",
        detail: "The plan \(plan) is not on sale in that part of \(state) for coverage that starts on \(date).",
        remedy: "List the plans of the state on that day and choose one of them.")
    case .tooOld(let plan, let limit, let age):
      Problem(
        kind: .precondition, code: "products.too_old",
        detail: "The plan \(plan) is sold to people below \(limit) only, and the oldest of the household is \(age).",
        remedy: "Choose a plan without that condition.")
    case .notSoldBeside(let addOn, let plan):
      Problem(
        kind: .precondition, code: "products.not_sold_beside",
        detail: "\(addOn) is not sold as an add-on beside \(plan).",
        remedy: "Choose one of the add-ons that a quote for \(plan) shows, or go without.")
    }
  }
}

extension Problem {
  static func unknownPlan(_ plan: String, near: [String]) -> Problem {
    let hint = near.isEmpty ? "" : " Near it: \(near.joined(separator: ", "))."
    return Problem(
      kind: .notFound, code: "products.plan_unknown", detail: "There is no plan '\(plan)'.\(hint)",
      remedy: "List the plans of the state to find the right identifier.")
  }
}
