// The dated rules of taxes and fees on premiums (config/billing/levies.yaml). A carrier that bears them itself has
// none.

import Kernel

/// The taxes and fees that apply to an account, and the rules that they are of.
struct Levied: Hashable, Sendable, Codable {
  var levies: [Levy] = []
  /// As decisions name them, in the same order.
  var rules: [String] = []
}

/// What is levied on premiums, by the state that a policy was issued in.
public struct LevyRules: Sendable {
  /// Nothing is levied anywhere.
  public static let none = LevyRules()

  /// Two letters; empty for the rules that hold in every state.
  private var byState: [String: Levied] = [:]

  private init() {}

  /// Those of every state first, then the state's own, each in the order of the file.
  func levied(in state: String) -> Levied {
    guard !byState.isEmpty else { return Levied() }
    var levied = byState[""] ?? Levied()
    guard !state.isEmpty, let own = byState[state] else { return levied }
    levied.levies += own.levies
    levied.rules += own.rules
    return levied
  }
}

extension LevyRules: Decodable {
  /// One tax or fee, from a day on.
  fileprivate struct Rule: Decodable {
    /// Two letters; empty where it holds in every state.
    let state: String
    let kind: Levy.Kind
    /// As invoices say it.
    let name: String
    /// One of the two: of what the discounts leave of the premium, or for every full month, prorated like the premium.
    let percent: String?
    let monthlyCents: Int64?
    /// Nil is every plan.
    let plans: Set<String>?
    let from: CalendarDate
    let to: CalendarDate?
    let edition: Int
    /// Against a source that was seen. What is not verified is not billed.
    let verified: Bool
    let source: String

    /// As decisions name it: "tax-premium-tax-KY@1".
    var reference: String {
      let words = name.lowercased().split(separator: " ").joined(separator: "-")
      return "\(kind.rawValue)-\(words)\(state.isEmpty ? "" : "-\(state)")@\(edition)"
    }
  }

  /// A rule that cannot be billed.
  public struct Fault: Error, Hashable, CustomStringConvertible {
    public let rule: String
    public let why: String

    public var description: String { "\(rule) \(why)" }
  }

  private enum CodingKeys: String, CodingKey { case levies }

  /// - Throws: `Fault` where a rule makes no sense, `DecodingError` for any other file.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    var seen: Set<String> = []
    for rule in try container.decode([Rule].self, forKey: .levies) {
      let levy = try rule.levy()
      guard seen.insert(rule.reference).inserted else { throw Fault(rule: rule.reference, why: "stands there twice") }
      guard rule.verified else { continue }
      byState[rule.state, default: Levied()].levies.append(levy)
      byState[rule.state, default: Levied()].rules.append(rule.reference)
    }
  }
}

extension LevyRules.Rule {
  fileprivate func levy() throws(LevyRules.Fault) -> Levy {
    func fault(_ why: String) -> LevyRules.Fault { LevyRules.Fault(rule: reference, why: why) }
    guard state.isEmpty || (state.utf8.count == 2 && state.utf8.allSatisfy { (0x41...0x5A).contains($0) }) else {
      throw fault("has the state '\(state)'; it is two capital letters, or empty")
    }
    guard !name.isEmpty, (plans ?? []).union([name]).allSatisfy({ !$0.contains { $0 == "|" || $0.isNewline } }) else {
      throw fault("has a name or a plan with a bar or a line end, or no name")
    }
    if let to, to <= from { throw fault("ends on \(to) and starts on \(from)") }
    return Levy(kind: kind, name: name, size: try size(fault), scope: Scope(plans: plans, from: from, to: to))
  }

  private func size(_ fault: (String) -> LevyRules.Fault) throws(LevyRules.Fault) -> Size {
    switch (percent, monthlyCents) {
    case (let text?, nil):
      guard let ratio = Ratio(percent: text) else { throw fault("has the percentage '\(text)'") }
      return .share(ratio)
    case (nil, let cents?):
      guard (1...Self.mostCents).contains(cents) else { throw fault("is of \(cents) cents a month") }
      return .fixed(cents)
    case (nil, nil), (.some, .some): throw fault("has neither or both of percent and monthlyCents")
    }
  }

  /// A thousand a month.
  private static let mostCents: Int64 = 100_000
}

extension Ratio {
  /// A percentage above 0 and at most 100, with six digits behind the point at most, such as "12.5".
  init?(percent text: String) {
    guard let ratio = Ratio(decimal: text), Int64(1_000_000).isMultiple(of: ratio.denominator), .zero < ratio,
      ratio <= Ratio(100, 1)
    else { return nil }
    self = ratio * Ratio(1, 100)
  }

  /// The text of `init(percent:)`.
  var percentText: String {
    let millionths = numerator * (100_000_000 / denominator)
    let digits = String(millionths % 1_000_000 + 1_000_000).dropFirst()
    let fraction = digits.reversed().drop { $0 == "0" }.reversed()
    return fraction.isEmpty ? "\(millionths / 1_000_000)" : "\(millionths / 1_000_000).\(String(fraction))"
  }
}
