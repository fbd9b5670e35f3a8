// migrate: moves a house to other storage.

import ArgumentParser
import Kernel
import Runtime

struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Copy all that the house keeps to other storage, and prove the copy.",
    discussion: """
      For moving from SQLite to PostgreSQL. Every other 'premia' of the house is ended first, and the target is new. A \
      copy that was stopped goes on where it was when it is run again. Then both sides are counted and compared, and \
      every event is replayed on the target. The source stays as it was; from then on name the target with --settings.

      PREMIA_STORAGE_ variables are settings of the target. Exit code 3 where the replay does not agree.
      """)

  @OptionGroup var options: HouseOptions

  @Option(name: .customLong("to"), help: "The settings of the target.")
  var target: String

  struct Answer: Encodable {
    let copied: Int64
    let streams: Int64
    let events: Int64
    let mismatches: Int64
    let first: [String]
  }

  func run() async throws {
    try await options.answering {
      let from = try options.storage(environment: [:])
      try await options.checkHouse(from)
      let to = try Storage(Settings(path: target), data: options.data)
      let places = try Places(data: options.data, configuration: options.config)
      let bar = ProgressBar("Migration", total: 1_000)
      let report = try await Migration.run(
        Rulebook(places).contexts, from: from, to: to, clock: HouseClock(places, start: nil)
      ) { done, total, words in
        bar.show(Int(done * 1_000 / max(1, total)), words)
      }
      bar.finish()
      let verified = report.verified
      if options.json {
        Terminal.printJSON(
          Answer(
            copied: report.copied, streams: verified.streams, events: verified.events,
            mismatches: verified.mismatchCount, first: verified.mismatches.map(\.description)))
      } else {
        Terminal.print(
          "Copied and counted \(report.copied) records; replayed \(verified.streams) streams, "
            + "\(verified.events) events: "
            + (verified.mismatchCount == 0 ? "all agree" : "\(verified.mismatchCount) mismatches"))
        for mismatch in verified.mismatches { Terminal.print("  \(mismatch)") }
      }
      if verified.mismatchCount > 0 { throw ExitCode.found }
    }
  }
}
