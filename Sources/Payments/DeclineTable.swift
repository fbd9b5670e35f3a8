// What a decline means, as data (config/payments/declines.yaml): which codes may work later, which never will, and what
// they are of. When to try again is Billing's to say, with all else that follows from an unpaid premium.

public import Kernel

/// Whether the same token may be charged again.
public enum DeclineClass: String, Codable, Hashable, Sendable, CaseIterable {
  /// May work later: insufficient funds, issuer not reached.
  case soft
  /// Will not work with this token again: lost, stolen, closed.
  case hard
}

/// What a token stands for.
public enum MethodKind: String, Codable, Hashable, Sendable, CaseIterable {
  case card, bank
}

/// Decline codes by class. Checked when it is made: no code twice.
public struct DeclineTable: Hashable, Sendable {
  public struct Group: Hashable, Sendable, Decodable {
    public let name: String
    public let declineClass: DeclineClass
    public let method: MethodKind
    public let codes: [String]
    public let confidence: String
    public let source: String

    enum CodingKeys: String, CodingKey {
      case name, method, codes, confidence, source
      case declineClass = "class"
    }
  }

  /// The class of codes in no group.
  public let unlisted: DeclineClass
  public let groups: [Group]
  private let groupOfCode: [String: Int]

  /// - Throws: `Problem` where a code is in two groups.
  public init(unlisted: DeclineClass, groups: [Group]) throws(Problem) {
    var groupOfCode: [String: Int] = [:]
    for (index, group) in groups.enumerated() {
      for code in group.codes where groupOfCode.updateValue(index, forKey: code) != nil {
        let why = "list the code \(code) twice, the second time in '\(group.name)'"
        throw Problem(
          kind: .invalid, code: "payments.decline_table", detail: "The decline table is refused: groups \(why).",
          remedy: "Correct config/payments/declines.yaml.", fields: ["groups": why])
      }
    }
    self.unlisted = unlisted
    self.groups = groups
    self.groupOfCode = groupOfCode
  }

  public func declineClass(of code: String) -> DeclineClass {
    groupOfCode[code].map { groups[$0].declineClass } ?? unlisted
  }

  /// A card where the code is in no group: banks have few codes, and all are known.
  public func method(of code: String) -> MethodKind { groupOfCode[code].map { groups[$0].method } ?? .card }
}

extension DeclineTable: Decodable {
  enum CodingKeys: String, CodingKey { case unlisted, groups }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      unlisted: try container.decode(DeclineClass.self, forKey: .unlisted),
      groups: try container.decode([Group].self, forKey: .groups))
  }
}
