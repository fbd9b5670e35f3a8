import Claims
import Contracts
import Courier
import Exchange
import Foundation
import GRPCCore
import Kernel
import Party
import Payments
import Policy
import Products
import Runtime
import X12
import Yams

/// The shipped catalogue, published once for all tests.
enum Catalogue {
  private static let published = Task {
    let clock = SandboxClock(Instant(date: try CalendarDate("2027-01-01", field: "day")))
    let line = Line(
      services: ProductsContext.services(
        engine: Engine(context: "products", store: MemoryStore(), clock: clock)))
    Task { try await line.run() }
    let client = Premia_Products_V1_ProductsService.Client(wrapping: line.client)
    for file in try ProductsContext.catalogueFiles(in: Surroundings.config("products")) {
      var request = Premia_Products_V1_PublishRequest()
      request.file = file.name
      request.content = Data(file.content)
      _ = try await client.publish(request)
    }
    return client
  }

  static var client: Premia_Products_V1_ProductsService.Client<LineTransport> {
    get async throws { try await published.value }
  }
}

/// Party, Products, Policy, Claims and Payments as they are, in this process, with a door for files.
struct World {
  let door: FileDoor
  let exchange: Engine
  let party: Premia_Party_V1_PartyService.Client<LineTransport>
  let policy: Premia_Policy_V1_PolicyService.Client<LineTransport>
  let claims: Premia_Claims_V1_ClaimsService.Client<LineTransport>
  let payments: Premia_Payments_V1_PaymentsService.Client<LineTransport>
  let cash: Engine

  /// Runs `body` in a world of its own, in memory but for contexts that have a store here.
  static func run(
    _ profiles: PartnerProfiles, stores: [String: any Store] = [:], on day: String = "2027-01-05",
    _ body: (World) async throws -> Void
  ) async throws {
    let clock = SandboxClock(Instant(date: try CalendarDate(day, field: "day")))
    func engine(_ name: String) -> Engine {
      Engine(context: name, store: stores[name] ?? MemoryStore(), clock: clock)
    }
    let partyLine = Line(services: PartyContext.services(engine: engine("party")))
    let policyLine = Line(
      services: PolicyContext.services(engine: engine("policy"), products: try await Catalogue.client))
    let claimsLine = Line(services: ClaimsContext.services(engine: engine("claims")))
    let cash = engine("payments")
    let paymentsLine = Line(
      services: PaymentsContext.services(
        engine: cash, gateway: SandboxGateway(),
        declines: try YAMLDecoder().decode(
          DeclineTable.self, from: Data(contentsOf: URL(filePath: Surroundings.config("payments/declines.yaml"))))))
    let lines = [partyLine, policyLine, claimsLine, paymentsLine]
    let running = lines.map { line in Task { try await line.run() } }
    let exchange = engine("exchange")
    let party = Premia_Party_V1_PartyService.Client(wrapping: partyLine.client)
    let policy = Premia_Policy_V1_PolicyService.Client(wrapping: policyLine.client)
    let claims = Premia_Claims_V1_ClaimsService.Client(wrapping: claimsLine.client)
    let payments = Premia_Payments_V1_PaymentsService.Client(wrapping: paymentsLine.client)
    let door = FileDoor(
      engine: exchange, profiles: profiles, guides: try .shipped(), party: party, policy: policy, claims: claims,
      payments: payments)
    try await body(
      World(
        door: door, exchange: exchange, party: party, policy: policy, claims: claims, payments: payments, cash: cash))
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

extension World {
  /// Claims that were denied, in the order in which they were sent.
  func denied() async throws -> [Premia_Claims_V1_Claim] {
    var request = Premia_Claims_V1_ListClaimsRequest()
    request.page.size = 500
    request.status = .denied
    return try await claims.list(request).claims.sorted { $0.filed.lineage < $1.filed.lineage }
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

  /// The Python that has pyx12, where `make .venv/.installed` has put it.
  static let python: URL? = {
    let own = root.appendingPathComponent(".venv/bin/python3")
    return FileManager.default.isExecutableFile(atPath: own.path) ? own : nil
  }()

  /// What pyx12 complains of; empty where it accepts the file or is not installed.
  static func complaints(about bytes: [UInt8]) async throws -> String {
    guard let python else { return "" }
    return try await Scratch.file(bytes, name: "input.x12") { path in
      let process = Process()
      process.executableURL = python
      process.arguments = [root.appendingPathComponent("scripts/check-x12").path, path]
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return process.terminationStatus == 0 ? output : output + "exit \(process.terminationStatus)"
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
      [
        "ST*834*0001*005010X220A1", "BGN*00*1*20270101*1200****2", "N1*P5*ACME*FI*123456789",
        "N1*IN*PREMIA*FI*987654321",
      ]
      + segments
    let lines =
      [
        "ISA*00*          *00*          *ZZ*\(pad)*ZZ*PREMIA         *270101*1200*^*00501*\(icn)*0*P*:",
        "GS*BE*\(sender)APP*PREMIA*20270101*1200*\(number)*X*005010X220A1",
      ] + body
      + ["SE*\(body.count + 1)*0001", "GE*1*\(number)", "IEA*1*\(icn)"]
    return lines.map { $0 + "~\n" }.joined()
  }
}
