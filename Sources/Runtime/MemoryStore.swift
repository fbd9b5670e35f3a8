// The reference store: what the port means, in the plainest data structures. For tests and for trying things out.

public import Kernel
import Synchronization

public final class MemoryStore: Store {
  fileprivate struct Contents {
    var streams: [StreamID: StoredStream] = [:]
    var histories: [StreamID: [EventRecord]] = [:]
    /// In the order of positions.
    var outbox: [(position: Int64, record: OutboxRecord)] = []
    var answers: [String: StoredAnswer] = [:]
    var taken: Set<InboxMark> = []
    var cursors: [String: Int64] = [:]
    var dead: [DeadLetterRecord] = []
    var tables: [ObjectIdentifier: MemoryTable] = [:]
  }

  private let contents = Mutex(Contents())
  private let leases = LocalLeases()

  public init() {}

  public var isShared: Bool { false }

  public func commit(_ commit: Commit) async throws(StoreFailure) {
    try change { contents throws(StoreFailure) in try contents.apply(commit) }
  }

  public func restore(_ excerpt: Excerpt) async throws(StoreFailure) {
    try change { contents throws(StoreFailure) in try contents.apply(excerpt) }
  }

  private func change(_ body: (inout Contents) throws(StoreFailure) -> Void) throws(StoreFailure) {
    let outcome: Result<Void, StoreFailure> = contents.withLock { contents in
      do throws(StoreFailure) {
        return .success(try body(&contents))
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }

  public func load(_ streams: [StreamID]) async throws(StoreFailure) -> [StoredStream?] {
    contents.withLock { contents in streams.map { contents.streams[$0] } }
  }

  public func history(of stream: StreamID) async throws(StoreFailure) -> [EventRecord] {
    contents.withLock { $0.histories[stream, default: []] }
  }

  public func streams(after: StreamID?, limit: Int) async throws(StoreFailure) -> [StoredStream] {
    contents.withLock { contents in
      let behind = contents.streams.values.filter { stored in after.map { $0 < stored.stream } ?? true }
      return Array(behind.sorted { $0.stream < $1.stream }.prefix(limit))
    }
  }

  public func due(
    _ kind: String, through: Instant, after: DuePlace?, limit: Int
  ) async throws(StoreFailure) -> [StoredStream] {
    contents.withLock { contents in
      var found: [(due: Instant, stored: StoredStream)] = []
      for stored in contents.streams.values where stored.kind == kind {
        guard let due = stored.due, due <= through else { continue }
        if let after, (due, stored.stream) <= (after.due, after.stream) { continue }
        found.append((due, stored))
      }
      found.sort { ($0.due, $0.stored.stream) < ($1.due, $1.stored.stream) }
      return found.prefix(limit).map(\.stored)
    }
  }

  public func claim(
    _ kind: String, through: Instant, limit: Int, lease: Lease
  ) async throws(StoreFailure) -> [StoredStream] {
    try await leases.claim(kind, through: through, limit: limit, lease: lease, in: self)
  }

  public func hold(_ work: [String], lease: Lease) async throws(StoreFailure) -> Set<String> {
    leases.hold(work, lease: lease)
  }

  public func holders(of prefix: String) async throws(StoreFailure) -> [String: String] { leases.holders(of: prefix) }

  public func release(_ holder: String) async throws(StoreFailure) { leases.release(holder) }

  public func nextDue() async throws(StoreFailure) -> Instant? {
    contents.withLock { contents in contents.streams.values.compactMap(\.due).min() }
  }

  public func answer(to key: String) async throws(StoreFailure) -> StoredAnswer? {
    contents.withLock { $0.answers[key] }
  }

  public func taken(_ marks: [InboxMark]) async throws(StoreFailure) -> Set<InboxMark> {
    contents.withLock { $0.taken.intersection(marks) }
  }

  public func cursors(_ names: [String]) async throws(StoreFailure) -> [Int64] {
    contents.withLock { contents in names.map { contents.cursors[$0, default: 0] } }
  }

  public func deadLetters(source: String?) async throws(StoreFailure) -> [DeadLetterRecord] {
    contents.withLock { contents in
      contents.dead.filter { source == nil || $0.source == source }
        .sorted { ($0.source, $0.position) < ($1.source, $1.position) }
    }
  }

  public func published(
    after: Int64, limit: Int, about: String?
  ) async throws(StoreFailure) -> [(position: Int64, record: OutboxRecord)] {
    contents.withLock { contents in
      var found: [(position: Int64, record: OutboxRecord)] = []
      for entry in contents.outbox[contents.firstPublished(after: after)...] {
        guard found.count < limit else { break }
        if let about, entry.record.about != about { continue }
        found.append(entry)
      }
      return found
    }
  }

  public func lastPublished() async throws(StoreFailure) -> Int64 {
    contents.withLock { $0.lastPublished }
  }

  public func marks(after: InboxMark?, limit: Int) async throws(StoreFailure) -> [InboxMark] {
    contents.withLock { contents in
      func place(_ mark: InboxMark) -> [Value] { [.text(mark.source), .text(mark.messageID)] }
      let all = contents.taken.sorted { place($0).lexicographicallyPrecedes(place($1)) }
      let behind = after.map { after in all.drop { !place(after).lexicographicallyPrecedes(place($0)) } } ?? all[...]
      return Array(behind.prefix(limit))
    }
  }

  public func answers(after key: String?, limit: Int) async throws(StoreFailure) -> [StoredAnswer] {
    contents.withLock { contents in
      let all = contents.answers.values.sorted { Value.text($0.key) < .text($1.key) }
      let behind = key.map { key in all.drop { !(Value.text(key) < .text($0.key)) } } ?? all[...]
      return Array(behind.prefix(limit))
    }
  }

  public func cursors() async throws(StoreFailure) -> [String: Int64] {
    contents.withLock { $0.cursors }
  }

  public func rows(_ table: Table, keys: [[Value]]) async throws(StoreFailure) -> [Row?] {
    contents.withLock { contents in
      let rows = contents.rows(of: table)
      return keys.map { key in rows[key].map { Row(table: table, values: $0) } }
    }
  }

  public func rows(_ query: Query) async throws(StoreFailure) -> [Row] {
    let table = query.table
    return contents.withLock { contents in
      var found = contents.matching(table, query.matching)
      found.sort { a, b in
        let (x, y) = (table.key.map { a[$0] }, table.key.map { b[$0] })
        return query.descending ? y.lexicographicallyPrecedes(x) : x.lexicographicallyPrecedes(y)
      }
      if let after = query.after {
        found.removeAll { values in
          let key = table.key.map { values[$0] }
          return query.descending ? !key.lexicographicallyPrecedes(after) : !after.lexicographicallyPrecedes(key)
        }
      }
      return found.prefix(query.limit).map { Row(table: table, values: $0) }
    }
  }

  public func tally(
    _ table: Table, by groups: [String], sums: [String], where matching: [(column: String, value: Value)]
  ) async throws(StoreFailure) -> [Tally] {
    let groupPositions = groups.map(table.position(of:))
    let sumPositions = sums.map(table.position(of:))
    return contents.withLock { contents in
      var tallies: [[Value]: (count: Int64, sums: [Int64])] = [:]
      for values in contents.matching(table, matching) {
        var tally = tallies[groupPositions.map { values[$0] }] ?? (0, sums.map { _ in 0 })
        tally.count += 1
        for (index, position) in sumPositions.enumerated() {
          if case .integer(let number) = values[position] { tally.sums[index] += number }
        }
        tallies[groupPositions.map { values[$0] }] = tally
      }
      return tallies.map { Tally(group: $0.key, count: $0.value.count, sums: $0.value.sums) }
        .sorted { $0.group.lexicographicallyPrecedes($1.group) }
    }
  }

  public func close() async {}
}

extension MemoryStore.Contents {
  fileprivate func matching(_ table: Table, _ conditions: [(column: String, value: Value)]) -> [[Value]] {
    let wanted = conditions.map { (table.position(of: $0.column), $0.value) }
    return rows(of: table).values.filter { values in
      wanted.allSatisfy { values[$0.0] == $0.1 }
    }
  }

  /// All that can fail is done first, and rows that were changed before a failure are put back.
  fileprivate mutating func apply(_ commit: Commit) throws(StoreFailure) {
    if let mark = commit.taken, taken.contains(mark) { throw .taken(mark) }
    if let answer = commit.answer, let first = answers[answer.key] { throw .answered(first) }
    for write in commit.writes where streams[write.stream]?.version ?? 0 != write.expectedVersion {
      throw .conflict(write.stream)
    }
    for (name, move) in commit.cursors where cursors[name, default: 0] != move.from { throw .moved(name) }
    try apply(commit.rows)
    if let mark = commit.taken { taken.insert(mark) }
    if let answer = commit.answer { answers[answer.key] = answer }
    for write in commit.writes {
      streams[write.stream] = StoredStream(
        stream: write.stream, kind: write.kind, version: write.expectedVersion + Int64(write.events.count),
        state: write.state, due: write.due)
      histories[write.stream, default: []] += write.events
    }
    for record in commit.outbox { outbox.append((lastPublished + 1, record)) }
    cursors.merge(commit.cursors.mapValues(\.to)) { _, new in new }
    for letter in commit.deadLetters {
      dead.removeAll { $0.source == letter.source && $0.messageID == letter.messageID }
      dead.append(letter)
    }
    for mark in commit.revived { dead.removeAll { $0.source == mark.source && $0.messageID == mark.messageID } }
  }

  /// What has no rule of its own follows when the commit has passed.
  fileprivate mutating func apply(_ excerpt: Excerpt) throws(StoreFailure) {
    for mark in excerpt.marks where taken.contains(mark) { throw .taken(mark) }
    for answer in excerpt.answers { if let first = answers[answer.key] { throw .answered(first) } }
    try apply(excerpt.commit)
    taken.formUnion(excerpt.marks)
    for answer in excerpt.answers { answers[answer.key] = answer }
    outbox += excerpt.publications
  }

  fileprivate var lastPublished: Int64 { outbox.last?.position ?? 0 }

  /// Positions are gapless but for those that were restored from elsewhere.
  fileprivate func firstPublished(after position: Int64) -> Int {
    var (low, high) = (0, outbox.count)
    while low < high {
      let middle = (low + high) / 2
      if outbox[middle].position <= position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func apply(_ changes: [RowChange]) throws(StoreFailure) {
    var before: [(table: Table, key: [Value], values: [Value]?)] = []
    do throws(StoreFailure) {
      for change in changes {
        let (table, key, values) = try outcome(of: change)
        before.append((table, key, rows(of: table)[key]))
        tables[ObjectIdentifier(table), default: MemoryTable(table)][key] = values
      }
    } catch {
      for (table, key, values) in before.reversed() { tables[ObjectIdentifier(table)]?[key] = values }
      throw error
    }
  }

  /// The row that a change leads to, nil where it leads to none.
  private func outcome(of change: RowChange) throws(StoreFailure) -> (Table, key: [Value], values: [Value]?) {
    switch change {
    case .put(let table, let values):
      precondition(values.count == table.columns.count, "\(table.name) has \(table.columns.count) columns")
      let key = table.key.map { values[$0] }
      try check(values, key: key, in: table)
      return (table, key, values)
    case .set(let table, let key, let changes):
      guard var values = rows(of: table)[key] else {
        throw .constraint("\(table.name): no row with the key \(key)")
      }
      for (column, value) in changes {
        let position = table.position(of: column)
        precondition(!table.key.contains(position), "\(table.name).\(column) is of the key")
        values[position] = value
      }
      try check(values, key: key, in: table)
      return (table, key, values)
    case .delete(let table, let key):
      return (table, key, nil)
    }
  }

  fileprivate func rows(of table: Table) -> [[Value]: [Value]] { tables[ObjectIdentifier(table)]?.rows ?? [:] }

  private func check(_ values: [Value], key: [Value], in table: Table) throws(StoreFailure) {
    for (position, (column, value)) in zip(table.columns, values).enumerated() {
      if value == .null && !column.nullable { throw .constraint("\(table.name): \(column.name) is not null") }
      try table.check(value, in: position)
    }
    for check in table.checks {
      switch check {
      case .nonNegative(let column):
        if case .integer(let number) = values[table.position(of: column)], number < 0 {
          throw .constraint("\(table.name): \(column) is not negative")
        }
      case .oneOf(let column, let allowed):
        if case .text(let text) = values[table.position(of: column)], !allowed.contains(text) {
          throw .constraint("\(table.name): \(column) is one of \(allowed.joined(separator: ", "))")
        }
      }
    }
    for unique in tables[ObjectIdentifier(table)]?.uniques ?? [] {
      if let holder = unique.holder(of: values), holder != key {
        let columns = unique.positions.map { table.columns[$0].name }
        throw .constraint("\(table.name): unique (\(columns.joined(separator: ", ")))")
      }
    }
  }
}

/// The rows of one read table by key, and who holds what must be unique.
private struct MemoryTable {
  struct Unique {
    let positions: [Int]
    var holders: [[Value]: [Value]] = [:]

    /// NULL is equal to nothing, so a row that has one is never in another's way.
    func claim(of values: [Value]) -> [Value]? {
      let claim = positions.map { values[$0] }
      return claim.contains(.null) ? nil : claim
    }

    func holder(of values: [Value]) -> [Value]? { claim(of: values).flatMap { holders[$0] } }
  }

  private(set) var rows: [[Value]: [Value]] = [:]
  private(set) var uniques: [Unique]

  init(_ table: Table) {
    uniques = table.indexes.filter(\.unique).map { Unique(positions: $0.columns.map(table.position(of:))) }
  }

  subscript(key: [Value]) -> [Value]? {
    get { rows[key] }
    set {
      for index in uniques.indices {
        if let claim = rows[key].flatMap(uniques[index].claim) { uniques[index].holders[claim] = nil }
        if let claim = newValue.flatMap(uniques[index].claim) { uniques[index].holders[claim] = key }
      }
      rows[key] = newValue
    }
  }
}
