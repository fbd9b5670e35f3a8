// The audit of one full file of enrolments (BGN08 is 4, verify): each coverage of the file against the book, then each
// policy of the book against the file. Nothing is changed by it. Names that the file has are kept in a table of their
// own, so that memory does not grow with the file or the book.

package import Kernel
package import Runtime

package enum FileAudit: Aggregate {
  package static let kind = "file_audit"

  package struct Facts: Hashable, Sendable, Codable {
    /// The file's name, without its directory.
    package let name: String
    package let partner: String
    package let begunAt: Instant
  }

  /// One thing that the file and the book do not agree about.
  package struct Finding: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
      /// The file has it, the book does not.
      case missingHere = "missing_here"
      /// The book has it, the file does not.
      case missingThere = "missing_there"
      case differs
      /// The file's record cannot be compared.
      case unreadable
    }

    package let kind: Kind
    /// The partner's name for the policy: subscriber number and coverage.
    package let subject: String
    /// Empty where there is none.
    package let policyID: String
    /// "plan", "start", "end", "state", "aptc", "member"; empty where the whole is meant.
    package let field: String
    /// As the book says, and as the file does.
    package let here: String
    package let there: String
  }

  /// How the policies of a state and level come out.
  package struct Total: Hashable, Sendable, Codable {
    package let state: String
    /// Empty for what the book does not have.
    package let level: String
    /// Of the partner, in the book.
    package var policies = 0
    package var missingHere = 0
    package var missingThere = 0
    /// Policies, however much differs about each.
    package var differing = 0

    fileprivate mutating func add(_ other: Total) {
      policies += other.policies
      missingHere += other.missingHere
      missingThere += other.missingThere
      differing += other.differing
    }
  }

  package struct Progress: Hashable, Sendable, Codable {
    /// From 1: the same file may be audited again when the book has changed.
    package let pass: Int
    package var cursor = FileImport.Cursor()
    /// The last policy of the book that was looked for; empty while the file is read.
    package var walkedTo = ""
    package var isRead = false
    package var coverages = 0
    package var findings = 0
    /// In the order of states and levels.
    package var totals: [Total] = []

    package var policies: Int { totals.reduce(0) { $0 + $1.policies } }
  }

  package enum State: Hashable, Sendable, Codable {
    case none
    case open(Facts, Progress)
    case done(Facts, Progress)
  }

  package enum Command: Sendable {
    /// Goes on with an audit that was stopped, or makes another pass.
    case begin(Facts)
    case compare(from: FileImport.Cursor, to: FileImport.Cursor, seen: [String], [Finding], [Total])
    case endOfFile
    case walk(from: String, to: String, [Finding], [Total])
    case finish
  }

  package enum Event: Hashable, Sendable, Codable {
    case began(Facts, pass: Int)
    case compared(to: FileImport.Cursor, seen: [String], [Finding], [Total])
    case read
    case walked(to: String, [Finding], [Total])
    case finished
  }

  package enum Refusal: Kernel.Refusal, Hashable {
    case notOpen
    case overtaken

    package var problem: Problem {
      switch self {
      case .notOpen:
        Problem(
          kind: .conflict, code: "exchange.audit_not_open", detail: "The audit was not begun, or is done.",
          remedy: "Audit the file again.")
      case .overtaken:
        Problem(
          kind: .conflict, code: "exchange.audit_overtaken", detail: "The same file is being audited by somebody else.",
          remedy: "Wait for that audit to end; if it was stopped, audit the file again.")
      }
    }
  }

  package static var initial: State { .none }

  package static func name(of event: Event) -> String {
    switch event {
    case .began: "began"
    case .compared: "compared"
    case .read: "read"
    case .walked: "walked"
    case .finished: "finished"
    }
  }

  package static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch (command, state) {
    case (.begin(let facts), .none): return [.began(facts, pass: 1)]
    case (.begin, .open): return []
    case (.begin(let facts), .done(_, let progress)): return [.began(facts, pass: progress.pass + 1)]
    case (.compare(let from, let to, let seen, let findings, let totals), .open(_, let progress)):
      guard progress.cursor == from, !progress.isRead else { throw .overtaken }
      return [.compared(to: to, seen: seen, findings, totals)]
    case (.endOfFile, .open(_, let progress)): return progress.isRead ? [] : [.read]
    case (.walk(let from, let to, let findings, let totals), .open(_, let progress)):
      guard progress.walkedTo == from, progress.isRead else { throw .overtaken }
      return [.walked(to: to, findings, totals)]
    case (.finish, .open): return [.finished]
    case (.compare, _), (.endOfFile, _), (.walk, _), (.finish, _): throw .notOpen
    }
  }

  package static func evolve(_ state: State, with event: Event) -> State {
    switch (state, event) {
    case (.none, .began(let facts, let pass)), (.done, .began(let facts, let pass)):
      return .open(facts, Progress(pass: pass))
    case (.open(let facts, var progress), .compared(let cursor, let seen, let findings, let totals)):
      progress.cursor = cursor
      progress.coverages += seen.count
      progress.findings += findings.count
      for total in totals { progress.totals.add(total) }
      return .open(facts, progress)
    case (.open(let facts, var progress), .read):
      progress.isRead = true
      return .open(facts, progress)
    case (.open(let facts, var progress), .walked(let place, let findings, let totals)):
      progress.walkedTo = place
      progress.findings += findings.count
      for total in totals { progress.totals.add(total) }
      return .open(facts, progress)
    case (.open(let facts, let progress), .finished):
      return .done(facts, progress)
    case (.none, _), (.open, .began), (.done, _):
      preconditionFailure("history is corrupt: \(event) in \(state)")
    }
  }
}

extension FileAudit.State {
  package var progress: FileAudit.Progress? {
    switch self {
    case .none: nil
    case .open(_, let progress), .done(_, let progress): progress
    }
  }
}

extension [FileAudit.Total] {
  /// Adds to the entry of the same state and level, which is in its order.
  mutating func add(_ total: FileAudit.Total) {
    let place = firstIndex { ($0.state, $0.level) >= (total.state, total.level) } ?? endIndex
    if place < endIndex, (self[place].state, self[place].level) == (total.state, total.level) {
      self[place].add(total)
    } else {
      insert(total, at: place)
    }
  }
}

// MARK: - Rows

enum AuditTables {
  /// What the file has: found by name when the book is walked.
  static let seen = Table(
    "audit_seen", columns: [.text("audit_id"), .integer("pass"), .text("subject")],
    key: ["audit_id", "pass", "subject"])

  static let findings = Table(
    "audit_findings",
    columns: [
      .text("audit_id"), .integer("pass"), .integer("number"), .text("kind"), .text("subject"), .text("policy_id"),
      .text("field"), .text("here"), .text("there"),
    ],
    key: ["audit_id", "pass", "number"],
    checks: [.oneOf("kind", FileAudit.Finding.Kind.allCases.map(\.rawValue))])

  static let all = [seen, findings]
}

extension FileAudit {
  package static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let progress = state.progress else { preconditionFailure("an audit that something happened to has begun") }
    let (id, pass) = (Value.text(recorded.stream.rawValue), Value.integer(Int64(progress.pass)))
    func rows(_ findings: [Finding]) -> [RowChange] {
      findings.enumerated().map { index, finding in
        .put(
          AuditTables.findings,
          [
            id, pass, .integer(Int64(progress.findings - findings.count + index)), .text(finding.kind.rawValue),
            .text(finding.subject), .text(finding.policyID), .text(finding.field), .text(finding.here),
            .text(finding.there),
          ])
      }
    }
    switch recorded.event {
    case .began, .read, .finished: return []
    case .compared(_, let seen, let findings, _):
      return seen.map { .put(AuditTables.seen, [id, pass, .text($0)]) } + rows(findings)
    case .walked(_, let findings, _): return rows(findings)
    }
  }
}

extension FileAudit.Finding {
  /// - Precondition: the row is one of the findings.
  init(_ row: Row) {
    kind = Kind(rawValue: row.text("kind")) ?? .unreadable
    subject = row.text("subject")
    policyID = row.text("policy_id")
    field = row.text("field")
    here = row.text("here")
    there = row.text("there")
  }
}
