// What is stored of a policy is what it was, whatever people are called.

import Kernel
import Runtime
import Testing

@testable import Policy

@Suite("Policy: as it is stored")
struct StoredTests {
  private static let odd = "a|b\"\\\n12|é\u{1F9D1}"

  /// All that terms can have, in words that no form may trip over.
  private var terms: Policy.Terms {
    var terms = Life.terms(credit: 120, addOns: ["dental", "vision"])
    terms.originalEffectiveDate = day("2024-05-01")
    terms.identifiers = [.init(system: Self.odd, kind: "", value: "B|1/HLT|SILVER")]
    let person = Policy.Person(
      partyID: "pty_x", relationship: .child, birthDate: nil, tobacco: true, number: "", givenName: Self.odd)
    terms.members.append(Policy.Member(person: person, from: day("2027-02-01"), to: day("2027-03-01")))
    terms.plans.set(Self.odd, from: day("2027-04-01"))
    terms.places.set(Policy.Place(county: Self.odd, postalCode: ""), from: day("2027-05-01"))
    terms.taxCredits.set(Money(cents: 1, .usd), from: day("2027-06-01"))
    terms.termStarts.append(day("2028-01-01"))
    terms.pauses = [
      Policy.Pause(from: day("2027-07-01"), until: day("2027-08-01"), reason: .militaryService, isCutShort: true)
    ]
    terms.adoptedRates = [Policy.AdoptedRates(plan: Self.odd, from: day("2027-07-01"))]
    terms.rates.set(
      Policy.Rate(
        planID: "", planName: Self.odd, level: 0, ratingArea: "", gross: .zero, rules: ["", Self.odd],
        addOns: [
          Policy.AddOnRate(
            price: Policy.AddOnPrice(planID: "d", planName: Self.odd, kind: .vision, monthly: dollars(-1)), rules: [])
        ]), from: day("2027-07-01"), to: day("2027-09-01"))
    terms.rules = [Self.odd]
    terms.paymentSchedule = Policy.PaymentSchedule(
      timeline: .semiAnnual, mode: .arrears, billingDay: 31, alignment: .anniversary)
    return terms
  }

  private var states: [Policy.State] {
    let end = Policy.End(on: day("2027-10-01"), reason: .misrepresentation, note: Self.odd)
    let plain = Policy.InForce(
      terms: terms, issuedOn: day("2027-01-05"), ending: nil, notice: nil, asOf: day("2027-06-01"))
    let ending = Policy.InForce(
      terms: Life.terms(), issuedOn: day("2027-01-05"), ending: end,
      notice: Policy.RescissionNotice(
        on: day("2027-08-01"), reason: .fraud, earliest: day("2027-09-01"), rule: Self.odd),
      asOf: day("2027-09-30"))
    return [
      .none, .applied(terms), .pendingPayment(terms, boundOn: day("2026-12-02")), .active(plain), .paused(plain),
      .terminated(ending), .cancelled(terms, end), .voided(ending),
    ]
  }

  @Test func `in every stage it is read as it was written`() throws {
    for state in states { #expect(try Policy.stateForm.read(Policy.stateForm.write(state)) == state) }
  }

  @Test func `what was cut off anywhere is refused`() throws {
    for state in states {
      let bytes = Policy.stateForm.write(state)
      for end in bytes.indices {
        #expect(throws: (any Error).self) { try Policy.stateForm.read(Array(bytes[..<end])) }
      }
    }
  }

  @Test func `so are the terms and rates within its events`() throws {
    let span = Policy.RatedSpan(
      from: day("2028-01-01"), to: nil, rate: RateCard.rate(of: Life.terms(addOns: ["dental"]), on: day("2027-01-01")))
    let renewal = Policy.Renewal(from: day("2028-01-01"), plan: "gold", reason: Self.odd, rules: ["a@1"])
    for event in [Policy.Event.applied(terms), .renewed(renewal, rates: [span], on: day("2027-11-01"))] {
      #expect(try Policy.eventForm.read(Policy.eventForm.write(event)) == event)
    }
  }
}
