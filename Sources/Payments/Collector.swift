// What is due: automatic charges, charges under way, payouts. Each step is written down before the next is taken, so
// the collector can be stopped anywhere and started again: what was handed over is looked up before it is tried again.

import Contracts
public import Kernel
public import Runtime

/// Works through everything that is due in Payments.
public struct Collector: Sendable {
  private let engine: Engine
  private let gateway: any Gateway
  private let declines: DeclineTable

  public init(engine: Engine, gateway: any Gateway, declines: DeclineTable) {
    self.engine = engine
    self.gateway = gateway
    self.declines = declines
  }

  /// What one run did.
  public struct Report: Hashable, Sendable {
    /// Charges that autopay ordered.
    public var charged: Int64 = 0
    public var posted: Int64 = 0
    public var failed: Int64 = 0
    /// Charges and payouts whose outcome is still not known.
    public var unknown: Int64 = 0
    /// Payouts posted.
    public var payouts: Int64 = 0
    /// Refunds posted.
    public var refunds: Int64 = 0
  }

  /// Orders the charges due up to and including a day, settles what is under way, then pays the payouts that are due.
  ///
  /// - Throws: `StoreFailure`; what was done until then stays done, and the next run goes on from there.
  public func run(asOf day: CalendarDate) async throws -> Report {
    // Nothing is taken early, whatever day is asked for.
    let day = min(day, engine.clock.now.date)
    let act = Act(correlation: Act.current?.correlation ?? "collect/\(day)", causation: "collect/\(day)")
    var report = Report()
    try await eachPage(of: Wallet.kind, through: day) { page in
      report.charged += try await order(page, through: day, act)
    }
    try await eachPage(of: Payment.kind, through: day) { page in
      try await alone(with: page) { try await settle($0, act, &report) }
    }
    try await eachPage(of: Payout.kind, through: day) { page in
      try await alone(with: page) { try await pay($0, act, &report) }
    }
    try await eachPage(of: Refund.kind, through: day) { page in
      try await alone(with: page) { try await refund($0, act, &report) }
    }
    return report
  }

  /// Takes one payment to the gateway at once.
  func settle(_ payment: PaymentID, _ act: Act) async throws {
    var report = Report()
    try await alone(with: [StreamID(payment)]) { try await settle($0, act, &report) }
  }

  /// Works on those that nobody else is taking to the gateway now: what another copy has just submitted is looked up in
  /// vain, and would be sent again. What a killed copy had is looked up when its lease has run out.
  private func alone(with streams: [StreamID], _ work: ([StreamID]) async throws -> Void) async throws {
    let lease = Lease(holder: "collector-\(UInt64.random(in: .min ... .max))", duration: Self.longestPage)
    func name(_ stream: StreamID) -> String { "gateway/\(stream)" }
    do {
      let held = try await engine.store.hold(streams.map(name), lease: lease)
      try await work(streams.filter { held.contains(name($0)) })
      try await engine.store.release(lease.holder)
    } catch {
      // What cannot be given back runs out.
      try? await engine.store.release(lease.holder)
      throw error
    }
  }

  private func eachPage(
    of kind: String, through day: CalendarDate, _ work: ([StreamID]) async throws -> Void
  ) async throws {
    let through = min(engine.clock.now, Instant(date: day.adding(days: 1)).adding(microseconds: -1))
    var place: DuePlace?
    while true {
      let page = try await engine.store.due(kind, through: through, after: place, limit: Self.pageSize)
      guard let last = page.last, let due = last.due else { return }
      place = DuePlace(due: due, stream: last.stream)
      try await work(page.map(\.stream))
    }
  }

  private static let pageSize = 128
  /// For a page at the gateway; a copy that takes longer is taken for dead.
  private static let longestPage = Duration.seconds(60)
  /// Calls to the gateway at once.
  private static let callsAtOnce = 32
}

// MARK: - Charges

extension Collector {
  /// The wallets' due charges become payments, in the same unit.
  private func order(_ wallets: [StreamID], through day: CalendarDate, _ act: Act) async throws -> Int64 {
    try await engine.run(act) { unit in
      var ordered: Int64 = 0
      for wallet in wallets {
        for invoice in try await unit.state(of: Wallet.self, wallet).due(through: day) {
          let id = unit.newID(PaymentTag.self, for: invoice.paymentLabel)
          let command = Wallet.Command.chargeByAutopay(invoice.id, paymentID: id, on: unit.today)
          let state = try await unit.decide(Wallet.self, wallet, command)
          guard let order = state.invoice(invoice.id)?.underWay, order.paymentID == id else { continue }
          try await unit.decide(Payment.self, StreamID(id), .request(order, at: unit.now))
          ordered += 1
        }
      }
      return ordered
    } ?? 0
  }

  /// Submits, asks the gateway, and writes down what it said.
  private func settle(_ payments: [StreamID], _ act: Act, _ report: inout Report) async throws {
    let handed = try await engine.run(act) { unit in
      var handed = HandOver<PaymentOrder>()
      for payment in payments {
        if try await !unit.handOver(payment, to: &handed) { handed.withdrawn += 1 }
      }
      return handed
    }
    guard let handed else { return }
    report.failed += handed.withdrawn
    let answers = await ask(handed.errands) { errand in
      let charge = Charge(errand.order)
      return await outcome(
        isFresh: errand.isFresh, send: { await gateway.charge(charge) }, lookUp: { await gateway.lookUp(charge) })
    }
    let declines = declines
    let settled = try await engine.run(act) { unit in
      var counts = Report()
      for (errand, answer) in answers { try await unit.settle(errand.order, answer, declines, &counts) }
      return counts
    }
    report.add(settled ?? Report())
  }
}

// MARK: - Payouts

extension Collector {
  private func pay(_ payouts: [StreamID], _ act: Act, _ report: inout Report) async throws {
    let handed = try await engine.run(act) { unit in
      var handed = HandOver<Transfer>()
      for payout in payouts { try await unit.handOver(payout: payout, to: &handed) }
      return handed
    }
    let answers = await ask(handed?.errands ?? []) { errand in
      await outcome(
        isFresh: errand.isFresh, send: { await gateway.send(errand.order) },
        lookUp: { await gateway.lookUp(errand.order) })
    }
    let settled = try await engine.run(act) { unit in
      var counts = Report()
      for (errand, answer) in answers { try await unit.settle(payout: errand.stream, answer, &counts) }
      return counts
    }
    report.add(settled ?? Report())
  }
}

// MARK: - Refunds

extension Collector {
  private func refund(_ refunds: [StreamID], _ act: Act, _ report: inout Report) async throws {
    let handed = try await engine.run(act) { unit in
      var handed = HandOver<Transfer>()
      for refund in refunds { try await unit.handOver(refund: refund, to: &handed) }
      return handed
    }
    let answers = await ask(handed?.errands ?? []) { errand in
      await outcome(
        isFresh: errand.isFresh, send: { await gateway.send(errand.order) },
        lookUp: { await gateway.lookUp(errand.order) })
    }
    let settled = try await engine.run(act) { unit in
      var counts = Report()
      for (errand, answer) in answers { try await unit.settle(refund: errand.stream, answer, &counts) }
      return counts
    }
    report.add(settled ?? Report())
  }
}

// MARK: - The gateway

/// What is taken to the gateway.
private struct Errand<Order: Sendable>: Sendable {
  let stream: StreamID
  let order: Order
  /// Submitted just now; otherwise it was handed over before, and is looked up first.
  let isFresh: Bool
}

private struct HandOver<Order: Sendable>: Sendable {
  var errands: [Errand<Order>] = []
  var withdrawn: Int64 = 0
}

extension Collector {
  /// Never sends what may have been sent before without looking it up.
  private func outcome(
    isFresh: Bool, send: () async -> GatewayAnswer, lookUp: () async -> GatewayAnswer?
  ) async -> GatewayAnswer {
    if !isFresh, let answer = await lookUp() { return answer }
    let answer = await send()
    guard answer == .unknown else { return answer }
    // A lost answer is often there a moment later.
    return await lookUp() ?? .unknown
  }

  /// Some calls at a time; answers in the order of the errands.
  private func ask<Order: Sendable>(
    _ errands: [Errand<Order>], _ call: @escaping @Sendable (Errand<Order>) async -> GatewayAnswer
  ) async -> [(Errand<Order>, GatewayAnswer)] {
    await withTaskGroup(of: (Int, GatewayAnswer).self) { group in
      var answers: [GatewayAnswer] = errands.map { _ in .unknown }
      for (index, errand) in errands.enumerated() {
        if index >= Self.callsAtOnce, let (done, answer) = await group.next() { answers[done] = answer }
        group.addTask { (index, await call(errand)) }
      }
      for await (done, answer) in group { answers[done] = answer }
      return Array(zip(errands, answers))
    }
  }
}

extension Collector.Report {
  fileprivate mutating func add(_ other: Self) {
    charged += other.charged
    posted += other.posted
    failed += other.failed
    unknown += other.unknown
    payouts += other.payouts
    refunds += other.refunds
  }
}

// MARK: - Units of work

extension Wallet.OpenInvoice {
  /// Unique to the next charge of this invoice.
  var paymentLabel: String { "\(id)/\(attempts + 1)" }
}

extension Unit {
  /// Submits a payment; one whose invoice no longer wants it is withdrawn.
  ///
  /// - Returns: false where it was withdrawn.
  fileprivate mutating func handOver(
    _ stream: StreamID, to handed: inout HandOver<PaymentOrder>
  ) async throws -> Bool {
    let payment = try await state(of: Payment.self, stream)
    guard let order = payment.order else { return true }
    switch payment.status {
    case .posted, .failed:
      return true
    case .submitted:
      handed.errands.append(Errand(stream: stream, order: order, isFresh: false))
      return true
    case .requested:
      let wallet = StreamID(WalletID(of: order.policyID))
      let invoice = try await state(of: Wallet.self, wallet).invoice(order.invoiceID)
      guard let invoice, invoice.underWay == order, order.amount <= invoice.open else {
        try await decide(Wallet.self, wallet, .settle(order, .withdrawn, on: today))
        try await decide(Payment.self, stream, .withdraw(on: today))
        return false
      }
      try await decide(Payment.self, stream, .submit(at: now))
      handed.errands.append(Errand(stream: stream, order: order, isFresh: true))
      return true
    }
  }

  /// Writes down an answer, on the wallet and on the payment. The first answer stands.
  fileprivate mutating func settle(
    _ order: PaymentOrder, _ answer: GatewayAnswer, _ declines: DeclineTable, _ counts: inout Collector.Report
  ) async throws {
    let stream = StreamID(order.paymentID)
    guard try await state(of: Payment.self, stream).status == .submitted else { return }
    let wallet = StreamID(WalletID(of: order.policyID))
    switch answer {
    case .posted:
      try await decide(Wallet.self, wallet, .settle(order, .posted, on: today))
      try await decide(Payment.self, stream, .post(on: today))
      counts.posted += 1
    case .declined(let code):
      let declineClass = declines.declineClass(of: code)
      try await decide(Wallet.self, wallet, .settle(order, .declined(declineClass), on: today))
      let decline = Payment.Decline(code: code, declineClass: declineClass, method: declines.method(of: code))
      try await decide(Payment.self, stream, .fail(decline, on: today))
      counts.failed += 1
    case .unknown:
      try await decide(Payment.self, stream, .leaveUnanswered(at: now))
      counts.unknown += 1
    }
  }

  fileprivate mutating func handOver(payout stream: StreamID, to handed: inout HandOver<Transfer>) async throws {
    let payout = try await state(of: Payout.self, stream)
    guard let transfer = Transfer(payout) else { return }
    switch payout.stage {
    case .posted:
      break
    case .submitted:
      handed.errands.append(Errand(stream: stream, order: transfer, isFresh: false))
    case .gathering, .declined:
      try await decide(Payout.self, stream, .submit(at: now))
      handed.errands.append(Errand(stream: stream, order: transfer, isFresh: true))
    }
  }

  fileprivate mutating func handOver(refund stream: StreamID, to handed: inout HandOver<Transfer>) async throws {
    let refund = try await state(of: Refund.self, stream)
    guard let order = refund.order else { return }
    let transfer = Transfer(order, declines: refund.declines)
    switch refund.stage {
    case .posted:
      break
    case .submitted:
      handed.errands.append(Errand(stream: stream, order: transfer, isFresh: false))
    case .ordered, .declined:
      try await decide(Refund.self, stream, .submit(at: now))
      handed.errands.append(Errand(stream: stream, order: transfer, isFresh: true))
    }
  }

  fileprivate mutating func settle(
    refund stream: StreamID, _ answer: GatewayAnswer, _ counts: inout Collector.Report
  ) async throws {
    guard try await state(of: Refund.self, stream).stage == .submitted else { return }
    switch answer {
    case .posted(let trace):
      try await decide(Refund.self, stream, .post(trace: trace, on: today))
      counts.refunds += 1
    case .declined(let code):
      try await decide(Refund.self, stream, .decline(code: code, on: today))
    case .unknown:
      try await decide(Refund.self, stream, .leaveUnanswered(at: now))
      counts.unknown += 1
    }
  }

  fileprivate mutating func settle(
    payout stream: StreamID, _ answer: GatewayAnswer, _ counts: inout Collector.Report
  ) async throws {
    guard try await state(of: Payout.self, stream).stage == .submitted else { return }
    switch answer {
    case .posted(let trace):
      try await decide(Payout.self, stream, .post(trace: trace, on: today))
      counts.payouts += 1
    case .declined(let code):
      try await decide(Payout.self, stream, .decline(code: code, on: today))
    case .unknown:
      try await decide(Payout.self, stream, .leaveUnanswered(at: now))
      counts.unknown += 1
    }
  }
}
