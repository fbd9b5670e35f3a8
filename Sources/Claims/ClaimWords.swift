// A claim's message to the context's own words, and back.

import Contracts
import Courier
import Kernel

extension FiledClaim {
  private static let charges = 0...Amount.range.upperBound * Int64(mostLines)

  /// - Parameter today: when it was received, where the message does not say.
  /// - Throws: a `Problem` that names the field which cannot be read. What is merely missing is answered by a denial.
  init(_ claim: Premia_Claims_V1_FiledClaim, today: CalendarDate) throws(Problem) {
    guard !claim.patientControlNumber.isEmpty else { throw .field("claim.patient_control_number", "is missing") }
    let charge = try claim.charge.dollars("claim.charge")
    guard Self.charges.contains(charge.cents) else {
      throw .field("claim.charge", "is \(charge); it is what the lines charge, each $0.00 to $99,999,999.99")
    }
    self.init(
      patientControlNumber: claim.patientControlNumber, charge: charge,
      placeOfService: claim.placeOfService, frequency: claim.frequency.isEmpty ? FiledClaim.original : claim.frequency,
      diagnoses: claim.diagnoses, lines: try claim.lines.map { line throws(Problem) in try ServiceLine(line) },
      provider: try ID(claim.providerID, field: "claim.provider_id"), providerNPI: claim.providerNpi,
      memberNumber: claim.memberNumber,
      patientBirthDate: try .optional(claim.patientBirthDate, field: "claim.patient_birth_date"),
      patientFamilyName: claim.patientFamilyName, patientGivenName: claim.patientGivenName,
      receivedOn: try .optional(claim.receivedOn, field: "claim.received_on") ?? today,
      otherPayerPrimary: claim.otherPayerPrimary, lineage: claim.lineage)
  }

  var message: Premia_Claims_V1_FiledClaim {
    var message = Premia_Claims_V1_FiledClaim()
    message.patientControlNumber = patientControlNumber
    message.charge = Premia_Common_V1_Money(charge)
    message.placeOfService = placeOfService
    message.frequency = frequency
    message.diagnoses = diagnoses
    message.lines = lines.map(\.message)
    message.providerID = provider.description
    message.providerNpi = providerNPI
    message.memberNumber = memberNumber
    message.patientBirthDate = patientBirthDate?.description ?? ""
    message.patientFamilyName = patientFamilyName
    message.patientGivenName = patientGivenName
    message.receivedOn = receivedOn.description
    message.otherPayerPrimary = otherPayerPrimary
    message.lineage = lineage
    return message
  }
}

extension ServiceLine {
  /// Thousandths of a unit on one line: up to 999,999.999.
  private static let units: ClosedRange<Int64> = 0...999_999_999

  fileprivate init(_ line: Premia_Claims_V1_ServiceLine) throws(Problem) {
    let charge = try line.charge.dollars("claim.lines.charge")
    guard Amount.range.contains(charge.cents) else {
      throw .field("claim.lines.charge", "is \(charge) on line \(line.number); it is $0.00 to $99,999,999.99")
    }
    guard Self.units.contains(line.unitsThousandths) else {
      throw .field("claim.lines.units_thousandths", "is \(line.unitsThousandths) on line \(line.number)")
    }
    let firstDay = try CalendarDate(line.serviceFrom, field: "claim.lines.service_from")
    self.init(
      number: Int(line.number), procedure: line.procedure, modifiers: line.modifiers, charge: charge,
      unitsThousandths: line.unitsThousandths, firstDay: firstDay,
      lastDay: try .optional(line.serviceTo, field: "claim.lines.service_to") ?? firstDay,
      controlNumber: line.controlNumber)
  }

  fileprivate var message: Premia_Claims_V1_ServiceLine {
    var message = Premia_Claims_V1_ServiceLine()
    message.number = Int32(number)
    message.procedure = procedure
    message.modifiers = modifiers
    message.charge = Premia_Common_V1_Money(charge)
    message.unitsThousandths = unitsThousandths
    message.serviceFrom = firstDay.description
    message.serviceTo = lastDay.description
    message.controlNumber = controlNumber
    return message
  }
}

extension Premia_Claims_V1_Claim {
  init(_ state: Claim.State) {
    self.init()
    status =
      switch state {
      case .unfiled: .unspecified
      case .filed: .filed
      case .pended: .pended
      case .approved: .approved
      case .denied: .denied
      case .paid: .paid
      }
    version = state.version
    if let stated = state.filed {
      claimID = stated.id.description
      filed = stated.claim.message
      policyID = stated.insured?.policy.description ?? ""
      memberID = stated.insured?.member.description ?? ""
      if let decision = state.decision { take(decision, of: stated.claim) }
    }
    paidOn = state.payout?.on.description ?? ""
    payoutID = state.payout?.id.description ?? ""
  }

  private mutating func take(_ decision: Claim.Decision, of claim: FiledClaim) {
    let judgement = decision.judgement
    planID = judgement.planID ?? ""
    lines = zip(claim.lines, judgement.lines).map { line, judged in
      Premia_Claims_V1_AdjudicatedLine(judged, procedure: line.procedure)
    }
    allowed = Premia_Common_V1_Money(judgement.allowed)
    paid = Premia_Common_V1_Money(judgement.paid)
    patientResponsibility = Premia_Common_V1_Money(judgement.patient)
    adjudicatedOn = decision.on.description
    rules = judgement.rules
    denialReason = judgement.denialReason ?? ""
  }
}

extension Premia_Claims_V1_AdjudicatedLine {
  fileprivate init(_ line: AdjudicatedLine, procedure: String) {
    self.init()
    number = Int32(line.number)
    self.procedure = procedure
    category = line.category ?? ""
    charge = Premia_Common_V1_Money(line.charge)
    allowed = Premia_Common_V1_Money(line.allowed)
    deductible = Premia_Common_V1_Money(line.deductible)
    copay = Premia_Common_V1_Money(line.copay)
    coinsurance = Premia_Common_V1_Money(line.coinsurance)
    paid = Premia_Common_V1_Money(line.paid)
    adjustments = line.adjustments.map { adjustment in
      var message = Premia_Claims_V1_Adjustment()
      message.group = adjustment.group.rawValue
      message.reason = adjustment.reason
      message.amount = Premia_Common_V1_Money(adjustment.amount)
      return message
    }
    remarks = line.remarks
  }
}
