// The door for files. Two passes: the first looks at the whole file and changes nothing; the second takes the records
// of what was accepted, in batches, from the place where an import that was broken off left it.

public import Contracts
import Courier
import Kernel
public import Runtime
public import X12

public struct FileDoor: Sendable {
  /// What is taken here, as ST01.
  static let transactions: Set<String> = ["834", "837", "820"]

  let engine: Engine
  let profiles: PartnerProfiles
  let guides: GuideLibrary
  let party: any Premia_Party_V1_PartyService.ClientProtocol
  let policy: any Premia_Policy_V1_PolicyService.ClientProtocol
  let claims: any Premia_Claims_V1_ClaimsService.ClientProtocol
  let payments: any Premia_Payments_V1_PaymentsService.ClientProtocol

  /// - Parameter engine: of `ExchangeContext.context`.
  public init(
    engine: Engine, profiles: PartnerProfiles, guides: GuideLibrary,
    party: any Premia_Party_V1_PartyService.ClientProtocol,
    policy: any Premia_Policy_V1_PolicyService.ClientProtocol,
    claims: any Premia_Claims_V1_ClaimsService.ClientProtocol,
    payments: any Premia_Payments_V1_PaymentsService.ClientProtocol
  ) {
    self.engine = engine
    self.profiles = profiles
    self.guides = guides
    self.party = party
    self.policy = policy
    self.claims = claims
    self.payments = payments
  }

  /// Takes a file in. The same file again after an import that was broken off goes on where it stopped.
  ///
  /// What is wrong with the file is in the report. Records are applied in the order of the file for one subscriber or
  /// member number, and side by side otherwise.
  ///
  /// - Throws: `Problem` where the import cannot go on for a reason that is not the file's: it cannot be read, the
  /// store
  ///   is full, another context is away. What is done is kept; import the file again later.
  public func take(
    path: String, onProgress: @Sendable (FileProgress) -> Void = { _ in }
  ) async throws -> FileReport {
    let content = try FileContent(path: path)
    guard content.beginsInterchange else {
      return FileReport(name: content.name, kind: .notForThisDoor("This is no X12: it does not begin with ISA."))
    }
    do {
      return try await take(content, onProgress)
    } catch let failure as StoreFailure {
      throw Problem(storing: failure)
    } catch let error as X12SyntaxError {
      throw Problem(
        kind: .unavailable, code: "exchange.file_changed", detail: "\(content.name) could not be read again: \(error)",
        remedy: "Leave the file as it is while it is imported, and import it again.")
    }
  }

  private func take(
    _ content: FileContent, _ onProgress: @Sendable (FileProgress) -> Void
  ) async throws -> FileReport {
    let survey = try FileSurvey(path: content.path, guides: guides, profiles: profiles)
    if survey.meant > 0, let stranger = survey.stranger {
      return FileReport(
        name: content.name,
        kind: .refused(
          Problem(
            kind: .forbidden, code: "exchange.unknown_sender",
            detail: "No partner signs as \(stranger); nothing was changed.",
            remedy: "Check ISA05, ISA06 and GS02, or add a profile to config/partners.")))
    }
    guard survey.accepted > 0, let partner = survey.partner else {
      return try await untaken(content, survey)
    }
    let facts = FileImport.Facts(
      name: content.name, sha256: content.sha256, partner: partner.name, transaction: survey.transaction,
      interchanges: survey.interchanges, receivedAt: engine.clock.now)
    let id = StreamID(content.id)
    do {
      try await receive(facts, as: id)
    } catch let refusal as FileImport.Refusal {
      var report = FileReport(name: content.name, kind: .refused(refusal.problem))
      report.partner = partner.name
      return report
    }
    try await apply(content, survey, id, onProgress)
    try await acknowledge(content, survey, id)
    return try await report(content, survey, id)
  }

  /// The answer to a file of which nothing is taken.
  private func untaken(_ content: FileContent, _ survey: FileSurvey) async throws -> FileReport {
    let isForeign = survey.meant == 0 && !survey.foreign.isEmpty
    var report = FileReport(
      name: content.name,
      kind: isForeign
        ? .notForThisDoor(
          "Enrolments (834), professional claims (837P) and premium payments (820) are taken here; this is "
            + survey.foreign.joined(separator: ", ") + ".")
        : .rejected)
    report.partner = survey.partner?.name
    report.findings = survey.findings
    let export = AcknowledgementExport(
      guides: guides, at: engine.clock.now, controlNumber: content.answerNumber, rejected: survey.rejected)
    // A remittance that follows its guide is nobody's mistake: it is not answered.
    if !isForeign || !survey.findings.isEmpty { report.acknowledgement = try await export.bytes(for: content.path) }
    return report
  }

  private func receive(_ facts: FileImport.Facts, as id: StreamID) async throws {
    let act = Act(correlation: id.rawValue, causation: "file/\(facts.sha256)", actor: facts.partner)
    try await engine.run(act) { unit in
      if case .none = try await unit.state(of: FileImport.self, id) {
        for interchange in facts.interchanges {
          if let other = try await Self.file(using: interchange, in: unit) {
            throw FileImport.Refusal.controlNumberUsed(interchange, file: other)
          }
        }
      }
      try await unit.decide(FileImport.self, id, .receive(facts))
    }
  }

  /// The name of the file that used up a control number.
  private static func file(using interchange: FileImport.Interchange, in unit: Unit) async throws -> String? {
    let query = Query(
      ExchangeTables.interchanges,
      where: [("sender", .text(interchange.sender)), ("control_number", .text(interchange.controlNumber))], limit: 1)
    guard let used = try await unit.rows(query).first else { return nil }
    let file = try await unit.rows(
      Query(ExchangeTables.files, where: [("file_id", .text(used.text("file_id")))], limit: 1))
    return file.first?.text("name") ?? used.text("file_id")
  }

  /// The 999 of a file that was taken, empty where there is none.
  ///
  /// - Parameter fileID: `fil_…`.
  public func acknowledgement(of fileID: String) async throws -> [UInt8] {
    let query = Query(ExchangeTables.acknowledgements, where: [("file_id", .text(fileID))])
    return try await engine.store.rows(query).flatMap { Array($0.text("text").utf8) }
  }

  private func report(_ content: FileContent, _ survey: FileSurvey, _ id: StreamID) async throws -> FileReport {
    var report = FileReport(name: content.name, kind: .init(transaction: survey.transaction))
    report.partner = survey.partner?.name
    report.fileID = id.rawValue
    if let progress = try await engine.state(of: FileImport.self, id).progress {
      report.accepted = progress.accepted
      report.refused = progress.refused
    }
    let refused = try await engine.store.rows(
      Query(
        ExchangeTables.outcomes, where: [("file_id", .text(id.rawValue)), ("refused", 1)],
        limit: FileSurvey.mostFindings))
    report.findings = Array(
      (survey.findings + refused.map { RefusedRecord($0).finding }).prefix(FileSurvey.mostFindings))
    report.acknowledgement = try await acknowledgement(of: id.rawValue)
    return report
  }
}
