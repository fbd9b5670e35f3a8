// One charge, from the intent to the outcome. What the gateway did not answer is unknown, and stays so until the
// gateway is asked for it by the payment's own key.
//
//   requested -> submitted -> posted
//       |            |  ^
//       |            |  +-- unanswered: looked up again later
//       |            +----> failed (declined)
//       +-----------------> failed (withdrawn: the invoice was closed first)

import Kernel
import Runtime

enum Payment: Aggregate {
  static let kind = "payment"
  static let initial = State()

  struct State: Codable, Hashable, Sendable {
    /// Nil until requested.
    var order: PaymentOrder?
    var status = Status.requested
    /// When the gateway is to be asked; nil once settled.
    var askAt: Instant?
    /// Times the gateway did not answer.
    var silences = 0
  }

  enum Status: String, Codable, Sendable, CaseIterable {
    case requested, submitted, posted, failed
  }

  enum Command: Sendable {
    case request(PaymentOrder, at: Instant)
    /// Written down before the gateway is called.
    case submit(at: Instant)
    case withdraw(on: CalendarDate)
    case leaveUnanswered(at: Instant)
    case post(on: CalendarDate)
    case fail(Decline, on: CalendarDate)
  }

  struct Decline: Codable, Hashable, Sendable {
    let code: String
    let declineClass: DeclineClass
    let method: MethodKind
  }

  enum Event: Codable, Hashable, Sendable {
    case requested(PaymentOrder, at: Instant)
    case submitted(at: Instant)
    case withdrawn(on: CalendarDate)
    case unanswered(at: Instant)
    case posted(on: CalendarDate)
    case declined(Decline, on: CalendarDate)
  }

  static func name(of event: Event) -> String {
    switch event {
    case .requested: "requested"
    case .submitted: "submitted"
    case .withdrawn: "withdrawn"
    case .unanswered: "unanswered"
    case .posted: "posted"
    case .declined: "declined"
    }
  }

  static func nextStep(for state: State) -> Instant? { state.askAt }
}

/// What is to be charged, for what. Made by the wallet, unchanged ever after.
struct PaymentOrder: Codable, Hashable, Sendable {
  let paymentID: PaymentID
  let policyID: PolicyID
  let accountID: AccountID
  let invoiceID: InvoiceID
  /// The due date of the invoice.
  let dueOn: CalendarDate
  let token: Token
  let amount: Money
  /// Charges of this invoice so far, with this one.
  let attempt: Int
  let autopay: Bool
  let requestedOn: CalendarDate

  init(
    _ invoice: Wallet.OpenInvoice, id: PaymentID, of policyID: PolicyID, _ token: Token, _ amount: Money,
    autopay: Bool, on: CalendarDate
  ) {
    paymentID = id
    self.policyID = policyID
    accountID = invoice.accountID
    invoiceID = invoice.id
    dueOn = invoice.dueOn
    self.token = token
    self.amount = amount
    attempt = invoice.attempts + 1
    self.autopay = autopay
    requestedOn = on
  }
}
