// Programs that run beside this one and never outlive it: however this process ends, its end of a pipe closes, and a
// shell that waits at the other end tells the program to go.

import Foundation
import Kernel
import Synchronization

/// A program that is kept running.
struct Program: Sendable {
  let name: String
  /// The executable and what it is told.
  let words: [String]
  var environment: [String: String] = [:]
  /// With what it is told to end; it gets half a minute for that.
  var ending = "TERM"
  let log: String
  /// Where its process id is written each time it starts.
  let pidFile: String

  /// The id of the process as it runs now, to be shown; `–` where it does not run.
  var pid: String {
    (try? String(contentsOfFile: pidFile, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "–"
  }

  /// Runs it, and again whenever it ends, until the task is cancelled; then returns when it is gone.
  func keepRunning() async {
    var failures = 0
    while !Task.isCancelled {
      let began = ContinuousClock.now
      let outcome: String
      do {
        let status = try await run()
        outcome = "ended with \(status)"
      } catch {
        outcome = "could not be started: \(error)"
      }
      if Task.isCancelled { return }
      failures = ContinuousClock.now - began > .seconds(60) ? 1 : failures + 1
      let milliseconds = min(15_000, 250 << min(failures - 1, 10))
      Terminal.error("\(name) \(outcome); it is started again in \(milliseconds) ms. Its log is \(log).")
      // Cancelled, the loop ends.
      try? await Task.sleep(for: .milliseconds(milliseconds))
    }
  }

  /// - Returns: the status with which it ended.
  private func run() async throws -> Int32 {
    let lifeline = try Lifeline()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { ended in
        // Waits on a thread of its own: none of those that tasks run on may wait for hours.
        Thread.detachNewThread {
          ended.resume(with: Result { try self.runAndWait(lifeline) })
        }
      }
    } onCancel: {
      lifeline.cut()
    }
  }

  private func runAndWait(_ lifeline: Lifeline) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", Self.keeper, "sh", log, pidFile, ending] + words
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    process.standardInput = FileHandle(fileDescriptor: lifeline.reading, closeOnDealloc: false)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    Thread.hearSignals()
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// The shell that starts the program and waits for both, its end and that of the pipe. It reads the pipe itself: a
  /// process that it leaves behind would count as its own.
  private static let keeper = """
    trap '' INT
    log=$1 pid=$2 ending=$3
    shift 3
    exec 3<&0
    "$@" </dev/null >>"$log" 2>&1 3<&- &
    child=$!
    echo "$child" >"$pid"
    {
      read -r nothing <&3
      kill -"$ending" "$child"
      for second in $(seq 30); do
        kill -0 "$child" || exit 0
        sleep 1
      done
      kill -KILL "$child"
    } >/dev/null 2>&1 &
    watcher=$!
    wait "$child"
    status=$?
    kill "$watcher"
    rm -f "$pid"
    exit "$status"
    """
}

extension Thread {
  /// Called on a thread of one's own, before a program is started from it. A program inherits which signals are held
  /// back. Threads of this process hold back all of them, and a shell that never hears of its child's end waits for
  /// ever.
  fileprivate static func hearSignals() {
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
  }
}

/// A pipe whose other end notices when this one closes.
private final class Lifeline: Sendable {
  let reading: Int32
  /// Nil once it is cut.
  private let writing: Mutex<Int32?>

  init() throws(Problem) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw Problem(
        kind: .exhausted, code: "cluster.pipe", detail: "No pipe can be opened: \(String(cString: strerror(errno))).",
        remedy: "Allow this process more open files.")
    }
    reading = ends[0]
    writing = Mutex(ends[1])
  }

  func cut() {
    writing.withLock { end in
      if let open = end { close(open) }
      end = nil
    }
  }

  deinit {
    cut()
    close(reading)
  }
}

/// Programs that are asked for something and end by themselves.
enum Tool {
  /// - Returns: what the program said.
  /// - Throws: `Problem` with what the program said where it failed.
  @discardableResult
  static func run(_ words: [String], in folder: String) throws -> String {
    try finish(made(words, in: folder), words)
  }

  /// The same while no thread is held up that tasks run on; a program that takes long ends with the task.
  static func runAside(_ words: [String], in folder: String) async throws -> String {
    let process = made(words, in: folder)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { ended in
        Thread.detachNewThread {
          Thread.hearSignals()
          ended.resume(with: Result { try finish(process, words) })
        }
      }
    } onCancel: {
      // Who ignores other signals has programs ignore them too.
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
  }

  private static func made(_ words: [String], in folder: String) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardInput = FileHandle.nullDevice
    return process
  }

  private static func finish(_ process: Process, _ words: [String]) throws -> String {
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Problem(
        kind: .precondition, code: "cluster.program", detail: "\(words.joined(separator: " ")) failed: \(said)",
        remedy: "'make run' installs what a cluster needs; otherwise mend what the program says.")
    }
    return said
  }

  /// Whether a program says yes.
  static func succeeds(_ words: [String], in folder: String) -> Bool {
    (try? run(words, in: folder)) != nil
  }
}
