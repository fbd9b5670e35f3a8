import Kernel
import Testing

@testable import Policy

@Suite("Quote: becomes at most one policy")
struct QuoteRules {
  static let terms = Quote.Terms(
    household: Quote.Household(state: "IL", county: "Cook", postalCode: "60616", people: []),
    effectiveDate: day("2027-01-01"), aptc: .zero,
    offers: [.init(planID: "a", planName: "A", level: 2, monthly: Money(cents: 1), ratingArea: "IL-1", rules: [])],
    issuedOn: day("2026-12-01"))

  private static func quote(from date: String, on today: String) -> Quote.Terms {
    .init(
      household: terms.household, effectiveDate: day(date), aptc: .zero, offers: terms.offers, issuedOn: day(today))
  }

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

  @Test(
    "coverage begins within the days that the rules give, on the day of the quote and of the application",
    arguments: [
      ("2020-06-01", "2027-05-01", .tooFarBack(day("2020-06-01"), earliest: day("2027-01-31"), rule: back)),
      ("2027-01-30", "2027-05-01", .tooFarBack(day("2027-01-30"), earliest: day("2027-01-31"), rule: back)),
      ("2027-01-31", "2027-05-01", nil), ("2028-05-01", "2027-05-01", nil),
      ("2028-05-02", "2027-05-01", .tooFarAhead(day("2028-05-02"), latest: day("2028-05-01"), rule: "advance_limit@1")),
    ] as [(String, String, Quote.Refusal?)])
  func effectiveDate(date: String, today: String, refusal: Quote.Refusal?) throws {
    let quote = Self.quote(from: date, on: today)
    guard let refusal else {
      #expect(try Quote.decide(.issue(quote), in: .none) == [.issued(quote)])
      return
    }
    #expect(throws: refusal) { try Quote.decide(.issue(quote), in: .none) }
    #expect(refusal.problem.fields["effective_date"] != nil && !refusal.problem.remedy.isEmpty)
    let later = Quote.Command.take(plan: "a", policy: "pol_1", on: day(today))
    let early = Self.quote(from: date, on: day(today).adding(days: -30).description)
    #expect(throws: refusal) { try Quote.decide(later, in: .open(early)) }
  }

  private static let back = "retroactive_enrollment_limit@1"
}
