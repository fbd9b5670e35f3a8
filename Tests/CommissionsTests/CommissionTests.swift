// What a policy earns whom, as things become known: the pure core.

import Kernel
import Testing

@testable import Commissions

@Suite struct `A commission is earned` {
  @Test func `by a month once it is paid, and by none before`() throws {
    var story = try Story.ofAnn(.perMember())
    #expect(try story.issue("2027-01") == [])
    #expect(try story.pay("2027-01") == ["2027-01 ann 2000"])
    #expect(try story.pay("2027-01") == [])
  }

  @Test func `by a month that a tax credit pays in full`() throws {
    var story = try Story.ofAnn(.perMember())
    #expect(try story.bill("2027-01", net: 0) == ["2027-01 ann 2000"])
  }

  @Test func `at the rate of renewals from the second term on`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.policy(.policy(renewedOn: "2028-01-01"))
    #expect(try story.bill("2027-12", "2028-01") == ["2027-12 ann 2000", "2028-01 ann 1600"])
  }

  @Test func `for a newborn from the month of the birth, though told two months later`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.bill("2027-01", "2027-02", "2027-03")
    let family = Commission.Facts.policy(members: [("2027-01-01", ""), ("2027-02-15", "")])
    #expect(try story.policy(family) == ["2027-02 ann 2000", "2027-03 ann 2000"])
  }

  @Test func `for a member to the month in which he leaves`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.policy(.policy(members: [("2027-01-01", ""), ("2027-01-01", "2027-02-10")]))
    #expect(
      try story.bill("2027-01", "2027-02", "2027-03")
        == ["2027-01 ann 4000", "2027-02 ann 4000", "2027-03 ann 2000"])
  }

  @Test(arguments: [
    (CommissionSchedule.Basis.ofGrossPremium(basisPoints: 450), Int64(13_52)),
    (.ofNetPremium(basisPoints: 450), 4_50), (.perPolicyPerMonth(cents: 7_00), 7_00),
    (.perMemberPerMonth(cents: 18_00), 36_00),
  ])
  func `on its basis, to the nearest cent`(_ basis: CommissionSchedule.Basis, _ cents: Int64) throws {
    var story = try Story.ofAnn(.with([.rule(basis)]))
    try story.policy(.policy(members: [("2027-01-01", ""), ("2027-01-01", "")]))
    #expect(try story.bill("2027-01", gross: 300_40, net: 100_00) == ["2027-01 ann \(cents)"])
  }

  @Test func `by the level of each month`() throws {
    var story = try Story.ofAnn(
      .with([.rule(.perPolicyPerMonth(cents: 500)), .rule(level: .gold, .perPolicyPerMonth(cents: 900))]))
    try story.bill("2027-01", "2027-02", "2027-03")
    // An upgrade in the middle of February is of March.
    #expect(try story.policy(.policy(levels: [("2027-02-15", .gold)])) == ["2027-03 ann 400"])
  }

  @Test func `by each month of an invoice for a quarter`() throws {
    var story = try Story.ofAnn(.perMember())
    let shares = ["2027-01-01", "2027-02-01", "2027-03-01"].map {
      Commission.Share(month: day($0), grossCents: 300_00, netCents: 100_00)
    }
    try story.when(.learn(.invoiceIssued(invoice("quarter"), shares), under: story.schedule))
    #expect(try story.pay("quarter") == ["2027-01 ann 2000", "2027-02 ann 2000", "2027-03 ann 2000"])
  }

  @Test func `by nobody while nobody is of record, and from the day of the assignment after that`() throws {
    var story = Story(try .perMember())
    try story.policy(.policy())
    #expect(try story.bill("2027-01", "2027-02") == [])
    #expect(try story.assign(ann, from: "2027-02-01", on: "2027-03-10") == ["2027-02 ann 2000"])
    #expect(try story.assign(nil, from: "2027-03-01", on: "2027-03-10") == [])
    #expect(try story.bill("2027-03") == [])
  }

  @Test func `whichever is heard first, the policy or its invoice`() throws {
    var story = Story(try .perMember())
    #expect(try story.bill("2027-01") == [])
    #expect(try story.policy(.policy()) == [])
    #expect(try story.assign(ann, from: "2027-01-01") == ["2027-01 ann 2000"])
  }
}

@Suite struct `A commission is clawed back` {
  @Test func `when the policy ends after two months and the rest was paid ahead`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.bill("2027-01", "2027-02", "2027-03", "2027-04")
    #expect(try story.policy(.policy(to: "2027-03-01")) == ["2027-03 ann -2000", "2027-04 ann -2000"])
    // Billing voids the invoices after that, which takes nothing twice.
    #expect(try story.void("2027-03") + story.void("2027-04") == [])
  }

  @Test func `when the policy is given back in the free look: all of it`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.bill("2027-01", "2027-02")
    #expect(try story.policy(.policy(to: "2027-01-01")) == ["2027-01 ann -2000", "2027-02 ann -2000"])
    #expect(story.sums.values.allSatisfy { $0 == 0 })
  }

  @Test func `when a payment goes back, until it is paid again`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.bill("2027-01")
    #expect(try story.sendBack("2027-01") == ["2027-01 ann -2000"])
    #expect(try story.sendBack("2027-01") == [])
    #expect(try story.pay("2027-01") == ["2027-01 ann 2000"])
  }

  @Test func `when an invoice is void, and earned again when the month is billed anew and paid`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.bill("2027-01")
    #expect(try story.void("2027-01") == ["2027-01 ann -2000"])
    #expect(try story.bill("2027-01") == ["2027-01 ann 2000"])
  }

  @Test func `in part when less premium is billed than was paid`() throws {
    var story = try Story.ofAnn(.with([.rule(.ofGrossPremium(basisPoints: 1_000))]))
    try story.bill("2027-01", gross: 300_00)
    let less = Commission.Share(month: day("2027-01-01"), grossCents: -100_00, netCents: -100_00)
    let adjusted = Commission.News.invoiceAdjusted(invoice("2027-01"), by: [less])
    #expect(try story.when(.learn(adjusted, under: story.schedule)) == ["2027-01 ann -1000"])
  }

  @Test func `when the month turns out to be one of a pause`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.bill("2027-01", "2027-02")
    #expect(try story.policy(.policy(paused: ("2027-02-01", "2027-03-01"))) == ["2027-02 ann -2000"])
  }

  @Test func `from one producer and given to the other, from two months back`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.bill("2027-01", "2027-02", "2027-03")
    #expect(
      try story.assign(bob, from: "2027-02-01", on: "2027-04-02") == [
        "2027-02 ann -2000", "2027-02 bob 2000", "2027-03 ann -2000", "2027-03 bob 2000",
      ])
    #expect(try story.bill("2027-04") == ["2027-04 bob 2000"])
  }

  @Test func `by a schedule that changes what is past, and only from the day that it says`() throws {
    var story = try Story.ofAnn(.with([.rule(.perPolicyPerMonth(cents: 20_00))]))
    try story.bill("2027-01", "2027-02", "2027-03")
    story.schedule = try .with(
      [.rule(.perPolicyPerMonth(cents: 20_00)), .rule(from: "2027-02-01", .perPolicyPerMonth(cents: 15_00))],
      edition: 2)
    #expect(try story.when(.assess(under: story.schedule)) == ["2027-02 ann -500", "2027-03 ann -500"])
    #expect(try story.when(.assess(under: story.schedule)) == [])
    #expect(story.state.edition == 2)
  }

  @Test func `no more when 24 later months are billed`() throws {
    var story = try Story.ofAnn(.perMember())
    try story.bill("2027-01", "2027-02")
    try story.bill("2029-02")
    #expect(story.state.closedBefore == day("2027-02-01"))
    #expect(try story.policy(.policy(to: "2027-01-01")) == ["2027-02 ann -2000", "2029-02 ann -2000"])
    #expect(try story.bill("2027-01") + story.void("2027-01") == [])
    #expect(story.sums["2027-01 ann"] == 20_00)
  }
}

@Suite struct `An assignment is refused` {
  private func refusal(
    _ tenure: Commission.Tenure, _ appointments: [Producer.Appointment], in state: Commission.State
  ) throws -> Commission.Refusal? {
    let schedule = try CommissionSchedule.perMember()
    do {
      _ = try Commission.decide(
        .assign(tenure, reason: "sold", appointments: appointments, on: day("2027-06-30"), under: schedule), in: state)
      return nil
    } catch {
      return error
    }
  }

  @Test func `for a policy that nobody has told of`() throws {
    let tenure = Commission.Tenure(from: day("2027-06-01"), producer: ann)
    #expect(try refusal(tenure, [], in: Commission.initial) == .unknownPolicy)
  }

  @Test(arguments: [
    // The first day that the limit of 180 days allows, and the one before.
    ("2027-01-01", "IL", "2014-01-01", "", Commission.Refusal?.none),
    ("2026-12-31", "IL", "2014-01-01", "", .tooFarBack(day("2026-12-31"), earliest: day("2027-01-01"))),
    ("2027-06-01", "NY", "2014-01-01", "", .notAppointed(ann, state: "IL", on: day("2027-06-01"))),
    ("2027-06-01", "IL", "2027-06-02", "", .notAppointed(ann, state: "IL", on: day("2027-06-01"))),
    ("2027-06-01", "IL", "2014-01-01", "2027-06-01", .notAppointed(ann, state: "IL", on: day("2027-06-01"))),
    ("2027-06-01", "IL", "2014-01-01", "2027-06-02", .none),
  ])
  func `too far back, or without an appointment for the state on the day`(
    _ from: String, _ state: String, _ appointedFrom: String, _ appointedTo: String, _ expected: Commission.Refusal?
  ) throws {
    let appointment = Producer.Appointment(
      state: state, from: day(appointedFrom), to: CalendarDate(iso: appointedTo))
    let known = Commission.replay([.policyKnown(.policy(), edition: 1)])
    #expect(try refusal(.init(from: day(from), producer: ann), [appointment], in: known) == expected)
    // To take the producer away needs no appointment.
    if case .notAppointed = expected {
      #expect(try refusal(.init(from: day(from), producer: nil), [], in: known) == nil)
    }
  }
}
