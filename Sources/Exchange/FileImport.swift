// The import of one file: what was taken of it, what was refused, and how far it got. Its name follows from its
// content, so that the same file is always the same import.

package import Kernel
import Runtime

package enum FileTag: IDTag {
  package static let prefix = "fil"
}

package enum FileImport: Aggregate {
  package static let kind = "file_import"

  /// An interchange of the file whose control number is used up by it.
  package struct Interchange: Hashable, Sendable, Codable {
    package let sender: String
    package let controlNumber: String
  }

  package struct Facts: Hashable, Sendable, Codable {
    /// The file's name, without its directory.
    package let name: String
    /// Of the content, in hexadecimal.
    package let sha256: String
    package let partner: String
    /// "834", "837" or "820": the first transaction taken.
    package let transaction: String
    package let interchanges: [Interchange]
    package let receivedAt: Instant
  }

  /// Counts transactions of the file and records of the transaction, from 0.
  package struct Cursor: Hashable, Sendable, Codable {
    package var transaction = 0
    package var record = 0
  }

  /// What became of one coverage, claim or line of a payment.
  package struct Outcome: Hashable, Sendable, Codable {
    package let at: Cursor
    /// Of the coverages of a family or the lines of a payment, from 0.
    package let part: Int
    /// The sender's own name: subscriber number and coverage, or patient control number.
    package let subject: String
    package let result: Result

    package enum Result: Hashable, Sendable, Codable {
      /// The policy, claim or receipt, and its status.
      case accepted(id: String, status: String)
      case refused(RefusedRecord)
    }
  }

  package struct Progress: Hashable, Sendable, Codable {
    package var cursor = Cursor()
    package var accepted = 0
    package var refused = 0
    /// Parts of the acknowledgement written so far.
    package var acknowledgementParts = 0
  }

  package enum State: Hashable, Sendable, Codable {
    case none
    case open(Facts, Progress)
    case done(Facts, Progress, at: Instant)
  }

  package enum Command: Sendable {
    /// The file follows its guides. Once more for the same file: go on.
    case receive(Facts)
    case apply(from: Cursor, to: Cursor, [Outcome])
    case acknowledge(part: Int, text: String)
    case finish(at: Instant)
  }

  package enum Event: Hashable, Sendable, Codable {
    case received(Facts)
    case applied(to: Cursor, [Outcome])
    case acknowledged(part: Int, text: String)
    case finished(at: Instant)
  }

  package enum Refusal: Kernel.Refusal, Hashable {
    case unknown
    case duplicate(name: String, on: CalendarDate)
    case controlNumberUsed(Interchange, file: String)
    case overtaken(at: Cursor)
  }

  package static var initial: State { .none }

  package static func name(of event: Event) -> String {
    switch event {
    case .received: "received"
    case .applied: "applied"
    case .acknowledged: "acknowledged"
    case .finished: "finished"
    }
  }
}

extension FileImport.State {
  package var progress: FileImport.Progress? {
    switch self {
    case .none: nil
    case .open(_, let progress), .done(_, let progress, _): progress
    }
  }
}

extension FileImport.Refusal {
  package var problem: Problem {
    switch self {
    case .unknown:
      Problem(
        kind: .notFound, code: "exchange.unknown_file", detail: "No such file was received.", remedy: "Import it.")
    case .duplicate(let name, let date):
      Problem(
        kind: .conflict, code: "exchange.duplicate_file",
        detail: "The same content was taken in full as \(name) on \(date); nothing was changed.",
        remedy: "Nothing needs to be done, unless another file was meant.", fields: ["done_on": date.description])
    case .controlNumberUsed(let interchange, let file):
      Problem(
        kind: .conflict, code: "exchange.control_number_used",
        detail:
          "The interchange \(interchange.controlNumber) of \(interchange.sender) came before, with other content, "
          + "as \(file); nothing was changed.",
        remedy: "Send it under a control number of its own (ISA13).",
        fields: ["control_number": interchange.controlNumber])
    case .overtaken(let cursor):
      Problem(
        kind: .conflict, code: "exchange.overtaken",
        detail: "The same file is being imported by somebody else, who is at transaction \(cursor.transaction), "
          + "record \(cursor.record).",
        remedy: "Wait for that import to end; if it was stopped, import the file again.")
    }
  }
}
