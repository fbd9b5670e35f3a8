// A customer's way into the house, as somebody outside sees it: registered with Party, quoted by Policy, which asks
// Products, applied for and bound there, and billed by Billing, which hears of it.

import Contracts
import Courier
import Kernel
import Runtime
import SwiftProtobuf

/// Sells policies to one household after the other.
struct Seller: Sendable {
  let lines: Lines
  /// Unique to the sales of this seller.
  let name: String

  static let today = DemoParameters.start

  /// A policy that is applied for and not bound.
  func apply(_ number: Int) async throws -> String {
    let party = try await call(number, "register") { try await lines.party.register(Self.household, options: .bounded) }
    let quote = try await call(number, "quote") { try await lines.policy.createQuote(Self.question, options: .bounded) }
    let application = Premia_Policy_V1_ApplyRequest.with {
      $0.quoteID = quote.quoteID
      $0.planID = Self.plan
      $0.applicants = [
        .with {
          $0.ref = "me"
          $0.partyID = party.partyID
          $0.givenName = "Ada"
        }
      ]
      $0.channel = "direct"
    }
    return try await call(number, "apply") {
      try await lines.policy.apply(application, options: .bounded).policyID
    }
  }

  /// Makes the contract, on which Billing issues the first invoice.
  func bind(_ policy: String, _ number: Int) async throws {
    let request = Premia_Policy_V1_BindRequest.with { $0.policyID = policy }
    _ = try await call(number, "bind") { try await lines.policy.bind(request, options: .bounded) }
  }

  private func call<Answer: Sendable>(
    _ number: Int, _ step: String, _ body: () async throws -> Answer
  ) async throws(Problem) -> Answer {
    let key = "bench/\(name)/\(number)/\(step)"
    return try await ask {
      try await Carriage.with(Act(correlation: "bench/\(name)/\(number)", causation: key, actor: "member"), key: key) {
        try await body()
      }
    }
  }

  private static let plan = "il-silver-3000"

  private static let household = Premia_Party_V1_RegisterRequest.with {
    $0.party.kind = .person
    $0.party.familyName = "Lovelace"
    $0.party.givenName = "Ada"
    $0.party.birthDate = "1985-03-14"
    $0.party.sex = "F"
  }

  private static let question = Premia_Policy_V1_QuoteRequest.with {
    $0.effectiveDate = today.firstOfNextMonth.description
    $0.planIds = [plan]
    $0.household.state = "IL"
    $0.household.county = "Cook"
    $0.household.postalCode = "60616"
    $0.household.people = [
      .with {
        $0.ref = "me"
        $0.relationship = "subscriber"
        $0.birthDate = "1985-03-14"
      }
    ]
  }
}

/// How long sales take, one after the other.
struct SaleTimes: Sendable {
  /// From the first call to the answer of the last.
  let calls: Spread
  /// From the first call until Billing's log shows the invoice.
  let invoiced: Spread

  /// Sells for a while.
  static func measure(_ seller: Seller, seconds: Int) async throws -> SaleTimes {
    // What is done for the first time opens connections and prepares statements.
    for number in 0..<20 { _ = try await sell(seller, number) }
    let start = ContinuousClock.now
    var times: [(calls: Double, invoiced: Double)] = []
    while ContinuousClock.now - start < .seconds(seconds) { times.append(try await sell(seller, 20 + times.count)) }
    return SaleTimes(calls: Spread(times.map { $0.calls }), invoiced: Spread(times.map { $0.invoiced }))
  }

  /// - Returns: milliseconds.
  private static func sell(_ seller: Seller, _ number: Int) async throws -> (calls: Double, invoiced: Double) {
    let start = ContinuousClock.now
    let policy = try await seller.apply(number)
    try await seller.bind(policy, number)
    let calls = ContinuousClock.now - start
    while try await !isInvoiced(policy, seller.lines) {
      guard ContinuousClock.now - start < .seconds(30) else {
        throw Problem(
          kind: .unavailable, code: "bench.no_invoice", detail: "\(policy) was bound and has no invoice after 30 s.",
          remedy: "Look into the log of Billing for what it could not take in.")
      }
      try await Task.sleep(for: .milliseconds(1))
    }
    return (calls / .milliseconds(1), (ContinuousClock.now - start) / .milliseconds(1))
  }

  private static func isInvoiced(_ policy: String, _ lines: Lines) async throws -> Bool {
    let request = Premia_Common_V1_ReadLogRequest.with { $0.about = policy }
    let log = try await ask { try await lines.billingLog.read(request, options: .bounded) }
    return log.events.contains { $0.type == SaleLoad.invoiced }
  }
}

extension Lines {
  var billingLog: Premia_Common_V1_EventLog.Client<Transport> {
    guard let log = logs["billing"] else { preconditionFailure("there is no line to billing") }
    return log
  }
}
