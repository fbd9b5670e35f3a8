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

  private struct Book {
    var leases: [StreamID: Held] = [:]
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
      place = DuePlace(due: due, stream: last.stream)
      let claimed = take(page, up: place, lease)
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
      book.leases = book.leases.filter { $0.value.holder != holder }
    }
  }

  private func take(_ page: [StoredStream], up place: DuePlace?, _ lease: Lease) -> [StoredStream] {
    let now = ContinuousClock.now
    let held = Held(holder: lease.holder, until: now + lease.duration)
    return book.withLock { book in
      book.places[lease.holder] = place
      var claimed: [StoredStream] = []
      for stored in page {
        if let other = book.leases[stored.stream], other.until > now { continue }
        book.leases[stored.stream] = held
        claimed.append(stored)
      }
      return claimed
    }
  }
}
