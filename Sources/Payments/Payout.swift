// One transfer to one payee for the claims approved on one day. It gathers until the day is over and is paid when the
// next business day starts; what is approved later goes into the next day's.
//
//   gathering -> submitted -> posted
//                  |   ^
//                  +---+ unanswered: looked up again; declined: sent again on the next business day

import Kernel
import Runtime

enum Payout: Aggregate {
  static let kind = "payout"
  static let initial = State()

  /// Claims a transfer; what is more goes into the next day's.
  static let mostClaims = 500

  struct State: Codable, Hashable, Sendable {
    /// Nil until there is something to pay.
    var payee: Payee?
    var payables: [Payable] = []
    var stage = Stage.gathering
    /// Declined transfers so far.
    var declines = 0
    var silences = 0
    /// When the transfer is due, or its outcome is to be looked up; nil once posted.
    var dueAt: Instant?
  }

  struct Payee: Codable, Hashable, Sendable {
    let payoutID: PayoutID
    let payeeID: PayeeID
    let npi: String
    /// The day whose claims it gathers.
    let day: CalendarDate
  }

  /// What one claim pays.
  struct Payable: Codable, Hashable, Sendable {
    let claimID: ClaimID
    let policyID: PolicyID
    let amount: Money
  }

  enum Stage: String, Codable, Sendable, CaseIterable {
    case gathering
    /// Handed over; the answer is not known.
    case submitted
    /// The bank sent it back; it is sent again.
    case declined
    case posted
  }

  enum Command: Sendable {
    case add(Payable, to: Payee)
    case submit(at: Instant)
    case leaveUnanswered(at: Instant)
    case post(trace: String, on: CalendarDate)
    case decline(code: String, on: CalendarDate)
  }

  enum Event: Codable, Hashable, Sendable {
    case opened(Payee)
    case added(Payable)
    case submitted(at: Instant)
    case unanswered(at: Instant)
    case posted(trace: String, on: CalendarDate)
    case declined(code: String, on: CalendarDate)
  }

  static func name(of event: Event) -> String {
    switch event {
    case .opened: "opened"
    case .added: "added"
    case .submitted: "submitted"
    case .unanswered: "unanswered"
    case .posted: "posted"
    case .declined: "declined"
    }
  }

  static func nextStep(for state: State) -> Instant? { state.dueAt }
}

extension Payout.Payee {
  /// A payee has one payout a day, so its identifier follows from both.
  init(_ payeeID: PayeeID, npi: String, day: CalendarDate) {
    self.init(
      payoutID: PayoutID(at: Instant(date: day), derivedFrom: "payout/\(payeeID)"), payeeID: payeeID, npi: npi,
      day: day)
  }
}

extension Payout.State {
  var total: Money { payables.reduce(.zero) { $0 + $1.amount } }

  /// Whether a claim belongs into this payout, or can still be added.
  func takes(_ claimID: ClaimID) -> Bool {
    holds(claimID) || (stage == .gathering && payables.count < Payout.mostClaims)
  }

  func holds(_ claimID: ClaimID) -> Bool { payables.contains { $0.claimID == claimID } }
}

extension CalendarDate {
  /// The first weekday after this day. Bank holidays are not known here: a transfer sent on one settles the day after.
  var nextBusinessDay: CalendarDate {
    switch dayOfWeek {
    case .friday: adding(days: 3)
    case .saturday: adding(days: 2)
    case .sunday, .monday, .tuesday, .wednesday, .thursday: adding(days: 1)
    }
  }
}
