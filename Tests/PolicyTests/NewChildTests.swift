// Who joins a policy because of a birth or an adoption (45 CFR 155.420).

import Kernel
import Testing

@testable import Policy

@Suite("A birth or an adoption: whom it brings")
struct NewChildTests {
  private static let baby = Policy.Person("pty_baby", .child, born: "2027-04-10")
  private static let sister = Policy.Person("pty_sister", .child, born: "2003-03-01")
  private static let wife = Policy.Person("pty_wife", .spouse, born: "1983-01-01")

  /// A policy of one: Jane.
  private func jane() -> Life {
    var terms = Life.terms()
    terms.members.removeAll { $0.person.relationship != .subscriber }
    terms.rates = Timeline(RateCard.rate(of: terms, on: terms.effectiveDate), from: terms.effectiveDate)
    return Life.issued(terms)
  }

  private func add(
    _ person: Policy.Person, _ reason: Policy.ChangeReason, event: String = "2027-04-10", to life: inout Life
  ) throws(Policy.Refusal) {
    try life.change(.addMember(person), reason, event: event, on: "2027-05-01")
  }

  static let strangers: [(String, Policy.Person, Policy.ChangeReason)] = [
    ("a grown child", sister, .birth),
    ("a spouse, from a birth of nobody here", wife, .birth),
    ("a child that was born before", Policy.Person("pty_x", .child, born: "2027-03-01"), .birth),
    ("a child of whom nobody says when it was born", Policy.Person("pty_x", .child, born: nil), .birth),
    ("a spouse, from an adoption of nobody here", wife, .adoption),
  ]

  @Test("nobody, where the policy has no such child, and nothing changes", arguments: strangers)
  func refused(words: String, person: Policy.Person, reason: Policy.ChangeReason) throws {
    var life = jane()
    let before = life.history
    let refusal = Policy.Refusal.noNewChild(reason, on: day("2027-04-10"))
    #expect(throws: refusal) { try add(person, reason, to: &life) }
    #expect(life.history == before)
    #expect(refusal.problem.detail.contains("155.420"))
  }

  @Test("the newborn, and with it the others of the household from its birth")
  func household() throws {
    var life = jane()
    try add(Self.baby, .birth, to: &life)
    try add(Self.wife, .birth, to: &life)
    try add(Self.sister, .birth, to: &life)
    #expect(life.price("2027-04-09") == 100 && life.price("2027-04-10") == 400)
  }

  @Test("an adopted child of any birth date, and with it the others from that day")
  func adoption() throws {
    var life = jane()
    try add(Life.ann, .adoption, to: &life)
    try add(Self.wife, .adoption, to: &life)
    #expect(life.price("2027-04-09") == 100 && life.price("2027-04-10") == 300)
  }
}

@Suite("Reasons: those that fit a change are those that are offered")
struct ReasonTests {
  private static let changes: [(Policy.Change, fitting: [Policy.ChangeReason])] = [
    (.addMember(Policy.Person("pty_x", .child, born: "2027-04-10")), Policy.ChangeReason.toEnrol),
    (.choosePlan("gold"), Policy.ChangeReason.toEnrol),
    (.addAddOn("dental"), Policy.ChangeReason.toEnrol),
    (.removeAddOn("dental"), Policy.ChangeReason.toEnrol + [.request]),
    (.removeMember(party: "pty_ann"), Policy.ChangeReason.toLeave),
    (.move(state: "IL", Policy.Place(county: "Lake", postalCode: "60002")), Policy.ChangeReason.toMove),
    (.grantTaxCredit(dollars(1)), [.exchange]),
  ]

  @Test("every other one does not fit")
  func fitting() throws {
    let held = try #require(Life.issued().state.held)
    for (change, fitting) in Self.changes {
      for reason in Policy.ChangeReason.allCases {
        let wish = Policy.Wish(change: change, reason: reason, event: nil, effective: nil)
        var code = ""
        do { _ = try Policy.Endorsement(wish, of: held, on: day("2027-04-20")) } catch { code = error.problem.code }
        let isMisfit = ["policy.reason_does_not_fit", "policy.add_on_reason"].contains(code)
        #expect(isMisfit != fitting.contains(reason), "\(reason) for \(change.word): \(code)")
      }
    }
  }
}
