// The context's table of contents.

public import GRPCCore
public import Runtime

public enum CommissionsContext {
  /// - Parameter schedule: what is earned, as in config/commissions/schedule.yaml.
  public static func context(schedule: CommissionSchedule) -> Context {
    Context(
      name: "commissions", tables: CommissionsTables.all,
      aggregates: [AnyAggregate(Commission.self), AnyAggregate(Producer.self)],
      subscriptions: CommissionsReactions.all(under: schedule))
  }

  public static func services(engine: Engine, schedule: CommissionSchedule) -> [any RegistrableRPCService] {
    [CommissionsService(engine: engine, schedule: schedule)]
  }
}
