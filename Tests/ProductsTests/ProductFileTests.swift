// Every fault of a product file is refused with its place and its reason; a good one is read in full.

import Kernel
import Testing

@testable import Products

@Suite struct ProductFileTests {
  let catalogue: Catalogue

  init() throws { catalogue = try Shelves.catalogue() }

  /// A good file of plans; rows change a line of it.
  static let plans = """
    kind: plans
    state: IL
    from: 2028-01-01
    network: prairie
    fee_schedule: premia-standard
    plans:
      - id: il-new
        name: New
        level: silver
        tobacco: 1.2
        rates: {IL-1: 300, IL-2: 310.50, IL-3: 320}
        deductible: {person: 3000, family: 6000}
        out_of_pocket: {person: 8000, family: 16000}
        benefits:
          primary_care: {copay: 40}
          other: {deductible: true, coinsurance: 20%}
    """
  static let addOn = """
    kind: plans
    state: IL
    from: 2028-01-01
    network: prairie
    fee_schedule: premia-standard
    plans:
      - id: il-smile
        name: Smile
        level: dental
        beside: [il-even, il-odd]
        each: 12.50
        deductible: {person: 50, family: 150}
        out_of_pocket: {person: 1000, family: 2000}
        benefits:
          dental: {coinsurance: 20%}
    """
  static let curve = """
    kind: age_curve
    name: steps
    from: 2027-01-01
    verified: true
    source: here
    factors:
      0-20: 0.8
      21-29: 1
      30: 1.1
      31-64: 3
    """
  static let state = """
    kind: state_rules
    state: TX
    from: 2027-01-01
    rating: {age_curve: federal}
    tobacco: {cap: 1.5, from_age: 21}
    areas:
      TX-1: {counties: [Travis], zips: [733, 786-787]}
      TX-2: {zips: [750-785]}
    origins:
      - {rule: areas, verified: false, source: own}
    """
  static let fees = """
    kind: fee_schedule
    name: other
    from: 2027-01-01
    default_allowed: 40%
    lines:
      primary_care: {99213: 98.40}
      laboratory: {87070: 11.50}
    """

  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let file: String
    let line: Int
    let column: Int
    let reason: String

    /// A good file in which `old` stands as `new`.
    init(
      _ words: String, _ file: String, _ old: String, _ new: String, at line: Int, _ column: Int, _ reason: String
    ) {
      testDescription = words
      self.file = file.replacing(old, with: new, maxReplacements: 1)
      (self.line, self.column, self.reason) = (line, column, reason)
    }
  }

  @Test(arguments: [
    Row(
      "unknown kind", plans, "kind: plans", "kind: plan", at: 1, 7,
      "'plan' is none of limits, age_curve, state_rules, fee_schedule, plans"),
    Row("no kind", plans, "kind: plans\n", "", at: 1, 1, "the file lacks the field 'kind'"),
    Row(
      "unknown key", plans, "network:", "netwerk:", at: 4, 1, "a file of plans has no field 'netwerk'; is it 'network'?"
    ),
    Row("missing key", plans, "    name: New\n", "", at: 7, 5, "a plan lacks the field 'name'"),
    Row(
      "key named twice", plans, "    name: New\n", "    name: New\n    name: New\n", at: 8, 5,
      "named twice here: name"),
    Row("bad date", plans, "2028-01-01", "2028-02-30", at: 3, 7, "'2028-02-30' is not a date as YYYY-MM-DD"),
    Row(
      "end before start", plans, "2028-01-01", "2028-01-01\nto: 2028-01-01", at: 4, 5,
      "the edition ends on 2028-01-01, not after it starts on 2028-01-01"),
    Row(
      "unknown state", plans, "state: IL", "state: WY", at: 2, 8, "there are no rules for the state WY on 2028-01-01"),
    Row("no state", plans, "state: IL", "state: Illinois", at: 2, 8, "'Illinois' is not a state's two capital letters"),
    Row(
      "unknown fees", plans, "premia-standard", "premia-gold", at: 5, 15,
      "there is no fee schedule 'premia-gold' on 2028-01-01"),
    Row(
      "unknown level", plans, "level: silver", "level: tin", at: 9, 12,
      "'tin' is none of catastrophic, bronze, silver, gold, platinum, dental, vision"),
    Row(
      "bad plan id", plans, "id: il-new", "id: IL new", at: 7, 9,
      "'IL new' is not a name of up to 64 lower-case letters, digits and hyphens"),
    Row(
      "plan of another state", plans, "id: il-new", "id: ny-even", at: 7, 9,
      "the plan ny-even is sold in NY; a plan of IL needs a name of its own"),
    Row("negative rate", plans, "IL-1: 300", "IL-1: -300", at: 11, 19, "the amount -$300.00 is negative"),
    Row("rate of nothing", plans, "IL-1: 300", "IL-1: 0", at: 11, 19, "a rate is more than nothing"),
    Row("rate in words", plans, "IL-1: 300", "IL-1: lots", at: 11, 19, "'lots' is not an amount in dollars and cents"),
    Row("part of a cent", plans, "310.50", "310.505", at: 11, 30, "'310.505' is not an amount in dollars and cents"),
    Row("missing area", plans, ", IL-3: 320", "", at: 11, 12, "the rating area IL-3 has no rate"),
    Row("unknown area", plans, "IL-3", "IL-4", at: 11, 38, "IL has no rating area 'IL-4'"),
    Row(
      "rates and composite", plans, "    tobacco", "    composite: 30\n    tobacco", at: 7, 5,
      "a plan has rates by rating area, or a composite rate, or one for each person"),
    Row(
      "two prices of an add-on", addOn, "    each: 12.50", "    each: 12.50\n    composite: 30", at: 7, 5,
      "a plan has rates by rating area, or a composite rate, or one for each person"),
    Row(
      "a medical plan at one price a head", plans, "rates: {IL-1: 300, IL-2: 310.50, IL-3: 320}", "each: 300", at: 11,
      11, "a medical plan is rated by age or by family (45 CFR 147.102), not the same for each person"),
    Row(
      "a medical plan beside others", plans, "    tobacco", "    beside: any\n    tobacco", at: 10, 13,
      "a medical plan is sold by itself; dental and vision plans are sold beside others"),
    Row(
      "beside a plan that is not there", addOn, "il-odd]", "il-none]", at: 10, 23,
      "there is no plan 'il-none' to be sold beside"),
    Row("beside a dental plan", addOn, "il-odd]", "il-teeth]", at: 10, 23, "il-teeth is no medical plan"),
    Row(
      "beside a plan of another state", addOn, "il-odd]", "ny-even]", at: 10, 23,
      "the plan ny-even is sold in NY, not in IL"),
    Row("beside a plan twice", addOn, "il-odd]", "il-even]", at: 10, 23, "the plan il-even is named twice"),
    Row(
      "beside who knows what", addOn, "[il-even, il-odd]", "some", at: 10, 13,
      "'any' or a list of medical plans is expected here"),
    Row("beside nothing", addOn, "[il-even, il-odd]", "[]", at: 10, 13, "the list is empty"),
    Row(
      "a medical plan that becomes dental", addOn, "id: il-smile", "id: il-even", at: 7, 9,
      "il-even is a medical plan; a dental plan needs a name of its own"),
    Row(
      "tobacco above the federal cap", plans, "tobacco: 1.2", "tobacco: 1.6", at: 10, 14,
      "the tobacco ratio 1.600 is above the cap of IL, 1.500"),
    Row("tobacco below one", plans, "tobacco: 1.2", "tobacco: 0.9", at: 10, 14, "the tobacco ratio is below 1"),
    Row(
      "deductible of the family below the person's", plans, "family: 6000", "family: 2000", at: 12, 40,
      "the family's $2,000.00 is below the person's $3,000.00"),
    Row(
      "out-of-pocket maximum below the deductible", plans, "person: 8000", "person: 2000", at: 13, 20,
      "the out-of-pocket maximum is below the deductible"),
    Row(
      "out-of-pocket maximum above the person's limit", plans, "person: 8000", "person: 12001", at: 13, 29,
      "$12,001.00 is above the limit of 2028, $12,000.00"),
    Row(
      "out-of-pocket maximum above the family's limit", plans, "family: 16000", "family: 24000.01", at: 13, 43,
      "$24,000.01 is above the limit of 2028, $24,000.00"),
    Row(
      "a year without a limit", plans, "2028-01-01", "2029-01-01", at: 13, 20,
      "no out-of-pocket limit is known for the plan year 2029"),
    Row(
      "unknown category", plans, "primary_care", "primary", at: 15, 7,
      "'primary' is none of primary_care, specialist, emergency, preventive, laboratory, imaging, ambulance, surgery, "
        + "dental, vision, other"
    ),
    Row("negative copay", plans, "copay: 40", "copay: -1", at: 15, 29, "the amount -$1.00 is negative"),
    Row("coinsurance above all", plans, "20%", "101%", at: 16, 46, "the percentage is not 0% to 100%"),
    Row("coinsurance without sign", plans, "20%", "20", at: 16, 46, "'20' is not a percentage such as 20%"),
    Row("no truth", plans, "deductible: true", "deductible: yes", at: 16, 27, "'yes' is not true or false"),
    Row(
      "a value where a list belongs", plans,
      "benefits:\n      primary_care: {copay: 40}\n      other: {deductible: true, coinsurance: 20%}", "benefits: all",
      at: 14, 15, "names with values are expected here"),
    Row(
      "no YAML", plans, "{person: 3000,", "{person: 3000", at: 12, 37,
      "this is not YAML: did not find expected ',' or '}'"),
    Row("empty", plans, plans, "", at: 1, 1, "the file is empty"),
    Row("age without a factor", curve, "  30: 1.1\n", "", at: 7, 3, "age 30 has no factor"),
    Row("age with two factors", curve, "30: 1.1", "29-30: 1.1", at: 9, 3, "age 29 has two factors"),
    Row(
      "age beyond the curve", curve, "31-64", "31-65", at: 10, 3,
      "'31-65' is not an age from 0 to 64, or two such as 0-14"),
    Row("falling curve", curve, "30: 1.1", "30: 0.9", at: 7, 3, "the factor of age 30 is below that of 29"),
    Row("no factor", curve, "0.8", "none", at: 7, 9, "'none' is not a factor such as 1.135"),
    Row("fine factor", curve, "0.8", "0.8765", at: 7, 9, "the factor has more than three decimals"),
    Row("huge factor", curve, "31-64: 3", "31-64: 30", at: 10, 10, "the factor is not above 0 and at most 10"),
    Row("unknown curve", state, "federal", "feudal", at: 4, 21, "there is no age curve 'feudal'"),
    Row(
      "two regimes", state, "age_curve: federal", "age_curve: federal, family_tiers: {}", at: 4, 9,
      "the rating rule is either age_curve or family_tiers"),
    Row(
      "tiers that fall", state, "age_curve: federal",
      "family_tiers: {one_adult: 1, two_adults: 2, one_adult_children: 1.7, two_adults_children: 1.6, child_only: 0.4}",
      at: 4, 24, "a family with one person more is cheaper by these tiers"),
    Row("cap above the federal one", state, "1.5", "1.6", at: 5, 16, "the cap is not from 1 to 1.5, the federal limit"),
    Row(
      "county in two areas", state, "TX-2: {", "TX-2: {counties: [TRAVIS], ", at: 8, 21, "TRAVIS is in two rating areas"
    ),
    Row("ZIP codes in two areas", state, "750-785", "750-786", at: 8, 17, "ZIP codes 786 are in two rating areas"),
    Row(
      "no ZIP prefix", state, "733", "73301", at: 7, 37,
      "'73301' is not the first three digits of ZIP codes, such as 606 or 600-611"),
    Row(
      "area without a place", state, "{zips: [750-785]}", "{}", at: 8, 9,
      "a rating area has counties, zips or both"),
    Row(
      "price named twice", fees, "87070: 11.50", "99213: 11.50", at: 7, 16,
      "99213 has two prices; the first is in line 6"),
    Row(
      "no procedure code", fees, "99213", "9921", at: 6, 18,
      "'9921' is not a CPT or HCPCS code of five capital letters and digits"),
    Row("negative price", fees, "98.40", "-98.40", at: 6, 25, "the amount -$98.40 is negative"),
  ])
  func fault(_ row: Row) {
    let problem = FileProblem(file: "a.yaml", line: row.line, column: row.column, reason: row.reason)
    #expect(throws: problem) { try CatalogueFile(Array(row.file.utf8), name: "a.yaml", in: catalogue) }
    #expect(problem.problem.detail == "a.yaml:\(row.line):\(row.column): \(row.reason).")
  }

  @Test func planNamedTwiceIsRefusedAtTheSecond() {
    let second = Self.plans.split(separator: "\n").dropFirst(6).joined(separator: "\n")
    #expect(
      throws: FileProblem(
        file: "a.yaml", line: 17, column: 9, reason: "the plan il-new is listed twice; first in line 7")
    ) {
      try CatalogueFile(Array("\(Self.plans)\n\(second)".utf8), name: "a.yaml", in: catalogue)
    }
  }

  @Test func bytesThatAreNoTextAreRefusedAtTheFirst() {
    let bytes = Array("kind: plans\nstate: ".utf8) + [0xff, 0xfe]
    #expect(throws: FileProblem(file: "a.yaml", line: 2, column: 8, reason: "the bytes are not UTF-8 text")) {
      try CatalogueFile(bytes, name: "a.yaml", in: catalogue)
    }
    #expect(
      throws: FileProblem(
        file: "a.yaml", line: 1, column: 6, reason: "this is not YAML: control characters are not allowed")
    ) {
      try CatalogueFile(Array("kind:\u{1}".utf8), name: "a.yaml", in: catalogue)
    }
    #expect(throws: FileProblem.self) {
      try CatalogueFile(Array(repeating: 32, count: 1 << 21), name: "a.yaml", in: catalogue)
    }
  }

  @Test(arguments: [plans, addOn, curve, state, fees]) func goodFileIsRead(_ file: String) throws {
    _ = try CatalogueFile(Array(file.utf8), name: "a.yaml", in: catalogue)
  }
}
