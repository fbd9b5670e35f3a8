// Whether what each context holds agrees with what the others hold: a table of identities over their totals. All of
// them hold whenever every event has been taken in by everyone.

public import Contracts

/// Two figures that should be equal and are not.
public struct Defect: Hashable, Sendable, CustomStringConvertible {
  public enum Unit: String, Hashable, Sendable { case cents, count }

  /// What should agree, in words.
  public let what: String
  /// The two sides, such as "ledger.1200 = billing.receivable".
  public let place: String
  public let unit: Unit
  /// The figure of each side; nil where a context gave none.
  public let left: Int64?
  public let right: Int64?
  /// What to look at first.
  public let lookAt: String

  public init(what: String, place: String, unit: Unit, left: Int64?, right: Int64?, lookAt: String) {
    self.what = what
    self.place = place
    self.unit = unit
    self.left = left
    self.right = right
    self.lookAt = lookAt
  }

  public var description: String {
    func words(_ figure: Int64?) -> String { figure.map(String.init) ?? "not given" }
    return "\(what): \(place) is \(words(left)) against \(words(right)) \(unit.rawValue). Look at \(lookAt)."
  }
}

/// Compares the totals of all contexts.
public enum Reconciliation {
  /// How many identities there are.
  public static var ruleCount: Int { identities.count }

  /// The identities that do not hold, in the order of the table; empty where the books agree.
  ///
  /// - Parameter totals: what GetTotals of each context answered, by the name of the context.
  public static func defects(in totals: [String: [Premia_Common_V1_Total]]) -> [Defect] {
    identities.compactMap { identity in
      let left = identity.left.figure(in: totals, identity.unit)
      let right = identity.right.figure(in: totals, identity.unit)
      if let left, let right, left == right { return nil }
      return Defect(
        what: identity.what, place: "\(identity.left.words) = \(identity.right.words)", unit: identity.unit, left: left,
        right: right, lookAt: identity.lookAt)
    }
  }

  struct Identity {
    let what: String
    let unit: Defect.Unit
    let left: Side
    let right: Side
    let lookAt: String
  }

  /// A sum of totals, each with its sign.
  struct Side {
    let words: String
    let terms: [(context: String, name: String, sign: Int64)]

    /// Nil where a total is missing.
    func figure(in totals: [String: [Premia_Common_V1_Total]], _ unit: Defect.Unit) -> Int64? {
      var figure: Int64 = 0
      for term in terms {
        guard let total = totals[term.context]?.first(where: { $0.name == term.name }) else { return nil }
        switch unit {
        case .cents: figure += term.sign * total.amount.cents
        case .count: figure += term.sign * total.count
        }
      }
      return figure
    }

    static func one(_ context: String, _ name: String) -> Side {
      Side(words: "\(context).\(name)", terms: [(context, name, 1)])
    }

    /// The balance of an account that is debited as it grows.
    static func debitBalance(_ account: LedgerAccount) -> Side { one("ledger", account.number) }

    /// The balance of an account that is credited as it grows.
    static func creditBalance(_ account: LedgerAccount) -> Side {
      Side(words: "-ledger.\(account.number)", terms: [("ledger", account.number, -1)])
    }

    static func + (side: Side, other: Side) -> Side {
      Side(words: "\(side.words) + \(other.words)", terms: side.terms + other.terms)
    }

    static func - (side: Side, other: Side) -> Side {
      Side(words: "\(side.words) - \(other.words)", terms: side.terms + other.terms.map { ($0, $1, -$2) })
    }
  }

  static let identities: [Identity] =
    [
      Identity(
        what: "Debits and credits of the books", unit: .cents,
        left: Side(words: "the sum of ledger", terms: LedgerAccount.allCases.map { ("ledger", $0.number, 1) }),
        right: Side(words: "zero", terms: []), lookAt: "'premia verify' for the ledger"),
      cents(
        "Premium that members owe", .debitBalance(.memberReceivable), .one("billing", "receivable"),
        "the ledger's dead letters from billing"),
      cents(
        "Credit that members have", .creditBalance(.memberCredits), .one("billing", "credit"),
        "payments that billing has not applied, and dead letters from payments"),
      cents(
        "Subsidies that the exchange owes", .debitBalance(.exchangeReceivable),
        Side.one("billing", "exchange_receivable") - Side.one("payments", "exchange_received"),
        "the subsidy lines of issued, adjusted and voided invoices, and the exchange's remittances"),
      cents(
        "Subsidies billed to the exchange and expected of it", .one("billing", "exchange_receivable"),
        .one("payments", "exchange_billed"), "the dead letters of payments from billing"),
      cents(
        "Shares of premiums that payers owe", .debitBalance(.payerReceivable),
        Side.one("billing", "contributions_billed") - Side.one("payments", "contributions_received"),
        "the contribution lines of issued, adjusted and voided invoices, and what payers paid"),
      cents(
        "Shares of premiums billed and expected", .one("billing", "contributions_billed"),
        .one("payments", "contributions_billed"), "the dead letters of payments from billing"),
      cents(
        "Shares of premiums on invoices and with payers", .one("billing", "contributions_billed"),
        .one("billing", "payers_billed"), "billing's reader of its own log"),
      cents(
        "Shares of premiums received and used", .one("payments", "contributions_received"),
        .one("billing", "payers_paid"), "billing's dead letters from payments"),
      cents(
        "Money that nobody knows the use of", .creditBalance(.suspense), .one("payments", "suspense"),
        "the ledger's dead letters from payments"),
      cents(
        "Premium earned and billed", .creditBalance(.premiumIncome), .one("billing", "premium_billed"),
        "issued, adjusted and voided invoices without an entry"),
      cents(
        "Discounts granted and billed", .debitBalance(.discountsGranted), .one("billing", "discounts_granted"),
        "the discount lines of issued, adjusted and voided invoices"),
      cents(
        "Taxes and fees billed and owed to the states", .creditBalance(.leviesPayable),
        .one("billing", "taxes_and_fees_billed"), "the tax and fee lines of issued, adjusted and voided invoices"),
      cents(
        "Charges billed and earned", .creditBalance(.chargeIncome), .one("billing", "charges_billed"),
        "the charge lines of issued, adjusted and voided invoices"),
      cents(
        "Refunds owed to members", .creditBalance(.refundsPayable),
        Side.one("billing", "refunds_requested") - Side.one("payments", "refunded"),
        "refunds that wait to be sent, and dead letters from billing"),
      cents(
        "Premium given up", .debitBalance(.premiumWrittenOff), .one("billing", "written_off"),
        "invoices that were written off, and corrected since"),
      cents(
        "Cash", .debitBalance(.cashClearing),
        Side.one("payments", "collected") + Side.one("payments", "exchange_received")
          + Side.one("payments", "contributions_received") + Side.one("payments", "suspense")
          - Side.one("payments", "paid_out") - Side.one("payments", "refunded"),
        "the ledger's dead letters from payments"),
      cents(
        "Claims owed to providers", .creditBalance(.claimsPayable), .one("claims", "payable"),
        "approved claims without a payout and payouts without a paid claim"),
      cents(
        "Cost of claims", .debitBalance(.claimsExpense), .one("claims", "approved"),
        "the ledger's dead letters from claims"),
      cents(
        "Producers' balances", .creditBalance(.commissionsPayable), .one("commissions", "payable"),
        "the ledger's dead letters from commissions"),
      cents(
        "Commissions stated and due", .creditBalance(.commissionsDue), .one("commissions", "due"),
        "the ledger's dead letters from commissions"),
      cents(
        "Cost of commissions", .debitBalance(.commissionExpense), .one("commissions", "posted"),
        "the ledger's dead letters from commissions"),
      cents(
        "Money collected and applied", .one("payments", "collected"), .one("billing", "payments_applied"),
        "billing's dead letters from payments"),
      cents(
        "Money paid to providers", .one("payments", "paid_out"), .one("claims", "paid"),
        "the dead letters of claims from payments"),
      count("Policies bound and billed", "policies_bound", "billing", "accounts"),
      count("Policies issued and covered", "policies_issued", "claims", "coverages"),
      count("Policies issued and welcomed", "policies_issued", "notices", "welcome"),
    ]

  private static func cents(_ what: String, _ left: Side, _ right: Side, _ lookAt: String) -> Identity {
    Identity(what: what, unit: .cents, left: left, right: right, lookAt: lookAt)
  }

  /// A policy is known to each context that must know it.
  private static func count(_ what: String, _ policies: String, _ context: String, _ name: String) -> Identity {
    Identity(
      what: what, unit: .count, left: .one("policy", policies), right: .one(context, name),
      lookAt: "the dead letters of \(context) from policy")
  }
}
