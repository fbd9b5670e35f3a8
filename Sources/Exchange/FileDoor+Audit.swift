// Audits: a partner's full file against the book. The file is read once, in batches; then the book is walked and each
// policy looked for among the names that the file had. Both places are written down with what was found, so that an
// audit that was broken off goes on.

import Contracts
import Courier
import Kernel
import Runtime
public import X12

/// What an audit found.
public struct AuditReport: Sendable {
  public struct Finding: Sendable, Hashable {
    /// "missing_here", "missing_there", "differs", "unreadable".
    public let kind: String
    /// The partner's name for the policy.
    public let subject: String
    /// Empty where there is none.
    public let policyID: String
    /// Empty where the whole is meant.
    public let field: String
    /// As the book says, and as the file does.
    public let here: String
    public let there: String
  }

  /// How the policies of a state and level come out.
  public struct Total: Sendable, Hashable {
    public let state: String
    /// Empty for what the book does not have.
    public let level: String
    /// Of the partner, in the book.
    public let policies: Int
    public let missingHere: Int
    public let missingThere: Int
    /// Policies, however much differs about each.
    public let differing: Int
  }

  public let auditID: String
  /// From 1.
  public let pass: Int
  public let partner: String
  /// Coverages of the file.
  public let coverages: Int
  /// Policies of the partner in the book.
  public let policies: Int
  /// In the order of states and levels.
  public let totals: [Total]
  public let findingCount: Int
  /// The first 1,000, in the order in which they were found.
  public let findings: [Finding]
  /// The 999 for the file.
  public let acknowledgement: [UInt8]

  static let mostFindings = 1_000
}

extension FileDoor {
  private static let auditBatch = 250

  /// Compares a full file of enrolments with the book. Nothing is changed.
  ///
  /// - Throws: `Problem` where the file is none that can be compared, or the audit cannot go on; audit it again then.
  public func audit(
    path: String, onProgress: @Sendable (FileProgress) -> Void = { _ in }
  ) async throws -> AuditReport {
    let content = try FileContent(path: path)
    do {
      let survey = try FileSurvey(path: path, guides: guides, profiles: profiles)
      guard content.beginsInterchange, survey.accepted > 0, survey.transaction == "834", let partner = survey.partner
      else {
        throw Problem(
          kind: .invalid, code: "exchange.not_an_enrolment",
          detail: "\(content.name) is no 834 of a partner that could be compared.",
          remedy: "Import it to see what is wrong with it.")
      }
      let id = StreamID("audit-\(content.id)")
      let facts = FileAudit.Facts(name: content.name, partner: partner.name, begunAt: engine.clock.now)
      let act = Act(correlation: id.rawValue, causation: "audit/\(content.sha256)", actor: partner.name)
      try await engine.run(act) { unit in try await unit.decide(FileAudit.self, id, .begin(facts)) }
      try await compare(content, survey, id, act, onProgress)
      try await walk(partner, id, act)
      try await engine.run(act) { unit in try await unit.decide(FileAudit.self, id, .finish) }
      return try await report(content, survey, partner, id)
    } catch let failure as StoreFailure {
      throw Problem(storing: failure)
    } catch let error as X12SyntaxError {
      throw Problem(
        kind: .invalid, code: "exchange.unreadable_file", detail: "\(content.name) cannot be read: \(error)",
        remedy: "Import it to see what is wrong with it.")
    }
  }

  // MARK: The file against the book

  private func compare(
    _ content: FileContent, _ survey: FileSurvey, _ id: StreamID, _ act: Act,
    _ onProgress: @Sendable (FileProgress) -> Void
  ) async throws {
    guard let progress = try await engine.state(of: FileAudit.self, id).progress, !progress.isRead else { return }
    let rejected = survey.rejected
    let start = RecordCursor(transaction: progress.cursor.transaction, record: progress.cursor.record)
    var reader = try RecordReader(path: content.path, guides: guides, profiles: profiles, from: start) {
      !rejected.contains($0)
    }
    var (from, done) = (progress.cursor, progress.coverages)
    while true {
      var families: [FamilyReader] = []
      var (records, position) = (0, 0)
      while records < Self.auditBatch, let record = try reader.read() {
        records += 1
        position = record.first.byteOffset
        guard case .family(let members) = record else { continue }
        guard let partner = members[0].partner(in: profiles) else {
          preconditionFailure("a file of a stranger passed the first look")
        }
        families.append(FamilyReader(profile: partner, members: members))
      }
      guard records > 0 else { break }
      let to = FileImport.Cursor(transaction: reader.next.transaction, record: reader.next.record)
      let compared = try await compare(families)
      try await engine.run(act) { [from] unit in
        try await unit.decide(
          FileAudit.self, id,
          .compare(from: from, to: to, seen: compared.seen, compared.findings, compared.totals))
      }
      from = to
      done += compared.seen.count
      onProgress(FileProgress(name: content.name, records: done, bytes: position, totalBytes: content.bytes))
    }
    try await engine.run(act) { unit in try await unit.decide(FileAudit.self, id, .endOfFile) }
  }

  /// What families of a file say, against the policies that they mean, which are asked for together.
  private func compare(
    _ families: [FamilyReader]
  ) async throws(Problem) -> (seen: [String], findings: [FileAudit.Finding], totals: [FileAudit.Total]) {
    let requests = families.map { family in
      Result { () throws(RecordRefusal) in try family.verification() }
    }
    var names: [Premia_Common_V1_OutsideIdentifier] = []
    for case (let family, .success(let request)) in zip(families, requests) {
      for coverage in request.coverages { names.append(.init(family.profile.name, "enrolment", coverage.name)) }
    }
    let today = engine.clock.now.date
    var policies = try await policies(named: names).makeIterator()
    var findings: [FileAudit.Finding] = []
    var totals: [FileAudit.Total] = []
    for (family, request) in zip(families, requests) {
      switch request {
      case .failure(let refusal): findings.append(FileAudit.Finding(unreadable: family.subject, refusal))
      case .success(let request):
        for coverage in request.coverages {
          guard let found = policies.next(), found.hasPolicy else {
            findings.append(FileAudit.Finding(missingHere: coverage))
            totals.add(FileAudit.Total(state: request.place.state, level: "", missingHere: 1))
            continue
          }
          let differences = try EnrolmentComparison(request, coverage, on: today).findings(against: found.policy)
          findings += differences
          if !differences.isEmpty { totals.add(FileAudit.Total(of: found.policy, differing: 1)) }
        }
      }
    }
    return (names.map(\.value), findings, totals)
  }

  /// One for each name, in their order.
  private func policies(
    named identifiers: [Premia_Common_V1_OutsideIdentifier]
  ) async throws(Problem) -> [Premia_Policy_V1_FoundPolicy] {
    var found: [Premia_Policy_V1_FoundPolicy] = []
    for start in stride(from: 0, to: identifiers.count, by: Self.auditBatch) {
      var question = Premia_Policy_V1_FindPoliciesRequest()
      question.identifiers = Array(identifiers[start..<min(start + Self.auditBatch, identifiers.count)])
      found += try await ask { [question] in try await policy.findAll(question, options: .bounded) }.found
    }
    return found
  }

  // MARK: The book against the file

  private func walk(_ partner: PartnerProfile, _ id: StreamID, _ act: Act) async throws {
    guard let progress = try await engine.state(of: FileAudit.self, id).progress else { return }
    var request = Premia_Policy_V1_ListPoliciesRequest()
    request.page.size = 500
    request.page.token = progress.walkedTo
    while true {
      let page = try await ask { [request] in try await policy.list(request, options: .bounded) }
      guard let last = page.policies.last else { return }
      let today = engine.clock.now.date.description
      var names: [(name: String, policy: Premia_Policy_V1_Policy)] = []
      for policy in page.policies where policy.endDate.isEmpty || policy.endDate > today {
        for identifier in policy.identifiers
        where identifier.system == partner.name && identifier.kind == "enrolment" {
          names.append((identifier.value, policy))
        }
      }
      let keys = names.map { [Value.text(id.rawValue), .integer(Int64(progress.pass)), .text($0.name)] }
      let seen = try await engine.store.rows(AuditTables.seen, keys: keys)
      var findings: [FileAudit.Finding] = []
      var totals: [FileAudit.Total] = []
      for (place, row) in zip(names, seen) {
        totals.add(FileAudit.Total(of: place.policy, policies: 1, missingThere: row == nil ? 1 : 0))
        guard row == nil else { continue }
        findings.append(
          FileAudit.Finding(
            kind: .missingThere, subject: place.name, policyID: place.policy.policyID, field: "",
            here: place.policy.planID, there: ""))
      }
      let from = request.page.token
      try await engine.run(act) { [findings, totals] unit in
        try await unit.decide(FileAudit.self, id, .walk(from: from, to: last.policyID, findings, totals))
      }
      if page.nextToken.isEmpty { return }
      request.page.token = last.policyID
    }
  }

  // MARK: Answers

  /// Writes a full file of enrolments with what the book has wherever an audit found that the partner has it otherwise
  /// or not at all: the partner compares it in turn. Nothing is changed.
  ///
  /// - Returns: how many policies it has; where there is none, nothing is written.
  public func writeAnswer(
    to report: AuditReport, from payer: Payer, sink: @escaping X12Writer.Sink
  ) async throws -> Int {
    guard let profile = profiles.partner(named: report.partner), let address = profile.senders.first else { return 0 }
    let export = EnrolmentExport(profile: profile, party: party, policy: policy)
    var query = Query(
      AuditTables.findings, where: [("audit_id", .text(report.auditID)), ("pass", .integer(Int64(report.pass)))])
    var waiting: [String] = []
    var last = ""
    var isAtEnd = false
    return try await export.write(
      from: .init(interchange: "ZZ*\(payer.sender)", group: payer.sender, name: payer.name),
      to: .init(interchange: address.interchange, group: address.group, name: profile.name), at: engine.clock.now,
      controlNumber: report.pass, sink: sink
    ) {
      while waiting.isEmpty, !isAtEnd {
        let rows = try await engine.store.rows(query)
        isAtEnd = rows.count < query.limit
        query.after = rows.last?.key
        // All that differs about a policy stands together.
        for id in rows.map({ $0.text("policy_id") }) where !id.isEmpty && id != last {
          waiting.append(id)
          last = id
        }
      }
      guard !waiting.isEmpty else { return nil }
      var request = Premia_Policy_V1_GetPolicyRequest()
      request.policyID = waiting.removeFirst()
      return try await ask { [request] in try await policy.get(request, options: .bounded) }
    }
  }

  private func report(
    _ content: FileContent, _ survey: FileSurvey, _ partner: PartnerProfile, _ id: StreamID
  ) async throws -> AuditReport {
    guard let progress = try await engine.state(of: FileAudit.self, id).progress else {
      preconditionFailure("an audit that was begun is there")
    }
    let query = Query(
      AuditTables.findings, where: [("audit_id", .text(id.rawValue)), ("pass", .integer(Int64(progress.pass)))],
      limit: AuditReport.mostFindings)
    let export = AcknowledgementExport(
      guides: guides, at: engine.clock.now, controlNumber: content.answerNumber, rejected: survey.rejected)
    return AuditReport(
      auditID: id.rawValue, pass: progress.pass, partner: partner.name, coverages: progress.coverages,
      policies: progress.policies, totals: progress.totals.map(AuditReport.Total.init),
      findingCount: progress.findings,
      findings: try await engine.store.rows(query).map { AuditReport.Finding(FileAudit.Finding($0)) },
      acknowledgement: try await export.bytes(for: content.path))
  }
}

extension FileAudit.Finding {
  fileprivate init(unreadable subject: String, _ refusal: RecordRefusal) {
    self.init(
      kind: .unreadable, subject: subject, policyID: "", field: "", here: "", there: refusal.finding.message)
  }

  fileprivate init(missingHere coverage: CoverageRequest) {
    self.init(
      kind: .missingHere, subject: coverage.name, policyID: "", field: "", here: "", there: coverage.planID)
  }
}

extension FileAudit.Total {
  fileprivate init(
    of policy: Premia_Policy_V1_Policy, policies: Int = 0, missingThere: Int = 0, differing: Int = 0
  ) {
    self.init(
      state: policy.state, level: policy.level.word, policies: policies, missingThere: missingThere,
      differing: differing)
  }
}

extension AuditReport.Total {
  init(_ total: FileAudit.Total) {
    self.init(
      state: total.state, level: total.level, policies: total.policies, missingHere: total.missingHere,
      missingThere: total.missingThere, differing: total.differing)
  }
}

extension AuditReport.Finding {
  init(_ finding: FileAudit.Finding) {
    kind = finding.kind.rawValue
    subject = finding.subject
    policyID = finding.policyID
    field = finding.field
    here = finding.here
    there = finding.there
  }
}
