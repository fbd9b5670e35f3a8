// What a family of an 834 asks for, in our own words. Pure: a file's loops and the partner's profile in, a request or a
// refusal with its place out.

import Contracts
import Kernel
import X12

/// What one coverage of a family asks for.
struct CoverageRequest: Sendable {
  /// The subscriber's number and the coverage, as the partner's name for the policy.
  let name: String
  /// As the partner's remittances name the policy.
  let policyNumber: String?
  let planID: String
  let start: CalendarDate
  /// Where it began with a predecessor.
  let originalStart: CalendarDate?
  /// The first day without coverage, where the sender knows one.
  let end: CalendarDate?
  let taxCredit: Money
  /// Positions in the family's members, and from when each of them is covered.
  let members: [Int]
  let memberStarts: [CalendarDate]
  /// Where a refusal of the coverage is shown.
  let place: SegmentValue
}

struct EnrolledMember: Sendable {
  let party: Premia_Party_V1_Party
  /// "subscriber", "spouse", "child".
  let relationship: String
  let tobacco: Bool
  /// Where a refusal of the person is shown.
  let place: SegmentValue
}

struct EnrolmentRequest: Sendable {
  let subscriberNumber: String
  let place: PartnerProfile.Place
  let channel: String
  let members: [EnrolledMember]
  let coverages: [CoverageRequest]
}

/// The end of one coverage.
struct CoverageEnd: Sendable {
  /// The partner's name for the policy.
  let name: String
  /// The first day without coverage.
  let date: CalendarDate
  /// The segment that gives the date.
  let place: SegmentValue
}

struct EndRequest: Sendable {
  let subscriberNumber: String
  /// All that may be meant; where the family names no coverage, not all of them exist.
  let coverages: [CoverageEnd]
  let reason: String
}

/// A family's request.
enum FamilyRequest: Sendable {
  /// INS03 is 021.
  case enrol(EnrolmentRequest)
  /// INS03 is 024.
  case end(EndRequest)
}

/// What a family is sent for, as INS03 and HD01 say.
enum Maintenance: String {
  case addition = "021"
  /// Audit or compare: what the sender believes to be so.
  case verification = "030"
}

/// Reads a family as its partner means it.
struct FamilyReader {
  let profile: PartnerProfile
  let members: [LoopRecord]

  private var subscriber: LoopRecord { members[0] }
  /// The first segment of the subscriber's loop; a loop 2000 always has its INS.
  private var ins: SegmentValue { subscriber.loop.first("INS") ?? subscriber.loop.segments[0] }

  /// Named in outcomes and in the 999.
  var subject: String { profile.subscriberNumber.firstValue(in: subscriber.loop) ?? "" }

  private var context: X12Finding.Context? {
    subject.isEmpty ? nil : X12Finding.Context(name: "SUBSCRIBER NUMBER REF02", value: subject)
  }

  func request() throws(RecordRefusal) -> FamilyRequest {
    guard ins[1] == "Y" else {
      throw refusal(at: ins, "2000", 1, "The subscriber of this dependant does not stand before it; send them together")
    }
    guard !subject.isEmpty else {
      throw refusal(at: ins, "2000", nil, "The member has none of the identifiers that are trusted as its number")
    }
    try checkGroup()
    let maintenance = ins[3] ?? ""
    for member in members {
      guard let segment = member.loop.first("INS"), segment[3] != maintenance else { continue }
      throw refusal(
        at: segment, "2000", 3, "The members of one family ask for different maintenance; send one at a time")
    }
    // A change of the member (001) may add or end a coverage: then the coverage says which (HD01).
    let change = subscriber.loop.children("2300").first?.first("HD")?[1] ?? ""
    switch maintenance == "001" ? change : maintenance {
    case "021": return .enrol(try enrolment(.addition))
    case "024": return .end(try end())
    default:
      throw refusal(
        at: ins, "2000", 3,
        "Maintenance type \(maintenance) is not taken through this door: 021 adds and 024 ends a coverage; "
          + "send a change as an end and an addition, and audit a full file (030)")
    }
  }

  // MARK: Enrolment

  /// What a full file says of the family; it asks for nothing.
  func verification() throws(RecordRefusal) -> EnrolmentRequest {
    guard ins[1] == "Y", !subject.isEmpty else {
      throw refusal(at: ins, "2000", nil, "The family has no subscriber, or none with an identifier that is trusted")
    }
    for member in members {
      guard let segment = member.loop.first("INS"), segment[3] != Maintenance.verification.rawValue else { continue }
      throw refusal(at: segment, "2000", 3, "The member is sent for maintenance \(segment[3] ?? ""), not audit (030)")
    }
    try checkGroup()
    return try enrolment(.verification)
  }

  private func enrolment(_ maintenance: Maintenance) throws(RecordRefusal) -> EnrolmentRequest {
    let place = try self.place()
    var enrolled: [EnrolledMember] = []
    for member in members { enrolled.append(try self.member(member)) }
    let segments = subscriber.loop.children("2300").compactMap { loop in loop.first("HD").map { (loop, $0) } }
    if segments.isEmpty {
      throw refusal(at: ins, "2000", nil, "The subscriber has no coverage (HD)")
    }
    var coverages: [CoverageRequest] = []
    for (loop, hd) in segments {
      coverages.append(try coverage(loop, hd, maintenance, state: place.state, after: coverages))
    }
    for (index, member) in members.enumerated() {
      if let stray = member.loop.children("2300").compactMap({ $0.first("HD") }).first(where: { hd in
        !segments.contains { $0.1[3] == hd[3] && $0.1[4] == hd[4] }
      }) {
        throw refusal(at: stray, "2300", 3, "The subscriber does not have this coverage of its dependant")
      }
      guard coverages.contains(where: { $0.members.contains(index) }) else {
        throw refusal(at: member.loop.segments[0], "2000", nil, "The member has no coverage (HD)")
      }
    }
    return EnrolmentRequest(
      subscriberNumber: subject, place: place,
      channel: profile.channels[subscriber.transaction.version] ?? "direct", members: enrolled, coverages: coverages)
  }

  private func coverage(
    _ loop: Loop, _ hd: SegmentValue, _ maintenance: Maintenance, state: String, after others: [CoverageRequest]
  ) throws(RecordRefusal) -> CoverageRequest {
    guard hd[1] == maintenance.rawValue else {
      throw refusal(
        at: hd, "2300", 1, "The member is sent for \(maintenance.rawValue) (INS03) with a coverage that is not (HD01)")
    }
    guard let coverage = profile.coverage(insuranceLine: hd[3] ?? "", description: hd[4]) else {
      throw refusal(
        at: hd, "2300", hd[4] == nil ? 3 : 4, "No plan was agreed for the coverage \(hd[3] ?? "") \(hd[4] ?? "")")
    }
    guard let plan = coverage.plans[state] else {
      throw refusal(at: hd, "2300", 3, "No plan was agreed for the coverage \(coverage.code) in \(state)")
    }
    let name = "\(subject)/\(coverage.code)"
    guard !others.contains(where: { $0.name == name }) else {
      throw refusal(at: hd, "2300", 3, "The coverage \(coverage.code) stands here twice")
    }
    let began = try start(of: subscriber, loop, hd)
    let over = loop.first("DTP", qualifier: "349")
    if let over, maintenance == .addition {
      throw refusal(at: over, "2300", 3, "A coverage is added and ended at once; send the end on its own (024)")
    }
    var covered: [Int] = []
    var starts: [CalendarDate] = []
    for (index, member) in members.enumerated() {
      guard
        let theirs = member.loop.children("2300").first(where: {
          $0.first("HD")?[3] == hd[3] && $0.first("HD")?[4] == hd[4]
        })
      else { continue }
      let theirStart = try start(of: member, theirs, theirs.segments[0])
      guard maintenance == .verification || effective(theirStart) == effective(began) else {
        let segment = theirs.first("DTP", qualifier: "348") ?? theirs.segments[0]
        throw refusal(at: segment, "2300", 3, "The dependant's coverage does not start with the subscriber's")
      }
      if coverage.needsBirthDate, member.loop.child("2100A")?.first("DMG")?.date(2) == nil {
        let name = member.loop.child("2100A")?.first("NM1") ?? member.loop.segments[0]
        throw refusal(at: name, "2100A", nil, "The member has no birth date (DMG); the plan's price depends on it")
      }
      covered.append(index)
      starts.append(effective(theirStart))
    }
    return CoverageRequest(
      name: name, policyNumber: profile.policyNumber?.value(in: loop), planID: plan, start: effective(began),
      originalStart: effective(began) == began ? nil : began,
      end: try over.map { segment throws(RecordRefusal) in try endDate(segment) },
      taxCredit: try taxCredit(loop, coverage), members: covered,
      memberStarts: starts, place: hd)
  }

  private func start(
    of member: LoopRecord, _ loop: Loop, _ hd: SegmentValue
  ) throws(RecordRefusal) -> CalendarDate {
    let segment = loop.first("DTP", qualifier: "348") ?? member.loop.first("DTP", qualifier: "356")
    guard let segment else { throw refusal(at: hd, "2300", nil, "The coverage has no first day (DTP*348)") }
    guard let date = segment.date(3) else { throw refusal(at: segment, "2300", 3, "This is no date") }
    return date
  }

  private func effective(_ date: CalendarDate) -> CalendarDate { max(date, profile.takeover ?? date) }

  private func taxCredit(_ loop: Loop, _ coverage: PartnerProfile.Coverage) throws(RecordRefusal) -> Money {
    guard let rule = profile.taxCredit, rule.insuranceLine == coverage.insuranceLine else { return .zero }
    if let qualifier = rule.amount, let segment = loop.first("AMT", qualifier: qualifier) {
      guard let amount = segment.money(2), !amount.isNegative else {
        throw refusal(at: segment, "2300", 2, "The tax credit is not an amount of zero or more")
      }
      return amount
    }
    guard let category = rule.category else { return .zero }
    for report in subscriber.loop.children("2000LS").flatMap({ $0.children("2700") }) {
      guard let values = report.child("2750"), values.first("N1")?[2] == category else { continue }
      guard let segment = values.first("REF"), let amount = segment.money(2), !amount.isNegative else {
        throw refusal(at: values.segments[0], "2750", nil, "The \(category) is not an amount of zero or more")
      }
      return amount
    }
    return .zero
  }

  private func checkGroup() throws(RecordRefusal) {
    guard let groups = profile.groups, let number = groups.source.value(in: subscriber.loop) else { return }
    guard !groups.accepted.contains(number) else { return }
    let segment = subscriber.loop.first("REF", qualifier: groups.source.qualifier) ?? ins
    throw refusal(at: segment, "2000", 2, "No agreement is held with the group \(number)")
  }

  // MARK: People

  private func place() throws(RecordRefusal) -> PartnerProfile.Place {
    let name = subscriber.loop.child("2100A")
    guard let n4 = name?.first("N4"), let state = n4[2] else {
      if let place = profile.defaultPlace { return place }
      throw refusal(
        at: name?.first("N4") ?? ins, "2100A", nil, "The subscriber has no state (N4); the price depends on it")
    }
    return PartnerProfile.Place(
      state: state, county: n4[5] == "CY" ? n4[6] ?? "" : "", postalCode: n4[3] ?? "")
  }

  private func member(_ record: LoopRecord) throws(RecordRefusal) -> EnrolledMember {
    guard let segment = record.loop.first("INS"), let loop = record.loop.child("2100A"), let name = loop.first("NM1")
    else { throw refusal(at: record.loop.segments[0], "2000", nil, "The member has no name (NM1)") }
    var relationship = "subscriber"
    if segment[1] != "Y" {
      guard let known = profile.relationships[segment[2] ?? ""] else {
        throw refusal(at: segment, "2000", 2, "No relationship was agreed for the code \(segment[2] ?? "")")
      }
      relationship = known.rawValue
    }
    var party = Premia_Party_V1_Party()
    party.kind = .person
    party.familyName = name[3] ?? ""
    party.givenName = name[4] ?? ""
    party.middleName = name[5] ?? ""
    let demographics = loop.first("DMG")
    party.birthDate = demographics?.date(2)?.description ?? ""
    party.sex = demographics?[3] ?? ""
    if let n4 = loop.first("N4") {
      party.address.lines = loop.first("N3")?.elements.filter { !$0.isEmpty } ?? []
      party.address.city = n4[1] ?? ""
      party.address.state = n4[2] ?? ""
      party.address.postalCode = n4[3] ?? ""
      party.address.county = n4[5] == "CY" ? n4[6] ?? "" : ""
    }
    if let contact = loop.first("PER") {
      for element in [3, 5, 7] {
        if contact[element] == "TE" { party.phone = contact[element + 1] ?? "" }
        if contact[element] == "EM" { party.email = contact[element + 1] ?? "" }
      }
    }
    party.identifiers = identifiers(record, party, isSubscriber: relationship == "subscriber")
    let use = loop.first("HLH")?[1]
    return EnrolledMember(party: party, relationship: relationship, tobacco: use == "T" || use == "X", place: name)
  }

  /// A dependant without a number of its own is told by its given name and birth date within the family.
  private func identifiers(
    _ record: LoopRecord, _ party: Premia_Party_V1_Party, isSubscriber: Bool
  ) -> [Premia_Common_V1_OutsideIdentifier] {
    var identifiers: [Premia_Common_V1_OutsideIdentifier] = []
    if isSubscriber { identifiers.append(.init(profile.name, "subscriber", subject)) }
    if let own = profile.memberNumber.firstValue(in: record.loop) {
      identifiers.append(.init(profile.name, "member", own))
    } else if !isSubscriber {
      identifiers.append(.init(profile.name, "member", "\(subject)/\(party.givenName)/\(party.birthDate)"))
    }
    return identifiers
  }

  // MARK: End

  private func end() throws(RecordRefusal) -> EndRequest {
    let reason = profile.endReasons[ins[4] ?? ""] ?? profile.otherEndReason
    let whole = subscriber.loop.first("DTP", qualifier: "357")
    var coverages: [CoverageEnd] = []
    let loops = subscriber.loop.children("2300")
    for loop in loops {
      guard let hd = loop.first("HD") else { continue }
      guard let coverage = profile.coverage(insuranceLine: hd[3] ?? "", description: hd[4]) else {
        throw refusal(at: hd, "2300", hd[4] == nil ? 3 : 4, "No plan was agreed for this coverage")
      }
      guard let segment = loop.first("DTP", qualifier: "349") ?? whole else {
        throw refusal(at: hd, "2300", nil, "The coverage has no last day (DTP*349)")
      }
      coverages.append(CoverageEnd(name: "\(subject)/\(coverage.code)", date: try endDate(segment), place: segment))
    }
    if loops.isEmpty {
      guard let whole else { throw refusal(at: ins, "2000", nil, "The end has no date (DTP*357)") }
      let date = try endDate(whole)
      coverages = profile.coverages.map { CoverageEnd(name: "\(subject)/\($0.code)", date: date, place: whole) }
    }
    return EndRequest(subscriberNumber: subject, coverages: coverages, reason: reason.rawValue)
  }

  /// The first day without coverage.
  private func endDate(_ segment: SegmentValue) throws(RecordRefusal) -> CalendarDate {
    guard let date = segment.date(3) else { throw refusal(at: segment, "2000", 3, "This is no date") }
    switch profile.endDate {
    case .lastDay: return date.adding(days: 1)
    case .firstDayWithout: return date
    }
  }

  /// Where the subscriber's number stands.
  func numberRefusal(_ why: String) -> RecordRefusal {
    for source in profile.subscriberNumber where source.segment == .reference {
      if let segment = subscriber.loop.first("REF", qualifier: source.qualifier) {
        return refusal(at: segment, "2000", 2, why)
      }
    }
    return refusal(at: ins, "2000", nil, why)
  }

  func refusal(at segment: SegmentValue, _ loop: String, _ element: Int?, _ why: String) -> RecordRefusal {
    RecordRefusal(at: segment, loop, element: element, subject: context, why + " (byte \(segment.byteOffset)).")
  }
}

extension Premia_Common_V1_OutsideIdentifier {
  init(_ system: String, _ kind: String, _ value: String) {
    self.init()
    self.system = system
    self.kind = kind
    self.value = value
  }
}
