// Durable commands from many callers at once, beside one fsync for each command.

import ArgumentParser
import Kernel
import Runtime
import SQLiteStorage

struct CommitBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "Durable commands a second from concurrent callers.")

  @OptionGroup var bench: BenchOptions

  @Option(help: "Callers at once.")
  var callers = 64

  @Option(help: "Commands of each caller.")
  var commands = 2_000

  func run() async throws {
    let (rate, floor) = try await withScratch(bench.scratch) { directory in
      let store = try SQLiteStore(path: "\(directory)/commit.sqlite", tables: [Tally.table])
      let engine = Engine(context: "bench", store: store, clock: SystemClock())
      let seconds = try await Meter.seconds {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for caller in 0..<callers {
            group.addTask { try await call(engine, caller) }
          }
          try await group.waitForAll()
        }
      }
      await store.close()
      let floor = try Floor.fsyncPerCommand(path: "\(directory)/floor.sqlite", commands: 10_000)
      return (Double(callers * commands) / seconds, floor)
    }
    bench.show([Figure("durable commands, \(callers) callers", rate, "commands/s", floor: floor)])
  }

  private func call(_ engine: Engine, _ caller: Int) async throws {
    let stream = StreamID("tally-\(caller)")
    for number in 0..<commands {
      let act = Act(correlation: "bench", causation: "bench/\(caller)/\(number)")
      try await engine.run(act) { unit in _ = try await unit.decide(Tally.self, stream, 1) }
    }
  }
}

/// The smallest thing that is worth a commit: a sum with a row.
private enum Tally: Aggregate {
  enum Refusal: Kernel.Refusal, Equatable {
    case notPositive

    var problem: Problem {
      Problem(kind: .invalid, code: "tally.not_positive", detail: "A tally only grows.", remedy: "Add at least 1.")
    }
  }

  static let kind = "tally"
  static var initial: Int64 { 0 }
  static let table = Table("tallies", columns: [.text("tally_id"), .integer("total")], key: ["tally_id"])

  static func decide(_ command: Int64, in state: Int64) throws(Refusal) -> [Int64] {
    guard command > 0 else { throw .notPositive }
    return [command]
  }

  static func evolve(_ state: Int64, with event: Int64) -> Int64 { state + event }

  static func name(of event: Int64) -> String { "added" }

  static func rows(for recorded: Recorded<Int64>, in state: Int64) -> [RowChange] {
    [.put(table, [.text(recorded.stream.rawValue), .integer(state)])]
  }
}
