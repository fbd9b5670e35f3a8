// A journal entry: what one event of another context means for the books. It is made once, whole and balanced, and
// never changed; a correction is another entry, caused by another event.
//
// Vocabulary: an entry has postings; a posting debits or credits one account; the cause is the event it follows from.

package import Kernel
package import Runtime

/// The tag of entries' identifiers.
package enum JournalTag: IDTag {
  package static let prefix = "jrn"
}

/// The published event that an entry follows from.
package struct Cause: Hashable, Codable, Sendable {
  /// evt_…
  package let eventID: ID<EventTag>
  /// The stable name, such as "Invoice.Issued".
  package let type: String

  package init(eventID: ID<EventTag>, type: String) {
    self.eventID = eventID
    self.type = type
  }

  /// When it happened, to the millisecond: an identifier carries the time of what it names (RFC 9562, version 7).
  package var at: Instant { Instant(microseconds: Int64(eventID.hi >> 16) * 1_000) }

  /// The entry that follows from this event, whenever and however often the event is read.
  package var entryID: ID<JournalTag> { ID(at: at, derivedFrom: "ledger/\(eventID)") }
}

/// One line of an entry.
package struct Posting: Hashable, Codable, Sendable {
  package enum Side: String, Codable, Sendable { case debit, credit }

  package let account: LedgerAccount
  package let side: Side
  /// Positive.
  package let amount: Money
  /// The policy this line is about; empty where it is about several.
  package let policyID: String

  package init(_ account: LedgerAccount, _ side: Side, _ amount: Money, policyID: String) {
    self.account = account
    self.side = side
    self.amount = amount
    self.policyID = policyID
  }

  package var debit: Money { side == .debit ? amount : .zero(amount.currency) }
  package var credit: Money { side == .credit ? amount : .zero(amount.currency) }
}

package struct JournalEntry: Hashable, Codable, Sendable {
  package let cause: Cause
  /// The business day of the event.
  package let on: CalendarDate
  package let words: String
  /// Each positive; debits equal credits.
  package let postings: [Posting]

  package init(cause: Cause, words: String, postings: [Posting]) {
    self.cause = cause
    self.on = cause.at.date
    self.words = words
    self.postings = postings
  }

  package var debit: Money { postings.reduce(.zero(bookCurrency)) { $0 + $1.debit } }
  package var credit: Money { postings.reduce(.zero(bookCurrency)) { $0 + $1.credit } }

  /// The policies its lines are about, in their order.
  package var policyIDs: [String] {
    var seen: [String] = []
    for posting in postings where !posting.policyID.isEmpty && !seen.contains(posting.policyID) {
      seen.append(posting.policyID)
    }
    return seen
  }
}

/// The rules of one entry's stream.
package enum Journal: Aggregate {
  package static let kind = "entry"

  package enum State: Hashable, Codable, Sendable {
    case blank
    case posted(for: Cause)
  }

  package enum Command: Sendable {
    case post(JournalEntry)
  }

  package enum Event: Hashable, Codable, Sendable {
    case entryPosted(JournalEntry)
  }

  /// In the order in which they are looked for.
  package enum Refusal: Kernel.Refusal, Hashable {
    /// The causing event has no identifier of the house.
    case unnamedEvent(String)
    case foreignCurrency(String, in: Cause)
    /// A line of an invoice that no account is kept for.
    case unknownLine(kind: String, invoiceID: String)
    /// The amounts of the event contradict each other.
    case unbalanced(Cause, debit: Money, credit: Money)
    /// The place of the entry holds another event's.
    case placeTaken(by: Cause, wanted: Cause)
  }

  package static let initial = State.blank

  package static func name(of event: Event) -> String {
    switch event {
    case .entryPosted: "entryPosted"
    }
  }
}

extension Journal.Refusal {
  package var problem: Problem {
    switch self {
    case .unnamedEvent(let id):
      Problem(
        kind: .invalid, code: "ledger.unnamed_event", detail: "An event has the identifier '\(id)', not evt_….",
        remedy: "Look at what publishes it; every posting must name its event.")
    case .foreignCurrency(let currency, let cause):
      Problem(
        kind: .invalid, code: "ledger.foreign_currency",
        detail: "\(cause.type) \(cause.eventID) is in \(currency); the books are kept in \(bookCurrency).",
        remedy: "Correct it at its source, then redrive the message.")
    case .unknownLine(let kind, let invoiceID):
      Problem(
        kind: .invalid, code: "ledger.unknown_line",
        detail: "Invoice \(invoiceID) has a line of the kind '\(kind)', which no account is kept for.",
        remedy: "Add the kind to the posting rules, then redrive the message.")
    case .unbalanced(let cause, let debit, let credit):
      Problem(
        kind: .invalid, code: "ledger.unbalanced",
        detail: "\(cause.type) \(cause.eventID) debits \(debit) and credits \(credit).",
        remedy: "Compare the event's total with its parts at its source, correct it there, then redrive the message.")
    case .placeTaken(let holder, let wanted):
      Problem(
        kind: .conflict, code: "ledger.place_taken",
        detail: "The entry \(wanted.entryID) of \(wanted.eventID) was posted for \(holder.eventID).",
        remedy: "Report this: two events must never share an entry.")
    }
  }
}
