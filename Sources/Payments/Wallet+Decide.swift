// What a wallet does and refuses. Refusals are tried in the order of `Refusal`.

import Kernel
import Runtime

extension Wallet {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .addMethod(let method, let policyID, let autopay, let on):
      return try add(method, of: policyID, autopay: autopay, on: on, in: state)
    case .takeInvoice(let invoice, let policyID):
      return try take(invoice, of: policyID, in: state)
    case .changeInvoice(let id, let change, let standing):
      guard state.invoice(id) != nil else {
        try requireClosed(id, standing, in: state)
        return []
      }
      return change.isZero ? [] : [.invoiceChanged(id, by: change)]
    case .closeInvoice(let id, let end, let standing):
      guard state.invoice(id) != nil else {
        let known = try requireClosed(id, standing, in: state)
        // An invoice that was paid or given up may be voided later; a void one is void for good.
        return known != .void && end == .void ? [.invoiceClosed(id, as: .void)] : []
      }
      return [.invoiceClosed(id, as: end)]
    case .pay(let oneOff):
      return [.chargeOrdered(try order(oneOff, in: state))]
    case .chargeByAutopay(let id, let paymentID, let on):
      guard let invoice = state.due(through: on).first(where: { $0.id == id }), let policyID = state.policyID,
        let token = state.autopayToken
      else { return [] }
      return [
        .chargeOrdered(
          PaymentOrder(invoice, id: paymentID, of: policyID, token, invoice.open, autopay: true, on: on))
      ]
    case .chargeAgain(let id, let on):
      // An invoice that was settled meanwhile wants nothing more.
      return state.invoice(id) == nil ? [] : [.chargeAskedAgain(id, on: on)]
    case .settle(let order, let settlement, let on):
      return settle(order, settlement, on: on, in: state)
    case .takeCash(let portions):
      for portion in portions {
        guard let invoice = state.invoice(portion.invoiceID) else {
          throw .unknownInvoice(portion.invoiceID, state.policyID)
        }
        guard portion.amount <= invoice.owed else { throw .aboveOpen(portion.amount, open: invoice.owed) }
      }
      return portions.map { .cashTaken($0.invoiceID, $0.amount) }
    }
  }

  private static func opening(_ policyID: PolicyID, _ state: State) -> [Event] {
    state.policyID == nil ? [.opened(policyID)] : []
  }

  private static func add(
    _ method: Method, of policyID: PolicyID, autopay: Bool, on: CalendarDate, in state: State
  ) throws(Refusal) -> [Event] {
    guard !state.barred.contains(method.token) else { throw .tokenBarred }
    if let known = state.methods.first(where: { $0.token == method.token }) {
      return autopay && state.autopay != known.id ? [.autopayChosen(known.id, on: on)] : []
    }
    guard state.methods.count < mostMethods else { throw .tooManyMethods(policyID) }
    return opening(policyID, state) + [.methodAdded(method)] + (autopay ? [.autopayChosen(method.id, on: on)] : [])
  }

  private static func take(
    _ invoice: OpenInvoice, of policyID: PolicyID, in state: State
  ) throws(Refusal) -> [Event] {
    guard state.invoice(invoice.id) == nil else { return [] }
    guard invoice.open.currency == .usd else { throw .currencyDiffers(invoice.open.currency, expected: .usd) }
    guard state.invoices.count < mostInvoices else { throw .tooManyInvoices(policyID) }
    return opening(policyID, state) + [.invoiceTaken(invoice)]
  }

  /// Where an invoice stands that the wallet holds no longer.
  @discardableResult
  private static func requireClosed(
    _ id: InvoiceID, _ standing: Standing?, in state: State
  ) throws(Refusal) -> Standing {
    switch standing {
    case .paid?: return .paid
    case .void?: return .void
    case .writtenOff?: return .writtenOff
    case .open?, nil: throw .unknownInvoice(id, state.policyID)
    }
  }

  private static func order(_ oneOff: OneOff, in state: State) throws(Refusal) -> PaymentOrder {
    guard let invoice = state.invoice(oneOff.invoiceID) else {
      switch oneOff.standing {
      case .paid?: throw .invoicePaid(oneOff.invoiceID)
      case .void?: throw .invoiceVoid(oneOff.invoiceID)
      case .writtenOff?: throw .invoiceWrittenOff(oneOff.invoiceID)
      case .open?, nil: throw .unknownInvoice(oneOff.invoiceID, oneOff.policyID)
      }
    }
    if let underWay = invoice.underWay { throw .paymentUnderWay(invoice.id, underWay.paymentID) }
    guard invoice.open.isPositive else { throw .invoicePaid(invoice.id) }
    let amount = oneOff.amount ?? invoice.open
    guard amount.currency == invoice.open.currency else {
      throw .currencyDiffers(amount.currency, expected: invoice.open.currency)
    }
    guard amount.isPositive else { throw .notPositive(amount) }
    guard amount <= invoice.open else { throw .aboveOpen(amount, open: invoice.open) }
    let token = try token(of: oneOff.instrument, oneOff.policyID, in: state)
    guard !state.barred.contains(token) else { throw .tokenBarred }
    return PaymentOrder(
      invoice, id: oneOff.paymentID, of: oneOff.policyID, token, amount, autopay: false, on: oneOff.on)
  }

  private static func token(
    of instrument: Instrument, _ policyID: PolicyID, in state: State
  ) throws(Refusal) -> Token {
    switch instrument {
    case .token(let token): return token
    case .method(let id):
      guard let method = state.methods.first(where: { $0.id == id }) else { throw .methodNotOfPolicy(id, policyID) }
      return method.token
    }
  }

  /// What became of a charge. Total: an answer that comes twice, or after the invoice was closed, changes nothing more.
  private static func settle(
    _ order: PaymentOrder, _ settlement: Settlement, on: CalendarDate, in state: State
  ) -> [Event] {
    let invoice = state.invoice(order.invoiceID).flatMap {
      $0.underWay?.paymentID == order.paymentID ? $0 : nil
    }
    switch settlement {
    case .posted:
      return invoice.map { [.chargePosted($0.id, order.amount)] } ?? []
    case .withdrawn:
      return invoice.map { [.chargeWithdrawn($0.id)] } ?? []
    case .declined(let declineClass):
      let bars = declineClass == .hard && !state.barred.contains(order.token)
      let barring: [Event] = bars ? [.tokenBarred(order.token)] : []
      guard let invoice else { return barring }
      let next = nextTry(of: invoice, after: order, on: on, in: state)
      return barring + [.chargeDeclined(invoice.id, autopay: order.autopay, nextTry: next)]
    }
  }

  /// When a token may be tried again is Billing's to say; it plans retries with all else that follows from an unpaid
  /// premium.
  private static func nextTry(
    of invoice: OpenInvoice, after order: PaymentOrder, on: CalendarDate, in state: State
  ) -> CalendarDate? {
    // A charge that a person asked for leaves the automatic plan as it is.
    guard order.autopay else { return invoice.chargeOn }
    // Another method was chosen meanwhile: it has not been tried.
    if let token = state.autopayToken, token != order.token { return on }
    return nil
  }
}

extension Wallet {
  /// In the order in which they are tried.
  enum Refusal: Kernel.Refusal, Equatable {
    case badToken
    case unknownInvoice(InvoiceID, PolicyID?)
    case invoicePaid(InvoiceID)
    case invoiceVoid(InvoiceID)
    case invoiceWrittenOff(InvoiceID)
    case paymentUnderWay(InvoiceID, PaymentID)
    case currencyDiffers(Currency, expected: Currency)
    case notPositive(Money)
    case aboveOpen(Money, open: Money)
    case methodNotOfPolicy(MethodID, PolicyID)
    case tokenBarred
    case tooManyMethods(PolicyID)
    case tooManyInvoices(PolicyID)

    var problem: Problem {
      switch self {
      case .badToken:
        // What was sent is not repeated: it may be a card number.
        Problem(
          kind: .invalid, code: "payments.bad_token",
          detail: "The token is not one: tok_ and 3 to 64 of a-z, 0-9 and _, without 12 digits in a row.",
          remedy: "Send the gateway's token; card and account numbers are never accepted.",
          fields: ["token": "is not a gateway's token"])
      case .unknownInvoice(let id, let policyID):
        Problem(
          kind: .notFound, code: "payments.unknown_invoice",
          detail: "There is no invoice \(id) of \(policyID.map { "policy \($0)" } ?? "this policy").",
          remedy: "Check the invoice and the policy; list the policy's invoices.",
          fields: ["invoice_id": "is not known"])
      case .invoicePaid(let id):
        Problem(
          kind: .precondition, code: "payments.invoice_paid", detail: "Invoice \(id) is paid; nothing is open on it.",
          remedy: "Pay nothing; list the policy's open invoices to see what else is owed.",
          fields: ["invoice_id": "is paid"])
      case .invoiceWrittenOff(let id):
        Problem(
          kind: .precondition, code: "payments.invoice_written_off", detail: "Invoice \(id) was written off.",
          remedy: "It is not asked for any more; money for the policy may be sent as a receipt.")
      case .invoiceVoid(let id):
        Problem(
          kind: .precondition, code: "payments.invoice_void", detail: "Invoice \(id) is void; nothing is owed on it.",
          remedy: "List the policy's invoices for the one that replaced it.", fields: ["invoice_id": "is void"])
      case .paymentUnderWay(let id, let paymentID):
        Problem(
          kind: .conflict, code: "payments.payment_under_way",
          detail: "Payment \(paymentID) for invoice \(id) is under way and its outcome is not known yet.",
          remedy: "Wait until that payment is posted or failed, then pay what is still open.",
          fields: ["invoice_id": "has a payment under way"])
      case .currencyDiffers(let currency, let expected):
        Problem(
          kind: .invalid, code: "payments.currency_differs",
          detail: "The amount is in \(currency); the invoice is in \(expected).",
          remedy: "Send the amount in \(expected).", fields: ["amount.currency": "is \(currency), not \(expected)"])
      case .notPositive(let amount):
        Problem(
          kind: .invalid, code: "payments.amount_not_positive", detail: "The amount \(amount) is not above zero.",
          remedy: "Send an amount above zero, or none for all that is open.", fields: ["amount": "is \(amount)"])
      case .aboveOpen(let amount, let open):
        Problem(
          kind: .precondition, code: "payments.amount_above_open",
          detail: "The amount \(amount) is above the \(open) that is open on the invoice.",
          remedy: "Pay at most \(open).", fields: ["amount": "is above \(open)"])
      case .methodNotOfPolicy(let id, let policyID):
        Problem(
          kind: .precondition, code: "payments.method_not_of_policy",
          detail: "\(id) is no payment method of policy \(policyID).",
          remedy: "Use a method that was added to this policy, or a token.",
          fields: ["method_id": "is not a method of the policy"])
      case .tokenBarred:
        Problem(
          kind: .precondition, code: "payments.token_barred",
          detail: "The token was declined for good (lost, stolen, closed or blocked) and is not tried again.",
          remedy: "Use another card or account.", fields: ["token": "was declined for good"])
      case .tooManyMethods(let policyID):
        Problem(
          kind: .exhausted, code: "payments.too_many_methods",
          detail: "Policy \(policyID) has \(Wallet.mostMethods) payment methods, which is the most.",
          remedy: "Use one of them, or pay with a token once.")
      case .tooManyInvoices(let policyID):
        Problem(
          kind: .exhausted, code: "payments.too_many_invoices",
          detail: "Policy \(policyID) has \(Wallet.mostInvoices) open invoices, which is the most.",
          remedy: "Settle or void some of them, then take this message in again.")
      }
    }
  }
}
