// The chart of accounts: where the money of the carrier is, by number and name.

package import Kernel

/// An account of the books; the raw value is its number. Numbers and names are stable: history is kept under them.
package enum LedgerAccount: String, Codable, CaseIterable, Sendable {
  /// Collected and not yet in the bank, less what was paid out.
  case cashClearing = "1000"
  /// Billed to members and not yet paid.
  case memberReceivable = "1200"
  /// Advance premium tax credits billed to the exchange.
  case exchangeReceivable = "1210"
  /// Shares of premiums billed to employers and other payers.
  case payerReceivable = "1215"
  /// Claims approved and not yet paid.
  case claimsPayable = "2100"
  /// Given back to members and not yet sent.
  case refundsPayable = "2150"
  /// Earned by producers and not yet due on a statement; a debit where more was clawed back than earned.
  case commissionsPayable = "2200"
  /// Due to producers on statements, to be sent.
  case commissionsDue = "2210"
  /// Taxes and fees billed with premiums, owed to the state.
  case leviesPayable = "2220"
  /// Paid by members and not yet used for an invoice.
  case memberCredits = "2300"
  /// Received without it being known what for.
  case suspense = "2350"
  case premiumIncome = "4000"
  /// Taken off premiums: it lowers income.
  case discountsGranted = "4100"
  /// Fees and other charges to members besides the premium.
  case chargeIncome = "4200"
  case claimsExpense = "5000"
  /// Premium that was earned, and is given up as lost.
  case premiumWrittenOff = "5100"
  case commissionExpense = "5200"

  package var number: String { rawValue }

  package var name: String {
    switch self {
    case .cashClearing: "Cash clearing"
    case .memberReceivable: "Premium receivable, members"
    case .exchangeReceivable: "Premium receivable, exchange"
    case .payerReceivable: "Premium receivable, employers and other payers"
    case .claimsPayable: "Claims payable"
    case .refundsPayable: "Refunds payable"
    case .commissionsPayable: "Commissions payable"
    case .commissionsDue: "Commissions due to producers"
    case .leviesPayable: "Taxes and fees on premiums payable"
    case .memberCredits: "Member credits"
    case .suspense: "Unapplied cash in suspense"
    case .premiumIncome: "Premium income"
    case .discountsGranted: "Discounts on premiums"
    case .chargeIncome: "Charges to members"
    case .claimsExpense: "Claims expense"
    case .premiumWrittenOff: "Premium written off"
    case .commissionExpense: "Commission expense"
    }
  }
}

/// The books are kept in one currency; an event in another is refused.
package let bookCurrency = Currency.usd
