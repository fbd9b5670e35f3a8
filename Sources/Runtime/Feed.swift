// Another context's published log, as a consumer sees it.

public import Contracts
import Kernel
import SwiftProtobuf
import Synchronization

/// A log of published events that can be read again from any place.
public protocol Feed: Sendable {
  /// The context that publishes.
  var source: String { get }
  /// Events behind a position, oldest first, with their positions set.
  func read(after position: Int64, limit: Int) async throws -> [Premia_Common_V1_Envelope]
  func last() async throws -> Int64
}

/// The log of a context in the same process.
public struct StoreFeed: Feed {
  public let source: String
  private let store: any Store

  public init(source: String, store: any Store) {
    self.source = source
    self.store = store
  }

  public func read(after position: Int64, limit: Int) async throws -> [Premia_Common_V1_Envelope] {
    try await store.published(after: position, limit: limit, about: nil).map { position, record in
      try Premia_Common_V1_Envelope(record: record, position: position)
    }
  }

  public func last() async throws -> Int64 { try await store.lastPublished() }
}

extension Premia_Common_V1_Envelope {
  /// The envelope of a stored publication.
  public init(record: OutboxRecord, position: Int64) throws(StoreFailure) {
    do {
      try self.init(serializedBytes: record.envelope)
    } catch {
      throw .corrupt("envelope \(record.id): \(error)")
    }
    self.position = position
  }
}

/// What wakes consumers when something was published in this process.
public final class Doorbell: Sendable {
  private struct Waiting {
    var rings: UInt64 = 0
    var sleepers: [UInt64: CheckedContinuation<Void, Never>] = [:]
    /// The name of the last sleeper.
    var last: UInt64 = 0
  }

  private let waiting = Mutex(Waiting())

  public init() {}

  /// How often it rang: taken before looking, given to `wait` after finding nothing.
  public var rings: UInt64 { waiting.withLock(\.rings) }

  public func ring() {
    let sleepers = waiting.withLock { waiting in
      waiting.rings += 1
      defer { waiting.sleepers = [:] }
      return waiting.sleepers
    }
    for sleeper in sleepers.values { sleeper.resume() }
  }

  /// Returns when it has rung since `rings` was read, or when the task is cancelled.
  public func wait(since rings: UInt64) async {
    let name = waiting.withLock { waiting in
      waiting.last += 1
      return waiting.last
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isAwake = waiting.withLock { waiting in
          if waiting.rings != rings || Task.isCancelled { return true }
          waiting.sleepers[name] = continuation
          return false
        }
        if isAwake { continuation.resume() }
      }
    } onCancel: {
      waiting.withLock { $0.sleepers.removeValue(forKey: name) }?.resume()
    }
  }

  /// The same, but no longer than a time.
  public func wait(since rings: UInt64, atMost time: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait(since: rings) }
      // Cancelled, it was rung.
      group.addTask { try? await Task.sleep(for: time) }
      await group.next()
      group.cancelAll()
    }
  }
}
