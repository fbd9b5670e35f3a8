// The injected clock. Rules never ask for the time; it comes in with the command.

public import Kernel
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a context gets its business time from.
public protocol BusinessClock: Sendable {
  var now: Instant { get }
}

/// The machine's own time.
public struct SystemClock: BusinessClock {
  public init() {}

  public var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }
}

/// A clock that stands still until it is moved, and never goes back.
public final class SandboxClock: BusinessClock {
  private let instant: Mutex<Instant>

  public init(_ start: Instant) { instant = Mutex(start) }

  public var now: Instant { instant.withLock { $0 } }

  /// Moves the clock forward; a move back is ignored, as by a file that is read again.
  public func advance(to target: Instant) {
    instant.withLock { now in now = max(now, target) }
  }
}
