// The dated rules of a policy's life (lifecycle.json): windows, limits, days of notice. A decision names what it used.

import Foundation
import Kernel

struct LifecycleRules: Sendable {
  enum Name: String, Hashable, Sendable, Decodable, CaseIterable {
    case specialEnrollmentWindow = "special_enrollment_window"
    case lossOfCoverageAhead = "loss_of_coverage_ahead"
    case retroactiveLimit = "retroactive_limit"
    case retroactiveDeathLimit = "retroactive_death_limit"
    case retroactiveTaxCreditLimit = "retroactive_tax_credit_limit"
    case retroactiveEnrollmentLimit = "retroactive_enrollment_limit"
    case retroactiveEndLimit = "retroactive_end_limit"
    case retroactiveExchangeEndLimit = "retroactive_exchange_end_limit"
    case advanceLimit = "advance_limit"
    case dependantAge = "dependant_age"
    case ageOutNotice = "age_out_notice"
    case freeLook = "free_look"
    case rescissionNotice = "rescission_notice"
    case renewalOpens = "renewal_opens"
    case renewalCloses = "renewal_closes"
    case reinstatementWindow = "reinstatement_window"
    case rateChangeNotice = "rate_change_notice"

    var unit: Unit { self == .dependantAge ? .years : .days }
  }

  enum Unit: String, Hashable, Sendable, Decodable {
    case days, years
  }

  /// One number from a day on, everywhere or in one state.
  struct Figure: Hashable, Sendable, Decodable {
    let name: Name
    /// Two letters; empty where it holds in every state that has none of its own.
    let state: String
    let from: CalendarDate
    let edition: Int
    let value: Int
    let unit: Unit
    /// Against a source that was seen.
    let verified: Bool
    let source: String

    /// As decisions name it: "free_look-NY@1".
    var reference: String { "\(name.rawValue)\(state.isEmpty ? "" : "-\(state)")@\(edition)" }
  }

  struct OpenEnrollment: Hashable, Sendable, Decodable {
    let benefitYear: Int
    /// The first and the last day on which a plan may be chosen.
    let opens: CalendarDate
    let closes: CalendarDate
    let effective: CalendarDate
    let verified: Bool
    let source: String

    var reference: String { "open_enrollment@\(benefitYear)" }
  }

  /// Who may pause a policy, and for how long.
  struct PauseRule: Hashable, Sendable, Decodable {
    let reason: Policy.PauseReason
    let from: CalendarDate
    let edition: Int
    let mostDays: Int
    /// How long ago it may have begun when it is asked for.
    let daysBack: Int
    let channels: [Policy.Channel]
    /// Whether a policy with a tax credit may be paused.
    let withTaxCredit: Bool
    let verified: Bool
    let source: String

    var reference: String { "pause-\(reason.rawValue)@\(edition)" }
  }

  /// For which reasons an add-on may be taken or dropped during a term.
  struct AddOnRule: Hashable, Sendable, Decodable {
    enum Change: String, Hashable, Sendable, Decodable, CaseIterable {
      case add, remove
    }

    let change: Change
    let from: CalendarDate
    let edition: Int
    let reasons: [Policy.ChangeReason]
    let verified: Bool
    let source: String

    var reference: String { "add_on-\(change.rawValue)@\(edition)" }
  }

  private let figures: [Figure]
  private let periods: [OpenEnrollment]
  private let pauses: [PauseRule]
  private let addOns: [AddOnRule]

  /// The edition in force on a day: the state's own where it has one. Before the first edition, the first.
  func figure(_ name: Name, state: String, on day: CalendarDate) -> Figure {
    let own = figures.filter { $0.name == name && $0.state == state }
    let all = own.isEmpty ? figures.filter { $0.name == name && $0.state.isEmpty } : own
    guard let figure = all.last(where: { $0.from <= day }) ?? all.first else {
      preconditionFailure("init lets no rule go without a figure for every state")
    }
    return figure
  }

  func openEnrollment(on day: CalendarDate) -> OpenEnrollment? {
    periods.first { $0.opens <= day && day <= $0.closes }
  }

  var newestOpenEnrollment: String { periods.last?.reference ?? "open_enrollment" }

  func pause(_ reason: Policy.PauseReason, on day: CalendarDate) -> PauseRule {
    let all = pauses.filter { $0.reason == reason }
    guard let rule = all.last(where: { $0.from <= day }) ?? all.first else {
      preconditionFailure("init lets no reason to pause go without a rule")
    }
    return rule
  }

  func addOn(_ change: AddOnRule.Change, on day: CalendarDate) -> AddOnRule {
    let all = addOns.filter { $0.change == change }
    guard let rule = all.last(where: { $0.from <= day }) ?? all.first else {
      preconditionFailure("init lets no change of add-ons go without a rule")
    }
    return rule
  }
}

extension LifecycleRules: Decodable {
  enum Fault: Error, Hashable {
    case missing(String)
    case wrongUnit(String)
    case closesBeforeItOpens(Int)
  }

  private enum CodingKeys: String, CodingKey { case figures, openEnrollment, pauses, addOns }

  /// - Throws: `Fault` where a rule is missing or makes no sense, `DecodingError` for any other file.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    figures = try container.decode([Figure].self, forKey: .figures).sorted { $0.from < $1.from }
    periods = try container.decode([OpenEnrollment].self, forKey: .openEnrollment).sorted { $0.opens < $1.opens }
    pauses = try container.decode([PauseRule].self, forKey: .pauses).sorted { $0.from < $1.from }
    addOns = try container.decode([AddOnRule].self, forKey: .addOns).sorted { $0.from < $1.from }
    for name in Name.allCases where !figures.contains(where: { $0.name == name && $0.state.isEmpty }) {
      throw Fault.missing(name.rawValue)
    }
    for figure in figures where figure.unit != figure.name.unit { throw Fault.wrongUnit(figure.reference) }
    for period in periods where period.closes < period.opens { throw Fault.closesBeforeItOpens(period.benefitYear) }
    for reason in Policy.PauseReason.allCases where !pauses.contains(where: { $0.reason == reason }) {
      throw Fault.missing(reason.rawValue)
    }
    for change in AddOnRule.Change.allCases where !addOns.contains(where: { $0.change == change }) {
      throw Fault.missing("add_on-\(change.rawValue)")
    }
  }

  /// The rules that Premia comes with.
  static let shipped: LifecycleRules = {
    do {
      guard let url = Bundle.module.url(forResource: "lifecycle", withExtension: "json") else {
        throw Fault.missing("lifecycle.json")
      }
      return try JSONDecoder().decode(LifecycleRules.self, from: Data(contentsOf: url))
    } catch {
      preconditionFailure("the rules that come with Policy cannot be read: \(error)")
    }
  }()
}
