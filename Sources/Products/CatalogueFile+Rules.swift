// The files of rules: age curves, states, limits of cost sharing; and fee schedules.

import Kernel

extension Entry {
  func ageCurve() throws(FileProblem) -> Listed<AgeCurve> {
    let fields = try fields(
      of: "an age curve", ["kind", "name", "from", "verified", "source", "factors"], optional: ["to"])
    let (from, to) = try days(fields)
    let curve = AgeCurve(
      name: try fields["name"].identifier(), factors: try fields["factors"].ageFactors(),
      origin: try origin(of: "age_curve", fields))
    return Listed(item: curve, from: from, to: to, entry: fields["name"])
  }

  /// Factors by age, such as "34: 1.214", or by ages, such as "0-14: 0.765".
  private func ageFactors() throws(FileProblem) -> [Ratio] {
    var factors: [Ratio?] = AgeCurve.ages.map { _ in nil }
    for (key, value) in try pairs() {
      let factor = try value.factor()
      for age in try key.ages() {
        guard factors[age] == nil else { throw key.refusal("age \(age) has two factors") }
        factors[age] = factor
      }
    }
    var complete: [Ratio] = []
    for (age, factor) in factors.enumerated() {
      guard let factor else { throw refusal("age \(age) has no factor") }
      // Otherwise one more child could make a family cheaper, because only the oldest three are rated.
      if let last = complete.last, factor < last {
        throw refusal("the factor of age \(age) is below that of \(age - 1)")
      }
      complete.append(factor)
    }
    return complete
  }

  private func ages() throws(FileProblem) -> ClosedRange<Int> {
    try value("an age from 0 to 64, or two such as 0-14") { text in
      let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = parts[0], let last = parts[parts.count - 1], parts.count <= 2, first <= last,
        AgeCurve.ages.contains(first), AgeCurve.ages.contains(last)
      else { return nil }
      return first...last
    }
  }

  func stateRules(in catalogue: Catalogue) throws(FileProblem) -> Listed<StateRules> {
    let fields = try fields(
      of: "a state's rules", ["kind", "state", "from", "rating", "tobacco", "areas", "origins"], optional: ["to"])
    let (from, to) = try days(fields)
    let tobacco = try fields["tobacco"].fields(of: "the tobacco rule", ["cap", "from_age"])
    let cap = try tobacco["cap"].factor()
    guard cap >= .one, cap <= Ratio(3, 2) else {
      throw tobacco["cap"].refusal("the cap is not from 1 to 1.5, the federal limit")
    }
    var origins: [Origin] = []
    for entry in try fields["origins"].list() {
      let fields = try entry.fields(of: "an origin", ["rule", "source", "verified"])
      origins.append(try entry.origin(of: try fields["rule"].text(), fields))
    }
    let rules = StateRules(
      state: try fields["state"].stateCode(), regime: try fields["rating"].regime(in: catalogue),
      tobaccoCap: cap, tobaccoFromAge: try tobacco["from_age"].integer(in: 0...64),
      areas: try fields["areas"].ratingAreas(), origins: origins)
    return Listed(item: rules, from: from, to: to, entry: fields["state"])
  }

  private func regime(in catalogue: Catalogue) throws(FileProblem) -> Regime {
    let fields = try fields(of: "the rating rule", [], optional: ["age_curve", "family_tiers"])
    switch (fields.optional("age_curve"), fields.optional("family_tiers")) {
    case (let curve?, nil):
      let name = try curve.identifier()
      guard catalogue.curves[name] != nil else { throw curve.refusal("there is no age curve '\(name)'") }
      return .ageCurve(name)
    case (nil, let tiers?): return .familyTiers(try tiers.familyTiers())
    case (nil, nil), (.some, .some): throw refusal("the rating rule is either age_curve or family_tiers")
    }
  }

  private func familyTiers() throws(FileProblem) -> FamilyTiers {
    let fields = try fields(
      of: "family tiers", ["one_adult", "two_adults", "one_adult_children", "two_adults_children", "child_only"])
    let tiers = FamilyTiers(
      oneAdult: try fields["one_adult"].factor(), twoAdults: try fields["two_adults"].factor(),
      oneAdultWithChildren: try fields["one_adult_children"].factor(),
      twoAdultsWithChildren: try fields["two_adults_children"].factor(),
      childOnly: try fields["child_only"].factor())
    guard tiers.oneAdult <= tiers.twoAdults, tiers.oneAdult <= tiers.oneAdultWithChildren,
      tiers.twoAdults <= tiers.twoAdultsWithChildren, tiers.oneAdultWithChildren <= tiers.twoAdultsWithChildren,
      tiers.factor(.threeChildren) <= tiers.oneAdultWithChildren
    else { throw refusal("a family with one person more is cheaper by these tiers") }
    return tiers
  }

  /// Areas by name; no county and no ZIP prefix is in two of them.
  private func ratingAreas() throws(FileProblem) -> [RatingArea] {
    var areas: [RatingArea] = []
    var seen: Set<String> = []
    for (key, value) in try pairs() {
      let fields = try value.fields(of: "a rating area", [], optional: ["counties", "zips"])
      guard fields.optional("counties") != nil || fields.optional("zips") != nil else {
        throw value.refusal("a rating area has counties, zips or both")
      }
      var counties: [String] = []
      for entry in try fields.optional("counties")?.list() ?? [] {
        let county = try entry.text()
        guard seen.insert(county.countyKey).inserted else { throw entry.refusal("\(county) is in two rating areas") }
        counties.append(county)
      }
      var prefixes: [Int] = []
      for entry in try fields.optional("zips")?.list() ?? [] {
        for prefix in try entry.prefixes() {
          guard seen.insert("\(prefix)").inserted else {
            throw entry.refusal("ZIP codes \(prefix) are in two rating areas")
          }
          prefixes.append(prefix)
        }
      }
      areas.append(RatingArea(name: try key.text(), counties: counties, zipPrefixes: prefixes))
    }
    return areas
  }

  /// The first three digits of ZIP codes, such as "606" or "600-611".
  private func prefixes() throws(FileProblem) -> ClosedRange<Int> {
    try value("the first three digits of ZIP codes, such as 606 or 600-611") { text in
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count <= 2, parts.allSatisfy({ $0.utf8.count == 3 }), let first = Int(parts[0]),
        let last = Int(parts[parts.count - 1]), first >= 0, first <= last
      else { return nil }
      return first...last
    }
  }

  func limits() throws(FileProblem) -> Listed<CostSharingLimits> {
    let fields = try fields(of: "the limits", ["kind", "name", "from", "years"], optional: ["to"])
    let (from, to) = try days(fields)
    var years: [CostSharingLimits.Year] = []
    for (key, value) in try fields["years"].pairs() {
      let year = try value.fields(of: "a year's limit", ["out_of_pocket", "verified", "source"])
      years.append(
        CostSharingLimits.Year(
          year: try key.integer(in: 1900...9999), outOfPocket: try year["out_of_pocket"].limit(),
          origin: try value.origin(of: "out_of_pocket", year)))
    }
    let limits = CostSharingLimits(name: try fields["name"].identifier(), years: years)
    return Listed(item: limits, from: from, to: to, entry: fields["name"])
  }

  func feeSchedule() throws(FileProblem) -> Listed<FeeSchedule> {
    let fields = try fields(
      of: "a fee schedule", ["kind", "name", "from", "default_allowed", "lines"], optional: ["to"])
    let (from, to) = try days(fields)
    var lines: [FeeSchedule.Line] = []
    var seen: [String: Int] = [:]
    for (key, value) in try fields["lines"].pairs() {
      let category = try key.choice(ServiceCategory.self)
      for (code, price) in try value.pairs() {
        let procedure = try code.value("a CPT or HCPCS code of five capital letters and digits", \.procedureCode)
        if let line = seen.updateValue(code.line, forKey: procedure) {
          throw code.refusal("\(procedure) has two prices; the first is in line \(line)")
        }
        lines.append(FeeSchedule.Line(procedure: procedure, category: category, allowed: try price.money()))
      }
    }
    let schedule = FeeSchedule(
      name: try fields["name"].identifier(), lines: lines,
      defaultAllowedBasisPoints: try fields["default_allowed"].percentage())
    return Listed(item: schedule, from: from, to: to, entry: fields["name"])
  }
}

extension String {
  fileprivate var procedureCode: String? {
    let isCode = utf8.allSatisfy { byte in
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    return isCode && utf8.count == 5 ? self : nil
  }
}
