// How one policy pays: its methods, what it owes by Billing's account of it, and when the next charge is due.
//
//   invoice of a wallet:  waiting -> charging -> waiting (declined, until Billing asks again; partly paid)
//                            |          |
//                            +----------+---> closed (paid, void): folded away, its row stays

import Kernel
import Runtime

enum Wallet: Aggregate {
  static let kind = "wallet"
  static let initial = State()

  /// Methods a wallet, and invoices open at once: ten years of months.
  static let mostMethods = 16
  static let mostInvoices = 120
  /// Tokens remembered as refused for good.
  static let mostBarred = 32

  struct State: Codable, Hashable, Sendable {
    /// Nil until something is known.
    var policyID: PolicyID?
    var methods: [Method] = []
    var autopay: MethodID?
    /// Open ones, in the order in which they were issued.
    var invoices: [OpenInvoice] = []
    /// Tokens declined for good, latest last: never charged again.
    var barred: [Token] = []
  }

  struct Method: Codable, Hashable, Sendable {
    let id: MethodID
    let token: Token
  }

  struct OpenInvoice: Codable, Hashable, Sendable {
    let id: InvoiceID
    let accountID: AccountID
    let dueOn: CalendarDate
    /// What is still owed, less what was posted here.
    var open: Money
    /// Charges so far, by whomever.
    var attempts = 0
    /// Automatic charges declined since the autopay method was chosen.
    var declines = 0
    /// When autopay takes it; nil after a decline, until Billing asks again.
    var chargeOn: CalendarDate?
    /// The charge under way: nothing else is tried until it is settled.
    var underWay: PaymentOrder?
    /// It asks for no premium: no coverage hangs on it.
    var isCharge = false
  }

  /// Where an invoice stands by the read table, for those that the wallet holds no longer.
  enum Standing: String, Codable, Sendable, CaseIterable {
    case open, paid, void, writtenOff
  }

  enum Instrument: Equatable, Sendable {
    case method(MethodID)
    case token(Token)
  }

  /// A charge that somebody asks for.
  struct OneOff: Sendable {
    let policyID: PolicyID
    let invoiceID: InvoiceID
    /// Nil for all that is open.
    let amount: Money?
    let instrument: Instrument
    let paymentID: PaymentID
    let on: CalendarDate
    let standing: Standing?
  }

  enum Command: Sendable {
    case addMethod(Method, of: PolicyID, autopay: Bool, on: CalendarDate)
    case takeInvoice(OpenInvoice, of: PolicyID)
    /// A correction or a credit: what is owed changes by an amount.
    case changeInvoice(InvoiceID, by: Money, standing: Standing?)
    case closeInvoice(InvoiceID, as: Standing, standing: Standing?)
    case pay(OneOff)
    case chargeByAutopay(InvoiceID, paymentID: PaymentID, on: CalendarDate)
    /// Billing's plan says that a declined invoice is to be charged again.
    case chargeAgain(InvoiceID, on: CalendarDate)
    case settle(PaymentOrder, Settlement, on: CalendarDate)
    /// Money that came in by itself, as `portions(of:paymentID:)` divides it.
    case takeCash([Portion])
  }

  /// What a receipt pays of one invoice.
  struct Portion: Codable, Hashable, Sendable {
    let paymentID: PaymentID
    let accountID: AccountID
    let invoiceID: InvoiceID
    let amount: Money
  }

  /// How a charge ended.
  enum Settlement: Equatable, Sendable {
    case posted
    case declined(DeclineClass)
    /// Given up before the gateway was called.
    case withdrawn
  }

  enum Event: Codable, Hashable, Sendable {
    case opened(PolicyID)
    case methodAdded(Method)
    case autopayChosen(MethodID, on: CalendarDate)
    case invoiceTaken(OpenInvoice)
    case invoiceChanged(InvoiceID, by: Money)
    case invoiceClosed(InvoiceID, as: Standing)
    case chargeOrdered(PaymentOrder)
    case chargePosted(InvoiceID, Money)
    /// `nextTry` is the day of the next automatic charge, where one is due in any case.
    case chargeDeclined(InvoiceID, autopay: Bool, nextTry: CalendarDate?)
    case chargeAskedAgain(InvoiceID, on: CalendarDate)
    case chargeWithdrawn(InvoiceID)
    case tokenBarred(Token)
    case cashTaken(InvoiceID, Money)
  }

  static func name(of event: Event) -> String {
    switch event {
    case .opened: "opened"
    case .methodAdded: "methodAdded"
    case .autopayChosen: "autopayChosen"
    case .invoiceTaken: "invoiceTaken"
    case .invoiceChanged: "invoiceChanged"
    case .invoiceClosed: "invoiceClosed"
    case .chargeOrdered: "chargeOrdered"
    case .chargePosted: "chargePosted"
    case .chargeDeclined: "chargeDeclined"
    case .chargeAskedAgain: "chargeAskedAgain"
    case .chargeWithdrawn: "chargeWithdrawn"
    case .tokenBarred: "tokenBarred"
    case .cashTaken: "cashTaken"
    }
  }

  static func nextStep(for state: State) -> Instant? {
    state.chargeable.compactMap(\.chargeOn).min().map { Instant(date: $0) }
  }
}

extension Wallet.State {
  func invoice(_ id: InvoiceID) -> Wallet.OpenInvoice? { invoices.first { $0.id == id } }

  /// What autopay charges; nil where there is no autopay, or its token was refused for good.
  var autopayToken: Token? {
    methods.first { $0.id == autopay }.map(\.token).flatMap { barred.contains($0) ? nil : $0 }
  }

  /// Invoices that autopay will take, each on its `chargeOn`.
  var chargeable: [Wallet.OpenInvoice] {
    guard autopayToken != nil else { return [] }
    return invoices.filter { $0.underWay == nil && $0.open.isPositive && $0.chargeOn != nil }
  }

  /// Invoices that autopay takes up to and including a day.
  func due(through day: CalendarDate) -> [Wallet.OpenInvoice] {
    chargeable.filter { invoice in invoice.chargeOn.map { $0 <= day } ?? false }
  }

  /// Divides money among the open invoices, the oldest first and premiums before charges. What is under way already is
  /// not paid again.
  ///
  /// - Parameter paymentID: makes the identifier of what is paid of an invoice.
  func portions(of money: Money, paymentID: (InvoiceID) -> PaymentID) -> [Wallet.Portion] {
    var left = money
    var portions: [Wallet.Portion] = []
    for invoice in invoices where left.isPositive && invoice.owed.isPositive {
      let part = min(left, invoice.owed)
      portions.append(
        Wallet.Portion(
          paymentID: paymentID(invoice.id), accountID: invoice.accountID, invoiceID: invoice.id, amount: part))
      left -= part
    }
    return portions
  }
}

extension Wallet.OpenInvoice {
  /// What nobody is paying yet.
  var owed: Money { open - (underWay?.amount ?? .zero) }
}
