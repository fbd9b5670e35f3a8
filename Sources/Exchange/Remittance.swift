// One 835 transaction, checked to balance before it is written: charge less adjustments is what was paid, on every
// service and every claim, and the sum of the claims is the payment.

import Contracts
import Courier
import Kernel
import X12

struct Remittance: Sendable {
  struct Payee: Sendable {
    let name: String
    let npi: String
  }

  let payee: Payee
  /// TRN02: finds the transfer at the bank.
  let trace: String
  let paidOn: CalendarDate
  let claims: [RemittedClaim]

  var amount: Money { claims.reduce(.zero) { $0 + $1.paid } }
}

/// Part of a charge that is not paid.
struct RemittedAdjustment: Sendable, Hashable {
  /// CO, PR, OA or PI.
  let group: String
  /// Claim adjustment reason code.
  let reason: String
  let amount: Money
}

struct RemittedLine: Sendable {
  let procedure: String
  let modifiers: [String]
  let charge: Money
  let allowed: Money
  let paid: Money
  let unitsThousandths: Int64
  let firstDay: CalendarDate
  let lastDay: CalendarDate
  let controlNumber: String
  let adjustments: [RemittedAdjustment]
  let remarks: [String]
}

struct RemittedClaim: Sendable {
  let id: String
  let patientControlNumber: String
  /// CLP02: 4 where the patient is nobody we know, else 1, processed as primary, or 2, as secondary.
  let status: String
  let charge: Money
  let paid: Money
  let placeOfService: String
  let frequency: String
  let memberNumber: String
  let patient: (family: String, given: String)
  let providerNPI: String
  let receivedOn: CalendarDate?
  let adjustments: [RemittedAdjustment]
  let lines: [RemittedLine]

  /// What the patient owes: all adjustments of group PR.
  var patientResponsibility: Money {
    (adjustments + lines.flatMap(\.adjustments)).filter { $0.group == "PR" }.reduce(.zero) { $0 + $1.amount }
  }
}

extension RemittedClaim {
  /// - Parameter patient: nil where nobody was identified; then the name is that of the claim.
  /// - Throws: `RemittanceRefusal.unbalanced`; `Problem` where a date or amount cannot be read.
  init(_ claim: Premia_Claims_V1_Claim, patient: Premia_Party_V1_Party?) throws {
    let filed = claim.filed
    id = claim.claimID
    patientControlNumber = filed.patientControlNumber
    status = claim.status == .denied && claim.policyID.isEmpty ? "4" : filed.otherPayerPrimary ? "2" : "1"
    charge = try filed.charge.money("claim.charge")
    paid = try claim.paid.money("claim.paid")
    placeOfService = filed.placeOfService
    frequency = filed.frequency
    memberNumber = filed.memberNumber
    self.patient =
      patient.map { ($0.familyName, $0.givenName) } ?? (filed.patientFamilyName, filed.patientGivenName)
    providerNPI = filed.providerNpi
    receivedOn = CalendarDate(iso: filed.receivedOn)
    adjustments = try claim.adjustments.map { try RemittedAdjustment($0) }
    lines = try zip(filed.lines, claim.lines).map { try RemittedLine($0, $1, of: claim.claimID) }
    let adjusted = (adjustments + lines.flatMap(\.adjustments)).reduce(.zero) { $0 + $1.amount }
    guard charge - adjusted == paid else {
      throw RemittanceRefusal.unbalanced(claim: id, line: nil, charge: charge, adjusted: adjusted, paid: paid)
    }
  }
}

extension RemittedLine {
  init(
    _ filed: Premia_Claims_V1_ServiceLine, _ judged: Premia_Claims_V1_AdjudicatedLine, of claim: String
  ) throws {
    procedure = filed.procedure
    modifiers = filed.modifiers
    charge = try filed.charge.money("line.charge")
    allowed = try judged.allowed.money("line.allowed")
    paid = try judged.paid.money("line.paid")
    unitsThousandths = filed.unitsThousandths
    firstDay = try CalendarDate(filed.serviceFrom, field: "line.service_from")
    lastDay = try .optional(filed.serviceTo, field: "line.service_to") ?? firstDay
    controlNumber = filed.controlNumber
    adjustments = try judged.adjustments.map { try RemittedAdjustment($0) }
    remarks = judged.remarks
    let adjusted = adjustments.reduce(.zero) { $0 + $1.amount }
    guard charge - adjusted == paid else {
      throw RemittanceRefusal.unbalanced(
        claim: claim, line: Int(filed.number), charge: charge, adjusted: adjusted, paid: paid)
    }
  }
}

extension RemittedAdjustment {
  init(_ words: Premia_Claims_V1_Adjustment) throws {
    self.init(group: words.group, reason: words.reason, amount: try words.amount.money("adjustment.amount"))
  }
}
