// verify and reconcile: does what is stored follow from the events, and do the books agree.

import ArgumentParser
import Kernel
import Ledger
import Runtime

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Replay the events of every context and compare with what is stored.",
    discussion: "Exit code 3 where something does not agree.")

  @OptionGroup var options: HouseOptions

  struct Answer: Encodable {
    let streams: Int64
    let events: Int64
    let rows: Int64
    let publications: Int64
    let mismatches: Int64
    let first: [String]
  }

  func run() async throws {
    try await options.withHouse { house in
      let report = try await house.verify()
      if options.json {
        Terminal.printJSON(
          Answer(
            streams: report.streams, events: report.events, rows: report.rows, publications: report.publications,
            mismatches: report.mismatchCount, first: report.mismatches.map(\.description)))
      } else {
        Terminal.print(
          "\(report.streams) streams, \(report.events) events, \(report.rows) rows, "
            + "\(report.publications) publications: "
            + (report.mismatchCount == 0 ? "all agree" : "\(report.mismatchCount) mismatches"))
        for mismatch in report.mismatches { Terminal.print("  \(mismatch)") }
      }
      if report.mismatchCount > 0 { throw ExitCode.found }
    }
  }
}

struct ReconcileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile", abstract: "Compare what the contexts hold with the books and with each other.",
    discussion: "Exit code 3 where two figures differ that should be the same.")

  @OptionGroup var options: HouseOptions

  struct Answer: Encodable {
    let rules: Int
    let defects: [String]
  }

  func run() async throws {
    try await options.withHouse { house in
      // What is on its way is no defect.
      try await house.drain()
      let (rules, defects) = try await house.reconcile()
      if options.json {
        Terminal.printJSON(Answer(rules: rules, defects: defects.map(\.description)))
      } else {
        Terminal.print("\(rules) rules: " + (defects.isEmpty ? "all hold" : "\(defects.count) do not hold"))
        for defect in defects { Terminal.print("  \(defect)") }
      }
      if !defects.isEmpty { throw ExitCode.found }
    }
  }
}
