import Contracts
import Courier
import Exchange
import GRPCCore
import Kernel
import Testing

/// Gives out the claims it was made with: what it takes to be paid is the business of other tests.
private struct ClaimList: Premia_Claims_V1_ClaimsService.SimpleServiceProtocol {
  let known: [Premia_Claims_V1_Claim]

  func get(request: Premia_Claims_V1_GetClaimRequest, context: ServerContext) async throws -> Premia_Claims_V1_Claim {
    guard let claim = known.first(where: { $0.claimID == request.claimID }) else { throw away() }
    return claim
  }

  func list(
    request: Premia_Claims_V1_ListClaimsRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_ListClaimsResponse {
    var response = Premia_Claims_V1_ListClaimsResponse()
    response.claims = known.filter { $0.status == request.status }
    return response
  }

  private func away() -> Problem { Problem.notFound("claim", "") }
  func file(
    request: Premia_Claims_V1_FileClaimRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_Claim { throw away() }
  func getAccumulators(
    request: Premia_Claims_V1_GetAccumulatorsRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_Accumulators { throw away() }
  func getSummary(
    request: Premia_Claims_V1_ClaimsSummaryRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_ClaimsSummary { throw away() }
  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals { throw away() }
}

/// Answers with the payouts it was made with.
private struct PayoutList: Premia_Payments_V1_PaymentsService.SimpleServiceProtocol {
  let payouts: [Premia_Payments_V1_Payout]

  func listPayouts(
    request: Premia_Payments_V1_ListPayoutsRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListPayoutsResponse {
    var response = Premia_Payments_V1_ListPayoutsResponse()
    response.payouts = payouts
    return response
  }

  private func away() -> Problem { Problem.notFound("payment", "") }
  func addMethod(
    request: Premia_Payments_V1_AddMethodRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_PaymentMethod { throw away() }
  func pay(
    request: Premia_Payments_V1_PayRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Payment { throw away() }
  func get(
    request: Premia_Payments_V1_GetPaymentRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Payment { throw away() }
  func list(
    request: Premia_Payments_V1_ListPaymentsRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListPaymentsResponse { throw away() }
  func run(
    request: Premia_Payments_V1_RunPaymentsRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_RunPaymentsResponse { throw away() }
  func receive(
    request: Premia_Payments_V1_ReceiveRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt { throw away() }
  func getReceipt(
    request: Premia_Payments_V1_GetReceiptRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt { throw away() }
  func listSuspense(
    request: Premia_Payments_V1_ListSuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_ListSuspenseResponse { throw away() }
  func applySuspense(
    request: Premia_Payments_V1_ApplySuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt { throw away() }
  func returnSuspense(
    request: Premia_Payments_V1_ReturnSuspenseRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_Receipt { throw away() }
  func getSummary(
    request: Premia_Payments_V1_PaymentsSummaryRequest, context: ServerContext
  ) async throws -> Premia_Payments_V1_PaymentsSummary { throw away() }
  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals { throw away() }
}

@Suite("Remittances")
struct RemittanceTests {
  private static func money(_ cents: Int64) -> Premia_Common_V1_Money { Premia_Common_V1_Money(Money(cents: cents)) }

  /// A claim of two lines: 165.00 paid at 70.10, and 42.00 of which `denied` is not paid.
  private static func claim(
    _ id: String, provider: String, member: String, paid: [Int64], adjustments: [[(String, String, Int64)]],
    status: Premia_Claims_V1_ClaimStatus
  ) -> Premia_Claims_V1_Claim {
    var claim = Premia_Claims_V1_Claim()
    claim.claimID = id
    claim.status = status
    claim.memberID = member
    claim.policyID = member.isEmpty ? "" : "pol_1"
    claim.adjudicatedOn = "2027-02-03"
    claim.filed.patientControlNumber = "PCN-\(id.suffix(2))"
    claim.filed.charge = money(207_00)
    claim.filed.placeOfService = "11"
    claim.filed.frequency = "1"
    claim.filed.memberNumber = "S1"
    claim.filed.patientFamilyName = "SENT"
    claim.filed.patientGivenName = "AS"
    claim.filed.providerID = provider
    claim.filed.providerNpi = "1234567893"
    claim.filed.receivedOn = "2027-02-01"
    for (number, (procedure, charge)) in [("99213", Int64(165_00)), ("80053", 42_00)].enumerated() {
      var line = Premia_Claims_V1_ServiceLine()
      line.number = Int32(number + 1)
      line.procedure = procedure
      line.charge = money(charge)
      line.unitsThousandths = number == 0 ? 1_000 : 1_500
      line.serviceFrom = "2027-01-20"
      line.serviceTo = number == 0 ? "2027-01-20" : "2027-01-21"
      line.controlNumber = "\(number + 1)"
      claim.filed.lines.append(line)
      var judged = Premia_Claims_V1_AdjudicatedLine()
      judged.number = line.number
      judged.charge = line.charge
      judged.allowed = money(paid[number])
      judged.paid = money(paid[number])
      for (group, reason, cents) in adjustments[number] {
        var adjustment = Premia_Claims_V1_Adjustment()
        adjustment.group = group
        adjustment.reason = reason
        adjustment.amount = money(cents)
        judged.adjustments.append(adjustment)
      }
      claim.lines.append(judged)
    }
    claim.paid = money(paid.reduce(0, +))
    return claim
  }

  private static let payer = """
    name: PREMIA HEALTH PLANS
    tax_id: '999988776'
    sender: PREMIA
    street: 100 WACKER DRIVE
    city: CHICAGO
    state: IL
    postal_code: '60606'
    contact: PROVIDER SERVICES
    phone: '8005550142'
    """

  /// The 835 of one paid claim with a payout of so many cents, and one that was denied.
  private static func remittance(
    payout cents: Int64, lines: [[(String, String, Int64)]]
  ) async throws -> (bytes: [UInt8], summary: RemittanceExport.Summary) {
    var bytes: [UInt8] = []
    var summary: RemittanceExport.Summary?
    try await World.run(PartnerProfiles([])) { world in
      var register = Premia_Party_V1_RegisterRequest()
      register.party.kind = .provider
      register.party.organisationName = "RED HOOK MEDICAL GROUP"
      let provider = try await world.party.register(register).partyID
      register.party = Premia_Party_V1_Party()
      register.party.kind = .person
      register.party.familyName = "Doe"
      register.party.givenName = "Jane"
      let member = try await world.party.register(register).partyID
      let desk = ClaimList(known: [
        claim("clm_01", provider: provider, member: member, paid: [70_10, 0], adjustments: lines, status: .paid),
        claim(
          "clm_02", provider: provider, member: "", paid: [0, 0],
          adjustments: [[("CO", "31", 165_00)], [("CO", "31", 42_00)]], status: .denied),
      ])
      var payout = Premia_Payments_V1_Payout()
      payout.payoutID = "pout_1"
      payout.payeeID = provider
      payout.payeeNpi = "1234567893"
      payout.paidOn = "2027-02-05"
      payout.traceNumber = "T0001"
      payout.amount = money(cents)
      payout.posted = true
      var line = Premia_Payments_V1_PayoutClaim()
      line.claimID = "clm_01"
      line.amount = money(cents)
      payout.claims = [line]
      let server = Line(services: [desk, PayoutList(payouts: [payout])])
      let running = Task { try await server.run() }
      let export = RemittanceExport(
        payer: try Payer(yaml: payer, file: "payer.yml"), party: world.party,
        claims: Premia_Claims_V1_ClaimsService.Client(wrapping: server.client),
        payments: Premia_Payments_V1_PaymentsService.Client(wrapping: server.client))
      defer { server.close() }
      let day = try CalendarDate("2027-02-01", field: "day")
      summary = try await export.write(
        Period.month(containing: day), at: Instant(date: day.adding(days: 5)), controlNumber: 7
      ) { bytes += $0 }
      server.close()
      _ = await running.result
    }
    return (bytes, try #require(summary))
  }

  private static let balanced: [[(String, String, Int64)]] = [
    [("CO", "45", 66_60), ("PR", "1", 20_00), ("PR", "3", 8_30)], [("PR", "1", 14_00), ("CO", "45", 28_00)],
  ]

  @Test("A payout and a denial: balanced, and valid for both validators")
  func written() async throws {
    let (bytes, summary) = try await Self.remittance(payout: 70_10, lines: Self.balanced)
    #expect(summary.remittances == 2 && summary.claims == 2 && summary.paid.cents == 70_10)
    let segments = String(decoding: bytes, as: UTF8.self).split(separator: "~\n").map(String.init)
    #expect(segments.contains("BPR*I*70.1*C*CHK************20270205"))
    #expect(segments.contains("BPR*H*0*C*NON************20270206"))
    #expect(segments.contains("TRN*1*T0001*1999988776"))
    #expect(segments.contains("CLP*PCN-01*1*207*70.1*42.3*12*clm_01*11*1"))
    #expect(segments.contains("CLP*PCN-02*4*207*0**12*clm_02*11*1"))
    #expect(segments.contains("NM1*QC*1*DOE*JANE****MI*S1") && segments.contains("NM1*QC*1*SENT*AS****MI*S1"))
    #expect(segments.contains("SVC*HC:99213*165*70.1**1") && segments.contains("CAS*PR*1*20**3*8.3"))
    #expect(segments.contains("SVC*HC:80053*42*0**1.5"))
    #expect(try Surroundings.findings(in: bytes) == [])
    try await #expect(Surroundings.complaints(about: bytes) == "")
  }

  @Test(
    "Both validators see what is wrong with a remittance",
    .enabled(if: Surroundings.python != nil, "pyx12 is not installed"),
    arguments: [
      ("CLP*PCN-01*1*", "CLP*PCN-01*99*", "(99) is not a valid code for Claim Status Code (CLP02)", "CLP02 \"99\""),
      ("CLP*PCN-01*1*207*", "CLP*PCN-01*1**", #"Mandatory data element "Total Claim Charge Amount" (CLP03)"#, "CLP03"),
      ("N1*PR*PREMIA HEALTH PLANS~", "N1*XX*PREMIA HEALTH PLANS~", "Segment N1*XX", "N1"),
      ("SVC*HC:99213*165*70.1**1~", "SVC*HC:99213*165*70.1**one~", "SVC05", "SVC05"),
      ("SE*", "SE*9", "SE count of", "SE01"),
    ])
  func broken(old: String, new: String, complaint: String, finding: String) async throws {
    let text = String(decoding: try await Self.remittance(payout: 70_10, lines: Self.balanced).bytes, as: UTF8.self)
    let bytes = Array(text.replacing(old, with: new).utf8)
    let complaints = try await Surroundings.complaints(about: bytes)
    #expect(complaints.contains(complaint), "\(complaints)")
    let findings = try Surroundings.findings(in: bytes)
    #expect(findings.contains { $0.contains(finding) }, "\(findings)")
  }

  @Test("What does not add up is not sent")
  func unbalanced() async throws {
    await #expect(throws: RemittanceRefusal.self) { try await Self.remittance(payout: 70_11, lines: Self.balanced) }
    let wrong = [[("CO", "45", Int64(66_61))], Self.balanced[1]]
    await #expect(throws: RemittanceRefusal.self) { try await Self.remittance(payout: 70_10, lines: wrong) }
  }
}
