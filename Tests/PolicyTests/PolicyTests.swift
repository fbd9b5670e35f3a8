import Kernel
@testable import Policy
import Runtime
import Testing

@Suite("Policy: the rules of its life")
struct PolicyRules {
  static let start = day("2027-01-01")
  static let terms = Policy.Terms(
    number: "P0123456789", state: "IL", ratingArea: "IL-1", planID: "il-silver-3000", planName: "Silver", level: 3,
    effectiveDate: start, members: [.init("pty_1", .subscriber), .init("pty_2", .child)],
    premium: Timeline(
      Policy.Price(planID: "il-silver-3000", gross: Money(cents: 50_000), aptc: Money(cents: 12_000)), from: start),
    channel: "exchange", identifiers: [], rules: [], quotedOn: day("2026-12-01"))
  static let bound: [Policy.Event] = [.applied(terms), .bound(on: day("2026-12-02"))]
  static let issued: [Policy.Event] = bound + [.issued(on: day("2026-12-20"), waiver: nil)]
  static let leaving = Policy.End(on: day("2027-06-01"), reason: .voluntary)

  @Test("the way from application to the end of coverage")
  func life() throws {
    var history: [Policy.Event] = []
    for command: Policy.Command in [
      .apply(Self.terms), .bind(on: day("2026-12-02")), .issue(on: day("2026-12-20"), waiver: nil),
      .terminate(Self.leaving, on: day("2027-04-10")), .end(on: day("2027-06-01")),
    ] {
      history += try Policy.decide(command, in: Policy.replay(history))
    }
    #expect(history.map(Policy.name) == ["applied", "bound", "issued", "terminated", "ended"])
    let state = Policy.replay(history)
    #expect(state.status == "terminated" && state.end == Self.leaving)
    #expect(state.terms?.premium.lastEnd == Self.leaving.on)
  }

  @Test("an end to come is waited for, an end that has passed is at once")
  func ends() throws {
    let coming = Policy.replay(
      Self.issued + (try Policy.decide(.terminate(Self.leaving, on: day("2027-04-10")), in: Policy.replay(Self.issued)))
    )
    #expect(coming.status == "active" && Policy.nextStep(for: coming) == Instant(date: Self.leaving.on))
    #expect(
      try Policy.decide(.terminate(Self.leaving, on: Self.leaving.on), in: Policy.replay(Self.issued)) == [
        .terminated(Self.leaving, ended: true)
      ])
  }

  @Test("before it comes into force a termination is a cancellation from the start")
  func cancels() throws {
    for history in [[Policy.Event.applied(Self.terms)], Self.bound] {
      #expect(
        try Policy.decide(.terminate(Self.leaving, on: day("2026-12-05")), in: Policy.replay(history))
          == [.cancelled(Policy.End(on: Self.start, reason: .voluntary))])
    }
  }

  @Test("each refusal", arguments: refusals)
  func refused(history: [Policy.Event], command: Policy.Command, refusal: Policy.Refusal) {
    #expect(throws: refusal) { try Policy.decide(command, in: Policy.replay(history)) }
    #expect(refusal.problem.code.hasPrefix("policy.") && !refusal.problem.remedy.isEmpty)
  }

  static let refusals: [([Policy.Event], Policy.Command, Policy.Refusal)] = [
    ([], .bind(on: start), .unknown),
    ([.applied(terms)], .apply(terms), .alreadyApplied),
    ([], .apply(changed { $0.members.removeFirst() }), .notOneSubscriber(0)),
    ([], .apply(changed { $0.members[1] = .init("pty_2", .subscriber) }), .notOneSubscriber(2)),
    ([], .apply(changed { $0.members.append(.init("pty_2", .child)) }), .memberTwice("pty_2")),
    (
      [],
      .apply(
        changed {
          $0.premium = Timeline(.init(planID: "p", gross: Money(cents: 1), aptc: Money(cents: 2)), from: start)
        }),
      .subsidyAbovePremium(aptc: Money(cents: 2), gross: Money(cents: 1))
    ),
    (bound, .bind(on: start), .notApplied(status: "pending_payment")),
    ([.applied(terms)], .issue(on: start, waiver: nil), .notPendingPayment(status: "applied")),
    (issued, .issue(on: start, waiver: nil), .notPendingPayment(status: "active")),
    (issued, .terminate(.init(on: start, reason: .death), on: start), .endNotAfterStart(end: start, start: start)),
    (
      issued, .terminate(.init(on: day("2026-11-01"), reason: .moved), on: start),
      .endNotAfterStart(end: day("2026-11-01"), start: start)
    ),
    (issued + [.terminated(leaving, ended: false)], .terminate(leaving, on: start), .alreadyEnding(on: leaving.on)),
    (issued + [.terminated(leaving, ended: false)], .end(on: start), .notOver(until: leaving.on)),
    (issued + [.terminated(leaving, ended: true)], .end(on: leaving.on), .alreadyEnding(on: leaving.on)),
    (bound + [.cancelled(.init(on: start, reason: .voluntary))], .issue(on: start, waiver: nil), .cancelled),
  ]

  private static func changed(_ change: (inout Policy.Terms) -> Void) -> Policy.Terms {
    var terms = terms
    change(&terms)
    return terms
  }
}

@Suite("Quote: becomes at most one policy")
struct QuoteRules {
  static let terms = Quote.Terms(
    household: Quote.Household(state: "IL", county: "Cook", postalCode: "60616", people: []),
    effectiveDate: day("2027-01-01"), aptc: .zero,
    offers: [.init(planID: "a", planName: "A", level: 2, monthly: Money(cents: 1), ratingArea: "IL-1", rules: [])],
    issuedOn: day("2026-12-01"))

  @Test(
    "it is good for thirty days and for one of its offers, once",
    arguments: [
      (
        [Quote.Event.issued(terms)], Quote.Command.take(plan: "a", policy: "pol_1", on: day("2026-12-31")),
        Quote.Refusal?.none
      ),
      ([.issued(terms)], .take(plan: "a", policy: "pol_1", on: day("2027-01-01")), .expired(on: day("2026-12-31"))),
      (
        [.issued(terms)], .take(plan: "b", policy: "pol_1", on: day("2026-12-02")), .planNotOffered("b", offered: ["a"])
      ),
      (
        [.issued(terms), .taken(policy: "pol_1")], .take(plan: "a", policy: "pol_2", on: day("2026-12-02")),
        .taken(policy: "pol_1")
      ),
      ([], .take(plan: "a", policy: "pol_1", on: day("2026-12-02")), .unknown),
      (
        [],
        .issue(
          .init(
            household: terms.household, effectiveDate: terms.effectiveDate, aptc: .zero, offers: [],
            issuedOn: terms.issuedOn)), .nothingOnSale
      ),
      (
        [],
        .issue(
          .init(
            household: terms.household, effectiveDate: terms.effectiveDate, aptc: Money(cents: -1),
            offers: terms.offers, issuedOn: terms.issuedOn)), .negativeSubsidy
      ),
    ])
  func rules(history: [Quote.Event], command: Quote.Command, refusal: Quote.Refusal?) throws {
    guard let refusal else {
      #expect(try Quote.decide(command, in: Quote.replay(history)) == [.taken(policy: "pol_1")])
      return
    }
    #expect(throws: refusal) { try Quote.decide(command, in: Quote.replay(history)) }
  }
}

private func day(_ text: String) -> CalendarDate {
  guard let date = CalendarDate(iso: text) else { preconditionFailure("\(text) is no date") }
  return date
}

extension Policy.Member {
  fileprivate init(_ party: String, _ relationship: Policy.Relationship) {
    self.init(partyID: party, relationship: relationship, birthDate: nil, tobacco: false, number: "N1", givenName: "")
  }
}
