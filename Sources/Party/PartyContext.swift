// The table of contents of Party.

public import Courier
public import GRPCCore
public import Runtime

public enum PartyContext {
  public static let context = Context(
    name: "party", tables: [PartyTables.parties, PartyTables.crosswalk], aggregates: [AnyAggregate(Party.self)])

  public static func services(_ desk: Desk) -> [any RegistrableRPCService] { [PartyService(desk: desk)] }
}
