// Money that comes in by itself: receiving it, and what is done with what is in suspense.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime

extension PaymentsService {
  func receive(
    request: Premia_Payments_V1_ReceiveRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt {
    let funds = try Receipt.Funds(request.funds)
    let amount = try request.amount.money("amount")
    try Receipt.check(amount)
    guard !request.payer.isEmpty else { throw Problem.field("payer", "is missing") }
    guard !request.reference.isEmpty else { throw Problem.field("reference", "is missing") }
    guard !request.source.isEmpty else { throw Problem.field("source", "is missing") }
    let debtors = try Self.debtors(of: funds, request)
    if let known = try await receipt(from: request.source) {
      guard known.amount.cents == amount.cents, known.funds == request.funds, known.payer == request.payer else {
        throw Receipt.Refusal.receivedBefore(try ReceiptID(known.receiptID, field: "receipt_id"))
      }
      return known
    }
    return try await desk.act("Receive", request) { unit in
      let id = unit.newID(ReceiptTag.self, for: "receipt")
      let facts = Receipt.Facts(
        receiptID: id, source: request.source, funds: funds, payer: request.payer, reference: request.reference,
        remark: request.remark, amount: amount, debtors: debtors, receivedOn: unit.today)
      let applications = try await unit.apply(amount, funds, for: debtors, of: id)
      let state = try await unit.decide(
        Receipt.self, StreamID(id), .receive(facts, applications, facts.reasonForSuspense))
      return Premia_Payments_V1_Receipt(state, today: unit.today)
    }
  }

  /// Whom the money is for, as the request says; none where it is not known.
  ///
  /// - Throws: where policies are named in two ways, or twice.
  private static func debtors(
    of funds: Receipt.Funds, _ request: Premia_Payments_V1_ReceiveRequest
  ) throws(Problem) -> [Receipt.Debtor] {
    guard !request.policyIds.isEmpty else {
      let debtor = try Receipt.Debtor(of: funds, policy: request.policyID, payer: request.payerID)
      return debtor.map { [$0] } ?? []
    }
    guard funds == .memberPremium, request.policyID.isEmpty, request.payerID.isEmpty else {
      throw .field("policy_ids", "are of premium alone, and stand in place of policy_id")
    }
    guard request.policyIds.count <= mostPolicies, Set(request.policyIds).count == request.policyIds.count else {
      throw .field("policy_ids", "has a policy twice, or more than \(mostPolicies)")
    }
    var debtors: [Receipt.Debtor] = []
    for policy in request.policyIds { debtors.append(.policy(try PolicyID(policy, field: "policy_ids"))) }
    return debtors
  }

  /// Policies that are paid at once.
  private static let mostPolicies = 50

  func getReceipt(
    request: Premia_Payments_V1_GetReceiptRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt {
    let id = try ReceiptID(request.receiptID, field: "receipt_id")
    guard let row = try await engine.store.row(PaymentsTables.receipts, key: [.text(id.description)]) else {
      throw Receipt.Refusal.unknown
    }
    return Premia_Payments_V1_Receipt(row, today: engine.clock.now.date)
  }

  private func receipt(from source: String) async throws -> Premia_Payments_V1_Receipt? {
    let query = Query(PaymentsTables.receipts, where: [("source", .text(source))], limit: 1)
    return try await engine.store.rows(query).first.map {
      Premia_Payments_V1_Receipt($0, today: engine.clock.now.date)
    }
  }

  func listSuspense(
    request: Premia_Payments_V1_ListSuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListSuspenseResponse {
    var query = try Query(PaymentsTables.receipts, page: request.page)
    query.matching.append(("held", 1))
    if !request.payer.isEmpty { query.matching.append(("payer", .text(request.payer))) }
    if !request.reason.isEmpty {
      guard let reason = Receipt.Reason(rawValue: request.reason) else {
        let known = Receipt.Reason.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem.field("reason", "is '\(request.reason)'; it is one of \(known)")
      }
      query.matching.append(("reason", .text(reason.rawValue)))
    }
    let rows = try await engine.store.rows(query)
    let today = engine.clock.now.date
    var response = Premia_Payments_V1_ListSuspenseResponse()
    response.receipts = rows.map { Premia_Payments_V1_Receipt($0, today: today) }
    response.nextToken = query.token(after: rows)
    return response
  }

  func applySuspense(
    request: Premia_Payments_V1_ApplySuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt {
    let id = try ReceiptID(request.receiptID, field: "receipt_id")
    let asked = request.hasAmount ? try request.amount.money("amount") : nil
    if let asked { try Receipt.check(asked) }
    return try await desk.act("ApplySuspense", request) { unit in
      let held = try await unit.state(of: Receipt.self, StreamID(id))
      let (amount, funds) = try held.applicable(asked)
      guard let debtor = try Receipt.Debtor(of: funds, policy: request.policyID, payer: request.payerID) else {
        throw Problem.field(funds == .contribution ? "payer_id" : "policy_id", "is missing; say what it pays for")
      }
      let application = try await unit.apply(amount, funds, for: [debtor], of: id).first
      guard let application, application.amount == amount else {
        throw Receipt.Refusal.aboveOwed(debtor, amount, owed: application?.amount ?? .zero)
      }
      let state = try await unit.decide(Receipt.self, StreamID(id), .apply(application))
      return Premia_Payments_V1_Receipt(state, today: unit.today)
    }
  }

  func returnSuspense(
    request: Premia_Payments_V1_ReturnSuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt {
    let id = try ReceiptID(request.receiptID, field: "receipt_id")
    return try await desk.act("ReturnSuspense", request) { unit in
      let state = try await unit.decide(
        Receipt.self, StreamID(id), .giveBack(reason: request.reason, on: unit.today))
      return Premia_Payments_V1_Receipt(state, today: unit.today)
    }
  }

  /// What the exchange and other payers were billed and paid, and what is in suspense.
  func receiptTotals() async throws -> [Premia_Common_V1_Total] {
    let exchange = try await engine.store.tally(
      PaymentsTables.exchangeAccounts, by: [], sums: ["billed_cents", "received_cents"], where: []
    ).first
    let suspense = try await engine.store.tally(
      PaymentsTables.receipts, by: [], sums: ["suspense_cents"], where: [("held", 1)]
    ).first
    let payers = try await engine.store.tally(
      PaymentsTables.payerAccounts, by: [], sums: ["billed_cents", "received_cents"], where: []
    ).first
    let accounts = exchange?.count ?? 0
    return [
      Premia_Common_V1_Total("exchange_billed", count: accounts, Money(cents: exchange?.sums[0] ?? 0)),
      Premia_Common_V1_Total("exchange_received", count: accounts, Money(cents: exchange?.sums[1] ?? 0)),
      Premia_Common_V1_Total(
        "contributions_billed", count: payers?.count ?? 0, Money(cents: payers?.sums[0] ?? 0)),
      Premia_Common_V1_Total(
        "contributions_received", count: payers?.count ?? 0, Money(cents: payers?.sums[1] ?? 0)),
      Premia_Common_V1_Total("suspense", count: suspense?.count ?? 0, Money(cents: suspense?.sums[0] ?? 0)),
    ]
  }
}

extension Receipt.Facts {
  /// Why that part is in suspense which is not applied.
  fileprivate var reasonForSuspense: Receipt.Reason {
    switch funds {
    case .other: .otherFunds
    case .memberPremium, .taxCredit, .contribution:
      debtors.isEmpty ? .unmatched : funds != .taxCredit && amount.isNegative ? .takesBack : .aboveOwed
    }
  }
}

extension Receipt.State {
  /// What may be tried to be applied out of suspense.
  ///
  /// - Parameter asked: nil for all that is there.
  fileprivate func applicable(_ asked: Money?) throws(Receipt.Refusal) -> (Money, Receipt.Funds) {
    guard let facts else { throw .unknown }
    guard !suspense.isZero else { throw .notInSuspense(facts.receiptID) }
    guard facts.funds != .other else { throw .otherFunds(facts.receiptID) }
    let amount = asked ?? suspense
    guard amount.isNegative == suspense.isNegative, amount.cents.magnitude <= suspense.cents.magnitude else {
      throw .aboveSuspense(facts.receiptID, amount, held: suspense)
    }
    if facts.funds != .taxCredit, amount.isNegative { throw .takesBack(facts.receiptID, amount) }
    return (amount, facts.funds)
  }
}

extension Receipt.Funds {
  /// - Throws: where none is named.
  fileprivate init(_ funds: Premia_Payments_V1_Funds) throws(Problem) {
    switch funds {
    case .memberPremium: self = .memberPremium
    case .taxCredit: self = .taxCredit
    case .contribution: self = .contribution
    case .otherFunds: self = .other
    case .unspecified: throw .field("funds", "is missing")
    case .UNRECOGNIZED(let number): throw .field("funds", "is \(number), which is no kind of funds")
    }
  }
}

extension Receipt.Debtor {
  /// Nil where none is named.
  ///
  /// - Throws: where the funds are not for one of the kind that is named.
  fileprivate init?(of funds: Receipt.Funds, policy: String, payer: String) throws(Problem) {
    switch funds {
    case .contribution:
      guard policy.isEmpty else { throw .field("policy_id", "is of no use: a contribution is used for the oldest") }
      if payer.isEmpty { return nil }
      self = .payer(try PayerID(payer, field: "payer_id"))
    case .memberPremium, .taxCredit, .other:
      guard payer.isEmpty else { throw .field("payer_id", "is not of a contribution") }
      if policy.isEmpty { return nil }
      self = .policy(try PolicyID(policy, field: "policy_id"))
    }
  }
}
