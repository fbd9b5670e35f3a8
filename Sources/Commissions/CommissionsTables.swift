// Policies and their producers, what was posted, appointments and statements, as rows.

import Kernel
import Runtime

enum CommissionsTables {
  /// `producer_id` is of the newest tenure; `edition` that of the schedule it was assessed under.
  static let policies = Table(
    "commission_policies",
    columns: [.text("policy_id"), .text("state"), .text("producer_id", nullable: true), .integer("edition")],
    key: ["policy_id"], indexes: [.on("producer_id"), .on("edition")])

  /// What was posted, line by line. `posted_in` is the first day of the month of `posted_on`.
  static let lines = Table(
    "commission_lines",
    columns: [
      .text("policy_id"), .integer("version"), .integer("ordinal"), .text("producer_id"), .text("month"),
      .integer("earned_cents"), .integer("taken_back_cents"), .text("rule"), .text("posted_on"), .text("posted_in"),
    ],
    key: ["policy_id", "version", "ordinal"], indexes: [.on("posted_in", "producer_id"), .on("producer_id")],
    checks: [.nonNegative("earned_cents"), .nonNegative("taken_back_cents")])

  static let appointments = Table(
    "appointments",
    columns: [.text("producer_id"), .text("state"), .text("from_on"), .text("to_on", nullable: true)],
    key: ["producer_id", "state", "from_on"])

  /// One a producer and month.
  static let statements = Table(
    "commission_statements",
    columns: [
      .text("statement_id"), .text("producer_id"), .text("month"), .integer("earned_cents"),
      .integer("taken_back_cents"), .integer("brought_forward_cents"), .integer("to_pay_cents"),
      .integer("carried_forward_cents"), .text("issued_on"),
    ],
    key: ["statement_id"], indexes: [.unique("producer_id", "month"), .on("month")],
    checks: [.nonNegative("earned_cents"), .nonNegative("taken_back_cents"), .nonNegative("to_pay_cents")])

  static let all = [policies, lines, appointments, statements]
}

extension Commission {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    let policy = Value.text(recorded.stream.rawValue)
    switch recorded.event {
    case .invoiceIssued, .invoiceAdjusted, .invoicePaid, .invoiceReopened, .invoiceVoided: return []
    case .policyKnown(let facts, let edition):
      return [
        .put(
          CommissionsTables.policies,
          [policy, .text(facts.state), Value(state.newestProducer), .integer(Int64(edition))])
      ]
    case .producerAssigned:
      return [.set(CommissionsTables.policies, key: [policy], [("producer_id", Value(state.newestProducer))])]
    case .assessed(let edition):
      return [.set(CommissionsTables.policies, key: [policy], [("edition", .integer(Int64(edition)))])]
    case .posted(let movements):
      return movements.enumerated().map { ordinal, movement in
        .put(
          CommissionsTables.lines,
          [
            policy, .integer(recorded.version), .integer(Int64(ordinal)), .text(movement.producer.description),
            .text(movement.month.description), .integer(max(0, movement.cents)), .integer(max(0, -movement.cents)),
            .text(movement.rule), .text(recorded.on.description), .text(recorded.on.firstOfMonth.description),
          ])
      }
    }
  }
}

extension Commission.State {
  fileprivate var newestProducer: String? { tenures.last?.producer?.description }
}

extension Producer {
  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    switch recorded.event {
    case .appointed(let id, let appointment):
      return [
        .put(
          CommissionsTables.appointments,
          [
            .text(id.description), .text(appointment.state), .text(appointment.from.description),
            Value(appointment.to?.description),
          ])
      ]
    case .statementIssued(let statement, of: let id):
      return [
        .put(
          CommissionsTables.statements,
          [
            .text(statement.id.description), .text(id.description), .text(statement.month.description),
            .integer(statement.earnedCents), .integer(-statement.clawedBackCents),
            .integer(statement.broughtForwardCents), .integer(statement.toPayCents),
            .integer(statement.carriedForwardCents), .text(statement.issuedOn.description),
          ])
      ]
    }
  }
}
