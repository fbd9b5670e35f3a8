// An 837P to claims: the billing provider to Party, the claim with all its lines to Claims.

import Contracts
import Courier
import GRPCCore
import Kernel
import X12

struct ClaimImport: Sendable {
  let party: any Premia_Party_V1_PartyService.ClientProtocol
  let claims: any Premia_Claims_V1_ClaimsService.ClientProtocol

  /// Files one claim for a provider that is registered.
  ///
  /// - Throws: `Problem` where the import must stop.
  func take(
    _ loop: LoopRecord, from provider: BillingProvider, receivedOn day: CalendarDate, as record: RecordName
  ) async throws(Problem) -> FileImport.Outcome {
    let reader = ClaimReader(record: loop)
    var request = Premia_Claims_V1_FileClaimRequest()
    do {
      request.claim = try reader.claim()
    } catch {
      return FileImport.Outcome(record.place, 0, reader.subject, error)
    }
    request.claim.providerID = provider.partyID
    request.claim.providerNpi = provider.npi
    request.claim.receivedOn = day.description
    request.claim.lineage = record.lineage
    do {
      let claim = try await record.call("file") { [request] in try await claims.file(request, options: .bounded) }
      return FileImport.Outcome(
        at: record.place, part: 0, subject: reader.subject,
        result: .accepted(id: claim.claimID, status: claim.status.word))
    } catch {
      let refusal = reader.refusal(at: reader.segment, "2300", 1, try error.said)
      return FileImport.Outcome(record.place, 0, reader.subject, refusal, error)
    }
  }
}

/// A provider as registered for the claims of one file.
struct BillingProvider: Sendable {
  let npi: String
  let partyID: String
}

/// Registers billing providers in the order of the file, each once while its details stay the same.
struct ProviderRegister {
  /// More are forgotten, and asked for again.
  private static let most = 10_000

  private let party: any Premia_Party_V1_PartyService.ClientProtocol
  private var known: [String: (details: Premia_Party_V1_Party, id: String)] = [:]

  init(party: any Premia_Party_V1_PartyService.ClientProtocol) { self.party = party }

  /// - Returns: the provider, or the refusal of a claim that does not say who it is from.
  /// - Throws: `Problem` where the import must stop.
  mutating func provider(
    of loop: LoopRecord, as record: RecordName
  ) async throws(Problem) -> Result<BillingProvider, RecordRefusal> {
    let reader = ClaimReader(record: loop)
    let details: Premia_Party_V1_Party
    let npi: String
    do {
      (details, npi) = try reader.provider()
    } catch {
      return .failure(error)
    }
    if let (same, id) = known[npi], same == details { return .success(BillingProvider(npi: npi, partyID: id)) }
    var request = Premia_Party_V1_RegisterRequest()
    request.party = details
    request.lineage = record.lineage
    do {
      let registered = try await record.call("provider") { [party, request] in
        try await party.register(request, options: .bounded)
      }
      if known.count == Self.most { known.removeAll() }
      known[npi] = (details, registered.partyID)
      return .success(BillingProvider(npi: npi, partyID: registered.partyID))
    } catch {
      return .failure(reader.refusal(at: reader.providerSegment, "2010AA", 9, try error.said))
    }
  }
}

/// Reads a loop 2300 with what encloses it.
struct ClaimReader {
  let record: LoopRecord

  var segment: SegmentValue { record.loop.first("CLM") ?? record.loop.segments[0] }
  /// The provider's account number of the patient.
  var subject: String { segment[1] ?? "" }
  var providerSegment: SegmentValue { record.loop("2010AA")?.first("NM1") ?? segment }
  /// The number on the card, as sent.
  var memberNumber: String { record.loop("2010BA")?.first("NM1")?[9] ?? "" }

  func provider() throws(RecordRefusal) -> (Premia_Party_V1_Party, npi: String) {
    let name = providerSegment
    guard name[8] == "XX", let npi = name[9] else {
      throw refusal(at: name, "2010AA", 9, "The billing provider has no NPI")
    }
    var party = Premia_Party_V1_Party()
    party.kind = .provider
    party.organisationName = [name[4], name[3]].compactMap(\.self).joined(separator: " ")
    if let n4 = record.loop("2010AA")?.first("N4") {
      party.address.lines = record.loop("2010AA")?.first("N3")?.elements.filter { !$0.isEmpty } ?? []
      party.address.city = n4[1] ?? ""
      party.address.state = n4[2] ?? ""
      party.address.postalCode = n4[3] ?? ""
    }
    party.identifiers = [.init("npi", "provider", npi)]
    return (party, npi)
  }

  func claim() throws(RecordRefusal) -> Premia_Claims_V1_FiledClaim {
    var claim = Premia_Claims_V1_FiledClaim()
    claim.patientControlNumber = subject
    claim.charge = Premia_Common_V1_Money(try amount(2, of: segment, "2300"))
    claim.placeOfService = segment[5, 1] ?? ""
    claim.frequency = segment[5, 3] ?? ""
    claim.diagnoses = diagnoses
    for loop in record.loop.children("2400") { claim.lines.append(try line(loop)) }
    claim.memberNumber = memberNumber
    let patient = record.loop("2010CA") ?? record.loop("2010BA")
    claim.patientFamilyName = patient?.first("NM1")?[3] ?? ""
    claim.patientGivenName = patient?.first("NM1")?[4] ?? ""
    claim.patientBirthDate = patient?.first("DMG")?.date(2)?.description ?? ""
    claim.otherPayerPrimary = record.loop("2000B")?.first("SBR")?[1] != "P"
    return claim
  }

  /// The segments HI hold groups of codes; only the diagnoses among them count.
  private var diagnoses: [String] {
    var codes: [String] = []
    for segment in record.loop.all("HI") {
      for element in 1...max(1, segment.elements.count) {
        guard let kind = segment[element, 1], ["ABK", "BK", "ABF", "BF"].contains(kind) else { continue }
        if let code = segment[element, 2] { codes.append(code) }
      }
    }
    return codes
  }

  private func line(_ loop: Loop) throws(RecordRefusal) -> Premia_Claims_V1_ServiceLine {
    guard let service = loop.first("SV1"), let days = loop.first("DTP", qualifier: "472") else {
      throw refusal(at: loop.segments[0], "2400", nil, "The line has no service (SV1) with its days (DTP*472)")
    }
    var line = Premia_Claims_V1_ServiceLine()
    line.number = Int32(loop.first("LX")?[1] ?? "") ?? 0
    line.procedure = service[1, 2] ?? ""
    line.modifiers = (3...6).compactMap { service[1, $0] }
    line.charge = Premia_Common_V1_Money(try amount(2, of: service, "2400"))
    // Thousandths have the form of mills: three digits behind the point.
    guard let units = service[4].flatMap(Ratio.init(decimal:)), 1000 % units.denominator == 0 else {
      throw refusal(at: service, "2400", 4, "The quantity is not a number with at most three decimals")
    }
    line.unitsThousandths = units.numerator * (1000 / units.denominator)
    let range = (days[3] ?? "").split(separator: "-").map { CalendarDate(compact: String($0)) }
    guard let first = range.first ?? nil, let last = range.last ?? nil, first <= last else {
      throw refusal(at: days, "2400", 3, "The last day of service is before the first")
    }
    line.serviceFrom = first.description
    line.serviceTo = last.description
    line.controlNumber = loop.first("REF", qualifier: "6R")?[2] ?? ""
    return line
  }

  private func amount(_ element: Int, of segment: SegmentValue, _ loop: String) throws(RecordRefusal) -> Money {
    guard let money = segment.money(element), !money.isNegative else {
      throw refusal(at: segment, loop, element, "The charge is not an amount of zero or more in dollars and cents")
    }
    return money
  }

  func refusal(at segment: SegmentValue, _ loop: String, _ element: Int?, _ why: String) -> RecordRefusal {
    RecordRefusal(
      at: segment, loop, element: element,
      subject: subject.isEmpty ? nil : X12Finding.Context(name: "CLM01", value: subject),
      why + " (byte \(segment.byteOffset)).")
  }
}

extension Premia_Claims_V1_ClaimStatus {
  fileprivate var word: String {
    switch self {
    case .filed: "filed"
    case .pended: "pended"
    case .approved: "approved"
    case .denied: "denied"
    case .paid: "paid"
    case .unspecified, .UNRECOGNIZED: ""
    }
  }
}
