import Foundation
import Testing

@testable import premia

@Suite("A program of a cluster")
struct ProgramTests {
  /// Keeps a program running that does nothing, for as long as the body runs.
  private static func running(_ body: (Program) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "premia-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = Program(
      name: "sleep", words: ["/bin/sleep", "1000"], log: folder.appending(path: "log").path,
      pidFile: folder.appending(path: "pid").path)
    let keeping = Task { await program.keepRunning() }
    do {
      try await body(program)
    } catch {
      keeping.cancel()
      await keeping.value
      throw error
    }
    keeping.cancel()
    await keeping.value
    #expect(program.pid == "–", "it is gone when the task has ended")
  }

  /// Waits until it runs, as another process than the one that is named.
  private static func process(of program: Program, after former: pid_t = 0) async throws -> pid_t {
    for _ in 0..<3_000 {
      if let process = pid_t(program.pid), process != former, kill(process, 0) == 0 { return process }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("it does not run")
    throw CancellationError()
  }

  @Test("is started again when it dies, and ends with the task that keeps it")
  func kept() async throws {
    try await Self.running { program in
      let first = try await Self.process(of: program)
      kill(first, SIGKILL)
      let second = try await Self.process(of: program, after: first)
      #expect(kill(second, 0) == 0)
    }
  }
}
