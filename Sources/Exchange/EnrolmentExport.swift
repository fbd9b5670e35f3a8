// The book as a full file of enrolments in a partner's words (005010X220A1): BGN08 is 4, verify, and everybody is sent
// for audit (INS03 030). It asks for nothing; whoever receives it compares.

public import Contracts
import Courier
import GRPCCore
public import Kernel
public import X12

public struct EnrolmentExport: Sendable {
  /// The guide of what is written.
  public static let version = "005010X220A1"

  /// How the file is signed: by ISA05 and ISA06, by GS02.
  public struct Address: Sendable, Hashable {
    public let interchange: String
    public let group: String
    public let name: String

    public init(interchange: String, group: String, name: String) {
      self.interchange = interchange
      self.group = group
      self.name = name
    }
  }

  let profile: PartnerProfile
  let party: any Premia_Party_V1_PartyService.ClientProtocol
  let policy: any Premia_Policy_V1_PolicyService.ClientProtocol

  public init(
    profile: PartnerProfile, party: any Premia_Party_V1_PartyService.ClientProtocol,
    policy: any Premia_Policy_V1_PolicyService.ClientProtocol
  ) {
    self.profile = profile
    self.party = party
    self.policy = policy
  }

  /// Writes the partner's policies that are in force on a day or later. Memory holds a page of them.
  ///
  /// - Parameter controlNumber: ISA13, one to nine digits.
  /// - Returns: how many were written; where there is none, nothing is.
  /// - Throws: `Problem` where another context refuses or is away, `X12WriteError` where the sink fails.
  public func writeBook(
    from sender: Address, to receiver: Address, at: Instant, controlNumber: Int, sink: @escaping X12Writer.Sink
  ) async throws -> Int {
    var file = File(sender: sender, receiver: receiver, at: at, controlNumber: controlNumber, sink: sink)
    var request = Premia_Policy_V1_ListPoliciesRequest()
    request.page.size = 500
    repeat {
      let page = try await ask { [request] in try await policy.list(request, options: .bounded) }
      for held in page.policies where held.endDate.isEmpty || held.endDate > at.date.description {
        try await add(held, to: &file)
      }
      request.page.token = page.nextToken
    } while !request.page.token.isEmpty
    return try file.finish()
  }

  /// Writes the policies that `next` gives, in force or not.
  func write(
    from sender: Address, to receiver: Address, at: Instant, controlNumber: Int, sink: @escaping X12Writer.Sink,
    next: () async throws -> Premia_Policy_V1_Policy?
  ) async throws -> Int {
    var file = File(sender: sender, receiver: receiver, at: at, controlNumber: controlNumber, sink: sink)
    while let held = try await next() { try await add(held, to: &file) }
    return try file.finish()
  }

  private func add(_ held: Premia_Policy_V1_Policy, to file: inout File) async throws {
    for identifier in held.identifiers where identifier.system == profile.name && identifier.kind == "enrolment" {
      guard let family = try await Family(held, named: identifier.value, profile, party, on: file.at.date) else {
        continue
      }
      try file.add(family)
    }
  }
}

/// One policy with its people, as the partner names them.
private struct Family {
  struct Person {
    let member: Premia_Policy_V1_Member
    let party: Premia_Party_V1_Party
    /// INS02.
    let relationship: String
  }

  let number: Element
  let people: [Person]
  let coverage: PartnerProfile.Coverage
  let start: CalendarDate?
  /// DTP*349.
  let end: CalendarDate?
  let taxCredit: Money
  let taxCreditRule: PartnerProfile.TaxCredit?

  /// The subscriber's number and where the partner puts it.
  struct Element {
    let value: String
    let source: PartnerProfile.Source?
  }

  /// Nil where the partner has no word for the plan.
  init?(
    _ held: Premia_Policy_V1_Policy, named name: String, _ profile: PartnerProfile,
    _ service: any Premia_Party_V1_PartyService.ClientProtocol, on today: CalendarDate
  ) async throws {
    start = CalendarDate(iso: held.effectiveDate)
    let day = max(today, start ?? today).description
    let price = held.premium.first { $0.from <= day && ($0.to.isEmpty || day < $0.to) }
    let plan = price?.planID ?? held.planID
    let named = profile.coverages.first { name.hasSuffix("/\($0.code)") }
    guard let named, let coverage = profile.coverages.first(where: { $0.plans[held.state] == plan }) else { return nil }
    self.coverage = coverage
    number = Element(
      value: String(name.dropLast(named.code.count + 1)), source: profile.subscriberNumber.first)
    end = CalendarDate(iso: held.endDate).map { profile.endDate == .lastDay ? $0.adding(days: -1) : $0 }
    taxCredit = try price?.aptc.money("premium.aptc") ?? .zero
    taxCreditRule = profile.taxCredit.flatMap { $0.insuranceLine == coverage.insuranceLine ? $0 : nil }
    var people: [Person] = []
    for member in held.members where member.to.isEmpty || member.to > day || member.to == held.endDate {
      var request = Premia_Party_V1_GetPartyRequest()
      request.partyID = member.partyID
      let party = try await ask { [request] in try await service.get(request, options: .bounded) }
      let codes = profile.relationships.filter { $0.value.rawValue == member.relationship }.keys.sorted()
      let isSubscriber = member.relationship == "subscriber"
      people.append(Person(member: member, party: party, relationship: isSubscriber ? "18" : codes.first ?? "G8"))
    }
    // The subscriber leads its family.
    self.people = people.filter { $0.relationship == "18" } + people.filter { $0.relationship != "18" }
  }
}

/// Opens envelopes and transactions as they are needed.
private struct File: ~Copyable {
  let sender: EnrolmentExport.Address
  let receiver: EnrolmentExport.Address
  let at: Instant
  let controlNumber: Int
  private var writer: X12Writer
  private var families = 0
  private var transactions = 0
  /// Of one transaction.
  private static let mostFamilies = 2_000

  init(
    sender: EnrolmentExport.Address, receiver: EnrolmentExport.Address, at: Instant, controlNumber: Int,
    sink: @escaping X12Writer.Sink
  ) {
    self.sender = sender
    self.receiver = receiver
    self.at = at
    self.controlNumber = controlNumber
    writer = X12Writer(sink: sink)
  }

  mutating func add(_ family: Family) throws(X12WriteError) {
    if families == 0 { try begin() }
    if families % Self.mostFamilies == 0 { try beginTransaction() }
    families += 1
    for person in family.people { try add(person, of: family) }
  }

  mutating func finish() throws(X12WriteError) -> Int {
    guard families > 0 else { return 0 }
    try writer.endTransaction()
    try writer.endGroup()
    try writer.endInterchange()
    try writer.finish()
    return families
  }

  private mutating func begin() throws(X12WriteError) {
    let (from, to) = (sender.signature, receiver.signature)
    let date = at.date.compact
    try writer.beginInterchange(
      InterchangeAddress(
        senderQualifier: from.qualifier, sender: from.identifier, receiverQualifier: to.qualifier,
        receiver: to.identifier, date: String(date.suffix(6)), time: at.time, controlNumber: controlNumber))
    try writer.beginGroup(
      GroupHeader(
        functionalID: "BE", sender: sender.group, receiver: receiver.group, date: date, time: at.time,
        controlNumber: "\(controlNumber)", version: EnrolmentExport.version))
  }

  private mutating func beginTransaction() throws(X12WriteError) {
    if transactions > 0 { try writer.endTransaction() }
    transactions += 1
    let control = String(String(10_000 + transactions).dropFirst())
    try writer.beginTransaction("834", controlNumber: control, version: EnrolmentExport.version)
    try writer.segment(
      "BGN",
      ["00", .text("\(controlNumber)\(control)"), .date(at.date), .text(at.time), "", "", "", "4"])
    try writer.segment("N1", ["P5", .words(sender.name, most: 60), "94", .text(sender.group)])
    try writer.segment("N1", ["IN", .words(receiver.name, most: 60), "94", .text(receiver.group)])
  }

  private mutating func add(_ person: Family.Person, of family: Family) throws(X12WriteError) {
    let isSubscriber = person.relationship == "18"
    try writer.segment(
      "INS",
      [.text(isSubscriber ? "Y" : "N"), .text(person.relationship), "030", "XN", "A"]
        + (isSubscriber ? ["", "", "FT"] : []))
    let number = family.number
    let isReference = number.source?.segment != .name
    if isReference { try writer.segment("REF", [.text(number.source?.qualifier ?? "0F"), .text(number.value)]) }
    var name: [X12Element] = [
      "IL", "1", .words(person.party.familyName, most: 60), .words(person.party.givenName, most: 35),
    ]
    if !isReference, let source = number.source {
      name += ["", "", "", .text(source.qualifier), .text(number.value)]
    }
    try writer.segment("NM1", name)
    try addPlace(of: person.party)
    if let born = CalendarDate(iso: person.party.birthDate) {
      try writer.segment("DMG", ["D8", .date(born), .text(person.party.sex.isEmpty ? "U" : person.party.sex)])
    }
    try writer.segment("HLH", [.text(person.member.tobacco ? "T" : "N")])
    try addCoverage(of: person, family)
  }

  private mutating func addPlace(of party: Premia_Party_V1_Party) throws(X12WriteError) {
    let address = party.address
    guard !address.state.isEmpty else { return }
    if !address.lines.isEmpty {
      try writer.segment("N3", address.lines.prefix(2).map { X12Element.words($0, most: 55) })
    }
    try writer.segment(
      "N4",
      [.words(address.city, most: 30), .text(address.state), .text(address.postalCode)]
        + (address.county.isEmpty ? [] : ["", "CY", .words(address.county, most: 30)]))
  }

  private mutating func addCoverage(of person: Family.Person, _ family: Family) throws(X12WriteError) {
    try writer.segment(
      "HD", ["030", "", .text(family.coverage.insuranceLine), .text(family.coverage.description ?? "")])
    if let start = CalendarDate(iso: person.member.from) { try writer.segment("DTP", ["348", "D8", .date(start)]) }
    if let end = family.end { try writer.segment("DTP", ["349", "D8", .date(end)]) }
    guard person.relationship == "18", family.taxCredit.isPositive, let rule = family.taxCreditRule else { return }
    if let qualifier = rule.amount {
      try writer.segment("AMT", [.text(qualifier), .money(family.taxCredit)])
    } else if let category = rule.category {
      try writer.segment("LS", ["2700"])
      try writer.segment("LX", ["1"])
      try writer.segment("N1", ["75", .text(category)])
      try writer.segment("REF", ["9V", .money(family.taxCredit)])
      try writer.segment("LE", ["2700"])
    }
  }
}

extension EnrolmentExport.Address {
  /// ISA05 and ISA06.
  fileprivate var signature: (qualifier: String, identifier: String) {
    let parts = interchange.split(separator: "*", maxSplits: 1)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : ("ZZ", interchange)
  }
}
