// Bulk work over a book in force: rates of a new edition, a renewal, and the comparison with a partner's full file. The
// other contexts do not listen meanwhile.

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
    commandName: "bulk", abstract: "An audit, a rate change and a renewal over one book.",
    discussion: """
      The floor of each cost is that of a book of a twentieth: bulk work costs each policy the same however many there \
      are. An enrolment file and its policies' issue, one by one as a partner's come in, are measured over a book of \
      their own.
      """)

  @OptionGroup var bench: BenchOptions

  @Option(help: "Policies in the large book; the small one has a twentieth of them.")
  var policies = 20_000

  @Option(help: "Coverages of the enrolment file.")
  var enrolled = 1_000

  @Option(help: "The configuration directory.")
  var config = "config"

  func validate() throws {
    guard policies >= 1_000 else { throw ValidationError("--policies is at least 1000.") }
    guard enrolled >= 1 else { throw ValidationError("--enrolled is at least 1.") }
  }

  func run() async throws {
    let enrolment = try await withHouse { try await BulkBench(house: $0, policies: enrolled).enrol() }
    let small = try await withHouse { try await BulkBench(house: $0, policies: policies / 20).measure() }
    let large = try await withHouse { try await BulkBench(house: $0, policies: policies).measure() }
    bench.show(
      enrolment.map { Figure("\($0.work), \($0.count) \($0.of)", $0.microsecondsEach, "us") }
        + zip(large.costs, small.costs).map { cost, floor in
          Figure("\(cost.work), \(cost.count) \(cost.of)", cost.microsecondsEach, "us", floor: floor.microsecondsEach)
        } + [Figure("peak memory, \(policies) policies", large.peakMegabytes, "MB", floor: small.peakMegabytes)])
  }

  private func withHouse<Answer>(_ body: (House) async throws -> Answer) async throws -> Answer {
    try await withScratch(bench.scratch) { directory in
      let places = try Places(data: directory, configuration: config)
      // Files in the scratch directory, whatever the installation's settings say.
      let storage = try Storage(Settings(path: nil, environment: [:]), data: directory)
      let house = try await House.open(places, storage, clock: HouseClock(places, start: DemoParameters.start))
      do {
        let answer = try await body(house)
        await house.close()
        return answer
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
    let costs: [Cost]
    let peakMegabytes: Double
  }

  let house: House
  let policies: Int
  /// Each household has one coverage.
  let book: SyntheticBook

  init(house: House, policies: Int) throws {
    self.house = house
    self.policies = policies
    book = SyntheticBook(
      recipe: try .load(path: house.places.config("books/demo.yaml")), households: policies, seed: 7,
      start: DemoParameters.start.firstOfNextMonth)
  }

  /// - Parameter body: answers how many it worked on.
  private func cost(_ work: String, of what: String, _ body: () async throws -> Int) async throws -> Cost {
    var count = 0
    let seconds = try await Meter.seconds { count = try await body() }
    Terminal.error("bench: \(work), \(count) \(what) in \(Int(seconds)) s")
    return Cost(work: work, count: count, of: what, seconds: seconds)
  }
}

// MARK: - One by one

extension BulkBench {
  func enrol() async throws -> [Cost] { [try await enrolment(), try await issue()] }

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
}

// MARK: - Runs over a book in force

extension BulkBench {
  func measure() async throws -> Measured {
    let file = house.places.file("in/full.834")
    try OutputFile.write(file) { try book.fullFile(on: house.clock.today, to: $0) }
    try await seed(from: file)
    let costs = [
      try await audit(file), try await rates(), try await renewal(dryRun: true), try await renewal(dryRun: false),
    ]
    return Measured(costs: costs, peakMegabytes: Meter.peakMegabytes)
  }

  /// Brings into force what the partner's full file says.
  private func seed(from file: String) async throws {
    let engine = try house.room("policy").engine
    let bar = ProgressBar("Book of \(policies)", total: policies)
    var made = 0
    try await house.files.readFullFile(path: file) { wanted in
      try await PolicyBench.seed(
        wanted.map { PolicyBench.Wanted($0.quote, $0.application) }, from: made, start: engine.clock.now,
        engine: engine, products: house.lines.products)
      made += wanted.count
      bar.show(made, "in force")
    }
    bar.finish()
    precondition(made == policies, "\(made) coverages for \(policies) policies")
  }

  private func audit(_ file: String) async throws -> Cost {
    try await cost("audit", of: "coverages") {
      let report = try await house.audit(file)
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
