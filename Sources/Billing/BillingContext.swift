// What billing is made of.

public import GRPCCore
public import Runtime

/// Billing accounts, their schedule and their invoices.
public enum BillingContext {
  /// Without taxes and fees.
  public static let context: Context = Self.context(levying: .none)

  /// - Parameter levies: the taxes and fees on premiums, as in config/billing/levies.yaml.
  public static func context(levying levies: LevyRules) -> Context {
    Context(
      name: "billing",
      tables: [
        BillingTables.accounts, BillingTables.invoices, BillingTables.payments, BillingTables.refunds,
        BillingTables.namedAmounts, BillingTables.closedCorrections, BillingTables.campaigns, BillingTables.documents,
        BillingTables.payers, BillingTables.statements, BillingTables.statementLines,
      ] + BulkTables.all,
      aggregates: [
        AnyAggregate(Account.self), AnyAggregate(Campaign.self), AnyAggregate(Register.self), AnyAggregate(Payer.self),
        AnyAggregate(BulkRun.self),
      ],
      subscriptions: BillingReactions.subscriptions(levies), readers: [Numbering.reader])
  }

  /// - Parameters:
  ///   - press: makes documents; without one they are numbered and listed.
  ///   - levies: as for the context.
  public static func services(
    engine: Engine, press: Press? = nil, levies: LevyRules = .none
  ) -> [any RegistrableRPCService] {
    [BillingService(engine: engine, press: press, levies: levies)]
  }
}
