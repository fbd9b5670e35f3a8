// The gateway port: what Payments asks of whoever moves the money, and the answers it can live with.

public import Kernel

/// Moves money in and out. Implementations are idempotent by key: the same key moves money at most once.
public protocol Gateway: Sendable {
  /// Charges a token. Failures of the line are `unknown`: the charge may have been made.
  func charge(_ charge: Charge) async -> GatewayAnswer
  /// What became of a charge, by its key; nil where the gateway never heard of it.
  func lookUp(_ charge: Charge) async -> GatewayAnswer?

  /// Sends a transfer to a payee.
  func send(_ transfer: Transfer) async -> GatewayAnswer
  /// What became of a transfer, by its key; nil where the gateway never heard of it.
  func lookUp(_ transfer: Transfer) async -> GatewayAnswer?
}

/// What the gateway says of a charge or a transfer.
public enum GatewayAnswer: Hashable, Sendable {
  /// The money moved. `reference` is the gateway's name for it; for a transfer, the trace number that the payee sees
  /// and that TRN02 of the 835 repeats.
  case posted(reference: String)
  /// It did not, and will not under this key. `code` is the network's response code, such as "51".
  case declined(code: String)
  /// Nobody knows yet: no answer in time, or a line that broke.
  case unknown
}

/// One charge of one token.
public struct Charge: Hashable, Sendable {
  /// Unique to the charge: the payment's identifier.
  public let key: String
  public let token: Token
  public let amount: Money
  /// The policy it is for, as it appears on the payer's statement.
  public let reference: String
  /// The first of the month in which the charged invoice is due.
  public let dueMonth: CalendarDate
  /// Charges of the same invoice so far, with this one; from 1.
  public let attempt: Int

  public init(
    key: String, token: Token, amount: Money, reference: String, dueMonth: CalendarDate, attempt: Int
  ) {
    self.key = key
    self.token = token
    self.amount = amount
    self.reference = reference
    self.dueMonth = dueMonth
    self.attempt = attempt
  }
}

/// One transfer to one payee.
public struct Transfer: Hashable, Sendable {
  /// Unique to the transfer: the payout's identifier and the try, such as `pout_…/1`.
  public let key: String
  /// The payee's identifier; of a refund to somebody who has none, as an estate, the name.
  public let payee: String
  public let amount: Money

  public init(key: String, payee: String, amount: Money) {
    self.key = key
    self.payee = payee
    self.amount = amount
  }
}

extension Charge {
  init(_ order: PaymentOrder) {
    self.init(
      key: order.paymentID.description, token: order.token, amount: order.amount,
      reference: order.policyID.description, dueMonth: order.dueOn.firstOfMonth, attempt: order.attempt)
  }
}

extension Transfer {
  /// Nil where there is nothing to pay.
  init?(_ payout: Payout.State) {
    guard let payee = payout.payee, payout.total.isPositive else { return nil }
    self.init(
      key: "\(payee.payoutID)/\(payout.declines + 1)", payee: payee.payeeID.description, amount: payout.total)
  }
}
