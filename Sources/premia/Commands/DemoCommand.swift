// demo: the whole walk in one process.

import ArgumentParser
import Foundation
import Kernel

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Walk from an enrolment file to paid claims and a remittance, with the doors open to watch it.",
    discussion: """
      Starts on 2026-12-01 in a fresh data directory (and, where the settings name PostgreSQL, fresh schemas), takes \
      in the given files and a generated book, and lives through the months day by day. A walk that was cut off goes \
      on where it was; the same seed gives the same summary, to the cent.

      With '--only exchange' it walks in a house whose other contexts are run by other processes, over their doors.
      """)

  @OptionGroup var options: HouseOptions
  @OptionGroup var doors: DoorOptions

  @Option(help: "People in the generated book.")
  var members = 2_000

  @Option(help: "Months to live through.")
  var months = 14

  @Option(help: "Chooses the book and what happens to it.")
  var seed: UInt64 = 1

  @Option(name: .customLong("import"), parsing: .upToNextOption, help: "834, 820 and 837P files, or folders of them.")
  var imports: [String] = []

  @Flag(help: "Walk with closed doors, and end with the summary.")
  var headless = false

  func validate() throws {
    guard (1...1_000_000).contains(members) else { throw ValidationError("--members is 1 to 1,000,000.") }
    guard (1...60).contains(months) else { throw ValidationError("--months is 1 to 60.") }
  }

  func run() async throws {
    try await options.answering {
      let parameters = DemoParameters(members: members, months: months, seed: seed, imports: imports)
      let storage = try options.storage()
      let network = try options.network()
      // A house that others run as well is not made anew here.
      let mark = try options.share().isWhole ? DemoMark(directory: options.data) : nil
      try await mark?.begin(parameters, storage)
      let house = try await options.open(storage, start: DemoParameters.start)
      do {
        let script = try DemoScript(house: house, parameters: parameters)
        let walk = { @Sendable [asJSON = options.json] in
          let bar = ProgressBar("Demo", total: Int(DemoParameters.start.days(until: parameters.end)))
          try await script.walk { day, words in bar.show(Int(DemoParameters.start.days(until: day)), words) }
          bar.finish()
          Terminal.error("Demo: the days are done; every event is replayed now to verify what is stored")
          let summary = try await house.summary()
          if asJSON { Terminal.printJSON(summary) } else { Terminal.print(summary.description) }
          try mark?.finish(parameters)
        }
        if headless { try await walk() } else { try await doors.serve(house, network, first: walk) }
      } catch {
        await house.close()
        throw error
      }
      await house.close()
    }
  }
}

/// The mark of a demo in its data directory: with which parameters, and whether it came to its end.
private struct DemoMark: Sendable {
  private struct Kept: Codable {
    var parameters: DemoParameters
    var finished: Bool
  }

  private let directory: String
  private var path: String { "\(directory)/demo.json" }

  init(directory: String) { self.directory = directory }

  /// Makes the directory ready: a walk that was cut off with the same parameters goes on, a finished one gives way to a
  /// fresh one, anything else is left alone.
  func begin(_ parameters: DemoParameters, _ storage: Storage) async throws {
    let files = FileManager.default
    guard let data = files.contents(atPath: path) else {
      guard (try? files.contentsOfDirectory(atPath: directory))?.isEmpty ?? true else {
        throw Problem(
          kind: .conflict, code: "demo.directory_in_use", detail: "\(directory) holds something that is no demo.",
          remedy: "Choose another directory with --data.")
      }
      if !storage.isInDataDirectory, try await storage.isInUse() { throw Self.storageInUse }
      return try write(Kept(parameters: parameters, finished: false))
    }
    let kept = try JSONDecoder().decode(Kept.self, from: data)
    if kept.finished {
      guard storage.isInDataDirectory else { throw Self.storageInUse }
      try files.removeItem(atPath: directory)
      try write(Kept(parameters: parameters, finished: false))
    } else if kept.parameters != parameters {
      throw Problem(
        kind: .conflict, code: "demo.other_parameters",
        detail: "\(directory) holds an unfinished demo with other parameters: \(kept.parameters).",
        remedy: "Use those again to go on, or choose another directory with --data.")
    }
  }

  /// What is not in the directory is not removed with it.
  private static var storageInUse: Problem {
    Problem(
      kind: .conflict, code: "demo.storage_in_use", detail: "The settings name storage that holds something already.",
      remedy: "Name fresh schemas in the settings and another directory with --data, or drop what is there yourself.")
  }

  func finish(_ parameters: DemoParameters) throws { try write(Kept(parameters: parameters, finished: true)) }

  private func write(_ kept: Kept) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try encoder.encode(kept).write(to: URL(filePath: path), options: .atomic)
  }
}
