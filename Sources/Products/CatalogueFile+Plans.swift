// The files of plans: what is sold in one state from one day on.

import Kernel

/// What the plans of a file have in common.
private struct Shared {
  let rules: StateRules
  let from: CalendarDate
  let network: String
  let feeSchedule: String
}

extension Entry {
  func plans(in catalogue: Catalogue) throws(FileProblem) -> [Listed<Plan>] {
    let fields = try fields(
      of: "a file of plans", ["kind", "state", "from", "network", "fee_schedule", "plans"], optional: ["to"])
    let (from, to) = try days(fields)
    let state = try fields["state"].stateCode()
    guard let rules = catalogue.states[state]?.edition(on: from) else {
      throw fields["state"].refusal("there are no rules for the state \(state) on \(from)")
    }
    let scheduleName = try fields["fee_schedule"].identifier()
    guard let schedule = catalogue.feeSchedules[scheduleName]?.edition(on: from) else {
      throw fields["fee_schedule"].refusal("there is no fee schedule '\(scheduleName)' on \(from)")
    }
    let shared = Shared(
      rules: rules.item, from: from, network: try fields["network"].text(), feeSchedule: schedule.reference)
    var listed: [Listed<Plan>] = []
    var lines: [String: Int] = [:]
    for entry in try fields["plans"].list() {
      let (plan, id) = try entry.plan(shared, in: catalogue)
      if let line = lines.updateValue(id.line, forKey: plan.id) {
        throw id.refusal("the plan \(plan.id) is listed twice; first in line \(line)")
      }
      if let other = catalogue.plans[plan.id]?.all.last?.item {
        guard other.state == state else {
          throw id.refusal("the plan \(plan.id) is sold in \(other.state); a plan of \(state) needs a name of its own")
        }
        let (was, kind) = (other.level.kind.rawValue, plan.level.kind.rawValue)
        guard was == kind else {
          throw id.refusal("\(plan.id) is a \(was) plan; a \(kind) plan needs a name of its own")
        }
      }
      listed.append(Listed(item: plan, from: from, to: to, entry: id))
    }
    return listed
  }

  private func plan(_ shared: Shared, in catalogue: Catalogue) throws(FileProblem) -> (Plan, id: Entry) {
    let fields = try fields(
      of: "a plan", ["id", "name", "level", "deductible", "out_of_pocket", "benefits"],
      optional: ["rates", "composite", "each", "tobacco", "sold_to_under", "rate_change", "continues", "beside"])
    let level = try fields["level"].choice(Level.self)
    let costSharing = CostSharing(
      deductible: try fields["deductible"].limit(), outOfPocket: try fields["out_of_pocket"].limit(),
      benefits: try fields["benefits"].benefits())
    try fields["out_of_pocket"].checkOutOfPocket(of: costSharing, level, in: shared.from.year, catalogue)
    let plan = Plan(
      id: try fields["id"].identifier(), name: try fields["name"].text(), state: shared.rules.state, level: level,
      network: shared.network, costSharing: costSharing, feeSchedule: shared.feeSchedule,
      pricing: try pricing(fields, level, shared, in: catalogue),
      tobacco: try fields.optional("tobacco")?.tobacco(shared.rules) ?? .one,
      soldToUnder: try fields.optional("sold_to_under")?.integer(in: 1...120),
      rateChange: try fields.optional("rate_change")?.choice(RateChange.self),
      continues: try fields.optional("continues")?.predecessors(in: catalogue) ?? [],
      beside: try fields.optional("beside")?.beside(level, of: shared.rules.state, in: catalogue))
    return (plan, fields["id"])
  }

  /// Dental and vision plans stand beside the limits of 45 CFR 156.130.
  private func checkOutOfPocket(
    of costSharing: CostSharing, _ level: Level, in year: Int, _ catalogue: Catalogue
  ) throws(FileProblem) {
    guard costSharing.deductible.person <= costSharing.outOfPocket.person,
      costSharing.deductible.family <= costSharing.outOfPocket.family
    else { throw refusal("the out-of-pocket maximum is below the deductible") }
    guard level.kind == .medical else { return }
    // The limit of the year in which the edition starts; later ones have always been higher.
    guard let most = catalogue.outOfPocketLimit(of: year) else {
      throw refusal("no out-of-pocket limit is known for the plan year \(year)")
    }
    let fields = try fields(of: "a limit", ["person", "family"])
    if costSharing.outOfPocket.person > most.person {
      throw fields["person"].refusal("\(costSharing.outOfPocket.person) is above the limit of \(year), \(most.person)")
    }
    if costSharing.outOfPocket.family > most.family {
      throw fields["family"].refusal("\(costSharing.outOfPocket.family) is above the limit of \(year), \(most.family)")
    }
  }

  /// Plans that were published before.
  private func predecessors(in catalogue: Catalogue) throws(FileProblem) -> [String] {
    var plans: [String] = []
    for entry in try list() {
      let id = try entry.identifier()
      guard catalogue.plans[id] != nil else { throw entry.refusal("there is no plan '\(id)' to continue") }
      plans.append(id)
    }
    return plans
  }

  /// `any`, or medical plans of the state that were published before.
  private func beside(
    _ level: Level, of state: String, in catalogue: Catalogue
  ) throws(FileProblem) -> Beside {
    guard level.kind != .medical else {
      throw refusal("a medical plan is sold by itself; dental and vision plans are sold beside others")
    }
    guard isList else {
      guard try text() == "any" else { throw refusal("'any' or a list of medical plans is expected here") }
      return .any
    }
    var plans: [String] = []
    for entry in try list() {
      let id = try entry.identifier()
      guard let plan = catalogue.plans[id]?.all.last?.item else {
        throw entry.refusal("there is no plan '\(id)' to be sold beside")
      }
      guard plan.state == state else { throw entry.refusal("the plan \(id) is sold in \(plan.state), not in \(state)") }
      guard plan.level.kind == .medical else { throw entry.refusal("\(id) is no medical plan") }
      guard !plans.contains(id) else { throw entry.refusal("the plan \(id) is named twice") }
      plans.append(id)
    }
    return .plans(plans)
  }

  private func tobacco(_ rules: StateRules) throws(FileProblem) -> Ratio {
    let ratio = try factor()
    guard ratio >= .one else { throw refusal("the tobacco ratio is below 1") }
    guard ratio <= rules.tobaccoCap else {
      throw refusal(
        "the tobacco ratio \(ratio.decimalText) is above the cap of \(rules.state), \(rules.tobaccoCap.decimalText)")
    }
    return ratio
  }

  private func pricing(
    _ fields: Fields, _ level: Level, _ shared: Shared, in catalogue: Catalogue
  ) throws(FileProblem) -> Pricing {
    switch (fields.optional("rates"), fields.optional("composite"), fields.optional("each")) {
    case (let rates?, nil, nil):
      if case .ageCurve(let name) = shared.rules.regime, catalogue.curves[name]?.edition(on: shared.from) == nil {
        throw rates.refusal("the age curve '\(name)' has no factors on \(shared.from)")
      }
      return .byArea(try rates.areaRates(shared.rules))
    case (nil, let price?, nil): return .composite(try price.rate())
    case (nil, nil, let price?):
      guard level.kind != .medical else {
        throw price.refusal(
          "a medical plan is rated by age or by family (45 CFR 147.102), not the same for each person")
      }
      return .each(try price.rate())
    case _: throw refusal("a plan has rates by rating area, or a composite rate, or one for each person")
    }
  }

  private func areaRates(_ rules: StateRules) throws(FileProblem) -> [AreaRate] {
    var rates: [AreaRate] = []
    for (key, value) in try pairs() {
      let area = try key.text()
      guard rules.areas.contains(where: { $0.name == area }) else {
        throw key.refusal("\(rules.state) has no rating area '\(area)'")
      }
      rates.append(AreaRate(area: area, base: try value.rate()))
    }
    for area in rules.areas where !rates.contains(where: { $0.area == area.name }) {
      throw refusal("the rating area \(area.name) has no rate")
    }
    return rates
  }

  private func rate() throws(FileProblem) -> Money {
    let rate = try money()
    guard rate.isPositive else { throw refusal("a rate is more than nothing") }
    return rate
  }

  /// Benefits by category; a category that is not named is not covered.
  private func benefits() throws(FileProblem) -> [Benefit] {
    var named: [ServiceCategory: Benefit] = [:]
    for (key, value) in try pairs() {
      let category = try key.choice(ServiceCategory.self)
      let fields = try value.fields(
        of: "a benefit", [], optional: ["deductible", "copay", "coinsurance"])
      named[category] = Benefit(
        category: category, isCovered: true,
        deductibleApplies: try fields.optional("deductible")?.flag() ?? false,
        copay: try fields.optional("copay")?.money() ?? .zero,
        coinsuranceBasisPoints: try fields.optional("coinsurance")?.percentage() ?? 0)
    }
    return ServiceCategory.allCases.map { named[$0] ?? .notCovered($0) }
  }
}
