import Kernel
import Testing

@testable import Policy

@Suite("The end: death, moving away, free look, rescission, reinstatement")
struct EndTests {
  private func end(_ date: String, _ reason: Policy.EndReason = .voluntary, on today: String) -> Policy.Command {
    .terminate(Policy.End(on: day(date), reason: reason), on: day(today))
  }

  @Test("before it comes into force a termination is a cancellation from the start")
  func cancels() throws {
    var life = Life()
    try life.give(.apply(Life.terms()))
    try life.give(end("2027-06-01", on: "2026-12-05"))
    #expect(life.stage == .cancelled && life.state.premium.isEmpty)
    #expect(life.state.end == Policy.End(on: day("2027-01-01"), reason: .voluntary))
  }

  @Test("the death of the subscriber ends the policy on the day after")
  func death() throws {
    var life = Life.issued()
    try life.change(.removeMember(party: "pty_jane"), .death, event: "2027-04-01", on: "2027-04-20")
    #expect(life.stage == .terminated && life.state.end == Policy.End(on: day("2027-04-02"), reason: .death))
    #expect(life.price("2027-04-01") == 300 && life.price("2027-04-02") == nil)
  }

  @Test("the death of a policy that is to end ends it sooner")
  func deathBeforeTheEnd() throws {
    var life = Life.issued()
    try life.give(end("2027-06-01", on: "2027-04-01"))
    try life.change(.removeMember(party: "pty_jane"), .death, event: "2027-04-20", on: "2027-04-20")
    #expect(life.stage == .ending && life.state.end?.on == day("2027-04-21"))
  }

  @Test("who moves out of the area is not covered from the day that was said")
  func movedAway() throws {
    var life = Life.issued()
    try life.give(end("2027-05-01", .moved, on: "2027-04-20"))
    try life.moveOn(to: "2027-05-01")
    #expect(life.stage == .terminated && life.price("2027-04-30") == 300 && life.price("2027-05-01") == nil)
  }

  @Test("an end is after the start", arguments: ["2027-01-01", "2026-11-01"])
  func endBeforeStart(date: String) {
    var life = Life.issued()
    #expect(throws: Policy.Refusal.endNotAfterStart(end: day(date), start: day("2027-01-01"))) {
      try life.give(end(date, on: "2027-04-20"))
    }
  }

  @Test("the free look is ten days from issue, by the state's own rule where there is one")
  func freeLook() throws {
    for (state, rule) in [("IL", "free_look@1"), ("KY", "free_look-KY@1"), ("NY", "free_look-NY@1")] {
      var life = Life.issued(Life.terms(state: state))
      #expect(throws: Policy.Refusal.freeLookOver(last: day("2027-01-15"), rule: rule)) {
        try life.give(.giveBack(reason: "too dear", on: day("2027-01-16")))
      }
      try life.give(.giveBack(reason: "too dear", on: day("2027-01-15")))
      #expect(life.stage == .voided && life.state.premium.isEmpty)
      #expect(life.state.end == Policy.End(on: day("2027-01-01"), reason: .freeLook, note: "too dear"))
      #expect(life.state.terms?.rules == [rule])
    }
  }

  @Test("a rescission is for fraud only, with thirty days' notice")
  func rescission() throws {
    var life = Life.issued()
    let notice = day("2027-04-20")
    #expect(throws: Policy.Refusal.noGroundForRescission(.nonPayment, rule: "rescission_notice@1")) {
      try life.give(.noticeRescission(.nonPayment, on: notice))
    }
    #expect(throws: Policy.Refusal.noRescissionNotice(days: 30, rule: "rescission_notice@1")) {
      try life.give(.rescind(reason: "forged papers", on: notice))
    }
    try life.give(.noticeRescission(.misrepresentation, on: notice))
    #expect(throws: Policy.Refusal.rescissionNoticed(on: notice)) {
      try life.give(.noticeRescission(.fraud, on: notice))
    }
    #expect(throws: Policy.Refusal.rescissionTooEarly(from: day("2027-05-20"), rule: "rescission_notice@1")) {
      try life.give(.rescind(reason: "forged papers", on: day("2027-05-19")))
    }
    try life.give(.rescind(reason: "forged papers", on: day("2027-05-20")))
    #expect(life.stage == .voided && life.state.premium.isEmpty)
    #expect(life.state.end == Policy.End(on: day("2027-01-01"), reason: .misrepresentation, note: "forged papers"))
  }

  @Test("a reinstatement within sixty days leaves no gap")
  func reinstatement() throws {
    var life = Life.issued()
    let before = life.state.premium
    try life.give(end("2027-04-01", .nonPayment, on: "2027-04-01"))
    #expect(throws: Policy.Refusal.tooLateToReinstate(last: day("2027-05-31"), rule: "reinstatement_window@1")) {
      try life.give(.reinstate(reason: "paid", on: day("2027-06-01")))
    }
    try life.give(.reinstate(reason: "paid", on: day("2027-05-31")))
    #expect(life.stage == .active && life.state.premium == before && life.state.end == nil)
  }

  @Test("an application has one subscriber, nobody twice, and a tax credit that can be used")
  func applications() {
    func refused(_ refusal: Policy.Refusal, _ change: (inout Policy.Terms) -> Void) {
      var terms = Life.terms()
      change(&terms)
      let application = terms
      #expect(throws: refusal) { try Policy.decide(.apply(application), in: .none) }
    }
    refused(.notOneSubscriber(0)) { $0.members.removeFirst() }
    refused(.notOneSubscriber(2)) { terms in
      let second = Policy.Person("pty_x", .subscriber, born: nil)
      terms.members.append(Policy.Member(person: second, from: terms.effectiveDate, to: nil))
    }
    refused(.memberTwice("pty_ann")) { $0.members.append($0.members[2]) }
    refused(.negativeSubsidy) { $0.taxCredits = Steps(dollars(-1), from: $0.effectiveDate) }
  }
}

@Suite("Renewal: the next term")
struct RenewalTests {
  private static let rules = ["renewal_closes@1", "renewal_opens@1"]

  @Test("it is decided 60 to 90 days ahead, under the rates of the next year", arguments: ["2027-10-03", "2027-11-02"])
  func renews(today: String) throws {
    var life = Life.issued()
    try life.give(life.renewal(plan: "silver", on: today))
    #expect(life.price("2027-12-31") == 300 && life.price("2028-01-01") == 315)
    #expect(life.state.terms?.termStarts == [day("2027-01-01"), day("2028-01-01")])
    #expect(throws: Policy.Refusal.alreadyRenewed(from: day("2028-01-01"))) {
      try life.give(life.renewal(plan: "silver", on: today))
    }
  }

  @Test("on other days it is refused", arguments: ["2027-10-02", "2027-11-03"])
  func outside(today: String) {
    var life = Life.issued()
    #expect(
      throws: Policy.Refusal.outsideRenewal(opens: day("2027-10-03"), closes: day("2027-11-02"), rules: Self.rules)
    ) { try life.give(life.renewal(plan: "silver", on: today)) }
  }

  @Test("a plan that is sold no more is renewed into another")
  func mapped() throws {
    var life = Life.issued()
    try life.give(life.renewal(plan: "bronze", on: "2027-10-15"))
    #expect(life.price("2027-12-31") == 300 && life.price("2028-01-01") == 225)
    try life.moveOn(to: "2028-01-01")
    #expect(life.state.rate?.planID == "bronze" && life.state.rate?.ratingArea == "1")
  }

  @Test("who chooses in open enrolment has decided the next term")
  func openEnrollment() throws {
    var life = Life.issued()
    try life.change(.choosePlan("gold"), .openEnrollment, on: "2027-11-02")
    #expect(life.price("2028-01-01") == 465)
    #expect(throws: Policy.Refusal.alreadyRenewed(from: day("2028-01-01"))) {
      try life.give(life.renewal(plan: "silver", on: "2027-11-02"))
    }
  }

  @Test("who renewed may still choose in open enrolment")
  func chooseAfterRenewal() throws {
    var life = Life.issued()
    try life.give(life.renewal(plan: "silver", on: "2027-10-15"))
    try life.change(.choosePlan("gold"), .openEnrollment, on: "2027-11-20")
    #expect(life.price("2028-01-01") == 465)
  }

  @Test("who opts out leaves with the term")
  func optsOut() throws {
    var life = Life.issued()
    #expect(
      throws: Policy.Refusal.outsideRenewal(opens: day("2027-10-03"), closes: day("2028-01-01"), rules: Self.rules)
    ) { try life.give(.declineRenewal(reason: "new job", on: day("2027-10-02"))) }
    try life.give(.declineRenewal(reason: "new job", on: day("2027-12-20")))
    #expect(life.stage == .ending)
    #expect(life.state.end == Policy.End(on: day("2028-01-01"), reason: .notRenewed, note: "new job"))
  }
}

@Suite("Loss of dependant age")
struct AgeLimitTests {
  /// 26 on 2027-05-15: covered to the end of that month.
  private func family(born: String = "2001-05-15") -> Life {
    var terms = Life.terms()
    terms.members[2] = Policy.Member(
      person: Policy.Person("pty_ann", .child, born: born), from: terms.effectiveDate, to: nil)
    return Life.issued(terms)
  }

  @Test("it is due ninety days ahead, and ends coverage with the month of the birthday")
  func due() throws {
    var life = family()
    #expect(Policy.nextStep(for: life.state) == Instant(date: day("2027-03-03")))
    #expect(life.state.held?.ageLimit(dueOn: day("2027-03-02")) == nil)
    #expect(life.state.held?.ageLimit(dueOn: day("2027-03-03"))?.end == day("2027-06-01"))
    try life.change(.removeMember(party: "pty_ann"), .age, on: "2027-03-03")
    #expect(life.price("2027-05-31") == 300 && life.price("2027-06-01") == 200)
    #expect(life.state.held?.nextAgeLimit == nil)
  }

  @Test("where it was not recorded the policy is set aside with the reason")
  func notRecorded() {
    var life = family()
    #expect(throws: Policy.Refusal.agesOut("pty_ann", on: day("2027-06-01"), rule: "dependant_age@1")) {
      try life.give(.moveOn(to: day("2027-03-03")))
    }
  }

  @Test("who was above the limit when coverage began stays, and so does who leaves with the policy")
  func stays() throws {
    #expect(family(born: "1999-01-01").state.held?.nextAgeLimit == nil)
    var life = family()
    try life.give(.terminate(Policy.End(on: day("2027-06-01"), reason: .voluntary), on: day("2027-02-01")))
    #expect(life.state.held?.nextAgeLimit == nil)
  }
}
