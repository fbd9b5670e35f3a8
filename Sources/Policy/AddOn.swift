// Add-ons: dental and vision plans held beside the plan of a policy, for everybody whom it covers. Each has its own
// price; the premium of the plan and its tax credit know nothing of them.

import Contracts
import Courier
package import Kernel

extension Policy {
  package enum AddOnKind: String, Hashable, Sendable, Codable, CaseIterable {
    case dental, vision
  }

  /// An add-on that is held for some days. Who drops it and takes it again holds it twice.
  package struct AddOn: Hashable, Sendable {
    package let planID: String
    package let from: CalendarDate
    /// The first day without; nil is with the policy.
    package var to: CalendarDate?

    package init(planID: String, from: CalendarDate, to: CalendarDate? = nil) {
      self.planID = planID
      self.from = from
      self.to = to
    }

    package func isHeld(on day: CalendarDate) -> Bool { from <= day && isHeld(onOrAfter: day) }
    package func isHeld(onOrAfter day: CalendarDate) -> Bool { to.map { day < $0 } ?? true }
  }

  /// What an add-on costs a month. None of the tax credit is used for it: the premium that the credit is measured by is
  /// that of the medical plan (26 USC 36B(b)(2)); paediatric dental (36B(b)(3)(E)) is not told apart.
  package struct AddOnPrice: Hashable, Sendable, Codable {
    package let planID: String
    package let planName: String
    package let kind: AddOnKind
    package let monthly: Money
  }

  package struct AddOnRate: Hashable, Sendable {
    package let price: AddOnPrice
    /// The rules it was made with: plan edition, rate table, state rule pack.
    package let rules: [String]
  }

  /// What becomes of an add-on that does not go on into the next term as it is.
  package struct AddOnRenewal: Hashable, Sendable, Codable {
    package enum Reason: String, Hashable, Sendable, Codable {
      case notSold = "not_sold"
      /// Not beside the plan of the next term.
      case notSoldBeside = "not_sold_beside"
    }

    package let planID: String
    package let planName: String
    /// The one that continues it; nil where it is dropped.
    package let next: String?
    package let nextName: String?
    package let reason: Reason
  }
}

extension Policy.Terms {
  /// The add-ons of a day, in the order of their names.
  package func addOns(on day: CalendarDate) -> [Policy.AddOn] {
    addOns.filter { $0.isHeld(on: day) }.sorted { $0.planID < $1.planID }
  }

  mutating func take(addOn plan: String, from day: CalendarDate) {
    addOns.append(Policy.AddOn(planID: plan, from: day))
    // Whichever was taken first, they are listed alike.
    addOns.sort { ($0.from, $0.planID) < ($1.from, $1.planID) }
  }

  /// From that day on it is not held; what was to begin later never does.
  mutating func drop(addOn plan: String, from day: CalendarDate) {
    addOns.removeAll { $0.planID == plan && $0.from >= day }
    for index in addOns.indices where addOns[index].planID == plan && addOns[index].isHeld(onOrAfter: day) {
      addOns[index].to = day
    }
  }

  /// - Throws: `addOnTwice` where it is held on the day, or later.
  func check(adding plan: String, from day: CalendarDate) throws(Policy.Refusal) {
    if addOns.contains(where: { $0.planID == plan && $0.isHeld(onOrAfter: day) }) { throw .addOnTwice(plan) }
  }

  /// - Throws: `addOnNotHeld` where it is held neither on the day nor later.
  func check(dropping plan: String, from day: CalendarDate) throws(Policy.Refusal) {
    guard addOns.contains(where: { $0.planID == plan && $0.isHeld(onOrAfter: day) }) else {
      throw .addOnNotHeld(plan, on: day)
    }
  }
}

extension Policy.Rate {
  /// - Throws: `addOnKindTwice` where two add-ons are of one kind.
  func checkKinds() throws(Policy.Refusal) {
    for kind in Policy.AddOnKind.allCases {
      let plans = addOns.filter { $0.price.kind == kind }.map(\.price.planID)
      if plans.count > 1 { throw .addOnKindTwice(kind, plans) }
    }
  }
}

// MARK: - In the words of the contracts

extension Policy.AddOnKind {
  init?(_ kind: Premia_Products_V1_PlanKind) {
    switch kind {
    case .dental: self = .dental
    case .vision: self = .vision
    case .medical, .unspecified, .UNRECOGNIZED: return nil
    }
  }

  var word: Premia_Products_V1_PlanKind {
    switch self {
    case .dental: .dental
    case .vision: .vision
    }
  }
}

extension Premia_Policy_V1_AddOnPremium {
  init(_ price: Policy.AddOnPrice) {
    self.init()
    planID = price.planID
    planName = price.planName
    kind = price.kind.word
    monthly = Premia_Common_V1_Money(price.monthly)
  }
}

extension Premia_Policy_V1_AddOnRenewal {
  init(_ renewal: Policy.AddOnRenewal) {
    self.init()
    planID = renewal.planID
    planName = renewal.planName
    nextPlanID = renewal.next ?? ""
    nextPlanName = renewal.nextName ?? ""
    reason = renewal.reason.rawValue
  }
}

extension Policy.AddOnRate {
  /// - Throws: where it is no add-on, or has no price.
  init(_ offer: Premia_Products_V1_Offer) throws(Problem) {
    guard let kind = Policy.AddOnKind(offer.kind) else {
      throw .field("add_on_ids", "name \(offer.planID), which is no dental or vision plan")
    }
    price = Policy.AddOnPrice(
      planID: offer.planID, planName: offer.planName, kind: kind, monthly: try offer.monthly.money("offer.monthly"))
    rules = offer.rules
  }
}
