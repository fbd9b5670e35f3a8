// What others are told while a premium is not paid.

import Contracts
import Courier
import Kernel
import Runtime

extension Dunning.Event {
  /// The stable name of the private event.
  var name: String {
    switch self {
    case .retryPlanned: "retryPlanned"
    case .retryOrdered: "retryOrdered"
    case .graceStarted: "graceStarted"
    case .graceMoved: "graceMoved"
    case .noticed: "noticed"
    case .cured: "cured"
    case .lapsed: "lapsed"
    case .received: "receivedAfterLapse"
    case .reinstated: "reinstated"
    case .reinstatementClosed: "reinstatementClosed"
    case .referred: "balanceReferred"
    }
  }
}

extension Voice {
  func dunned(_ event: Dunning.Event) -> Publication? {
    switch event {
    case .retryPlanned(let retry): planned(retry)
    case .retryOrdered(let invoice, let attempt): ordered(invoice, after: attempt)
    case .graceStarted(let grace), .graceMoved(let grace): delinquent(grace)
    case .noticed(let notice): noticed(notice)
    case .cured: cured()
    case .lapsed(let lapse): lapsed(lapse)
    case .reinstated: reinstated()
    case .referred(let referral): referred(referral)
    case .received, .reinstatementClosed: nil
    }
  }

  private func planned(_ retry: Dunning.Retry) -> Publication {
    var event = Premia_Billing_V1_RetryPlanned()
    event.accountID = account
    event.policyID = policy
    event.invoiceID = name(retry.invoice)
    event.open = money(state.index(of: retry.invoice).map { state.open[$0].openCents } ?? 0)
    event.attempt = Int32(clamping: retry.attempt)
    event.nextTryOn = retry.on?.description ?? ""
    event.rule = retry.rule
    return Publication("Retry.Planned", about: policy, event)
  }

  private func ordered(_ invoice: Account.InvoiceKey, after attempt: Int) -> Publication {
    var event = Premia_Billing_V1_ChargeDue()
    event.accountID = account
    event.policyID = policy
    event.invoiceID = name(invoice)
    event.afterAttempt = Int32(clamping: attempt)
    return Publication("Charge.Due", about: policy, event)
  }

  private func delinquent(_ grace: Dunning.Grace) -> Publication {
    var event = Premia_Billing_V1_AccountDelinquent()
    event.accountID = account
    event.policyID = policy
    event.grace = Premia_Billing_V1_Grace(grace)
    event.owed = overdue
    return Publication("Account.Delinquent", about: policy, event)
  }

  private func noticed(_ notice: Dunning.Notice) -> Publication? {
    guard case .inGrace(let grace) = state.dunning.phase else { return nil }
    var event = Premia_Billing_V1_AccountNoticed()
    event.accountID = account
    event.policyID = policy
    event.notice = notice.rawValue
    event.grace = Premia_Billing_V1_Grace(grace)
    event.owed = overdue
    return Publication("Account.Noticed", about: policy, event)
  }

  private func cured() -> Publication {
    var event = Premia_Billing_V1_AccountCured()
    event.accountID = account
    event.policyID = policy
    return Publication("Account.Cured", about: policy, event)
  }

  private func lapsed(_ lapse: Dunning.Lapse) -> Publication {
    var event = Premia_Billing_V1_AccountLapsed()
    event.accountID = account
    event.policyID = policy
    event.terminateOn = lapse.terminateOn.description
    event.owed = money(lapse.owedCents)
    event.subsidyToReturn = money(lapse.subsidyCents)
    event.reinstatableThrough = lapse.reinstatableThrough?.description ?? ""
    event.rule = lapse.rule
    return Publication("Account.Lapsed", about: policy, event)
  }

  private func reinstated() -> Publication {
    var event = Premia_Billing_V1_AccountReinstated()
    event.accountID = account
    event.policyID = policy
    return Publication("Account.Reinstated", about: policy, event)
  }

  private func referred(_ referral: Dunning.Referral) -> Publication {
    var event = Premia_Billing_V1_AccountReferred()
    event.accountID = account
    event.policyID = policy
    switch referral.balance {
    case .debt: event.owed = money(referral.cents)
    case .credit: event.credit = money(referral.cents)
    }
    event.againOn = referral.againOn.description
    event.rule = referral.rule
    return Publication("Account.Referred", about: policy, event)
  }

  private var overdue: Premia_Common_V1_Money {
    money(state.open.filter(\.isPremiumPastDue).reduce(0) { $0 + $1.openCents })
  }
}

extension Premia_Billing_V1_Grace {
  init(_ grace: Dunning.Grace) {
    self.init()
    from = grace.start.description
    to = grace.end.description
    claimsPendFrom = grace.pendFrom?.description ?? ""
    terminateOn = grace.terminateOn.description
    rule = grace.rule
  }
}
