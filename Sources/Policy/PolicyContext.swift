// The table of contents of Policy.

public import Contracts
import Courier
public import GRPCCore
public import Kernel
public import Runtime

public enum PolicyContext {
  public static let context = Context(
    name: "policy", tables: [PolicyTables.policies, PolicyTables.identifiers],
    aggregates: [AnyAggregate(Quote.self), AnyAggregate(Policy.self)], subscriptions: PolicyReactions.all)

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
}
