// A billing run beside the same rows written by bare prepared statements in transactions of the same size.

import ArgumentParser
import Billing
import Foundation
import Kernel
import Runtime
import SQLiteStorage
import Synchronization

struct BillingBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "billing", abstract: "A billing run over a book on SQLite.")

  @OptionGroup var bench: BenchOptions

  @Option(help: "Policies in the large book; the small one has a twentieth of them.")
  var policies = 200_000

  @Option(help: "Also run over a small book that was billed and paid for so many years.")
  var years: Int?

  func validate() throws {
    guard policies >= 20 else { throw ValidationError("--policies is at least 20.") }
    guard (1...100).contains(years ?? 1) else { throw ValidationError("--years is 1 to 100.") }
  }

  func run() async throws {
    let small = try await measure(policies / 20, runs: Self.smallRuns)
    var figures = [
      Figure("billing run, \(small.policies) policies", small.rowsPerSecond, "rows/s", floor: small.floorRowsPerSecond)
    ]
    if let years {
      let old = try await measure(policies / 20, months: years * 12, runs: Self.smallRuns)
      figures.append(
        Figure(
          "cost of an invoice, \(old.policies) policies, \(years) years", old.microsecondsPerInvoice, "us",
          floor: small.microsecondsPerInvoice))
    }
    let large = try await measure(policies)
    figures += [
      Figure("billing run, \(large.policies) policies", large.rowsPerSecond, "rows/s", floor: large.floorRowsPerSecond),
      Figure("invoices, \(large.policies) policies", Double(large.invoices) / large.seconds, "invoices/s"),
      Figure(
        "cost of an invoice, \(large.policies) policies", large.microsecondsPerInvoice, "us",
        floor: small.microsecondsPerInvoice),
      Figure("peak memory, \(large.policies) policies", large.peakMegabytes, "MB"),
    ]
    bench.show(figures)
  }

  /// A month of a small book is billed in a moment: this many, one after the other, and paid in between.
  private static let smallRuns = 6

  private struct Measured {
    let policies: Int
    let invoices: Int
    let seconds: Double
    let rows: Int
    let floorRowsPerSecond: Double
    let peakMegabytes: Double

    var rowsPerSecond: Double { Double(rows) / seconds }
    var microsecondsPerInvoice: Double { seconds * 1e6 / Double(invoices) }
  }

  /// Chunks whose rows the floor writes again, spread over the run: enough to time, and few enough to hold in memory.
  private static let floorChunks = 20

  /// The floor writes the first run's rows to a copy of the book, made before it, so that both change the same pages.
  /// It is measured after the runs and their memory were.
  private func measure(_ policies: Int, months: Int = 0, runs: Int = 1) async throws -> Measured {
    guard let start = CalendarDate(year: 2027, month: 1, day: 1) else { preconditionFailure("a date") }
    return try await withScratch(bench.scratch) { directory in
      let tables = BillingContext.context.tables
      let book = "\(directory)/billing.sqlite"
      let clock = SandboxClock(Instant(date: start))
      let seeding = try SQLiteStore(path: book, tables: tables)
      try await seed(Engine(context: "billing", store: seeding, clock: clock), clock, policies, start, months)
      await seeding.close()
      try FileManager.default.copyItem(atPath: book, toPath: "\(directory)/floor.sqlite")
      let store = try SQLiteStore(path: book, tables: tables)
      let engine = Engine(context: "billing", store: store, clock: clock)
      let stride = max(1, policies / BillingRun.chunk / Self.floorChunks)
      let written = Mutex((chunks: 0, rows: 0, kept: [Commit]()))
      var seconds = 0.0
      for run in 0..<runs {
        let day = BillingBench.run(months + run, start: start)
        clock.advance(to: Instant(date: day))
        seconds += try await Meter.seconds {
          let report = try await BillingRun.run(engine: engine, asOf: day) { _, commit in
            written.withLock { written in
              written.rows += commit.rowCount
              if run == 0 && written.chunks.isMultiple(of: stride) { written.kept.append(commit) }
              written.chunks += 1
            }
          }
          precondition(report.invoices == policies, "\(report.invoices) invoices for \(policies) policies")
        }
        if run + 1 < runs { try await BillingBench.pay(engine: engine, accounts: policies, start: start, on: day) }
      }
      let peak = Meter.peakMegabytes
      await store.close()
      let (_, rows, kept) = written.withLock { $0 }
      let floor = try Floor.insertRate(
        of: kept, tables: tables, at: "\(directory)/floor.sqlite", commitsPerTransaction: 1)
      return Measured(
        policies: policies, invoices: policies * runs, seconds: seconds, rows: rows,
        floorRowsPerSecond: floor.rowsPerSecond, peakMegabytes: peak)
    }
  }
}

extension BillingBenchCommand {
  private func seed(
    _ engine: Engine, _ clock: SandboxClock, _ policies: Int, _ start: CalendarDate, _ months: Int
  ) async throws {
    let seeded = ProgressBar("Book of \(policies)", total: policies)
    try await BillingBench.seed(engine: engine, accounts: policies, start: start) { seeded.show($0, "seeded") }
    seeded.finish()
    let lived = ProgressBar("Book of \(policies)", total: months)
    try await BillingBench.age(engine: engine, clock: clock, accounts: policies, start: start, months: months) {
      lived.show($0, "months billed and paid")
    }
    lived.finish()
  }
}

extension Commit {
  /// Rows that the commit writes, counted as the floor counts them.
  fileprivate var rowCount: Int {
    writes.reduce(rows.count + outbox.count) { $0 + $1.events.count + 1 }
  }
}
