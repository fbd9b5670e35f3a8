import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime

extension PaymentsService {
  func get(
    request: Premia_Payments_V1_GetPaymentRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Payment {
    try await payment(try PaymentID(request.paymentID, field: "payment_id"))
  }

  func payment(_ id: PaymentID) async throws -> Premia_Payments_V1_Payment {
    guard let row = try await engine.store.row(PaymentsTables.payments, key: [.text(id.description)]) else {
      throw Problem.notFound("payment", id.description)
    }
    return Premia_Payments_V1_Payment(row)
  }

  func list(
    request: Premia_Payments_V1_ListPaymentsRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListPaymentsResponse {
    var query = try Query(PaymentsTables.payments, page: request.page)
    if !request.policyID.isEmpty { query.matching.append(("policy_id", .text(request.policyID))) }
    switch request.status {
    case .unspecified: break
    case .requested: query.matching.append(("status", .text(Payment.Status.requested.rawValue)))
    case .submitted: query.matching.append(("status", .text(Payment.Status.submitted.rawValue)))
    case .posted: query.matching.append(("status", .text(Payment.Status.posted.rawValue)))
    case .failed: query.matching.append(("status", .text(Payment.Status.failed.rawValue)))
    case .UNRECOGNIZED(let number): throw Problem.field("status", "is \(number), which is no status")
    }
    let rows = try await engine.store.rows(query)
    var response = Premia_Payments_V1_ListPaymentsResponse()
    response.payments = rows.map(Premia_Payments_V1_Payment.init)
    response.nextToken = query.token(after: rows)
    return response
  }

  func listPayouts(
    request: Premia_Payments_V1_ListPayoutsRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListPayoutsResponse {
    var query = try Query(PaymentsTables.payouts, page: request.page)
    if !request.payeeID.isEmpty { query.matching.append(("payee_id", .text(request.payeeID))) }
    let rows = try await engine.store.rows(query)
    var response = Premia_Payments_V1_ListPayoutsResponse()
    for row in rows {
      let claims = try await engine.store.rows(
        Query(PaymentsTables.payoutClaims, where: [("payout_id", row["payout_id"])], limit: Payout.mostClaims))
      response.payouts.append(Premia_Payments_V1_Payout(row, claims: claims))
    }
    response.nextToken = query.token(after: rows)
    return response
  }

  func getSummary(
    request: Premia_Payments_V1_PaymentsSummaryRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_PaymentsSummary {
    let store = engine.store
    var summary = Premia_Payments_V1_PaymentsSummary()
    for tally in try await store.tally(PaymentsTables.payments, by: ["status"], sums: ["amount_cents"], where: []) {
      guard case .text(let status) = tally.group[0] else { continue }
      summary.payments.append(Premia_Common_V1_Total(status, count: tally.count, Money(cents: tally.sums[0])))
    }
    let totals = try await self.totals()
    summary.collected = totals.collected.amount
    summary.paidOut = totals.paidOut.amount
    summary.journeys = [
      try await journey("payment", PaymentsTables.payments, done: "status", straight: ("attempt", 1)),
      try await journey("payout", PaymentsTables.payouts, done: "stage", straight: ("declines", 0)),
    ]
    return summary
  }

  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals {
    let totals = try await self.totals()
    var answer = Premia_Common_V1_Totals()
    answer.totals = [totals.collected, totals.paidOut, totals.refunded] + (try await receiptTotals())
    return answer
  }

  private func totals() async throws -> (
    collected: Premia_Common_V1_Total, paidOut: Premia_Common_V1_Total, refunded: Premia_Common_V1_Total
  ) {
    func total(_ name: String, _ table: Table, _ column: String) async throws -> Premia_Common_V1_Total {
      let tallies = try await engine.store.tally(
        table, by: [], sums: ["amount_cents"], where: [(column, .text(Payment.Status.posted.rawValue))])
      let sum = tallies.first.map { (count: $0.count, cents: $0.sums[0]) } ?? (0, 0)
      return Premia_Common_V1_Total(name, count: sum.count, Money(cents: sum.cents))
    }
    return (
      try await total("collected", PaymentsTables.payments, "status"),
      try await total("paid_out", PaymentsTables.payouts, "stage"),
      try await total("refunded", PaymentsTables.refunds, "stage")
    )
  }

  /// From the rows that are settled: how many days each took, and how many needed no second try.
  private func journey(
    _ name: String, _ table: Table, done: String, straight: (column: String, value: Int64)
  ) async throws -> Premia_Common_V1_Journey {
    let tallies = try await engine.store.tally(table, by: ["days", done, straight.column], sums: [], where: [])
    var journey = Premia_Common_V1_Journey()
    journey.name = name
    var straightThrough: Int64 = 0
    var byDays: [(days: Int64, count: Int64)] = []
    for tally in tallies {
      journey.started += tally.count
      guard case .integer(let days) = tally.group[0] else { continue }
      journey.completed += tally.count
      byDays.append((days, tally.count))
      let isPosted = tally.group[1] == .text(Payment.Status.posted.rawValue)
      if isPosted && tally.group[2] == .integer(straight.value) { straightThrough += tally.count }
    }
    journey.medianDays = percentile(50, of: byDays, count: journey.completed)
    journey.ninetiethPercentileDays = percentile(90, of: byDays, count: journey.completed)
    journey.straightThroughBasisPoints = journey.completed == 0 ? 0 : straightThrough * 10_000 / journey.completed
    return journey
  }

  /// The least number of days within which so many in a hundred were done; `byDays` is in the order of days.
  private func percentile(_ percent: Int64, of byDays: [(days: Int64, count: Int64)], count: Int64) -> Int64 {
    var passed: Int64 = 0
    for (days, settled) in byDays {
      passed += settled
      if passed * 100 >= count * percent { return days }
    }
    return 0
  }
}

extension Query {
  /// One page of a table whose key is one text.
  init(_ table: Table, page: Premia_Common_V1_Page) throws(Problem) {
    self.init(table, after: page.token.isEmpty ? nil : [.text(page.token)], limit: try page.limit())
  }

  /// Where the next page starts; empty where these rows are the last.
  func token(after rows: [Row]) -> String {
    guard rows.count == limit, case .text(let key)? = rows.last?.key.first else { return "" }
    return key
  }
}

extension Premia_Payments_V1_Payment {
  init(_ row: Row) {
    self.init()
    paymentID = row.text("payment_id")
    accountID = row.text("account_id")
    policyID = row.text("policy_id")
    invoiceID = row.text("invoice_id")
    amount = Premia_Common_V1_Money(Money(cents: row.integer("amount_cents")))
    if let known = Payment.Status(rawValue: row.text("status")) { status = Premia_Payments_V1_PaymentStatus(known) }
    declineCode = row.text("decline_code")
    if let known = DeclineClass(rawValue: row.text("decline_class")) {
      declineClass = Premia_Payments_V1_DeclineClass(known)
    }
    attempt = Int32(clamping: row.integer("attempt"))
    requestedOn = row.text("requested_on")
    settledOn = row.text("settled_on")
    autopay = row.integer("autopay") == 1
  }
}

extension Premia_Payments_V1_Payout {
  fileprivate init(_ row: Row, claims: [Row]) {
    self.init()
    payoutID = row.text("payout_id")
    payeeID = row.text("payee_id")
    payeeNpi = row.text("payee_npi")
    amount = Premia_Common_V1_Money(Money(cents: row.integer("amount_cents")))
    paidOn = row.text("paid_on")
    traceNumber = row.text("trace_number")
    posted = row.text("stage") == Payout.Stage.posted.rawValue
    self.claims = claims.map { row in
      var claim = Premia_Payments_V1_PayoutClaim()
      claim.claimID = row.text("claim_id")
      claim.policyID = row.text("policy_id")
      claim.amount = Premia_Common_V1_Money(Money(cents: row.integer("amount_cents")))
      return claim
    }
  }
}
