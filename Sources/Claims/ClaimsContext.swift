// The context's table of contents.

public import GRPCCore
public import Runtime

public enum ClaimsContext {
  public static let context = Context(
    name: "claims", tables: ClaimsTables.all,
    aggregates: [
      AnyAggregate(Claim.self), AnyAggregate(Coverage.self), AnyAggregate(Plan.self), AnyAggregate(FeeSchedule.self),
      AnyAggregate(Accumulators.self),
    ],
    subscriptions: ClaimsReactions.all)

  public static func services(engine: Engine) -> [any RegistrableRPCService] { [ClaimsService(engine: engine)] }
}
