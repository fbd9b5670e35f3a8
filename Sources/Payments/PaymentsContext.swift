public import GRPCCore
public import Runtime

/// Payments: money in from members, money out to providers.
public enum PaymentsContext {
  public static let context = Context(
    name: "payments", tables: PaymentsTables.all,
    aggregates: [
      AnyAggregate(Wallet.self), AnyAggregate(Payment.self), AnyAggregate(Payout.self), AnyAggregate(Refund.self),
      AnyAggregate(Receipt.self), AnyAggregate(ExchangeAccount.self), AnyAggregate(PayerAccount.self),
    ],
    subscriptions: PaymentsReactions.all)

  /// - Parameters:
  ///   - gateway: who moves the money.
  ///   - declines: what its declines mean, as in config/payments/declines.yaml.
  public static func services(
    engine: Engine, gateway: any Gateway, declines: DeclineTable
  ) -> [any RegistrableRPCService] {
    [
      PaymentsService(
        engine: engine, collector: Collector(engine: engine, gateway: gateway, declines: declines))
    ]
  }
}
