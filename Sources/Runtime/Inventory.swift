// What a store holds, counted and with checksums: two stores with the same inventory hold the same.

import Kernel

/// How much of each thing a store holds. Leases are left out, which end by themselves, and so are the places of copies.
public struct Inventory: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public fileprivate(set) var count: Int64 = 0
    /// The sum of the checksums of each thing: the same in any order.
    public fileprivate(set) var checksum: UInt64 = 0
  }

  /// By what they are, such as "events" or "rows of invoices".
  public private(set) var entries: [String: Entry] = [:]

  /// What was counted, of everything.
  public var count: Int64 { entries.values.reduce(0) { $0 + $1.count } }

  /// The checksum of everything, never 0.
  public var checksum: Int64 {
    var checksum = Checksum()
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
      checksum.add(name)
      checksum.add(entry.count)
      checksum.add(Int64(bitPattern: entry.checksum))
    }
    return max(1, Int64(checksum.value >> 1))
  }

  /// Where another inventory differs, in words.
  public func differences(from other: Inventory) -> [String] {
    Set(entries.keys).union(other.entries.keys).sorted().compactMap { name in
      let (mine, theirs) = (entries[name] ?? Entry(), other.entries[name] ?? Entry())
      guard mine != theirs else { return nil }
      return mine.count == theirs.count
        ? "\(name): \(mine.count) in both, but not the same" : "\(name): \(theirs.count) and \(mine.count)"
    }
  }

  mutating func add(_ name: String, _ fields: (inout Checksum) -> Void) {
    var checksum = Checksum()
    fields(&checksum)
    entries[name, default: Entry()].count += 1
    entries[name, default: Entry()].checksum &+= checksum.value
  }

  mutating func add(_ excerpt: Excerpt) {
    for write in excerpt.commit.writes {
      add("streams") { write.add(to: &$0) }
      for event in write.events { add("events") { event.add(to: &$0, of: write.stream) } }
    }
    for (position, record) in excerpt.publications {
      add("publications") {
        $0.add(position)
        record.add(to: &$0)
      }
    }
    for mark in excerpt.marks {
      add("messages taken") {
        $0.add(mark.source)
        $0.add(mark.messageID)
      }
    }
    for answer in excerpt.answers {
      add("answers") {
        $0.add(answer.key)
        $0.add(answer.inputHash)
        $0.add(answer.answer)
      }
    }
    for letter in excerpt.commit.deadLetters { add("dead letters") { letter.add(to: &$0) } }
    for (name, move) in excerpt.commit.cursors {
      add("cursors") {
        $0.add(name)
        $0.add(move.to)
      }
    }
    for case .put(let table, let values) in excerpt.commit.rows {
      add("rows of \(table.name)") { for value in values { $0.add(value) } }
    }
  }
}

extension StreamWrite {
  fileprivate func add(to checksum: inout Checksum) {
    checksum.add(stream.rawValue)
    checksum.add(kind)
    checksum.add(expectedVersion + Int64(events.count))
    checksum.add(state)
    checksum.add(due.map { .integer($0.microseconds) } ?? .null)
  }
}

extension EventRecord {
  fileprivate func add(to checksum: inout Checksum, of stream: StreamID) {
    checksum.add(stream.rawValue)
    checksum.add(version)
    checksum.add(name)
    checksum.add(data)
    checksum.add(at.microseconds)
    checksum.add(act.correlation)
    checksum.add(act.causation)
    checksum.add(act.actor)
    checksum.add(act.lineage)
  }
}

extension DeadLetterRecord {
  fileprivate func add(to checksum: inout Checksum) {
    checksum.add(source)
    checksum.add(position)
    checksum.add(messageID)
    checksum.add(subject)
    checksum.add(envelope)
    checksum.add(reason)
    checksum.add(Int64(attempts))
    checksum.add(at.microseconds)
  }
}
