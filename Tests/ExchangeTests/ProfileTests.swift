import Exchange
import Foundation
import Kernel
import Testing

@Suite("Partner profiles")
struct ProfileTests {
  static let yaml = """
    partner: acme
    lineage: x12:acme
    senders:
      - {interchange: ZZ*ACME, group: ACMEAPP}
    subscriber_number: [REF*0F]
    coverages:
      - {insurance_line: HLT, description: SILVER, plans: {IL: il-silver-3000}}
      - {insurance_line: DEN, plans: {IL: il-dental-1000}, birth_date: optional}
    defaults: {state: IL, county: Cook, postal_code: '60601'}
    relationships: {'01': spouse, '19': child}
    channels: {005010X220A1: group}
    takeover: 2027-01-01
    end_date: last_day
    """

  static func profile(
    replacing old: String = "", with new: String = ""
  ) throws(ConfigProblem) -> PartnerProfile {
    let text = old.isEmpty ? yaml : yaml.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    return try PartnerProfile(yaml: text, file: "acme.yaml")
  }

  @Test("A profile is read")
  func read() throws {
    let profile = try Self.profile()
    #expect(profile.name == "acme" && profile.coverages.map(\.code) == ["HLT/SILVER", "DEN"])
    #expect(profile.controlNumbers == .unique && profile.takeover?.description == "2027-01-01")
  }

  @Test(
    "A bad profile is refused with its line and reason",
    arguments: [
      ("partner: acme\n", "", 1, "lacks the field 'partner'"),
      ("ZZ*ACME", "ACME", 4, "'ACME' is not a qualifier and an identifier"),
      ("REF*0F", "N4*CY", 5, "'N4*CY' is not a segment and a qualifier"),
      ("{IL: il-silver-3000}", "{Illinois: il-silver-3000}", 7, "'Illinois' is not a state's two capital letters"),
      ("birth_date: optional", "birth_date: maybe", 8, "'maybe' is not one of required, optional"),
      ("'01': spouse", "'01': husband", 10, "'husband' is not one of spouse, child"),
      ("2027-01-01", "2027-02-30", 12, "'2027-02-30' is not a date"),
      ("takeover:", "take_over:", 12, "a partner profile has no field 'take_over'"),
      ("child}", "child", 11, "this is not YAML: did not find expected ',' or '}'"),
      ("lineage:", "\tlineage:", 2, "this is not YAML: found a tab character that violates indentation"),
      ("x12:acme", "x12:\u{7}acme", 2, "this is not YAML: control characters are not allowed"),
      (
        "end_date: last_day", "end_date: last_day\nremittances: {match: [{source: HL*1, is: policy}]}", 14,
        "'HL*1' is not a segment and a qualifier"
      ),
      (
        "end_date: last_day", "end_date: last_day\nremittances: {match: [{source: RMR*CT, is: person}]}", 14,
        "'person' is not one of policy, exchange_policy, subscriber"
      ),
      (
        "end_date: last_day", "end_date: last_day\npolicy_number: NM1*ZZ", 14, "a coverage has no NM1; name a REF"
      ),
      ("takeover: 2027-01-01", "partner: emca", 1, "named twice here: partner"),
    ])
  func refused(old: String, new: String, line: Int, reason: String) {
    let problem = #expect(throws: ConfigProblem.self) { try Self.profile(replacing: old, with: new) }
    #expect(problem?.file == "acme.yaml" && problem?.line == line)
    #expect(problem?.reason.contains(reason) == true, "\(problem?.reason ?? "")")
  }

  @Test(
    "A file that is no profile is refused by its name, and no profile of its directory is used",
    arguments: [
      ("ISA*00*          *00*", 1, "names with values are expected here"),
      ("partner: [acme\n", 2, "this is not YAML: did not find expected ',' or ']'"), ("", 1, "the file is empty"),
    ])
  func noYAML(text: String, line: Int, reason: String) async throws {
    try await Scratch.file(Array(text.utf8), name: "emca.yaml") { path in
      let directory = String(path.dropLast("/emca.yaml".count))
      try Self.yaml.write(toFile: directory + "/acme.yaml", atomically: true, encoding: .utf8)
      let problem = #expect(throws: ConfigProblem.self) { try PartnerProfiles.load(directory: directory) }
      #expect(problem?.problem.detail == "emca.yaml:\(line): \(reason).")
    }
  }
}
