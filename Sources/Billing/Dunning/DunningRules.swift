// The dated rules of what follows when a premium is not paid (dunning.json). A decision names the rules it used.

import Foundation
import Kernel

struct DunningRules: Sendable {
  /// Some days or some calendar months.
  struct Stretch: Hashable, Sendable, Decodable {
    enum Unit: String, Hashable, Sendable, Decodable { case days, months }

    let value: Int
    let unit: Unit

    /// The first day behind the stretch.
    func end(from start: CalendarDate) -> CalendarDate {
      switch unit {
      case .days: start.adding(days: value)
      case .months: start.adding(months: value)
      }
    }
  }

  /// The time to pay before a policy ends, everywhere or in one state, with or without an advance premium tax credit.
  struct Grace: Hashable, Sendable, Decodable {
    /// Two letters; empty where it holds in every state that has none of its own.
    let state: String
    let withTaxCredit: Bool
    let from: CalendarDate
    let edition: Int
    /// From the first day that is not paid for. That day is the first of them.
    let length: Stretch
    /// Services behind these days wait for the premium; nil where claims are paid throughout.
    let paysClaimsFor: Stretch?
    /// How much of the grace stays covered where nobody pays; nil is all of it.
    let covers: Stretch?
    let cure: Dunning.Cure
    /// A bill is paid enough when no more than this part of it is open; in hundredths of a percent.
    let toleranceBasisPoints: Int
    let startNoticeAfterDays: Int
    let endNoticeBeforeDays: Int
    /// Days from the lapse in which paying what was owed brings the policy back; 0 where nothing does.
    let reinstatementDays: Int
    /// Against a source that was seen.
    let verified: Bool
    let source: String

    /// As decisions name it: "grace-aptc-NY@1".
    var reference: String {
      "grace\(withTaxCredit ? "-aptc" : "")\(state.isEmpty ? "" : "-\(state)")@\(edition)"
    }
  }

  /// When a declined charge is tried again.
  struct Retries: Hashable, Sendable, Decodable {
    let method: Dunning.Method
    let decline: Dunning.Decline
    let from: CalendarDate
    let edition: Int
    /// From a decline to the next try: the first after the first decline, and so on; then given up.
    let afterDays: [Int]
    /// What the network allows.
    let mostRetries: Int
    let withinDays: Int
    let verified: Bool
    let source: String

    /// As decisions name it: "retries-card-soft@1".
    var reference: String { "retries-\(method.rawValue)-\(decline.rawValue)@\(edition)" }
  }

  /// When a person is asked to settle what is left of an account whose coverage is over.
  struct Referral: Hashable, Sendable, Decodable {
    let balance: Dunning.Balance.Kind
    let from: CalendarDate
    let edition: Int
    /// From the day on which the debt was past due, or coverage was over.
    let afterDays: Int
    /// Until it is settled it is said again after so many days.
    let everyDays: Int
    let verified: Bool
    let source: String

    /// As decisions name it: "referral-debt@1".
    var reference: String { "referral-\(balance.rawValue)@\(edition)" }
  }

  private let graces: [Grace]
  private let retries: [Retries]
  private let referrals: [Referral]

  /// The edition in force on a day: the state's own where it has one. Before the first edition, the first.
  func grace(in state: String, withTaxCredit: Bool, on day: CalendarDate) -> Grace {
    let all = graces.filter { $0.withTaxCredit == withTaxCredit }
    let own = all.filter { $0.state == state }
    return newest(of: own.isEmpty ? all.filter(\.state.isEmpty) : own, on: day, from: \.from)
  }

  func retries(_ method: Dunning.Method, _ decline: Dunning.Decline, on day: CalendarDate) -> Retries {
    newest(of: retries.filter { $0.method == method && $0.decline == decline }, on: day, from: \.from)
  }

  func referral(of balance: Dunning.Balance.Kind, on day: CalendarDate) -> Referral {
    newest(of: referrals.filter { $0.balance == balance }, on: day, from: \.from)
  }

  private func newest<Rule>(
    of rules: [Rule], on day: CalendarDate, from: (Rule) -> CalendarDate
  ) -> Rule {
    guard let rule = rules.last(where: { from($0) <= day }) ?? rules.first else {
      preconditionFailure("init lets no case go without a rule")
    }
    return rule
  }
}

extension DunningRules: Decodable {
  enum Fault: Error, Hashable {
    case missing(String)
    /// No days, or more of them covered or paid than there are.
    case wrongLength(String)
    case wrongNotices(String)
    case wrongTolerance(String)
    /// More tries than the network allows, or two on one day.
    case tooManyRetries(String)
    /// It would be said before there is anything to say, or always.
    case wrongDays(String)
  }

  private enum CodingKeys: String, CodingKey { case graces, retries, referrals }

  /// - Throws: `Fault` where a rule is missing or makes no sense, `DecodingError` for any other file.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    graces = try container.decode([Grace].self, forKey: .graces).sorted { $0.from < $1.from }
    retries = try container.decode([Retries].self, forKey: .retries).sorted { $0.from < $1.from }
    for withTaxCredit in [false, true]
    where !graces.contains(where: { $0.state.isEmpty && $0.withTaxCredit == withTaxCredit }) {
      throw Fault.missing(withTaxCredit ? "grace-aptc" : "grace")
    }
    for rule in graces { try rule.check() }
    for method in Dunning.Method.allCases {
      for decline in Dunning.Decline.allCases
      where !retries.contains(where: { $0.method == method && $0.decline == decline }) {
        throw Fault.missing("retries-\(method.rawValue)-\(decline.rawValue)")
      }
    }
    for rule in retries { try rule.check() }
    referrals = try container.decode([Referral].self, forKey: .referrals).sorted { $0.from < $1.from }
    for balance in Dunning.Balance.Kind.allCases where !referrals.contains(where: { $0.balance == balance }) {
      throw Fault.missing("referral-\(balance.rawValue)")
    }
    for rule in referrals where rule.afterDays < 0 || rule.everyDays < 1 { throw Fault.wrongDays(rule.reference) }
  }

  /// The rules that Premia comes with.
  static let shipped: DunningRules = {
    do {
      guard let url = Bundle.module.url(forResource: "dunning", withExtension: "json") else {
        throw Fault.missing("dunning.json")
      }
      return try JSONDecoder().decode(DunningRules.self, from: Data(contentsOf: url))
    } catch {
      preconditionFailure("the rules that come with Billing cannot be read: \(error)")
    }
  }()
}

extension DunningRules.Grace {
  fileprivate func check() throws(DunningRules.Fault) {
    // Months are as short as they get from a February on.
    guard let shortest = CalendarDate(year: 2027, month: 2, day: 1) else { preconditionFailure("February has a first") }
    let days = shortest.days(until: length.end(from: shortest))
    guard days > 0 else { throw .wrongLength(reference) }
    for part in [paysClaimsFor, covers].compactMap({ $0 }) {
      guard part.value >= 0, part.end(from: shortest) <= length.end(from: shortest) else {
        throw .wrongLength(reference)
      }
    }
    guard startNoticeAfterDays >= 0, endNoticeBeforeDays >= 1, startNoticeAfterDays <= days - endNoticeBeforeDays,
      reinstatementDays >= 0
    else { throw .wrongNotices(reference) }
    guard (0..<10_000).contains(toleranceBasisPoints) else { throw .wrongTolerance(reference) }
  }
}

extension DunningRules.Retries {
  fileprivate func check() throws(DunningRules.Fault) {
    guard afterDays.allSatisfy({ $0 >= 1 }) else { throw .tooManyRetries(reference) }
    for first in afterDays.indices {
      var (day, count) = (0, 1)
      for gap in afterDays[(first + 1)...] {
        day += gap
        if day < withinDays { count += 1 }
      }
      guard count <= mostRetries else { throw .tooManyRetries(reference) }
    }
  }
}
