// The clock of an installation: the machine's, or one that stands still until it is moved and is kept in a file.

import Foundation
import Kernel
import Runtime
import Synchronization

/// Business time. A sandbox's is written to `clock.json` before anybody sees it, so that it survives the process, and
/// read again when it was changed: houses that share a directory live on the same day.
final class HouseClock: BusinessClock {
  /// Seconds of the day at which a sandbox's business day is lived: nine in the morning.
  private static let openingTime: Int32 = 9 * 3_600

  private struct Kept: Codable {
    var sandbox: Bool
    var today: CalendarDate
  }

  /// Nil where the machine's time is used.
  private let sandbox: SandboxClock?
  private let path: String
  /// The file as it was read last.
  private let seen: Mutex<FileMark?>

  /// Opens the clock that a directory was made with; a new directory gets a sandbox that starts on `start`, or the
  /// machine's time where `start` is nil.
  ///
  /// - Throws: `Problem` where the file cannot be read or written.
  init(_ places: Places, start: CalendarDate?) throws(Problem) {
    path = places.file("clock.json")
    // Before it is read: what is changed after that is read again.
    seen = Mutex(FileMark(of: path))
    do {
      if let data = FileManager.default.contents(atPath: path) {
        let kept = try JSONDecoder().decode(Kept.self, from: data)
        sandbox = kept.sandbox ? SandboxClock(Self.instant(kept.today)) : nil
      } else {
        sandbox = start.map { SandboxClock(Self.instant($0)) }
        try Self.write(Kept(sandbox: start != nil, today: start ?? SystemClock().now.date), to: path)
      }
    } catch {
      throw Self.broken(path, error)
    }
  }

  var now: Instant {
    guard let sandbox else { return SystemClock().now }
    seen.withLock { seen in
      let mark = FileMark(of: path)
      guard mark != seen else { return }
      seen = mark
      // It is replaced as a whole, and one that cannot be read is found by whoever opens it next.
      guard let data = FileManager.default.contents(atPath: path),
        let kept = try? JSONDecoder().decode(Kept.self, from: data)
      else { return }
      sandbox.advance(to: Self.instant(kept.today))
    }
    return sandbox.now
  }
  var today: CalendarDate { now.date }
  var isSandbox: Bool { sandbox != nil }

  /// Moves a sandbox to a later day.
  ///
  /// - Throws: `Problem` where the clock is the machine's, or the day is not later.
  func advance(to day: CalendarDate) throws(Problem) {
    let sandbox = try sandbox(before: day)
    do {
      try Self.write(Kept(sandbox: true, today: day), to: path)
    } catch {
      throw Self.broken(path, error)
    }
    sandbox.advance(to: Self.instant(day))
  }

  /// The clock that may be moved to a day.
  ///
  /// - Throws: `Problem` where the clock is the machine's, or the day is not later.
  @discardableResult
  func sandbox(before day: CalendarDate) throws(Problem) -> SandboxClock {
    guard let sandbox else {
      throw Problem(
        kind: .precondition, code: "clock.not_sandbox", detail: "This house runs on the machine's time.",
        remedy: "Move the clock of a sandbox: a data directory made by 'premia demo' or 'premia serve --sandbox'.")
    }
    guard day > today else {
      throw Problem(
        kind: .invalid, code: "clock.not_later", detail: "The business day is \(today); it cannot go to \(day).",
        remedy: "Choose a later day.")
    }
    return sandbox
  }

  private static func instant(_ day: CalendarDate) -> Instant { Instant(date: day, secondsOfDay: openingTime) }

  private static func write(_ kept: Kept, to path: String) throws {
    try JSONEncoder().encode(kept).write(to: URL(filePath: path), options: .atomic)
  }

  private static func broken(_ path: String, _ error: any Error) -> Problem {
    Problem(
      kind: .internalFault, code: "clock.broken", detail: "\(path) cannot be read or written: \(error).",
      remedy: "Restore the file from a backup; it holds the business day of the sandbox.")
  }
}

/// Which file it is and when it was written: another one, or another time, and it is to be read again.
private struct FileMark: Equatable {
  private let inode: UInt64
  private let seconds: Int
  private let nanoseconds: Int

  init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    inode = UInt64(status.st_ino)
    seconds = Int(status.st_mtim.tv_sec)
    nanoseconds = Int(status.st_mtim.tv_nsec)
  }
}
