// Files, their records and their acknowledgements as rows.

import Kernel
package import Runtime

enum ExchangeTables {
  static let files = Table(
    "files",
    columns: [
      .text("file_id"), .text("name"), .text("sha256"), .text("partner"), .text("transaction_set"), .text("status"),
      .integer("accepted"), .integer("refused"), .text("received_on"), .text("done_on", nullable: true),
    ],
    key: ["file_id"], indexes: [.unique("sha256"), .on("partner"), .on("status")],
    checks: [.oneOf("status", ["applying", "done"]), .nonNegative("accepted"), .nonNegative("refused")])

  /// A control number that a sender may not use again.
  static let interchanges = Table(
    "interchanges", columns: [.text("file_id"), .text("sender"), .text("control_number")],
    key: ["file_id", "sender", "control_number"], indexes: [.unique("sender", "control_number")])

  static let outcomes = Table(
    "outcomes",
    columns: [
      .text("file_id"), .integer("transaction_index"), .integer("record_index"), .integer("part"), .text("subject"),
      .integer("refused"), .text("made_id", nullable: true), .text("status", nullable: true),
      .text("level", nullable: true), .text("code", nullable: true), .text("segment_id", nullable: true),
      .integer("segment_ordinal", nullable: true), .text("loop_id", nullable: true),
      .integer("element", nullable: true), .integer("component", nullable: true),
      .integer("element_reference", nullable: true), .text("bad_value", nullable: true),
      .text("context_name", nullable: true), .text("context_value", nullable: true),
      .integer("byte_offset", nullable: true), .text("message", nullable: true), .text("problem", nullable: true),
    ],
    key: ["file_id", "transaction_index", "record_index", "part"],
    indexes: [.on("file_id", "transaction_index", "refused"), .on("made_id")])

  /// The 999 in parts.
  static let acknowledgements = Table(
    "acknowledgements", columns: [.text("file_id"), .integer("part"), .text("text")], key: ["file_id", "part"])
}

extension FileImport {
  package static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    let id = Value.text(recorded.stream.rawValue)
    switch recorded.event {
    case .received(let facts):
      return [
        .put(
          ExchangeTables.files,
          [
            id, .text(facts.name), .text(facts.sha256), .text(facts.partner), .text(facts.transaction), "applying", 0,
            0,
            .text(facts.receivedAt.date.description), .null,
          ])
      ]
        + facts.interchanges.map { interchange in
          .put(ExchangeTables.interchanges, [id, .text(interchange.sender), .text(interchange.controlNumber)])
        }
    case .applied(_, let outcomes):
      let progress = state.progress ?? Progress()
      return outcomes.map { row($0, of: id) } + [
        .set(
          ExchangeTables.files, key: [id],
          [("accepted", .integer(Int64(progress.accepted))), ("refused", .integer(Int64(progress.refused)))])
      ]
    case .acknowledged(let part, let text):
      return [.put(ExchangeTables.acknowledgements, [id, .integer(Int64(part)), .text(text)])]
    case .finished(let at):
      return [
        .set(ExchangeTables.files, key: [id], [("status", "done"), ("done_on", .text(at.date.description))])
      ]
    }
  }

  private static func row(_ outcome: Outcome, of id: Value) -> RowChange {
    let place: [Value] = [
      id, .integer(Int64(outcome.at.transaction)), .integer(Int64(outcome.at.record)), .integer(Int64(outcome.part)),
      .text(outcome.subject),
    ]
    switch outcome.result {
    case .accepted(let made, let status):
      return .put(
        ExchangeTables.outcomes, place + [0, .text(made), .text(status)] + Array(repeating: .null, count: 14))
    case .refused(let refused):
      return .put(ExchangeTables.outcomes, place + [1, .null, .null] + refused.values)
    }
  }
}

extension RefusedRecord {
  fileprivate var values: [Value] {
    [
      .text(level.rawValue), .text(code), .text(segmentID), Value(segmentOrdinal), Value(loopID), Value(element),
      Value(component), Value(elementReference), Value(badValue), Value(contextName), Value(contextValue),
      Value(byteOffset), .text(message), Value(problem),
    ]
  }

  /// - Precondition: the row is one of a refused record.
  init(_ row: Row) {
    func integer(_ column: String) -> Int? {
      if case .integer(let number) = row[column] { Int(number) } else { nil }
    }
    func text(_ column: String) -> String? {
      if case .text(let text) = row[column] { text } else { nil }
    }
    self.init(
      level: Level(rawValue: row.text("level")) ?? .segment, code: row.text("code"), segmentID: row.text("segment_id"),
      segmentOrdinal: integer("segment_ordinal") ?? 0, loopID: text("loop_id"), element: integer("element"),
      component: integer("component"), elementReference: integer("element_reference"), badValue: text("bad_value"),
      contextName: text("context_name"), contextValue: text("context_value"), byteOffset: integer("byte_offset") ?? 0,
      message: row.text("message"), problem: text("problem"))
  }
}

extension Value {
  fileprivate init(_ number: Int?) { self.init(number.map(Int64.init)) }
}
