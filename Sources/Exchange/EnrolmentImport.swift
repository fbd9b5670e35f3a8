// An 834 to policies: people to Party; a quote, an application and the binding to Policy.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime
import X12

struct EnrolmentImport: Sendable {
  let party: any Premia_Party_V1_PartyService.ClientProtocol
  let policy: any Premia_Policy_V1_PolicyService.ClientProtocol

  /// Takes a family in: each of its coverages is accepted or refused for itself.
  ///
  /// - Throws: `Problem` where the import must stop.
  func take(_ members: [LoopRecord], as record: RecordName) async throws(Problem) -> [FileImport.Outcome] {
    let reader = FamilyReader(profile: record.partner, members: members)
    let request: FamilyRequest
    do {
      request = try reader.request()
    } catch {
      return [FileImport.Outcome(record.place, 0, reader.subject, error)]
    }
    switch request {
    case .enrol(let enrolment): return try await enrol(enrolment, reader, record)
    case .end(let end): return try await self.end(end, reader, record)
    }
  }

  // MARK: Enrolment

  private func enrol(
    _ request: EnrolmentRequest, _ reader: FamilyReader, _ record: RecordName
  ) async throws(Problem) -> [FileImport.Outcome] {
    var parties: [String] = []
    for (index, member) in request.members.enumerated() {
      do {
        parties.append(try await register(member, record, "party/\(index)"))
      } catch {
        let refusal = reader.refusal(at: member.place, "2100A", 3, try error.said)
        return [FileImport.Outcome(record.place, 0, request.subscriberNumber, refusal, error)]
      }
    }
    var outcomes: [FileImport.Outcome] = []
    for (part, coverage) in request.coverages.enumerated() {
      do {
        let policy = try await bind(coverage, of: request, parties, record, part)
        outcomes.append(FileImport.Outcome(record.place, part, coverage.name, policy))
      } catch {
        let why = try error.said
        let refusal =
          error.code == "policy.identifier_taken"
          ? reader.numberRefusal(why) : reader.refusal(at: coverage.place, "2300", 3, why)
        outcomes.append(FileImport.Outcome(record.place, part, coverage.name, refusal, error))
      }
    }
    return outcomes
  }

  private func register(
    _ member: EnrolledMember, _ record: RecordName, _ step: String
  ) async throws(Problem) -> String {
    var request = Premia_Party_V1_RegisterRequest()
    request.party = member.party
    request.lineage = record.lineage
    let registered = try await record.call(step) { [request] in try await party.register(request, options: .bounded) }
    return registered.partyID
  }

  private func bind(
    _ coverage: CoverageRequest, of request: EnrolmentRequest, _ parties: [String], _ record: RecordName, _ part: Int
  ) async throws(Problem) -> Premia_Policy_V1_Policy {
    let quote = try await record.call("quote/\(part)") { [question = request.question(coverage)] in
      try await policy.createQuote(question, options: .bounded)
    }
    var application = request.application(coverage, parties, of: record.partner)
    application.quoteID = quote.quoteID
    application.lineage = record.lineage
    let applied = try await record.call("apply/\(part)") { [application] in
      try await policy.apply(application, options: .bounded)
    }
    var bind = Premia_Policy_V1_BindRequest()
    bind.policyID = applied.policyID
    return try await record.call("bind/\(part)") { [bind] in try await policy.bind(bind, options: .bounded) }
  }

  // MARK: End

  private func end(
    _ request: EndRequest, _ reader: FamilyReader, _ record: RecordName
  ) async throws(Problem) -> [FileImport.Outcome] {
    var outcomes: [FileImport.Outcome] = []
    for (part, coverage) in request.coverages.enumerated() {
      guard let held = try await find(coverage.name, record) else { continue }
      do {
        outcomes.append(
          FileImport.Outcome(record.place, part, coverage.name, try await end(held, coverage, request, record, part)))
      } catch {
        let refusal = reader.refusal(at: coverage.place, "2000", 3, try error.said)
        outcomes.append(FileImport.Outcome(record.place, part, coverage.name, refusal, error))
      }
    }
    guard outcomes.isEmpty else { return outcomes }
    let refusal = reader.numberRefusal("The subscriber \(request.subscriberNumber) holds no such coverage here")
    return [FileImport.Outcome(record.place, 0, request.subscriberNumber, refusal)]
  }

  private func find(_ name: String, _ record: RecordName) async throws(Problem) -> Premia_Policy_V1_Policy? {
    var question = Premia_Policy_V1_FindPolicyRequest()
    question.identifier = .init(record.partner.name, "enrolment", name)
    do {
      return try await ask { [question] in try await policy.find(question, options: .bounded) }
    } catch {
      if error.kind == .notFound { return nil }
      throw error
    }
  }

  private func end(
    _ held: Premia_Policy_V1_Policy, _ coverage: CoverageEnd, _ request: EndRequest, _ record: RecordName, _ part: Int
  ) async throws(Problem) -> Premia_Policy_V1_Policy {
    // A policy that is not in force yet would be cancelled whatever the date says.
    if let start = CalendarDate(iso: held.effectiveDate), coverage.date < start {
      throw Problem(
        kind: .invalid, code: "exchange.end_before_start",
        detail: "The coverage began on \(start); it cannot end before that, on \(coverage.date)",
        remedy: "Send an end that is not before the start")
    }
    var termination = Premia_Policy_V1_TerminateRequest()
    termination.policyID = held.policyID
    termination.endDate = coverage.date.description
    termination.reason = request.reason
    termination.actor = record.partner.name
    return try await record.call("terminate/\(part)") { [termination] in
      try await policy.terminate(termination, options: .bounded)
    }
  }
}

extension EnrolmentRequest {
  func question(_ coverage: CoverageRequest) -> Premia_Policy_V1_QuoteRequest {
    var question = Premia_Policy_V1_QuoteRequest()
    question.household.state = place.state
    question.household.county = place.county
    question.household.postalCode = place.postalCode
    question.household.people = coverage.members.map { index in
      var person = Premia_Products_V1_RatedPerson()
      person.ref = "\(index)"
      person.birthDate = members[index].party.birthDate
      person.relationship = members[index].relationship
      person.tobacco = members[index].tobacco
      return person
    }
    question.effectiveDate = coverage.start.description
    question.planIds = [coverage.planID]
    if coverage.taxCredit.isPositive { question.aptc = Premia_Common_V1_Money(coverage.taxCredit) }
    return question
  }

  /// - Parameter parties: who the members are, in their order.
  func application(
    _ coverage: CoverageRequest, _ parties: [String], of partner: PartnerProfile
  ) -> Premia_Policy_V1_ApplyRequest {
    var application = Premia_Policy_V1_ApplyRequest()
    application.planID = coverage.planID
    application.applicants = coverage.members.map { index in
      var applicant = Premia_Policy_V1_Applicant()
      applicant.ref = "\(index)"
      applicant.partyID = parties[index]
      applicant.memberNumber = subscriberNumber
      applicant.givenName = members[index].party.givenName
      return applicant
    }
    application.channel = channel
    application.identifiers = [.init(partner.name, "enrolment", coverage.name)]
    if let number = coverage.policyNumber {
      application.identifiers.append(.init(partner.name, "exchange_policy", number))
    }
    application.originalEffectiveDate = coverage.originalStart?.description ?? ""
    return application
  }
}

extension Problem {
  /// What the sender is told.
  ///
  /// - Throws: itself, where it says nothing of the record and the import must stop.
  var said: String {
    get throws(Problem) {
      if stopsBulkWork { throw self }
      return "\(code): \(detail) \(remedy)"
    }
  }
}

extension FileImport.Outcome {
  init(_ place: FileImport.Cursor, _ part: Int, _ subject: String, _ refusal: RecordRefusal, _ problem: Problem? = nil)
  {
    self.init(
      at: place, part: part, subject: subject, result: .refused(RefusedRecord(refusal, problem: problem)))
  }

  init(_ place: FileImport.Cursor, _ part: Int, _ subject: String, _ policy: Premia_Policy_V1_Policy) {
    self.init(
      at: place, part: part, subject: subject,
      result: .accepted(id: policy.policyID, status: policy.status.word))
  }
}

extension Premia_Policy_V1_Status {
  fileprivate var word: String {
    switch self {
    case .applied: "applied"
    case .pendingPayment: "pending_payment"
    case .active: "active"
    case .paused: "paused"
    case .terminated: "terminated"
    case .cancelled: "cancelled"
    case .voided: "voided"
    case .unspecified, .UNRECOGNIZED: ""
    }
  }
}
