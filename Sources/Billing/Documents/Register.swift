// The numbers of documents: a series a kind and a year, without a gap and without a number twice.
//
// A number is given when the document is made, behind the billing run that issued the invoice, so that a run does not
// wait for the one row that counts. The register is a stream like any other: two that number at once cannot both win.
// It remembers how far in the log it has come, so that what is read again is not numbered again.

import Kernel
import Runtime

enum DocumentKind: String, CaseIterable, Codable, Sendable {
  case invoice = "INV"
  case creditNote = "CRN"
  case statement = "STM"
}

/// The rules of one series of numbers.
enum Register: Aggregate {
  /// All documents of a kind that are dated in a year.
  struct Series: Hashable, Sendable, Codable {
    let kind: DocumentKind
    let year: Int

    var stream: StreamID { StreamID("register/\(kind.rawValue)-\(year)") }

    /// `INV-2027-000001`.
    func number(_ ordinal: Int64) -> String {
      let digits = String(ordinal)
      return "\(kind.rawValue)-\(year)-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
  }

  /// An event that a document is made of: of an invoice, or of a payer's statement.
  struct Entry: Hashable, Sendable {
    /// In the published log, where what the document says is kept.
    let position: Int64
    let invoice: String
    let account: String
    let policy: String
    /// Empty where it is of an invoice.
    var payer = ""
    var statement = ""
    let on: CalendarDate
    /// What is owed by it; negative where it gives back.
    let cents: Int64
  }

  /// Entries that were numbered together, one behind the other.
  struct Page: Hashable, Sendable, Codable {
    let series: Series
    let first: Int64
    let entries: [Entry]
  }

  struct State: Hashable, Sendable, Codable {
    /// Numbers that were given.
    var count: Int64 = 0
    /// The position of the last event that has a number.
    var through: Int64 = 0
  }

  enum Command: Hashable, Sendable {
    /// Gives the next numbers, in the order of the entries. Those that have one are left out.
    case number([Entry], in: Series)
  }

  enum Event: Hashable, Sendable, Codable {
    case numbered(Page)
  }

  /// Nothing is refused: what was issued gets a number.
  enum Refusal: Error, Hashable {}

  static let kind = "register"
  static let initial = State()

  static func name(of event: Event) -> String {
    switch event {
    case .numbered: "documentsNumbered"
    }
  }

  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .number(let entries, let series):
      let new = entries.filter { $0.position > state.through }
      return new.isEmpty ? [] : [.numbered(Page(series: series, first: state.count + 1, entries: new))]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    switch event {
    case .numbered(let page):
      guard page.first == state.count + 1, let last = page.entries.last, last.position > state.through else {
        preconditionFailure("\(page.series.number(page.first)) does not follow \(state.count) numbers")
      }
      return State(count: state.count + Int64(page.entries.count), through: last.position)
    }
  }

  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    switch recorded.event {
    case .numbered(let page):
      return page.entries.enumerated().map { place, entry in
        let ordinal = page.first + Int64(place)
        return .put(
          BillingTables.documents,
          [
            .text(page.series.number(ordinal)), .text(page.series.kind.rawValue), .integer(Int64(page.series.year)),
            .integer(ordinal), .integer(entry.position), .text(entry.invoice), .text(entry.account),
            .text(entry.policy), .text(entry.payer), .text(entry.statement), .text(entry.on.description),
            .integer(entry.cents),
          ])
      }
    }
  }
}

extension Register.Refusal: Refusal {
  var problem: Problem { switch self {} }
}

extension Register.Entry: CellCoded {
  func write(to cells: inout CellWriter) {
    cells.add(position)
    cells.add(invoice)
    cells.add(account)
    cells.add(policy)
    cells.add(payer)
    cells.add(statement)
    cells.add(on)
    cells.add(cents)
  }

  init(from cells: inout CellReader) throws(CellReader.Fault) {
    position = try cells.number()
    invoice = try cells.text()
    account = try cells.text()
    policy = try cells.text()
    payer = try cells.text()
    statement = try cells.text()
    on = try cells.day()
    cents = try cells.number()
  }
}
