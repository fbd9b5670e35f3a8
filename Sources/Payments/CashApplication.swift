// Which part of some money is owed, and by whom. It decides on the wallet or the exchange's account of the policy, or
// on the account of the payer; the caller decides on the receipt, in the same unit of work.

import Kernel
import Runtime

extension Unit {
  /// Applies as much of the money as is owed for the policies, or by the payer.
  ///
  /// - Returns: by policy; nothing where nothing of it is applied.
  mutating func apply(
    _ amount: Money, _ funds: Receipt.Funds, for debtors: [Receipt.Debtor], of receiptID: ReceiptID
  ) async throws -> [Receipt.Application] {
    switch funds {
    case .memberPremium: return try await applyPremium(amount, to: debtors.compactMap(\.policyID), of: receiptID)
    case .taxCredit:
      guard let policyID = debtors.first?.policyID else { return [] }
      return try await applyTaxCredit(amount, to: policyID).map { [$0] } ?? []
    case .contribution:
      guard let payerID = debtors.first?.payerID else { return [] }
      return try await applyContribution(amount, of: payerID).map { [$0] } ?? []
    case .other: return []
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

  /// The invoice of all the policies that was due first is paid first.
  private mutating func applyPremium(
    _ amount: Money, to policies: [PolicyID], of receiptID: ReceiptID
  ) async throws -> [Receipt.Application] {
    var open: [(dueOn: CalendarDate, policyID: PolicyID, owed: Money)] = []
    for policyID in policies {
      let wallet = try await state(of: Wallet.self, StreamID(WalletID(of: policyID)))
      open += wallet.invoices.filter { $0.owed.isPositive }.map { (dueOn: $0.dueOn, policyID: policyID, owed: $0.owed) }
    }
    open.sort { ($0.dueOn, $0.policyID) < ($1.dueOn, $1.policyID) }
    var (left, parts) = (amount, [PolicyID: Money]())
    for invoice in open where left.isPositive {
      let part = min(left, invoice.owed)
      parts[invoice.policyID, default: .zero] += part
      left -= part
    }
    var applications: [Receipt.Application] = []
    for policyID in policies {
      guard let part = parts[policyID] else { continue }
      let stream = StreamID(WalletID(of: policyID))
      let wallet = try await state(of: Wallet.self, stream)
      let portions = wallet.portions(of: part) { newID(PaymentTag.self, for: "\(receiptID)/\($0)") }
      try await decide(Wallet.self, stream, .takeCash(portions))
      applications.append(Receipt.Application(debtor: .policy(policyID), amount: part, portions: portions))
    }
    return applications
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
