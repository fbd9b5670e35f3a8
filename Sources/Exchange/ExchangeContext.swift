// The table of contents of Exchange.

public import Runtime

public enum ExchangeContext {
  public static let context = Context(
    name: "exchange",
    tables: [
      ExchangeTables.files, ExchangeTables.interchanges, ExchangeTables.outcomes, ExchangeTables.acknowledgements,
    ] + AuditTables.all,
    aggregates: [AnyAggregate(FileImport.self), AnyAggregate(FileAudit.self)])
}
