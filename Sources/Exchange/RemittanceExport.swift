// The 835 (005010X221A1): what was paid to a provider, for which claims, and for every cent that was not paid, why.
//
// One transaction for a payout; its BPR02 is the sum of its claims, since nothing is set off against a payout (no PLB).
// Claims that end with nothing to pay have no payout: they are told in a transaction of their own with BPR02 zero.

public import Contracts
import Courier
import GRPCCore
public import Kernel
public import X12

public struct RemittanceExport: Sendable {
  /// The guide of what is written.
  public static let version = "005010X221A1"

  let payer: Payer
  let party: any Premia_Party_V1_PartyService.ClientProtocol
  let claims: any Premia_Claims_V1_ClaimsService.ClientProtocol
  let payments: any Premia_Payments_V1_PaymentsService.ClientProtocol

  public init(
    payer: Payer, party: any Premia_Party_V1_PartyService.ClientProtocol,
    claims: any Premia_Claims_V1_ClaimsService.ClientProtocol,
    payments: any Premia_Payments_V1_PaymentsService.ClientProtocol
  ) {
    self.payer = payer
    self.party = party
    self.claims = claims
    self.payments = payments
  }

  /// How much was written.
  public struct Summary: Sendable, Hashable {
    public var remittances = 0
    public var claims = 0
    public var paid = Money.zero
  }

  /// Writes one interchange: a transaction for each payout whose day lies in the period, then one for each provider
  /// with claims that were decided in it with nothing to pay. Memory holds the claims of one transaction.
  ///
  /// - Parameters:
  ///   - at: when it is written.
  ///   - controlNumber: ISA13, one to nine digits.
  ///   - sink: takes the bytes as they are made.
  /// - Throws: `RemittanceRefusal` where amounts do not balance, `Problem` where another context refuses or is away,
  ///   `X12WriteError` where the sink fails.
  public func write(
    _ period: Period, at: Instant, controlNumber: Int, to sink: @escaping X12Writer.Sink
  ) async throws -> Summary {
    var writer = X12Writer(sink: sink)
    try begin(at: at, controlNumber: controlNumber, &writer)
    var summary = Summary()
    var token = ""
    repeat {
      var request = Premia_Payments_V1_ListPayoutsRequest()
      request.page.token = token
      request.page.size = 100
      let page = try await ask { [request] in try await payments.listPayouts(request, options: .bounded) }
      for payout in page.payouts {
        guard payout.posted, let day = CalendarDate(iso: payout.paidOn), period.contains(day) else { continue }
        try await add(remittance(for: payout, on: day), at: at, &summary, &writer)
      }
      token = page.nextToken
    } while !token.isEmpty
    for (provider, ids) in try await unpaid(in: period).sorted(by: { $0.key < $1.key }) {
      try await add(notification(of: ids, to: provider, on: at.date), at: at, &summary, &writer)
    }
    try writer.endGroup()
    try writer.endInterchange()
    try writer.finish()
    return summary
  }

  /// The 835 of one payout, as an interchange of its own.
  public func bytes(
    for payout: Premia_Payments_V1_Payout, at: Instant, controlNumber: Int
  ) async throws -> [UInt8] {
    let day = try CalendarDate(payout.paidOn, field: "payout.paid_on")
    let remittance = try await remittance(for: payout, on: day)
    return try X12Writer.bytes { writer throws(X12WriteError) in
      try begin(at: at, controlNumber: controlNumber, &writer)
      try remittance.write(from: payer, number: 1, at: at, &writer)
      try writer.endGroup()
      try writer.endInterchange()
    }
  }

  private func add(
    _ remittance: Remittance, at: Instant, _ summary: inout Summary, _ writer: inout X12Writer
  ) async throws {
    summary.remittances += 1
    summary.claims += remittance.claims.count
    summary.paid += remittance.amount
    try remittance.write(from: payer, number: summary.remittances, at: at, &writer)
  }

  private func begin(at: Instant, controlNumber: Int, _ writer: inout X12Writer) throws(X12WriteError) {
    let date = at.date.compact
    try writer.beginInterchange(
      InterchangeAddress(
        sender: payer.sender, receiver: "PROVIDERS", date: String(date.suffix(6)), time: at.time,
        controlNumber: controlNumber))
    try writer.beginGroup(
      GroupHeader(
        functionalID: "HP", sender: payer.sender, receiver: "PROVIDERS", date: date, time: at.time,
        controlNumber: "\(controlNumber)", version: Self.version))
  }

  // MARK: Gathering

  private func remittance(for payout: Premia_Payments_V1_Payout, on day: CalendarDate) async throws -> Remittance {
    var gathered: [RemittedClaim] = []
    for line in payout.claims {
      let claim = try await remitted(line.claimID)
      guard claim.paid.cents == line.amount.cents else {
        throw RemittanceRefusal.notThePayout(line.claimID, claim: claim.paid, payout: Money(cents: line.amount.cents))
      }
      gathered.append(claim)
    }
    let remittance = Remittance(
      payee: try await payee(payout.payeeID, npi: payout.payeeNpi), trace: payout.traceNumber, paidOn: day,
      claims: gathered)
    let amount = try payout.amount.money("payout.amount")
    guard remittance.amount == amount else {
      throw RemittanceRefusal.notThePayout(payout.payoutID, claim: remittance.amount, payout: amount)
    }
    return remittance
  }

  private func notification(of ids: [String], to provider: String, on day: CalendarDate) async throws -> Remittance {
    var gathered: [RemittedClaim] = []
    for id in ids { gathered.append(try await self.remitted(id)) }
    let npi = gathered.first?.providerNPI ?? ""
    return Remittance(
      payee: try await payee(provider, npi: npi), trace: "N\(day.compact)\(npi)", paidOn: day, claims: gathered)
  }

  /// Claims decided in the period with nothing to pay, by provider.
  private func unpaid(in period: Period) async throws -> [String: [String]] {
    var found: [String: [String]] = [:]
    for status in [Premia_Claims_V1_ClaimStatus.denied, .approved] {
      var token = ""
      repeat {
        var request = Premia_Claims_V1_ListClaimsRequest()
        request.page.token = token
        request.page.size = 500
        request.status = status
        let page = try await ask { [request] in try await claims.list(request, options: .bounded) }
        for claim in page.claims where claim.paid.cents == 0 {
          guard let day = CalendarDate(iso: claim.adjudicatedOn), period.contains(day) else { continue }
          found[claim.filed.providerID, default: []].append(claim.claimID)
        }
        token = page.nextToken
      } while !token.isEmpty
    }
    return found
  }

  private func remitted(_ id: String) async throws -> RemittedClaim {
    var request = Premia_Claims_V1_GetClaimRequest()
    request.claimID = id
    let claim = try await ask { [request] in try await claims.get(request, options: .bounded) }
    var patient: Premia_Party_V1_Party?
    if !claim.memberID.isEmpty { patient = try await get(claim.memberID) }
    return try RemittedClaim(claim, patient: patient)
  }

  private func payee(_ id: String, npi: String) async throws -> Remittance.Payee {
    let provider = try await get(id)
    return Remittance.Payee(name: provider.organisationName, npi: npi)
  }

  private func get(_ id: String) async throws -> Premia_Party_V1_Party {
    var request = Premia_Party_V1_GetPartyRequest()
    request.partyID = id
    return try await ask { [request] in try await party.get(request, options: .bounded) }
  }
}

/// Why a remittance is not sent: it would say something that does not add up.
public enum RemittanceRefusal: Refusal, Hashable {
  /// A claim's or a service's charge less its adjustments is not what was paid.
  case unbalanced(claim: String, line: Int?, charge: Money, adjusted: Money, paid: Money)
  /// What Claims says was paid is not what Payments paid.
  case notThePayout(String, claim: Money, payout: Money)

  public var problem: Problem {
    switch self {
    case .unbalanced(let claim, let line, let charge, let adjusted, let paid):
      Problem(
        kind: .internalFault, code: "exchange.remittance_unbalanced",
        detail: "\(line.map { "Line \($0) of " } ?? "")\(claim): the charge \(charge) less \(adjusted) is not \(paid).",
        remedy: "Look at the claim's adjustments; nothing was sent.")
    case .notThePayout(let id, let claim, let payout):
      Problem(
        kind: .internalFault, code: "exchange.remittance_not_the_payout",
        detail: "\(id): \(claim) by its claims, \(payout) by the payout.",
        remedy: "Run 'premia reconcile'; nothing was sent.")
    }
  }
}
