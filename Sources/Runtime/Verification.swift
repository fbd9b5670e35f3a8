// The rebuild check: replays the private events of every stream and compares what is stored with what they say.
// One stream at a time, so that memory does not grow with the book.

import Kernel

/// What does not agree.
public struct Mismatch: Sendable, Equatable, CustomStringConvertible {
  public let context: String
  /// The stream, table or log concerned.
  public let place: String
  public let what: String

  public init(context: String, place: String, what: String) {
    self.context = context
    self.place = place
    self.what = what
  }

  public var description: String { "\(context) \(place): \(what)" }
}

public struct VerificationReport: Sendable, Equatable {
  public static let empty = VerificationReport()

  public var streams: Int64 = 0
  public var events: Int64 = 0
  public var rows: Int64 = 0
  public var publications: Int64 = 0
  /// At most `mostListed`; `mismatchCount` has them all.
  public var mismatches: [Mismatch] = []
  public var mismatchCount: Int64 = 0

  public static let mostListed = 100

  public mutating func add(_ mismatch: Mismatch) {
    mismatchCount += 1
    if mismatches.count < Self.mostListed { mismatches.append(mismatch) }
  }

  public mutating func add(_ other: VerificationReport) {
    streams += other.streams
    events += other.events
    rows += other.rows
    publications += other.publications
    mismatchCount += other.mismatchCount
    mismatches = Array((mismatches + other.mismatches).prefix(Self.mostListed))
  }
}

/// An aggregate without its type, for what is done to every kind alike.
public struct AnyAggregate: Sendable {
  public let kind: String
  let rebuild: @Sendable (String, StoredStream, [EventRecord]) throws(StoreFailure) -> Rebuilt

  public init<A: Aggregate>(_: A.Type) {
    kind = A.kind
    rebuild = { context, stored, history throws(StoreFailure) in
      var state = A.initial
      var rebuilt = Rebuilt()
      for record in history {
        let event = try A.eventForm.read(record.data, of: stored.stream)
        state = A.evolve(state, with: event)
        let recorded = Recorded(
          stream: stored.stream, version: record.version, event: event, at: record.at, act: record.act)
        rebuilt.rows += A.rows(for: recorded, in: state)
        for (ordinal, publication) in A.publications(of: recorded, in: state).enumerated() {
          rebuilt.outbox.append(
            publication.sealed(
              source: context, stream: stored.stream, version: record.version, ordinal: ordinal, at: record.at,
              act: record.act))
        }
        if A.name(of: event) != record.name { rebuilt.faults.append("event \(record.version) is named \(record.name)") }
      }
      if try A.stateForm.read(stored.state, of: stored.stream) != state {
        rebuilt.faults.append("the state is not what its \(history.count) events say")
      }
      if A.nextStep(for: state) != stored.due {
        rebuilt.faults.append("due is \(words(stored.due)), its state says \(words(A.nextStep(for: state)))")
      }
      return rebuilt
    }
  }

  struct Rebuilt {
    var rows: [RowChange] = []
    var outbox: [OutboxRecord] = []
    var faults: [String] = []
  }
}

private func words(_ due: Instant?) -> String { due?.description ?? "never" }

extension Engine {
  /// Compares everything stored with what the events say.
  public func verify(_ aggregates: [AnyAggregate], tables: [Table]) async throws -> VerificationReport {
    var check = Check(context: context, store: store)
    var byKind: [String: AnyAggregate] = [:]
    for aggregate in aggregates { byKind[aggregate.kind] = aggregate }
    var place: StreamID?
    while true {
      let page = try await store.streams(after: place, limit: 256)
      guard let last = page.last else { break }
      place = last.stream
      var rows = ExpectedRows()
      for stored in page { try await check.compare(stored, with: byKind[stored.kind], rows: &rows) }
      try await check.compareRows(rows)
    }
    try await check.compareTotals(of: tables)
    return check.report
  }
}

private struct Check {
  let context: String
  let store: any Store
  var report = VerificationReport()
  /// Rows that the events call for, by table.
  var expectedRows: [ObjectIdentifier: Int64] = [:]
  /// The sum of the hashes of the publications that the events call for: the same in any order.
  var expectedPublications: (count: Int64, digest: UInt64) = (0, 0)

  mutating func compare(
    _ stored: StoredStream, with aggregate: AnyAggregate?, rows: inout ExpectedRows
  ) async throws {
    let place = stored.stream.rawValue
    guard let aggregate else { return fault(place, "nobody knows its kind, \(stored.kind)") }
    let history = try await store.history(of: stored.stream)
    report.streams += 1
    report.events += Int64(history.count)
    if history.map(\.version) != Array(1...max(1, stored.version)) {
      fault(place, "is at version \(stored.version) with \(history.count) events")
    }
    let rebuilt: AnyAggregate.Rebuilt
    do {
      rebuilt = try aggregate.rebuild(context, stored, history)
    } catch {
      return fault(place, "\(error)")
    }
    for words in rebuilt.faults { fault(place, words) }
    for record in rebuilt.outbox {
      expectedPublications.count += 1
      expectedPublications.digest &+= record.digest
    }
    for change in rebuilt.rows { rows.apply(change) }
  }

  mutating func compareRows(_ rows: ExpectedRows) async throws {
    for (table, expected) in rows.byTable.values {
      report.rows += Int64(expected.count)
      expectedRows[ObjectIdentifier(table), default: 0] += Int64(expected.count)
      let keys = Array(expected.keys)
      for (key, row) in zip(keys, try await store.rows(table, keys: keys)) {
        guard let row else {
          fault("\(table.name) \(key)", "the row is missing")
          continue
        }
        for (column, (is_, should)) in zip(table.columns, zip(row.values, expected[key] ?? [])) where is_ != should {
          fault("\(table.name) \(key)", "\(column.name) is \(is_), its events say \(should)")
        }
      }
    }
  }

  mutating func compareTotals(of tables: [Table]) async throws {
    for table in tables {
      let stored = try await store.tally(table, by: [], sums: [], where: []).first?.count ?? 0
      let expected = expectedRows[ObjectIdentifier(table), default: 0]
      if stored != expected { fault(table.name, "has \(stored) rows, the events say \(expected)") }
    }
    var stored: (count: Int64, digest: UInt64) = (0, 0)
    var place: Int64 = 0
    while true {
      let page = try await store.published(after: place, limit: 1_000, about: nil)
      guard let last = page.last else { break }
      place = last.position
      for entry in page {
        stored.count += 1
        stored.digest &+= entry.record.digest
      }
    }
    report.publications = stored.count
    if stored != expectedPublications {
      fault("outbox", "holds \(stored.count) publications, the events say \(expectedPublications.count), or others")
    }
  }

  private mutating func fault(_ place: String, _ what: String) {
    report.add(Mismatch(context: context, place: place, what: what))
  }
}

/// The rows that the events of some streams call for. A row belongs to one stream.
private struct ExpectedRows {
  /// By table, then by key.
  private(set) var byTable: [ObjectIdentifier: (table: Table, rows: [[Value]: [Value]])] = [:]

  mutating func apply(_ change: RowChange) {
    switch change {
    case .put(let table, let values):
      self[table][table.key.map { values[$0] }] = values
    case .set(let table, let key, let columns):
      for column in columns { self[table][key]?[table.position(of: column.column)] = column.value }
    case .delete(let table, let key):
      self[table][key] = nil
    }
  }

  private subscript(table: Table) -> [[Value]: [Value]] {
    get { byTable[ObjectIdentifier(table)]?.rows ?? [:] }
    _modify { yield &byTable[ObjectIdentifier(table), default: (table, [:])].rows }
  }
}

extension OutboxRecord {
  fileprivate var digest: UInt64 {
    var checksum = Checksum()
    add(to: &checksum)
    return checksum.value
  }
}
