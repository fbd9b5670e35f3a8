// The letters about what happens to a policy in force.

package import Contracts
import Courier
package import Kernel

extension Letter {
  /// What changed, and what is to pay from then on.
  package init(_ event: Premia_Policy_V1_PolicyEndorsed, reasons: Reasons) throws(Problem) {
    var fields = [
      "planName": event.policy.planName, "change": reasons.change[event.change] ?? event.change,
      "effectiveOn": try words(of: event.effectiveDate, "effective_date"),
    ]
    if let segment = event.policy.premium(on: event.effectiveDate) {
      fields["planName"] = segment.planName
      fields.merge(try monthlyFigures(of: segment)) { $1 }
    }
    self.init(.policyChanged, about: event.policy, subject: "Your policy has changed", fields: fields)
  }

  package init(_ event: Premia_Policy_V1_PolicyPaused) throws(Problem) {
    let fields = [
      "planName": event.policy.planName,
      "from": try words(of: event.pause.from, "pause.from"), "until": try words(of: event.pause.until, "pause.until"),
    ]
    self.init(.pause, about: event.policy, subject: "Your coverage is paused", fields: fields)
  }

  package init(_ event: Premia_Policy_V1_PolicyResumed) throws(Problem) {
    let fields = [
      "planName": event.policy.planName, "effectiveOn": try words(of: event.effectiveDate, "effective_date"),
    ]
    self.init(.resumption, about: event.policy, subject: "You are covered again", fields: fields)
  }

  /// What is to pay in the next term, and which add-ons end with this one, each with the reason.
  package init(_ event: Premia_Policy_V1_PolicyRenewed, reasons: Reasons) throws(Problem) {
    var fields = ["planName": event.policy.planName, "effectiveOn": try words(of: event.termStart, "term_start")]
    if let segment = event.policy.premium(on: event.termStart) {
      fields["planName"] = segment.planName
      fields.merge(try monthlyFigures(of: segment)) { $1 }
    }
    self.init(
      .renewal, policyID: event.policy.policyID, policyNumber: event.policy.policyNumber,
      subject: "Your policy is renewed", fields: fields,
      lists: [
        "endedAddOns": event.addOns.map { addOn in
          [
            "name": addOn.planName, "reason": reasons.addOn[addOn.reason] ?? addOn.reason,
            "next": addOn.nextPlanName,
          ].filter { !$0.value.isEmpty }
        }
      ])
  }

  /// A policy that is cancelled before its first day has no last day.
  package init(_ event: Premia_Policy_V1_PolicyTerminated, reasons: Reasons) throws(Problem) {
    let policy = event.policy
    let end = try CalendarDate(policy.endDate, field: "policy.end_date")
    let start = try CalendarDate(policy.effectiveDate, field: "policy.effective_date")
    var fields = ["planName": policy.planName, "reason": reasons.termination[event.reason] ?? event.reason]
    if end > start { fields["lastDay"] = end.adding(days: -1).inWords }
    self.init(
      .termination, policyID: policy.policyID, policyNumber: policy.policyNumber,
      subject: end > start ? "Your coverage ends" : "Your policy was cancelled", fields: fields)
  }

  /// Notice that the policy will be void from its beginning (45 CFR 147.128).
  package init(_ event: Premia_Policy_V1_PolicyRescissionNoticed, reasons: Reasons) throws(Problem) {
    var fields = try Self.voiding(event.policy, event.reason, reasons)
    fields["earliestOn"] = try words(of: event.earliestDate, "earliest_date")
    self.init(.rescissionNotice, about: event.policy, subject: "We intend to rescind your policy", fields: fields)
  }

  package init(_ event: Premia_Policy_V1_PolicyRescinded, reasons: Reasons) throws(Problem) {
    self.init(
      .rescission, about: event.policy, subject: "Your policy was rescinded",
      fields: try Self.voiding(event.policy, event.reason, reasons))
  }

  package init(_ event: Premia_Policy_V1_PolicyReinstated) throws(Problem) {
    self.init(
      .reinstatement, about: event.policy, subject: "Your policy is reinstated",
      fields: ["planName": event.policy.planName])
  }

  private static func voiding(
    _ policy: Premia_Policy_V1_Policy, _ reason: String, _ reasons: Reasons
  ) throws(Problem) -> [String: String] {
    [
      "planName": policy.planName, "reason": reasons.termination[reason] ?? reason,
      "effectiveOn": try words(of: policy.effectiveDate, "policy.effective_date"),
    ]
  }

  private init(
    _ template: Template, about policy: Premia_Policy_V1_Policy, subject: String, fields: [String: String]
  ) {
    self.init(
      template, policyID: policy.policyID, policyNumber: policy.policyNumber, subject: subject, fields: fields)
  }
}

/// What a month costs with its add-ons, what the exchange pays of it, and what is left to pay.
func monthlyFigures(of segment: Premia_Policy_V1_PremiumSegment) throws(Problem) -> [String: String] {
  var due = segment.gross
  due.cents -= segment.aptc.cents
  for addOn in segment.addOns { due.cents += addOn.monthly.cents }
  var fields = [
    "premium": try segment.gross.money("policy.premium.gross").description,
    "monthlyDue": try due.money("policy.premium").description,
  ]
  let taxCredit = try segment.aptc.money("policy.premium.aptc")
  if taxCredit.isPositive { fields["taxCredit"] = taxCredit.description }
  if !segment.addOns.isEmpty {
    var sum = segment.gross
    sum.cents = segment.addOns.reduce(0) { $0 + $1.monthly.cents }
    fields["addOns"] = segment.addOns.map(\.planName).joined(separator: ", ")
    fields["addOnPremium"] = try sum.money("policy.premium.add_ons").description
  }
  return fields
}

extension Premia_Policy_V1_Policy {
  /// The premium of a day. Dates as text sort as dates do.
  fileprivate func premium(on day: String) -> Premia_Policy_V1_PremiumSegment? {
    premium.last { $0.from <= day && ($0.to.isEmpty || day < $0.to) }
  }
}
