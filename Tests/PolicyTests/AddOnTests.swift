// Dental and vision beside the plan, as the rules of a policy see them.

import Kernel
import Testing

@testable import Policy

@Suite("Policy: add-ons")
struct AddOnTests {
  private static let dropped = Policy.AddOnRenewal(
    planID: "vision", planName: "Vision", next: nil, nextName: nil, reason: .notSold)
  private static let continued = Policy.AddOnRenewal(
    planID: "dental", planName: "Dental", next: "dental-plus", nextName: "Dental-Plus", reason: .notSold)

  @Test("an add-on is charged beside the plan: gross stays the plan's, and the tax credit is never above it")
  func besideThePlan() throws {
    let life = Life.issued(Life.terms(channel: .exchange, credit: 900, addOns: ["dental", "vision"]))
    let price = try #require(life.state.premium[day("2027-03-01")])
    #expect(price.gross == dollars(300) && price.aptc == dollars(300))
    #expect(life.addOns("2027-03-01") == ["dental 60", "vision 15"])
    #expect(try #require(life.state.terms).allRules == ["card@1", "dental@1", "vision@1"])
  }

  @Test("who lost dental coverage elsewhere takes it from the first of the next month, and the rules say why")
  func lossOfCoverage() throws {
    var life = Life.issued()
    try life.change(.addAddOn("dental"), .lossOfCoverage, event: "2027-03-31", on: "2027-03-20")
    #expect(life.addOns("2027-03-31") == [] && life.addOns("2027-04-01") == ["dental 60"])
    #expect(life.price("2027-04-01") == 300)
    #expect(
      try #require(life.state.terms).rules == [
        "add_on-add@1", "retroactive_limit@1", "special_enrollment_window@1",
      ])
  }

  @Test("an add-on is dropped by request from the next month on, or from a day that is asked for")
  func request() throws {
    var life = Life.issued(Life.terms(addOns: ["dental", "vision"]))
    try life.change(.removeAddOn("dental"), .request, on: "2027-03-20")
    #expect(life.addOns("2027-03-31") == ["dental 60", "vision 15"] && life.addOns("2027-04-01") == ["vision 15"])
    try life.change(.removeAddOn("vision"), .request, from: "2027-05-16", on: "2027-03-20")
    #expect(life.addOns("2027-05-15") == ["vision 15"] && life.addOns("2027-05-16") == [])
  }

  @Test("what is chosen in open enrolment for the next year is given up in time as if it had never been")
  func neverBegun() throws {
    var life = Life.issued()
    try life.change(.addAddOn("dental"), .openEnrollment, on: "2027-11-05")
    #expect(life.addOns("2027-12-31") == [] && life.addOns("2028-01-01") == ["dental 66"])
    try life.change(.removeAddOn("dental"), .openEnrollment, on: "2027-11-20")
    #expect(life.addOns("2028-01-01") == [])
    #expect(try #require(life.state.terms).addOns == [])
  }

  @Test("an add-on follows who is covered, a pause, and the end of the policy")
  func followsThePolicy() throws {
    var life = Life.issued(Life.terms(addOns: ["dental"]))
    try life.change(.removeMember(party: "pty_ann"), .request, from: "2027-04-01", on: "2027-03-20")
    #expect(life.addOns("2027-03-31") == ["dental 60"] && life.addOns("2027-04-01") == ["dental 40"])
    try life.give(.pause(from: day("2027-05-01"), until: day("2027-06-01"), .request, on: day("2027-04-20")))
    #expect(life.addOns("2027-05-15") == nil && life.addOns("2027-06-01") == ["dental 40"])
    try life.moveOn(to: "2027-06-10")
    try life.give(.terminate(Policy.End(on: day("2027-07-01"), reason: .voluntary), on: day("2027-06-10")))
    #expect(life.addOns("2027-06-30") == ["dental 40"] && life.addOns("2027-07-01") == nil)
  }

  @Test("taking and dropping in any order give the same premium")
  func anyOrder() throws {
    var (one, other) = (Life.issued(), Life.issued())
    try one.change(.addAddOn("dental"), .exchange, from: "2027-02-01", on: "2027-03-20")
    try one.change(.addAddOn("vision"), .exchange, from: "2027-03-01", on: "2027-03-20")
    try other.change(.addAddOn("vision"), .exchange, from: "2027-03-01", on: "2027-03-20")
    try other.change(.addAddOn("dental"), .exchange, from: "2027-02-01", on: "2027-03-20")
    #expect(one.state.premium == other.state.premium)
    #expect(one.addOns("2027-03-01") == ["dental 60", "vision 15"])
  }

  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let change: Policy.Change
    let reason: Policy.ChangeReason
    var event: String?
    var from: String?
    let refusal: Policy.Refusal
  }

  private static let adding: [Policy.ChangeReason] = [
    .openEnrollment, .birth, .adoption, .marriage, .divorce, .moved, .lossOfCoverage, .exchange,
  ]

  @Test(
    "a change of add-ons is refused with the rule that forbids it",
    arguments: [
      Row(
        testDescription: "taken for no reason that the rules give", change: .addAddOn("vision"), reason: .request,
        refusal: .addOnReason(.request, change: "add_on_added", allowed: adding, rule: "add_on-add@1")),
      Row(
        testDescription: "dropped because of a death", change: .removeAddOn("dental"), reason: .death,
        refusal: .addOnReason(
          .death, change: "add_on_removed", allowed: adding + [.request], rule: "add_on-remove@1")),
      Row(
        testDescription: "taken outside of open enrolment", change: .addAddOn("vision"), reason: .openEnrollment,
        refusal: .outsideWindow(.openEnrollment, event: nil, today: day("2027-03-20"), rule: "open_enrollment@2028")),
      Row(
        testDescription: "taken too late after a marriage", change: .addAddOn("vision"), reason: .marriage,
        event: "2027-01-10",
        refusal: .outsideWindow(
          .marriage, event: day("2027-01-10"), today: day("2027-03-20"), rule: "special_enrollment_window@1")),
      Row(
        testDescription: "taken twice", change: .addAddOn("dental"), reason: .marriage, event: "2027-03-10",
        refusal: .addOnTwice("dental")),
      Row(
        testDescription: "a second of its kind", change: .addAddOn("dental-plus"), reason: .marriage,
        event: "2027-03-10", refusal: .addOnKindTwice(.dental, ["dental", "dental-plus"])),
      Row(
        testDescription: "dropped though not held", change: .removeAddOn("vision"), reason: .request,
        refusal: .addOnNotHeld("vision", on: day("2027-04-01"))),
      Row(
        testDescription: "dropped back in time by request", change: .removeAddOn("dental"), reason: .request,
        from: "2027-03-01",
        refusal: .otherEffectiveDate(asked: day("2027-03-01"), due: day("2027-04-01"), rule: "")),
    ])
  func refused(_ row: Row) throws {
    var life = Life.issued(Life.terms(addOns: ["dental"]))
    let before = life.state
    #expect(throws: row.refusal) {
      try life.change(row.change, row.reason, event: row.event, from: row.from, on: "2027-03-20")
    }
    #expect(life.state == before)
    #expect(!row.refusal.problem.detail.isEmpty && !row.refusal.problem.remedy.isEmpty)
  }

  @Test("an application with two add-ons of one kind is refused")
  func twoOfAKind() throws {
    var life = Life()
    #expect(throws: Policy.Refusal.addOnKindTwice(.dental, ["dental", "dental-plus"])) {
      try life.give(.apply(Life.terms(addOns: ["dental", "dental-plus"])))
    }
  }

  @Test("a renewal takes on what is still sold, continues what another continues, and says what it drops")
  func renewal() throws {
    var life = Life.issued(Life.terms(addOns: ["dental", "vision"]))
    try life.give(life.renewal(plan: "silver", [Self.continued, Self.dropped], on: "2027-10-15"))
    #expect(life.addOns("2027-12-31") == ["dental 60", "vision 15"])
    #expect(life.addOns("2028-01-01") == ["dental-plus 96"])
    guard case .renewed(let renewal, _, _) = try #require(life.history.last) else {
      Issue.record("it was not renewed")
      return
    }
    #expect(renewal.addOns == [Self.continued, Self.dropped])
    var keeps = Life.issued(Life.terms(addOns: ["dental"]))
    try keeps.give(keeps.renewal(plan: "silver", on: "2027-10-15"))
    #expect(keeps.addOns("2028-01-01") == ["dental 66"])
  }

  @Test("new rates of an add-on reach who holds it, and leave the plan's rate as it is")
  func newRates() throws {
    var life = Life.issued(Life.terms(addOns: ["dental"]))
    try life.change(.adoptRates(plan: "dental"), .rateChange, from: "2028-02-01", on: "2027-12-20")
    #expect(life.addOns("2028-01-31") == ["dental 60"] && life.addOns("2028-02-01") == ["dental 66"])
    #expect(life.price("2028-02-01") == 300)
    #expect(throws: Policy.Refusal.otherPlan("vision", on: day("2028-02-01"))) {
      try life.change(.adoptRates(plan: "vision"), .rateChange, from: "2028-02-01", on: "2027-12-20")
    }
  }

  @Test("by how much an add-on moves the premium is said apart, to the day")
  func difference() throws {
    var life = Life.issued()
    let before = life.state.premium
    try life.change(.addAddOn("dental"), .exchange, from: "2027-03-16", on: "2027-03-20")
    let difference = PremiumDifference(from: before, to: life.state.premium, through: day("2027-05-01"))
    #expect(difference.monthly.segments.map(\.value.addOns) == [dollars(60)])
    // 16 of 31 days of $60.00, and April.
    #expect(difference.sum.addOns == Money(cents: 30_97 + 60_00))
    #expect(difference.sum.gross.isZero && difference.sum.net == difference.sum.addOns)
  }
}
