// What an account refuses, in words for people: invoices by what they are called, amounts as they are written.

import Kernel

extension Account.Refusal: Refusal {
  var problem: Problem {
    problem { key in key.isCharge ? "the charge of \(key.month)" : "the invoice of \(key.month)" }
  }

  /// The problem in words for people.
  ///
  /// - Parameter name: what they call an invoice, by the number on its paper where it is known.
  func problem(naming name: (Account.InvoiceKey) -> String) -> Problem {
    switch self {
    case .notOpened:
      Problem(
        kind: .precondition, code: "billing.not_opened", detail: "The policy has no billing account yet.",
        remedy: "Bind the policy first.")
    case .alreadyOpened(let policy):
      Problem(
        kind: .conflict, code: "billing.already_opened", detail: "\(policy) has a billing account.",
        remedy: "Change the policy instead of binding it again.")
    case .nothingToBill(let policy):
      Problem(
        kind: .invalid, code: "billing.nothing_to_bill", detail: "\(policy) has no day with a premium.",
        remedy: "Bind the policy with coverage and a premium.")
    case .closedMonths(let policy, let before):
      Problem(
        kind: .precondition, code: "billing.closed_months",
        detail: "\(policy) would change before \(before), in months that are closed to correction.",
        remedy: "Date the change on or after \(before), and charge what lies before by hand.")
    case .unknownInvoice(let key):
      Problem(
        kind: .notFound, code: "billing.invoice_unknown",
        detail: "Nothing that was issued, or is kept open, is \(name(key)).",
        remedy: "List the account's invoices to find the right one.")
    case .invoicePaid(let key):
      Problem(
        kind: .precondition, code: "billing.invoice_paid",
        detail: "\(name(key).asSentence) is paid and cannot be voided.",
        remedy: "Change what the policy costs; what was paid too much becomes credit.")
    case .invoiceVoid(let key):
      Problem(
        kind: .precondition, code: "billing.invoice_void", detail: "\(name(key).asSentence) is void already.",
        remedy: "Nothing is left to do.")
    case .otherCurrency(let payment, let currency, let account):
      Problem(
        kind: .invalid, code: "billing.other_currency",
        detail: "\(payment) is in \(currency), the account in \(account).",
        remedy: "Pay in \(account).")
    case .nothingPaid(let payment, let cents):
      Problem(
        kind: .invalid, code: "billing.nothing_paid", detail: "\(payment) is of \(Money(cents: cents)).",
        remedy: "A payment is above zero; send refunds as refunds.")
    case .notPositive(let key, let cents):
      Problem(
        kind: .invalid, code: "billing.not_positive",
        detail: "\(name(key).asSentence) would be lowered by \(Money(cents: cents)).",
        remedy: "Give an amount above zero.")
    case .moreThanPaid(let key, let cents, let most):
      Problem(
        kind: .precondition, code: "billing.more_than_paid",
        detail: "\(Money(cents: cents)) is above what was paid for \(name(key)) less what was adjusted: "
          + "\(Money(cents: most)).",
        remedy: "Give back at most that; adjust the invoice to lower what is unpaid.")
    case .moreThanBilled(let key, let cents, let most):
      Problem(
        kind: .precondition, code: "billing.more_than_billed",
        detail:
          "An adjustment of \(Money(cents: cents)) is above what \(name(key)) still bills: \(Money(cents: most)).",
        remedy: "Adjust by at most that.")
    case .refundNotPositive(let cents):
      Problem(
        kind: .invalid, code: "billing.refund_not_positive", detail: "The refund is of \(Money(cents: cents)).",
        remedy: "Give an amount above zero.")
    case .chargeOutOfRange(let cents):
      Problem(
        kind: .invalid, code: "billing.charge_out_of_range", detail: "The charge is of \(Money(cents: cents)).",
        remedy: "Give an amount above zero, of \(Money(cents: Account.mostChargeCents)) at most.",
        fields: ["amount": "is \(Money(cents: cents))"])
    case .closed(let account):
      Problem(
        kind: .precondition, code: "billing.account_closed",
        detail: "\(account) is closed: coverage is over, and all of it is billed and paid.",
        remedy: "Nothing more can be asked on it.")
    case .moreThanCredit(let cents, let most):
      Problem(
        kind: .precondition, code: "billing.more_than_credit",
        detail: "A refund of \(Money(cents: cents)) is above the account's credit of \(Money(cents: most)).",
        remedy: "Refund at most that, or name the invoice that was paid.")
    case .nothingOpen(let key):
      Problem(
        kind: .precondition, code: "billing.nothing_open", detail: "Nothing of \(name(key)) is open.",
        remedy: "Nothing is left to write off.")
    case .invoiceWrittenOff(let key):
      Problem(
        kind: .precondition, code: "billing.invoice_written_off", detail: "\(name(key).asSentence) is written off.",
        remedy: "It asks nothing of the member any more; a change of the policy still corrects it.")
    case .noBillingDay(let day):
      Problem(
        kind: .invalid, code: "billing.no_billing_day", detail: "There is no billing day \(day).",
        remedy: "Choose a day from 1 to 31; in a shorter month its last day takes the place.",
        fields: ["billing_day": "is \(day); it is 1 to 31"])
    case .alreadyBilled(let asked, let earliest):
      Problem(
        kind: .precondition, code: "billing.already_billed",
        detail: "\(asked) is in what is billed already, and that stays billed as it was.",
        remedy: "Date the change on or after \(earliest), the first period that is not billed.",
        fields: ["effective_date": "is before \(earliest)"])
    case .coverageOver(let end, let from):
      Problem(
        kind: .precondition, code: "billing.coverage_over",
        detail: "The first period that could be billed otherwise begins on \(from); coverage ends on \(end).",
        remedy: "Nothing is left to bill otherwise.")
    case .tooFarAhead(let from, let latest):
      Problem(
        kind: .invalid, code: "billing.too_far_ahead", detail: "\(from) is too far ahead.",
        remedy: "Date the change on or before \(latest).", fields: ["effective_date": "is after \(latest)"])
    case .sameSchedule(let date):
      Problem(
        kind: .conflict, code: "billing.same_schedule", detail: "The policy is billed like this on \(date) already.",
        remedy: "Nothing needs to be done.")
    case .discount(let refusal): refusal.problem
    case .sharing(let refusal): refusal.problem
    }
  }
}

extension String {
  /// With a capital at its beginning.
  fileprivate var asSentence: String { prefix(1).uppercased() + dropFirst() }
}

extension Account.InvoiceKey: CustomStringConvertible {
  /// `2027-01-01/1`
  var description: String { "\(month)/\(sequence)" }
}
