// The preview of a five-year timeline, beside the same answer written with every amount worked out beforehand.

import ArgumentParser
import Billing

struct PreviewBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview", abstract: "The invoices of a five-year timeline, on one core.")

  @OptionGroup var bench: BenchOptions

  func run() async throws {
    let preview = try PreviewBench()
    let rounds = 1_000
    var check: (previewed: Int, floor: Int) = (0, 0)
    // Once to warm up, once to measure.
    for _ in 0..<rounds / 10 { check.previewed &+= preview.preview() }
    let previewing = await Meter.seconds { for _ in 0..<rounds { check.previewed &+= preview.preview() } }
    let bare = await Meter.seconds { for _ in 0..<rounds { check.floor &+= preview.floor() } }
    precondition(check.previewed != 0 && check.floor != 0, "nothing was billed")
    func microseconds(_ seconds: Double) -> Double { seconds * 1e6 / Double(rounds) }
    bench.show([
      Figure(
        "preview of \(preview.entries) entries, \(preview.invoices) invoices", microseconds(previewing), "us",
        floor: microseconds(bare))
    ])
  }
}
