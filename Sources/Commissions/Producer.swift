// A producer: where it is appointed, and what its statements say. A month's statement is issued once, after the month;
// what it leaves open is brought forward to the next.
//
//   earned + clawed back + brought forward = to pay + carried forward
//
// To pay is never below zero, and carried forward is never above.

import Contracts
import Courier
import Kernel
import Runtime

enum Producer: Aggregate {
  static let kind = "producer"

  /// The carrier's appointment, with the state's licence behind it.
  struct Appointment: Hashable, Sendable, Codable {
    /// Two-letter USPS code.
    let state: String
    let from: CalendarDate
    /// The first day without; nil is open.
    let to: CalendarDate?

    func holds(in state: String, on day: CalendarDate) -> Bool {
      self.state == state && from <= day && (to.map { day < $0 } ?? true)
    }
  }

  /// What was posted in a month.
  struct MonthSum: Hashable, Sendable {
    /// Its first day.
    let month: CalendarDate
    let earnedCents: Int64
    /// Never positive.
    let clawedBackCents: Int64
  }

  struct Statement: Hashable, Sendable, Codable {
    let id: StatementID
    let month: CalendarDate
    let earnedCents: Int64
    let clawedBackCents: Int64
    let broughtForwardCents: Int64
    let issuedOn: CalendarDate

    var sumCents: Int64 { earnedCents + clawedBackCents + broughtForwardCents }
    var toPayCents: Int64 { max(0, sumCents) }
    var carriedForwardCents: Int64 { min(0, sumCents) }
  }

  struct State: Hashable, Sendable, Codable {
    /// Nil until it is appointed.
    var id: ProducerID?
    /// By state and first day.
    var appointments: [Appointment] = []
    /// What the last statement left open; never positive.
    var carriedForwardCents: Int64 = 0
    var lastStatementMonth: CalendarDate?
  }

  enum Command: Sendable {
    case appoint(ProducerID, Appointment)
    /// A month that has been stated is left as it is.
    case state(MonthSum, of: ProducerID, on: CalendarDate)
  }

  enum Event: Hashable, Sendable, Codable {
    case appointed(ProducerID, Appointment)
    case statementIssued(Statement, of: ProducerID)
  }

  enum Refusal: Kernel.Refusal, Hashable {
    case endsBeforeItBegins(Appointment)
    case tooManyAppointments(Int)
  }

  /// Appointments a producer may have: several in every state, and a bound on its state.
  static let mostAppointments = 500

  static let initial = State()

  static func name(of event: Event) -> String {
    switch event {
    case .appointed: "appointed"
    case .statementIssued: "statementIssued"
    }
  }
}

extension Producer.Refusal {
  var problem: Problem {
    switch self {
    case .endsBeforeItBegins(let appointment):
      Problem(
        kind: .invalid, code: "commissions.appointment_reversed",
        detail: "The appointment for \(appointment.state) begins on \(appointment.from) and ends before the day after.",
        remedy: "Correct its days.", fields: ["appointment.to": "is not after appointment.from"])
    case .tooManyAppointments(let count):
      Problem(
        kind: .exhausted, code: "commissions.too_many_appointments",
        detail: "The producer would have \(count) appointments; \(Producer.mostAppointments) are allowed.",
        remedy: "Change those that are there: an appointment of the same state and first day is replaced.")
    }
  }
}

extension Producer {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    switch command {
    case .appoint(let id, let appointment):
      if let to = appointment.to, to <= appointment.from { throw .endsBeforeItBegins(appointment) }
      guard !state.appointments.contains(appointment) else { return [] }
      let next = evolve(state, with: .appointed(id, appointment)).appointments.count
      guard next <= mostAppointments else { throw .tooManyAppointments(next) }
      return [.appointed(id, appointment)]
    case .state(let sum, of: let id, on: let day):
      guard state.lastStatementMonth.map({ $0 < sum.month }) ?? true else { return [] }
      return [
        .statementIssued(
          Statement(
            id: StatementID(at: Instant(date: sum.month), derivedFrom: "statement/\(id)"), month: sum.month,
            earnedCents: sum.earnedCents, clawedBackCents: sum.clawedBackCents,
            broughtForwardCents: state.carriedForwardCents, issuedOn: day), of: id)
      ]
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch event {
    case .appointed(let id, let appointment):
      state.id = id
      state.appointments.removeAll { $0.state == appointment.state && $0.from == appointment.from }
      state.appointments.append(appointment)
      state.appointments.sort { ($0.state, $0.from) < ($1.state, $1.from) }
    case .statementIssued(let statement, of: let id):
      state.id = id
      state.carriedForwardCents = statement.carriedForwardCents
      state.lastStatementMonth = statement.month
    }
    return state
  }
}
