// The second pass: batches of records, each written down with the place behind it.
//
// A record that was applied and not yet written down when an import was broken off is applied again; its calls have the
// same keys and so give the same answers.

import Contracts
import Courier
import Kernel
import Runtime
import X12

extension FileDoor {
  /// Records between two places that are written down.
  private static let batch = 48
  /// Subjects whose records are applied side by side.
  private static let lanes = 16
  /// Characters of one stored part of an acknowledgement.
  private static let partLength = 65_536

  /// Records of one subject, in the order of the file.
  private typealias Lane = [(position: Int, work: Work)]

  /// One record with all it needs.
  fileprivate enum Work: Sendable {
    case family([LoopRecord], RecordName)
    case claim(LoopRecord, BillingProvider, RecordName)
    case payment(LoopRecord, RecordName)
    case refused(FileImport.Outcome)
  }

  func apply(
    _ content: FileContent, _ survey: FileSurvey, _ id: StreamID, _ onProgress: @Sendable (FileProgress) -> Void
  ) async throws {
    guard case .open(let facts, let progress) = try await engine.state(of: FileImport.self, id) else { return }
    let rejected = survey.rejected
    let start = RecordCursor(transaction: progress.cursor.transaction, record: progress.cursor.record)
    var reader = try RecordReader(path: content.path, guides: guides, profiles: profiles, from: start) {
      !rejected.contains($0)
    }
    var providers = ProviderRegister(party: party)
    var done = progress.accepted + progress.refused
    var from = progress.cursor
    while true {
      var batch: [Work] = []
      var position = 0
      while batch.count < Self.batch, let record = try reader.read() {
        position = record.first.byteOffset
        batch.append(try await work(record, facts, id, &providers))
      }
      guard !batch.isEmpty else { break }
      let outcomes = try await apply(batch, receivedOn: facts.receivedAt.date)
      let to = FileImport.Cursor(transaction: reader.next.transaction, record: reader.next.record)
      try await engine.run(act(facts, id)) { [from] unit in
        try await unit.decide(FileImport.self, id, .apply(from: from, to: to, outcomes))
      }
      from = to
      done += outcomes.count
      onProgress(FileProgress(name: content.name, records: done, bytes: position, totalBytes: content.bytes))
    }
  }

  private func act(_ facts: FileImport.Facts, _ id: StreamID) -> Act {
    Act(correlation: id.rawValue, causation: "file/\(facts.sha256)", actor: facts.partner)
  }

  private func work(
    _ record: ImportRecord, _ facts: FileImport.Facts, _ id: StreamID, _ providers: inout ProviderRegister
  ) async throws -> Work {
    guard let partner = record.first.partner(in: profiles) else {
      preconditionFailure("a file of a stranger passed the first look")
    }
    let name = RecordName(record.first, of: id, sha256: facts.sha256, partner: partner)
    switch record {
    case .family(let members):
      return .family(members, name)
    case .claim(let claim):
      switch try await providers.provider(of: claim, as: name) {
      case .success(let provider): return .claim(claim, provider, name)
      case .failure(let refusal):
        return .refused(FileImport.Outcome(name.place, 0, ClaimReader(record: claim).subject, refusal))
      }
    case .payment(let payment):
      return .payment(payment, name)
    }
  }

  /// Applies a batch, a lane for each subject. What comes out does not depend on which lane is faster.
  private func apply(_ batch: [Work], receivedOn day: CalendarDate) async throws -> [FileImport.Outcome] {
    var lanes: [Lane] = []
    var laneOfSubject: [String: Int] = [:]
    for (position, work) in batch.enumerated() {
      if let lane = laneOfSubject[work.subject] {
        lanes[lane].append((position, work))
      } else {
        laneOfSubject[work.subject] = lanes.count
        lanes.append([(position, work)])
      }
    }
    let found = try await withThrowingTaskGroup(of: [(Int, [FileImport.Outcome])].self) { group in
      var waiting = lanes.makeIterator()
      for _ in 0..<Self.lanes {
        guard let lane = waiting.next() else { break }
        group.addTask { try await apply(lane, receivedOn: day) }
      }
      var found: [(Int, [FileImport.Outcome])] = []
      while let some = try await group.next() {
        found += some
        if let lane = waiting.next() { group.addTask { try await apply(lane, receivedOn: day) } }
      }
      return found
    }
    return found.sorted { $0.0 < $1.0 }.flatMap { $0.1 }
  }

  private func apply(_ lane: Lane, receivedOn day: CalendarDate) async throws -> [(Int, [FileImport.Outcome])] {
    let enrolments = EnrolmentImport(party: party, policy: policy)
    let filing = ClaimImport(party: party, claims: claims)
    let receiving = PaymentImport(policy: policy, payments: payments)
    var outcomes: [(Int, [FileImport.Outcome])] = []
    for (position, work) in lane {
      switch work {
      case .family(let members, let name):
        outcomes.append((position, try await enrolments.take(members, as: name)))
      case .claim(let claim, let provider, let name):
        outcomes.append((position, [try await filing.take(claim, from: provider, receivedOn: day, as: name)]))
      case .payment(let payment, let name):
        outcomes.append((position, try await receiving.take(payment, as: name)))
      case .refused(let outcome):
        outcomes.append((position, [outcome]))
      }
    }
    return outcomes
  }

  /// Writes the 999, keeps it, and closes the import.
  func acknowledge(_ content: FileContent, _ survey: FileSurvey, _ id: StreamID) async throws {
    guard case .open(let facts, _) = try await engine.state(of: FileImport.self, id) else { return }
    let export = AcknowledgementExport(
      guides: guides, at: facts.receivedAt, controlNumber: content.answerNumber, rejected: survey.rejected)
    let bytes = try await export.bytes(for: content.path) { try await refusals(id, transaction: $0) }
    var parts = bytes[...]
    var part = 0
    while !parts.isEmpty {
      let text = String(decoding: parts.prefix(Self.partLength), as: UTF8.self)
      parts = parts.dropFirst(Self.partLength)
      try await engine.run(act(facts, id)) { [part] unit in
        try await unit.decide(FileImport.self, id, .acknowledge(part: part, text: text))
      }
      part += 1
    }
    try await engine.run(act(facts, id)) { unit in
      try await unit.decide(FileImport.self, id, .finish(at: unit.now))
    }
  }

  /// Why records of a transaction were refused, in the order of the file.
  private func refusals(_ id: StreamID, transaction: Int) async throws -> [X12Finding] {
    var query = Query(
      ExchangeTables.outcomes,
      where: [("file_id", .text(id.rawValue)), ("transaction_index", .integer(Int64(transaction))), ("refused", 1)])
    var findings: [X12Finding] = []
    while true {
      let rows = try await engine.store.rows(query)
      findings += rows.map { RefusedRecord($0).finding }
      guard rows.count == query.limit, let last = rows.last else { return findings }
      query.after = last.key
    }
  }
}

extension FileDoor.Work {
  /// Records with the same are applied one after the other.
  fileprivate var subject: String {
    switch self {
    case .family(let members, let name):
      "family/" + FamilyReader(profile: name.partner, members: members).subject
    case .claim(let claim, _, _): "claim/" + ClaimReader(record: claim).memberNumber
    case .payment(let payment, let name): "payment/" + PaymentReader(record: payment, profile: name.partner).subject
    case .refused(let outcome): "refused/\(outcome.at.transaction).\(outcome.at.record)"
    }
  }
}
