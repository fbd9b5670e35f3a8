// Appointments and statements: the pure core.

import Kernel
import Testing

@testable import Commissions

@Suite struct `A producer's statements` {
  /// What was posted in each month, and what the statement says: brought forward, to pay, carried forward.
  @Test func `pay what was earned, and carry forward what was clawed back beyond it`() throws {
    let months: [(month: String, earned: Int64, clawedBack: Int64, says: [Int64])] = [
      ("2027-01-01", 100_00, 0, [0, 100_00, 0]),
      ("2027-02-01", 20_00, -80_00, [0, 0, -60_00]),
      ("2027-03-01", 40_00, 0, [-60_00, 0, -20_00]),
      ("2027-05-01", 50_00, -5_00, [-20_00, 25_00, 0]),
      ("2027-06-01", 0, 0, [0, 0, 0]),
    ]
    var state = Producer.initial
    for (month, earned, clawedBack, says) in months {
      let sum = Producer.MonthSum(month: day(month), earnedCents: earned, clawedBackCents: clawedBack)
      let events = try Producer.decide(.state(sum, of: ann, on: day("2027-07-05")), in: state)
      guard case .statementIssued(let statement, of: ann)? = events.first else {
        Issue.record("no statement for \(month)")
        return
      }
      #expect([statement.broughtForwardCents, statement.toPayCents, statement.carriedForwardCents] == says)
      state = Producer.replay(events, from: state)
      // A month is stated once.
      #expect(try Producer.decide(.state(sum, of: ann, on: day("2027-07-05")), in: state) == [])
    }
  }
}

@Suite struct `A producer's appointments` {
  private func appointment(_ from: String, _ to: String = "") -> Producer.Appointment {
    Producer.Appointment(state: "IL", from: day(from), to: CalendarDate(iso: to))
  }

  @Test func `are replaced by one of the same state and day, and said twice change nothing`() throws {
    let first = try Producer.decide(.appoint(ann, appointment("2027-01-01")), in: Producer.initial)
    let appointed = Producer.replay(first)
    #expect(try Producer.decide(.appoint(ann, appointment("2027-01-01")), in: appointed) == [])
    let ended = try Producer.decide(.appoint(ann, appointment("2027-01-01", "2028-01-01")), in: appointed)
    #expect(Producer.replay(ended, from: appointed).appointments == [appointment("2027-01-01", "2028-01-01")])
  }

  @Test func `end after they begin, and are at most 500`() throws {
    let reversed = appointment("2027-01-01", "2027-01-01")
    #expect(throws: Producer.Refusal.endsBeforeItBegins(reversed)) {
      try Producer.decide(.appoint(ann, reversed), in: Producer.initial)
    }
    var full = Producer.initial
    for number in 0..<Producer.mostAppointments {
      full.appointments.append(.init(state: "IL", from: day("2014-01-01").adding(days: number), to: nil))
    }
    #expect(throws: Producer.Refusal.tooManyAppointments(501)) {
      try Producer.decide(.appoint(ann, appointment("2027-01-01")), in: full)
    }
  }
}
