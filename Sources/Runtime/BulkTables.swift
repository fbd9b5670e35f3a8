// Bulk runs as rows: each run with its newest pass, and what each pass has parked.

import Kernel

/// The tables of a context that makes bulk runs.
public enum BulkTables {
  public static let runs = Table(
    "bulk_runs",
    columns: [
      .text("run_id"), .integer("pass"), .text("status"), .text("begun_on"), .integer("seen"), .integer("changed"),
      .integer("parked"),
    ],
    key: ["run_id"], checks: [.oneOf("status", ["running", "done"]), .nonNegative("parked")])

  public static let parked = Table(
    "bulk_parked",
    columns: [
      .text("run_id"), .integer("pass"), .text("subject"), .text("code"), .text("detail"), .text("remedy"),
    ],
    key: ["run_id", "pass", "subject"])

  public static let all = [runs, parked]
}

extension BulkRun {
  public static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let progress = state.progress else { preconditionFailure("a run that something happened to has begun") }
    let id = Value.text(recorded.stream.rawValue)
    switch recorded.event {
    case .began(let pass, let date):
      return [
        .put(BulkTables.runs, [id, .integer(Int64(pass)), "running", .text(date.description), 0, 0, 0])
      ]
    case .advanced(let page):
      let counts: [(column: String, value: Value)] = [
        ("seen", .integer(progress.seen)), ("changed", .integer(progress.changed)),
        ("parked", .integer(progress.parked)),
      ]
      return [.set(BulkTables.runs, key: [id], counts)]
        + page.parked.map { parked in
          .put(
            BulkTables.parked,
            [
              id, .integer(Int64(progress.pass)), .text(parked.subject), .text(parked.code), .text(parked.detail),
              .text(parked.remedy),
            ])
        }
    case .finished:
      return [.set(BulkTables.runs, key: [id], [("status", "done")])]
    }
  }
}

extension BulkRun.Parked {
  public init(_ row: Row) {
    subject = row.text("subject")
    code = row.text("code")
    detail = row.text("detail")
    remedy = row.text("remedy")
  }
}
