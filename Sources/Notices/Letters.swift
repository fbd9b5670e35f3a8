// From an event to the letter about it. A letter says what its reader needs and no more (45 CFR 164.502(b)): an
// explanation of benefits names amounts, never a diagnosis or a procedure, and an event names no person.

package import Contracts
import Courier
package import Kernel

extension Letter {
  /// The card and the first month's figures.
  ///
  /// - Throws: `Problem` where a date or an amount cannot be read, as do all of these.
  package init(_ event: Premia_Policy_V1_PolicyIssued) throws(Problem) {
    let policy = event.policy
    var fields = [
      "planName": policy.planName,
      "effectiveOn": try words(of: policy.effectiveDate, "policy.effective_date"),
    ]
    if let first = policy.premium.first { fields.merge(try monthlyFigures(of: first)) { $1 } }
    self.init(
      .welcome, policyID: policy.policyID, policyNumber: policy.policyNumber, subject: "Welcome to Premia",
      fields: fields,
      lists: ["members": policy.members.map { ["number": $0.memberNumber, "relationship": $0.relationship] }])
  }

  package init(_ event: Premia_Billing_V1_InvoicePastDue) throws(Problem) {
    self.init(
      .pastDue, policyID: event.policyID, subject: "Your premium is past due",
      fields: [
        "invoiceNumber": event.invoiceID,
        "dueOn": try words(of: event.dueOn, "due_on"),
        "amount": try event.open.money("open").description,
      ])
  }

  /// What the member has to know of the grace period.
  package init(_ event: Premia_Billing_V1_AccountNoticed) throws(Problem) {
    let subjects: [Template: String] = [
      .graceStarted: "Your grace period has started", .claimsPended: "Your claims wait for your premium",
      .graceEnding: "Your coverage is about to end",
    ]
    guard let template = Template(rawValue: event.notice), let subject = subjects[template] else {
      throw .field("notice", "is '\(event.notice)', about which there is no letter")
    }
    let end = try CalendarDate(event.grace.to, field: "grace.to")
    let covered = try CalendarDate(event.grace.terminateOn, field: "grace.terminate_on")
    var fields = [
      "amount": try event.owed.money("owed").description, "from": try words(of: event.grace.from, "grace.from"),
      "lastDay": end.adding(days: -1).inWords, "coveredThrough": covered.adding(days: -1).inWords,
    ]
    if !event.grace.claimsPendFrom.isEmpty {
      fields["pendFrom"] = try words(of: event.grace.claimsPendFrom, "grace.claims_pend_from")
    }
    self.init(template, policyID: event.policyID, subject: subject, fields: fields)
  }

  /// A charge that autopay made, and when it is made again.
  package init(_ event: Premia_Billing_V1_RetryPlanned) throws(Problem) {
    var fields = ["amount": try event.open.money("open").description]
    if !event.nextTryOn.isEmpty { fields["nextTryOn"] = try words(of: event.nextTryOn, "next_try_on") }
    self.init(
      .paymentFailed, policyID: event.policyID, subject: "Your payment did not go through", fields: fields)
  }

  /// A charge that a person asked for.
  package init(_ event: Premia_Payments_V1_PaymentFailed) throws(Problem) {
    self.init(
      .paymentFailed, policyID: event.payment.policyID, subject: "Your payment did not go through",
      fields: ["amount": try event.payment.amount.money("payment.amount").description])
  }

  package init(_ event: Premia_Claims_V1_ClaimApproved) throws(Problem) {
    self.init(
      .explanationOfBenefits, policyID: event.policyID, subject: "Explanation of benefits",
      fields: [
        "claimNumber": event.claimID,
        "processedOn": try words(of: event.adjudicatedOn, "adjudicated_on"),
        "charge": try event.charge.money("charge").description,
        "allowed": try event.allowed.money("allowed").description,
        "planPays": try event.paid.money("paid").description,
        "memberOwes": try event.patientResponsibility.money("patient_responsibility").description,
      ])
  }

  /// The reason is a claim adjustment reason code; one without words of its own is named by its number.
  package init(_ event: Premia_Claims_V1_ClaimDenied, reasons: Reasons) throws(Problem) {
    self.init(
      .denial, policyID: event.policyID, subject: "We denied a claim",
      fields: [
        "claimNumber": event.claimID,
        "processedOn": try words(of: event.adjudicatedOn, "adjudicated_on"),
        "charge": try event.charge.money("charge").description,
        "reason": reasons.denial[event.reason] ?? "claim adjustment reason code \(event.reason)",
      ])
  }
}

/// The words of reason codes, by code: `config/notices/reasons.json`.
package struct Reasons: Hashable, Codable, Sendable {
  package let termination: [String: String]
  package let change: [String: String]
  /// Why an add-on does not go on into the next term.
  package let addOn: [String: String]
  package let denial: [String: String]

  package init(
    termination: [String: String], change: [String: String], addOn: [String: String], denial: [String: String]
  ) {
    self.termination = termination
    self.change = change
    self.addOn = addOn
    self.denial = denial
  }
}

/// A date as letters write it.
func words(of date: String, _ field: String) throws(Problem) -> String {
  try CalendarDate(date, field: field).inWords
}

extension CalendarDate {
  /// As letters write it: "March 1, 2026".
  package var inWords: String {
    let (year, month, day) = components
    return "\(Self.monthNames[month - 1]) \(day), \(year)"
  }

  private static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
}
