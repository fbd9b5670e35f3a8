// Commits that wait for the writer. While one group is being made durable the next one gathers here: the slower the
// disk, the larger the groups, and one fsync pays for each.

import Runtime

/// A bounded list of commits and of who waits for them.
struct WaitingList {
  struct Entry {
    let commit: Commit
    let answer: CheckedContinuation<Result<Void, StoreFailure>, Never>
  }

  enum Admission {
    /// Nobody is writing: the caller sets the writer going.
    case first
    /// The writer will come to it.
    case joined
    case refused(StoreFailure)
  }

  /// Why nothing is admitted any more.
  private var closed: StoreFailure?
  private var entries: [Entry] = []
  private var isBeingDrained = false

  init(closed: StoreFailure?) { self.closed = closed }

  mutating func admit(_ entry: Entry) -> Admission {
    if let closed { return .refused(closed) }
    guard entries.count < Self.mostWaiting else {
      return .refused(.unavailable("\(entries.count) commits are waiting to be written"))
    }
    entries.append(entry)
    defer { isBeingDrained = true }
    return isBeingDrained ? .joined : .first
  }

  /// The next group to write, at least one commit; nil where nothing waits, and then the writer rests.
  mutating func nextGroup() -> [Entry]? {
    guard !entries.isEmpty else {
      isBeingDrained = false
      return nil
    }
    var count = 0
    var rows = 0
    for entry in entries.prefix(Self.mostInGroup) {
      rows += entry.commit.size
      if count > 0 && rows > Self.mostRowsInGroup { break }
      count += 1
    }
    defer { entries.removeFirst(count) }
    return Array(entries.prefix(count))
  }

  mutating func close(because failure: StoreFailure) { closed = closed ?? failure }

  private static let mostWaiting = 4_096
  private static let mostInGroup = 256
  /// Bounds how long the first of a group waits for the last, and how much the WAL grows at once.
  private static let mostRowsInGroup = 20_000
}

extension Commit {
  /// About how many rows it writes.
  var size: Int {
    var rows = rows.count + outbox.count + cursors.count + deadLetters.count + revived.count + 2
    for write in writes { rows += write.events.count + 1 }
    return rows
  }
}
