// What one policy earns whom. The state holds the facts that a commission follows from and what was posted so far; what
// should exist is computed from the facts (Assessment), and the difference is posted.
//
//   (unheard of) -> known -> assigned
//
// Vocabulary: a tenure is the time that a producer is of record; a movement is what is posted for a month and producer,
// negative where it takes something back (clawback).

import Kernel
import Runtime

enum Commission: Aggregate {
  static let kind = "commission"

  /// Months behind the newest that was billed in which a commission is still corrected. Billing corrects 15.
  static let openMonths = 24

  /// A policy in the eyes of Commissions: no names, no birth dates.
  struct Facts: Hashable, Sendable, Codable {
    /// Some days, open where `to` is nil.
    struct Span: Hashable, Sendable, Codable {
      let from: CalendarDate
      /// The first day behind it.
      let to: CalendarDate?
    }

    /// Of the policy; older snapshots are ignored.
    let version: Int64
    let state: String
    let channel: String
    /// The level on each day that is covered; none while it is paused, and none from its end on.
    let levels: Timeline<CommissionSchedule.Level>
    /// The days of each member.
    let members: [Span]
    /// The first day behind the first term; nil until there is a second.
    let renewedOn: CalendarDate?
  }

  /// Who is of record, from a day until the next tenure.
  struct Tenure: Hashable, Sendable, Codable {
    let from: CalendarDate
    /// Nil is nobody.
    let producer: ProducerID?
  }

  /// The premium of one month, as billed.
  struct Share: Hashable, Sendable, Codable {
    /// Its first day.
    let month: CalendarDate
    /// Before the tax credit.
    var grossCents: Int64
    /// What the member owes.
    var netCents: Int64
  }

  struct Invoice: Hashable, Sendable, Codable {
    let id: InvoiceID
    /// One for each month that it bills, oldest first.
    var shares: [Share]
    var isPaid = false
  }

  /// What has been posted for a month and producer, in sum; never zero.
  struct Posted: Hashable, Sendable, Codable {
    let month: CalendarDate
    let producer: ProducerID
    var cents: Int64
  }

  /// What is posted for a month and producer: earned, or taken back where it is negative.
  struct Movement: Hashable, Sendable, Codable {
    let month: CalendarDate
    let producer: ProducerID
    let cents: Int64
    /// The rule of what is due now; empty where nothing is.
    let rule: String
  }

  struct State: Hashable, Sendable, Codable {
    /// Nil until the policy is heard of.
    var facts: Facts?
    /// The edition of the schedule that it was assessed under.
    var edition = 0
    /// By their days.
    var tenures: [Tenure] = []
    var invoices: [Invoice] = []
    var posted: [Posted] = []
    /// What was posted for months before this one stays.
    var closedBefore: CalendarDate?
  }

  /// What other contexts tell.
  enum News: Sendable {
    case policy(Facts)
    case invoiceIssued(InvoiceID, [Share])
    /// What is billed changes by so much.
    case invoiceAdjusted(InvoiceID, by: [Share])
    case invoicePaid(InvoiceID)
    /// What was paid was sent back, and is owed again.
    case invoiceReopened(InvoiceID)
    case invoiceVoided(InvoiceID)
  }

  enum Command: Sendable {
    case learn(News, under: CommissionSchedule)
    /// - Parameters:
    ///   - appointments: of the producer.
    case assign(
      Tenure, reason: String, appointments: [Producer.Appointment], on: CalendarDate, under: CommissionSchedule)
    /// The schedule is another.
    case assess(under: CommissionSchedule)
  }

  enum Event: Hashable, Sendable, Codable {
    case policyKnown(Facts, edition: Int)
    case producerAssigned(Tenure, reason: String)
    case invoiceIssued(InvoiceID, [Share])
    case invoiceAdjusted(InvoiceID, by: [Share])
    case invoicePaid(InvoiceID)
    case invoiceReopened(InvoiceID)
    case invoiceVoided(InvoiceID)
    case assessed(edition: Int)
    case posted([Movement])
  }

  /// In the order in which they are looked for.
  enum Refusal: Kernel.Refusal, Hashable {
    case unknownPolicy
    case tooFarBack(CalendarDate, earliest: CalendarDate)
    case notAppointed(ProducerID, state: String, on: CalendarDate)
  }

  static let initial = State()

  static func name(of event: Event) -> String {
    switch event {
    case .policyKnown: "policyKnown"
    case .producerAssigned: "producerAssigned"
    case .invoiceIssued: "invoiceIssued"
    case .invoiceAdjusted: "invoiceAdjusted"
    case .invoicePaid: "invoicePaid"
    case .invoiceReopened: "invoiceReopened"
    case .invoiceVoided: "invoiceVoided"
    case .assessed: "assessed"
    case .posted: "posted"
    }
  }
}

extension Commission.Refusal {
  var problem: Problem {
    switch self {
    case .unknownPolicy:
      Problem(
        kind: .notFound, code: "commissions.unknown_policy", detail: "Commissions has not heard of this policy.",
        remedy: "Check the identifier. A policy is heard of when it is bound; a moment later try again.",
        fields: ["policy_id": "is not known"])
    case .tooFarBack(let day, let earliest):
      Problem(
        kind: .precondition, code: "commissions.too_far_back",
        detail: "A producer cannot be of record from \(day): the schedule goes back to \(earliest).",
        remedy: "Assign from \(earliest) on, or have the limit of the schedule changed.",
        fields: ["from": "is before \(earliest)"])
    case .notAppointed(let producer, let state, let day):
      Problem(
        kind: .precondition, code: "commissions.not_appointed",
        detail: "Producer \(producer) has no appointment for \(state) on \(day).",
        remedy: "Record the appointment, or assign a producer who has one.",
        fields: ["producer_id": "is not appointed for \(state) on \(day)"])
    }
  }
}
