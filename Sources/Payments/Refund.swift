// Money that Billing gives back, sent to who it belongs to: one transfer a refund, as Billing asked for it.
//
//   ordered -> submitted -> posted
//                |   ^
//                +---+ unanswered: looked up again; declined: sent again on the next business day

import Contracts
import Courier
import Kernel
import Runtime

enum Refund: Aggregate {
  static let kind = "refund"
  static let initial = State()

  /// As Billing asked for it.
  struct Order: Codable, Hashable, Sendable {
    let refundID: RefundID
    let accountID: AccountID
    let policyID: PolicyID
    /// A party, or a name.
    let payee: String
    let amount: Money
    let on: CalendarDate
  }

  enum Stage: String, Codable, Sendable, CaseIterable {
    case ordered
    /// Handed over; the answer is not known.
    case submitted
    /// The bank sent it back; it is sent again.
    case declined
    case posted
  }

  struct State: Codable, Hashable, Sendable {
    /// Nil until it is ordered.
    var order: Order?
    var stage = Stage.ordered
    /// Declined transfers so far.
    var declines = 0
    var silences = 0
    /// When the transfer is due, or its outcome is to be looked up; nil once posted.
    var dueAt: Instant?
  }

  enum Command: Sendable {
    case order(Order)
    case submit(at: Instant)
    case leaveUnanswered(at: Instant)
    case post(trace: String, on: CalendarDate)
    case decline(code: String, on: CalendarDate)
  }

  enum Event: Codable, Hashable, Sendable {
    case ordered(Order)
    case submitted(at: Instant)
    case unanswered(at: Instant)
    case posted(trace: String, on: CalendarDate)
    case declined(code: String, on: CalendarDate)
  }

  enum Refusal: Kernel.Refusal, Equatable {
    case unknown
    case notPositive(RefundID, Money)
    case currencyDiffers(RefundID, Currency)
    case contradicted(RefundID, Stage)

    var problem: Problem {
      switch self {
      case .unknown:
        Problem(
          kind: .notFound, code: "payments.unknown_refund", detail: "There is no such refund.",
          remedy: "Ask Billing for it first.")
      case .notPositive(let id, let amount):
        Problem(
          kind: .invalid, code: "payments.amount_not_positive",
          detail: "Refund \(id) is of \(amount), which is not above zero.", remedy: "Correct the refund.")
      case .currencyDiffers(let id, let currency):
        Problem(
          kind: .invalid, code: "payments.currency_differs", detail: "Refund \(id) is in \(currency), not in USD.",
          remedy: "Correct the refund.")
      case .contradicted(let id, let stage):
        Problem(
          kind: .internalFault, code: "payments.contradicted",
          detail: "Refund \(id) is \(stage.rawValue) and the gateway now says otherwise.",
          remedy: "Settle it with the gateway by hand; nothing was changed.")
      }
    }
  }

  static func name(of event: Event) -> String {
    switch event {
    case .ordered: "ordered"
    case .submitted: "submitted"
    case .unanswered: "unanswered"
    case .posted: "posted"
    case .declined: "declined"
    }
  }

  static func nextStep(for state: State) -> Instant? { state.dueAt }
}

extension Refund {
  static func decide(_ command: Command, in state: State) throws(Refusal) -> [Event] {
    if case .order(let order) = command {
      guard state.order == nil else { return [] }
      guard order.amount.currency == .usd else { throw .currencyDiffers(order.refundID, order.amount.currency) }
      guard order.amount.isPositive else { throw .notPositive(order.refundID, order.amount) }
      return [.ordered(order)]
    }
    guard let order = state.order else { throw .unknown }
    switch (command, state.stage) {
    case (.order, _): return []
    case (.submit(let at), .ordered), (.submit(let at), .declined): return [.submitted(at: at)]
    case (.submit, .submitted), (.submit, .posted): return []
    case (.leaveUnanswered(let at), .submitted): return [.unanswered(at: at)]
    case (.post(let trace, let on), .submitted): return [.posted(trace: trace, on: on)]
    case (.decline(let code, let on), .submitted): return [.declined(code: code, on: on)]
    case (.leaveUnanswered, .posted), (.leaveUnanswered, .declined), (.post, .posted), (.decline, .declined): return []
    case (.leaveUnanswered, .ordered), (.post, .ordered), (.decline, .ordered), (.post, .declined), (.decline, .posted):
      throw .contradicted(order.refundID, state.stage)
    }
  }

  static func evolve(_ state: State, with event: Event) -> State {
    var state = state
    switch (event, state.stage) {
    case (.ordered(let order), .ordered):
      precondition(state.order == nil, "\(order.refundID) is ordered twice")
      state.order = order
      state.dueAt = Instant(date: order.on)
    case (.submitted(let at), .ordered), (.submitted(let at), .declined):
      state.stage = .submitted
      state.silences = 0
      state.dueAt = at
    case (.unanswered(let at), .submitted):
      state.dueAt = at.adding(seconds: Silence.seconds(after: state.silences))
      state.silences += 1
    case (.posted, .submitted):
      state.stage = .posted
      state.dueAt = nil
    case (.declined(_, let on), .submitted):
      state.stage = .declined
      state.declines += 1
      state.dueAt = Instant(date: on.nextBusinessDay)
    case (.ordered, _), (.submitted, _), (.unanswered, _), (.posted, _), (.declined, _):
      preconditionFailure("history is corrupt: \(name(of: event)) while \(state.stage)")
    }
    return state
  }

  static func rows(for recorded: Recorded<Event>, in state: State) -> [RowChange] {
    guard let order = state.order else { return [] }
    let id = Value.text(order.refundID.description)
    let stage = (column: "stage", value: Value.text(state.stage.rawValue))
    switch recorded.event {
    case .ordered:
      return [
        .put(
          PaymentsTables.refunds,
          [
            id, .text(order.accountID.description), .text(order.policyID.description), .text(order.payee),
            .integer(order.amount.cents), .text(order.on.description), stage.value, .null, .null,
          ])
      ]
    case .submitted, .declined: return [.set(PaymentsTables.refunds, key: [id], [stage])]
    case .unanswered: return []
    case .posted(let trace, let on):
      return [
        .set(
          PaymentsTables.refunds, key: [id],
          [stage, ("posted_on", .text(on.description)), ("trace_number", .text(trace))])
      ]
    }
  }

  static func publications(of recorded: Recorded<Event>, in state: State) -> [Publication] {
    switch recorded.event {
    case .posted(let trace, let on):
      guard let order = state.order else { return [] }
      var posted = Premia_Payments_V1_RefundPosted()
      posted.refundID = order.refundID.description
      posted.accountID = order.accountID.description
      posted.policyID = order.policyID.description
      posted.amount = Premia_Common_V1_Money(order.amount)
      posted.postedOn = on.description
      posted.traceNumber = trace
      return [Publication("Refund.Posted", about: order.policyID.description, posted)]
    case .ordered, .submitted, .unanswered, .declined: return []
    }
  }
}

extension Transfer {
  init(_ order: Refund.Order, declines: Int) {
    self.init(key: "\(order.refundID)/\(declines + 1)", payee: order.payee, amount: order.amount)
  }
}
