// What billing is made of.

public import GRPCCore
public import Runtime

/// Billing accounts, their schedule and their invoices.
public enum BillingContext {
  public static let context = Context(
    name: "billing",
    tables: [
      BillingTables.accounts, BillingTables.invoices, BillingTables.payments, BillingTables.refunds,
      BillingTables.documents,
    ],
    aggregates: [AnyAggregate(Account.self), AnyAggregate(Register.self)],
    subscriptions: BillingReactions.subscriptions, readers: [Numbering.reader])

  /// - Parameter press: makes documents; without one they are numbered and listed.
  public static func services(engine: Engine, press: Press? = nil) -> [any RegistrableRPCService] {
    [BillingService(engine: engine, press: press)]
  }
}
