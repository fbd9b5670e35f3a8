// What the books show of themselves. The trial balance is a tally over `postings`.

import Kernel
package import Runtime

package enum LedgerTables {
  package static let entries = Table(
    "entries",
    columns: [
      .text("entry_id"), .text("event_id"), .text("event_type"), .text("policy_id"), .text("posted_on"), .text("words"),
    ],
    key: ["entry_id"], indexes: [.unique("event_id")])

  /// The entries of a policy: an entry about several policies is listed under each.
  package static let policyEntries = Table(
    "policy_entries", columns: [.text("policy_id"), .text("entry_id")], key: ["policy_id", "entry_id"])

  package static let postings = Table(
    "postings",
    columns: [
      .text("entry_id"), .integer("line"), .text("account"), .text("policy_id"), .text("event_id"), .text("posted_on"),
      .integer("debit_cents"), .integer("credit_cents"),
    ],
    key: ["entry_id", "line"],
    checks: [
      .nonNegative("debit_cents"), .nonNegative("credit_cents"),
      .oneOf("account", LedgerAccount.allCases.map(\.number)),
    ])
}

extension Journal {
  package static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    switch recorded.event {
    case .entryPosted(let entry): rows(of: entry, in: recorded.stream)
    }
  }

  private static func rows(of entry: JournalEntry, in stream: StreamID) -> [RowChange] {
    let id = Value.text(stream.rawValue)
    let eventID = Value.text(entry.cause.eventID.description)
    let on = Value.text(entry.on.description)
    let policies = entry.policyIDs
    let about = policies.count == 1 ? policies[0] : ""
    var rows: [RowChange] = [
      .put(LedgerTables.entries, [id, eventID, .text(entry.cause.type), .text(about), on, .text(entry.words)])
    ]
    for policyID in policies { rows.append(.put(LedgerTables.policyEntries, [.text(policyID), id])) }
    for (index, posting) in entry.postings.enumerated() {
      rows.append(
        .put(
          LedgerTables.postings,
          [
            id, .integer(Int64(index + 1)), .text(posting.account.number), .text(posting.policyID), eventID, on,
            .integer(posting.debit.cents), .integer(posting.credit.cents),
          ]))
    }
    return rows
  }
}
