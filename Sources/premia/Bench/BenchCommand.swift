// bench: figures beside their floors, measured in the same run. Build it with -c release; a debug build says so.

import ArgumentParser
import Kernel

/// One measured figure beside the floor that the machine sets: the same work done bare.
struct Figure: Encodable, Sendable {
  let name: String
  let value: Double
  let unit: String
  /// The same unit; nil where there is nothing to compare with.
  let floor: Double?
  /// `value` over `floor`.
  var ratio: Double? { floor.map { value / $0 } }

  init(_ name: String, _ value: Double, _ unit: String, floor: Double? = nil) {
    self.name = name
    self.value = value
    self.unit = unit
    self.floor = floor
  }

  private enum Keys: String, CodingKey { case name, value, unit, floor, ratio }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(name, forKey: .name)
    try container.encode(value, forKey: .value)
    try container.encode(unit, forKey: .unit)
    try container.encode(floor, forKey: .floor)
    try container.encode(ratio, forKey: .ratio)
  }
}

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure, beside the floor of the same run.",
    subcommands: [
      BillingBenchCommand.self, BulkBenchCommand.self, PreviewBenchCommand.self, CommitBenchCommand.self,
      X12BenchCommand.self, RatingBenchCommand.self, ScaleBenchCommand.self,
    ])
}

struct BenchOptions: ParsableArguments {
  @OptionGroup var answer: AnswerOptions

  @Option(help: "Where temporary files go; on the disk that is to be measured.")
  var scratch = ".data/bench"

  private struct Answer: Encodable {
    let figures: [Figure]
  }

  func show(_ figures: [Figure]) {
    #if DEBUG
      Terminal.error("bench: this is a debug build; its figures say nothing. Use 'make release'.")
    #endif
    if answer.json { return Terminal.printJSON(Answer(figures: figures)) }
    var table = TextTable(["figure", "value", "unit", "floor", "ratio"], numeric: [1, 3, 4])
    for figure in figures {
      table.add(
        figure.name, Self.number(figure.value), figure.unit, figure.floor.map(Self.number) ?? "",
        figure.ratio.map { "\(($0 * 100).rounded() / 100)" } ?? "")
    }
    Terminal.print(table.text)
  }

  private static func number(_ value: Double) -> String {
    value >= 100 ? "\(Int64(value.rounded()))" : "\((value * 100).rounded() / 100)"
  }
}
