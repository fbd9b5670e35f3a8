// The table of contents of Party.

import Courier
public import GRPCCore
public import Runtime

public enum PartyContext {
  public static let context = Context(
    name: "party", tables: [PartyTables.parties, PartyTables.crosswalk], aggregates: [AnyAggregate(Party.self)])

  public static func services(engine: Engine) -> [any RegistrableRPCService] { [PartyService(desk: Desk(engine))] }
}
