// Servers of the tests' own: they run beside this process, and are gone with it, however it ends.

public import Foundation

/// Why there is no server to test with.
public struct NoServer: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

/// Keeps a server running until it is let go of, or until this process is gone: then its end of a pipe closes, and a
/// shell that waits at the other end ends the server.
public struct ServerKeeper: Sendable {
  /// This process's end of the pipe. No program inherits it: it would keep what others began.
  private let lifeline: Int32

  /// Starts a server. What it says goes to the file `log` of its folder.
  ///
  /// - Parameters:
  ///   - words: the program and what it is told.
  ///   - signal: with what it is ended, such as "KILL".
  ///   - removingFolder: whether its folder goes with it.
  public init(_ words: [String], in folder: String, endingWith signal: String, removingFolder: Bool) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
      throw NoServer(description: "no pipe can be opened: \(String(cString: strerror(errno)))")
    }
    lifeline = ends[1]
    let shell = Process.shell(Self.script, [signal, removingFolder ? folder : ""] + words, in: folder)
    shell.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    do {
      try shell.runHearingSignals()
    } catch {
      close(lifeline)
      throw error
    }
  }

  /// Ends it; only once.
  public func letGo() { close(lifeline) }

  private static let script = """
    trap '' INT
    signal=$1 folder=$2
    shift 2
    "$@" >>log 2>&1 </dev/null &
    cat >/dev/null
    kill -"$signal" $!
    wait
    cd / && rm -rf "$folder"
    """
}

extension Process {
  /// Runs a program to its end, in a folder whose file `log` gets what it says.
  ///
  /// - Throws: `NoServer` with that log where the program fails.
  public static func finish(_ words: [String], in folder: String) throws {
    let process = shell("exec \"$@\" >>log 2>&1", words, in: folder)
    try process.runHearingSignals()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "no log"
      throw NoServer(description: "\(words.joined(separator: " ")) failed. It says:\n\(log)")
    }
  }

  fileprivate static func shell(_ script: String, _ words: [String], in folder: String) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script, "sh"] + words
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return process
  }

  /// Runs it with no signal held back. Threads here hold back all of them, which a program inherits, and a shell that
  /// never hears of its child's end waits for ever.
  fileprivate func runHearingSignals() throws {
    var none = sigset_t()
    var former = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    try run()
  }
}
