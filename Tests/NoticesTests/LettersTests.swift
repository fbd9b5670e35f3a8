// Each kind of event, the letter it makes and what the letter says.

import Contracts
import Notices
import SwiftProtobuf
import Testing

struct Case: Sendable, CustomTestStringConvertible {
  let words: String
  let source: String
  let type: String
  let message: any Message
  let template: String
  let says: [String]
  let saysNot: [String]

  init(
    _ words: String, _ source: String, _ type: String, _ message: any Message, _ template: String, says: [String],
    not saysNot: [String] = []
  ) {
    self.words = words
    self.source = source
    self.type = type
    self.message = message
    self.template = template
    self.says = says
    self.saysNot = saysNot
  }

  var testDescription: String { words }
}

private let letters: [Case] = [
  Case(
    "a policy in force, with a tax credit", "policy", "Policy.Issued",
    Events.issued(Events.policy(members: [("M-1", "subscriber"), ("M-2", "child")], gross: 50_000, aptc: 32_000)),
    "welcome",
    says: [
      "Welcome to Premia", "Policy P-100", "Silver 70", "March 1, 2026", "<td>M-1</td><td>subscriber</td>",
      "<td>M-2</td><td>child</td>", "$500.00", "-$320.00", "$180.00",
    ]),
  Case(
    "a policy in force, without a tax credit", "policy", "Policy.Issued", Events.issued(), "welcome",
    says: ["$500.00"], not: ["tax credit"]),
  Case(
    "a change, with what it costs from then on", "policy", "Policy.Endorsed", Events.endorsed(), "policy_changed",
    says: ["the plan was changed", "Gold 80", "May 1, 2026", "$700.00", "-$200.00", "$500.00"]),
  Case(
    "a pause", "policy", "Policy.Paused", Events.paused(), "pause",
    says: ["Your coverage is paused", "May 1, 2026", "June 15, 2026", "not covered"]),
  Case(
    "the end of a pause", "policy", "Policy.Resumed", Events.resumed(), "resumption",
    says: ["You are covered again", "June 15, 2026"]),
  Case(
    "a renewal", "policy", "Policy.Renewed", Events.renewed(), "renewal",
    says: ["Your policy is renewed", "Gold 80", "May 1, 2026", "$700.00", "$500.00", "do not want another term"]),
  Case(
    "notice of a rescission", "policy", "Policy.RescissionNoticed", Events.rescissionNoticed(), "rescission_notice",
    says: ["We intend to rescind", "March 1, 2026", "June 15, 2026", "we found fraud", "appeal"]),
  Case(
    "a rescission", "policy", "Policy.Rescinded", Events.rescinded(), "rescission",
    says: ["was rescinded", "void from March 1, 2026", "we found fraud"]),
  Case(
    "a reinstatement", "policy", "Policy.Reinstated", Events.reinstated(), "reinstatement",
    says: ["is reinstated", "without a gap"]),
  Case(
    "a policy given back", "policy", "Policy.Terminated", Events.terminated(on: "2026-03-01", reason: "free_look"),
    "termination", says: ["did not begin", "you returned it within the days"], not: ["The last day"]),
  Case(
    "a policy that ends", "policy", "Policy.Terminated", Events.terminated(on: "2026-04-01", reason: "non_payment"),
    "termination",
    says: ["Your coverage ends", "March 31, 2026", "the premium was not paid in time"], not: ["did not begin"]),
  Case(
    "a policy cancelled before its first day", "policy", "Policy.Terminated",
    Events.terminated(on: "2026-03-01", reason: "voluntary"), "termination",
    says: ["Your policy was cancelled", "did not begin", "you asked us to end it"], not: ["The last day"]),
  Case(
    "a premium past due", "billing", "Invoice.PastDue", Events.pastDue(), "past_due",
    says: ["past due", "$1,234.56", "February 28, 2026", "inv_1"]),
  Case(
    "a grace period that has started", "billing", "Account.Noticed",
    Events.noticed("grace_started", pendFrom: "2026-03-01"), "grace_started",
    says: ["$1,234.56", "February 1, 2026", "April 30, 2026", "February 28, 2026", "on or after <b>March 1, 2026"]),
  Case(
    "claims that wait", "billing", "Account.Noticed", Events.noticed("claims_pended", pendFrom: "2026-03-01"),
    "claims_pended", says: ["$1,234.56", "March 1, 2026", "April 30, 2026"]),
  Case(
    "a grace period about to end", "billing", "Account.Noticed", Events.noticed("grace_ending"), "grace_ending",
    says: ["$1,234.56", "April 30, 2026", "February 28, 2026", "about to end"], not: ["Claims for services"]),
  Case(
    "a payment that failed and is tried again", "billing", "Retry.Planned",
    Events.retryPlanned(nextTryOn: "2026-03-06"), "payment_failed",
    says: ["$180.00", "March 6, 2026"], not: ["We will not try again"]),
  Case(
    "a payment that failed for good", "payments", "Payment.Failed", Events.paymentFailed(), "payment_failed",
    says: ["$180.00", "We will not try again"]),
  Case(
    "a claim approved", "claims", "Claim.Approved", Events.claimApproved(), "explanation_of_benefits",
    says: ["This is not a bill", "clm_1", "March 4, 2026", "$200.00", "$120.00", "$90.00", "$30.00"],
    not: ["diagnos", "procedure"]),
  Case(
    "a claim denied", "claims", "Claim.Denied", Events.claimDenied(reason: "27"), "denial",
    says: ["after your coverage ended", "clm_1", "$200.00", "180 days"], not: ["diagnos", "procedure"]),
  Case(
    "a claim denied for a reason without words", "claims", "Claim.Denied", Events.claimDenied(reason: "B7"), "denial",
    says: ["claim adjustment reason code B7"]),
]

@Suite struct LettersTests {
  @Test(arguments: letters)
  func anEventMakesItsLetter(_ row: Case) async throws {
    let world = try World()
    try await world.publish(row.source, row.type, row.message, 1)
    try await world.settle()
    let notices = try await world.notices(of: "pol_1").notices
    #expect(notices.map(\.template) == [row.template])
    let page = try await world.newestPage()
    for words in row.says { #expect(page.contains(words), "\(words) is not in\n\(page)") }
    for words in row.saysNot { #expect(!page.contains(words), "\(words) is in\n\(page)") }
    #expect(page.hasPrefix("<!doctype html>") && !page.contains("{{"))
    #expect(try await world.deadLetters().isEmpty)
    #expect(try await world.mismatches().isEmpty)
  }

  @Test func aDenialOfNobodysClaimIsWrittenToNobody() async throws {
    let world = try World()
    try await world.publish("claims", "Claim.Denied", Events.claimDenied("", reason: "31"), 1)
    try await world.settle()
    #expect(try await world.notices().notices.isEmpty)
    #expect(try await world.deadLetters().isEmpty)
  }

  @Test func everythingFilledInIsEscaped() async throws {
    let world = try World()
    let policy = Events.policy(planName: "<script>alert('x')</script> & \"Co\"", members: [("<b>1</b>", "child")])
    try await world.publish("policy", "Policy.Issued", Events.issued(policy), 1)
    try await world.settle()
    let page = try await world.newestPage()
    #expect(!page.contains("<script") && !page.contains("<b>1</b>"))
    #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;Co&quot;"))
    #expect(page.contains("&lt;b&gt;1&lt;/b&gt;"))
  }

  @Test func everyFieldOfALetterIsOneThatItsTemplateMayUse() throws {
    let reasons = Reasons(termination: [:], change: [:], denial: [:])
    let all = [
      try Letter(Events.issued(Events.policy(aptc: 1))),
      try Letter(Events.endorsed(), reasons: reasons),
      try Letter(Events.paused()),
      try Letter(Events.resumed()),
      try Letter(Events.renewed()),
      try Letter(Events.terminated(on: "2026-04-01", reason: "moved"), reasons: reasons),
      try Letter(Events.rescissionNoticed(), reasons: reasons),
      try Letter(Events.rescinded(), reasons: reasons),
      try Letter(Events.reinstated()),
      try Letter(Events.pastDue()),
      try Letter(Events.noticed("grace_started", pendFrom: "2026-03-01")),
      try Letter(Events.noticed("claims_pended", pendFrom: "2026-03-01")),
      try Letter(Events.noticed("grace_ending", pendFrom: "2026-03-01")),
      try Letter(Events.retryPlanned(nextTryOn: "2026-03-06")),
      try Letter(Events.claimApproved()),
      try Letter(Events.claimDenied(reason: "27"), reasons: reasons),
    ]
    #expect(all.map(\.template) == Template.allCases)
    for letter in all {
      let inLists = letter.lists.values.flatMap { $0 }.flatMap(\.keys)
      #expect(Set(letter.fields.keys).union(letter.lists.keys).union(inLists) == letter.template.fields)
    }
  }
}
