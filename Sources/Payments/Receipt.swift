// One line of a remittance: money that a payer sent, or took back (then it is negative), by itself. What is known to be
// owed is applied at once; the rest is in suspense until somebody says what it is for, or it goes back.
//
//   received -> applied
//       |
//       +-----> in suspense -> applied, whole or in parts
//                     |
//                     +------> returned

import Kernel
import Runtime

enum Receipt: Aggregate {
  static let kind = "receipt"
  static let initial = State()

  /// Ten billion dollars: more is a mistake of typing.
  static let mostCents: Int64 = 1_000_000_000_000

  struct State: Codable, Hashable, Sendable {
    /// Nil until received.
    var facts: Facts?
    var applied = Money.zero
    var returned = Money.zero
    /// What is neither, and why.
    var suspense = Money.zero
    var reason: Reason?
  }

  /// What the remittance says.
  struct Facts: Codable, Hashable, Sendable {
    let receiptID: ReceiptID
    /// Names the line wherever it came from: each is received once.
    let source: String
    let funds: Funds
    let payer: String
    /// The trace number of the transfer.
    let reference: String
    /// The payer's own identifiers of what it is for.
    let remark: String
    /// Not zero; negative where the payer took money back.
    let amount: Money
    /// Whom the payer's identifiers match, if anybody; several policies where they are paid at once.
    let debtors: [Debtor]
    let receivedOn: CalendarDate
  }

  /// For whom, or by whom, money is owed.
  enum Debtor: Codable, Hashable, Sendable {
    case policy(PolicyID)
    /// Who pays contributions to many.
    case payer(PayerID)
  }

  enum Funds: String, Codable, Sendable, CaseIterable {
    case memberPremium = "member_premium"
    case taxCredit = "tax_credit"
    /// Shares of premiums that a payer owes, such as an employer.
    case contribution
    /// No account is kept for it.
    case other
  }

  /// Why money is in suspense.
  enum Reason: String, Codable, Sendable, CaseIterable {
    case unmatched
    /// More than is owed, or nothing is.
    case aboveOwed = "above_owed"
    /// Premium that was applied cannot be taken back in silence.
    case takesBack = "takes_back"
    case otherFunds = "other_funds"
  }

  /// Money that found its use.
  struct Application: Codable, Hashable, Sendable {
    let debtor: Debtor
    /// With the sign of the receipt.
    let amount: Money
    /// Of a member's premium: by invoice, in sum the amount. Empty for tax credits and contributions.
    let portions: [Wallet.Portion]
  }

  enum Command: Sendable {
    /// - Parameter reason: of what is not applied.
    case receive(Facts, [Application], Reason)
    /// Out of suspense.
    case apply(Application)
    case giveBack(reason: String, on: CalendarDate)
  }

  enum Event: Codable, Hashable, Sendable {
    case received(Facts)
    case applied(Application)
    case held(Money, Reason)
    case released(Application)
    case returned(Money, reason: String, on: CalendarDate)
  }

  static func name(of event: Event) -> String {
    switch event {
    case .received: "received"
    case .applied: "applied"
    case .held: "held"
    case .released: "released"
    case .returned: "returned"
    }
  }
}

extension Receipt.Facts {
  /// The one that it is for; nil where it is for another, or for several.
  var debtor: Receipt.Debtor? { debtors.count == 1 ? debtors.first : nil }
}

extension Receipt.Debtor {
  var policyID: PolicyID? {
    switch self {
    case .policy(let id): id
    case .payer: nil
    }
  }

  var payerID: PayerID? {
    switch self {
    case .policy: nil
    case .payer(let id): id
    }
  }
}

extension Receipt.Debtor: CustomStringConvertible {
  var description: String {
    switch self {
    case .policy(let id): id.description
    case .payer(let id): id.description
    }
  }
}
