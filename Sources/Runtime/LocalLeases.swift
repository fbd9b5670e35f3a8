// Leases of a store that one process has for itself. They need no disk: they end with the process that could break
// them.

public import Kernel
import Synchronization

/// Who works on which stream.
public final class LocalLeases: Sendable {
  private struct Held {
    let holder: String
    let until: ContinuousClock.Instant
  }

  /// Streams that are held, from one to another in the order in which they are due: a sweep through a book is one,
  /// however large. What comes to be due among them meanwhile is held with them, and waits for the next sweep.
  private struct Run {
    let kind: String
    let first: DuePlace
    var last: DuePlace
    var held: Held
  }

  private struct Book {
    var runs: [Run] = []
    /// Work that is no stream, by its name.
    var work: [String: Held] = [:]
    /// How far each holder has come, so that it need not walk again through what it holds.
    var places: [String: DuePlace] = [:]
  }

  private let book = Mutex(Book())

  public init() {}

  /// `Store.claim` for a store that has `due`.
  public func claim(
    _ kind: String, through: Instant, limit: Int, lease: Lease, in store: some Store
  ) async throws(StoreFailure) -> [StoredStream] {
    let start = book.withLock { $0.places[lease.holder] }
    var place = start
    while true {
      let page = try await store.due(kind, through: through, after: place, limit: limit)
      guard let last = page.last, let due = last.due else {
        // At the end: once more from the start, for what others have let go of since.
        guard start != nil else { return [] }
        book.withLock { $0.places[lease.holder] = nil }
        return try await claim(kind, through: through, limit: limit, lease: lease, in: store)
      }
      let claimed = take(page, behind: place, lease)
      place = DuePlace(due: due, stream: last.stream)
      if !claimed.isEmpty { return claimed }
    }
  }

  /// `Store.hold` for a store of one process.
  public func hold(_ work: [String], lease: Lease) -> Set<String> {
    let now = ContinuousClock.now
    return book.withLock { book in
      var held: Set<String> = []
      for name in work {
        if let other = book.work[name], other.holder != lease.holder, other.until > now { continue }
        book.work[name] = Held(holder: lease.holder, until: now + lease.duration)
        if lease.duration > .zero { held.insert(name) }
      }
      return held
    }
  }

  /// `Store.holders` for a store of one process.
  public func holders(of prefix: String) -> [String: String] {
    let now = ContinuousClock.now
    return book.withLock { book in
      book.work.filter { $0.key.hasPrefix(prefix) && $0.value.until > now }.mapValues(\.holder)
    }
  }

  public func release(_ holder: String) {
    book.withLock { book in
      book.places[holder] = nil
      book.work = book.work.filter { $0.value.holder != holder }
      book.runs.removeAll { $0.held.holder == holder }
    }
  }

  private func take(_ page: [StoredStream], behind start: DuePlace?, _ lease: Lease) -> [StoredStream] {
    let now = ContinuousClock.now
    let held = Held(holder: lease.holder, until: now + lease.duration)
    return book.withLock { book in
      book.runs.removeAll { $0.held.until <= now }
      let others = book.runs
      // What goes on where the holder's run ended is of the same run.
      var previous = start
      var claimed: [StoredStream] = []
      for stored in page {
        guard let due = stored.due else { preconditionFailure("\(stored.stream) is not due") }
        let place = DuePlace(due: due, stream: stored.stream)
        defer { previous = place }
        if others.contains(where: { $0.kind == stored.kind && $0.first <= place && place <= $0.last }) { continue }
        claimed.append(stored)
        if let index = book.runs.firstIndex(where: { $0.held.holder == held.holder && $0.last == previous }) {
          (book.runs[index].last, book.runs[index].held) = (place, held)
        } else {
          book.runs.append(Run(kind: stored.kind, first: place, last: place, held: held))
        }
      }
      book.places[lease.holder] = previous
      return claimed
    }
  }
}
