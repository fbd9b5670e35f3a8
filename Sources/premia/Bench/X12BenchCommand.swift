// Reading and validating 837P streams on one core, beside the barest look at the same bytes.

import ArgumentParser
import Exchange
import Kernel
import X12

struct X12BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "x12", abstract: "Reading and validating an 837P stream, in megabytes a second on one core.")

  @OptionGroup var bench: BenchOptions

  @Option(help: "Megabytes of the large stream; the small one has one.")
  var megabytes = 1_000

  @Option(help: "The recipe of the book that claims are made from.")
  var recipe = "config/books/demo.yaml"

  func run() async throws {
    guard let month = CalendarDate(year: 2027, month: 2, day: 1) else { preconditionFailure("a date") }
    let book = SyntheticBook(recipe: try .load(path: recipe), members: 4_000, seed: 7, start: month.adding(months: -1))
    var block: [UInt8] = []
    try book.claims837(month: month) { block += $0 }
    let guides = try GuideLibrary.shipped()
    let small = try await measure(block, megabytes: 1, guides)
    let large = try await measure(block, megabytes: megabytes, guides)
    let bare = await bareRate(block, megabytes: min(megabytes, 200))
    bench.show([
      Figure("837P validated, \(megabytes) MB", large.rate, "MB/s", floor: bare),
      Figure("peak memory, \(megabytes) MB", large.peak, "MB", floor: small.peak),
    ])
  }

  /// Validates the block over and over, as interchange after interchange of one stream.
  private func measure(
    _ block: [UInt8], megabytes: Int, _ guides: GuideLibrary
  ) async throws -> (rate: Double, peak: Double) {
    let rounds = max(1, megabytes * 1_000_000 / block.count)
    var left = rounds * block.count
    var place = 0
    var accepted = 0
    let seconds = try await Meter.seconds {
      let reader = X12Reader(source: { buffer in
        let count = min(buffer.count, left, block.count - place)
        guard count > 0 else { return 0 }
        block.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[place..<place + count])) }
        place = (place + count) % block.count
        left -= count
        return count
      })
      var validator = X12Validator(reader: reader, guides: guides)
      while let event = validator.next() {
        guard case .transaction(let report) = event else { continue }
        precondition(report.verdict == .accepted, "the stream is not valid: \(report.findings.prefix(3))")
        accepted += 1
      }
    }
    precondition(accepted >= rounds, "not every transaction was seen")
    return (Double(rounds * block.count) / 1e6 / seconds, Meter.peakMegabytes)
  }

  /// Looks at each byte once and counts terminators.
  private func bareRate(_ block: [UInt8], megabytes: Int) async -> Double {
    let rounds = max(1, megabytes * 1_000_000 / block.count)
    var terminators = 0
    let seconds = await Meter.seconds {
      for _ in 0..<rounds { for byte in block where byte == UInt8(ascii: "~") { terminators &+= 1 } }
    }
    precondition(terminators > 0, "no segment was seen")
    return Double(rounds * block.count) / 1e6 / seconds
  }
}
