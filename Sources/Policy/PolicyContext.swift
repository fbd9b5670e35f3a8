// The table of contents of Policy.

public import Contracts
import Courier
public import GRPCCore
public import Kernel
public import Runtime

public enum PolicyContext {
  public static let context = Context(
    name: "policy", tables: [PolicyTables.policies, PolicyTables.members, PolicyTables.identifiers] + BulkTables.all,
    aggregates: [AnyAggregate(Quote.self), AnyAggregate(Policy.self), AnyAggregate(BulkRun.self)],
    subscriptions: PolicyReactions.all)

  public static func services(
    engine: Engine, products: any Premia_Products_V1_ProductsService.ClientProtocol
  ) -> [any RegistrableRPCService] {
    [PolicyService(desk: Desk(engine), products: products)]
  }

  /// Ends the policies whose last day has passed, resumes those whose pause is over, takes note of what has come into
  /// effect, and removes children who reach the age limit.
  public static func run(
    _ engine: Engine, products: any Premia_Products_V1_ProductsService.ClientProtocol, asOf day: CalendarDate, act: Act
  ) async throws -> SweepReport {
    let ageing = AgeLimitRun(engine: engine, pricing: Pricing(products: products), day: day, act: act)
    let left = try await ageing.run()
    var report = try await engine.sweep(Policy.self, through: Instant(date: day), act: act) { _ in .moveOn(to: day) }
    report.events += left.events
    // The reason that came first says more.
    report.parked.merge(left.parked) { _, first in first }
    return report
  }

  /// Renews the policies in force into the term of the next January 1.
  ///
  /// - Parameters:
  ///   - act: nil is the run's own.
  ///   - onPage: called after each page with the report so far and the number of policies to look at.
  /// - Throws: as `Engine.perform`.
  public static func runRenewals(
    _ engine: Engine, products: any Premia_Products_V1_ProductsService.ClientProtocol, dryRun: Bool = false,
    act: Act? = nil, onPage: @escaping @Sendable (BulkReport, Int64) async -> Void = { _, _ in }
  ) async throws -> BulkReport {
    let work = try await RenewalRun(on: engine.clock.now.date, products: products)
    return try await perform(work, engine, dryRun: dryRun, act, onPage)
  }

  /// Takes the rates of the edition of a plan, or add-on, that begins on a day to the policies that hold it.
  ///
  /// - Parameter change: from when they hold; unspecified leaves it to the plan's file.
  /// - Throws: `Problem` where no edition of the plan begins then, and where nobody says from when they hold, or the
  ///   plan's file otherwise; as `Engine.perform`.
  public static func runRates(
    _ engine: Engine, products: any Premia_Products_V1_ProductsService.ClientProtocol, plan: String,
    from: CalendarDate, change: Premia_Products_V1_RateChange = .unspecified, dryRun: Bool = false, act: Act? = nil,
    onPage: @escaping @Sendable (BulkReport, Int64) async -> Void = { _, _ in }
  ) async throws -> BulkReport {
    let work = try await RatesRun(plan: plan, from: from, asked: change, products: products)
    return try await perform(work, engine, dryRun: dryRun, act, onPage)
  }

  private static func perform(
    _ work: some BulkWork, _ engine: Engine, dryRun: Bool, _ act: Act?,
    _ onPage: @escaping @Sendable (BulkReport, Int64) async -> Void
  ) async throws -> BulkReport {
    let count = try await work.count(in: engine.store)
    let own = Act(correlation: "run/\(work.run)", causation: "run/\(work.run)")
    return try await engine.perform(work, act: act ?? own, dryRun: dryRun) { report in await onPage(report, count) }
  }
}
