// What is earned, as dated data (config/commissions/schedule.yaml): which rule holds for a month of a policy, and how
// far back a producer may be assigned. A line names the rule that it follows.

import Kernel

/// The rules of one edition of the schedule.
public struct CommissionSchedule: Hashable, Sendable {
  /// The metal level of a plan, as the contract of Products has it.
  enum Level: String, Hashable, Sendable, Codable, CaseIterable {
    case catastrophic, bronze, silver, gold, platinum, dental, vision
  }

  /// Whether a month is of the first term with the carrier.
  enum Year: String, Hashable, Sendable, Codable, CaseIterable {
    case new, renewal
  }

  /// What a paid month earns.
  enum Basis: Hashable, Sendable {
    case perMemberPerMonth(cents: Int64)
    case perPolicyPerMonth(cents: Int64)
    /// Of the premium before the tax credit.
    case ofGrossPremium(basisPoints: Int64)
    /// Of what the member pays.
    case ofNetPremium(basisPoints: Int64)
  }

  /// What is asked of the schedule: the facts of a month on its first covered day.
  struct Case: Hashable, Sendable {
    let state: String
    let level: Level
    let channel: String
    let year: Year
  }

  struct Rule: Hashable, Sendable {
    /// Nil holds for all that no rule names.
    let state: String?
    let level: Level?
    let channel: String?
    let year: Year?
    /// The first day of coverage that it holds for.
    let from: CalendarDate
    let basis: Basis
    let source: String

    /// As lines name it: "IL-silver-new@2027-01-01".
    var reference: String {
      let named = [state, level?.rawValue, channel, year?.rawValue].compactMap { $0 }
      return "\(named.isEmpty ? "all" : named.joined(separator: "-"))@\(from)"
    }
  }

  /// Raised with every change of the file: policies that were assessed under another are assessed anew.
  let edition: Int
  /// How many days back a producer may be assigned.
  let retroactiveLimitDays: Int
  /// The day of the month on which the month before is stated.
  let statementDay: Int
  private let rules: [Rule]

  /// - Throws: `Problem` naming the rule that makes no sense.
  init(edition: Int, retroactiveLimitDays: Int, statementDay: Int, rules: [Rule]) throws(Problem) {
    guard edition > 0 else { throw .schedule("edition", "is \(edition); editions count from 1") }
    guard retroactiveLimitDays >= 0 else {
      throw .schedule("retroactive_limit_days", "is \(retroactiveLimitDays); it is 0 or more")
    }
    guard (1...28).contains(statementDay) else {
      throw .schedule("statement_day", "is \(statementDay); it is 1 to 28, a day that every month has")
    }
    var seen: Set<String> = []
    for rule in rules {
      guard seen.insert(rule.reference).inserted else { throw .schedule("rules", "have \(rule.reference) twice") }
      guard rule.basis.isPossible else { throw .schedule("rules", "\(rule.reference) earns less than nothing, or all") }
    }
    self.edition = edition
    self.retroactiveLimitDays = retroactiveLimitDays
    self.statementDay = statementDay
    // The first that fits is the one that holds.
    self.rules = rules.sorted { ($0.weight, $0.from) > ($1.weight, $1.from) }
  }

  /// The rule of a month: of those that fit and have begun, the one that names the most, the state counting for more
  /// than the level, that for more than the channel, that for more than the year; of these the newest.
  func rule(for month: Case, on day: CalendarDate) -> Rule? { rules.first { $0.fits(month) && $0.from <= day } }
}

extension CommissionSchedule.Rule {
  fileprivate var weight: Int {
    (state == nil ? 0 : 8) + (level == nil ? 0 : 4) + (channel == nil ? 0 : 2) + (year == nil ? 0 : 1)
  }

  fileprivate func fits(_ month: CommissionSchedule.Case) -> Bool {
    (state ?? month.state) == month.state && (level ?? month.level) == month.level
      && (channel ?? month.channel) == month.channel && (year ?? month.year) == month.year
  }
}

extension CommissionSchedule.Basis {
  /// What a month earns. Parts of a cent are rounded to the nearest, half away from zero.
  ///
  /// - Parameters:
  ///   - members: who are covered on some day of it.
  ///   - grossCents: the premium that was paid for it, before the tax credit.
  ///   - netCents: what the member paid.
  func cents(members: Int, grossCents: Int64, netCents: Int64) -> Int64 {
    switch self {
    case .perMemberPerMonth(let cents): cents * Int64(members)
    case .perPolicyPerMonth(let cents): cents
    case .ofGrossPremium(let points): Self.part(points, of: grossCents)
    case .ofNetPremium(let points): Self.part(points, of: netCents)
    }
  }

  fileprivate var isPossible: Bool {
    switch self {
    case .perMemberPerMonth(let cents), .perPolicyPerMonth(let cents): cents >= 0
    case .ofGrossPremium(let points), .ofNetPremium(let points): (0...10_000).contains(points)
    }
  }

  private static func part(_ basisPoints: Int64, of cents: Int64) -> Int64 {
    Money(cents: cents).scaled(by: Ratio(basisPoints, 10_000), rounding: .halfUp).cents
  }
}

extension CommissionSchedule: Decodable {
  private enum CodingKeys: String, CodingKey {
    case edition, rules
    case retroactiveLimitDays = "retroactive_limit_days"
    case statementDay = "statement_day"
  }

  /// - Throws: `Problem` where a rule makes no sense, `DecodingError` for any other file.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      edition: try container.decode(Int.self, forKey: .edition),
      retroactiveLimitDays: try container.decode(Int.self, forKey: .retroactiveLimitDays),
      statementDay: try container.decode(Int.self, forKey: .statementDay),
      rules: try container.decode([Rule].self, forKey: .rules))
  }
}

extension CommissionSchedule.Rule: Decodable {
  private enum BasisName: String, Decodable {
    case perMemberPerMonth = "per_member_per_month"
    case perPolicyPerMonth = "per_policy_per_month"
    case ofGrossPremium = "percent_of_gross_premium"
    case ofNetPremium = "percent_of_net_premium"
  }

  private enum CodingKeys: String, CodingKey {
    case state, level, channel, year, from, basis, cents, source
    case basisPoints = "basis_points"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func amount(_ key: CodingKeys) throws -> Int64 { try container.decode(Int64.self, forKey: key) }
    let basis: CommissionSchedule.Basis =
      switch try container.decode(BasisName.self, forKey: .basis) {
      case .perMemberPerMonth: .perMemberPerMonth(cents: try amount(.cents))
      case .perPolicyPerMonth: .perPolicyPerMonth(cents: try amount(.cents))
      case .ofGrossPremium: .ofGrossPremium(basisPoints: try amount(.basisPoints))
      case .ofNetPremium: .ofNetPremium(basisPoints: try amount(.basisPoints))
      }
    self.init(
      state: try container.decodeIfPresent(String.self, forKey: .state),
      level: try container.decodeIfPresent(CommissionSchedule.Level.self, forKey: .level),
      channel: try container.decodeIfPresent(String.self, forKey: .channel),
      year: try container.decodeIfPresent(CommissionSchedule.Year.self, forKey: .year),
      from: try container.decode(CalendarDate.self, forKey: .from), basis: basis,
      source: try container.decode(String.self, forKey: .source))
  }
}

extension Problem {
  fileprivate static func schedule(_ field: String, _ why: String) -> Problem {
    Problem(
      kind: .invalid, code: "commissions.schedule", detail: "The commission schedule is refused: \(field) \(why).",
      remedy: "Correct config/commissions/schedule.yaml.", fields: [field: why])
  }
}
