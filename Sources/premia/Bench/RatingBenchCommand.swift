// Household quotes a second on one core, beside bare look-ups and sums of the same rates.

import ArgumentParser
import Products

struct RatingBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rating", abstract: "Quotes of a household for every plan on sale, a second, on one core.")

  @OptionGroup var bench: BenchOptions

  @Option(help: "The product files.")
  var products = "config/products"

  @Option(help: "Made-up plans to read behind them: what a catalogue of thousands takes.")
  var plans = 0

  func run() async throws {
    let start = ContinuousClock.now
    let rating = try RatingBench(catalogueIn: products, plans: plans, count: plans > 0 ? 500 : 10_000)
    let loading = start.duration(to: .now)
    let rounds = plans > 0 ? 4 : 100
    var check: (quoted: Int64, floor: Int64) = (0, 0)
    // Once to warm up, once to measure.
    for index in 0..<rating.count { check.quoted &+= rating.quote(index) }
    let quoting = await Meter.seconds {
      for _ in 0..<rounds { for index in 0..<rating.count { check.quoted &+= rating.quote(index) } }
    }
    let one = await Meter.seconds {
      for _ in 0..<rounds { for index in 0..<rating.count { check.quoted &+= rating.quoteOne(index) } }
    }
    let bare = await Meter.seconds {
      for _ in 0..<rounds { for index in 0..<rating.count { check.floor &+= rating.floor(index) } }
    }
    precondition(check.quoted != 0 && check.floor != 0, "nothing was rated")
    let quotes = Double(rounds * rating.count)
    bench.show([
      Figure("household quotes", quotes / quoting, "quotes/s", floor: quotes / bare),
      Figure("quotes of one plan", quotes / one, "quotes/s"),
      Figure("catalogue read and compiled", Double(loading / .milliseconds(1)), "ms"),
      Figure("memory", Meter.peakMegabytes, "MB"),
    ])
  }
}
