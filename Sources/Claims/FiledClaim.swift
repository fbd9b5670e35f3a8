// A professional claim as it arrived. Nothing in it is believed yet; what must be there and is not becomes a denial
// with a remark code, so that the provider is answered in the words of the trade.

import Kernel

/// The claim as the provider filed it (837P, loops 2010AA to 2400).
struct FiledClaim: Hashable, Sendable, Codable {
  /// The provider's account number of the patient (CLM01).
  var patientControlNumber: String
  var charge: Money
  /// CMS place of service, two digits.
  var placeOfService: String
  var frequency: String
  /// ICD-10-CM. They stay in Claims.
  var diagnoses: [String]
  /// In the order of the claim.
  var lines: [ServiceLine]
  var provider: PartyID
  var providerNPI: String
  /// As sent; the subscriber's number stands for the dependants too.
  var memberNumber: String
  var patientBirthDate: CalendarDate?
  var patientFamilyName: String
  var patientGivenName: String
  var receivedOn: CalendarDate
  var otherPayerPrimary: Bool
  var lineage: String

  /// The most service lines of one professional claim (837P, loop 2400).
  static let mostLines = 50
  /// The only frequency that is adjudicated; 7 replaces and 8 voids an earlier claim (CLM05-3).
  static let original = "1"
}

/// One service that was rendered.
struct ServiceLine: Hashable, Sendable, Codable {
  /// From 1, unique within the claim (LX01).
  var number: Int
  /// CPT or HCPCS.
  var procedure: String
  var modifiers: [String]
  var charge: Money
  /// Thousandths of the unit of measure: 1500 is 1.5.
  var unitsThousandths: Int64
  /// The day that coverage, limits and benefits are judged by.
  var firstDay: CalendarDate
  /// Inclusive.
  var lastDay: CalendarDate
  var controlNumber: String

  /// The calendar year whose limits it counts toward.
  var benefitYear: Int { firstDay.year }
}

extension FiledClaim {
  /// What a claim needs before anybody can judge it.
  enum Requirement: String, Hashable, Sendable, CaseIterable {
    case memberNumber
    case birthDate
    case placeOfService
    case diagnosis
    case procedure
    case units
    /// The total is the sum of the lines.
    case totalCharge
  }

  /// What is missing, in the order of the requirements.
  var missing: [Requirement] {
    Requirement.allCases.filter { requirement in
      switch requirement {
      case .memberNumber: memberNumber.isEmpty
      case .birthDate: patientBirthDate == nil
      case .placeOfService: placeOfService.isEmpty
      case .diagnosis: diagnoses.isEmpty
      case .procedure: lines.contains { $0.procedure.isEmpty }
      case .units: lines.contains { $0.unitsThousandths == 0 }
      case .totalCharge: charge != lines.reduce(.zero) { $0 + $1.charge }
      }
    }
  }

  /// What makes a service the same as another: provider, patient, procedure with modifiers, days, units and charge.
  /// The patient control number is not part of it: the same service sent again under a new one is still the same. A
  /// service that was rendered twice on a day says so with modifier 76 or 77.
  func fingerprint(of line: ServiceLine, member: PartyID) -> String {
    let procedure = ([line.procedure] + line.modifiers).joined(separator: ":")
    let days = "\(line.firstDay)|\(line.lastDay)"
    return "\(provider)|\(member)|\(procedure)|\(days)|\(line.unitsThousandths)|\(line.charge.cents)"
  }
}
