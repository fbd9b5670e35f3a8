// The gRPC service: words to commands, state to words. Writes here; what is only read is in PaymentsService+Read.swift.

import Contracts
import Courier
import GRPCCore
import Kernel
import Runtime

struct PaymentsService: Premia_Payments_V1_PaymentsService.SimpleServiceProtocol {
  let engine: Engine
  let collector: Collector
  let desk: Desk

  init(engine: Engine, collector: Collector) {
    self.engine = engine
    self.collector = collector
    desk = Desk(engine)
  }

  func addMethod(
    request: Premia_Payments_V1_AddMethodRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_PaymentMethod {
    let policyID = try PolicyID(request.policyID, field: "policy_id")
    guard let token = Token(request.token) else { throw Wallet.Refusal.badToken }
    return try await desk.act("AddMethod", request) { unit in
      let wallet = StreamID(WalletID(of: policyID))
      let before = try await unit.state(of: Wallet.self, wallet).methods.count
      let method = Wallet.Method(id: unit.newID(MethodTag.self, for: "\(policyID)/method/\(before + 1)"), token: token)
      let state = try await unit.decide(
        Wallet.self, wallet, .addMethod(method, of: policyID, autopay: request.autopay, on: unit.today))
      // The same token added again is the method that is on file.
      let id = state.methods.first { $0.token == token }?.id ?? method.id
      var answer = Premia_Payments_V1_PaymentMethod()
      answer.methodID = id.description
      answer.policyID = policyID.description
      answer.token = token.description
      answer.autopay = state.autopay == id
      return answer
    }
  }

  func pay(
    request: Premia_Payments_V1_PayRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Payment {
    let policyID = try PolicyID(request.policyID, field: "policy_id")
    let invoiceID = try InvoiceID(request.invoiceID, field: "invoice_id")
    let amount = request.hasAmount ? try request.amount.money("amount") : nil
    let instrument = try Wallet.Instrument(request)
    let requested = try await desk.act("Pay", request) { unit in
      let wallet = StreamID(WalletID(of: policyID))
      let invoice = try await unit.state(of: Wallet.self, wallet).invoice(invoiceID)
      let id = unit.newID(PaymentTag.self, for: invoice?.paymentLabel ?? invoiceID.description)
      let oneOff = Wallet.OneOff(
        policyID: policyID, invoiceID: invoiceID, amount: amount, instrument: instrument, paymentID: id,
        on: unit.today, standing: try await unit.standing(of: invoiceID, policyID))
      let state = try await unit.decide(Wallet.self, wallet, .pay(oneOff))
      guard let order = state.invoice(invoiceID)?.underWay else {
        preconditionFailure("a payment of \(invoiceID) was ordered and is not under way")
      }
      try await unit.decide(Payment.self, StreamID(id), .request(order, at: unit.now))
      return Premia_Payments_V1_Payment(order, .requested)
    }
    let id = try PaymentID(requested.paymentID, field: "payment_id")
    try await collector.settle(id, Act.current ?? Act(correlation: "pay/\(id)", causation: "pay/\(id)"))
    return try await payment(id)
  }

  func run(
    request: Premia_Payments_V1_RunPaymentsRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_RunPaymentsResponse {
    let today = engine.clock.now.date
    let day = try CalendarDate.optional(request.asOf, field: "as_of") ?? today
    guard day <= today else {
      throw Problem.field("as_of", "is \(day), after the business day \(today); nobody is charged early")
    }
    let report = try await collector.run(asOf: day)
    var response = Premia_Payments_V1_RunPaymentsResponse()
    response.charged = report.charged
    response.posted = report.posted
    response.failed = report.failed
    response.payouts = report.payouts
    return response
  }
}

extension Wallet.Instrument {
  /// - Throws: where not exactly one of a method and a token is named, or the token is none.
  fileprivate init(_ request: Premia_Payments_V1_PayRequest) throws {
    switch (request.methodID.isEmpty, request.token.isEmpty) {
    case (false, true):
      self = .method(try MethodID(request.methodID, field: "method_id"))
    case (true, false):
      guard let token = Token(request.token) else { throw Wallet.Refusal.badToken }
      self = .token(token)
    case (true, true), (false, false):
      throw Problem.field("method_id", "or token is needed, and only one of them")
    }
  }
}
