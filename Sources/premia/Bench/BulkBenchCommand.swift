// Bulk work over a book that came in through its own door: an enrolment file is taken in, the policies are brought into
// force, rated anew, renewed, and compared with the partner's full file. The other contexts do not listen meanwhile.

import ArgumentParser
import Contracts
import Courier
import Exchange
import Foundation
import Kernel
import Policy
import Runtime
import SwiftProtobuf

struct BulkBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bulk", abstract: "An enrolment file, a rate change, a renewal and an audit over one book.",
    discussion: """
      The floor of each cost is that of a book of a twentieth: bulk work costs each policy the same however many there \
      are.
      """)

  @OptionGroup var bench: BenchOptions

  @Option(help: "People in the large book; the small one has a twentieth of them.")
  var members = 20_000

  @Option(help: "The configuration directory.")
  var config = "config"

  func validate() throws {
    guard members >= 1_000 else { throw ValidationError("--members is at least 1000.") }
  }

  func run() async throws {
    let small = try await measure(members / 20)
    let large = try await measure(members)
    bench.show(
      zip(large.costs, small.costs).map { cost, floor in
        Figure("\(cost.work), \(cost.count) \(cost.of)", cost.microsecondsEach, "us", floor: floor.microsecondsEach)
      } + [Figure("peak memory, \(large.policies) policies", large.peakMegabytes, "MB", floor: small.peakMegabytes)])
  }

  private func measure(_ members: Int) async throws -> BulkBench.Measured {
    try await withScratch(bench.scratch) { directory in
      let places = try Places(data: directory, configuration: config)
      // Files in the scratch directory, whatever the installation's settings say.
      let storage = try Storage(Settings(path: nil, environment: [:]), data: directory)
      let house = try await House.open(places, storage, clock: HouseClock(places, start: DemoParameters.start))
      do {
        let measured = try await BulkBench(house: house, members: members).measure()
        await house.close()
        return measured
      } catch {
        await house.close()
        throw error
      }
    }
  }
}

/// One book and what is done to it.
private struct BulkBench {
  struct Cost {
    let work: String
    let count: Int
    /// What is counted.
    let of: String
    let seconds: Double

    var microsecondsEach: Double { seconds * 1e6 / Double(count) }
  }

  struct Measured {
    let policies: Int
    let costs: [Cost]
    let peakMegabytes: Double
  }

  let house: House
  let book: SyntheticBook
  /// Each household has one.
  private let policies: Int

  init(house: House, members: Int) throws {
    self.house = house
    book = SyntheticBook(
      recipe: try .load(path: house.places.config("books/demo.yaml")), members: members, seed: 7,
      start: DemoParameters.start.firstOfNextMonth)
    policies = book.householdCount
  }

  func measure() async throws -> Measured {
    let costs = [
      try await enrolment(), try await issue(), try await audit(), try await rates(),
      try await renewal(dryRun: true), try await renewal(dryRun: false),
    ]
    return Measured(policies: policies, costs: costs, peakMegabytes: Meter.peakMegabytes)
  }

  /// - Parameter body: answers how many it worked on.
  private func cost(_ work: String, of what: String, _ body: () async throws -> Int) async throws -> Cost {
    var count = 0
    let seconds = try await Meter.seconds { count = try await body() }
    Terminal.error("bench: \(work), \(count) \(what) in \(Int(seconds)) s")
    return Cost(work: work, count: count, of: what, seconds: seconds)
  }

  private func enrolment() async throws -> Cost {
    let path = house.places.file("in/enrolment.834")
    try OutputFile.write(path) { try book.enrolment(to: $0) }
    return try await cost("enrolment", of: "coverages") {
      try await house.take(path)
      return policies
    }
  }

  private func issue() async throws -> Cost {
    try await cost("issue without binder payment", of: "policies") {
      try await house.lines.forEachPolicy { policy in
        let request = Premia_Policy_V1_IssueRequest.with {
          $0.policyID = policy.policyID
          $0.reason = "bench"
        }
        _ = try await ask { try await house.lines.policy.issue(request, options: .bounded) }
      }
      return policies
    }
  }

  private func audit() async throws -> Cost {
    let path = house.places.file("in/full.834")
    try OutputFile.write(path) { try book.fullFile(on: house.clock.today, to: $0) }
    return try await cost("audit", of: "coverages") {
      let report = try await house.audit(path)
      precondition(report.findingCount == 0, "the book has it otherwise: \(report.findings.prefix(3))")
      precondition(report.coverages == policies && report.policies == policies, "\(report.coverages) coverages")
      return policies
    }
  }

  /// A new edition of Florida's plans costs more from the middle of the year on.
  private func rates() async throws -> Cost {
    let from = DemoParameters.start.adding(months: 7)
    let plans = try String(contentsOfFile: house.places.config("products/plans/FL-2027.yaml"), encoding: .utf8)
    let request = Premia_Products_V1_PublishRequest.with {
      $0.file = "FL-2027-07.yaml"
      $0.content = Data(plans.raised(from: from).utf8)
    }
    _ = try await ask { try await house.lines.products.publish(request, options: .bounded) }
    // The holders are told 30 days before.
    try house.clock.advance(to: from.adding(days: -40))
    return try await cost("rate change", of: "policies of the state") {
      let report = try await PolicyContext.runRates(
        house.room("policy").engine, products: house.lines.products, plan: "fl-silver-3500", from: from,
        change: .immediate)
      precondition(report.progress.changed > 0 && report.progress.parked == 0, "\(report.parked.prefix(3))")
      return Int(report.progress.seen)
    }
  }

  private func renewal(dryRun: Bool) async throws -> Cost {
    let day = DemoParameters.start.adding(months: 10).adding(days: 14)
    if house.clock.today < day { try house.clock.advance(to: day) }
    return try await cost(dryRun ? "renewal, dry run" : "renewal", of: "policies") {
      let report = try await PolicyContext.runRenewals(
        house.room("policy").engine, products: house.lines.products, dryRun: dryRun)
      precondition(report.progress.changed == policies, "\(report.progress), \(report.parked.prefix(3))")
      return policies
    }
  }
}

extension String {
  /// The text of a file of plans, from another day on and for 3 percent more.
  fileprivate func raised(from day: CalendarDate) -> String {
    replacing(/(?m)^from: .*$/, with: "from: \(day)")
      .replacing(/(?m)^( +[A-Z]{2}-\d: )(\d+)\.(\d\d)$/) { line in
        let cents = (Int64(line.2) ?? 0) * 100 + (Int64(line.3) ?? 0)
        return "\(line.1)\((Money(cents: cents + cents * 3 / 100)).decimalString)"
      }
  }
}
