import Contracts
import Courier
import Exchange
import Foundation
import GRPCCore
import GRPCInProcessTransport
import Kernel
import Party
import Policy
import Runtime
import Synchronization
import X12

/// Prices every plan of the profiles; a plan whose price depends on age is left out where a birth date is missing.
struct PriceList: Premia_Products_V1_ProductsService.SimpleServiceProtocol {
  let profiles: PartnerProfiles

  func rate(
    request: Premia_Products_V1_RateRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_RateResponse {
    var response = Premia_Products_V1_RateResponse()
    let isAgeless = request.people.contains { $0.birthDate.isEmpty }
    for coverage in profiles.all.flatMap(\.coverages) where !(isAgeless && coverage.needsBirthDate) {
      guard let plan = coverage.plans[request.state], !response.offers.contains(where: { $0.planID == plan }) else {
        continue
      }
      var offer = Premia_Products_V1_Offer()
      offer.planID = plan
      offer.monthly = Premia_Common_V1_Money(Money(cents: 30_000))
      response.offers.append(offer)
    }
    return response
  }

  func publish(
    request: Premia_Products_V1_PublishRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_PublishResponse { Premia_Products_V1_PublishResponse() }
  func listPlans(
    request: Premia_Products_V1_ListPlansRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_ListPlansResponse { Premia_Products_V1_ListPlansResponse() }
  func getPlan(
    request: Premia_Products_V1_GetPlanRequest, context: ServerContext
  ) async throws -> Premia_Products_V1_Plan { Premia_Products_V1_Plan() }
}

/// Keeps claims as they are filed, once per key, and gives out those it was made with.
final class ClaimsDesk: Premia_Claims_V1_ClaimsService.SimpleServiceProtocol {
  private let filedClaims = Mutex<[(key: String, claim: Premia_Claims_V1_FiledClaim)]>([])
  let known: [Premia_Claims_V1_Claim]

  init(known: [Premia_Claims_V1_Claim] = []) { self.known = known }

  var filed: [Premia_Claims_V1_FiledClaim] { filedClaims.withLock { $0.map(\.claim) } }

  func file(
    request: Premia_Claims_V1_FileClaimRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_Claim {
    guard let key = Carriage.key else { throw Problem.field("idempotency-key", "is missing") }
    if request.claim.patientControlNumber == "REFUSE" { throw Problem.field("claim.charge", "is not dollars") }
    filedClaims.withLock { filed in
      if !filed.contains(where: { $0.key == key }) { filed.append((key, request.claim)) }
    }
    var claim = Premia_Claims_V1_Claim()
    claim.claimID = "clm_\(key)"
    claim.status = .denied
    return claim
  }

  func get(request: Premia_Claims_V1_GetClaimRequest, context: ServerContext) async throws -> Premia_Claims_V1_Claim {
    guard let claim = known.first(where: { $0.claimID == request.claimID }) else {
      throw Problem.notFound("claim", request.claimID)
    }
    return claim
  }

  func list(
    request: Premia_Claims_V1_ListClaimsRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_ListClaimsResponse {
    var response = Premia_Claims_V1_ListClaimsResponse()
    response.claims = known.filter { $0.status == request.status }
    return response
  }

  func getAccumulators(
    request: Premia_Claims_V1_GetAccumulatorsRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_Accumulators { Premia_Claims_V1_Accumulators() }
  func getSummary(
    request: Premia_Claims_V1_ClaimsSummaryRequest, context: ServerContext
  ) async throws -> Premia_Claims_V1_ClaimsSummary { Premia_Claims_V1_ClaimsSummary() }
  func getTotals(
    request: Premia_Common_V1_TotalsRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_Totals { Premia_Common_V1_Totals() }
}

/// Party and Policy as they are, in this process, with a door for files.
struct World {
  let door: FileDoor
  let exchange: Engine
  let party: Premia_Party_V1_PartyService.Client<InProcessTransport.Client>
  let policy: Premia_Policy_V1_PolicyService.Client<InProcessTransport.Client>
  let claims: ClaimsDesk

  /// Runs `body` in a world of its own.
  static func run(
    _ profiles: PartnerProfiles, store: any Store = MemoryStore(), claims: ClaimsDesk = ClaimsDesk(),
    on day: String = "2027-01-05", _ body: (World) async throws -> Void
  ) async throws {
    let clock = SandboxClock(Instant(date: try CalendarDate(day, field: "day")))
    func desk(_ name: String) -> Desk { Desk(Engine(context: name, store: MemoryStore(), clock: clock)) }
    let prices = LocalLine(services: [PriceList(profiles: profiles)])
    let rates = Premia_Products_V1_ProductsService.Client(wrapping: prices.client)
    let partyLine = LocalLine(services: PartyContext.services(desk("party")))
    let policyLine = LocalLine(services: PolicyContext.services(desk("policy"), products: rates))
    let claimsLine = LocalLine(services: [claims])
    let lines = [prices, partyLine, policyLine, claimsLine]
    let running = lines.map { line in Task { try await line.run() } }
    let exchange = Engine(context: "exchange", store: store, clock: clock)
    let party = Premia_Party_V1_PartyService.Client(wrapping: partyLine.client)
    let policy = Premia_Policy_V1_PolicyService.Client(wrapping: policyLine.client)
    let door = FileDoor(
      engine: exchange, profiles: profiles, guides: try .shipped(), party: party, policy: policy,
      claims: Premia_Claims_V1_ClaimsService.Client(wrapping: claimsLine.client))
    try await body(World(door: door, exchange: exchange, party: party, policy: policy, claims: claims))
    for line in lines { line.close() }
    for task in running { _ = await task.result }
  }

  /// Takes a text in as a file of its own.
  func take(_ text: String, name: String = "file.edi") async throws -> FileReport {
    try await Scratch.file(Array(text.utf8), name: name) { try await door.take(path: $0) }
  }

  func policies() async throws -> [Premia_Policy_V1_Policy] {
    var all: [Premia_Policy_V1_Policy] = []
    var request = Premia_Policy_V1_ListPoliciesRequest()
    request.page.size = 500
    repeat {
      let page = try await policy.list(request)
      all += page.policies
      request.page.token = page.nextToken
    } while !request.page.token.isEmpty
    return all
  }
}

enum Scratch {
  /// Gives `body` a file that is there for as long as it runs.
  static func file<Answer>(
    _ bytes: [UInt8], name: String, _ body: (String) async throws -> Answer
  ) async throws -> Answer {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("exchange-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    return try await body(file.path)
  }
}

/// What lies beside the tests: configuration, samples, the reference validator.
enum Surroundings {
  static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    while url.path != "/", !FileManager.default.fileExists(atPath: url.appendingPathComponent("Package.swift").path) {
      url.deleteLastPathComponent()
    }
    return url
  }()

  static func config(_ path: String) -> String { root.appendingPathComponent("config/\(path)").path }

  static let samples: URL? = {
    let beside = root.appendingPathComponent("../shared").standardizedFileURL.path
    return [ProcessInfo.processInfo.environment["PREMIA_SHARED"], beside].compactMap(\.self)
      .map { URL(fileURLWithPath: $0).appendingPathComponent("samples/x12") }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }()

  /// The command of pyx12, where it is installed.
  static let validator: String? = {
    let own = root.appendingPathComponent(".venv/bin/x12valid").path
    return [ProcessInfo.processInfo.environment["PYX12"], own].compactMap(\.self)
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// What pyx12 complains of; empty where it accepts the file or is not installed.
  static func complaints(about bytes: [UInt8]) async throws -> String {
    guard let validator else { return "" }
    return try await Scratch.file(bytes, name: "input.x12") { path in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: validator)
      process.arguments = [path]
      process.currentDirectoryURL = URL(fileURLWithPath: path).deletingLastPathComponent()
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return output.contains(": OK") && !output.contains("ERROR") ? "" : output
    }
  }

  /// What our own validator complains of.
  static func findings(in bytes: [UInt8]) throws -> [String] {
    var validator = X12Validator(reader: X12Reader(bytes: bytes), guides: try .shipped())
    var findings: [String] = []
    while let event = validator.next() {
      switch event {
      case .interchangeBegan, .groupBegan: break
      case .transaction(let report): findings += report.findings.map(\.message)
      case .groupEnded(let report): findings += report.findings.map(\.message)
      case .interchangeEnded(let report): findings += report.findings.map(\.message)
      }
    }
    return findings
  }
}

/// An 834 of the partner "acme".
struct Enrolment {
  var number = 1
  var sender = "ACME"
  var segments: [String]

  static func member(
    _ number: String, ins: String = "Y*18*021*20*A***FT", name: String = "DOE*JANE", born: String? = "19800704",
    extra: [String] = [], coverage: [String] = ["HD*021**HLT*SILVER", "DTP*348*D8*20270201"]
  ) -> [String] {
    ["INS*\(ins)", "REF*0F*\(number)"] + extra + ["NM1*IL*1*\(name)", "N3*1 MAIN ST", "N4*CHICAGO*IL*60616**CY*COOK"]
      + (born.map { ["DMG*D8*\($0)*F"] } ?? []) + coverage
  }

  static func end(_ number: String, on day: String) -> [String] {
    ["INS*Y*18*024*14*A***TE", "REF*0F*\(number)", "DTP*357*D8*\(day)", "NM1*IL*1*DOE*JANE"]
  }

  var text: String {
    let icn = String(String(1_000_000_000 + number).dropFirst())
    let pad = sender + String(repeating: " ", count: 15 - sender.count)
    let body =
      ["ST*834*0001*005010X220A1", "BGN*00*1*20270101*1200****2", "N1*P5*ACME*FI*123456789", "N1*IN*PREMIA*FI*987654321"]
      + segments
    let lines =
      ["ISA*00*          *00*          *ZZ*\(pad)*ZZ*PREMIA         *270101*1200*^*00501*\(icn)*0*P*:",
       "GS*BE*\(sender)APP*PREMIA*20270101*1200*\(number)*X*005010X220A1"] + body
      + ["SE*\(body.count + 1)*0001", "GE*1*\(number)", "IEA*1*\(icn)"]
    return lines.map { $0 + "~\n" }.joined()
  }
}
