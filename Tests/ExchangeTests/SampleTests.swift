import Contracts
import Exchange
import Foundation
import Testing

@Suite("Public samples through the door", .enabled(if: Surroundings.samples != nil, "no samples beside the repository"))
struct SampleTests {
  private func take(_ prefix: String, _ world: World) async throws -> FileReport {
    let directory = try #require(Surroundings.samples)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    let name = try #require(names.first { $0.hasPrefix(prefix) })
    let report = try await world.door.take(path: directory.appendingPathComponent(name).path)
    if !report.acknowledgement.isEmpty {
      try await #expect(Surroundings.complaints(about: report.acknowledgement) == "", "\(name)")
    }
    return report
  }

  @Test("The enrolments become policies; the end of a coverage that nobody has is refused at its number")
  func enrolments() async throws {
    try await World.run(.load(directory: Surroundings.config("partners"))) { world in
      #expect(try await take("10_", world).accepted == 1)
      let end = try await take("11_", world)
      #expect(end.accepted == 0 && end.refused == 1)
      let answer = String(decoding: end.acknowledgement, as: UTF8.self)
      #expect(answer.contains("CTX*SUBSCRIBER NUMBER REF02:123456789~") && answer.contains("IK5*E*5~"), "\(answer)")
      let refused = answer.split(separator: "~\n").filter { $0.hasPrefix("IK3") || $0.hasPrefix("IK4") }
      // The subscriber number is the sixth segment: ST, BGN, two N1 and INS stand before it.
      #expect(refused == ["IK3*REF*6*2000*8", "IK4*2*127*I12*123456789"], "\(answer)")
      #expect(try await take("13_", world).accepted == 1)
      let policies = try await world.policies().sorted { $0.planID < $1.planID }
      #expect(policies.map(\.planID) == ["il-dental-1000", "il-silver-3000"])
      let (dental, family) = (try #require(policies.first), try #require(policies.last))
      #expect(dental.members.map(\.relationship) == ["subscriber"] && dental.members.map(\.birthDate) == [""])
      #expect(dental.effectiveDate == "2027-01-01" && dental.originalEffectiveDate == "2002-07-01")
      #expect(dental.premium.map(\.gross.cents) == [38_50] && dental.channel == "group")
      #expect(family.members.map(\.relationship) == ["subscriber", "spouse"] && family.channel == "exchange")
      #expect(family.members.map(\.tobacco) == [true, false])
      #expect(family.effectiveDate == "2027-01-01" && family.originalEffectiveDate == "2014-01-01")
    }
  }

  @Test("The professional claims are filed with all their lines, and denied: nobody knows their people")
  func claims() async throws {
    try await World.run(.load(directory: Surroundings.config("partners"))) { world in
      let reports = [try await take("01_", world), try await take("02_", world)]
      #expect(reports.map(\.accepted) == [1, 1])
      let denied = try await world.denied().sorted { $0.filed.charge.cents < $1.filed.charge.cents }
      try #require(denied.count == 2)
      let (child, ride) = (denied[0].filed, denied[1].filed)
      #expect(child.memberNumber == "JS00111223333" && child.patientGivenName == "TED")
      #expect(child.patientBirthDate == "1973-05-01" && child.charge.cents == 100_00)
      #expect(child.lines.map(\.procedure) == ["99213", "87070", "99214", "86663"])
      #expect(child.diagnoses == ["0340", "V7389"] && child.providerNpi == "9876543210")
      #expect(ride.lines.map(\.charge.cents) == [700_00, 8_20, 46_00, 12_30] && ride.placeOfService == "41")
      #expect(ride.lines[1].unitsThousandths == 21_000 && ride.lines[0].modifiers == ["RH"])
      #expect(ride.lines.map(\.controlNumber) == ["1001", "1002", "1003", "1004"])
      // Patient cannot be identified as our insured.
      #expect(denied.allSatisfy { claim in claim.lines.allSatisfy { $0.adjustments.map(\.reason) == ["31"] } })
    }
  }

  @Test("The payments are received to the cent, and in suspense: nobody knows their people")
  func payments() async throws {
    try await World.run(.load(directory: Surroundings.config("partners"))) { world in
      let group = try await take("14_", world)
      #expect(group.kind == .payments && group.accepted == 3 && group.refused == 0)
      let list = try await world.suspense()
      #expect(list.map(\.amount.cents) == [7_000_00, 10_000_00, 3_000_00])
      #expect(list.allSatisfy { $0.payer == "ABC PLASTICS" && $0.reference == "12345" && $0.reason == "unmatched" })
      #expect(list.first?.remark == "CT 190206123")
      let exchange = try await take("15_", world)
      #expect(exchange.accepted == 8 && exchange.refused == 0)
      let held = try await world.suspense().filter { $0.payer == "CMS" }
      #expect(held.map(\.suspense.cents).reduce(0, +) == 910_00)
      #expect(
        held.filter { $0.reason == "unmatched" }.map(\.amount.cents).sorted() == [-600_00, 400_00, 500_00, 500_00])
      #expect(
        held.filter { $0.reason == "other_funds" }.map(\.amount.cents).sorted() == [-25_00, -15_00, 50_00, 100_00])
      for answer in [group, exchange].map({ String(decoding: $0.acknowledgement, as: UTF8.self) }) {
        #expect(answer.contains("AK9*A*1*1*1~"), "\(answer)")
      }
    }
  }

  @Test(
    "What is for other doors is passed over",
    arguments: ["05_", "07_", "17_", "18_", "20_", "22_", "SOURCES"])
  func others(_ prefix: String) async throws {
    try await World.run(.load(directory: Surroundings.config("partners"))) { world in
      guard case .notForThisDoor = try await take(prefix, world).kind else {
        Issue.record("\(prefix) was taken")
        return
      }
    }
  }
}
