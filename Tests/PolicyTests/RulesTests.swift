import Foundation
import Kernel
import Testing

@testable import Policy

@Suite("The rules of a policy's life")
struct RulesTests {
  private struct File: Decodable {
    struct Rule: Decodable {
      let source: String
      let verified: Bool
    }
    let figures: [Rule]
    let openEnrollment: [Rule]
    let pauses: [Rule]
    let addOns: [Rule]
  }

  @Test("each says where it comes from; what was seen in a source names the statute or regulation")
  func sources() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Sources/Policy/lifecycle.json")
    let rules = try JSONDecoder().decode(File.self, from: Data(contentsOf: file))
    for rule in rules.figures + rules.openEnrollment + rules.pauses + rules.addOns {
      #expect(!rule.source.isEmpty)
      if rule.verified { #expect(rule.source.contains(/CFR|USC|Code|Law|KRS|IC \d/), "\(rule.source)") }
    }
  }

  @Test("a state's own figure comes before the one for all")
  func states() {
    let rules = LifecycleRules.shipped
    #expect(rules.figure(.freeLook, state: "NY", on: day("2027-01-01")).reference == "free_look-NY@1")
    #expect(rules.figure(.freeLook, state: "TX", on: day("2027-01-01")).reference == "free_look@1")
  }

  static let broken: [(String, LifecycleRules.Fault)] = [
    (#"{"figures": [], "openEnrollment": [], "pauses": [], "addOns": []}"#, .missing("special_enrollment_window")),
    (
      figures(unit: "days", periods: ""), .wrongUnit("dependant_age@1")
    ),
    (
      figures(
        periods: """
          {"benefitYear": 2027, "opens": "2027-11-01", "closes": "2027-10-01", "effective": "2028-01-01",
           "verified": false, "source": "none"}
          """), .closesBeforeItOpens(2027)
    ),
    (figures(), .missing("military_service")),
    (
      figures(
        pauses: Policy.PauseReason.allCases.map { reason in
          """
          {"reason": "\(reason.rawValue)", "from": "2014-01-01", "edition": 1, "mostDays": 1, "daysBack": 0,
           "channels": [], "withTaxCredit": true, "verified": false, "source": "none"}
          """
        }), .missing("add_on-add")
    ),
  ]

  /// A file with each figure, and no rule for add-ons.
  private static func figures(unit: String = "years", periods: String = "", pauses: [String] = []) -> String {
    let all = LifecycleRules.Name.allCases.map { name in
      """
      {"name": "\(name.rawValue)", "state": "", "from": "2014-01-01", "edition": 1, "value": 1,
       "unit": "\(name == .dependantAge ? unit : "days")", "verified": false, "source": "none"}
      """
    }
    return """
      {"figures": [\(all.joined(separator: ","))], "openEnrollment": [\(periods)],
       "pauses": [\(pauses.joined(separator: ","))], "addOns": []}
      """
  }

  @Test("a file that lacks one, or makes no sense, is refused", arguments: broken)
  func refused(text: String, fault: LifecycleRules.Fault) {
    #expect(throws: fault) { _ = try JSONDecoder().decode(LifecycleRules.self, from: Data(text.utf8)) }
  }
}
