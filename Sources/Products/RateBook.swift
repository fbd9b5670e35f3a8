// Every price on sale, compiled from the catalogue: asked for a household, it answers with an offer for each plan.
//
// Time is cut where any plan, rule or curve of a state changes; between two cuts a state is one market, and in it each
// rating area has a table for each plan. A question is then three look-ups and some sums.

import Kernel

package struct RateBook: Sendable {
  private let states: [String: [Market]]
  private let planStates: [String: String]

  package init(_ catalogue: Catalogue) {
    var states: [String: [Market]] = [:]
    for (state, rules) in catalogue.states { states[state] = Market.all(of: rules, in: catalogue) }
    self.states = states
    planStates = catalogue.plans.compactMapValues { $0.all.last?.item.state }
  }

  /// Prices the household for the plans named, in that order, or for every plan on sale where it lives.
  package func rate(_ household: Household, plans: [String] = []) throws(RatingRefusal) -> [Offer] {
    let market = try market(of: household.state, on: household.effective)
    let area = try market.area(of: household)
    let standing = try Standing(household, tobaccoFromAge: market.tobaccoFromAge)
    guard plans.isEmpty else { return try named(plans, in: market, area, standing, household) }
    guard let area else { throw .noPlace(state: household.state) }
    let tables = market.tables[area]
    guard !tables.isEmpty else { throw .nothingOnSale(state: household.state, on: household.effective) }
    var offers: [Offer] = []
    offers.reserveCapacity(tables.count)
    for table in tables where table.isSold(to: standing) {
      if let ageless = standing.ageless, table.needsAges { throw .ageless(person: ageless, plan: table.planID) }
      offers.append(Offer(table, for: standing))
    }
    return offers
  }

  /// Prices the household for every add-on on sale where it lives that can be chosen beside one of some plans.
  package func addOns(_ household: Household, beside plans: [Offer]) throws(RatingRefusal) -> [Offer] {
    let market = try market(of: household.state, on: household.effective)
    let area = try market.area(of: household)
    let standing = try Standing(household, tobaccoFromAge: market.tobaccoFromAge)
    var offers: [Offer] = []
    for table in area.map({ market.tables[$0] }) ?? market.statewide where table.isSold(to: standing) {
      guard plans.contains(where: table.isSold(beside:)) else { continue }
      if let ageless = standing.ageless, table.needsAges { throw .ageless(person: ageless, plan: table.planID) }
      offers.append(Offer(table, for: standing))
    }
    return offers
  }

  /// Prices the household for the add-ons named, in that order, each of which is sold beside all of some plans.
  package func addOns(
    _ addOns: [String], _ household: Household, beside plans: [Offer]
  ) throws(RatingRefusal) -> [Offer] {
    guard !addOns.isEmpty else { return [] }
    let offers = try rate(household, plans: addOns)
    for offer in offers {
      for plan in plans where !offer.table.isSold(beside: plan) {
        throw .notSoldBeside(addOn: offer.table.planID, plan: plan.table.planID)
      }
    }
    return offers
  }

  private func named(
    _ plans: [String], in market: Market, _ area: Int?, _ standing: Standing, _ household: Household
  ) throws(RatingRefusal) -> [Offer] {
    var offers: [Offer] = []
    for plan in plans {
      guard planStates[plan] != nil else { throw .unknownPlan(plan, near: plan.nearest(in: planStates.keys)) }
      let tables = area.map { market.tables[$0] } ?? market.statewide
      guard let table = tables.table(of: plan) else {
        if area == nil, market.sells(plan) { throw .noPlace(state: household.state) }
        throw .notOnSale(plan: plan, state: household.state, on: household.effective)
      }
      if let ageless = standing.ageless, table.needsAges { throw .ageless(person: ageless, plan: plan) }
      if let limit = table.soldToUnder, standing.oldest >= limit {
        throw .tooOld(plan: plan, limit: limit, age: standing.oldest)
      }
      offers.append(Offer(table, for: standing))
    }
    return offers
  }

  private func market(of state: String, on date: CalendarDate) throws(RatingRefusal) -> Market {
    guard let markets = states[state] else { throw .unknownState(state, known: states.keys.sorted()) }
    // The newest come last and are asked for most.
    for market in markets.reversed() where market.from <= date {
      if let to = market.to, date >= to { break }
      return market
    }
    throw .nothingOnSale(state: state, on: date)
  }
}

/// What is on sale in a state while nothing changes.
struct Market: Sendable {
  let from: CalendarDate
  let to: CalendarDate?
  let tobaccoFromAge: Int
  /// By area, then in the order of plan identifiers.
  fileprivate(set) var tables: [[RateTable]]
  /// Plans with one price in the whole state.
  fileprivate(set) var statewide: [RateTable] = []
  private let areaOfCounty: [String: Int]
  /// By the first three digits, -1 where there is no such ZIP code in the state.
  private let areaOfZIP: [Int16]

  fileprivate init(_ rules: Edition<StateRules>, from: CalendarDate, to: CalendarDate?) {
    self.from = from
    self.to = to
    tobaccoFromAge = rules.item.tobaccoFromAge
    tables = rules.item.areas.map { _ in [] }
    var counties: [String: Int] = [:]
    var zips = Array(repeating: Int16(-1), count: 1000)
    for (index, area) in rules.item.areas.enumerated() {
      for county in area.counties { counties[county.countyKey] = index }
      for prefix in area.zipPrefixes { zips[prefix] = Int16(index) }
    }
    areaOfCounty = counties
    areaOfZIP = zips
  }

  /// Counties make rating areas, so a known county goes before the ZIP code. Nil where neither is given.
  func area(of household: Household) throws(RatingRefusal) -> Int? {
    if !household.county.isEmpty, let area = areaOfCounty[household.county.countyKey] { return area }
    if !household.postalCode.isEmpty {
      if let prefix = household.postalCode.zipPrefix, areaOfZIP[prefix] >= 0 { return Int(areaOfZIP[prefix]) }
    } else if household.county.isEmpty {
      return nil
    }
    throw .unknownPlace(state: household.state, county: household.county, postalCode: household.postalCode)
  }

  func sells(_ plan: String) -> Bool { tables.contains { $0.table(of: plan) != nil } }
}

extension [RateTable] {
  /// They are in the order of plan identifiers.
  fileprivate func table(of plan: String) -> RateTable? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].planID < plan { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low].planID == plan ? self[low] : nil
  }
}

extension RateTable {
  fileprivate func isSold(to standing: Standing) -> Bool { soldToUnder.map { standing.oldest < $0 } ?? true }

  /// Whether it can be chosen as an add-on beside a plan.
  func isSold(beside plan: Offer) -> Bool { beside?.includes(plan.table.planID, plan.table.level) ?? false }
}

extension Market {
  /// The markets of a state, oldest first.
  fileprivate static func all(of rules: Editions<StateRules>, in catalogue: Catalogue) -> [Market] {
    guard let state = rules.all.first?.item.state else { return [] }
    let plans = catalogue.plans.values.filter { $0.all.first?.item.state == state }
      .sorted { ($0.all.first?.item.id ?? "") < ($1.all.first?.item.id ?? "") }
    var cuts: Set<CalendarDate> = []
    func cut(_ timeline: Timeline<Int>) {
      for segment in timeline.segments { cuts.formUnion([segment.start, segment.end ?? segment.start]) }
    }
    cut(rules.inForce)
    for plan in plans { cut(plan.inForce) }
    for curve in catalogue.curves.values { cut(curve.inForce) }
    let starts = cuts.sorted()
    var markets: [Market] = []
    for (index, from) in starts.enumerated() {
      guard let rules = rules.edition(on: from) else { continue }
      var market = Market(rules, from: from, to: index + 1 < starts.count ? starts[index + 1] : nil)
      for plan in plans {
        if let plan = plan.edition(on: from) { market.add(plan, rules, catalogue) }
      }
      markets.append(market)
    }
    return markets
  }

  private mutating func add(_ plan: Edition<Plan>, _ rules: Edition<StateRules>, _ catalogue: Catalogue) {
    let pack = "state/\(rules.reference)"
    switch plan.item.pricing {
    case .composite(let price): addStatewide(plan, .composite(price.cents), rules, pack)
    case .each(let price): addStatewide(plan, .each(price.cents), rules, pack)
    case .byArea(let rates):
      for (index, area) in rules.item.areas.enumerated() {
        // Rules that came after the plan may have an area in which the plan has no price: it is not sold there.
        guard let base = rates.first(where: { $0.area == area.name })?.base else { continue }
        switch rules.item.regime {
        case .ageCurve(let name):
          guard let curve = catalogue.curves[name]?.edition(on: from) else { continue }
          let prices = RateTable.Prices(
            base: base, curve: curve.item.factors, tobacco: min(plan.item.tobacco, rules.item.tobaccoCap))
          tables[index].append(
            RateTable(plan, area: area.name, prices: prices, rules: ["age_curve/\(curve.reference)", pack]))
        case .familyTiers(let tiers):
          let prices = RateTable.Prices(base: base, tiers: tiers)
          tables[index].append(RateTable(plan, area: area.name, prices: prices, rules: [pack]))
        }
      }
    }
  }

  private mutating func addStatewide(
    _ plan: Edition<Plan>, _ prices: RateTable.Prices, _ rules: Edition<StateRules>, _ pack: String
  ) {
    let table = RateTable(plan, area: rules.item.state, prices: prices, rules: [pack])
    statewide.append(table)
    for index in tables.indices { tables[index].append(table) }
  }
}

extension String {
  /// A county's name without case and without "County".
  var countyKey: String {
    let upper = uppercased()
    return upper.hasSuffix(" COUNTY") ? String(upper.dropLast(7)) : upper
  }

  /// The first three digits of a ZIP code of five digits, or nine with or without a hyphen.
  var zipPrefix: Int? {
    var prefix = 0
    var digits = 0
    for byte in utf8 {
      if byte == UInt8(ascii: "-"), digits == 5 { continue }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      if digits < 3 { prefix = prefix * 10 + Int(byte - UInt8(ascii: "0")) }
      digits += 1
    }
    return digits == 5 || digits == 9 ? prefix : nil
  }
}
