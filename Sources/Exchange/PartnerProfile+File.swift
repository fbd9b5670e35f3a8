// A profile out of its YAML file.

import Kernel

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension PartnerProfiles {
  /// Reads every `*.yaml` of a directory, such as `config/partners`.
  ///
  /// - Throws: `ConfigProblem` with file, line and reason; also where two partners sign alike.
  public static func load(directory: String) throws(ConfigProblem) -> PartnerProfiles {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
      throw ConfigProblem(file: directory, line: 1, reason: "the directory of partner profiles cannot be read")
    }
    var profiles: [PartnerProfile] = []
    var owners: [PartnerProfile.Sender: String] = [:]
    for name in names.sorted() where name.hasSuffix(".yaml") {
      let profile = try PartnerProfile(ConfigValue(path: directory + "/" + name))
      for sender in profile.senders {
        if let owner = owners.updateValue(name, forKey: sender) {
          let reason = "the sender \(sender.interchange), \(sender.group) is also that of \(owner)"
          throw ConfigProblem(file: name, line: 1, reason: reason)
        }
      }
      profiles.append(profile)
    }
    return PartnerProfiles(profiles)
  }
}

extension PartnerProfile {
  /// - Parameter file: named in refusals.
  public init(yaml text: String, file: String) throws(ConfigProblem) {
    try self.init(ConfigValue(file: file, text: text))
  }

  init(_ file: ConfigValue) throws(ConfigProblem) {
    let fields = try file.fields(
      of: "a partner profile",
      ["partner", "lineage", "senders", "subscriber_number", "coverages", "relationships", "channels", "end_date"],
      optional: [
        "member_number", "policy_number", "groups", "defaults", "takeover", "end_reasons", "other_end_reason",
        "tax_credit", "control_numbers", "remittances",
      ])
    name = try fields["partner"].text()
    lineage = try fields["lineage"].text()
    senders = try fields["senders"].map { value throws(ConfigProblem) in try Sender(value) }
    subscriberNumber = try fields["subscriber_number"].map { value throws(ConfigProblem) in try Source(value) }
    memberNumber =
      try fields.optional("member_number")?.map { value throws(ConfigProblem) in try Source(value) } ?? []
    policyNumber =
      if let value = fields.optional("policy_number") { try Source(ofCoverage: value) } else { nil }
    groups = if let value = fields.optional("groups") { try Groups(value) } else { nil }
    coverages = try fields["coverages"].map { value throws(ConfigProblem) in try Coverage(value) }
    defaultPlace = if let value = fields.optional("defaults") { try Place(value) } else { nil }
    relationships = try fields["relationships"].dictionary { value throws(ConfigProblem) in try value.choice() }
    channels = try fields["channels"].dictionary { value throws(ConfigProblem) in try value.text() }
    takeover = if let value = fields.optional("takeover") { try value.date() } else { nil }
    endDate = try fields["end_date"].choice()
    endReasons =
      try fields.optional("end_reasons")?.dictionary { value throws(ConfigProblem) in try value.choice() } ?? [:]
    otherEndReason = try fields.optional("other_end_reason")?.choice() ?? .voluntary
    taxCredit = if let value = fields.optional("tax_credit") { try TaxCredit(value) } else { nil }
    controlNumbers = try fields.optional("control_numbers")?.choice() ?? .unique
    remittances = if let value = fields.optional("remittances") { try Remittances(value) } else { nil }
  }
}

extension PartnerProfile.Sender {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "a sender", ["interchange", "group"])
    interchange = try fields["interchange"].value("a qualifier and an identifier such as ZZ*1234567890") { text in
      text.utf8.dropFirst(2).first == UInt8(ascii: "*") && text.utf8.count > 3 ? text : nil
    }
    group = try fields["group"].text()
  }
}

extension PartnerProfile.Source {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    self = try value.value("a segment and a qualifier such as REF*0F or NM1*ZZ") { text in
      let parts = text.split(separator: "*", omittingEmptySubsequences: false)
      guard parts.count == 2, let segment = Segment(rawValue: String(parts[0])), !parts[1].isEmpty else { return nil }
      return PartnerProfile.Source(segment: segment, qualifier: String(parts[1]))
    }
  }
}

extension PartnerProfile.Source {
  /// A coverage names nobody: what it is known by stands in a REF.
  fileprivate init(ofCoverage value: ConfigValue) throws(ConfigProblem) {
    try self.init(value)
    guard segment == .reference else { throw value.refusal("a coverage has no NM1; name a REF, such as REF*1L") }
  }
}

extension PartnerProfile.Groups {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "groups", ["source", "accepted"])
    source = try PartnerProfile.Source(fields["source"])
    accepted = try fields["accepted"].texts()
  }
}

extension PartnerProfile.Coverage {
  private enum BirthDate: String, CaseIterable { case required, optional }

  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(
      of: "a coverage", ["insurance_line", "plans"], optional: ["description", "birth_date"])
    insuranceLine = try fields["insurance_line"].text()
    description = try fields.optional("description")?.text()
    var plans: [String: String] = [:]
    for (state, plan) in try fields["plans"].pairs() { plans[try state.state()] = try plan.text() }
    self.plans = plans
    needsBirthDate = try fields.optional("birth_date")?.choice(BirthDate.self) != .optional
  }
}

extension PartnerProfile.Place {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "the defaults", ["state", "county", "postal_code"])
    state = try fields["state"].state()
    county = try fields["county"].text()
    postalCode = try fields["postal_code"].text()
  }
}

extension PartnerProfile.TaxCredit {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "the tax credit", ["insurance_line"], optional: ["category", "amount"])
    insuranceLine = try fields["insurance_line"].text()
    category = try fields.optional("category")?.text()
    amount = try fields.optional("amount")?.text()
    if category == nil, amount == nil { throw value.refusal("the tax credit needs a category or an amount") }
  }
}

extension PartnerProfile.Remittances {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "the remittances", ["match"], optional: ["tax_credits", "contributor"])
    matches = try fields["match"].map { value throws(ConfigProblem) in try Match(value) }
    taxCredits = Set(try fields.optional("tax_credits")?.texts() ?? [])
    contributor = try fields.optional("contributor")?.text()
  }
}

extension PartnerProfile.Remittances.Match {
  fileprivate init(_ value: ConfigValue) throws(ConfigProblem) {
    let fields = try value.fields(of: "a match", ["source", "is"])
    (segment, qualifier) = try fields["source"].value("a segment and a qualifier such as RMR*CT or REF*POL") { text in
      let parts = text.split(separator: "*", omittingEmptySubsequences: false)
      guard parts.count == 2, let segment = Segment(rawValue: String(parts[0])), !parts[1].isEmpty else { return nil }
      return (segment, String(parts[1]))
    }
    meaning = try fields["is"].choice()
  }
}

extension ConfigValue {
  func map<Value>(
    _ read: (ConfigValue) throws(ConfigProblem) -> Value
  ) throws(ConfigProblem) -> [Value] {
    var values: [Value] = []
    for value in try list() { values.append(try read(value)) }
    return values
  }

  func dictionary<Value>(
    _ read: (ConfigValue) throws(ConfigProblem) -> Value
  ) throws(ConfigProblem) -> [String: Value] {
    var values: [String: Value] = [:]
    for (key, value) in try pairs() { values[try key.text()] = try read(value) }
    return values
  }
}
