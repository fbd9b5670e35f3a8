// Which part of some money is owed, and by whom. It decides on the wallet or the exchange's account of the policy, or on
// the account of the payer; the caller decides on the receipt, in the same unit of work.

import Kernel
import Runtime

extension Unit {
  /// Applies as much of the money as is owed for the policy, or by the payer.
  ///
  /// - Returns: nil where nothing of it is applied.
  mutating func apply(
    _ amount: Money, _ funds: Receipt.Funds, for debtor: Receipt.Debtor, of receiptID: ReceiptID
  ) async throws -> Receipt.Application? {
    switch (funds, debtor) {
    case (.memberPremium, .policy(let policyID)): try await applyPremium(amount, to: policyID, of: receiptID)
    case (.taxCredit, .policy(let policyID)): try await applyTaxCredit(amount, to: policyID)
    case (.contribution, .payer(let payerID)): try await applyContribution(amount, of: payerID)
    case (.memberPremium, .payer), (.taxCredit, .payer), (.contribution, .policy), (.other, _): nil
    }
  }

  /// What a payer takes back is for somebody to settle, as with a member's premium.
  private mutating func applyContribution(_ amount: Money, of payerID: PayerID) async throws -> Receipt.Application? {
    let stream = StreamID(PayerAccountID(of: payerID))
    let taken = min(amount, try await state(of: PayerAccount.self, stream).owed)
    guard taken.isPositive else { return nil }
    try await decide(PayerAccount.self, stream, .take(taken, of: payerID))
    return Receipt.Application(debtor: .payer(payerID), amount: taken, portions: [])
  }

  private mutating func applyPremium(
    _ amount: Money, to policyID: PolicyID, of receiptID: ReceiptID
  ) async throws -> Receipt.Application? {
    let stream = StreamID(WalletID(of: policyID))
    let wallet = try await state(of: Wallet.self, stream)
    let portions = wallet.portions(of: amount) { newID(PaymentTag.self, for: "\(receiptID)/\($0)") }
    guard !portions.isEmpty else { return nil }
    try await decide(Wallet.self, stream, .takeCash(portions))
    return Receipt.Application(
      debtor: .policy(policyID), amount: portions.reduce(.zero) { $0 + $1.amount }, portions: portions)
  }

  private mutating func applyTaxCredit(_ amount: Money, to policyID: PolicyID) async throws -> Receipt.Application? {
    let stream = StreamID(ExchangeAccountID(of: policyID))
    let owed = try await state(of: ExchangeAccount.self, stream).owed
    let taken = amount.isNegative ? amount : min(amount, max(owed, .zero))
    guard !taken.isZero else { return nil }
    try await decide(ExchangeAccount.self, stream, .take(taken, of: policyID))
    return Receipt.Application(debtor: .policy(policyID), amount: taken, portions: [])
  }
}
