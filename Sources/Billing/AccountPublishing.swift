// Private events to contract events.

import Contracts
import Courier
import Kernel
import Runtime

extension Account: Aggregate {
  static let kind = "account"

  static func name(of event: Event) -> String {
    switch event {
    case .opened: "accountOpened"
    case .started: "scheduleStarted"
    case .changed: "timelineChanged"
    case .rescheduled: "scheduleChanged"
    case .discounted(let event): event.name
    case .levied: "taxesAndFeesTaken"
    case .shared: "sharesSet"
    case .drafted: "invoiceDrafted"
    case .issued: "invoiceIssued"
    case .adjusted: "invoiceAdjusted"
    case .closedCorrected: "closedMonthsCorrected"
    case .voided: "invoiceVoided"
    case .takenOff: "amountTakenOff"
    case .writtenOff: "invoiceWrittenOff"
    case .refunded: "refundRequested"
    case .pastDue: "invoicePastDue"
    case .paymentApplied: "paymentApplied"
    case .creditApplied: "creditApplied"
    case .paid: "invoicePaid"
    case .dunned(let event): event.name
    }
  }

  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    let voice = Voice(state: state)
    switch recorded.event {
    case .opened, .started, .changed, .levied, .drafted: return []
    case .rescheduled(let change): return [voice.rescheduled(change)]
    case .shared(let order): return [voice.shared(order)]
    case .discounted(let event): return voice.discounted(event).map { [$0] } ?? []
    case .issued(let issue): return [voice.issued(issue)]
    case .adjusted(let adjustment): return [voice.adjusted(adjustment, version: recorded.version)]
    case .closedCorrected(let correction): return [voice.corrected(correction, version: recorded.version)]
    case .voided(let void): return void.draft ? [] : [voice.voided(void)]
    case .takenOff(let amount): return [voice.takenOff(amount, version: recorded.version)]
    case .writtenOff(let loss): return [voice.writtenOff(loss)]
    case .refunded(let refund): return [voice.refunded(refund)]
    // What it says is said of premiums: that coverage hangs on them.
    case .pastDue(let key): return key.isCharge ? [] : [voice.pastDue(key)]
    case .paymentApplied(let application): return [voice.applied(application)]
    case .creditApplied(let portion): return [voice.creditApplied(portion)]
    case .paid(let settlement): return [voice.paid(settlement)]
    case .dunned(let event): return voice.dunned(event).map { [$0] } ?? []
    }
  }
}

/// How one account speaks.
struct Voice {
  let state: Account.State
  let account: String
  let policy: String

  init(state: Account.State) {
    self.state = state
    account = state.account.description
    policy = state.policy.description
  }

  func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents, state.currency)) }

  func name(_ key: Account.InvoiceKey) -> String { state.id(of: key).description }

  func rescheduled(_ change: Account.Rescheduling) -> Publication {
    var event = Premia_Billing_V1_ScheduleChanged()
    event.accountID = account
    event.policyID = policy
    event.from = change.from.description
    event.schedule = Premia_Common_V1_PaymentSchedule(change.schedules.schedule(on: change.from))
    event.reason = change.reason
    return Publication("Schedule.Changed", about: policy, event)
  }

  func issued(_ issue: Account.Issue) -> Publication {
    var invoice = Premia_Billing_V1_Invoice()
    invoice.invoiceID = name(issue.key)
    invoice.accountID = account
    invoice.policyID = policy
    invoice.status = .issued
    invoice.binder = issue.binder
    invoice.issuedOn = issue.issuedOn.description
    invoice.dueOn = issue.dueOn.description
    invoice.from = issue.lines.first?.from.description ?? ""
    invoice.to = issue.lines.last?.to.description ?? ""
    invoice.lines = issue.lines.map { Premia_Billing_V1_Line($0, state.currency) }
    invoice.total = money(issue.lines.memberCents)
    invoice.paid = money(0)
    var event = Premia_Billing_V1_InvoiceIssued()
    event.invoice = invoice
    return Publication("Invoice.Issued", about: policy, event)
  }

  func adjusted(_ adjustment: Account.Adjustment, version: Int64) -> Publication {
    var event = Premia_Billing_V1_InvoiceAdjusted()
    event.accountID = account
    event.policyID = policy
    event.adjustmentID = "\(name(adjustment.key))/\(version)"
    event.invoiceID = name(adjustment.key)
    event.lines = adjustment.corrections.map { Premia_Billing_V1_Line($0, state.currency) }
    if adjustment.adjustedBeforeCents > 0 {
      event.lines.append(line(adjustment.adjustedBeforeCents, of: adjustment.key))
    }
    event.member = money(adjustment.corrections.memberCents + adjustment.adjustedBeforeCents)
    event.subsidy = money(adjustment.corrections.subsidyCents)
    event.credited = money(adjustment.creditedCents)
    event.writtenOff = money(adjustment.writtenOffCents)
    return Publication("Invoice.Adjusted", about: policy, event)
  }

  func takenOff(_ amount: Account.TakeOff, version: Int64) -> Publication {
    var event = Premia_Billing_V1_InvoiceAdjusted()
    event.accountID = account
    event.policyID = policy
    event.adjustmentID = "\(name(amount.key))/\(version)"
    event.invoiceID = name(amount.key)
    event.lines = [line(-amount.cents, of: amount.key)]
    event.member = money(-amount.cents)
    event.credited = money(amount.creditedCents)
    event.reason = amount.reason
    return Publication("Invoice.Adjusted", about: policy, event)
  }

  func corrected(_ correction: Account.ClosedCorrection, version: Int64) -> Publication {
    let before = correction.before
    var event = Premia_Billing_V1_ClosedMonthsCorrected()
    event.accountID = account
    event.policyID = policy
    event.correctionID = "\(account)/\(version)"
    event.from = (before.from ?? before.through).description
    event.to = before.through.description
    event.lines = correction.lines.map { line in
      var line = Premia_Billing_V1_Line(line, state.currency)
      // No part of a month: the whole of the days.
      line.daysInPeriod = line.days
      line.rule = ""
      return line
    }
    if correction.adjustedBeforeCents > 0 {
      var line = Premia_Billing_V1_Line()
      line.kind = "adjustment"
      (line.from, line.to) = (event.from, event.to)
      line.amount = money(correction.adjustedBeforeCents)
      event.lines.append(line)
    }
    event.member = money(correction.memberCents)
    event.subsidy = money(correction.exchangeCents)
    event.credited = money(correction.creditedCents)
    event.writtenOff = money(correction.writtenOffCents)
    event.reason = "the policy changed"
    return Publication("ClosedMonths.Corrected", about: policy, event)
  }

  /// An adjustment by hand: of no plan, for the invoice's period. Of a charge, another line of that charge.
  private func line(_ cents: Int64, of key: Account.InvoiceKey) -> Premia_Billing_V1_Line {
    if let charge = state.charges.first(where: { $0.key == key }) {
      let change = Account.OutsideCharge(key: key, name: charge.name, cents: cents)
      return Premia_Billing_V1_Line(change.line, state.currency)
    }
    var line = Premia_Billing_V1_Line()
    line.kind = "adjustment"
    let period = state.period(of: key)
    line.from = period.start.description
    line.to = period.end.description
    line.days = Int32(period.days)
    line.daysInPeriod = line.days
    line.amount = money(cents)
    return line
  }

  func refunded(_ refund: Account.Refund) -> Publication {
    var event = Premia_Billing_V1_RefundRequested()
    event.refund = Premia_Billing_V1_Refund(refund, of: state)
    return Publication("Refund.Requested", about: policy, event)
  }

  func writtenOff(_ loss: Account.WriteOff) -> Publication {
    var event = Premia_Billing_V1_InvoiceWrittenOff()
    event.invoiceID = name(loss.key)
    event.accountID = account
    event.policyID = policy
    event.amount = money(loss.cents)
    event.reason = loss.reason
    return Publication("Invoice.WrittenOff", about: policy, event)
  }

  func voided(_ void: Account.Void) -> Publication {
    var event = Premia_Billing_V1_InvoiceVoided()
    event.invoiceID = name(void.key)
    event.accountID = account
    event.policyID = policy
    event.total = money(void.totalCents)
    event.subsidy = money(void.subsidyCents)
    event.credited = money(void.creditedCents)
    event.writtenOff = money(void.writtenOffCents)
    event.lines = void.named.map { Premia_Billing_V1_Line($0, state.currency) }
    event.reason = void.reason
    return Publication("Invoice.Voided", about: policy, event)
  }

  func pastDue(_ key: Account.InvoiceKey) -> Publication {
    guard let index = state.index(of: key) else { preconditionFailure("invoice \(key) is past due and not open") }
    var event = Premia_Billing_V1_InvoicePastDue()
    event.invoiceID = name(key)
    event.accountID = account
    event.policyID = policy
    event.open = money(state.open[index].openCents)
    event.dueOn = state.open[index].dueOn.description
    return Publication("Invoice.PastDue", about: policy, event)
  }

  func applied(_ application: Account.Application) -> Publication {
    var event = Premia_Billing_V1_PaymentApplied()
    event.accountID = account
    event.policyID = policy
    event.paymentID = application.payment.description
    event.amount = money(application.cents)
    event.toInvoices = money(application.cents - application.creditCents)
    event.toCredit = money(application.creditCents)
    return Publication("Payment.Applied", about: policy, event)
  }

  func creditApplied(_ portion: Account.Portion) -> Publication {
    var event = Premia_Billing_V1_CreditApplied()
    event.accountID = account
    event.policyID = policy
    event.invoiceID = name(portion.key)
    event.amount = money(portion.cents)
    return Publication("Credit.Applied", about: policy, event)
  }

  func paid(_ settlement: Account.Settlement) -> Publication {
    var event = Premia_Billing_V1_InvoicePaid()
    event.invoiceID = name(settlement.key)
    event.accountID = account
    event.policyID = policy
    event.binder = settlement.binder
    event.total = money(settlement.totalCents)
    event.paidOn = settlement.on.description
    return Publication("Invoice.Paid", about: policy, event)
  }
}

extension Premia_Billing_V1_Refund {
  init(_ refund: Account.Refund, of state: Account.State) {
    self.init()
    refundID = refund.id.description
    accountID = state.account.description
    policyID = state.policy.description
    switch refund.payee {
    case .party(let id): payeeID = id
    case .named(let name): payeeName = name
    }
    amount = Premia_Common_V1_Money(Money(cents: refund.cents, state.currency))
    requestedOn = refund.on.description
    reason = refund.reason
    guard let reopening = refund.reopening else { return }
    reopenedInvoiceID = state.id(of: reopening.key).description
    reopened = amount
    dueOn = reopening.dueOn.description
  }
}

extension Premia_Common_V1_PaymentSchedule {
  init(_ schedule: PaymentSchedule) {
    self.init()
    timeline = schedule.timeline.rawValue
    mode = schedule.mode.rawValue
    billingDay = Int32(schedule.billingDay)
    alignment = schedule.alignment.rawValue
  }
}

extension Premia_Billing_V1_Line {
  init(_ line: Line, _ currency: Currency) {
    self.init()
    kind = line.kind.word
    name = line.name
    planID = line.plan
    from = line.from.description
    to = line.to.description
    days = Int32(line.days)
    daysInPeriod = line.kind == .charge ? 0 : Int32(line.from.daysInMonth)
    amount = Premia_Common_V1_Money(Money(cents: line.cents, currency))
    rule = line.kind == .charge ? "" : Proration.ruleOfRun
  }
}
