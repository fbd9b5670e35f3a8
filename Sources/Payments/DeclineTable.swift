// What a decline means, as data (config/payments/declines.yaml): which codes may work later, which never will, and when
// to try again inside the card networks' limits.

public import Kernel

/// Whether the same token may be charged again.
public enum DeclineClass: String, Codable, Hashable, Sendable, CaseIterable {
  /// May work later: insufficient funds, issuer not reached.
  case soft
  /// Will not work with this token again: lost, stolen, closed.
  case hard
}

/// Decline codes by class, and the retry plan. Checked when it is made: no code twice, and no more tries than the
/// strictest network allows.
public struct DeclineTable: Hashable, Sendable {
  /// A network's limit on charging a declined token again.
  public struct Limit: Hashable, Sendable, Decodable {
    public let network: String
    /// Tries after the first, at most.
    public let reattempts: Int
    public let windowDays: Int
    public let confidence: String
    public let source: String
  }

  public struct Group: Hashable, Sendable, Decodable {
    public let name: String
    public let declineClass: DeclineClass
    public let codes: [String]
    public let confidence: String
    public let source: String

    enum CodingKeys: String, CodingKey {
      case name, codes, confidence, source
      case declineClass = "class"
    }
  }

  public let limits: [Limit]
  /// Days from a decline to the next automatic charge: the first after the first decline, and so on; then given up.
  public let retryAfterDays: [Int]
  /// The class of codes in no group.
  public let unlisted: DeclineClass
  public let groups: [Group]
  private let classes: [String: DeclineClass]

  /// - Throws: `Problem` where a code is in two groups or the retry plan breaks a limit.
  public init(limits: [Limit], retryAfterDays: [Int], unlisted: DeclineClass, groups: [Group]) throws(Problem) {
    for (index, days) in retryAfterDays.enumerated() where days < 1 {
      throw Self.broken("retryAfterDays[\(index)]", "is \(days); a retry is at least a day later")
    }
    for limit in limits {
      let most = Self.mostRetries(retryAfterDays, within: limit.windowDays)
      guard most <= limit.reattempts else {
        throw Self.broken(
          "retryAfterDays",
          "has \(most) retries in \(limit.windowDays) days; \(limit.network) allows \(limit.reattempts)")
      }
    }
    var classes: [String: DeclineClass] = [:]
    for group in groups {
      for code in group.codes where classes.updateValue(group.declineClass, forKey: code) != nil {
        throw Self.broken("groups", "list the code \(code) twice, the second time in '\(group.name)'")
      }
    }
    self.limits = limits
    self.retryAfterDays = retryAfterDays
    self.unlisted = unlisted
    self.groups = groups
    self.classes = classes
  }

  public func declineClass(of code: String) -> DeclineClass { classes[code] ?? unlisted }

  /// The most retries that fall into any window of so many days.
  private static func mostRetries(_ afterDays: [Int], within windowDays: Int) -> Int {
    var most = 0
    for first in afterDays.indices {
      var day = 0
      var count = 1
      for gap in afterDays[(first + 1)...] {
        day += gap
        guard day < windowDays else { break }
        count += 1
      }
      most = max(most, count)
    }
    return most
  }

  private static func broken(_ field: String, _ why: String) -> Problem {
    Problem(
      kind: .invalid, code: "payments.decline_table", detail: "The decline table is refused: \(field) \(why).",
      remedy: "Correct config/payments/declines.yaml.", fields: [field: why])
  }
}

extension DeclineTable: Decodable {
  enum CodingKeys: String, CodingKey { case limits, retryAfterDays, unlisted, groups }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      limits: try container.decode([Limit].self, forKey: .limits),
      retryAfterDays: try container.decode([Int].self, forKey: .retryAfterDays),
      unlisted: try container.decode(DeclineClass.self, forKey: .unlisted),
      groups: try container.decode([Group].self, forKey: .groups))
  }
}
