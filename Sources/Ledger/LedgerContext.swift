// The table of contents of the context.

public import GRPCCore
public import Runtime

public enum LedgerContext {
  public static let context = Context(
    name: "ledger", tables: [LedgerTables.entries, LedgerTables.policyEntries, LedgerTables.postings],
    aggregates: [AnyAggregate(Journal.self)], subscriptions: LedgerReactions.subscriptions)

  public static func services(engine: Engine) -> [any RegistrableRPCService] { [LedgerService(engine: engine)] }
}
