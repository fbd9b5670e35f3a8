// A plan, a fee schedule and claims small enough to reckon with by hand.

import Kernel

@testable import Claims

/// Reads a date that the test itself wrote.
func day(_ text: String) -> CalendarDate {
  guard let date = CalendarDate(iso: text) else { preconditionFailure("\(text) is no date") }
  return date
}

/// Reads an amount that the test itself wrote, such as "1200.50".
func money(_ text: some StringProtocol) -> Money {
  guard let money = Money(decimal: String(text)) else { preconditionFailure("\(text) is no amount") }
  return money
}

func id<Tag: IDTag>(_ number: UInt64) -> ID<Tag> { ID(hi: 0x0190_0000_0000_7000, lo: 1 << 63 | number) }

enum Samples {
  /// Deductible 1,000 a person and 2,000 a family, out-of-pocket maximum 3,000 and 5,000.
  static let costSharing = CostSharing(
    deductiblePerson: money("1000"), deductibleFamily: money("2000"), outOfPocketPerson: money("3000"),
    outOfPocketFamily: money("5000"),
    benefits: [
      "primary_care": benefit(copay: "25"),
      "specialist": benefit(deductible: true, copay: "50"),
      "laboratory": benefit(deductible: true, percent: 20),
      "imaging": benefit(deductible: true, percent: 20),
      "surgery": benefit(deductible: true, percent: 20),
      "emergency": benefit(deductible: true, copay: "200", percent: 20),
      "ambulance": benefit(percent: 20),
      // The plan's own copay must not matter.
      "preventive": benefit(deductible: true, copay: "10", percent: 20),
      "dental": Benefit(covered: false, deductibleApplies: false, copay: .zero, coinsurance: .zero),
      "other": benefit(deductible: true, percent: 40),
    ])

  static func benefit(deductible: Bool = false, copay: String = "0", percent: Int64 = 0) -> Benefit {
    Benefit(covered: true, deductibleApplies: deductible, copay: money(copay), coinsurance: Ratio(percent, 100))
  }

  static let prices = FeeSchedule.Prices(
    name: "standard@1",
    prices: [
      "99213": .init(category: "primary_care", each: money("110")),
      "99243": .init(category: "specialist", each: money("180")),
      "80053": .init(category: "laboratory", each: money("20")),
      "70450": .init(category: "imaging", each: money("400")),
      "27447": .init(category: "surgery", each: money("5000")),
      "99285": .init(category: "emergency", each: money("800")),
      "A0425": .init(category: "ambulance", each: money("9.95")),
      "99396": .init(category: "preventive", each: money("150")),
      "D1110": .init(category: "dental", each: money("90")),
      "V2020": .init(category: "vision", each: money("100")),
    ],
    unlisted: Ratio(60, 100))

  static func terms(_ procedure: String, _ costSharing: CostSharing = costSharing) -> Terms {
    Terms(
      planID: "NY-SILVER", edition: 1, costSharing: costSharing, feeSchedule: prices.name,
      fee: prices.fee(for: procedure))
  }

  static let insured = Insured(policy: id(1), member: id(2))

  static func line(
    _ number: Int, _ procedure: String, _ charge: String, on date: String = "2027-03-01", units: Int64 = 1_000
  ) -> ServiceLine {
    ServiceLine(
      number: number, procedure: procedure, modifiers: [], charge: money(charge), unitsThousandths: units,
      firstDay: day(date), lastDay: day(date), controlNumber: "\(number)")
  }

  static func claim(_ lines: [ServiceLine], received: String = "2027-03-10") -> FiledClaim {
    FiledClaim(
      patientControlNumber: "ACCT-1", charge: lines.reduce(.zero) { $0 + $1.charge }, placeOfService: "11",
      frequency: "1", diagnoses: ["J069"], lines: lines, provider: id(9), providerNPI: "1234567893",
      memberNumber: "M-1", patientBirthDate: day("1990-05-01"), patientFamilyName: "Doe", patientGivenName: "Jane",
      receivedOn: day(received), otherPayerPrimary: false, lineage: "")
  }

  /// Everything is covered and new.
  static func facts(for claim: FiledClaim, used: [Int: YearUse] = [:]) -> Facts {
    Facts(
      insured: insured, lines: claim.lines.map { LineFacts(standing: .covered(terms($0.procedure))) }, used: used)
  }
}
