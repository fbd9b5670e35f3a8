// What billing is made of.

public import GRPCCore
public import Runtime

/// Billing accounts, their schedule and their invoices.
public enum BillingContext {
  public static let context = Context(
    name: "billing", tables: [BillingTables.accounts, BillingTables.invoices, BillingTables.payments],
    aggregates: [AnyAggregate(Account.self)], subscriptions: BillingReactions.subscriptions)

  public static func services(engine: Engine) -> [any RegistrableRPCService] {
    [BillingService(engine: engine)]
  }
}
